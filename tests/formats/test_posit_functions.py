"""Functions on posits against 500 bits of MPFR, with the rounding that is written from the standard's words; names of the posit standard."""

from collections.abc import Callable

import gmpy2
import pytest
from gmpy2 import mpfr, mpq
from posit_words import real, word_of

from formats.arithmetic import operation
from formats.operations import find_operation
from formats.posit import posit

NAR = 0x80

FUNCTIONS: dict[str, Callable[[mpfr], mpfr | None]] = {
    "exp": gmpy2.exp,
    "exp2": gmpy2.exp2,
    "exp10": gmpy2.exp10,
    "expMinus1": gmpy2.expm1,
    "log": lambda x: gmpy2.log(x) if x > 0 else None,
    "log2": lambda x: gmpy2.log2(x) if x > 0 else None,
    "log10": lambda x: gmpy2.log10(x) if x > 0 else None,
    "logPlus1": lambda x: gmpy2.log1p(x) if x > -1 else None,
    "sin": gmpy2.sin,
    "cos": gmpy2.cos,
    "tan": gmpy2.tan,
    "arcTan": gmpy2.atan,
    "arcSin": lambda x: gmpy2.asin(x) if abs(x) <= 1 else None,
    "arcCos": lambda x: gmpy2.acos(x) if abs(x) <= 1 else None,
    "sinH": gmpy2.sinh,
    "cosH": gmpy2.cosh,
    "tanH": gmpy2.tanh,
    "arcSinH": gmpy2.asinh,
    "arcCosH": lambda x: gmpy2.acosh(x) if x >= 1 else None,
    "arcTanH": lambda x: gmpy2.atanh(x) if abs(x) < 1 else None,
    "rSqrt": lambda x: gmpy2.rec_sqrt(x) if x > 0 else None,
    "sqrt": lambda x: gmpy2.sqrt(x) if x >= 0 else None,
}


@pytest.mark.parametrize("es", [0, 2])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_posit8_functions(name: str, es: int) -> None:
    """Of every word, each function gives the word of the exact result; NaR where there is no real one. No result underflows or overflows."""
    op = operation(name, posit(8, es))
    with gmpy2.context(precision=500, emax=1 << 30, emin=-(1 << 30)):
        for word in range(256):
            x = real(f"{word:08b}", es)
            exact = None if x is None else FUNCTIONS[name](mpfr(x))
            if exact is None:
                expected = {NAR}
            elif gmpy2.is_infinite(exact):
                expected = {0x7F if exact > 0 else 0x81}
            elif abs(exact) > mpfr(2) ** 4000 or (exact and abs(exact) < mpfr(2) ** -4000):
                expected = {word_of(mpq(gmpy2.sign(exact)) * (mpq(1 << 99) if abs(exact) > 1 else mpq(1, 1 << 99)), 8, es)}
            else:
                close = mpq(exact)
                expected = {word_of(close * (1 + mpq(sign, 1 << 480)), 8, es) for sign in (-1, 0, 1)}
                if x is not None and close.denominator.bit_length() < 60:
                    expected = {word_of(close, 8, es)}
            assert op(word).code in expected and len(expected) == 1, (name, hex(word), expected, exact)


STANDARD = (
    "negate abs sign nearestInt ceil floor next prior compareEqual compareNotEqual compareGreater compareGreaterEqual compareLess compareLessEqual addition "
    "subtraction multiplication division sqrt rSqrt exp expMinus1 exp2 exp2Minus1 exp10 exp10Minus1 log logPlus1 log2 log2Plus1 log10 log10Plus1 sin sinPi cos "
    "cosPi tan tanPi arcSin arcSinPi arcCos arcCosPi arcTan arcTanPi sinH cosH tanH arcSinH arcCosH arcTanH hypot pow arcTan2 arcTan2Pi compound rootN fMM"
)


@pytest.mark.parametrize("name", STANDARD.split())
def test_the_functions_of_the_standard_exist(name: str) -> None:
    """Section 5: every function of posits has an operation of that name, and NaR goes through it."""
    assert find_operation(name)
    op = operation(name, posit(16))
    arity = getattr(op.op, "arity", 1)
    integers = getattr(op.op, "integers", ())
    answer = op(*(3 if position in integers else 0x8000 for position in range(arity)))
    if name.startswith("compare"):
        assert answer.exact == (name in ("compareEqual", "compareGreaterEqual", "compareLessEqual"))
    elif name not in ("next", "prior"):
        assert answer[:2] == (0x8000, 0)


def test_next_and_prior_go_around() -> None:
    """Words are a ring: after maxPos comes NaR, after NaR the lowest posit, and back."""
    after, before = operation("next", posit(8)), operation("prior", posit(8))
    assert [after(word).code for word in (0x00, 0x7F, 0x80, 0xFF)] == [0x01, 0x80, 0x81, 0x00]
    assert all(before(after(word).code).code == word for word in range(256))


@pytest.mark.parametrize("es", [0, 2])
def test_products_of_three_are_rounded_once(es: int) -> None:
    """fMM: x y z of many triples, in any order."""
    op = operation("fMM", posit(8, es))
    for a in range(1, 256, 7):
        for b in range(3, 256, 11):
            c = (a * 31 + b) % 256
            x, y, z = (real(f"{word:08b}", es) for word in (a, b, c))
            expected = NAR if x is None or y is None or z is None else word_of(x * y * z, 8, es)
            assert op(a, b, c).code == op(c, a, b).code == expected


def test_signs() -> None:
    """sign is 1, 0, -1 or NaR, abs and negate are exact for every word."""
    p = posit(8)
    sign, absolute, negate = (operation(name, p) for name in ("sign", "abs", "negate"))
    for word in range(256):
        x = real(f"{word:08b}", 2)
        if x is None:
            assert sign(word).code == absolute(word).code == negate(word).code == NAR
        else:
            assert p.exact(sign(word).code) == (x > 0) - (x < 0)
            assert p.exact(absolute(word).code) == abs(x) and p.exact(negate(word).code) == -x


def test_results_that_are_no_real() -> None:
    """1 / 0, log 0, sqrt(-1), asin 2 and 0^-1 are NaR; exp of the greatest posit saturates, exp of the lowest is minPos."""
    p = posit(16)
    one, minus, two, greatest = 0x4000, 0xC000, p.round(mpq(2)), 0x7FFF
    assert operation("divide", p)(one, 0).code == operation("pow", p)(0, minus).code == 0x8000
    assert [operation(name, p)(code).code for name, code in (("log", 0), ("sqrt", minus), ("asin", two))] == [0x8000] * 3
    assert operation("exp", p)(greatest).code == greatest and operation("exp", p)(0x8001).code == 1
