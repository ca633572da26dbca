"""Sums written out with plain rationals: rounding by its definition, and matters of notation, for tests of accumulation."""

from collections.abc import Sequence
from fractions import Fraction

from gmpy2 import mpq

from refmath.accumulation import Accumulator, Operand, Term, exponent_of, multiplied, single
from refmath.datum import Datum, Finite, finite
from refmath.rounding import Rounding


def nearest_even(x: Fraction, p: int) -> Fraction:
    """The number of p significant bits nearest to x, the even one of two; exponents have no end."""
    if x == 0:
        return x
    e = floor_log2(x)
    return round(x * Fraction(2) ** (p - 1 - e)) / Fraction(2) ** (p - 1 - e)  # Python rounds a tie to even


def floor_log2(x: Fraction) -> int:
    """The integer e with 2^e <= |x| < 2^(e + 1)."""
    e = abs(x.numerator).bit_length() - x.denominator.bit_length()
    return e if Fraction(2) ** e <= abs(x) else e - 1


def accumulator(p: int, emin: int | None = None) -> Accumulator:
    """p significant bits, nearest even, no limits; it refuses any other mode."""

    def rounder(x: Datum, mode: Rounding | None) -> tuple[Datum, int]:
        assert mode in (None, Rounding.NEAREST_EVEN)
        if not isinstance(x, Finite) or not x.value:
            return x, 0
        return finite(mpq(nearest_even(Fraction(int(x.value.numerator), int(x.value.denominator)), p))), 0

    return Accumulator(rounder, emin)


def terms(values: Sequence[Fraction]) -> list[Term]:
    """Summands that are one number each."""
    return [single(operand(value)) for value in values]


def products(xs: Sequence[Fraction], ys: Sequence[Fraction]) -> list[Term]:
    """Summands that are products."""
    return [multiplied(operand(x), operand(y)) for x, y in zip(xs, ys, strict=True)]


def operand(value: Fraction, emin: int | None = None) -> Operand:
    """A number with its exponent."""
    datum = finite(mpq(value))
    return Operand(datum, exponent_of(datum, emin))


def value(x: Datum) -> Fraction:
    """The value of a finite datum."""
    assert isinstance(x, Finite)
    return Fraction(int(x.value.numerator), int(x.value.denominator))  # type: ignore[union-attr]
