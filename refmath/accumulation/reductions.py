"""The reductions of IEEE 754-2019 clause 9.4: exact results, to be rounded once.

The standard lets an implementation associate in any order and evaluate in any wider format; here intermediate results neither round nor overflow. A reduction of no elements
is +0, a scaled product of none is 1 with the scale factor 0.

A scaled product is the pair (pr, sf) with pr 2^sf the product: here 1 <= |pr| < 2 before it is rounded; sf = 0 for a zero, an infinity and a NaN.
"""

from collections.abc import Callable, Sequence
from functools import reduce

from refmath import algebra
from refmath.accumulation.terms import exact_product, exact_sum, signals
from refmath.datum import ZERO, Datum, Finite, Infinity, NaN, finite
from refmath.operations.arithmetic import opposite
from refmath.operations.environment import ONE, Environment, Outcome
from refmath.operations.operation import quieted
from refmath.reals import Exact, floor_log2, power_of_two

Scaled = tuple[Datum, int, int]
"""pr, sf and the flags of special cases."""


def total(environment: Environment, xs: Sequence[Datum]) -> Outcome:
    """sum: the sum of x_i."""
    return exact_sum(environment, xs) if xs else (ZERO, 0)


def dot(environment: Environment, xs: Sequence[Datum], ys: Sequence[Datum]) -> Outcome:
    """dot: the sum of x_i y_i."""
    products = [exact_product(x, y) for x, y in zip(xs, ys, strict=True)]
    nans = [x for pair in zip(xs, ys, strict=True) for x in pair if isinstance(x, NaN)]
    value, flags = total(environment, nans or [value for value, _ in products])
    return value, reduce(int.__or__, (more for _, more in products), flags)


def sum_square(environment: Environment, xs: Sequence[Datum]) -> Outcome:
    """sumSquare: the sum of x_i^2; +infinity where an element is infinite, even beside a NaN."""
    return _unless_infinite(xs, lambda: dot(environment, xs, xs))


def sum_abs(environment: Environment, xs: Sequence[Datum]) -> Outcome:
    """sumAbs: the sum of |x_i|; +infinity where an element is infinite, even beside a NaN."""
    return _unless_infinite(xs, lambda: total(environment, [opposite(x) if isinstance(x, Finite) and x.negative else x for x in xs]))


def _unless_infinite(xs: Sequence[Datum], otherwise: Callable[[], Outcome]) -> Outcome:
    if any(isinstance(x, Infinity) for x in xs):
        return Infinity(False), 0
    return otherwise()


def scaled_product(environment: Environment, xs: Sequence[Datum]) -> Scaled:
    """scaledProd: the product of x_i. NaN where an element is, invalid for an infinity beside a zero."""
    nans = [x for x in xs if isinstance(x, NaN)]
    value, flags = _product(nans or xs)
    if not isinstance(value, Finite) or not value.value:
        return value, 0, flags
    sf = floor_log2(value.value)
    return _scaled_down(value.value, sf), sf, flags


def _product(xs: Sequence[Datum]) -> Outcome:
    """The exact product, by halves of halves, so that its factors are of like size."""
    values, flags = list(xs) or [ONE], reduce(int.__or__, map(signals, xs), 0)
    while len(values) > 1:
        pairs = [exact_product(x, y) for x, y in zip(values[::2], values[1::2], strict=False)]
        flags = reduce(int.__or__, (more for _, more in pairs), flags)
        values = [value for value, _ in pairs] + values[len(pairs) * 2 :]
    return quieted(values[0]) if isinstance(values[0], NaN) else values[0], flags


def _scaled_down(x: Exact, sf: int) -> Datum:
    return finite(algebra.multiply(x, power_of_two(-sf)))


def scaled_product_of_sums(environment: Environment, xs: Sequence[Datum], ys: Sequence[Datum]) -> Scaled:
    """scaledProdSum: the product of x_i + y_i; infinities of unlike sign in one sum are invalid."""
    return _scaled_product_of(environment, [(x, y) for x, y in zip(xs, ys, strict=True)])


def scaled_product_of_differences(environment: Environment, xs: Sequence[Datum], ys: Sequence[Datum]) -> Scaled:
    """scaledProdDiff: the product of x_i - y_i; infinities of like sign in one difference are invalid."""
    return _scaled_product_of(environment, [(x, opposite(y) if isinstance(y, Finite | Infinity) else y) for x, y in zip(xs, ys, strict=True)])


def _scaled_product_of(environment: Environment, pairs: Sequence[tuple[Datum, Datum]]) -> Scaled:
    sums = [exact_sum(environment, pair) for pair in pairs]
    value, sf, flags = scaled_product(environment, [value for value, _ in sums])
    return value, sf, reduce(int.__or__, (more for _, more in sums), flags)


REDUCTIONS: dict[str, Callable[..., Outcome]] = {"sum": total, "dot": dot, "sumSquare": sum_square, "sumAbs": sum_abs}
"""The reductions that deliver one number, by the names of the standard."""

SCALED_PRODUCTS: dict[str, Callable[..., Scaled]] = {
    "scaledProd": scaled_product,
    "scaledProdSum": scaled_product_of_sums,
    "scaledProdDiff": scaled_product_of_differences,
}
"""Those that deliver a number and a scale factor."""

TWO_VECTORS = ("dot", "scaledProdSum", "scaledProdDiff")
"""Those that take two vectors."""
