"""Posits against a decoder and a rounding that are written from the standard's words, on strings of bits."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from any_family import posits
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st
from posit_words import positive, real, word_of

from formats import parse
from formats.posit import Posit, posit
from formats.projection import Projection
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.overflow import Overflow
from refmath.reals import sqrt
from refmath.rounding import Rounding

SMALL = [posit(n, es) for n in range(3, 10) for es in range(4)]
NAMES = [p.name for p in SMALL]
EPSILON = mpq(1, 1 << 200)


def hard_numbers(p: Posit) -> list[mpq]:
    """Every value, every threshold, every arithmetic midpoint, each with its two sides; and numbers beyond both ends."""
    words, finer = positive(p.width, p.es), positive(p.width + 1, p.es)
    middles = [(a + b) / 2 for a, b in pairwise(words)]
    ends = [words[-1] * 2, words[-1] ** 3, words[1] / 2, words[1] ** 3, words[1] / 3]
    near = [x * (1 + step) for x in [*finer, *middles, *ends] for step in (0, EPSILON, -EPSILON)]
    return [sign * x for x in near for sign in (1, -1)]


@pytest.mark.parametrize("p", SMALL, ids=NAMES)
def test_words_stand_for_what_the_standard_says(p: Posit) -> None:
    """Every word of 3 to 9 bits decodes to the number that its sign, regime, exponent and fraction denote."""
    for word in p:
        datum = p.decode(word)
        expected = real(f"{word:0{p.width}b}", p.es)
        if expected is None:
            assert datum == NotAReal()
        else:
            assert datum == Finite(expected, expected < 0)


@pytest.mark.parametrize("p", SMALL, ids=NAMES)
def test_numbers_become_the_word_of_the_standard(p: Posit) -> None:
    """At, beside and between all thresholds and values of 3 to 9 bits, and beyond both ends, rounding is the standard's."""
    for x in hard_numbers(p):
        assert p.round(x) == word_of(x, p.width, p.es), x


@pytest.mark.parametrize("es", [0, 2])
def test_posit8_rounds_random_rationals_by_the_standard(es: int) -> None:
    """100,000 rationals of every size become the posit8 of the standard."""
    p, rng = posit(8, es), random.Random(8 + es)
    for _ in range(100_000):
        x = mpq(rng.randint(-(10**6), 10**6), rng.randint(1, 10**6)) * mpq(2) ** rng.randint(-30, 30)
        assert p.round(x) == word_of(x, 8, es), x


@examples(300)
@given(posits(), st.data())
def test_thresholds_are_the_words_of_one_more_bit(p: Posit, data: st.DataObject) -> None:
    """Between neighbours U and U + 1 of any posit lies the (n + 1)-bit word U1: a tie there, decided to either side of it."""
    low = data.draw(st.integers(1, (1 << (p.width - 1)) - 2))
    between = real(f"{2 * low + 1:0{p.width + 1}b}", p.es)
    assert between is not None
    assert p.round(between) == low + low % 2
    assert p.round(between * (1 + EPSILON)) == low + 1 and p.round(between * (1 - EPSILON)) == low
    assert p.round(-between) == p.codes - low - low % 2


def test_six_thresholds_of_posit8_are_no_midpoints() -> None:
    """Of the 126 pairs of positive neighbours of posit8, 6 have their threshold away from their arithmetic mean."""
    words, finer = positive(8, 2), positive(9, 2)
    pairs = list(pairwise(words[1:]))
    assert len(pairs) == 126
    odd = [(a, b) for i, (a, b) in enumerate(pairs, 1) if finer[2 * i + 1] != (a + b) / 2]
    assert len(odd) == 6
    p = parse("posit8")
    moved = [1 for a, b in odd if p.round((a + b) / 2) == p.round(b) != p.round(min(a, b))]
    assert len(moved) == 6


@pytest.mark.parametrize("name", ["posit8", "posit8(es=0)", "posit16", "posit32", "posit64"])
def test_specials_are_zero_and_nar(name: str) -> None:
    """0 is all zeros, NaR a one and zeros; NaN and infinities of floats become NaR, and NaR becomes NaN: section 6.5."""
    p = parse(name)
    nar = 1 << (p.width - 1)
    assert p.decode(0) == Finite(mpq(0), False) and p.decode(nar) == NotAReal()
    assert [p.round(x) for x in (NaN(), NaN(True, True), NotAReal(), Infinity(False), Infinity(True), mpq(0))] == [nar] * 5 + [0]
    assert p.encode(NotAReal()) == nar
    assert parse("binary16").decode(parse("binary16").round(NotAReal())) == NaN(False, False, 0, 9)
    assert p.round(Finite(mpq(0), True)) == 0


