"""Activation functions of neural networks, as the real functions that they stand for: one rounding, whatever a library composes them of.

- sigmoid: 1 / (1 + e^-x). Transcendental at every nonzero rational (Lindemann).
- softplus: ln(1 + e^x), P3109 section 4.10. Irrational at every rational: a rational r would make e^r - e^x - 1 vanish (Lindemann and Weierstrass).
- silu: x sigmoid(x). Transcendental at every nonzero rational.
- gelu: x Phi(x) = x erfc(-x / sqrt 2) / 2; gelu_tanh: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. Nothing is proven of these two.

At -infinity silu and the gelus have their limit, -0.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath import intervals
from refmath.algebra import multiply
from refmath.datum import Datum, Infinity
from refmath.enclosures import irrational, power_of_two, unproven
from refmath.extremes import Tiny, near
from refmath.intervals import Interval, Precision, enclose, pi
from refmath.operations.arithmetic import is_zero
from refmath.operations.environment import Environment, Outcome, infinity, number, zero
from refmath.operations.functions import LIMIT, SPLIT, in_bits, ln2, real, side, vanishing
from refmath.operations.integral import exact_value
from refmath.operations.operation import Operation
from refmath.operations.special import erfc_of, gaussian
from refmath.reals import Exact, Real, floor_log2

HALF = mpq(1, 2)
CUBIC = mpq(44715, 1_000_000)
"""The coefficient of gelu_tanh."""


def activation(
    function: Callable[[Exact], Exact], at_zero: Callable[[Datum], Outcome], below: Outcome, above: Outcome
) -> Callable[[Environment, Datum], Outcome]:
    """The operation with its limits at the infinities and its value at zeros."""

    def operation(env: Environment, x: Datum) -> Outcome:
        if isinstance(x, Infinity):
            return below if x.negative else above
        return at_zero(x) if is_zero(x) else number(function(exact_value(x)))

    return operation


def itself(x: Datum) -> Outcome:
    """A zero stays as it is."""
    return x, 0


def sigmoid(x: Exact) -> Exact:
    """1 / (1 + e^-x) of a nonzero x."""
    e = floor_log2(x)

    def body() -> Real:
        return real(lambda p: 1 / (1 + intervals.exp(-enclose(x, p))), "sigmoid", x)

    if e < 0:
        return near(HALF, side(x), e, body)
    if side(x) > 0:
        return near(mpq(1), -1, vanishing(e), body)
    return far_below(x, e, lambda p, power: 1 / (1 + power)) if e >= SPLIT else body()


def far_below(x: Exact, e: int, factor: Callable[[Precision, Interval], Interval]) -> Real:
    """e^x factor(e^x) of an x far below zero."""
    if e >= LIMIT:
        return Tiny(False)
    return power_of_two(in_bits(x), lambda p: factor(p, intervals.exp(enclose(x, p))))


def softplus(x: Exact) -> Exact:
    """ln(1 + e^x) of a nonzero x. With z = e^x, ln(1 + z) / z lies between 1 - z and 1."""
    e = floor_log2(x)

    def body() -> Real:
        return real(lambda p: intervals.log1p(intervals.exp(enclose(x, p))), "softplus", x)

    if side(x) > 0:
        return near(x, 1, vanishing(e), body) if e >= 0 else body()
    return far_below(x, e, lambda p, power: Interval((1 - power).lo, enclose(mpq(1), p).hi, p)) if e >= SPLIT else body()


def silu(x: Exact) -> Exact:
    """x / (1 + e^-x) of a nonzero x."""
    e = floor_log2(x)

    def body() -> Real:
        return real(lambda p: enclose(x, p) / (1 + intervals.exp(-enclose(x, p))), "silu", x)

    if side(x) < 0 and e >= SPLIT:
        return far_below(x, e, lambda p, power: -enclose(x, p) / (1 + power)).negated()
    return between(x, e, e + 1 + vanishing(e), body)


def between(x: Exact, e: int, gap: int, body: Callable[[], Real]) -> Real:
    """A function that is nearly x / 2 for small x, on the greater side, with |f(x) - x / 2| < x^2 / 2, and nearly x, from below, for large ones."""
    if side(x) < 0 and e >= -1:
        return body()
    return near(multiply(x, HALF), side(x), 2 * e + 1, body) if e < -1 else near(x, -1, gap, body) if e > 0 else body()


def gelu(x: Exact) -> Exact:
    """x erfc(-x / sqrt 2) / 2 of a nonzero x."""
    e = floor_log2(x)

    def argument(p: Precision) -> Interval:
        return -enclose(x, p) / intervals.sqrt(intervals.point(2, p))

    def body() -> Real:
        return unproven(lambda p: enclose(x, p) * erfc_of(argument(p)) / 2, "gelu of this operand")

    if side(x) < 0 and 2 * e >= SPLIT:
        return gaussian(argument, multiply(HALF, multiply(x, x)), 2 * e - 1, lambda p: -enclose(x, p) / 2).negated()
    return between(x, e, e + vanishing(2 * e - 1), body)


def gelu_tanh(x: Exact) -> Exact:
    """x / (1 + e^-z), z = 2 sqrt(2 / pi) (x + 0.044715 x^3), of a nonzero x: |z| exceeds |x|, and 2^-4 |x|^3."""
    e = floor_log2(x)

    def z(p: Precision) -> Interval:
        inner = enclose(x, p) * (1 + enclose(CUBIC, p) * enclose(x, p) * enclose(x, p))
        return inner * 2 * intervals.sqrt(2 / pi(p))

    def body() -> Real:
        return unproven(lambda p: enclose(x, p) / (1 + intervals.exp(-z(p))), "gelu_tanh of this operand")

    if side(x) < 0 and 3 * e >= SPLIT:
        if 3 * e - 4 >= LIMIT:
            return Tiny(True)
        return power_of_two(lambda p: z(p) / ln2(p), lambda p: -enclose(x, p) / (1 + intervals.exp(z(p))), "gelu_tanh of this operand").negated()
    return between(x, e, e + 1 + min(vanishing(e), vanishing(3 * e - 4)), body)


OPERATIONS = (
    Operation("sigmoid", 1, activation(sigmoid, lambda x: number(mpq(1, 2)), zero(), number(mpq(1))), "sigmoid", "1 / (1 + e^-x)", ("logistic",)),
    Operation("softplus", 1, activation(softplus, lambda x: number(irrational(ln2)), zero(), infinity()), "P3109 4.10", "ln(1 + e^x)"),
    Operation("silu", 1, activation(silu, itself, zero(True), infinity()), "silu", "x / (1 + e^-x)", ("swish",)),
    Operation("gelu", 1, activation(gelu, itself, zero(True), infinity()), "gelu", "x Phi(x)", ("gelu_erf",)),
    Operation("gelu_tanh", 1, activation(gelu_tanh, itself, zero(True), infinity()), "gelu", "gelu by its approximation with tanh"),
)
