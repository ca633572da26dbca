"""Circular functions in half turns: sinPi x = sin(pi x) and its kin. IEEE 754-2019 clause 9.2 and table 9.1; P3109 section 4.10.

Exact cases: at rational x the sine and cosine of pi x are rational only where they are 0, +-1/2 or +-1, the tangent only where it is 0, +-1 or a pole (Niven).
So the inverse functions are rational at rational arguments exactly there, and irrational elsewhere. Arguments are reduced exactly: a huge one costs nothing.
"""

from gmpy2 import mpq

from refmath import intervals
from refmath.datum import Datum, Infinity
from refmath.enclosures import irrational, unproven
from refmath.exponentials import rational_power_of_two
from refmath.extremes import near
from refmath.intervals import enclose, pi
from refmath.operations.arithmetic import is_negative, magnitude
from refmath.operations.environment import ONE, Environment, Outcome, invalid, number, pole, signed, zero
from refmath.operations.functions import Curve, real, side
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.operations.trigonometric import point
from refmath.reals import Exact, Real, compare, floor_log2, negate

HALF, QUARTER = mpq(1, 2), mpq(1, 4)
SINES = {mpq(0): mpq(0), mpq(1, 6): mpq(1, 2), mpq(1, 2): mpq(1)}
"""Where the sine of pi x is rational, 0 <= x <= 1/2."""
TANGENTS = {mpq(0): mpq(0), QUARTER: mpq(1)}
"""Where the tangent of pi x is rational, 0 <= x < 1/2."""
OPERAND = "A circular function of an operand that is not rational"
ROOT_HALF = rational_power_of_two(-HALF)
"""The sine of pi / 4, which logarithmic formats have."""
ARC_SINES = {sine: x for x, sine in SINES.items()}
ARC_TANGENTS = {tangent: x for x, tangent in TANGENTS.items()}


