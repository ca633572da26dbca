"""Quires against integer and rational arithmetic: exact sums, limits, NaR, and the one rounding."""

import random

import pytest
from any_family import quires
from effort import EFFORT, examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st
from posit_words import real, word_of

from formats import parse
from formats.arithmetic import operation
from formats.posit import posit
from formats.quire import Quire, quire
from refmath.datum import NotAReal
from refmath.errors import RefmathError
from refmath.text import parse_exact

NAR8 = 0x80


def test_a_quire_keeps_what_rounding_loses() -> None:
    """posit(8, 0): 2 * 10 + 2 * 10 + 2 * 10 + 2 * 2 is 32 when every operation rounds, and 64 with a quire."""
    p = parse("posit(8, 0)")
    two, ten = p.encode(mpq(2)), p.encode(mpq(10))
    multiply, add = operation("multiply", p), operation("add", p)
    pairs = [(two, ten), (two, ten), (two, ten), (two, two)]
    total = 0
    for a, b in pairs:
        total = add(total, multiply(a, b).code).code
    q = quire(posit(8, 0), 32)
    assert p.exact(total) == 32
    assert p.exact(q.to_posit(q.dot(*zip(*pairs, strict=True)))) == 64
    assert p.exact(q.to_posit(q.total([two, ten, two]))) == p.exact(p.round(mpq(14)))


@pytest.mark.parametrize(("es", "bits"), [(0, 32), (2, 128), (1, 64)])
def test_dot_products_of_posit8(es: int, bits: int) -> None:
    """Random dot products are the word of the rational sum of the exact products; NaR where a factor is NaR."""
    q, rng = quire(posit(8, es), bits), random.Random(bits)
    for _ in range(400 * EFFORT):
        xs, ys = ([rng.randrange(256) if rng.random() < 0.02 else rng.choice([1, 255, *range(8, 120), *range(140, 250)]) for _ in range(20)] for _ in "xy")
        values = [(real(f"{a:08b}", es), real(f"{b:08b}", es)) for a, b in zip(xs, ys, strict=True)]
        lost = any(x is None or y is None for x, y in values)
        assert q.to_posit(q.dot(xs, ys)) == (NAR8 if lost else word_of(sum(x * y for x, y in values), 8, es))  # type: ignore[operator]
        assert q.dot(xs[7:], ys[7:], start=q.dot(xs[:7], ys[:7])) == q.dot(xs, ys)


@examples(300)
@given(st.data(), quires())
def test_every_function_is_exact_on_integers(data: st.DataObject, q: Quire) -> None:
    """Words are integers in steps of minPos^2: each function is the one on those integers, NaR where it does not fit or an operand is NaR."""
    step = q.posit.exact(1) ** 2  # type: ignore[operator]
    limit = 1 << (q.width - 1)
    words = st.sampled_from([0, 1, limit - 1, limit, limit + 1, q.codes - 1]) | st.integers(0, q.codes - 1)
    a, b = data.draw(words), data.draw(words)
    x, y = data.draw(st.integers(0, q.posit.codes - 1)), data.draw(st.integers(0, q.posit.codes - 1))

    def steps(word: int) -> int | None:
        return None if word == limit else word - q.codes if word > limit else word

    def of(p: int) -> mpq | None:
        value = real(f"{p:0{q.posit.width}b}", q.posit.es)
        return None if value is None else value / step

    def word(*terms: mpq | int | None) -> int:
        if None in terms:
            return limit
        total = sum(terms, start=mpq(0))  # type: ignore[arg-type]
        assert total.denominator == 1
        return limit if abs(total) >= limit else int(total) % q.codes

    def minus(n: mpq | int | None) -> mpq | int | None:
        return None if n is None else -n

    product = None if of(x) is None or of(y) is None else of(x) * of(y) * step  # type: ignore[operator]
    j, k = steps(a), steps(b)
    assert q.add(a, b) == word(j, k) and q.subtract(a, b) == word(j, minus(k))
    assert q.negate(a) == word(minus(j)) and q.absolute(a) == word(None if j is None else abs(j))
    assert q.from_posit(x) == word(of(x)) and q.add_posit(a, x) == word(j, of(x)) and q.subtract_posit(a, x) == word(j, minus(of(x)))
    assert q.add_product(a, x, y) == word(j, product) and q.subtract_product(a, x, y) == word(j, minus(product))
    assert (q.decode(a) == NotAReal()) if j is None else q.exact(a) == j * step
    if q.posit.width <= 10:
        assert q.to_posit(a) == (q.posit.nan() if j is None else word_of(j * step, q.posit.width, q.posit.es))


