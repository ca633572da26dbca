"""Hyperbolic functions: IEEE 754-2019 clause 9.2 and table 9.1; P3109 section 4.10.

Exact cases: each is transcendental for every nonzero rational argument (Lindemann), but acosh 1 = 0.
"""

from gmpy2 import mpq

from refmath import intervals
from refmath.datum import Datum, Infinity
from refmath.enclosures import power_of_two
from refmath.extremes import Huge, near
from refmath.intervals import Interval, Precision, enclose
from refmath.operations.arithmetic import is_negative, is_zero, magnitude
from refmath.operations.environment import ONE, Environment, Outcome, infinity, invalid, logarithmic_pole, number, signed, zero
from refmath.operations.functions import LIMIT, SPLIT, curve, in_bits, side, vanishing
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.operations.trigonometric import cubic
from refmath.reals import Exact, Real, compare, floor_log2, negate


def half_power(x: Exact, sign: int) -> Real:
    """(e^x + sign e^-x) / 2 of a large positive x."""
    if floor_log2(x) >= LIMIT:
        return Huge(False)
    exponent = in_bits(x)

    def factor(p: Precision) -> Interval:
        rest = intervals.exp(-(enclose(x, p) * 2))
        return 1 + rest if sign > 0 else 1 - rest

    return power_of_two(lambda p: exponent(p) - 1, factor)


def sinh(env: Environment, x: Datum) -> Outcome:
    """sinh x."""
    if isinstance(x, Infinity) or is_zero(x):
        return x, 0
    value = exact_value(x)
    if floor_log2(value) < SPLIT:
        return number(cubic(intervals.sinh, value, 1, "hyperbolic sine"))
    result = half_power(magnitude(value), -1)
    return number(negate(result) if is_negative(x) else result)


def cosh(env: Environment, x: Datum) -> Outcome:
    """cosh x: 1 at zeros, just above 1 near them."""
    if isinstance(x, Infinity):
        return infinity()
    if is_zero(x):
        return ONE, 0
    value = magnitude(exact_value(x))
    e = floor_log2(value)
    return number(half_power(value, 1) if e >= SPLIT else near(mpq(1), 1, 2 * e + 2, lambda: curve(intervals.cosh, value, "hyperbolic cosine")))


def tanh(env: Environment, x: Datum) -> Outcome:
    """tanh x: +-1 at infinities, just below 1 in magnitude near them."""
    if isinstance(x, Infinity):
        return number(mpq(-1 if x.negative else 1))
    if is_zero(x):
        return x, 0
    value = exact_value(x)
    e = floor_log2(value)
    if e < 0:
        return number(cubic(intervals.tanh, value, -1, "hyperbolic tangent"))
    return number(near(mpq(side(value)), -1, 1 + vanishing(e + 1), lambda: curve(intervals.tanh, value, "hyperbolic tangent")))


def asinh(env: Environment, x: Datum) -> Outcome:
    """asinh x."""
    return (x, 0) if isinstance(x, Infinity) or is_zero(x) else number(cubic(intervals.asinh, exact_value(x), -1, "inverse hyperbolic sine"))


def acosh(env: Environment, x: Datum) -> Outcome:
    """acosh x: +0 at 1, invalid below."""
    if isinstance(x, Infinity):
        return invalid() if x.negative else infinity()
    value = exact_value(x)
    if is_negative(x) or not value or compare(value, mpq(1)) < 0:
        return invalid()
    return zero() if x == ONE else number(curve(intervals.acosh, value, "inverse hyperbolic cosine"))


def atanh(env: Environment, x: Datum) -> Outcome:
    """atanh x: infinities at +-1, in P3109 too; invalid beyond."""
    if is_zero(x):
        return x, 0
    beyond = 1 if isinstance(x, Infinity) else compare(exact_value(x), mpq(1))
    if beyond >= 0:
        return invalid() if beyond else logarithmic_pole(is_negative(x))
    return signed(cubic(intervals.atanh, exact_value(x), 1, "inverse hyperbolic tangent"), is_negative(x))


OPERATIONS = (
    Operation("sinh", 1, sinh, "IEEE 754-2019 9.2", "the hyperbolic sine of x"),
    Operation("cosh", 1, cosh, "IEEE 754-2019 9.2", "the hyperbolic cosine of x"),
    Operation("tanh", 1, tanh, "IEEE 754-2019 9.2", "the hyperbolic tangent of x"),
    Operation("asinh", 1, asinh, "IEEE 754-2019 9.2", "the inverse hyperbolic sine of x", ("arc_sinh",)),
    Operation("acosh", 1, acosh, "IEEE 754-2019 9.2", "the inverse hyperbolic cosine of x", ("arc_cosh",)),
    Operation("atanh", 1, atanh, "IEEE 754-2019 9.2", "the inverse hyperbolic tangent of x", ("arc_tanh",)),
)
