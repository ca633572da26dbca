"""Exponentials: IEEE 754-2019 clause 9.2 and table 9.1; P3109 section 4.10 (Exp, Exp2, ExpMinusOne).

Exact cases: e^x is transcendental for every rational x but 0 (Lindemann); 2^x and 10^x are irrational for every rational x that is no integer.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath import intervals
from refmath.datum import Datum, Infinity
from refmath.enclosures import power_of_two
from refmath.exponentials import power_of_e, rational_power_of_two
from refmath.extremes import Huge, long_rational, near, scaled
from refmath.intervals import Interval, Precision, enclose
from refmath.operations.environment import ONE, Environment, Outcome, infinity, number, zero
from refmath.operations.functions import LIMIT, SPLIT, curve, extreme, in_bits, integer_of, ln2, ln10, never, real, side, vanishing
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.operations.power import WRITTEN, integer_power
from refmath.reals import Exact, Real, floor_log2

Base = Callable[[Precision], Interval]


def power(function: Callable[[Exact], Exact]) -> Callable[[Environment, Datum], Outcome]:
    """The operation b^x: 1 at zeros, 0 at -infinity."""

    def operation(env: Environment, x: Datum) -> Outcome:
        if isinstance(x, Infinity):
            return zero() if x.negative else infinity()
        value = exact_value(x)
        return number(function(value)) if value else (ONE, 0)

    return operation


def power_minus_one(function: Callable[[Exact], Exact]) -> Callable[[Environment, Datum], Outcome]:
    """The operation b^x - 1: zeros are themselves, -1 at -infinity."""

    def operation(env: Environment, x: Datum) -> Outcome:
        if isinstance(x, Infinity):
            return number(mpq(-1)) if x.negative else infinity()
        value = exact_value(x)
        return number(function(value)) if value else (x, 0)

    return operation


def exp(x: Exact) -> Exact:
    """e^x of a nonzero x."""
    e = floor_log2(x)
    if e >= LIMIT:
        return extreme(x)
    if e >= SPLIT:
        return power_of_two(in_bits(x))
    return near(mpq(1), side(x), e + 2, lambda: curve(intervals.exp, x, "exponential") if isinstance(x, Real) else _real(power_of_e(x)))


def exp2(x: Exact) -> Exact:
    """2^x of a nonzero x."""
    n = integer_of(x)
    if n is not None:
        return scaled(mpq(1), n)
    e = floor_log2(x)
    if e >= LIMIT:
        return extreme(x)
    if e >= SPLIT:
        return power_of_two(lambda p: enclose(x, p))
    return near(mpq(1), side(x), e + 1, lambda: curve(intervals.exp2, x, "power of two") if isinstance(x, Real) else _real(rational_power_of_two(x)))


def exp10(x: Exact) -> Exact:
    """10^x of a nonzero x."""
    n, e = integer_of(x), floor_log2(x)
    if n is not None:
        return integer_power(mpq(10), n)
    if e >= LIMIT:
        return extreme(x)
    if e >= SPLIT - 4:
        return power_of_two(lambda p: enclose(x, p) * ln10(p) / ln2(p))
    return near(mpq(1), side(x), e + 5, lambda: curve(intervals.exp10, x, "power of ten"))


def _real(x: Exact) -> Real:
    assert isinstance(x, Real)
    return x


def expm1(x: Exact) -> Exact:
    """e^x - 1 of a nonzero x."""
    return minus_one(x, lambda p: enclose(mpq(1), p), "exponential", 2 * floor_log2(x) + 2)


def exp2m1(x: Exact) -> Exact:
    """2^x - 1 of a nonzero x."""
    n = integer_of(x)
    if n is None:
        return minus_one(x, ln2, "power of two")
    if abs(n) <= WRITTEN:
        return mpq(2) ** n - 1
    return scaled(near(mpq(1), -1, 1 - n, never), n) if n > 0 else near(mpq(-1), -1, n + 1, never)


def exp10m1(x: Exact) -> Exact:
    """10^x - 1 of a nonzero x."""
    n = integer_of(x)
    if n is None:
        return minus_one(x, ln10, "power of ten")
    if 4 * abs(n) <= WRITTEN:
        return mpq(10) ** n - 1
    return long_rational(minus_one(x, ln10, "power of ten"), 3 * n if n > 0 else 0, lambda: mpq(10) ** n - 1)


def minus_one(x: Exact, ln_base: Base, what: str, gap: int | None = None) -> Exact:
    """b^x - 1 for b = 2, e or 10, where it is no rational that can be written out. ``gap``: |b^x - 1 - x| < 2^gap, where that is known."""
    e = floor_log2(x)

    def body() -> Real:
        return real(lambda p: intervals.expm1(enclose(x, p) * ln_base(p)), what, x)

    if side(x) < 0 and e >= 0:
        return near(mpq(-1), -1, vanishing(e - 1), body)
    if e >= LIMIT:
        return Huge(False)
    if e >= SPLIT - 4:
        return power_of_two(lambda p: enclose(x, p) * ln_base(p) / ln2(p), lambda p: 1 - intervals.exp(-(enclose(x, p) * ln_base(p))))
    return body() if gap is None else near(x, side(x), gap, body)


OPERATIONS = (
    Operation("exp", 1, power(exp), "IEEE 754-2019 9.2", "e^x"),
    Operation("exp2", 1, power(exp2), "IEEE 754-2019 9.2", "2^x"),
    Operation("exp10", 1, power(exp10), "IEEE 754-2019 9.2", "10^x"),
    Operation("expm1", 1, power_minus_one(expm1), "IEEE 754-2019 9.2", "e^x - 1", ("exp_minus_one", "exp_minus1")),
    Operation("exp2m1", 1, power_minus_one(exp2m1), "IEEE 754-2019 9.2", "2^x - 1", ("exp2_minus1",)),
    Operation("exp10m1", 1, power_minus_one(exp10m1), "IEEE 754-2019 9.2", "10^x - 1", ("exp10_minus1",)),
)