def sine(x: mpq) -> Exact:
    """sin(pi x) of a rational x, folded into the first quarter turn, where sine and cosine have no extremum."""
    x -= 2 * (x.numerator // (2 * x.denominator))
    negative = x >= 1
    x = x - 1 if negative else x
    x = 1 - x if x > HALF else x
    known: Exact | None = ROOT_HALF if x == QUARTER else SINES.get(x)
    if known is None:
        function, x = (intervals.sin, x) if x <= QUARTER else (intervals.cos, HALF - x)
        known = irrational(lambda p: function(pi(p) * enclose(x, p)))
    return negate(known) if negative else known


def tangent(x: mpq) -> Exact:
    """tan(pi x) of a rational x that is no pole."""
    x -= x.numerator // x.denominator
    negative = x > HALF
    x = 1 - x if negative else x
    known = TANGENTS.get(x)
    if known is None:
        steep = x > QUARTER
        x = HALF - x if steep else x
        known = irrational(lambda p: 1 / intervals.tan(pi(p) * enclose(x, p)) if steep else intervals.tan(pi(p) * enclose(x, p)))
    return negate(known) if negative else known


def sinpi(env: Environment, x: Datum) -> Outcome:
    """sin(pi x): a zero at an integer has the sign of x."""
    if isinstance(x, Infinity):
        return invalid()
    value = exact_value(x)
    result = unproven(lambda p: intervals.sin(pi(p) * enclose(value, p)), OPERAND) if isinstance(value, Real) else sine(value)
    return number(result) if result else zero(is_negative(x))


def cospi(env: Environment, x: Datum) -> Outcome:
    """cos(pi x): +0 half way between integers."""
    if isinstance(x, Infinity):
        return invalid()
    value = exact_value(x)
    if not value:
        return ONE, 0
    if isinstance(value, Real):
        return number(unproven(lambda p: intervals.cos(pi(p) * enclose(value, p)), OPERAND))
    e = floor_log2(value)
    return number(sine(value + HALF) if e >= -3 else near(mpq(1), -1, 2 * e + 5, lambda: _real(sine(value + HALF))))


def tanpi(env: Environment, x: Datum) -> Outcome:
    """tan(pi x): half way from n to n + 1 a pole, positive where n is even; at n a zero, whose sign is that of x where n is even and the other where it is odd."""
    if isinstance(x, Infinity):
        return invalid()
    value = exact_value(x)
    if isinstance(value, Real):
        return number(unproven(lambda p: intervals.tan(pi(p) * enclose(value, p)), OPERAND))
    n = value.numerator // value.denominator
    if value - n == HALF:
        return pole(env, bool(n & 1))
    result = tangent(value)
    return number(result) if result else zero(is_negative(x) != bool(n & 1))


def asinpi(env: Environment, x: Datum) -> Outcome:
    """asin(x) / pi: invalid beyond +-1."""
    if isinstance(x, Infinity) or compare(exact_value(x), mpq(1)) > 0:
        return invalid()
    value = exact_value(x)
    known = _known(ARC_SINES, value)
    return signed(known, is_negative(x)) if known is not None else number(_over_pi(intervals.asin, value))


def acospi(env: Environment, x: Datum) -> Outcome:
    """acos(x) / pi: +0 at 1, invalid beyond +-1, nearly 1/2 near zero."""
    if isinstance(x, Infinity) or compare(exact_value(x), mpq(1)) > 0:
        return invalid()
    value = exact_value(x)
    known = _known(ARC_SINES, value)
    if known is not None:
        return number(HALF - known)
    return number(near(HALF, -side(value), floor_log2(value), lambda: _over_pi(intervals.acos, value)))


def atanpi(env: Environment, x: Datum) -> Outcome:
    """atan(x) / pi: +-1/2 at infinities."""
    if isinstance(x, Infinity):
        return number(-HALF if x.negative else HALF)
    value = exact_value(x)
    if not value:
        return x, 0
    result = part_of_ratio(magnitude(value), False)
    return number(negate(result) if is_negative(x) else result)


def atan2pi(env: Environment, y: Datum, x: Datum) -> Outcome:
    """The angle of the point (x, y) in half turns."""
    return point(env, y, x, lambda part: part, part_of_ratio)


def part_of_ratio(ratio: Exact, left: bool) -> Exact:
    """atan(ratio) / pi of a positive ratio, or 1 less that on the left: nearly 1/2 where the ratio is large."""
    known = _known(ARC_TANGENTS, ratio)
    if known is not None:
        return 1 - known if left else known
    e = floor_log2(ratio)

    def body() -> Real:
        if not left:
            return _over_pi(intervals.atan, ratio)
        return real(lambda p: 1 - intervals.atan(enclose(ratio, p)) / pi(p), "arc tangent", ratio)

    if e > 0:
        return near(HALF, 1 if left else -1, -e - 1, body)
    return near(mpq(1), -1, e, body) if left else body()


def _known(table: dict[mpq, mpq], x: Exact) -> mpq | None:
    """The value of an odd function where it is rational."""
    size = magnitude(x)
    known = table.get(size) if not isinstance(size, Real) else QUARTER if table is ARC_SINES and size == ROOT_HALF else None
    return -known if known is not None and side(x) < 0 else known


def _over_pi(function: Curve, x: Exact) -> Real:
    return real(lambda p: function(enclose(x, p)) / pi(p), "arc function", x)


def _real(x: Exact) -> Real:
    assert isinstance(x, Real)
    return x


OPERATIONS = (
    Operation("sinpi", 1, sinpi, "IEEE 754-2019 9.2", "the sine of x half turns"),
    Operation("cospi", 1, cospi, "IEEE 754-2019 9.2", "the cosine of x half turns"),
    Operation("tanpi", 1, tanpi, "IEEE 754-2019 9.2", "the tangent of x half turns"),
    Operation("asinpi", 1, asinpi, "IEEE 754-2019 9.2", "the arc sine of x in half turns", ("arc_sin_pi",)),
    Operation("acospi", 1, acospi, "IEEE 754-2019 9.2", "the arc cosine of x in half turns", ("arc_cos_pi",)),
    Operation("atanpi", 1, atanpi, "IEEE 754-2019 9.2", "the arc tangent of x in half turns", ("arc_tan_pi",)),
    Operation("atan2pi", 2, atan2pi, "IEEE 754-2019 9.2", "the angle of the point (y, x) in half turns, as in atan2pi(y, x)", ("arc_tan2_pi",)),
)
