"""The takum family: sign, direction, a regime of three bits, characteristic, mantissa.

After the sign S come the direction D, the regime R of three bits, and r bits C, r = R if D else 7 - R; the characteristic is
c = 2^r - 1 + C if D else -2^(r+1) + 1 + C, so that -255 <= c <= 254, and the mantissa m is the rest, p = n - 5 - r bits. A positive word
stands for (1 + m) 2^c in a linear takum, for sqrt(e)^(c + m) in a logarithmic one. Bits beyond the end of a short word are zero.

Sources: L. Hunhold, "Beating Posits at Their Own Game: Takum Arithmetic" (2024), where takums are logarithmic, and libtakum, which
calls those takum_log and the linear ones takum. Rounding is that of posits.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gmpy2 import mpq, mpz

from formats.projection import Projection
from formats.tapered import SATURATING, Tapered
from refmath.exponentials import floor_logarithm, power_of_e
from refmath.logarithms import Power, known_logarithm
from refmath.reals import Exact, floor_log2, floor_scaled, shifted

if TYPE_CHECKING:
    from formats.symbolic import Definition

LONGEST_PREFIX = 11
"""Bits of D, R and C at the ends of the range."""
FAR_OUT = 512
"""Beyond 2^512, or below 2^-512, no takum lies."""


@dataclass(frozen=True)
class Takum(Tapered):
    """A takum of ``width`` bits."""

    name: str = field(compare=False)
    width: int
    """n: bits of a word."""
    logarithmic: bool = False
    """Whether the mantissa is a fraction of the logarithm, or of the number."""
    default: Projection = field(default=SATURATING, compare=False)
    """The projection that goes with the format."""

    def __post_init__(self) -> None:
        self.check_width(2)

    def prefix(self, c: int, total: int) -> tuple[int, int]:
        if c < -255:
            return 0, total + 1
        if c > 254:
            return 1 << 4, 4
        if c >= 0:
            r = (c + 1).bit_length() - 1
            return ((8 + r) << r) + c + 1 - (1 << r), 4 + r
        r = (-c).bit_length() - 1
        return ((7 - r) << r) + c - 1 + (2 << r), 4 + r

    def characteristic(self, code: int, total: int) -> tuple[int, int, int]:
        if total < LONGEST_PREFIX:
            code, total = code << (LONGEST_PREFIX - total), LONGEST_PREFIX
        head = code >> (total - 4)
        r = head - 8 if head >= 8 else 7 - head
        bits = total - 4 - r
        c = (code >> bits) & ((1 << r) - 1)
        return c - 1 + (1 << r) if head >= 8 else c + 1 - (2 << r), code & ((1 << bits) - 1), bits

    @property
    def logarithm_base(self) -> str | None:
        return "e" if self.logarithmic else None

    def power(self, code: int) -> Power | None:
        found = self.magnitude(code)
        if found is None or not found[1]:
            return None
        c, f, bits = self.characteristic(found[1], self.width - 1)
        return Power((c << bits) + f, bits + 1, True, found[0])

    def place(self, x: Exact, bits: int) -> tuple[int, int, bool]:
        known = known_logarithm(x, True) if self.logarithmic else None
        if known is None:
            c = floor_log2(x)
            if abs(c) > FAR_OUT:
                return c, 0, False
            if not self.logarithmic:
                significand, exact = floor_scaled(x, bits - c)
                return c, int(significand) - (1 << bits), exact
        logarithm, exact = floor_logarithm(x, True, bits + 1) if known is None else known.floor(bits + 1)
        return logarithm >> bits, logarithm & ((1 << bits) - 1), exact

    def number(self, c: int, f: int, bits: int) -> Exact:
        if self.logarithmic:
            return power_of_e(mpq((c << bits) + f, mpz(2) << bits))
        return shifted((1 << bits) + f, c - bits)

    @property
    def is_dyadic(self) -> bool:
        return not self.logarithmic

    def supremum(self) -> Exact:
        return self.number(255, 0, 0)

    def definition(self) -> "Definition":
        from formats.takum_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        return f"takum{'_log' if self.logarithmic else ''}{self.width}"

    def fields(self, code: int) -> list[tuple[str, str]]:
        digits = f"{self.check_code(code):0{self.width}b}"
        regime = int(digits[2:5].ljust(3, "0"), 2)
        r = regime if digits[1] == "1" else 7 - regime
        parts = (
            ("sign", digits[:1]),
            ("direction", digits[1:2]),
            ("regime", digits[2:5]),
            ("characteristic", digits[5 : 5 + r]),
            ("mantissa", digits[5 + r :]),
        )
        return [(name, part) for name, part in parts if part]


def takum(width: int, logarithmic: bool = False) -> Takum:
    """A linear or logarithmic takum of that width."""
    return Takum(f"takum{'_log' if logarithmic else ''}{width}", width, logarithmic)
