"""Integers and exponents: IEEE 754-2019 clauses 5.3.3, 5.8 and 5.9, one line a case."""

from fractions import Fraction

import pytest
from gmpy2 import mpq
from special_cases import check, lines

from refmath.datum import Finite
from refmath.operations import Environment, apply, find
from refmath.reals import floor_log2
from refmath.rounding import DETERMINISTIC, Rounding

CASES = """
round_to_integral  5/2 -> 2
round_to_integral  7/2 -> 4
round_to_integral  -1/2 -> -0           # 6.3: the sign stays
round_to_integral  1/3 -> 0
round_to_integral  -0 -> -0
round_to_integral  inf -> inf
round_to_integral  nan -> nan
round_to_integral  snan -> nan i
round_to_integral  5 -> 5
round_to_integral_exact  5/2 -> 2 x
round_to_integral_exact  5 -> 5
round_to_integral_exact  -1/3 -> -0 x
round_to_integral_nearest_away  5/2 -> 3
round_to_integral_nearest_zero  5/2 -> 2
round_to_integral_nearest_odd  5/2 -> 3
round_to_integral_nearest_odd  7/2 -> 3
round_to_integral_away_from_zero  -1/9 -> -1
round_to_integral_to_odd  1/9 -> 1
round_to_integral_to_odd  13/6 -> 3
floor  -1/2 -> -1
ceil  -1/2 -> -0
trunc  -3/2 -> -1
round  -5/2 -> -3
roundeven  -5/2 -> -2
rint  1/2 -> 0 x
nearbyint  1/2 -> 0
scaleb  3 4 -> 48
scaleb  3 -4 -> 3/16
scaleb  -0 100 -> -0
scaleb  -inf 5 -> -inf
scaleb  nan 5 -> nan
scaleb  0 1000000000000 -> 0
logb  1 -> 0
logb  -9 -> 3
logb  1/3 -> -2
logb  0 -> -inf z
logb  -0 -> -inf z
logb  -inf -> inf
logb  nan -> nan
ilogb  0 -> nan i
ilogb  inf -> nan i
ilogb  10 -> 3
to_integer  7/2 -> 4
to_integer_exact  7/2 -> 4 x
convert  -0 -> -0
convert  snan -> nan i
"""


@pytest.mark.parametrize("line", lines(CASES))
def test_ieee754(line: str) -> None:
    """IEEE 754-2019 gives this result and raises these exceptions."""
    check(line, Environment())


def nearest(x: Fraction, tie: int) -> int:
    """The integer nearest to x, or ``tie`` where two are."""
    below = x.numerator // x.denominator
    return tie if x - below == Fraction(1, 2) else below + (x - below > Fraction(1, 2))


def by_definition(x: Fraction, mode: Rounding) -> int:
    """The integer that a mode chooses, by the words of clause 4.3."""
    down = x.numerator // x.denominator
    up = down if x == down else down + 1
    inner, outer = (down, up) if x > 0 else (up, down)
    even, odd = (down, up) if down % 2 == 0 else (up, down)
    match mode:
        case Rounding.NEAREST_EVEN:
            return nearest(x, even)
        case Rounding.NEAREST_ODD:
            return nearest(x, odd)
        case Rounding.NEAREST_AWAY:
            return nearest(x, outer)
        case Rounding.NEAREST_ZERO:
            return nearest(x, inner)
        case Rounding.NEAREST_POSITIVE:
            return nearest(x, up)
        case Rounding.NEAREST_NEGATIVE:
            return nearest(x, down)
        case Rounding.TOWARD_ZERO:
            return inner
        case Rounding.AWAY_FROM_ZERO:
            return outer
        case Rounding.TOWARD_POSITIVE:
            return up
        case Rounding.TOWARD_NEGATIVE:
            return down
        case _:
            return down if x == down else odd


@pytest.mark.parametrize("mode", DETERMINISTIC, ids=lambda mode: mode.value)
def test_each_mode_by_its_words(mode: Rounding) -> None:
    """Every eighth between -6 and 6 rounds as the words of the standard say, by environment and by name."""
    for n in range(-48, 49):
        x = Fraction(n, 8)
        expected = by_definition(x, mode)
        datum = Finite(mpq(x), x < 0)
        for op, env in ((find("round_to_integral"), Environment(rounding=mode)), (find(f"round_to_integral_{mode.value}"), Environment())):
            assert apply(op, env, (datum,)) == (Finite(mpq(expected), x < 0), 0)


def test_scaling_by_any_integer_is_immediate() -> None:
    """3 x 2^(10^18) and 3 x 2^(-10^400) are exact reals that know their leading bits."""
    for n in (10**18, -(10**18), 10**400, -(10**400)):
        scaled, flags = apply(find("scaleb"), Environment(), (Finite(mpq(-3), True), Finite(mpq(n), n < 0)))
        assert isinstance(scaled, Finite)
        assert (floor_log2(scaled.value), scaled.negative, flags) == (n + 1, True, 0)
        assert scaled.value.floor_scaled(-n + 3) == (24, True)
