"""The quire: a fixed-point accumulator wide enough that sums of products of posits are exact, rounded once when they become a posit.

A quire of a posit of n bits counts in steps of minPos^2, in two's complement: sign, carry bits, integer and fraction bits. The
standard has 16n bits, so that sums of up to 2^31 - 1 products cannot overflow; libraries before it have n^2/2. The most negative
word is NaR, which is what every operation on NaR gives, and a sum that does not fit.

Source: Standard for Posit Arithmetic (2022) sections 3.2, 4.2 and 5.11, whose names (qMulAdd, ...) stand beside the functions here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gmpy2 import mpq, mpz

from formats.family import Format
from formats.posit import STANDARD_ES, Posit
from formats.projection import Projection
from refmath.datum import Datum, NaN, NotAReal, finite
from refmath.errors import RefmathError
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.reals import Exact, Real, floor_scaled, power_of_two

if TYPE_CHECKING:
    from formats.symbolic import Definition

MAX_WIDTH = 1 << 24
NAR_ON_OVERFLOW = Projection(overflow=Overflow.TO_NAN)
"""What does not fit becomes NaR."""


@dataclass(frozen=True)
class Quire(Format):
    """The quire of a posit format; its words are codes like those of any format."""

    name: str = field(compare=False)
    posit: Posit
    width: int
    """Bits of a word."""
    default: Projection = field(default=NAR_ON_OVERFLOW, compare=False)
    """The projection of the standard."""

    signed: bool = field(default=True, init=False, compare=False, repr=False)
    has_zero: bool = field(default=True, init=False, compare=False, repr=False)
    has_negative_zero: bool = field(default=False, init=False, compare=False, repr=False)
    has_infinity: bool = field(default=False, init=False, compare=False, repr=False)
    has_nan: bool = field(default=True, init=False, compare=False, repr=False)
    least_normal: int | None = field(default=None, init=False, compare=False, repr=False)
    fraction_bits: int = field(init=False, compare=False, repr=False)
    """A step is 2^-fraction_bits = minPos^2; there are as many integer bits, for maxPos^2."""
    nar: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        p = self.posit
        object.__setattr__(self, "fraction_bits", 2 * (p.width - 2) << p.es)
        object.__setattr__(self, "nar", 1 << (self.width - 1) if self.width > 0 else 0)
        least = 2 * self.fraction_bits + 2
        if not least <= self.width <= MAX_WIDTH:
            raise RefmathError(f"{self.name}: {self.width:,} bits are impossible for a quire of {p.name}; give one from {least:,} to {MAX_WIDTH:,}.")

    @property
    def dialect(self) -> Dialect:
        return Dialect.POSIT

    @property
    def exact_products(self) -> int:
        """So many products of two posits cannot overflow, whatever they are."""
        return (self.nar - 1) >> (2 * self.fraction_bits)

    # The format.

    def value(self, code: int, extra: int = 0, negative: bool = False) -> mpq:
        return code * power_of_two(-self.fraction_bits - extra)

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        if isinstance(x, Real) and x.floor_log2() > self.width:
            return self.codes << extra, False
        code, exact = floor_scaled(x, self.fraction_bits + extra)
        return int(code), exact

    def greatest(self, negative: bool = False) -> int:
        return self.nar - 1

    def join(self, negative: bool, code: int) -> int:
        return -code & (self.codes - 1) if negative else code

    def magnitude(self, code: int) -> tuple[bool, int] | None:
        n = self.integer(code)
        return None if n is None else (n < 0, abs(n))

    def decode(self, code: int) -> Datum:
        n = self.integer(code)
        return NotAReal() if n is None else finite(n * power_of_two(-self.fraction_bits))

    def infinity(self, negative: bool = False) -> int:
        raise RefmathError(f"{self.name} has no infinity.")

    def nan(self, like: NaN | None = None) -> int:
        return self.nar

    def definition(self) -> "Definition":
        from formats.quire_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        options = [f"es={self.posit.es}"] if self.posit.es != STANDARD_ES else []
        if self.width != 16 * self.posit.width:
            options.append(f"bits={self.width}")
        return f"quire{self.posit.width}" + (f"({', '.join(options)})" if options else "")

    def fields(self, code: int) -> list[tuple[str, str]]:
        digits = f"{self.check_code(code):0{self.width}b}"
        f = self.fraction_bits
        return [("sign", digits[0]), ("carry", digits[1 : -2 * f]), ("integer", digits[-2 * f : -f]), ("fraction", digits[-f:])]

    # Accumulation, on words of the quire and of its posit.

    def integer(self, word: int) -> int | None:
        """How many steps a word stands for; None for NaR."""
        word = self.check_code(word)
        return word if word < self.nar else None if word == self.nar else word - self.codes

    def word(self, steps: int | None) -> int:
        """The word of so many steps; NaR for None and for what does not fit."""
        return self.nar if steps is None or abs(steps) >= self.nar else steps & (self.codes - 1)

    def steps(self, p: int) -> int | None:
        """A posit in steps; None for NaR."""
        found = significand(self.posit, p)
        return None if found is None else int(found[0] << (found[1] + self.fraction_bits))

    def product(self, p: int, q: int) -> int | None:
        """The product of two posits in steps; None where one is NaR."""
        a, b = significand(self.posit, p), significand(self.posit, q)
        return None if a is None or b is None else int(a[0] * b[0] << (a[1] + b[1] + self.fraction_bits))

    def from_posit(self, p: int) -> int:
        """pToQ."""
        return self.word(self.steps(p))

    def to_posit(self, word: int, how: Projection | None = None) -> int:
        """qToP: the one rounding."""
        return self.posit.round(self.decode(word), how)

    def negate(self, word: int) -> int:
        """qNegate."""
        return -word & (self.codes - 1)

    def absolute(self, word: int) -> int:
        """qAbs."""
        n = self.integer(word)
        return self.word(None if n is None else abs(n))

    def add(self, word: int, other: int) -> int:
        """qAddQ."""
        return self._add(word, self.integer(other))

    def subtract(self, word: int, other: int) -> int:
        """qSubQ."""
        return self.add(word, self.negate(other))

    def add_posit(self, word: int, p: int) -> int:
        """qAddP."""
        return self._add(word, self.steps(p))

    def subtract_posit(self, word: int, p: int) -> int:
        """qSubP."""
        return self.add_posit(word, -p & (self.posit.codes - 1))

    def add_product(self, word: int, p: int, q: int) -> int:
        """qMulAdd: word + p q."""
        return self._add(word, self.product(p, q))

    def subtract_product(self, word: int, p: int, q: int) -> int:
        """qMulSub: word - p q."""
        return self.add_product(word, -p & (self.posit.codes - 1), q)

    def _add(self, word: int, steps: int | None) -> int:
        n = self.integer(word)
        return self.word(None if n is None or steps is None else n + steps)

    def total(self, posits: Iterable[int], start: int = 0) -> int:
        """The word of start + p + ..., from left to right."""
        return self._accumulate(start, map(self.steps, posits))

    def dot(self, ps: Iterable[int], qs: Iterable[int], start: int = 0) -> int:
        """The word of start + p q + ..., from left to right. Errors: ``RefmathError`` for vectors of unlike length."""
        try:
            return self._accumulate(start, (self.product(p, q) for p, q in zip(ps, qs, strict=True)))
        except ValueError as error:
            if isinstance(error, RefmathError):
                raise
            raise RefmathError("A dot product needs two vectors of the same length.") from error

    def _accumulate(self, start: int, terms: Iterable[int | None]) -> int:
        """Every term is looked at, so that a word that is no code is an error even after NaR."""
        n, limit = self.integer(start), self.nar
        for term in terms:
            if n is not None:
                n = None if term is None else n + term
                if n is not None and not -limit < n < limit:
                    n = None
        return self.word(n)


def significand(posit: Posit, p: int) -> tuple[mpz, int] | None:
    """A posit as m 2^e, m an integer with the sign and e no less than the exponent of minPos; None for NaR."""
    found = posit.magnitude(p)
    if found is None:
        return None
    negative, code = found
    if not code:
        return mpz(0), 0
    c, f, bits = posit.characteristic(code, posit.width - 1)
    m = (mpz(1) << bits) + f
    return -m if negative else m, c - bits


def quire(posit: Posit, bits: int | None = None) -> Quire:
    """The quire of a posit format: the 16n bits of the standard, or as many as are given (n^2/2 in libraries before it)."""
    width = 16 * posit.width if bits is None else bits
    made = Quire(f"quire of {posit.name}", posit, width)
    return replace(made, name=made.notation())
