"""Sums of powers of e and 2 against MPFR, and their algebra against that of polynomials."""

import gmpy2
from effort import examples
from gmpy2 import mpfr, mpq
from hypothesis import given
from hypothesis import strategies as st

from refmath import algebra
from refmath.exponentials import PowerSum, Term, floor_logarithm, logarithm, power_of_e, power_sum, rational_power_of_two, reciprocal, root
from refmath.reals import Exact, Real, floor_log2, floor_scaled, is_negative, negate, power_of_two

small = st.fractions(-8, 8, max_denominator=12).map(mpq)
coefficients = st.fractions(-50, 50, max_denominator=9).map(mpq)
sums = st.lists(st.tuples(small, small, coefficients), max_size=4)
PRECISION = 3000


def approximate(terms: list[tuple[mpq, mpq, mpq]]) -> mpfr:
    """The sum of q e^a 2^b to about 3,000 bits."""
    with gmpy2.context(precision=PRECISION):
        return sum((mpfr(q) * gmpy2.exp(mpfr(a)) * gmpy2.exp2(mpfr(b)) for a, b, q in terms), start=mpfr(0))


def agrees(x: Exact, y: mpfr) -> bool:
    """Whether an exact real and an approximation are the same to 1,000 bits behind the point; both are zero, or both are not."""
    if not isinstance(x, Real) and not x:
        return abs(mpq(y)) < power_of_two(-2000)
    n, _ = floor_scaled(x, 1000)
    negative = x.negative if isinstance(x, Real) else x < 0
    return abs((-1 if negative else 1) * n - mpq(y) * power_of_two(1000)) <= 2


@examples(200)
@given(sums)
def test_sums_have_the_value_of_their_terms(terms: list[tuple[mpq, mpq, mpq]]) -> None:
    """Whatever the terms, their sum is the number that MPFR sees, zero included."""
    assert agrees(power_sum(terms), approximate(terms))


@examples(200)
@given(sums, sums)
def test_algebra_is_exact(x: list[tuple[mpq, mpq, mpq]], y: list[tuple[mpq, mpq, mpq]]) -> None:
    """Sums, products and comparisons of sums are those of the numbers; (x + y) - y is x itself, and x y - y x is zero."""
    a, b = power_sum(x), power_sum(y)
    with gmpy2.context(precision=PRECISION):
        assert agrees(algebra.add(a, b), approximate(x) + approximate(y))
        assert agrees(algebra.multiply(a, b), approximate(x) * approximate(y))
        difference = approximate(x) - approximate(y)
    assert algebra.add(algebra.add(a, b), algebra.multiply(mpq(-1), b)) == a
    assert algebra.compare(a, b) == (0 if abs(mpq(difference)) < power_of_two(-2000) else gmpy2.sign(difference))


@examples(200)
@given(small, small, coefficients.filter(bool), sums)
def test_division_by_a_single_term_is_exact(a: mpq, b: mpq, q: mpq, x: list[tuple[mpq, mpq, mpq]]) -> None:
    """x / t times t is x, and 1 / (1 / t) is t."""
    t, number = power_sum([(a, b, q)]), power_sum(x)
    assert algebra.multiply(algebra.divide(number, t), t) == number
    inverse = reciprocal(t)
    assert inverse is not None and reciprocal(inverse) == t


@examples(200)
@given(small, small, st.integers(1, 30), st.integers(2, 5))
def test_roots_of_powers_are_powers(a: mpq, b: mpq, m: int, n: int) -> None:
    """The n-th root of (m e^a 2^b)^n is m e^a 2^b; that of 3 times a power of e is none."""
    assert root(power_sum([(n * a, n * b, mpq(m) ** n)]), n) == power_sum([(a, b, mpq(m))])
    assert root(power_sum([(a, b, mpq(3))]), n) is None


