"""The scale of a block: from amax, the greatest magnitude in it, by the rule and the policies of the format.

Sources: OCP Microscaling Formats (MX) 1.0 section 6.3 (floor); the conversions of torchao, Quark and cuBLAS (ceil, even, rceil); P3109 interim report v4.0
section 5 (max_abs).
"""

from collections.abc import Sequence

from gmpy2 import mpq

from formats.arithmetic import operation
from formats.block import BlockFormat, greatest_element, greatest_exponent, precision
from formats.block_policies import InfiniteLane, Logarithm, NaNLane, Policy, ScaleRule, SmallScale
from formats.family import Format
from formats.projection import Projection
from formats.quantizer import Division
from formats.stepwise import BINARY32, ONE, over, rounded, times
from refmath.datum import Datum, Finite, Infinity, NaN, finite, rational
from refmath.errors import RefmathError
from refmath.reals import Real, power_of_two, rational_floor_log2, scale

BEYOND_BINARY32 = finite(power_of_two(128))
"""What the exponent field of a binary32 infinity stands for, read like that of a number."""


def greatest_magnitude(lanes: Sequence[Datum], policy: Policy) -> Datum:
    """amax: the greatest magnitude, an infinity, or a NaN, by the policies for lanes that are no numbers."""
    if not lanes:
        raise RefmathError("A block without values has no scale; give at least one value.")
    if policy.nan is NaNLane.BLOCK and any(not isinstance(x, Finite | Infinity) for x in lanes):
        return NaN()
    if any(isinstance(x, Infinity) for x in lanes):
        match policy.infinity:
            case InfiniteLane.BLOCK:
                return NaN()
            case InfiniteLane.OVERFLOW:
                return Infinity(False)
            case InfiniteLane.EXPONENT:
                return BEYOND_BINARY32
            case InfiniteLane.ELEMENT:
                pass
    return finite(greatest_finite(lanes))


def greatest_finite(lanes: Sequence[Datum]) -> mpq:
    """The greatest magnitude of the finite values; 0 where there are none."""
    return max((magnitude(x) for x in lanes if isinstance(x, Finite)), default=mpq(0))


def magnitude(x: Finite) -> mpq:
    """|x| of a rational; ``RefmathError`` for any other."""
    if isinstance(x.value, Real):
        raise RefmathError("The values of a block have to be rational numbers that can be written out; round them into a float format first.")
    return abs(x.value)


def scale_code(fmt: BlockFormat, amax: Datum) -> int:
    """The code of the scale of a block with that amax, in one level."""
    policy = fmt.policy
    if isinstance(amax, Finite) and not amax.value:
        return small_scale(fmt.scale, policy.zero_block)
    return project_scale(fmt, wanted_scale(fmt, amax))


def wanted_scale(fmt: BlockFormat, amax: Datum) -> Datum:
    """What the rule asks for, before it becomes a scale: a power of two, a quotient, amax itself, an infinity or a NaN. amax is not zero."""
    if not isinstance(amax, Finite):
        return amax
    match fmt.policy.rule:
        case ScaleRule.MAX_ABS:
            return amax
        case ScaleRule.RATIO:
            return quotient(fmt, amax)
        case ScaleRule.RCEIL:
            ratio = quotient(fmt, amax)
            if not isinstance(ratio, Finite) or not ratio.value:
                return ratio
            return finite(power_of_two(ceil_log2(rational(ratio), fmt.policy.log2)))
        case _:
            return finite(power_of_two(scale_exponent(fmt, rational(amax))))


