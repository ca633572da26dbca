"""What posits and takums share: words in two's complement, one zero, NaR, and precision that tapers with the exponent.

A magnitude code of a word of n bits has n - 1 bits. They are the leading bits of an endless string: a *prefix* that says the
characteristic c of the number (longer for extreme characteristics), then the binary fraction f, 0 <= f < 1, of its place between c and
c + 1. A refined code is a longer piece of the same string, so that refining a word of n bits by k gives the word of n + k bits: the
threshold between two neighbours is the word between them that is one bit longer, as the posit standard wants. A family adds its
prefix, and what c and f stand for.

The string of all zeros is zero and that of a one and zeros is NaR, and a nonzero number never becomes either: whatever lies beyond the
greatest or below the least word saturates.
"""

from abc import abstractmethod
from typing import ClassVar

from gmpy2 import mpq

from formats.family import Format
from formats.projection import Projection
from refmath.datum import ZERO, Datum, Finite, NaN, NotAReal
from refmath.errors import RefmathError
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.reals import Exact, negate

MAX_WIDTH = 1 << 20
SATURATING = Projection(overflow=Overflow.POSIT)
"""What the posit standard prescribes, and takums after it: nearest, ties to the even word, no number becomes zero or NaR, infinities do."""


class Tapered(Format):
    """A format whose words are those of a posit or takum."""

    signed: bool = True
    has_zero: bool = True
    has_negative_zero: bool = False
    has_infinity: bool = False
    has_nan: bool = True
    least_normal: int | None = None
    underflows_to_zero: ClassVar[bool] = False

    @property
    def dialect(self) -> Dialect:
        return Dialect.POSIT

    # What a family provides.

    @abstractmethod
    def prefix(self, c: int, total: int) -> tuple[int, int]:
        """The bits that say a characteristic, and how many they are; those beyond ``total`` need only be right in being nonzero."""

    @abstractmethod
    def characteristic(self, code: int, total: int) -> tuple[int, int, int]:
        """The characteristic that a string of ``total`` bits begins with, and its fraction: f 2^bits, bits."""

    @abstractmethod
    def place(self, x: Exact, bits: int) -> tuple[int, int, bool]:
        """The characteristic of |x|, floor(f 2^bits) of its fraction, and whether that is exact."""

    @abstractmethod
    def number(self, c: int, f: int, bits: int) -> Exact:
        """The number of characteristic c and fraction f 2^-bits."""

    @abstractmethod
    def supremum(self) -> Exact:
        """What stands for the value of the code after the greatest, where the distance to it is asked for."""

    # What follows.

    def check_width(self, least: int) -> None:
        """``RefmathError`` for a width that no word has."""
        if not least <= self.width <= MAX_WIDTH:
            raise RefmathError(f"{self.name}: a width of {self.width:,} bits is impossible; give one from {least} to {MAX_WIDTH:,}.")

    def value(self, code: int, extra: int = 0, negative: bool = False) -> Exact:
        total = self.width - 1 + extra
        if code >> total:
            return self.supremum()
        return self.number(*self.characteristic(code, total)) if code else mpq(0)

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        total = self.width - 1 + extra
        c, fraction, exact = self.place(x, total)
        bits, length = self.prefix(c, total)
        string = (bits << total) + fraction
        code = string >> length
        exact = exact and code > 0 and code << length == string
        last = ((1 << (self.width - 1)) - 1) << extra
        return (code, exact) if code < last or (code == last and exact) else (1 << total, False)

    def greatest(self, negative: bool = False) -> int:
        return (1 << (self.width - 1)) - 1

    def join(self, negative: bool, code: int) -> int:
        return -code & (self.codes - 1) if negative else code

    def magnitude(self, code: int) -> tuple[bool, int] | None:
        code = self.check_code(code)
        nar = 1 << (self.width - 1)
        if code == nar:
            return None
        return (True, self.codes - code) if code > nar else (False, code)

    def decode(self, code: int) -> Datum:
        found = self.magnitude(code)
        if found is None:
            return NotAReal()
        negative, ordinal = found
        if not ordinal:
            return ZERO
        value = self.value(ordinal)
        return Finite(negate(value) if negative else value, negative)

    def dyadic(self, code: int) -> tuple[int, int] | None:
        found = self.magnitude(code)
        if found is None:
            return None
        negative, ordinal = found
        if not ordinal:
            return 0, 0
        c, f, bits = self.characteristic(ordinal, self.width - 1)
        n = (1 << bits) + f
        return (-n if negative else n), c - bits

    def integer(self, code: int) -> int:
        """A word as the integer in two's complement by which the standard compares words: NaR is the least."""
        code = self.check_code(code)
        return code - self.codes if code >> (self.width - 1) else code

    def infinity(self, negative: bool = False) -> int:
        raise RefmathError(f"{self.name} has no infinity.")

    def nan(self, like: NaN | None = None) -> int:
        return 1 << (self.width - 1)