@examples(200)
@given(small, small.filter(bool), st.integers(-40, 40))
def test_logarithms_of_powers_are_rational_and_others_are_not(a: mpq, b: mpq, k: int) -> None:
    """ln e^a = a and log2 2^b = b; of 3, of e^a 2^b with b nonzero and of sums there is no rational logarithm."""
    assert logarithm(power_of_e(a), True) == a and logarithm(rational_power_of_two(b), False) == b
    assert logarithm(power_sum([(a, mpq(1, 3), mpq(1))]), True) is None
    assert logarithm(mpq(3) * power_of_two(k), False) is None and logarithm(power_sum([(a, mpq(0), mpq(1)), (a + 1, mpq(0), mpq(1))]), True) is None
    scaled = a * power_of_two(k)
    assert floor_logarithm(power_of_e(a), True, k) == (scaled.numerator // scaled.denominator, scaled.denominator == 1)


@examples(200)
@given(st.fractions(min_value=0, max_value=10**6).filter(bool).map(mpq), st.integers(-5, 300), st.booleans())
def test_floor_of_a_logarithm(x: mpq, k: int, natural: bool) -> None:
    """floor(log x 2^k) encloses the logarithm as MPFR sees it, exactly for powers of two alone."""
    found, exact = floor_logarithm(x, natural, k)
    with gmpy2.context(precision=2000):
        scaled = mpq((gmpy2.log if natural else gmpy2.log2)(mpfr(x))) * power_of_two(k)
    if exact:
        assert found == scaled
    else:
        assert found < scaled < found + 1 or (x < 1 and abs(scaled - found) < power_of_two(-1500))
    assert exact <= (x.numerator & (x.numerator - 1) == 0 and x.denominator & (x.denominator - 1) == 0)


def test_different_forms_of_one_number_are_one() -> None:
    """2^(3/2) is 2 2^(1/2); e^0 is the rational 1; sqrt(2) sqrt(2) is the rational 2; what cancels is the rational 0."""
    assert rational_power_of_two(mpq(3, 2)) == power_sum([(mpq(0), mpq(1, 2), mpq(2))])
    assert hash(rational_power_of_two(mpq(-1, 2))) == hash(power_sum([(mpq(0), mpq(1, 2), mpq(1, 2))]))
    half = rational_power_of_two(mpq(1, 2))
    for found, expected in ((power_of_e(mpq(0)), 1), (algebra.multiply(half, half), 2), (algebra.add(half, half.negated()), 0)):  # type: ignore[union-attr]
        assert found == expected and not isinstance(found, Real)


def test_they_are_written_as_powers() -> None:
    """e^(3/4), -2^(5/8), 3 e^-1 2^(1/3): exponents in lowest terms, a power of two within the exponent."""
    texts = {
        "e^(3/4)": power_of_e(mpq(3, 4)),
        "e^-2": power_of_e(mpq(-2)),
        "-2^(5/8)": power_sum([(mpq(0), mpq(5, 8), mpq(-1))]),
        "2^(-7/2)": rational_power_of_two(mpq(-7, 2)),
        "3 e^-1 2^(1/3)": power_sum([(mpq(-1), mpq(1, 3), mpq(3))]),
    }
    for text, x in texts.items():
        assert isinstance(x, PowerSum) and str(x) == text


def test_close_sums_narrow_until_they_decide() -> None:
    """e^(1/3) minus its 2,000-bit approximation has the right sign and size."""
    with gmpy2.context(precision=2000, round=gmpy2.RoundDown):
        near = mpq(gmpy2.exp(mpfr(mpq(1, 3))))
    difference = algebra.add(power_of_e(mpq(1, 3)), -near)
    assert isinstance(difference, PowerSum) and not difference.negative and floor_log2(difference) < -1990


def test_terms_that_no_enclosure_sees_beside_a_rational() -> None:
    """1 -+ 2^(-10^7 / 3), 3 - 2^(-10^7 / 3) - e^(-10^7): the side decides, at once, for leading bits and for logarithms."""
    tiny, tinier = (mpq(0), mpq(-(10**7), 3), mpq(1)), (-mpq(10**7), mpq(0), mpq(1))
    one, three = (mpq(0), mpq(0), mpq(1)), (mpq(0), mpq(0), mpq(3))
    below, above = power_sum([one, opposite(tiny)]), power_sum([one, tiny])
    two_thirds = power_sum([three, opposite(tiny), opposite(tinier)])
    assert floor_log2(below) == -1 and floor_log2(above) == 0 and floor_log2(two_thirds) == 1
    assert floor_scaled(below, 50) == ((1 << 50) - 1, False) and floor_scaled(above, 50) == (1 << 50, False)
    assert floor_scaled(two_thirds, 50) == ((3 << 50) - 1, False)
    assert floor_logarithm(below, False, 60) == (-1, False) == floor_logarithm(below, True, 60)
    assert floor_logarithm(above, False, 60) == (0, False) == floor_logarithm(above, True, 60)
    assert not is_negative(below) and floor_scaled(negate(below), 3) == (7, False)


def opposite(term: Term) -> Term:
    """The term with the other sign."""
    a, b, q = term
    return a, b, -q
