"""From an enclosure to an exact real: functions evaluated in intervals, narrowed until they decide (Ziv's strategy).

A function gives an interval for any working precision. ``irrational`` makes a real of it; the caller has excluded by theorem that the
value is rational, so that narrowing ends. Where no such theorem is known (erf and gamma of most rationals), ``unproven`` narrows
up to a stated limit and then refuses, in a sentence, instead of guessing.
"""

from collections.abc import Callable
from math import floor

from gmpy2 import is_finite

from refmath.errors import RefmathError
from refmath.extremes import Scaled
from refmath.intervals import Interval, Precision, UndecidedError, exp2, precision
from refmath.reals import FIRST_BITS, Enclosure, Irrational, Real

Evaluate = Callable[[Precision], Interval]
"""An enclosure of one and the same real for any working precision, as narrow as one likes."""

GUARD_BITS = 8
SLACK = 12
"""So many bits fewer than asked for will do."""
UNPROVEN_BITS = 1 << 16
"""Where a value that may be rational is given up."""
MAX_BITS = 1 << 28
"""No enclosure is asked for so much."""


class Unproven(Irrational):
    """A real given by enclosures, of which it is not known whether it is irrational."""

    __slots__ = ()


def irrational(evaluate: Evaluate) -> Irrational:
    """The real that the intervals enclose; it is known to be irrational."""
    return _narrowing(evaluate, "")


def unproven(evaluate: Evaluate, what: str) -> Irrational:
    """The real that the intervals enclose; whether it is irrational is not known. ``what``: its name, for the error."""
    return _narrowing(evaluate, what)


def _narrowing(evaluate: Evaluate, what: str) -> Irrational:
    def enclose(bits: int) -> Enclosure:
        return _magnitude(evaluate, bits, what)[1]

    negative, first = _magnitude(evaluate, FIRST_BITS, what)
    return (Unproven if what else Irrational)(enclose, negative, first)


def _magnitude(evaluate: Evaluate, bits: int, what: str) -> tuple[bool, Enclosure]:
    """Whether the value is negative, and an enclosure of its magnitude to about ``bits`` relative bits."""
    work = bits + GUARD_BITS
    while True:
        assert work < MAX_BITS, "the enclosure does not narrow"
        if what and work > UNPROVEN_BITS:
            raise RefmathError(
                f"{what} agrees with a value where its rounding changes to {work // 2:,} bits; whether it is that value is not proven, and it is given up."
            )
        try:
            negative, enclosure = magnitude(evaluate(precision(work)))
        except UndecidedError:
            work *= 2
            continue
        low, high, _ = enclosure
        lacking = bits - SLACK - (low.bit_length() - (high - low).bit_length())
        if lacking <= 0:
            return negative, enclosure
        work += lacking + GUARD_BITS


def magnitude(x: Interval) -> tuple[bool, Enclosure]:
    """The sign of an interval, and its magnitude as integers; ``UndecidedError`` where it contains zero."""
    negative = x.hi < 0
    if negative:
        x = -x
    if not (x.lo > 0 and is_finite(x.hi)):
        raise UndecidedError
    (m, e), (n, f) = x.lo.as_mantissa_exp(), x.hi.as_mantissa_exp()
    base = min(e, f)
    return negative, (m << (e - base), n << (f - base), int(base))


def power_of_two(exponent: Evaluate, factor: Evaluate | None = None, what: str = "") -> Real:
    """factor 2^t for a real t of any size and a positive factor that is not; ``what``: its name, where it is not proven to be irrational.

    An integer next to t is taken out, since t may exceed the exponents of MPFR.
    """
    n = floor(exponent(precision(2 * FIRST_BITS)).lo)

    def evaluate(p: Precision) -> Interval:
        body = exp2(exponent(p) - n)
        return body * factor(p) if factor else body

    return Scaled(_narrowing(evaluate, what), n)