@examples(300)
@given(posits(), st.data())
def test_words_compare_as_integers(p: Posit, data: st.DataObject) -> None:
    """The order of numbers is that of their words as two's complement integers, and NaR is below all."""
    a, b = (data.draw(st.integers(0, p.codes - 1)) for _ in range(2))
    x, y = (real(f"{word:0{p.width}b}", p.es) for word in (a, b))
    if x is not None and y is not None:
        assert (p.integer(a) < p.integer(b)) == (x < y)
    assert p.integer(1 << (p.width - 1)) == min(p.integer(c) for c in (a, b, 0, 1 << (p.width - 1)))


@pytest.mark.parametrize("p", [posit(6, 0), posit(6, 1), posit(7, 2), posit(8, 2)], ids=str)
def test_directed_rounding_as_an_extension(p: Posit) -> None:
    """Toward zero, away, up and down give the neighbour on that side; beyond the ends every mode gives the end."""
    words = positive(p.width, p.es)
    for x in hard_numbers(p):
        magnitude, negative = abs(x), x < 0
        low = max(1, sum(w <= magnitude for w in words) - 1)
        high = low if words[low] >= magnitude else min(low + 1, len(words) - 1)
        expected = {
            Rounding.TOWARD_ZERO: low,
            Rounding.AWAY_FROM_ZERO: high,
            Rounding.TOWARD_POSITIVE: low if negative else high,
            Rounding.TOWARD_NEGATIVE: high if negative else low,
            Rounding.TO_ODD: low if low == high or low % 2 else high,
        }
        if not magnitude:
            expected = dict.fromkeys(expected, 0)
        for mode, word in expected.items():
            assert p.round(x, Projection(rounding=mode, overflow=Overflow.POSIT)) == (word if not negative else p.codes - word) % p.codes, (x, mode)


@pytest.mark.parametrize("low", [1, 2, 5, 77, 100, 125, 126])
def test_stochastic_rounding_follows_the_longer_word(low: int) -> None:
    """The (8 + 8)-bit word that is r words above an 8-bit one goes up for r of the 256 draws: chance is proportional in code space."""
    p, finer = parse("posit8"), parse("posit16")
    how = Projection(rounding=Rounding.STOCHASTIC_A, bits=8, overflow=Overflow.POSIT)
    for r in (0, 1, 100, 255):
        x = finer.decode(256 * low + r)
        assert sum(p.round(x, how, draw) - low for draw in range(256)) == r


def test_no_number_becomes_zero_or_nar() -> None:
    """The least and the greatest numbers imaginable saturate, in every rounding mode, with their sign; irrational ones too."""
    for name in ("posit8", "posit16(es=0)", "posit64"):
        p = parse(name)
        last = p.greatest()
        for mode in Rounding:
            if mode.stochastic:
                continue
            how = Projection(rounding=mode, overflow=Overflow.POSIT)
            for x, word in ((mpq(2) ** 100_000, last), (mpq(1, 2**100_000), 1), (sqrt(mpq(3) ** 9999), last), (sqrt(mpq(1, 3**9999)), 1)):
                assert p.round(x, how) == word
                assert p.round(-x if isinstance(x, mpq(1).__class__) else x.negated(), how) == p.codes - word


def test_other_overflow_policies_are_options() -> None:
    """What exceeds maxPos can also be an error, NaR or wrapped, when the projection says so; the standard's is the default."""
    p = parse("posit8")
    big = mpq(1 << 25)
    assert p.round(big) == 0x7F and p.round(-big) == 0x81
    assert p.round(big, Projection(overflow=Overflow.TO_NAN)) == 0x80
    assert p.round(Infinity(False), Projection(overflow=Overflow.SATURATE_FINITE)) == 0x7F
    with pytest.raises(ValueError, match="beyond the greatest value of posit8"):
        p.round(big, Projection(overflow=Overflow.ERROR))


@pytest.mark.parametrize("bits", [1, 4, 8, 16, 32])
def test_posits_become_integers_and_back(bits: int) -> None:
    """Section 6.4: the nearest integer, ties to even; NaR and what does not fit are the most negative integer, which becomes NaR."""
    p = parse("posit8")
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    for word in p:
        x = real(f"{word:08b}", 2)
        expected = low if x is None else round(Fraction(x))
        expected = expected if low <= expected <= high else low
        assert p.to_integer(word, bits) == expected % (1 << bits)
    for n in {low, low + 1, -1, 0, 1 if high else 0, high, high // 3}:
        expected_word = 0x80 if n == low else word_of(mpq(n), 8, 2)
        assert p.from_integer(n % (1 << bits), bits) == expected_word


def test_extremes_of_the_standard_formats() -> None:
    """Table 1 of the standard: maxPos and minPos of posit8 to posit64 are 2^(+-(4n - 8)), and pi has the known words."""
    for n in (8, 16, 32, 64):
        p = parse(f"posit{n}")
        assert p.exact(p.limit()) == mpq(2) ** (4 * n - 8) and p.exact(1) == mpq(1, 2 ** (4 * n - 8))
    pi = mpq(31415926535897932384626433832795, 10**31)
    assert [parse(f"posit{n}").round(pi) for n in (8, 16, 32)] == [word_of(pi, n, 2) for n in (8, 16)] + [0x4C90FDAA]
