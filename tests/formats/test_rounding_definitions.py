"""Every rounding mode, tininess and flushing, in every gap of small formats of all layouts, against definitions on fractions."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import floor

import pytest
from gmpy2 import mpq

from formats.catalogue import FLOATS
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentZero, Projection
from refmath.datum import Finite
from refmath.flags import Flags
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals, Tininess

R = Rounding
HALF, EPSILON = Fraction(1, 2), Fraction(1, 2**50)
POSITIONS = [Fraction(0), EPSILON, Fraction(3, 8), HALF - EPSILON, HALF, HALF + EPSILON, Fraction(3, 4), 1 - EPSILON]

OTHERS = [
    "e3m3(subnormals=no)",
    "e3m3(subnormals=no, zero=no, specials=none)",
    "e3m0(subnormals=no, zero=no, specials=none)",
    "e4m0(specials=fn)",
    "ue3m2(specials=none)",
    "ue3m2(subnormals=no, zero=no, specials=fn)",
    "e0m5(specials=none)",
    "e1m4(specials=fn)",
    "e3m2(bias=-9, specials=reserved)",
    "e3m2(bias=40, specials=p3109e)",
    "e3m3(integer_bit=yes)",
]
FORMATS = [named.format for named in FLOATS if named.format.width <= 8] + [parse(text) for text in OTHERS]


@dataclass(frozen=True)
class Gap:
    """Where a magnitude lies: its share of the gap above a kept value, whether that value's code is even."""

    nu: Fraction
    even: bool


def goes_away(mode: Rounding, gap: Gap, negative: bool, n: int, r: int) -> bool:
    """Whether the magnitude becomes the far end of its gap: each mode's definition in words."""
    nu, tie = gap.nu, gap.nu == HALF
    if not nu:
        return False
    match mode:
        case R.TOWARD_ZERO:
            return False
        case R.AWAY_FROM_ZERO:
            return True
        case R.TOWARD_POSITIVE:
            return not negative
        case R.TOWARD_NEGATIVE:
            return negative
        case R.TO_ODD:
            return gap.even
        case R.NEAREST_EVEN:
            return nu > HALF or (tie and not gap.even)
        case R.NEAREST_ODD:
            return nu > HALF or (tie and gap.even)
        case R.NEAREST_AWAY:
            return nu >= HALF
        case R.NEAREST_ZERO:
            return nu > HALF
        case R.NEAREST_POSITIVE:
            return nu > HALF or (tie and not negative)
        case R.NEAREST_NEGATIVE:
            return nu > HALF or (tie and negative)
        case R.STOCHASTIC_A:
            return floor(nu * 2**n) + r >= 2**n
        case R.STOCHASTIC_B:
            return floor(nu * 2 ** (n + 1)) + 2 * r + 1 >= 2 ** (n + 1)
        case R.STOCHASTIC_C:
            return round(nu * 2**n) + r >= 2**n
        case R.STOCHASTIC:
            return nu > Fraction(r, 2**n)


CHOICES = [(mode, 0, 0) for mode in DETERMINISTIC] + [
    (mode, n, r) for mode in (R.STOCHASTIC_A, R.STOCHASTIC_B, R.STOCHASTIC_C, R.STOCHASTIC) for n in (1, 2) for r in range(2**n)
]


@cache
def values(fmt: Float) -> list[Fraction]:
    """The magnitudes of the format in the order of their codes, decoded one by one."""
    found = []
    for code in range(fmt.codes >> fmt.signed):
        datum = fmt.decode(code)
        if isinstance(datum, Finite) and datum.value not in found:
            found.append(Fraction(int(datum.value.numerator), int(datum.value.denominator)))
    assert found == sorted(found)
    return found


def operands(fmt: Float) -> list[tuple[int, Fraction, Gap]]:
    """The kept code of a magnitude, the magnitude, its gap: in every gap of the format, and below its least value."""
    ends = list(enumerate(values(fmt)))
    if not fmt.has_zero:
        ends = [(-1, Fraction(0)), *ends]
    pairs = pairwise(ends)
    return [(code, low + (high - low) * nu, Gap(nu, code % 2 == 0)) for (code, low), (_, high) in pairs for nu in POSITIONS if low or nu]


