"""Arithmetic: IEEE 754-2019 clauses 5.4.1 and 9.2 (hypot, rSqrt); P3109 section 4.9.

The exact result is rounded by whoever asked; here it is decided what it is, with the sign of a zero (clause 6.3), and what is invalid
(clause 7.2) or divides by zero (clause 7.3).
"""

import operator
from functools import reduce

from gmpy2 import mpq

from refmath import algebra, dyadic, logarithms
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.operations.environment import Dialect, Environment, Outcome, infinity, invalid, number, pole, signed, zero
from refmath.operations.operation import NaNRule, Operation
from refmath.reals import Exact, floor_scaled, negate
from refmath.reals import is_negative as below_zero
from refmath.rounding import Rounding


def is_zero(x: Datum) -> bool:
    """Whether a datum is a zero."""
    return isinstance(x, Finite) and not x.value


def is_negative(x: Datum) -> bool:
    """The sign of a datum; NaR has none."""
    return not isinstance(x, Finite | Infinity | NaN) or x.negative


def total(env: Environment, *terms: Datum) -> Outcome:
    """The sum of data that are not NaN. Clause 6.3: an exact zero sum of unlike signs is +0, or -0 toward negative."""
    infinite = {x.negative for x in terms if isinstance(x, Infinity)}
    if infinite:
        return invalid() if len(infinite) > 1 else infinity(infinite.pop())
    numbers = [x for x in terms if isinstance(x, Finite)]
    value = reduce(algebra.add, (x.value for x in numbers))
    if value:
        return number(value)
    signs = {x.negative for x in numbers}
    return zero(signs.pop() if len(signs) == 1 else env.rounding is Rounding.TOWARD_NEGATIVE)


def product(x: Datum, y: Datum) -> Datum | None:
    """The exact product of data that are not NaN; None for zero times infinity."""
    negative = is_negative(x) != is_negative(y)
    if isinstance(x, Finite) and isinstance(y, Finite):
        return Finite(algebra.multiply(x.value, y.value), negative)
    return None if is_zero(x) or is_zero(y) else Infinity(negative)


def opposite(x: Datum) -> Datum:
    """A finite or infinite datum with the other sign."""
    assert isinstance(x, Finite | Infinity)
    return Finite(negate(x.value), not x.negative) if isinstance(x, Finite) else Infinity(not x.negative)


