"""Exact reals: what they say about their leading bit and their scaled floor, against integers and squares."""

from fractions import Fraction
from math import floor, isqrt

import pytest
from gmpy2 import mpq, mpz
from hypothesis import given
from hypothesis import strategies as st

from refmath.powers import ScaledPower, power, product, times_power_of_ten
from refmath.reals import Irrational, Real, compare, floor_log2, floor_scaled, is_negative, negate, root, sqrt

positive = st.fractions(min_value=Fraction(1, 10**30), max_value=10**30).filter(bool) | st.builds(
    lambda n, k: Fraction(n) * Fraction(2) ** k, st.integers(1, 2**70), st.integers(-300, 300)
)


def rational(x: Fraction) -> mpq:
    """The same number for the package."""
    return mpq(x.numerator, x.denominator)


@given(positive, st.integers(-400, 400))
def test_rationals_answer_as_fractions_do(x: Fraction, k: int) -> None:
    """floor(|x| 2^k) and its exactness; 2^e <= |x| < 2^(e + 1) for e = floor(log2 |x|); the sign does not matter."""
    scaled = x * Fraction(2) ** k
    for signed in (rational(x), -rational(x)):
        assert floor_scaled(signed, k) == (floor(scaled), scaled.denominator == 1)
        assert Fraction(2) ** floor_log2(signed) <= x < Fraction(2) ** (floor_log2(signed) + 1)


@given(positive, st.integers(-100, 200), st.integers(2, 7))
def test_roots_answer_as_their_powers_do(x: Fraction, k: int, n: int) -> None:
    """For y the n-th root of x: floor(y 2^k)^n <= x 2^(kn) < (floor(y 2^k) + 1)^n, and likewise for the leading bit."""
    y = root(rational(x), n)
    s, exact = floor_scaled(y, k)
    scaled = x * Fraction(2) ** (k * n)
    assert int(s) ** n <= scaled < (int(s) + 1) ** n
    assert exact == (int(s) ** n == scaled)
    assert Fraction(2) ** (n * floor_log2(y)) <= x < Fraction(2) ** (n * (floor_log2(y) + 1))


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(2, 5))
def test_perfect_powers_have_rational_roots(a: int, b: int, n: int) -> None:
    """The root of (a/b)^n is a/b, a rational."""
    assert root(mpq(a, b) ** n, n) == mpq(a, b)


@given(st.integers(2, 10**40))
def test_square_root_is_irrational_exactly_off_the_squares(n: int) -> None:
    """An integer has a rational square root exactly if it is a square."""
    assert isinstance(sqrt(mpq(n)), Irrational) == (isqrt(n) ** 2 != n)


@given(positive, positive)
def test_comparing_a_root_is_comparing_squares(x: Fraction, y: Fraction) -> None:
    """|sqrt(x)| against y, as x against y^2; also beside y, far from it and for zero."""
    s = sqrt(rational(x))
    for other in (y, Fraction(0), Fraction(int(floor_scaled(s, 200)[0]), 2**200), Fraction(int(floor_scaled(s, 200)[0]) + 1, 2**200)):
        assert compare(s, rational(other)) == (x > other**2) - (x < other**2)
    assert compare(negate(s), rational(y)) == compare(s, rational(y))


@pytest.mark.parametrize("k", [0, 32, 63, 64, 65, 128, 1000])
def test_comparing_great_irrationals_ends(k: int) -> None:
    """However great the number and however close its neighbours, the comparison narrows until it decides."""
    x = sqrt(mpq(2) * mpq(4) ** k)
    below = mpq(floor_scaled(x, 500)[0], mpz(1) << 500)
    assert (compare(x, below), compare(x, below + mpq(1, mpz(1) << 500))) == (1, -1)


def test_sign_is_kept_apart() -> None:
    """Negating changes the sign and nothing else, for irrationals too, before and after they were narrowed."""
    x = sqrt(mpq(2))
    assert isinstance(x, Real) and not is_negative(x) and is_negative(negate(x)) and not is_negative(negate(negate(x)))
    assert floor_scaled(negate(x), 500) == floor_scaled(x, 500)
    assert floor_scaled(negate(x), 10) == (1448, False)
    assert is_negative(mpq(-1, 3)) and negate(mpq(-1, 3)) == mpq(1, 3)


coprime_to_ten = st.integers(1, 10**20).map(lambda n: 10 * n + 1) | st.sampled_from([1, 3, 7, 9, 10**40 + 1])


@given(coprime_to_ten, st.integers(-80, 80), st.integers(-200, 200), st.integers(-500, 500))
def test_powers_not_written_out_answer_as_if_they_were(m: int, f: int, t: int, k: int) -> None:
    """m 5^f 2^t has the leading bit, scaled floor and exactness of the same number as a fraction."""
    x = Fraction(m) * Fraction(5) ** f * Fraction(2) ** t
    y = ScaledPower(mpz(m), f, t, False)
    assert floor_log2(y) == floor_log2(rational(x))
    assert floor_scaled(y, k) == floor_scaled(rational(x), k)
    assert compare(y, rational(x)) == 0
    assert is_negative(y.negated()) and floor_scaled(y.negated(), k) == floor_scaled(y, k)


@given(st.integers(1, 10**30), st.integers(-300, 300), st.integers(-300, 300), st.booleans())
def test_products_are_exact(m: int, f: int, t: int, negative: bool) -> None:
    """m 5^f 2^t with moderate exponents is the rational that it denotes."""
    x = Fraction(m) * Fraction(5) ** f * Fraction(2) ** t
    assert product(mpz(m), f, t, negative) == rational(-x if negative else x)
    assert power(10, t, mpz(m), negative) == rational(m * Fraction(10) ** t * (-1 if negative else 1))
    assert power(2, t, mpz(m)) == rational(m * Fraction(2) ** t)


@given(positive, st.integers(-50, 50), st.integers(0, 100))
def test_times_a_power_of_ten(x: Fraction, e: int, k: int) -> None:
    """Exact for rationals; for a root, what the root of the multiplied radicand gives."""
    assert times_power_of_ten(rational(-x), e) == rational(x * Fraction(10) ** e)
    shifted = sqrt(rational(x * Fraction(100) ** e))
    assert floor_scaled(times_power_of_ten(sqrt(rational(x)), e), k) == floor_scaled(shifted, k)


def test_gigantic_powers_cancel_exactly() -> None:
    """10^(10^9) times 10^-(10^9) is 1; 2^(10^9) keeps its bits."""
    giant = power(10, 10**9)
    assert isinstance(giant, ScaledPower) and (giant.base, giant.exponent, giant.mantissa) == (10, 10**9, 1)
    assert times_power_of_ten(giant, -(10**9)) == 1
    assert times_power_of_ten(power(10, -(10**9), mpz(75)), 10**9 - 1) == mpq(15, 2)
    two = power(2, -(10**9), mpz(12))
    assert isinstance(two, ScaledPower) and (two.base, two.exponent, two.mantissa) == (2, 2 - 10**9, 3)
    assert floor_scaled(two, 10**9 - 1) == (6, True) and floor_scaled(two, 10**9 - 4) == (0, False)
    assert floor_log2(two) == 3 - 10**9