def unbounded(fmt: Float, x: Fraction, mode: Rounding, negative: bool, n: int, r: int) -> Fraction:
    """x rounded to the precision of the format with an exponent range without end, as tininess after rounding wants it."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    e -= Fraction(2) ** e > x
    step = Fraction(2) ** (e - fmt.trailing)
    s = x / step
    code = ((e + fmt.bias) << fmt.trailing) + floor(s) - (1 << fmt.trailing)
    return (floor(s) + goes_away(mode, Gap(s - floor(s), code % 2 == 0), negative, n, r)) * step


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_rounding_picks_the_end_of_the_gap_that_its_mode_defines(fmt: Float) -> None:
    """In range, codes and the inexact flag, both signs, every mode; where a format lacks zero, its least value stands for it."""
    for kept, x, gap in operands(fmt):
        for negative in (False, True)[: 1 + fmt.signed]:
            for mode, n, r in CHOICES:
                ordinal = kept + goes_away(mode, gap, negative, n, r)
                if ordinal >= len(values(fmt)):
                    continue
                code, flags = fmt.project(mpq(-x if negative else x), Projection(rounding=mode, bits=n), r)
                signed = negative and (ordinal != 0 or fmt.has_negative_zero or not fmt.has_zero)
                assert code == fmt.join(signed, max(ordinal, 0)), (x, negative, mode, n, r)
                assert (Flags.INEXACT in flags) == (gap.nu > 0)


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_underflow_is_raised_for_tiny_inexact_results(fmt: Float) -> None:
    """Tiny before rounding: the exact magnitude is below the least normal; after: the one rounded with exponents without end is. Flushed, it is a zero."""
    assert fmt.least_normal is not None
    normal = Fraction(fmt.value(fmt.least_normal))
    for kept, x, gap in operands(fmt):
        if kept > fmt.least_normal or kept + 1 >= len(values(fmt)):
            break
        for negative in (False, True)[: 1 + fmt.signed]:
            for mode, n, r in CHOICES:
                exact = mpq(-x if negative else x)
                tiny_after = unbounded(fmt, x, mode, negative, n, r) < normal
                for tininess, tiny in ((Tininess.BEFORE, x < normal), (Tininess.AFTER, tiny_after)):
                    how = Projection(rounding=mode, bits=n, tininess=tininess)
                    assert (Flags.UNDERFLOW in fmt.project(exact, how, r)[1]) == (tiny and gap.nu > 0), (x, how, r)
                    if fmt.has_zero:
                        check_flush(fmt, exact, how, r, tiny)


def check_flush(fmt: Float, exact: mpq, how: Projection, r: int, tiny: bool) -> None:
    """A tiny result becomes a zero, of its sign or positive, underflow and inexact; any other is what it was."""
    for policy, sign in ((Subnormals.SIGNED_ZERO, exact < 0), (Subnormals.POSITIVE_ZERO, False)):
        flushing = Projection(rounding=how.rounding, bits=how.bits, tininess=how.tininess, results=policy)
        expected = (fmt.zero(sign), Flags.UNDERFLOW | Flags.INEXACT) if tiny else fmt.project(exact, how, r)
        assert fmt.project(exact, flushing, r) == expected


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_subnormal_operands_count_as_zero_where_the_policy_says_so(fmt: Float) -> None:
    """Denormals-are-zero: exactly the codes of class subnormal become zeros, of their sign or positive."""
    for code in fmt:
        datum = fmt.decode(code)
        subnormal = fmt.classify(code) == "subnormal"
        if subnormal:
            assert isinstance(datum, Finite) and 0 < abs(datum.value) < fmt.value(fmt.least_normal)
        assert fmt.operand(code) == datum
        assert fmt.operand(code, Subnormals.SIGNED_ZERO) == (Finite(mpq(0), datum.negative) if subnormal else datum)
        assert fmt.operand(code, Subnormals.POSITIVE_ZERO) == (Finite(mpq(0), False) if subnormal else datum)


def test_zero_in_a_format_without_one_is_its_least_value_or_nan() -> None:
    """e8m0 has no zero: the policy names the least value or NaN, for an exact zero and for what rounds to it."""
    e8m0 = parse("e8m0")
    nothing = mpq(1, 2**200)
    assert e8m0.project(0) == (0, Flags.INEXACT)
    assert e8m0.project(0, Projection(absent_zero=AbsentZero.NAN)) == (255, Flags.INVALID)
    assert e8m0.round(nothing) == 0
    assert e8m0.round(nothing, Projection(absent_zero=AbsentZero.NAN)) == 255
