"""The rounding function against the conditions that define the modes, and those against the words of the standards."""

import math
from fractions import Fraction

import pytest
import sympy
from gmpy2 import mpq

from refmath.rounding import DETERMINISTIC, Rounding, refinement, round_code
from refmath.rounding_symbolic import HALF, NU, C, N, R, X, away, rounded
from refmath.symbolic import evaluator

POSITIONS = [mpq(n, 48) for n in range(48)]
"""Thirds and sixteenths of a gap: on, above and below every threshold of up to three random bits."""


def delivered(mode: Rounding, code: int, nu: mpq, negative: bool, bits: int = 0, random: int = 0) -> int:
    """What ``round_code`` makes of a magnitude at position nu above a code."""
    extra = refinement(mode, bits)
    scaled = nu * 2**extra
    refined = (code << extra) + int(scaled.numerator // scaled.denominator)
    return round_code(refined, extra, scaled.denominator == 1, negative, mode, bits, random)[0]


@pytest.mark.parametrize("mode", DETERMINISTIC)
def test_deterministic_modes_follow_their_condition(mode: Rounding) -> None:
    """Codes of both parities, both signs, every position: the rounded code is c + [away]."""
    expected = evaluator(rounded(mode))
    for code in range(4):
        for nu in POSITIONS:
            for x in (-1, 1):
                assert delivered(mode, code, nu, x < 0) == expected({"c": code, "nu": nu, "x": x}), (code, nu, x)


@pytest.mark.parametrize("mode", [mode for mode in Rounding if mode.stochastic])
def test_stochastic_modes_follow_their_condition(mode: Rounding) -> None:
    """Every draw of 1 to 4 random bits at every position: the rounded code is c + [away]."""
    expected = evaluator(rounded(mode))
    for bits in range(1, 5):
        for random in range(1 << bits):
            for nu in POSITIONS:
                got = delivered(mode, 2, nu, False, bits, random)
                assert got == expected({"c": 2, "nu": nu, "x": 1, "N": bits, "R": random}), (nu, bits, random)


@pytest.mark.parametrize("mode", Rounding)
def test_a_value_of_the_format_stays(mode: Rounding) -> None:
    """At nu = 0 no mode rounds away, whatever the sign, the parity and the draw R < 2^N: proved with all of them symbolic."""
    slack = sympy.Symbol("d", integer=True, nonnegative=True)
    draw = 2**N - 1 - slack if mode.needs_bits else R
    assert sympy.simplify(away(mode).subs({NU: 0, R: draw})) == sympy.false


@pytest.mark.parametrize("mode", [mode for mode in Rounding if mode.nearest])
def test_nearest_modes_deliver_a_nearest_code(mode: Rounding) -> None:
    """By distance alone: the delivered end of the gap is at least as near as the other one."""
    expected = evaluator(rounded(mode))
    for code in range(2):
        for nu in POSITIONS:
            for x in (-1, 1):
                got = expected({"c": code, "nu": nu, "x": x})
                here, other = abs(code + nu - got), abs(code + nu - (2 * code + 1 - got))
                assert here <= other


def test_directed_modes_are_floor_and_ceiling() -> None:
    """On signed values code + nu, toward_negative is floor, toward_positive ceiling, toward_zero truncation."""
    functions = {Rounding.TOWARD_NEGATIVE: math.floor, Rounding.TOWARD_POSITIVE: math.ceil, Rounding.TOWARD_ZERO: math.trunc}
    for mode, function in functions.items():
        expected = evaluator(rounded(mode))
        for code in range(3):
            for nu in POSITIONS:
                for x in (-1, 1):
                    assert x * expected({"c": code, "nu": nu, "x": x}) == function(x * Fraction(int((code + nu) * 48), 48))


def test_python_rounds_like_nearest_even() -> None:
    """Python's round of a Fraction is roundTiesToEven on integers."""
    expected = evaluator(rounded(Rounding.NEAREST_EVEN))
    for code in range(4):
        for nu in POSITIONS:
            assert expected({"c": code, "nu": nu, "x": 1}) == round(Fraction(int((code + nu) * 48), 48))


@pytest.mark.parametrize("mode", [Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C])
def test_the_share_of_draws_is_the_position(mode: Rounding) -> None:
    """At the positions j 2^-N that N random bits can tell apart, j of the 2^N draws round away."""
    condition = evaluator(away(mode))
    for bits in (1, 2, 3, 4):
        for j in range(1 << bits):
            draws = sum(condition({"nu": mpq(j, 1 << bits), "N": bits, "R": r}) for r in range(1 << bits))
            assert draws == j


def test_ties_are_told_apart_by_parity_and_sign_only() -> None:
    """In the middle of a gap, the four rules of IEEE 754 and beyond split by parity or sign as their names say; proved symbolically."""
    middle = {mode: sympy.simplify(away(mode).subs(NU, HALF)) for mode in Rounding if mode.nearest}
    assert middle[Rounding.NEAREST_AWAY] == sympy.true
    assert middle[Rounding.NEAREST_ZERO] == sympy.false
    assert middle[Rounding.NEAREST_EVEN].subs(C, 1) == sympy.true
    assert middle[Rounding.NEAREST_EVEN].subs(C, 2) == sympy.false
    assert middle[Rounding.NEAREST_ODD].subs(C, 1) == sympy.false
    assert middle[Rounding.NEAREST_POSITIVE] == (X > 0)
    assert middle[Rounding.NEAREST_NEGATIVE] == (X < 0)
