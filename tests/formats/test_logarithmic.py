"""Logarithmic numbers against comparison of powers, without logarithms."""

import random
from fractions import Fraction

import pytest
from any_family import logarithms
from effort import EFFORT, examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats import parse
from formats.arithmetic import operation
from formats.logarithmic import Logarithmic
from formats.projection import Projection
from refmath.datum import NEGATIVE_ZERO, ZERO, Finite
from refmath.exponentials import rational_power_of_two
from refmath.overflow import Overflow
from refmath.reals import Real, negate
from refmath.rounding import Rounding


def steps(fmt: Logarithmic, code: int) -> int | None:
    """l 2^f of a code, in two's complement; None for zero."""
    bits = fmt.integer_bits + fmt.fraction_bits
    field = code & ((1 << bits) - 1)
    if field == 1 << (bits - 1):
        return None
    return field - (1 << bits) if field >> (bits - 1) else field


@examples(300)
@given(st.data(), logarithms())
def test_codes_are_powers_of_two(data: st.DataObject, fmt: Logarithmic) -> None:
    """A code is (-1)^S 2^l with l in two's complement, and zero at the most negative l."""
    code = data.draw(st.integers(0, fmt.codes - 1))
    negative, n = bool(code >> (fmt.width - 1)), steps(fmt, code)
    if n is None:
        assert fmt.decode(code) == (NEGATIVE_ZERO if negative else ZERO)
        return
    value = rational_power_of_two(mpq(n, 1 << fmt.fraction_bits))
    assert fmt.decode(code) == Finite(negate(value) if negative else value, negative)
    whole = n / mpq(1 << fmt.fraction_bits)
    assert isinstance(value, Real) != (whole.denominator == 1)
    if whole.denominator == 1:
        assert value == mpq(2) ** int(whole)


def nearest(fmt: Logarithmic, x: mpq) -> int:
    """The code whose logarithm is nearest to that of x > 0: x^(2^(f + 1)) against odd powers of two, in integers."""
    f = fmt.fraction_bits
    power = x ** (1 << (f + 1))
    half_steps = power.numerator.bit_length() - power.denominator.bit_length()
    while mpq(2) ** half_steps > power:
        half_steps -= 1
    while mpq(2) ** (half_steps + 1) <= power:
        half_steps += 1
    n = (half_steps + 1) // 2
    low, high = -(1 << (fmt.integer_bits + f - 1)), (1 << (fmt.integer_bits + f - 1)) - 1
    tie = half_steps % 2 == 1 and mpq(2) ** half_steps == power
    assert not tie
    return low % (1 << (fmt.width - 1)) if n <= low else min(n, high) % (1 << (fmt.width - 1))


@pytest.mark.parametrize("name", ["lns2.0", "lns3.1", "lns4.3", "lns5.5", "lns1.4"])
def test_rationals_round_to_the_nearest_logarithm(name: str) -> None:
    """Random rationals of every size, of both signs; what is beyond the greatest saturates, what is far below the least is zero."""
    fmt, rng = parse(name), random.Random(name)
    assert isinstance(fmt, Logarithmic)
    how = Projection(overflow=Overflow.SATURATE_FINITE)
    for _ in range(400 * EFFORT):
        x = mpq(rng.randint(1, 10**4), rng.randint(1, 10**4)) * mpq(2) ** rng.randint(-20, 20)
        if x.denominator & (x.denominator - 1) == 0 and x.numerator & (x.numerator - 1) == 0:
            continue
        code = nearest(fmt, x)
        assert fmt.round(x, how) == code and fmt.round(-x, how) == code + (1 << (fmt.width - 1))


def test_ties_are_geometric_means() -> None:
    """2^(l + half a step) lies half way between two codes, and goes to the even one; exact products of codes show it."""
    fmt = parse("lns4.3")
    for n in range(-60, 60):
        tie = rational_power_of_two(mpq(2 * n + 1, 16))
        assert fmt.round(tie) == (n + n % 2) % 128
        assert fmt.round(tie, Projection(rounding=Rounding.NEAREST_AWAY)) == (n + 1) % 128


@pytest.mark.parametrize("name", ["lns3.2", "lns4.3"])
def test_products_quotients_and_roots_are_exact_in_logarithms(name: str) -> None:
    """Multiplication adds the fields, division subtracts them, a square root halves them to the nearest, ties to even; for all pairs of positive codes."""
    fmt = parse(name)
    assert isinstance(fmt, Logarithmic)
    how = Projection(overflow=Overflow.SATURATE_FINITE)
    multiply, divide = (operation(op, fmt, projection=how) for op in ("multiply", "divide"))
    half = 1 << (fmt.width - 2)
    for a in range(2 * half):
        x = steps(fmt, a)
        if x is not None:
            assert operation("sqrt", fmt, projection=how)(a).code == round(Fraction(x, 2)) % (2 * half)
        for b in range(0, 2 * half, 3):
            y = steps(fmt, b)
            if x is None or y is None:
                continue
            for op, n in ((multiply, x + y), (divide, x - y)):
                assert op(a, b).code == (half if n <= -half else min(n, half - 1) % (2 * half))


def test_sums_of_equal_numbers_are_exact() -> None:
    """2^l + 2^l = 2^(l + 1), and x - x = 0, without flags; the sum of unequal ones is inexact."""
    fmt = parse("lns5.4")
    add, subtract = operation("add", fmt), operation("subtract", fmt)
    for code in range(0, 200, 7):
        assert add(code, code)[:2] == (code + 16, 0) and subtract(code, code)[:2] == (fmt.zero(), 0)
    assert add(0, 3).flags
