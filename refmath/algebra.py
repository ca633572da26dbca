"""Sums, products, quotients and roots of exact reals.

Rationals stay rational, and so do sums of powers of e and 2, the values of logarithmic formats (``refmath.exponentials``). Any other real
is enclosed; whether its sum with another is rational is proven only where both are the same real, so that elsewhere narrowing has
its stated limit.
"""

from gmpy2 import mpq

from refmath import exponentials, intervals
from refmath.enclosures import unproven
from refmath.intervals import enclose
from refmath.reals import Exact, Real, negate, root


def add(x: Exact, y: Exact) -> Exact:
    """x + y."""
    if not isinstance(x, Real):
        if not isinstance(y, Real):
            return x + y
        if not x:
            return y
    elif not isinstance(y, Real) and not y:
        return x
    if (exact := exponentials.add(x, y)) is not None:
        return exact
    if negate(x) == y:
        return mpq(0)
    return unproven(lambda p: enclose(x, p) + enclose(y, p), "A sum of operands that are not rational")


def multiply(x: Exact, y: Exact) -> Exact:
    """x y."""
    if not isinstance(x, Real):
        if not isinstance(y, Real):
            return x * y
        if x == 1 or not x:
            return y if x else mpq(0)
    elif not isinstance(y, Real) and (y == 1 or not y):
        return x if y else mpq(0)
    if (exact := exponentials.multiply(x, y)) is not None:
        return exact
    return unproven(lambda p: enclose(x, p) * enclose(y, p), "A product of operands that are not rational")


def divide(x: Exact, y: Exact) -> Exact:
    """x / y of a nonzero y."""
    if not isinstance(y, Real):
        return multiply(x, 1 / y)
    if not isinstance(x, Real) and not x:
        return x
    if x == y:
        return mpq(1)
    if (inverse := exponentials.reciprocal(y)) is not None:
        return multiply(x, inverse)
    return unproven(lambda p: enclose(x, p) / enclose(y, p), "A quotient of operands that are not rational")


def square_root(x: Exact) -> Exact:
    """The square root of a positive x."""
    if not isinstance(x, Real):
        return root(x, 2)
    if (exact := exponentials.root(x, 2)) is not None:
        return exact
    return unproven(lambda p: intervals.sqrt(enclose(x, p)), "A root of an operand that is not rational")


def compare(x: Exact, y: Exact) -> int:
    """The sign of x - y."""
    if not isinstance(x, Real) and not isinstance(y, Real):
        return int(x > y) - int(x < y)
    if x == y:
        return 0
    difference = add(x, negate(y))
    if isinstance(difference, Real):
        return -1 if difference.negative else 1
    return int(difference > 0) - int(difference < 0)
