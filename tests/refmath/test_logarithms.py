"""Floors of logarithms of sums, products and roots of powers of 2 and of e are what 3,000 bits of mpmath say they are, at every scale and distance."""

import random
from fractions import Fraction
from math import floor

import mpmath
import pytest
from gmpy2 import mpq

from refmath import algebra, logarithms
from refmath.exponentials import PowerSum, floor_logarithm
from refmath.logarithms import Logarithm, Power, Sum

BITS = 3000
"""Beyond every distance that is drawn, so that a floor is decided unless a logarithm is exact."""


def logarithm(natural: bool, *terms: Power) -> mpmath.mpf:
    """log_b of the magnitude of the sum of powers."""
    exponents = [mpmath.mpf(x.n) / mpmath.mpf(2) ** x.k for x in terms]
    most = max(exponents)
    total = sum((-1 if x.negative else 1) * (mpmath.exp(e - most) if natural else mpmath.power(2, e - most)) for x, e in zip(terms, exponents, strict=True))
    return most + (mpmath.log(abs(total)) if natural else mpmath.log(abs(total)) / mpmath.log(2))


def drawn(draws: random.Random, natural: bool) -> Power:
    """A power with a logarithm of few or of many bits, near zero or farther from it; no farther than the digits of ``logarithm`` reach."""
    k = draws.choice((0, 2, 27, 60))
    n = draws.getrandbits(min(k + 9, draws.choice((1, 4, 30, 66))))
    return Power(draws.choice((n, -n, n - (200 << k))), k, natural, draws.random() < 0.5)


def beside(draws: random.Random, x: Power) -> Power:
    """A power that is near to x, or so far that it hardly counts."""
    return Power(x.n - draws.choice((0, 1, 2, 1 << x.k, 1 << max(0, x.k - 9), draws.randint(20, 400) << x.k)), x.k, x.natural, draws.random() < 0.5)


@pytest.mark.parametrize("natural", [False, True])
def test_sums(natural: bool) -> None:
    """Sums of two powers, at scales around those of their logarithms; the sums that are powers are exact, and no other."""
    draws = random.Random(3)
    kinds = {Power: 0, Sum: 0}
    with mpmath.workprec(BITS):
        for _ in range(1500):
            x = drawn(draws, natural)
            y = beside(draws, x) if draws.random() < 0.6 else drawn(draws, natural)
            found = logarithms.add(x, y)
            if found is None:
                assert Fraction(x.n, 1 << x.k) == Fraction(y.n, 1 << y.k) and x.negative != y.negative
                continue
            kinds[type(found)] += 1
            assert found.negative == (x if Fraction(x.n, 1 << x.k) >= Fraction(y.n, 1 << y.k) else y).negative
            expected = logarithm(natural, x, y)
            for j in (0, 5, x.k, y.k + 1, 70, 130):
                value, exact = found.floor(j)
                same = logarithms.known_logarithm(found.form(), natural)
                if same is None:  # the two terms are alike but for a rational, and make one
                    assert isinstance(found, Sum) and (found.d == 0 if natural else found.d % (1 << found.k) == 0)
                else:
                    assert same.floor(j) == (value, exact)
                scaled = expected * mpmath.mpf(2) ** j
                assert exact == (isinstance(found, Power) and Fraction(found.n << j, 1 << found.k).denominator == 1)
                near = mpmath.nint(scaled)
                assert value == (int(near) if abs(scaled - near) < mpmath.mpf(2) ** -2000 else int(mpmath.floor(scaled))), (x.n, x.k, y.n, y.k, natural, j)
                assert found.negated().negative != found.negative
    assert kinds[Sum] > 500 and (kinds[Power] > 30) == (not natural)


@pytest.mark.parametrize("natural", [False, True])
def test_products_quotients_and_roots(natural: bool) -> None:
    """Logarithms add, subtract and halve: on fractions."""
    draws = random.Random(5)
    for _ in range(500):
        x, y, z = (drawn(draws, natural) for _ in range(3))
        a, b, c = (Fraction(p.n, 1 << p.k) for p in (x, y, z))
        results = {
            logarithms.multiply(x, y): a + b,
            logarithms.divide(x, y): a - b,
            logarithms.fmm(x, y, z): a + b + c,
            logarithms.reciprocal(x): -a,
            logarithms.sqrt(Power(x.n, x.k, natural, False)): a / 2,
            logarithms.rsqrt(Power(x.n, x.k, natural, False)): -a / 2,
        }
        for found, exponent in results.items():
            assert found is not None
            for j in (0, 13, 61, 80):
                assert found.floor(j) == (floor(exponent * 2**j), (exponent * 2**j).denominator == 1)
        assert logarithms.multiply(x, y).negative == (x.negative != y.negative) == logarithms.divide(x, y).negative
        assert logarithms.sqrt(Power(x.n, x.k, natural, True)) is None and logarithms.rsqrt(Power(x.n, x.k, natural, True)) is None


@pytest.mark.parametrize("natural", [False, True])
def test_what_any_real_answers(natural: bool) -> None:
    """Leading bits, as other formats ask for them, and the logarithm to the other base, are those of the sum of powers."""
    draws = random.Random(9)
    with mpmath.workprec(BITS):
        for _ in range(100):
            x, y = drawn(draws, natural), drawn(draws, natural)
            x, y = (Power(p.n % (90 << p.k), p.k, natural, p.negative) for p in (x, y))
            found = logarithms.add(x, y)
            if found is None:
                continue
            assert isinstance(found, Logarithm)
            binary = logarithm(natural, x, y) / (mpmath.log(2) if natural else 1)
            e = found.floor_log2()
            assert e == int(mpmath.floor(binary + mpmath.mpf(2) ** -2000))
            n, _ = found.floor_scaled(40 - e)
            assert n == int(mpmath.floor(mpmath.power(2, binary + 40 - e) + mpmath.mpf(2) ** -2000)) and n.bit_length() == 41
            assert logarithms.known_logarithm(found, not natural) is None and logarithms.known_logarithm(found, natural) is found
            if isinstance(found, Sum):
                assert found.floor(40) == floor_logarithm(found.form(), natural, 40)


@pytest.mark.parametrize("natural", [False, True])
def test_order(natural: bool) -> None:
    """Powers are in the order of their logarithms, by their signs, zero between them; of others nothing is said."""
    draws = random.Random(11)
    for _ in range(400):
        x, y = drawn(draws, natural), drawn(draws, natural)
        a, b = (Fraction(p.n, 1 << p.k) for p in (x, y))
        p, q = x.form(), y.form()
        keys = [(-1, -e) if z.negative else (1, e) for z, e in ((x, a), (y, b))]
        if keys[0] != keys[1]:
            assert logarithms.compare(p, q) == (1 if keys[0] > keys[1] else -1) == algebra.compare(p, q)
        assert logarithms.compare(p, mpq(0)) == (-1 if x.negative else 1) == -logarithms.compare(mpq(0), p)
        if isinstance(p, PowerSum) and natural and not x.negative:
            assert logarithms.compare(p, mpq(3)) is None
