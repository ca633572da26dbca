"""Powers and roots: IEEE 754-2019 clause 9.2 and table 9.1.

Exact cases: of positive rationals x and y = p / q in lowest terms, x^y is rational exactly when x is the q-th power of a rational. A rational power of very many
digits is enclosed like an irrational one until all its digits are asked for.
"""

import gmpy2
from gmpy2 import mpq

from refmath import algebra, intervals
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.enclosures import power_of_two
from refmath.exponentials import power_sum, rational_power_of_two, terms_of
from refmath.extremes import Huge, Tiny, long_rational, near, scaled
from refmath.intervals import Interval, Precision, enclose
from refmath.operations.arithmetic import is_negative, is_zero, magnitude
from refmath.operations.environment import ONE, Dialect, Environment, Outcome, infinity, invalid, number, pole, signed, zero
from refmath.operations.functions import LIMIT, SPLIT, integer_log2, integer_of, real
from refmath.operations.integral import exact_value
from refmath.operations.logarithm import log2
from refmath.operations.operation import NaNRule, Operation, integer
from refmath.reals import Exact, Real, compare, floor_log2, negate, root
from refmath.reals import is_negative as below_zero

WRITTEN = 4096
"""Powers of at most so many bits are written out at once."""
MOST_ROOT = 64
"""Roots of at most this degree are integer roots."""


def positive_power(x: Exact, y: Exact) -> Exact:
    """x^y of a positive x and a nonzero y."""
    if isinstance(x, Real) or isinstance(y, Real):
        known = structured_power(x, y)
        return enclosed_power(x, y) if known is None else known
    if x == 1:
        return x
    base = perfect_root(x, int(y.denominator))
    return enclosed_power(x, y) if base is None else integer_power(base, int(y.numerator))


def perfect_root(x: mpq, n: int) -> mpq | None:
    """The n-th root of a positive rational where it is rational; a number other than 1 of fewer than n bits has none."""
    if n == 1:
        return x
    if n > max(x.numerator.bit_length(), x.denominator.bit_length()):
        return None
    (top, exact_top), (bottom, exact_bottom) = gmpy2.iroot(x.numerator, n), gmpy2.iroot(x.denominator, n)
    return mpq(top, bottom) if exact_top and exact_bottom else None


def integer_power(x: mpq, n: int) -> Exact:
    """x^n of a positive rational: written out where it is short."""
    twos = int(gmpy2.bit_scan1(x.numerator) or 0) - int(gmpy2.bit_scan1(x.denominator) or 0)
    odd = scaled(x, -twos)
    assert not isinstance(odd, Real)
    if odd == 1:
        return scaled(odd, twos * n)
    if abs(n) * max(odd.numerator.bit_length(), odd.denominator.bit_length()) <= WRITTEN:
        return scaled(odd**n, twos * n)
    whole = odd.denominator == 1 if n > 0 else odd.numerator == 1
    bits = abs(n) * (max(odd.numerator, odd.denominator).bit_length() - 1) if whole else 0
    return long_rational(enclosed_power(x, mpq(n)), bits, lambda: x**n)


def enclosed_power(x: Exact, y: Exact) -> Real:
    """x^y = 2^t with t = y log2 x, where it is not known to be rational."""
    n = integer_log2(x)
    what = "A power of operands that are not rational" if isinstance(x, Real) or isinstance(y, Real) else ""

    def exponent(p: Precision) -> Interval:
        return enclose(y, p) * (enclose(mpq(n), p) if n is not None else intervals.log2(enclose(x, p)))

    logarithm = log2(x)
    falling = below_zero(logarithm) != below_zero(y)
    e = floor_log2(y) + floor_log2(logarithm)
    if e >= LIMIT:
        return Tiny(False) if falling else Huge(False)
    if e >= SPLIT:
        return power_of_two(exponent, what=what)

    def body() -> Real:
        if n is None or isinstance(y, Real):
            return real(lambda p: intervals.exp2(exponent(p)), "power", x, y)
        made = rational_power_of_two(y * n)
        assert isinstance(made, Real)
        return made

    return near(mpq(1), -1 if falling else 1, e + 2, body)


