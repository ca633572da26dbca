"""Logarithmic numbers: a sign, and the logarithm to base 2 of the magnitude as a fixed-point number of m integer and f fraction bits.

The logarithm l is in two's complement, its sign among the m bits: the value is (-1)^S 2^l. The most negative l stands for zero
instead. Magnitude codes are l 2^f counted from there, so that refining a code is refining the logarithm: the middle of a gap
is the geometric mean of its ends, and the gap above zero reaches down to 2^l of that most negative l.

Nearest rounding is thus nearest in the logarithm, as logarithmic hardware rounds.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gmpy2 import mpq

from formats.family import Format
from formats.projection import DEFAULT, Projection
from refmath.datum import Datum, Finite, NaN
from refmath.errors import RefmathError
from refmath.exponentials import floor_logarithm, rational_power_of_two
from refmath.logarithms import Power, known_logarithm
from refmath.reals import Exact, floor_log2, negate, power_of_two

if TYPE_CHECKING:
    from formats.symbolic import Definition

MAX_INTEGER_BITS = 24
"""Beyond it powers of two cannot be written out."""
MAX_WIDTH = 1 << 16


@dataclass(frozen=True)
class Logarithmic(Format):
    """lns<m>.<f>: a sign and m + f bits of logarithm."""

    name: str = field(compare=False)
    integer_bits: int
    """m: integer bits of the logarithm, its sign among them."""
    fraction_bits: int
    """f: fraction bits of the logarithm."""
    default: Projection = field(default=DEFAULT, compare=False)
    """The projection where none is stated."""

    signed: bool = field(default=True, init=False, compare=False, repr=False)
    has_zero: bool = field(default=True, init=False, compare=False, repr=False)
    has_negative_zero: bool = field(default=True, init=False, compare=False, repr=False)
    has_infinity: bool = field(default=False, init=False, compare=False, repr=False)
    has_nan: bool = field(default=False, init=False, compare=False, repr=False)
    least_normal: int | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        m, f = self.integer_bits, self.fraction_bits
        if not 1 <= m <= MAX_INTEGER_BITS:
            raise RefmathError(f"{self.name}: {m:,} integer bits of a logarithm are impossible; give 1 to {MAX_INTEGER_BITS}.")
        if not 0 <= f <= MAX_WIDTH:
            raise RefmathError(f"{self.name}: {f:,} fraction bits of a logarithm are impossible; give 0 to {MAX_WIDTH:,}.")

    @property
    def width(self) -> int:  # type: ignore[override]
        """Bits of a code."""
        return 1 + self.integer_bits + self.fraction_bits

    @property
    def half(self) -> int:
        """The magnitude code of 1: what is taken from a magnitude code to give l 2^f."""
        return 1 << (self.integer_bits + self.fraction_bits - 1)

    @property
    def parity(self) -> tuple[int, int]:  # type: ignore[override]
        return self.half & 1, self.half & 1

    @property
    def logarithm_base(self) -> str | None:
        return "2"

    def power(self, code: int) -> Power | None:
        negative, ordinal = self.magnitude(code)
        return Power(ordinal - self.half, self.fraction_bits, False, negative) if ordinal else None

    def value(self, code: int, extra: int = 0, negative: bool = False) -> Exact:
        if not code:
            return mpq(0)
        return rational_power_of_two(mpq(code - (self.half << extra)) * power_of_two(-self.fraction_bits - extra))

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        known, k = known_logarithm(x, False), self.fraction_bits + extra
        if known is None:
            e, end = floor_log2(x), 1 << self.integer_bits
            if abs(e) > end:
                return (2 * self.half << extra, False) if e > 0 else (0, False)
        logarithm, exact = floor_logarithm(x, False, k) if known is None else known.floor(k)
        code = logarithm + (self.half << extra)
        return (code, exact) if code > 0 else (0, False)

    def greatest(self, negative: bool = False) -> int:
        return 2 * self.half - 1

    def join(self, negative: bool, code: int) -> int:
        return (code ^ self.half) + (2 * self.half if negative else 0)

    def wrap(self, negative: bool, code: int) -> int:
        return self.join(negative, code & (2 * self.half - 1))

    def magnitude(self, code: int) -> tuple[bool, int]:
        code = self.check_code(code)
        return code >= 2 * self.half, (code & (2 * self.half - 1)) ^ self.half

    def decode(self, code: int) -> Datum:
        negative, ordinal = self.magnitude(code)
        value = self.value(ordinal)
        return Finite(negate(value) if negative else value, negative)

    def infinity(self, negative: bool = False) -> int:
        raise RefmathError(f"{self.name} has no infinity.")

    def nan(self, like: NaN | None = None) -> int:
        raise RefmathError(f"{self.name} has no NaN.")

    def definition(self) -> "Definition":
        from formats.logarithmic_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        return f"lns{self.integer_bits}.{self.fraction_bits}"

    def fields(self, code: int) -> list[tuple[str, str]]:
        digits = f"{self.check_code(code):0{self.width}b}"
        m = self.integer_bits
        return [(name, part) for name, part in (("sign", digits[0]), ("integer", digits[1 : 1 + m]), ("fraction", digits[1 + m :])) if part]


def logarithmic(integer_bits: int, fraction_bits: int) -> Logarithmic:
    """lns<integer_bits>.<fraction_bits>."""
    return Logarithmic(f"lns{integer_bits}.{fraction_bits}", integer_bits, fraction_bits)
