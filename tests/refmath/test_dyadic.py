"""Results on pairs (n, e) are what fractions say they are: sums, products, quotients, roots and remainders, at every scale."""

import random
from collections.abc import Callable
from fractions import Fraction
from math import floor, isqrt

import pytest

from refmath import dyadic
from refmath.dyadic import Pair
from refmath.reals import Real

Exact = Callable[..., Fraction]


def number(x: Pair) -> Fraction:
    """n 2^e."""
    return x[0] * Fraction(2) ** x[1]


def nearest(x: Fraction) -> int:
    """The nearest integer, the even one of two."""
    return round(x)


def remainder(x: Fraction, y: Fraction) -> Fraction:
    """The definition."""
    return x - y * nearest(x / y)


def fmod(x: Fraction, y: Fraction) -> Fraction:
    """The definition."""
    q = abs(x / y)
    return x - y * floor(q) * (1 if (x < 0) == (y < 0) else -1)


FUNCTIONS: dict[str, tuple[Callable[..., Real | None], Exact, int]] = {
    "add": (dyadic.add, lambda x, y: x + y, 2),
    "subtract": (dyadic.subtract, lambda x, y: x - y, 2),
    "multiply": (dyadic.multiply, lambda x, y: x * y, 2),
    "divide": (dyadic.divide, lambda x, y: x / y, 2),
    "fma": (dyadic.fma, lambda x, y, z: x * y + z, 3),
    "faa": (dyadic.faa, lambda x, y, z: x + y + z, 3),
    "fmm": (dyadic.fmm, lambda x, y, z: x * y * z, 3),
    "remainder": (dyadic.remainder, remainder, 2),
    "fmod": (dyadic.fmod, fmod, 2),
    "reciprocal": (dyadic.reciprocal, lambda x: 1 / x, 1),
    "same": (dyadic.same, lambda x: x, 1),
}


def drawn(draws: random.Random) -> Pair:
    """A pair of a small or a large number, and a near or a far exponent."""
    n = draws.getrandbits(draws.choice((2, 8, 60)))
    return (-n if draws.random() < 0.5 else n), draws.randint(-4, 4) if draws.random() < 0.7 else draws.randint(-200, 200)


def holds(found: Real, exact: Fraction) -> bool:
    """Whether a real answers as a fraction does."""
    size = abs(exact)
    e = found.floor_log2()
    answers = all(found.floor_scaled(k) == (floor(size * Fraction(2) ** k), (size * Fraction(2) ** k).denominator == 1) for k in (-e - 3, -e, 5 - e, 70 - e, 0))
    return answers and Fraction(2) ** e <= size < Fraction(2) ** (e + 1) and found.negative == (exact < 0) and found.negated().negative == (exact > 0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_those_of_fractions(name: str) -> None:
    """Exponent of the leading bit, floors at several scales, their exactness, and the sign; nothing where the result is zero, or there is none."""
    function, exact, arity = FUNCTIONS[name]
    draws = random.Random(7)
    numbers = 0
    for _ in range(2000):
        operands = [drawn(draws) for _ in range(arity)]
        try:
            expected = exact(*map(number, operands))
        except ZeroDivisionError:
            expected = Fraction(0)
        found = function(*operands)
        if not expected:
            assert found is None
            continue
        assert found is not None and holds(found, expected), operands
        assert found.equals(abs(expected)) and not found.equals(abs(expected) + 1)  # type: ignore[arg-type]
        numbers += 1
    assert numbers > 800


def test_roots_are_those_of_integers() -> None:
    """floor(sqrt(x) 2^k) is the integer root of floor(x 4^k), exact for squares alone."""
    draws = random.Random(8)
    squares = 0
    for _ in range(2000):
        n, e = drawn(draws)
        if draws.random() < 0.3:
            n, e = n * n, 2 * e
        found = dyadic.sqrt((n, e))
        if n <= 0:
            assert found is None
            continue
        assert found is not None
        x = number((n, e))
        low = Fraction(2) ** found.floor_log2()
        assert low * low <= x < 4 * low * low
        for k in (-found.floor_log2(), 3 - found.floor_log2(), 64 - found.floor_log2()):
            scaled = x * Fraction(4) ** k
            root = isqrt(floor(scaled))
            assert found.floor_scaled(k) == (root, root * root == scaled)
            squares += root * root == scaled
    assert squares > 300


def test_hypotenuses_are_roots_of_sums_of_squares() -> None:
    """floor(sqrt(x^2 + y^2) 2^k) by integers."""
    draws = random.Random(9)
    for _ in range(1000):
        x, y = drawn(draws), drawn(draws)
        square = number(x) ** 2 + number(y) ** 2
        found = dyadic.hypot(x, y)
        if not square:
            assert found is None
            continue
        assert found is not None and not found.negative
        k = 40 - found.floor_log2()
        root = isqrt(floor(square * Fraction(4) ** k))
        assert found.floor_scaled(k) == (root, root * root == square * Fraction(4) ** k)


def test_terms_far_apart_are_left_to_others() -> None:
    """No sum is written out whose terms lie more than a million bits apart."""
    far = dyadic.MAX_SHIFT + 1
    assert dyadic.add((1, far), (1, 0)) is None and dyadic.subtract((1, 0), (1, far)) is None
    assert dyadic.fma((1, far), (1, 0), (1, 0)) is None and dyadic.faa((1, far), (1, 0), (1, 0)) is None
    assert dyadic.remainder((1, far), (3, 0)) is None
