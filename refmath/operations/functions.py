"""What the chapters of elementary functions share.

A function of one real follows one pattern: infinities and zeros by the tables of IEEE 754-2019 clause 9.2.1, rational results by a theorem, then an enclosure.
An operand that is not rational itself (a value of a logarithmic format) has no such theorem: its enclosure narrows up to the stated limit.
Where a function is all too near to a rational, ``near`` says on which side it lies; where it is too large to be held, only that.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath.enclosures import Evaluate, irrational, unproven
from refmath.errors import RefmathError
from refmath.extremes import Huge, Tiny
from refmath.intervals import Interval, Precision, enclose, log, pi
from refmath.reals import Exact, Real, is_negative

LIMIT = 60
"""A real beyond 2^LIMIT is too large an exponent for any format."""
SPLIT = 24
"""From 2^SPLIT on, exponents are split into an integer and the rest."""
Curve = Callable[[Interval], Interval]


def real(evaluate: Evaluate, what: str, *operands: Exact) -> Real:
    """The real that the intervals enclose: irrational by theorem where the operands are rational."""
    return unproven(evaluate, f"The {what} of an operand that is not rational") if any(isinstance(x, Real) for x in operands) else irrational(evaluate)


def curve(function: Curve, x: Exact, what: str) -> Real:
    """function(x), which is irrational for rational x."""
    return real(lambda p: function(enclose(x, p)), what, x)


def side(x: Exact) -> int:
    """The sign of a nonzero real."""
    return -1 if is_negative(x) else 1


def extreme(x: Exact, negative: bool = False) -> Real:
    """e^x, or any other base, of an x beyond 2^LIMIT: all that matters is its sign."""
    return Tiny(negative) if is_negative(x) else Huge(negative)


def vanishing(e: int) -> int:
    """An exponent g with e^-x < 2^g for all x >= 2^e."""
    return -(1 << min(max(e, 0), LIMIT))


def integer_of(x: Exact) -> int | None:
    """x as an integer, None where it is none."""
    return None if isinstance(x, Real) or x.denominator != 1 else int(x)


def never() -> Real:
    """The enclosure of a rational with more digits than anyone can ask for."""
    raise RefmathError("A number with so many digits cannot be written out; ask for its leading digits.")


def ln2(p: Precision) -> Interval:
    """ln 2."""
    return Interval(p.down.const_log2(), p.up.const_log2(), p)


def ln10(p: Precision) -> Interval:
    """ln 10."""
    return log(enclose(mpq(10), p))


def in_bits(x: Exact) -> Evaluate:
    """x / ln 2: the exponent of e^x as a power of two."""
    return lambda p: enclose(x, p) / ln2(p)


def turn(fraction: mpq) -> Real:
    """A nonzero rational times pi."""
    return irrational(lambda p: pi(p) * enclose(fraction, p))


def integer_log2(x: Exact) -> int | None:
    """n where x = 2^n, else None."""
    if isinstance(x, Real) or x <= 0:
        return None
    n, d = x.numerator, x.denominator
    if d == 1 and n & (n - 1) == 0:
        return int(n.bit_length() - 1)
    return 1 - int(d.bit_length()) if n == 1 and d & (d - 1) == 0 else None
