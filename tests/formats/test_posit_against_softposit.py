"""Posits against SoftPosit, whose formats are posit8(es=0), posit16(es=1) and posit32 (es = 2)."""

import math
import random
from fractions import Fraction

import pytest
from effort import EFFORT
from gmpy2 import mpq
from posit_words import real

from formats.arithmetic import operation
from formats.posit import Posit, posit
from formats.quire import quire

softposit = pytest.importorskip("softposit", reason="SoftPosit is not installed: pip install softposit")

FORMATS = [(posit(8, 0), softposit.posit8), (posit(16, 1), softposit.posit16), (posit(32, 2), softposit.posit32)]
IDS = [p.name for p, _ in FORMATS]
CASES = 8_000 * EFFORT
BINARY = ("add", "subtract", "multiply", "divide")

formats = pytest.mark.parametrize(("p", "theirs"), FORMATS, ids=IDS)


def landmarks(p: Posit) -> list[int]:
    """Words at the ends of the range, around 1 and where the regime grows, of both signs."""
    near = [0, 1, 2, 3, p.greatest(), p.greatest() - 1, *(1 << k for k in range(p.width - 1)), *((1 << k) - 1 for k in range(1, p.width - 1))]
    return sorted({word % p.codes for n in near for word in (n, -n, n + 1)})


def operands(p: Posit, count: int, seed: str) -> list[tuple[int, ...]]:
    """Tuples of words: landmarks and random ones, mixed."""
    rng, special = random.Random(seed), landmarks(p)
    return [tuple(rng.choice(special) if rng.random() < 0.2 else rng.getrandbits(p.width) for _ in range(count)) for _ in range(CASES)]


@formats
def test_values_of_words(p: Posit, theirs: type) -> None:
    """Words stand for the same numbers: all of 8 and 16 bits, many of 32."""
    words = range(p.codes) if p.width <= 16 else [*landmarks(p), *(word for (word,) in operands(p, 1, "values"))]
    for word in words:
        found = float(theirs(bits=word))
        if word == p.nan():
            assert not math.isfinite(found)
        else:
            assert Fraction(found) == Fraction(p.exact(word))  # type: ignore[arg-type]


@formats
def test_words_of_floats(p: Posit, theirs: type) -> None:
    """binary64 numbers of every size become the same words."""
    rng = random.Random(p.name)
    edges = [sign * 10.0 ** (exponent / 10) for exponent in range(-420, 420) for sign in (1, -1)]
    for x in edges + [rng.gauss(0, 1) * 2.0 ** rng.randint(-p.width * 5, p.width * 5) for _ in range(CASES)]:
        assert theirs(x).v.v == p.from_float(x), x


@formats
@pytest.mark.parametrize("name", BINARY)
def test_binary_operations(p: Posit, theirs: type, name: str) -> None:
    """+ - * / give the same words."""
    op, sign = operation(name, p), {"add": "__add__", "subtract": "__sub__", "multiply": "__mul__", "divide": "__truediv__"}[name]
    for a, b in operands(p, 2, name):
        assert getattr(theirs(bits=a), sign)(theirs(bits=b)).v.v == op(a, b).code, (hex(a), hex(b))


@formats
def test_square_roots_and_nearest_integers(p: Posit, theirs: type) -> None:
    """sqrt and rounding to an integer give the same words."""
    root, integer = operation("sqrt", p), operation("round_to_integral", p)
    for (a,) in operands(p, 1, "unary"):
        assert theirs(bits=a).sqrt().v.v == root(a).code, hex(a)
        assert theirs(bits=a).rint().v.v == integer(a).code, hex(a)


@formats
def test_fused_multiply_add(p: Posit, theirs: type) -> None:
    """x y + z gives the same words, but for few of posit32, where SoftPosit loses what lies beyond the tie.

    Wherever the two differ, the exact result is beyond the threshold, the word of 33 bits, most often by less than 2^-20 of it; SoftPosit takes it for a
    tie and keeps the even word nearer to zero.
    """
    op, differing, far = operation("fma", p), 0, 0
    for a, b, c in operands(p, 3, "fma"):
        ours, found = p.integer(op(a, b, c).code), p.integer(theirs(bits=c).fma(theirs(bits=a), theirs(bits=b)).v.v)
        if ours != found:
            exact = abs(p.exact(a) * p.exact(b) + p.exact(c))  # type: ignore[operator]
            threshold = real(f"{2 * abs(found) + 1:033b}", 2)
            assert p.width == 32 and abs(ours) == abs(found) + 1 and found % 2 == 0
            assert threshold is not None and threshold < exact, (hex(a), hex(b), hex(c))
            differing, far = differing + 1, far + (exact > threshold * (1 + mpq(1, 1 << 20)))
    assert 20 * far <= differing <= CASES // 500


@formats
def test_conversions_between_posits(p: Posit, theirs: type) -> None:
    """Words of one width become the same words of the others."""
    for q, _ in FORMATS:
        if q is p:
            continue
        for (a,) in operands(p, 1, "convert")[: CASES // 2]:
            assert getattr(theirs(bits=a), f"toPosit{q.width}")().v.v == q.round(p.decode(a)), hex(a)


@pytest.mark.parametrize(("p", "theirs", "bits"), [(posit(8, 0), "quire8", 32), (posit(16, 1), "quire16", 128), (posit(32), "quire32", 512)], ids=IDS)
def test_quires(p: Posit, theirs: str, bits: int) -> None:
    """Dot products of every length up to 40, added and subtracted, become the same words: the quire has n^2/2 bits there."""
    q, cls = quire(p, bits), {"quire8": softposit.posit8, "quire16": softposit.posit16, "quire32": softposit.posit32}[theirs]
    rng = random.Random(theirs)
    for _ in range(150 * EFFORT):
        acc, word = getattr(softposit, theirs)(), 0
        for _ in range(rng.randint(1, 40)):
            a, b = (rng.choice(landmarks(p)) if rng.random() < 0.05 else rng.getrandbits(p.width) for _ in range(2))
            if rng.random() < 0.5:
                acc, word = acc.qma(cls(bits=a), cls(bits=b)), q.add_product(word, a, b)
            else:
                acc, word = acc.qms(cls(bits=a), cls(bits=b)), q.subtract_product(word, a, b)
            assert acc.toPosit().v.v == q.to_posit(word), (hex(a), hex(b))
