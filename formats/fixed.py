"""The fixed-point family: integers, and integers scaled by a power of two.

A magnitude code c stands for c 2^-f, f fraction bits (which may be negative or exceed the width). Signed codes are two's
complement, so that the negative side reaches one step further than the positive one; a *symmetric* format leaves that step out:
nothing rounds to it, but its code still means what two's complement says. In Q(m.f) the sign is one of the m bits.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from gmpy2 import mpq

from formats.family import Format
from formats.projection import DEFAULT, Projection
from refmath.datum import Datum, Finite, NaN
from refmath.errors import RefmathError
from refmath.flags import INVALID
from refmath.reals import Exact, Real, floor_scaled, power_of_two
from refmath.rounding import MAX_RANDOM_BITS

if TYPE_CHECKING:
    from formats.symbolic import Definition

MAX_WIDTH = 1 << 20
FAR_OUT = 1 << 22
"""A number that is not held as a rational is not written out to more bits than these; it is out of every range."""


@dataclass(frozen=True)
class Fixed(Format):
    """Fixed point of ``width`` bits, ``fraction_bits`` of them behind the binary point; an integer where those are 0."""

    name: str = field(compare=False)
    width: int
    """Bits of a code, the sign included."""
    fraction_bits: int = 0
    """f: a step is 2^-f."""
    signed: bool = True
    """Two's complement, or no negative values."""
    symmetric: bool = False
    """Whether the most negative code is left unused."""
    default: Projection = field(default=DEFAULT, compare=False)
    """The projection where none is stated."""

    has_zero: bool = field(default=True, init=False, compare=False, repr=False)
    has_negative_zero: bool = field(default=False, init=False, compare=False, repr=False)
    has_infinity: bool = field(default=False, init=False, compare=False, repr=False)
    has_nan: bool = field(default=False, init=False, compare=False, repr=False)
    least_normal: int | None = field(default=None, init=False, compare=False, repr=False)
    range_flags: ClassVar[int] = INVALID

    def __post_init__(self) -> None:
        if not 1 <= self.width <= MAX_WIDTH:
            raise RefmathError(f"{self.name}: a width of {self.width:,} bits is impossible; give one from 1 to {MAX_WIDTH:,}.")
        if abs(self.fraction_bits) > MAX_WIDTH:
            raise RefmathError(f"{self.name}: {self.fraction_bits:,} fraction bits are beyond what can be computed; the limit is {MAX_WIDTH:,}.")
        if self.symmetric and (not self.signed or self.width < 2):
            raise RefmathError(f"{self.name}: a symmetric format has a sign and at least 2 bits; drop symmetric=yes.")

    def greatest(self, negative: bool = False) -> int:
        if not self.signed:
            return 0 if negative else self.codes - 1
        half = 1 << (self.width - 1)
        return half if negative and not self.symmetric else half - 1

    def value(self, code: int, extra: int = 0, negative: bool = False) -> mpq:
        return code * power_of_two(-self.fraction_bits - extra)

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        k = self.fraction_bits + extra
        if isinstance(x, Real) and x.floor_log2() + k > FAR_OUT:
            return 1 << FAR_OUT, False
        code, exact = floor_scaled(x, k)
        return int(code), exact

    def join(self, negative: bool, code: int) -> int:
        return -code & (self.codes - 1) if negative else code

    def wrap(self, negative: bool, code: int) -> int:
        if code.bit_length() > FAR_OUT - MAX_RANDOM_BITS:
            raise RefmathError(f"The number is too large to be wrapped into {self.name}; choose another overflow policy.")
        return self.join(negative, code) & (self.codes - 1)

    def magnitude(self, code: int) -> tuple[bool, int]:
        code = self.check_code(code)
        negative = self.signed and bool(code >> (self.width - 1))
        return negative, self.codes - code if negative else code

    def decode(self, code: int) -> Datum:
        negative, ordinal = self.magnitude(code)
        value = self.value(ordinal)
        return Finite(-value if negative else value, negative)

    @property
    def is_dyadic(self) -> bool:
        return True

    def dyadic(self, code: int) -> tuple[int, int]:
        negative = self.signed and code >> (self.width - 1)
        return (code - self.codes if negative else code), -self.fraction_bits

    def infinity(self, negative: bool = False) -> int:
        raise RefmathError(f"{self.name} has no infinity.")

    def nan(self, like: NaN | None = None) -> int:
        raise RefmathError(f"{self.name} has no NaN.")

    def definition(self) -> "Definition":
        from formats.fixed_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        symmetric = "(symmetric=yes)" if self.symmetric else ""
        if self.fraction_bits == 0:
            return f"{'int' if self.signed else 'uint'}{self.width}{symmetric}"
        return f"{'q' if self.signed else 'uq'}{self.width - self.fraction_bits}.{self.fraction_bits}{symmetric}"

    def fields(self, code: int) -> list[tuple[str, str]]:
        digits = f"{self.check_code(code):0{self.width}b}"
        whole = max(0, min(self.width, self.width - self.fraction_bits))
        return [(name, part) for name, part in (("integer", digits[:whole]), ("fraction", digits[whole:])) if part]


def integer(width: int, signed: bool = True, symmetric: bool = False) -> Fixed:
    """int<width> or uint<width>."""
    return fixed(width, 0, signed, symmetric)


def fixed(whole: int, fraction: int, signed: bool = True, symmetric: bool = False) -> Fixed:
    """Q(whole.fraction): ``whole`` bits before the point, the sign among them, and ``fraction`` behind it; either may be negative."""
    name = f"{'q' if signed else 'uq'}{whole}.{fraction}" if fraction else f"{'int' if signed else 'uint'}{whole}"
    made = Fixed(name, whole + fraction, fraction, signed, symmetric)
    return replace(made, name=made.notation())
