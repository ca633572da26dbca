"""Reals at the edges answer as the numbers that they stand for would, wherever those can be written out."""

from collections.abc import Callable

import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from refmath.enclosures import irrational, unproven
from refmath.errors import RefmathError
from refmath.extremes import Huge, LongRational, Near, Scaled, Tiny, long_rational, near, scaled
from refmath.intervals import Interval, Precision, enclose, exp
from refmath.reals import Irrational, Real, floor_log2, floor_scaled, sqrt


def never() -> Real:
    """An enclosure that must not be asked for."""
    raise AssertionError


def stand_in(x: mpq) -> Callable[[], Real]:
    """A real that answers as a rational does."""

    class Rational(Real):
        negative = False

        def floor_log2(self) -> int:
            return floor_log2(x)

        def floor_scaled(self, k: int) -> tuple[int, bool]:
            return floor_scaled(x, k)[0], False

    return Rational


@examples(400)
@given(st.fractions(0, 4, max_denominator=1 << 12).filter(bool).map(mpq), st.sampled_from([1, -1]), st.integers(-80, -20), st.integers(-5, 90))
def test_near_answers_as_a_number_beside_its_anchor(anchor: mpq, side: int, gap: int, k: int) -> None:
    """Any distance below 2^gap gives the same floor, or the enclosure is asked."""
    x = anchor + side * mpq(3, 4) * mpq(2) ** gap
    if x <= 0:
        return
    found = Near(anchor, side, gap, False, stand_in(x))
    assert found.floor_log2() == floor_log2(x)
    assert found.floor_scaled(k) == (floor_scaled(x, k)[0], False)
    assert found.negated().negative and found.negated().floor_scaled(k) == found.floor_scaled(k)


def test_near_at_a_distance_that_cannot_be_written() -> None:
    """1 - 2^(-10^30) and 2 + 2^(-10^30) know their bits without a digit of the distance."""
    below, above = near(mpq(1), -1, -(10**30), never), near(mpq(-2), 1, -(10**30), never)
    assert (below.floor_log2(), below.floor_scaled(0), below.floor_scaled(50)) == (-1, (0, False), ((1 << 50) - 1, False))
    assert (above.negative, above.floor_log2(), above.floor_scaled(3)) == (True, 1, (16, False))


def test_near_an_irrational() -> None:
    """Beside an irrational anchor the anchor's own digits decide."""
    root = sqrt(mpq(2))
    found = near(root, 1, -(10**9), never)
    assert found.floor_log2() == 0
    for k in (0, 10, 200):
        assert found.floor_scaled(k) == (root.floor_scaled(k)[0], False)


@examples(200)
@given(st.fractions(0, 100, max_denominator=1000).filter(bool).map(mpq), st.integers(-300, 300), st.integers(-40, 40))
def test_scaled_answers_as_the_product(x: mpq, n: int, k: int) -> None:
    """x 2^n has the floors of the product; beyond what can be written it is refused, far below it is 0."""
    product = x * mpq(2) ** n
    found = Scaled(x, n)
    assert found.floor_log2() == floor_log2(product)
    assert found.floor_scaled(k) == floor_scaled(product, k)
    assert found.equals(product) and not found.equals(product * mpq(3, 2)) and not found.equals(product * 2)
    assert scaled(x, n) == product
    far = scaled(x, 10**18)
    assert isinstance(far, Scaled) and far.floor_log2() == floor_log2(x) + 10**18
    with pytest.raises(RefmathError, match="cannot be written out"):
        far.floor_scaled(0)
    assert scaled(x, -(10**18)).floor_scaled(5) == (0, False)  # type: ignore[union-attr]


def test_huge_and_tiny_lie_beyond_every_format() -> None:
    """They know their side and that they are not exact; no digit of them can be asked for."""
    huge, tiny = Huge(True), Tiny(False)
    assert huge.floor_log2() > 1 << 50 and tiny.floor_log2() < -(1 << 50)
    assert tiny.floor_scaled(1 << 40) == (0, False)
    assert huge.negative and not huge.negated().negative and tiny.negated().negative
    for real, k in ((huge, 0), (tiny, 1 << 61)):
        with pytest.raises(RefmathError, match="cannot be written out"):
            real.floor_scaled(k)


def test_a_long_rational_is_written_only_where_all_its_bits_are_asked_for() -> None:
    """3^1000 answers by its leading bits, and exactly where more are asked for than it has."""
    written = []

    def write() -> mpq:
        written.append(True)
        return mpq(3) ** 1000

    def enclosed(p: Precision) -> Interval:
        return Interval(enclose(mpq(3) ** 1000 - 1, p).lo, enclose(mpq(3) ** 1000 + 1, p).hi, p)

    found = LongRational(irrational(enclosed), 1585, write)
    assert found.floor_log2() == floor_log2(mpq(3) ** 1000) == 1584
    assert found.floor_scaled(-1500) == (floor_scaled(mpq(3) ** 1000, -1500)[0], False)
    assert not found.equals(mpq(3) ** 999) and not written
    assert found.floor_scaled(0) == (3**1000, True)
    assert found.equals(mpq(3) ** 1000) and written
    assert isinstance(long_rational(Huge(False), 10**30, write), Huge)


def test_what_is_not_proven_is_given_up_in_a_sentence() -> None:
    """A value that agrees with a boundary to 2^15 bits, of a function whose rationality is unknown, is refused; one that is proven irrational is not asked that."""
    one = unproven(lambda p: exp(enclose(mpq(0), p)) + Interval(p.down.div_2exp(-1, p.bits), p.up.div_2exp(1, p.bits), p), "this value")
    assert isinstance(one, Irrational)
    with pytest.raises(RefmathError, match=r"this value agrees with a value where its rounding changes to .* bits"):
        one.floor_scaled(3)
