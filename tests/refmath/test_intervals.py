"""Intervals enclose: whatever is computed of points inside lies inside the result, and results are not much wider than they must be."""

from collections.abc import Callable

import gmpy2
import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from refmath import intervals
from refmath.errors import RefmathError
from refmath.intervals import Interval, UndecidedError, enclose, precision
from refmath.reals import sqrt

rationals = st.fractions(-1000, 1000, max_denominator=10**6).map(mpq) | st.integers(-64, 64).map(lambda n: mpq(n, 16))
bits = st.integers(20, 90)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[mpq, mpq, mpq]:
    """Two bounds and a rational between them."""
    low, high = sorted((draw(rationals), draw(rationals)))
    part = draw(st.fractions(0, 1))
    return low, high, low + (high - low) * mpq(part)


def around(low: mpq, high: mpq, working: int) -> Interval:
    p = precision(working)
    return Interval(enclose(low, p).lo, enclose(high, p).hi, p)


@examples(300)
@given(boxes(), boxes(), bits)
def test_arithmetic_encloses(x: tuple[mpq, mpq, mpq], y: tuple[mpq, mpq, mpq], working: int) -> None:
    """Sums, differences, products and quotients of points lie in those of their intervals, whose bounds are those of the corners, rounded outward."""
    a, b = around(*x[:2], working), around(*y[:2], working)
    operations: list[Callable[..., object]] = [lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q]
    if not y[0] <= 0 <= y[1]:
        operations.append(lambda p, q: p / q)
    else:
        with pytest.raises(UndecidedError):
            a / b
    for operation in operations:
        found = operation(a, b)
        assert isinstance(found, Interval)
        corners = [operation(p, q) for p in x[:2] for q in y[:2]]
        slack = mpq(1, 1 << (working - 6)) * max(1, *(abs(corner) for corner in corners), abs(x[0]), abs(x[1]), abs(y[0]), abs(y[1]))
        assert min(corners) - slack <= mpq(found.lo) <= operation(x[2], y[2]) <= mpq(found.hi) <= max(corners) + slack


@examples(200)
@given(boxes(), st.integers(-9, 9), bits)
def test_integers_mix_with_intervals(x: tuple[mpq, mpq, mpq], n: int, working: int) -> None:
    """Integers on either side of an operator are exact points."""
    a = around(*x[:2], working)
    for found, expected in ((a + n, x[2] + n), (n + a, x[2] + n), (a - n, x[2] - n), (n - a, n - x[2]), (a * n, x[2] * n), (n * a, x[2] * n), (-a, -x[2])):
        assert mpq(found.lo) <= expected <= mpq(found.hi)


@examples(100)
@given(rationals, bits)
def test_a_rational_is_enclosed(x: mpq, working: int) -> None:
    """A dyadic rational is a point; any other lies strictly between bounds that are an ulp apart."""
    found = enclose(x, precision(working))
    if x.denominator & (x.denominator - 1) == 0:
        assert mpq(found.lo) == mpq(found.hi) == x
    else:
        assert mpq(found.lo) < x < mpq(found.hi)
        assert mpq(found.hi) - mpq(found.lo) <= abs(x) / (1 << (working - 2))


TURNING = {"sin": (intervals.sin, gmpy2.sin), "cos": (intervals.cos, gmpy2.cos), "tan": (intervals.tan, gmpy2.tan), "gamma": (intervals.gamma, gmpy2.gamma)}


@pytest.mark.parametrize("name", TURNING)
def test_functions_that_turn(name: str) -> None:
    """On short intervals that may contain an extremum or a pole, either nothing is said or every value in between is enclosed."""
    function, exact = TURNING[name]
    p = precision(60)
    undecided = 0
    for i in range(-90, 300):
        low, high = mpq(i, 17), mpq(i, 17) + mpq(1, 5)
        try:
            found = function(around(low, high, 60))
        except UndecidedError:
            undecided += 1
            continue
        with gmpy2.context(precision=80):
            for j in range(21):
                value = exact(enclose(low + (high - low) * j / 20, p).lo)
                assert found.lo - 1e-12 <= value <= found.hi + 1e-12, (name, low, j)
    assert 5 < undecided < 200


def test_an_irrational_is_enclosed() -> None:
    """A real that narrows becomes an interval of as many bits as are asked for."""
    root = sqrt(mpq(2))
    for x, negative in ((root, False), (root.negated(), True)):
        found = enclose(x, precision(100))
        low, high = sorted((mpq(found.lo) ** 2, mpq(found.hi) ** 2))
        assert low < 2 < high
        assert high - low < mpq(1, 1 << 90)
        assert (found.hi < 0) == negative


def test_operands_beyond_mpfr_are_refused() -> None:
    """An exponent that MPFR has no number for is an error in a sentence."""
    with pytest.raises(RefmathError, match="beyond what functions can be computed of"):
        enclose(mpq(1, gmpy2.mpz(1) << (1 << 29) + 5), precision(64))