def add(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x + y."""
    return total(env, x, y)


def subtract(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x - y."""
    return total(env, x, opposite(y))


def faa(env: Environment, x: Datum, y: Datum, z: Datum) -> Outcome:
    """x + y + z, rounded once: P3109 section 4.9, FAA."""
    return total(env, x, y, z)


def multiply(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x y."""
    result = product(x, y)
    return invalid() if result is None else (result, 0)


def fma(env: Environment, x: Datum, y: Datum, z: Datum) -> Outcome:
    """x y + z, rounded once. Clause 7.2: 0 times infinity is invalid, with a quiet NaN as z only where the environment says so."""
    nan = next((operand for operand in (x, y, z) if isinstance(operand, NaN)), None)
    if isinstance(x, NaN) or isinstance(y, NaN):
        return nan or NaN(), 0
    result = product(x, y)
    if isinstance(z, NaN):
        return invalid() if result is None and env.zero_times_infinity_signals else (z, 0)
    return invalid() if result is None else total(env, result, z)


def fmm(env: Environment, x: Datum, y: Datum, z: Datum) -> Outcome:
    """x y z, rounded once: posit standard (2022) section 5.7."""
    first = product(x, y)
    result = None if first is None else product(first, z)
    return invalid() if result is None else (result, 0)


def divide(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x / y. Infinity / 0 is an exact infinity; in P3109 every x / 0 is NaN."""
    negative = is_negative(x) != is_negative(y)
    if is_zero(y):
        if is_zero(x):
            return invalid()
        return infinity(negative) if isinstance(x, Infinity) and env.dialect is Dialect.IEEE754 else pole(env, negative)
    if isinstance(x, Infinity):
        return invalid() if isinstance(y, Infinity) else infinity(negative)
    if isinstance(y, Infinity):
        return zero(negative)
    assert isinstance(x, Finite) and isinstance(y, Finite)
    return signed(algebra.divide(x.value, y.value), negative)


def reciprocal(env: Environment, x: Datum) -> Outcome:
    """1 / x."""
    return divide(env, Finite(mpq(1), False), x)


def sqrt(env: Environment, x: Datum) -> Outcome:
    """The square root; of -0 it is -0."""
    if is_zero(x):
        return x, 0
    if is_negative(x):
        return invalid()
    return (x, 0) if isinstance(x, Infinity) else number(algebra.square_root(finite_value(x)))


def rsqrt(env: Environment, x: Datum) -> Outcome:
    """1 / sqrt(x). Table 9.1: rSqrt(+-0) is an infinity of the same sign and divides by zero."""
    if is_zero(x):
        return pole(env, is_negative(x))
    if is_negative(x):
        return invalid()
    return zero() if isinstance(x, Infinity) else number(algebra.square_root(algebra.divide(mpq(1), finite_value(x))))


def hypot(env: Environment, x: Datum, y: Datum) -> Outcome:
    """sqrt(x^2 + y^2). Clause 9.2.1: with an infinite operand it is +infinity, even beside a quiet NaN; in P3109 a NaN makes it NaN."""
    nan = x if isinstance(x, NaN) else y if isinstance(y, NaN) else None
    if nan is not None and env.dialect is not Dialect.IEEE754:
        return nan, 0
    if isinstance(x, Infinity) or isinstance(y, Infinity):
        return infinity()
    if nan is not None:
        return nan, 0
    a, b = finite_value(x), finite_value(y)
    square = algebra.add(algebra.multiply(a, a), algebra.multiply(b, b))
    return number(algebra.square_root(square)) if square else zero()


def finite_value(x: Datum) -> Exact:
    """The value of a datum that is known to be finite."""
    assert isinstance(x, Finite)
    return x.value


def magnitude(x: Exact) -> Exact:
    """|x|."""
    return negate(x) if below_zero(x) else x


def remainder(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x - y n, n the integer nearest to x / y, the even one of two: clause 5.3.1. A zero has the sign of x."""
    return modulo(x, y, nearest=True)


def fmod(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x - y n, n the integer part of x / y: C23 7.12.10.1. A zero has the sign of x."""
    return modulo(x, y, nearest=False)


def modulo(x: Datum, y: Datum, nearest: bool) -> Outcome:
    """The remainder of a division whose quotient is rounded to nearest, or toward zero."""
    if isinstance(x, Infinity) or is_zero(y):
        return invalid()
    if isinstance(y, Infinity) or is_zero(x):
        return x, 0
    a, b = magnitude(finite_value(x)), magnitude(finite_value(y))
    twice, exact = floor_scaled(algebra.divide(a, b), 1)
    n = twice >> 1
    if nearest and twice & 1 and (not exact or n & 1):
        n += 1
    rest = algebra.add(a, algebra.multiply(mpq(-n), b))
    return signed(negate(rest) if is_negative(x) else rest, is_negative(x) != below_zero(rest))


OPERATIONS = (
    Operation("add", 2, add, "IEEE 754-2019 5.4.1", "x + y", ("addition", "+"), rational=operator.add, dyadic=dyadic.add, logarithmic=logarithms.add),
    Operation(
        "subtract",
        2,
        subtract,
        "IEEE 754-2019 5.4.1",
        "x - y",
        ("sub", "subtraction", "-"),
        rational=operator.sub,
        dyadic=dyadic.subtract,
        logarithmic=logarithms.subtract,
    ),
    Operation(
        "multiply",
        2,
        multiply,
        "IEEE 754-2019 5.4.1",
        "x y",
        ("mul", "multiplication", "*"),
        rational=operator.mul,
        dyadic=dyadic.multiply,
        logarithmic=logarithms.multiply,
    ),
    Operation(
        "divide",
        2,
        divide,
        "IEEE 754-2019 5.4.1",
        "x / y",
        ("div", "division", "/"),
        rational=operator.truediv,
        dyadic=dyadic.divide,
        logarithmic=logarithms.divide,
    ),
    Operation("sqrt", 1, sqrt, "IEEE 754-2019 5.4.1", "the square root of x", ("square_root",), dyadic=dyadic.sqrt, logarithmic=logarithms.sqrt),
    Operation(
        "fma",
        3,
        fma,
        "IEEE 754-2019 5.4.1",
        "x y + z, rounded once",
        ("fused_multiply_add", "mulAdd", "mul_add"),
        nans=NaNRule.SIGNALLING,
        rational=lambda x, y, z: x * y + z,
        dyadic=dyadic.fma,
        logarithmic=logarithms.fma,
    ),
    Operation("faa", 3, faa, "P3109 4.9", "x + y + z, rounded once", ("fused_add_add", "add3"), rational=lambda x, y, z: x + y + z, dyadic=dyadic.faa),
    Operation(
        "fmm",
        3,
        fmm,
        "Posit Standard (2022) 5.7",
        "x y z, rounded once",
        ("fused_multiply_multiply", "mul3"),
        rational=lambda x, y, z: x * y * z,
        dyadic=dyadic.fmm,
        logarithmic=logarithms.fmm,
    ),
    Operation("reciprocal", 1, reciprocal, "P3109 4.9", "1 / x", ("recip",), dyadic=dyadic.reciprocal, logarithmic=logarithms.reciprocal),
    Operation("rsqrt", 1, rsqrt, "IEEE 754-2019 9.2", "1 / sqrt(x)", ("rec_sqrt", "reciprocal_square_root"), logarithmic=logarithms.rsqrt),
    Operation("hypot", 2, hypot, "IEEE 754-2019 9.2", "sqrt(x^2 + y^2)", nans=NaNRule.SIGNALLING, dyadic=dyadic.hypot),
    Operation("remainder", 2, remainder, "IEEE 754-2019 5.3.1", "x - y n, n the integer nearest to x / y", ("rem", "ieee_remainder"), dyadic=dyadic.remainder),
    Operation("fmod", 2, fmod, "C23 7.12.10.1", "x - y n, n the integer part of x / y", ("mod",), dyadic=dyadic.fmod),
)
