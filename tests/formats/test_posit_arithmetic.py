"""Arithmetic on posits against rational arithmetic and the rounding that is written from the standard's words."""

import random
from collections.abc import Callable

import pytest
from effort import EFFORT
from gmpy2 import isqrt, mpq
from posit_words import positive, real, word_of

from formats.arithmetic import operation
from formats.posit import posit

NAR = 0x80
FORMATS = [0, 2]

BINARY: dict[str, Callable[[mpq, mpq], mpq | None]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y if y else None,
}


def words(es: int) -> list[mpq | None]:
    """What every posit8 stands for; None for NaR."""
    return [real(f"{word:08b}", es) for word in range(256)]


@pytest.mark.parametrize("es", FORMATS)
@pytest.mark.parametrize("name", BINARY)
def test_posit8_arithmetic_on_all_pairs(name: str, es: int) -> None:
    """Of all 65,536 pairs, + - * / give the word of the exact result; NaR where an operand is NaR or the divisor is 0."""
    op, values = operation(name, posit(8, es)), words(es)
    for a, x in enumerate(values):
        for b, y in enumerate(values):
            exact = None if x is None or y is None else BINARY[name](x, y)
            assert op(a, b).code == (NAR if exact is None else word_of(exact, 8, es)), (a, b)


def root_word(x: mpq, n: int, es: int) -> int:
    """The word of sqrt(x), found by comparing x with the squares of words and of the words between them."""
    ordered, finer = positive(n, es), positive(n + 1, es)
    low = max(word for word in range(len(ordered)) if ordered[word] ** 2 <= x)
    if ordered[low] ** 2 == x:
        return low
    between = finer[2 * low + 1] ** 2
    return low + (x > between or (x == between and low % 2 == 1))


@pytest.mark.parametrize("es", FORMATS)
def test_posit8_square_roots(es: int) -> None:
    """sqrt of every word is the word nearest in code space; of a negative number and of NaR it is NaR."""
    op = operation("sqrt", posit(8, es))
    for word, x in enumerate(words(es)):
        expected = NAR if x is None or x < 0 else root_word(x, 8, es)
        assert op(word).code == expected
        if x is not None and x > 0 and isqrt(x.numerator) ** 2 == x.numerator and isqrt(x.denominator) ** 2 == x.denominator:
            assert op(word).code == word_of(mpq(isqrt(x.numerator), isqrt(x.denominator)), 8, es)


@pytest.mark.parametrize("es", FORMATS)
def test_posit8_fused_multiply_add(es: int) -> None:
    """x y + z of many triples is rounded once."""
    op, values, rng = operation("fma", posit(8, es)), words(es), random.Random(es)
    for _ in range(40_000 * EFFORT):
        a, b, c = (rng.randrange(256) for _ in range(3))
        x, y, z = values[a], values[b], values[c]
        expected = NAR if x is None or y is None or z is None else word_of(x * y + z, 8, es)
        assert op(a, b, c).code == expected, (a, b, c)


@pytest.mark.parametrize("es", FORMATS)
def test_comparisons_order_nar_below_all(es: int) -> None:
    """Less, equal and greater are those of the words as integers, for every pair: NaR equals itself and is below all else."""
    p = posit(8, es)
    less, equal, greater = (operation(f"compare_quiet_{name}", p) for name in ("less", "equal", "greater"))
    for a in range(0, 256, 3):
        for b in {*range(0, 256, 5), a, NAR}:
            x, y = (word - 256 if word >= NAR else word for word in (a, b))
            assert [op(a, b).exact for op in (less, equal, greater)] == [x < y, x == y, x > y]


@pytest.mark.parametrize("name", ["add", "multiply", "fma", "sqrt", "divide", "hypot"])
def test_nar_and_nothing_else_is_what_is_no_real(name: str) -> None:
    """An operation on NaR gives NaR, without flags."""
    op = operation(name, posit(16))
    codes = (0x8000,) + (0x4000,) * (op.op.arity - 1)
    assert op(*codes)[:2] == (0x8000, 0)
