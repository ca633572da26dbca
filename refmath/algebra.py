"""Sums, products, quotients and roots of exact reals.

Rationals stay rational, and so do sums of powers of e and 2, which logarithmic formats hold (``refmath.exponentials``). Any other real is enclosed; whether its sum
with another is rational is not proven, so that narrowing has its stated limit there.
"""

from gmpy2 import is_square, mpq

from refmath import exponentials, intervals, logarithms
from refmath.enclosures import unproven
from refmath.intervals import enclose
from refmath.reals import Exact, Real, negate, root


def add(x: Exact, y: Exact) -> Exact:
    """x + y."""
    if not isinstance(x, Real) and not isinstance(y, Real):
        return x + y
    known = exponentials.add(x, y)
    if known is not None:
        return known
    if not x or not y:
        return x if x else y
    if negate(x) == y:
        return mpq(0)
    return unproven(lambda p: enclose(x, p) + enclose(y, p), "A sum of operands that are not rational")


def multiply(x: Exact, y: Exact) -> Exact:
    """x y."""
    if not isinstance(x, Real) and not isinstance(y, Real):
        return x * y
    known = exponentials.multiply(x, y)
    if known is not None:
        return known
    if not x or not y:
        return mpq(0)
    return unproven(lambda p: enclose(x, p) * enclose(y, p), "A product of operands that are not rational")


def divide(x: Exact, y: Exact) -> Exact:
    """x / y of a nonzero y."""
    if not isinstance(y, Real):
        return multiply(x, 1 / y)
    inverse = exponentials.reciprocal(y)
    if inverse is not None:
        return multiply(x, inverse)
    if x == y or not x:
        return mpq(1 if x else 0)
    return unproven(lambda p: enclose(x, p) / enclose(y, p), "A quotient of operands that are not rational")


def square_root(x: Exact) -> Exact:
    """The square root of a positive x."""
    if not isinstance(x, Real):
        if is_square(2 * x.numerator) or is_square(2 * x.denominator):
            known = exponentials.root(x, 2)
            if known is not None:
                return known
        return root(x, 2)
    known = exponentials.root(x, 2)
    return known if known is not None else unproven(lambda p: intervals.sqrt(enclose(x, p)), "A root of an operand that is not rational")


def compare(x: Exact, y: Exact) -> int:
    """The sign of x - y."""
    if not isinstance(x, Real) and not isinstance(y, Real):
        return int(x > y) - int(x < y)
    if x == y:
        return 0
    known = logarithms.compare(x, y)
    if known is not None:
        return known
    difference = add(x, negate(y))
    if isinstance(difference, Real):
        return -1 if difference.negative else 1
    return int(difference > 0) - int(difference < 0)
