"""Error and gamma functions: C23 sections 7.12.8 and F.10.5.

Exact cases: erf 0 and erfc 0; gamma at positive integers is a factorial; ln |gamma| is 0 at 1 and 2, and transcendental at greater integers (Lindemann). For most other
rationals nothing is proven: enclosures narrow up to a limit and then refuse. No such case is known.
"""

from collections.abc import Callable
from math import floor

from gmpy2 import fac, get_exp, mpq

from refmath import intervals
from refmath.algebra import divide, multiply
from refmath.datum import Datum, Infinity
from refmath.enclosures import irrational, power_of_two, unproven
from refmath.extremes import Huge, Tiny, long_rational, near
from refmath.intervals import Interval, Precision, enclose
from refmath.operations.arithmetic import is_negative, is_zero
from refmath.operations.environment import ONE, Environment, Outcome, infinity, invalid, number, pole, zero
from refmath.operations.functions import LIMIT, SPLIT, integer_of, ln2, side, vanishing
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.reals import Exact, Real, floor_log2

SERIES = 7
"""From there on, erfc is its asymptotic series where that is accurate enough."""
FACTORIAL = 512
"""Factorials of lesser numbers are written out at once."""


def erf(env: Environment, x: Datum) -> Outcome:
    """erf x: +-1 at infinities, just below them in magnitude for large x."""
    if isinstance(x, Infinity):
        return number(mpq(-1 if x.negative else 1))
    if is_zero(x):
        return x, 0
    value = exact_value(x)
    e = floor_log2(value)

    def body() -> Real:
        return unproven(lambda p: intervals.erf(enclose(value, p)), "erf of this operand")

    return number(near(mpq(side(value)), -1, vanishing(2 * e), body) if e >= 0 else body())


def erfc(env: Environment, x: Datum) -> Outcome:
    """1 - erf x: 2 at -infinity, 1 at zeros."""
    if isinstance(x, Infinity):
        return number(mpq(2)) if x.negative else zero()
    return (ONE, 0) if is_zero(x) else number(complement(exact_value(x)))


def complement(x: Exact) -> Real:
    """erfc of a nonzero x."""
    e = floor_log2(x)

    def body() -> Real:
        return unproven(lambda p: erfc_of(enclose(x, p)), "erfc of this operand")

    if e < 0:
        return near(mpq(1), -side(x), e + 2, body)
    if side(x) < 0:
        return near(mpq(2), -1, vanishing(2 * e), body)
    return body() if 2 * e < SPLIT else gaussian(lambda p: enclose(x, p), multiply(x, x), 2 * e)


def gaussian(z: Callable[[Precision], Interval], square: Exact, e: int, factor: Callable[[Precision], Interval] | None = None) -> Real:
    """factor erfc(z) of a large positive z, whose square is known and at least 2^e: e^(-z^2) times the rest."""
    if e >= LIMIT:
        return Tiny(False)

    def rest(p: Precision) -> Interval:
        scaled = scaled_complement(z(p))
        return scaled * factor(p) if factor else scaled

    return power_of_two(lambda p: -(enclose(square, p) / ln2(p)), rest, "A value of erfc")


def erfc_of(z: Interval) -> Interval:
    """erfc(z), by the cheapest way."""
    if z.hi < 0:
        return 1 + intervals.erf(-z)
    return intervals.exp(-(z * z)) * scaled_complement(z) if z.lo >= SERIES else intervals.erfc(z)


def scaled_complement(z: Interval) -> Interval:
    """e^(z^2) erfc(z) = (1 - 1 / (2 z^2) + 1 3 / (2 z^2)^2 - ...) / (z sqrt pi): what is left out is smaller than the first term left out.

    Terms fall until k = z^2, and there to some e^(-z^2); where that is not far enough, MPFR computes the function itself.
    """
    square = z * z * 2
    if 2 * square.lo < 3 * z.p.bits:
        return intervals.exp(z * z) * intervals.erfc(z)
    total = term = intervals.point(1, z.p)
    for k in range(z.p.bits):
        term = term * (2 * k + 1) / square
        if get_exp(term.hi) < -z.p.bits:
            break
        total = total + term if k & 1 else total - term
    return (total + Interval(z.p.down.minus(term.hi), term.hi, z.p)) / (z * intervals.sqrt(intervals.pi(z.p)))


def tgamma(env: Environment, x: Datum) -> Outcome:
    """gamma(x): a pole of their sign at zeros, invalid at negative integers and -infinity."""
    if isinstance(x, Infinity):
        return invalid() if x.negative else infinity()
    if is_zero(x):
        return pole(env, is_negative(x))
    value = exact_value(x)
    n = integer_of(value)
    if n is not None and n < 0:
        return invalid()
    return number(gamma(value) if n is None else factorial(n - 1))


def factorial(n: int) -> Exact:
    """n! of n >= 0. Of its bits as many are trailing zeros as n exceeds the ones in its binary digits (Legendre)."""
    if n < FACTORIAL:
        return mpq(fac(n))
    leading = gamma(mpq(n + 1))
    return long_rational(leading, leading.floor_log2() + 1 - (n - n.bit_count()), lambda: mpq(fac(n)))


def gamma(x: Exact) -> Real:
    """gamma(x) of an x that is no integer, or a large one. It is all but 1 / x near zero, and 2^(log2 |gamma|) far from it."""
    e = floor_log2(x)
    negative = side(x) < 0 and not isinstance(x, Real) and bool(floor(x) & 1)
    if e >= 55:
        result: Real = Tiny(False) if side(x) < 0 else Huge(False)
    elif e >= 14:
        result = power_of_two(lambda p: intervals.log_gamma(enclose(x, p)) / ln2(p), what="gamma of this operand")
    else:
        return near(divide(mpq(1), x), -side(x), 0, lambda: _gamma(x)) if e < -2 else _gamma(x)
    return result.negated() if negative else result


def _gamma(x: Exact) -> Real:
    def evaluate(p: Precision) -> Interval:
        return intervals.gamma(enclose(x, p))

    return unproven(evaluate, "gamma of this operand") if integer_of(x) is None else irrational(evaluate)


def lgamma(env: Environment, x: Datum) -> Outcome:
    """ln |gamma(x)|: +infinity at infinities, a pole at zeros and negative integers, +0 at 1 and 2."""
    if isinstance(x, Infinity):
        return infinity()
    value = exact_value(x)
    n = integer_of(value)
    if n is not None and n <= 0:
        return pole(env, False)
    if n is not None and n <= 2:
        return zero()

    def evaluate(p: Precision) -> Interval:
        return intervals.log_gamma(enclose(value, p))

    return number(irrational(evaluate) if n is not None else unproven(evaluate, "lgamma of this operand"))


OPERATIONS = (
    Operation("erf", 1, erf, "C23 7.12.8.1", "the error function of x"),
    Operation("erfc", 1, erfc, "C23 7.12.8.2", "1 - erf x"),
    Operation("tgamma", 1, tgamma, "C23 7.12.8.4", "gamma(x), (x - 1)! at positive integers", ("gamma",)),
    Operation("lgamma", 1, lgamma, "C23 7.12.8.3", "ln |gamma(x)|", ("lngamma", "loggamma")),
)