@pytest.mark.parametrize("n", [8, 16, 32, 64])
def test_limits_of_the_standard(n: int) -> None:
    """16n bits count 2^(16 - 8n) each: 2^31 - 1 products of the greatest posit fit, one more is NaR; every posit comes back from its quire."""
    q, p = parse(f"quire{n}"), parse(f"posit{n}")
    assert isinstance(q, Quire)
    assert q.width == 16 * n and q.value(1) == mpq(1, 1 << (8 * n - 16)) and q.nan() == 1 << (16 * n - 1)
    assert q.exact_products == (1 << 31) - 1
    greatest = p.greatest()
    square = q.add_product(0, greatest, greatest)
    many = q.encode(mpq(q.exact_products) * q.exact(square))  # type: ignore[operator]
    assert q.decode(many) != NotAReal() and q.add_product(many, greatest, greatest) == q.nan()
    assert q.subtract_product(q.negate(many), greatest, greatest) == q.nan()
    rng = random.Random(n)
    for word in (0, 1, greatest, p.nan(), p.codes - 1, *(rng.getrandbits(n) for _ in range(300))):
        assert q.to_posit(q.from_posit(word)) == word
        assert q.add_product(0, 1, 1) == 1


def test_nar_stays() -> None:
    """Once NaR, a quire stays NaR: after a NaR posit, a NaR factor, an overflow, and whatever follows."""
    q = parse("quire8")
    assert isinstance(q, Quire)
    for nar in (q.from_posit(0x80), q.add_product(0, 0, 0x80), q.add(q.word(q.nar - 1), 1), q.total([0x40, 0x80, 0x40]), q.dot([0x80, 0], [0, 0])):
        assert nar == q.nan() == q.add_posit(nar, 0x40) == q.negate(nar) == q.absolute(nar) and q.to_posit(nar) == 0x80


def test_an_overflow_on_the_way_is_not_undone() -> None:
    """One step beyond the greatest word is NaR, whatever is added after it: sums are taken from left to right."""
    q = parse("quire8")
    assert isinstance(q, Quire)
    minus, last = 0xFF, q.word(q.nar - 1)
    assert q.dot([1, minus], [1, 1], start=last) == q.nan() == q.dot([minus, 1], [1, 1], start=q.negate(last))
    assert q.dot([minus, 1], [1, 1], start=last) == last


def test_the_projection_into_a_quire_is_exact_or_nar() -> None:
    """A rational that is no multiple of the step rounds like any fixed point; one beyond the range is NaR; NaR converts to NaR."""
    q = parse("quire8")
    assert isinstance(q, Quire)
    step = q.value(1)
    assert q.round(parse_exact("1e999999999999")) == q.nan() and q.round(parse_exact("1e-999999999999")) == 0
    assert q.round(step * mpq(7, 2)) == 4 and q.round(mpq(2) ** 200) == q.nan() == q.round(-(mpq(2) ** 200)) == q.round(NotAReal())


def test_bad_input() -> None:
    """Vectors of unlike length, words that are none, and quires too narrow for a product are refused in a sentence."""
    q = parse("quire8")
    assert isinstance(q, Quire)
    with pytest.raises(RefmathError, match="two vectors of the same length"):
        q.dot([1, 2], [3])
    with pytest.raises(RefmathError, match="not a code of posit8"):
        q.dot([0x80, 256], [0, 0])
    with pytest.raises(RefmathError, match="not a code of quire8"):
        q.add_posit(1 << 128, 0)
    with pytest.raises(RefmathError, match="give one from 98"):
        quire(posit(8), 32)