def structured_power(x: Exact, y: Exact) -> Exact | None:
    """x^y of 1, and of a single power q e^a 2^b, which stays one where q is a power of two or y an integer; None for any other."""
    if not isinstance(x, Real):
        return x if x == 1 else None
    terms = terms_of(x)
    if isinstance(y, Real) or terms is None or len(terms) != 1:
        return None
    ((a, b, q),) = terms
    k, n = integer_log2(q), integer_of(y)
    if k is None:
        return power_sum([(a * y, b * y, q**n)]) if n is not None and abs(n) <= WRITTEN else None
    exponent = (b + k) * y
    whole = int(exponent.numerator // exponent.denominator)
    if not a:
        return scaled(rational_power_of_two(exponent - whole), whole)
    return power_sum([(a * y, exponent, mpq(1))]) if max(abs(a * y), abs(whole)) < 1 << SPLIT else None


def is_odd(y: Datum) -> bool:
    """Whether a datum is an odd integer."""
    n = integer_of(y.value) if isinstance(y, Finite) else None
    return n is not None and bool(n & 1)


def pow(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x^y for integers y of any x, and for any y of x >= 0. x^0 and 1^y are 1, even of a quiet NaN (in P3109 a NaN makes it NaN)."""
    nan = x if isinstance(x, NaN) else y if isinstance(y, NaN) else None
    if nan is not None and env.dialect is not Dialect.IEEE754:
        return nan, 0
    if is_zero(y) or x == ONE:
        return ONE, 0
    if nan is not None:
        return nan, 0
    negative = is_negative(x) and is_odd(y)
    if isinstance(x, Infinity):
        return zero(negative) if is_negative(y) else infinity(negative)
    if is_zero(x):
        return zero_power(env, y, negative)
    value = magnitude(exact_value(x))
    if isinstance(y, Infinity):
        return infinite_power(value, y)
    power = exact_value(y)
    if is_negative(x) and integer_of(power) is None:
        return invalid()
    result = positive_power(value, power)
    return signed(negate(result) if negative else result, negative)


def zero_power(env: Environment, y: Datum, negative: bool) -> Outcome:
    """0^y of a nonzero y: of -infinity an exact infinity, of other negative y a pole."""
    if not is_negative(y):
        return zero(negative)
    return infinity() if isinstance(y, Infinity) else pole(env, negative)


def infinite_power(x: Exact, y: Infinity) -> Outcome:
    """x^+-infinity of a positive x."""
    order = compare(x, mpq(1))
    if not order:
        return ONE, 0
    return zero() if (order < 0) != y.negative else infinity()


def powr(env: Environment, x: Datum, y: Datum) -> Outcome:
    """e^(y ln x), as the limits of that have it: 0^0, infinity^0 and 1^infinity are invalid, and so is every x < 0."""
    if is_negative(x) and not is_zero(x):
        return invalid()
    if is_zero(y):
        return invalid() if is_zero(x) or isinstance(x, Infinity) else (ONE, 0)
    if isinstance(x, Infinity):
        return zero() if is_negative(y) else infinity()
    if is_zero(x):
        return zero_power(env, y, False)
    if isinstance(y, Infinity):
        return invalid() if x == ONE else infinite_power(exact_value(x), y)
    return number(positive_power(exact_value(x), exact_value(y)))


def pown(env: Environment, x: Datum, n: Datum) -> Outcome:
    """x^n for an integer n."""
    return pow(env, x, n)


def rootn(env: Environment, x: Datum, n: Datum) -> Outcome:
    """x^(1/n) for an integer n; the real root of a negative x where n is odd."""
    k = integer(n)
    negative = is_negative(x) and bool(k & 1)
    if k == 0 or (is_negative(x) and not is_zero(x) and not k & 1):
        return invalid()
    if isinstance(x, Infinity):
        return zero(negative) if k < 0 else infinity(negative)
    if is_zero(x):
        return pole(env, negative) if k < 0 else zero(negative)
    result = positive_root(magnitude(exact_value(x)), k)
    return signed(negate(result) if negative else result, negative)


def positive_root(x: Exact, n: int) -> Exact:
    """x^(1/n) of a positive x."""
    if isinstance(x, Real) or not 1 < abs(n) <= MOST_ROOT or integer_log2(x) is not None:
        return positive_power(x, mpq(1, n))
    return root(x if n > 0 else 1 / x, abs(n))


def cbrt(env: Environment, x: Datum) -> Outcome:
    """The cube root."""
    return (x, 0) if isinstance(x, Infinity) or is_zero(x) else rootn(env, x, Finite(mpq(3), False))


def compound(env: Environment, x: Datum, n: Datum) -> Outcome:
    """(1 + x)^n for an integer n and x >= -1."""
    k = integer(n)
    if isinstance(x, NaN):
        return (ONE, 0) if k == 0 and env.dialect is Dialect.IEEE754 else (x, 0)
    if isinstance(x, Infinity):
        return invalid() if x.negative else (ONE, 0) if k == 0 else zero() if k < 0 else infinity()
    base = algebra.add(mpq(1), exact_value(x))
    if base and below_zero(base):
        return invalid()
    if k == 0:
        return ONE, 0
    if not base:
        return pole(env, False) if k < 0 else zero()
    return number(positive_power(base, mpq(k)))


OPERATIONS = (
    Operation("pow", 2, pow, "IEEE 754-2019 9.2", "x^y", ("power", "**", "^"), nans=NaNRule.SIGNALLING),
    Operation("powr", 2, powr, "IEEE 754-2019 9.2", "e^(y ln x)"),
    Operation("pown", 2, pown, "IEEE 754-2019 9.2", "x^n", nans=NaNRule.SIGNALLING, integers=(1,)),
    Operation("rootn", 2, rootn, "IEEE 754-2019 9.2", "x^(1/n)", ("root",), integers=(1,)),
    Operation("cbrt", 1, cbrt, "C23 7.12.7.1", "the cube root of x"),
    Operation("compound", 2, compound, "IEEE 754-2019 9.2", "(1 + x)^n", nans=NaNRule.SIGNALLING, integers=(1,)),
)
