"""Takums against a decoder written from the definition, and against rounding by the word of one more bit."""

import random
from bisect import bisect_right

import gmpy2
import pytest
from effort import EFFORT
from gmpy2 import mpfr, mpq

from formats import parse
from formats.arithmetic import operation
from formats.projection import Projection
from formats.takum import Takum, takum
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.exponentials import power_of_e
from refmath.overflow import Overflow
from refmath.reals import Real, negate, sqrt
from refmath.rounding import Rounding

BIAS = {0: (-255, -127, -63, -31, -15, -7, -3, -1), 1: (0, 1, 3, 7, 15, 31, 63, 127)}


def fields(word: int, n: int) -> tuple[int, int, mpq]:
    """Sign, characteristic and mantissa of a word, bits beyond its end being zero: definitions 1 and 2."""
    digits = f"{word:0{n}b}".ljust(12, "0")
    sign, direction, regime = int(digits[0]), int(digits[1]), int(digits[2:5], 2)
    r = regime if direction else 7 - regime
    characteristic, mantissa = digits[5 : 5 + r], digits[5 + r :]
    return sign, BIAS[direction][regime] + int(characteristic or "0", 2), mpq(int(mantissa or "0", 2), 1 << len(mantissa))


def linear(word: int, n: int) -> mpq | None:
    """The value of a linear takum; None for NaR."""
    if word in (0, 1 << (n - 1)):
        return None if word else mpq(0)
    s, c, m = fields(word, n)
    return ((1 - 3 * s) + m) * mpq(2) ** ((-1) ** s * (c + s))


def exponent(word: int, n: int) -> tuple[int, mpq] | None:
    """Of a logarithmic takum (-1)^S sqrt(e)^l, S and l; None for zero and NaR."""
    if word in (0, 1 << (n - 1)):
        return None
    s, c, m = fields(word, n)
    return s, (-1) ** s * (c + m)


WIDTHS = [2, 3, 4, 5, 6, 8, 11, 12, 13, 14]


@pytest.mark.parametrize("n", WIDTHS)
def test_linear_words_stand_for_what_the_definition_says(n: int) -> None:
    """Every word of a linear takum decodes to (1 - 3S + m) 2^e, zero or NaR."""
    t = takum(n)
    for word in t:
        x = linear(word, n)
        assert t.decode(word) == (NotAReal() if x is None else Finite(x, x < 0))


@pytest.mark.parametrize("n", WIDTHS)
def test_logarithmic_words_stand_for_what_the_definition_says(n: int) -> None:
    """Every word of a logarithmic takum decodes to (-1)^S sqrt(e)^l, zero or NaR."""
    t = takum(n, logarithmic=True)
    for word in t:
        found = exponent(word, n)
        if found is None:
            assert t.decode(word) == (NotAReal() if word else Finite(mpq(0), False))
        else:
            s, logarithm = found
            value = power_of_e(logarithm / 2)
            assert t.decode(word) == Finite(negate(value) if s else value, bool(s))


@pytest.mark.parametrize("n", [2, 5, 8, 11, 12, 13])
def test_linear_takums_round_at_the_longer_word(n: int) -> None:
    """Between neighbours U and U + 1 the threshold is the word U1 of n + 1 bits, ties to the even word; both ends saturate."""
    t = takum(n)
    last = (1 << (n - 1)) - 1
    for low in range(1, last):
        between = linear(2 * low + 1, n + 1)
        assert between is not None
        for x, word in ((between, low + low % 2), (between * (1 + mpq(1, 1 << 300)), low + 1), (between * (1 - mpq(1, 1 << 300)), low)):
            assert t.round(x) == word and t.round(-x) == t.codes - word
    greatest, least = linear(last, n), linear(1, n)
    assert greatest is not None and least is not None
    for x, word in ((greatest * 2, last), (greatest**9 * mpq(2) ** 9999, last), (least / 2, 1), (least / mpq(2) ** 9999, 1)):
        assert t.round(x) == word and t.round(-x) == t.codes - word


@pytest.mark.parametrize("n", [3, 8, 12, 14])
def test_logarithmic_takums_round_at_the_longer_word(n: int) -> None:
    """Rationals go to the side of sqrt(e)^l on which 1,000 bits of MPFR see them, l that of the word of n + 1 bits between two words."""
    t = takum(n, logarithmic=True)
    last = (1 << (n - 1)) - 1
    for low in sorted({1, 2, last - 1, last >> 1, (last >> 1) - 1, *(random.Random(n).randrange(1, last) for _ in range(200))} & set(range(1, last))):
        found = exponent(2 * low + 1, n + 1)
        assert found is not None
        with gmpy2.context(precision=1000):
            threshold = mpq(gmpy2.exp(mpfr(found[1]) / 2))
        for x, word in ((threshold * (1 + mpq(1, 1 << 500)), low + 1), (threshold * (1 - mpq(1, 1 << 500)), low)):
            assert t.round(x) == word and t.round(-x) == t.codes - word
        assert t.round(power_of_e(found[1] / 2)) == low + low % 2