def project_scale(fmt: BlockFormat, wanted: Datum) -> int:
    """The code that a wanted scale becomes: rounded, kept in range, and not below it."""
    scale_format, policy = fmt.scale, fmt.policy
    if isinstance(wanted, NaN) and not scale_format.has_nan:
        raise RefmathError(
            f"{fmt.name}: the scale of a block is NaN, and {scale_format.name} has none; choose nan=element, infinity=element or another scale format."
        )
    how = Projection(policy.scale_rounding, overflow=policy.scale_overflow)
    if isinstance(wanted, Finite):
        value = rational(wanted)
        if policy.small_scale is SmallScale.LEAST_NORMAL and value < scale_format.value(least_normal(scale_format)):
            return small_scale(scale_format, SmallScale.LEAST_NORMAL)
        if value < scale_format.value(scale_format.least) and not scale_format.has_zero:
            return small_scale(scale_format, policy.small_scale)
    code = scale_format.round(wanted, how)
    datum = scale_format.decode(code)
    return small_scale(scale_format, policy.small_scale) if isinstance(datum, Finite) and not datum.value else code


def least_normal(fmt: Format) -> int:
    """The magnitude code of the least normal value, or of the least one where nothing is called normal."""
    return fmt.least if fmt.least_normal is None else fmt.least_normal


def small_scale(fmt: Format, policy: SmallScale) -> int:
    """The code that stands in for a scale below the range."""
    match policy:
        case SmallScale.LEAST:
            return fmt.join(False, fmt.least)
        case SmallScale.LEAST_NORMAL:
            return fmt.join(False, least_normal(fmt))
        case SmallScale.ONE:
            return fmt.encode(mpq(1))
        case SmallScale.ZERO:
            return fmt.zero() if fmt.has_zero else fmt.join(False, fmt.least)


def scale_exponent(fmt: BlockFormat, amax: mpq) -> int:
    """The exponent of a power-of-two scale by the rules that look at log2 amax, before it is kept in range; amax is not zero."""
    log2, emax = fmt.policy.log2, greatest_exponent(fmt.element)
    match fmt.policy.rule:
        case ScaleRule.CEIL:
            return ceil_log2(amax, log2) - emax
        case ScaleRule.EVEN:
            return floor_log2(round_significand(amax, precision(fmt.element)), log2) - emax
        case _:
            return floor_log2(amax, log2) - emax


def quotient(fmt: BlockFormat, amax: Finite) -> Datum:
    """amax / greatest element, with the roundings that the policy names."""
    greatest = finite(greatest_element(fmt.element))
    match fmt.policy.ratio:
        case Division.EXACT:
            return finite(rational(amax) / rational(greatest))
        case Division.DIVIDE:
            return over(rounded(amax), rounded(greatest))
        case Division.MULTIPLY:
            return times(rounded(amax), over(ONE, rounded(greatest)))


def round_significand(x: mpq, p: int) -> mpq:
    """x > 0 rounded to p significand bits, ties to even, exponents without end."""
    k = p - 1 - rational_floor_log2(x)
    twice = scale(x, k + 1)
    floor = twice.numerator // twice.denominator
    kept, half, exact = floor >> 1, floor & 1, twice.denominator == 1
    return scale(mpq(kept + (half and (not exact or kept & 1))), -k)


def floor_log2(x: mpq, how: Logarithm) -> int:
    """floor(log2 x) of x > 0."""
    if how is Logarithm.EXACT:
        return rational_floor_log2(x)
    value = binary32_log2(x)
    return int(value.numerator // value.denominator)


def ceil_log2(x: mpq, how: Logarithm) -> int:
    """ceil(log2 x) of x > 0."""
    if how is Logarithm.EXACT:
        low = rational_floor_log2(x)
        return low if x == power_of_two(low) else low + 1
    value = binary32_log2(x)
    return -int(-value.numerator // value.denominator)


def binary32_log2(x: mpq) -> mpq:
    """log2 of x, both rounded to binary32; x that overflows there counts as 2^128, x that vanishes as its least number."""
    code = BINARY32.round(x)
    if BINARY32.magnitude(code) is None:
        return mpq(128)
    answer = operation("log2", BINARY32)(max(code, 1)).code
    return mpq(BINARY32.exact(answer))
