"""Circular functions of radians: IEEE 754-2019 clause 9.2 and table 9.1; P3109 section 4.10 (Sin, Cos, Tan, ArcSin, ArcCos, ArcTan, ArcTan2).

Exact cases: each is transcendental for every nonzero rational argument (Lindemann), but acos 1 = 0. MPFR reduces large arguments itself.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath import intervals
from refmath.algebra import divide
from refmath.datum import Datum, Infinity
from refmath.extremes import near
from refmath.intervals import enclose, pi
from refmath.operations.arithmetic import is_negative, is_zero, magnitude
from refmath.operations.environment import ONE, Dialect, Environment, Outcome, invalid, number, signed, zero
from refmath.operations.functions import Curve, curve, real, turn
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.reals import Exact, Real, compare, floor_log2, negate

HALF = mpq(1, 2)


def periodic(function: Callable[[Exact], Exact]) -> Callable[[Environment, Datum], Outcome]:
    """The operation of an odd periodic function: zeros are themselves, infinities invalid."""

    def operation(env: Environment, x: Datum) -> Outcome:
        if isinstance(x, Infinity):
            return invalid()
        return (x, 0) if is_zero(x) else number(function(exact_value(x)))

    return operation


def cubic(function: Curve, x: Exact, direction: int, what: str) -> Exact:
    """An odd function with |f(x) - x| < |x|^3 for |x| < 1, of greater magnitude than x where the direction is +1."""
    e = floor_log2(x)

    def body() -> Real:
        return curve(function, x, what)

    return body() if e >= -1 else near(x, direction, 3 * e + 3, body)


def sin(x: Exact) -> Exact:
    """sin x of a nonzero x."""
    return cubic(intervals.sin, x, -1, "sine")


def tan(x: Exact) -> Exact:
    """tan x of a nonzero x."""
    return cubic(intervals.tan, x, 1, "tangent")


def cos(env: Environment, x: Datum) -> Outcome:
    """cos x: 1 at zeros, just below 1 near them."""
    if isinstance(x, Infinity):
        return invalid()
    if is_zero(x):
        return ONE, 0
    value = exact_value(x)
    return number(near(mpq(1), -1, 2 * floor_log2(value) + 2, lambda: curve(intervals.cos, value, "cosine")))


def asin(env: Environment, x: Datum) -> Outcome:
    """asin x: invalid beyond +-1."""
    if isinstance(x, Infinity) or compare(exact_value(x), mpq(1)) > 0:
        return invalid()
    return (x, 0) if is_zero(x) else number(cubic(intervals.asin, exact_value(x), 1, "arc sine"))


def acos(env: Environment, x: Datum) -> Outcome:
    """acos x: +0 at 1, invalid beyond +-1."""
    if isinstance(x, Infinity) or compare(exact_value(x), mpq(1)) > 0:
        return invalid()
    return zero() if x == ONE else number(curve(intervals.acos, exact_value(x), "arc cosine"))


def atan(env: Environment, x: Datum) -> Outcome:
    """atan x: +-pi/2 at infinities."""
    if isinstance(x, Infinity):
        return number(turn(-HALF if x.negative else HALF))
    return (x, 0) if is_zero(x) else number(cubic(intervals.atan, exact_value(x), -1, "arc tangent"))


def atan2(env: Environment, y: Datum, x: Datum) -> Outcome:
    """The angle of the point (x, y)."""
    return point(env, y, x, turn, angle)


def point(env: Environment, y: Datum, x: Datum, of_part: Callable[[mpq], Exact], of_ratio: Callable[[Exact, bool], Exact]) -> Outcome:
    """The angle of a point: a part of pi on the axes and at infinity, elsewhere a function of |y / x| and of the side that x is on.

    P3109 has no angle at the origin and between two infinities, and where x is -infinity it has pi for every finite y.
    """
    both_infinite, both_zero = isinstance(x, Infinity) and isinstance(y, Infinity), is_zero(x) and is_zero(y)
    if env.dialect is not Dialect.IEEE754 and (both_infinite or both_zero):
        return invalid()
    part = axis(y, x)
    value = of_ratio(magnitude(divide(exact_value(y), exact_value(x))), is_negative(x)) if part is None else of_part(part) if part else mpq(0)
    negative = is_negative(y) and not (env.dialect is not Dialect.IEEE754 and isinstance(x, Infinity) and x.negative)
    return signed(negate(value) if negative else value, negative)


def axis(y: Datum, x: Datum) -> mpq | None:
    """The angle from the positive x axis, without its sign, as a part of pi: on the axes and at infinity."""
    if isinstance(y, Infinity):
        return mpq(1, 2) if not isinstance(x, Infinity) else mpq(3 if x.negative else 1, 4)
    if isinstance(x, Infinity) or is_zero(y):
        return mpq(is_negative(x))
    return HALF if is_zero(x) else None


def angle(ratio: Exact, left: bool) -> Exact:
    """atan of a positive ratio, or pi less that on the left."""
    if not left:
        return cubic(intervals.atan, ratio, -1, "arc tangent")
    return real(lambda p: pi(p) - intervals.atan(enclose(ratio, p)), "arc tangent", ratio)


OPERATIONS = (
    Operation("sin", 1, periodic(sin), "IEEE 754-2019 9.2", "the sine of x"),
    Operation("cos", 1, cos, "IEEE 754-2019 9.2", "the cosine of x"),
    Operation("tan", 1, periodic(tan), "IEEE 754-2019 9.2", "the tangent of x"),
    Operation("asin", 1, asin, "IEEE 754-2019 9.2", "the arc sine of x", ("arc_sin",)),
    Operation("acos", 1, acos, "IEEE 754-2019 9.2", "the arc cosine of x", ("arc_cos",)),
    Operation("atan", 1, atan, "IEEE 754-2019 9.2", "the arc tangent of x", ("arc_tan",)),
    Operation("atan2", 2, atan2, "IEEE 754-2019 9.2", "the angle of the point (y, x), as in atan2(y, x)", ("arc_tan2",)),
)
