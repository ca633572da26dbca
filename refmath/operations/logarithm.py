"""Logarithms: IEEE 754-2019 clause 9.2 and table 9.1; P3109 section 4.10 (Log, Log2, LogOnePlus).

Exact cases: ln x is transcendental for every positive rational x but 1 (Lindemann). log2 x and log10 x are rational only for the integer powers of 2
and of 10: where they are p / q, x^q is the p-th power of the base, and of two coprime p, q this makes x a power itself.
"""

from collections.abc import Callable

import gmpy2
from gmpy2 import mpq

from refmath import intervals
from refmath.datum import ZERO, Datum, Infinity
from refmath.exponentials import logarithm
from refmath.extremes import near
from refmath.intervals import enclose
from refmath.operations.arithmetic import is_negative
from refmath.operations.environment import Environment, Outcome, infinity, invalid, logarithmic_pole, number
from refmath.operations.functions import curve, integer_log2, ln2, ln10, real, side
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.reals import Exact, Real, compare, floor_log2


def of_positive(function: Callable[[Exact], Exact]) -> Callable[[Environment, Datum], Outcome]:
    """The operation log x: -infinity at zeros, invalid below, +0 at 1."""

    def operation(env: Environment, x: Datum) -> Outcome:
        if isinstance(x, Infinity):
            return invalid() if x.negative else infinity()
        value = exact_value(x)
        if not value:
            return logarithmic_pole(True)
        return invalid() if is_negative(x) else number(function(value))

    return operation


def of_one_plus(function: Callable[[Exact], Exact]) -> Callable[[Environment, Datum], Outcome]:
    """The operation log(1 + x): zeros are themselves, -infinity at -1, invalid below."""

    def operation(env: Environment, x: Datum) -> Outcome:
        if isinstance(x, Infinity):
            return invalid() if x.negative else infinity()
        value = exact_value(x)
        if not value:
            return x, 0
        below_one = compare(value, mpq(1)) if is_negative(x) else -1
        return number(function(value)) if below_one < 0 else invalid() if below_one else logarithmic_pole(True)

    return operation


def log(x: Exact) -> Exact:
    """ln x of a positive x."""
    known = logarithm(x, True) if isinstance(x, Real) else ZERO.value if x == 1 else None
    return curve(intervals.log, x, "logarithm") if known is None else known


def log2(x: Exact) -> Exact:
    """log2 x of a positive x."""
    if isinstance(x, Real):
        known = logarithm(x, False)
        return curve(intervals.log2, x, "logarithm") if known is None else known
    n = integer_log2(x)
    return curve(intervals.log2, x, "logarithm") if n is None else mpq(n)


def log10(x: Exact) -> Exact:
    """log10 x of a positive x."""
    n = integer_log10(x)
    return curve(intervals.log10, x, "logarithm") if n is None else mpq(n)


def integer_log10(x: Exact) -> int | None:
    """n where x = 10^n, else None."""
    if isinstance(x, Real) or 1 not in (x.numerator, x.denominator):
        return None
    rest, n = gmpy2.remove(x.numerator * x.denominator, 10)
    return (int(n) if x >= 1 else -int(n)) if rest == 1 else None


def log1p(x: Exact) -> Exact:
    """ln(1 + x) of a nonzero x > -1."""
    e = floor_log2(x)

    def body() -> Real:
        return curve(intervals.log1p, x, "logarithm")

    return body() if e >= -1 else near(x, -side(x), 2 * e + 2, body)


def log2p1(x: Exact) -> Exact:
    """log2(1 + x) of a nonzero x > -1. Just above a large power of two it is just above its exponent."""
    n = None if isinstance(x, Real) else integer_log2(1 + x)
    if n is not None:
        return mpq(n)
    e = integer_log2(x) or 0

    def body() -> Real:
        return real(lambda p: intervals.log1p(enclose(x, p)) / ln2(p), "logarithm", x)

    return near(mpq(e), 1, 1 - e, body) if e > 0 else body()


def log10p1(x: Exact) -> Exact:
    """log10(1 + x) of a nonzero x > -1."""
    n = None if isinstance(x, Real) else integer_log10(1 + x)
    return real(lambda p: intervals.log1p(enclose(x, p)) / ln10(p), "logarithm", x) if n is None else mpq(n)


OPERATIONS = (
    Operation("log", 1, of_positive(log), "IEEE 754-2019 9.2", "the natural logarithm of x", ("ln",)),
    Operation("log2", 1, of_positive(log2), "IEEE 754-2019 9.2", "the binary logarithm of x"),
    Operation("log10", 1, of_positive(log10), "IEEE 754-2019 9.2", "the decimal logarithm of x"),
    Operation("log1p", 1, of_one_plus(log1p), "IEEE 754-2019 9.2", "ln(1 + x)", ("logp1", "log_one_plus", "log_plus1")),
    Operation("log2p1", 1, of_one_plus(log2p1), "IEEE 754-2019 9.2", "log2(1 + x)", ("log2_plus1",)),
    Operation("log10p1", 1, of_one_plus(log10p1), "IEEE 754-2019 9.2", "log10(1 + x)", ("log10_plus1",)),
)
