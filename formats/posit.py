"""The posit family: sign, a regime of any length, exponent, fraction.

After the sign, a run of k + 1 ones ended by a zero, or of -k zeros ended by a one, is the regime k; then come es exponent bits e and
the fraction f, bits beyond the end of the word being zero. The value of a positive word is (1 + f) 2^(2^es k + e). The characteristic
of a posit, in the terms of ``formats.tapered``, is that exponent.

Sources: Standard for Posit Arithmetic (2022) sections 3 and 4, where es is 2; libraries before it have es = 0, 1, 2 for 8, 16, 32 bits.
Directed, odd and stochastic rounding are an extension: the standard has nearest even alone. Saturation at both ends holds in each.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from gmpy2 import mpq

from formats.fixed import integer
from formats.projection import DEFAULT as NEAREST
from formats.projection import Projection
from formats.tapered import SATURATING, Tapered
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.reals import Exact, floor_log2, floor_scaled, power_of_two, shifted

if TYPE_CHECKING:
    from formats.symbolic import Definition

STANDARD_ES = 2
MAX_EXPONENT = 1 << 29
"""Greatest exponent of a posit."""


@dataclass(frozen=True)
class Posit(Tapered):
    """posit<n, es>."""

    name: str = field(compare=False)
    width: int
    """n: bits of a word."""
    es: int = STANDARD_ES
    """Exponent bits."""
    default: Projection = field(default=SATURATING, compare=False)
    """The projection of the standard."""

    def __post_init__(self) -> None:
        self.check_width(3)
        if self.es < 0 or (self.width - 2) << self.es > MAX_EXPONENT:
            limit = (MAX_EXPONENT // (self.width - 2)).bit_length() - 1
            raise RefmathError(f"{self.name}: es = {self.es} is impossible for {self.width} bits; give one from 0 to {limit}.")

    def prefix(self, c: int, total: int) -> tuple[int, int]:
        k = c >> self.es
        if k >= total:
            return (2 << total) - 1, total + 1
        if -k >= total:
            return 1, total + 1
        regime, length = ((2 << (k + 1)) - 2, k + 2) if k >= 0 else (1, 1 - k)
        return (regime << self.es) + (c & ((1 << self.es) - 1)), length + self.es

    def characteristic(self, code: int, total: int) -> tuple[int, int, int]:
        es = self.es
        if code >> (total - 1):
            run = total - (code ^ ((1 << total) - 1)).bit_length()
            k = run - 1
        else:
            run = total - code.bit_length()
            k = -run
        rest = max(total - run - 1, 0)
        tail = code & ((1 << rest) - 1)
        if rest < es:
            return (k << es) + (tail << (es - rest)), 0, 0
        bits = rest - es
        return (k << es) + (tail >> bits), tail & ((1 << bits) - 1), bits

    def place(self, x: Exact, bits: int) -> tuple[int, int, bool]:
        c = floor_log2(x)
        if abs(c) > MAX_EXPONENT:
            return c, 1, False
        significand, exact = floor_scaled(x, bits - c)
        return c, int(significand) - (1 << bits), exact

    def number(self, c: int, f: int, bits: int) -> mpq:
        return shifted((1 << bits) + f, c - bits)

    @property
    def is_dyadic(self) -> bool:
        return True

    def supremum(self) -> mpq:
        return power_of_two((self.width - 1) << self.es)

    def to_integer(self, code: int, bits: int) -> int:
        """The word, in two's complement of ``bits`` bits, of the nearest integer, the even one of two: section 6.4.

        NaR, and every integer that does not fit, give the most negative word.
        """
        target = integer(bits)
        datum = self.decode(code)
        if isinstance(datum, Finite):
            word, flags = target.project(datum, NEAREST)
            if Flags.INVALID not in flags:
                return word
        return 1 << (bits - 1)

    def from_integer(self, word: int, bits: int) -> int:
        """The posit of an integer in two's complement of ``bits`` bits; the most negative one gives NaR: section 6.4."""
        source = integer(bits)
        return self.nan() if source.check_code(word) == 1 << (bits - 1) else self.round(source.decode(word))

    def definition(self) -> "Definition":
        from formats.posit_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        return f"posit{self.width}" if self.es == STANDARD_ES else f"posit{self.width}(es={self.es})"

    def fields(self, code: int) -> list[tuple[str, str]]:
        digits = f"{self.check_code(code):0{self.width}b}"
        run = len(digits) - 1 - len(digits[1:].lstrip(digits[1]))
        ends = [0, 1, min(run + 2, self.width), min(run + 2 + self.es, self.width), self.width]
        parts = zip(("sign", "regime", "exponent", "fraction"), pairwise(ends), strict=True)
        return [(name, digits[start:end]) for name, (start, end) in parts if end > start]


def posit(width: int, es: int = STANDARD_ES) -> Posit:
    """posit<width, es>, by default that of the 2022 standard."""
    made = Posit(f"posit{width}", width, es)
    return Posit(made.notation(), width, es)
