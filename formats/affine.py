"""Affine integers: a code q stands for (q - z) s, with a zero point z and a scale s.

A real x becomes q = clamp(round(x / s) + z): rounding is that of x / s, before z is added, so that even means an even number of
steps from zero. The scale is an exact rational; implementations that compute with rounded numbers on the way are in ``formats.quantizer``.
The uniform grid {delta k: -2^(b-1) <= k < 2^(b-1)} is the case z = 0, s = delta.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from gmpy2 import mpq

from formats.family import Format
from formats.fixed import Fixed, integer
from formats.projection import DEFAULT, Projection
from refmath.datum import Datum, NaN, finite
from refmath.errors import RefmathError
from refmath.flags import INVALID
from refmath.reals import Exact, Real, floor_linear

if TYPE_CHECKING:
    from formats.symbolic import Definition

FAR_OUT = 1 << 22
"""A number that is not held as a rational is out of range beyond 2^(2^22)."""


@dataclass(frozen=True)
class Affine(Format):
    """Integers of some width with a scale and a zero point."""

    name: str = field(compare=False)
    codes_as: Fixed
    """The integers that the codes are."""
    scale: mpq
    """s > 0: the distance between neighbours."""
    zero_point: int = 0
    """z: the integer that stands for zero, in the range of the integers."""
    default: Projection = field(default=DEFAULT, compare=False)
    """The projection where none is stated."""

    has_zero: bool = field(default=True, init=False, compare=False, repr=False)
    has_negative_zero: bool = field(default=False, init=False, compare=False, repr=False)
    has_infinity: bool = field(default=False, init=False, compare=False, repr=False)
    has_nan: bool = field(default=False, init=False, compare=False, repr=False)
    least_normal: int | None = field(default=None, init=False, compare=False, repr=False)
    range_flags: ClassVar[int] = INVALID
    width: int = field(init=False, compare=False, repr=False)
    signed: bool = field(init=False, compare=False, repr=False)
    low: int = field(init=False, compare=False, repr=False)
    """The least integer."""
    high: int = field(init=False, compare=False, repr=False)
    """The greatest integer."""

    def __post_init__(self) -> None:
        if self.codes_as.fraction_bits:
            raise RefmathError(f"{self.name}: an affine code is an integer; give int or uint, not {self.codes_as.name}.")
        if not self.scale > 0:
            raise RefmathError(f"{self.name}: the scale {self.scale} is impossible; give a positive number.")
        put = object.__setattr__
        put(self, "width", self.codes_as.width)
        put(self, "low", -self.codes_as.greatest(True))
        put(self, "high", self.codes_as.greatest())
        put(self, "signed", self.zero_point > self.low)
        if not self.low <= self.zero_point <= self.high:
            raise RefmathError(f"{self.name}: the zero point {self.zero_point} is no {self.codes_as.name}; give one from {self.low} to {self.high}.")

    def greatest(self, negative: bool = False) -> int:
        return self.zero_point - self.low if negative else self.high - self.zero_point

    def value(self, code: int, extra: int = 0, negative: bool = False) -> mpq:
        return self.scale * mpq(code, 1 << extra)

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        if isinstance(x, Real) and x.floor_log2() > FAR_OUT:
            return (self.codes + 1) << extra, False
        return floor_linear(x, (1 << extra) / self.scale, mpq(0))

    def join(self, negative: bool, code: int) -> int:
        return (self.zero_point + (-code if negative else code)) & (self.codes - 1)

    def magnitude(self, code: int) -> tuple[bool, int]:
        steps = self.integer(code) - self.zero_point
        return steps < 0, abs(steps)

    def integer(self, code: int) -> int:
        """The integer q of a code."""
        negative, ordinal = self.codes_as.magnitude(code)
        return -ordinal if negative else ordinal

    def decode(self, code: int) -> Datum:
        return finite(self.scale * (self.integer(code) - self.zero_point))

    def infinity(self, negative: bool = False) -> int:
        raise RefmathError(f"{self.name} has no infinity.")

    def nan(self, like: NaN | None = None) -> int:
        raise RefmathError(f"{self.name} has no NaN.")

    def definition(self) -> "Definition":
        from formats.affine_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        head, _, options = self.codes_as.notation().rstrip(")").partition("(")
        parts = [f"scale={self.scale}", *([f"zero={self.zero_point}"] if self.zero_point else []), *([options] if options else [])]
        return f"{head}({', '.join(parts)})"

    def fields(self, code: int) -> list[tuple[str, str]]:
        return self.codes_as.fields(code)


def affine(codes_as: Fixed, scale: mpq, zero_point: int = 0) -> Affine:
    """The affine integers of these parameters, named by their notation."""
    made = Affine(f"{codes_as.name} with scale {scale}", codes_as, scale, zero_point)
    return replace(made, name=made.notation())


def grid(delta: mpq, bits: int) -> Affine:
    """{delta k: -2^(bits-1) <= k < 2^(bits-1)}."""
    return affine(integer(bits), delta)