def test_one_is_the_only_rational_value_of_a_logarithmic_takum() -> None:
    """Every other nonzero value is a power of e with a rational exponent, which is irrational: no rational is ever exact, nor a tie."""
    t = parse("takum_log16")
    rational = [word for word in t if isinstance(t.decode(word), Finite) and not isinstance(t.exact(word), Real)]
    assert [t.exact(word) for word in rational] == [0, 1, -1]


@pytest.mark.parametrize("name", ["takum8", "takum16", "takum32", "takum64", "takum_log8", "takum_log16", "takum_log32", "takum_log64"])
def test_specials_and_ends(name: str) -> None:
    """NaN and infinities become NaR; whatever is beyond either end saturates, in every mode, and never becomes zero."""
    t = parse(name)
    nar, last = 1 << (t.width - 1), t.greatest()
    assert [t.round(x) for x in (NaN(), NotAReal(), Infinity(False), Infinity(True))] == [nar] * 4
    for mode in Rounding:
        if not mode.stochastic:
            how = Projection(rounding=mode, overflow=Overflow.POSIT)
            ends = [mpq(10) ** 400, mpq(1, 10**400), sqrt(mpq(7) ** 999), sqrt(mpq(1, 7**999))]
            assert [t.round(x, how) for x in ends] == [last, 1, last, 1]
            assert [t.round(negate(x), how) for x in ends] == [t.codes - last, t.codes - 1] * 2


def test_takums_of_all_widths_have_one_range() -> None:
    """Every width from 12 bits on reaches from just above 2^-255 (sqrt(e)^-255) to just below 2^255, and one is in the middle of the words."""
    for n in (12, 16, 32, 64, 100):
        t = takum(n)
        greatest, least = t.exact(t.greatest()), t.exact(1)
        assert mpq(2) ** 254 <= greatest < mpq(2) ** 255 and mpq(1, 2**255) < least <= mpq(1, 2**254)  # type: ignore[operator]
        assert t.exact(1 << (n - 2)) == 1 and takum(n, True).exact(1 << (n - 2)) == 1


def near(t: Takum, x: mpfr) -> set[int]:
    """The words of a number known to 1,000 bits, taken a little less and a little more."""
    return {t.round(mpq(x) * (1 + mpq(sign, 1 << 900))) for sign in (1, -1)}


@pytest.mark.parametrize("name", ["takum_log8", "takum_log12", "takum_log16"])
def test_logarithmic_arithmetic(name: str) -> None:
    """+ - * / and sqrt of random words are the words of what 1,000 bits of MPFR give; products and quotients add and subtract logarithms."""
    t, rng = takum(parse(name).width, logarithmic=True), random.Random(name)
    binary = {op: operation(op, t) for op in ("add", "subtract", "multiply", "divide")}
    root = operation("sqrt", t)
    with gmpy2.context(precision=1000):
        for _ in range(150 * EFFORT):
            a, b = (rng.randrange(1, t.codes) for _ in range(2))
            if t.nan() in (a, b):
                continue
            (s, j), (r, k) = exponent(a, t.width), exponent(b, t.width)  # type: ignore[misc]
            x, y = (-1) ** s * gmpy2.exp(mpfr(j) / 2), (-1) ** r * gmpy2.exp(mpfr(k) / 2)
            results = {"add": x + y, "subtract": x - y, "multiply": x * y, "divide": x / y}
            for op, exact in results.items():
                got = binary[op](a, b).code
                assert got in near(t, exact) if exact and abs(exact) > mpfr(2) ** -900 else got == 0, (op, hex(a), hex(b))
            product = power_of_e((j + k) / 2)
            assert binary["multiply"](a, b).code == t.round(negate(product) if s != r else product)
            assert root(a).code == (t.nan() if s else t.round(power_of_e(j / 4)))


def test_thresholds_found_by_bisection_in_the_list_of_values() -> None:
    """takum8: random rationals of every size land between the two values that enclose them."""
    t, rng = takum(8), random.Random(8)
    numbers = [linear(word, 8) for word in range(128)]
    for _ in range(2000):
        x = mpq(rng.randint(1, 10**6), rng.randint(1, 10**6)) * mpq(2) ** rng.randint(-200, 200)
        low = bisect_right(numbers, x) - 1  # type: ignore[type-var]
        assert t.round(x) in {max(low, 1), min(low + 1, 127)}
