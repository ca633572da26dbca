"""The scale of a block: every rule and policy against definitions written here in fractions."""

from fractions import Fraction

import gmpy2
import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.block import BlockFormat
from formats.block_notation import parse_block
from formats.block_policies import InfiniteLane, Logarithm, NaNLane
from formats.block_quantize import quantize
from formats.block_scale import ceil_log2, floor_log2, greatest_magnitude
from refmath.datum import Finite, Infinity, NaN, finite
from refmath.errors import RefmathError

ELEMENTS = {"mxfp8_e5m2": (15, 3, 57344), "mxfp8_e4m3": (8, 4, 448), "mxfp6_e3m2": (4, 3, 28), "mxfp6_e2m3": (2, 4, Fraction(15, 2)), "mxfp4": (2, 2, 6)}
"""emax, precision and greatest value of the elements."""
INT8 = (0, 7, Fraction(127, 64))


def log2_floor(x: Fraction) -> int:
    """floor(log2 x), by counting."""
    k = 0
    while Fraction(2) ** k > x:
        k -= 1
    while Fraction(2) ** (k + 1) <= x:
        k += 1
    return k


def log2_ceil(x: Fraction) -> int:
    """ceil(log2 x)."""
    k = log2_floor(x)
    return k if Fraction(2) ** k == x else k + 1


def rounded(x: Fraction, p: int) -> Fraction:
    """x to p significand bits; Python's round goes to even in ties."""
    ulp = Fraction(2) ** (log2_floor(x) - p + 1)
    return round(x / ulp) * ulp


def defined(rule: str, amax: Fraction, emax: int, p: int, greatest: Fraction | int) -> int:
    """The exponent of the scale, by the words of the rule."""
    match rule:
        case "floor":
            return log2_floor(amax) - emax
        case "ceil":
            return log2_ceil(amax) - emax
        case "even":
            return log2_floor(rounded(amax, p)) - emax
        case _:
            return log2_ceil(amax / greatest)


def exponent(fmt: BlockFormat, *values: object) -> int:
    """The exponent of the E8M0 scale of a block."""
    code = quantize(fmt, values).scale
    assert code < 255
    return code - 127


@pytest.mark.parametrize(("amax", "expected"), [("41/10", (0, 1, 0, 0)), ("61/10", (0, 1, 0, 1)), ("7", (0, 1, 1, 1))])
def test_the_four_rules_differ_as_published(amax: str, expected: tuple[int, ...]) -> None:
    """E2M1 elements: amax 4.1, 6.1 and 7 have the scale exponents 0/1/0/0, 0/1/0/1, 0/1/1/1 by floor, ceil, even and rceil."""
    assert tuple(exponent(parse_block(f"mxfp4(rule={rule})"), mpq(amax)) for rule in ("floor", "ceil", "even", "rceil")) == expected


@pytest.mark.parametrize("rule", ["floor", "ceil", "even", "rceil"])
@pytest.mark.parametrize("name", [*ELEMENTS, "mxint8"])
@given(n=st.integers(1, 1 << 30), k=st.integers(-60, 60))
@examples(40)
def test_a_rule_is_its_words(name: str, rule: str, n: int, k: int) -> None:
    """Scale exponents follow from amax as the definition of the rule says, for every element format of MX."""
    amax = Fraction(n) * Fraction(2) ** (k - 30)
    emax, p, greatest = ELEMENTS.get(name, INT8)
    assert exponent(parse_block(f"{name}(rule={rule})"), mpq(amax), mpq(-amax) / 3) == defined(rule, amax, emax, p, greatest)


@pytest.mark.parametrize("name", [*ELEMENTS, "mxint8"])
def test_even_rounds_up_from_the_middle_of_the_last_gap_on(name: str) -> None:
    """Where rounding amax carries into the next binade the tie goes up, as it does away from zero; just below the tie it does not."""
    _, p, _ = ELEMENTS.get(name, INT8)
    tie, fmt = 2 - mpq(1, 2**p), parse_block(f"{name}(rule=even)")
    assert exponent(fmt, tie) == exponent(fmt, mpq(1)) + 1
    assert exponent(fmt, tie - mpq(1, 2**40)) == exponent(fmt, mpq(1))


@pytest.mark.parametrize("name", ["mxfp4(rule=rceil)", "msfp11", "msfp12", "msfp16", "mxint8(rule=rceil)", "mxfp8_e4m3(rule=rceil)"])
@given(values=st.lists(st.fractions(-1000, 1000), min_size=1, max_size=8).filter(any))
@examples(40)
def test_rceil_never_saturates_and_is_the_least_that_does_not(name: str, values: list[Fraction]) -> None:
    """With the ceiling of log2(amax / greatest element) every value over its scale is in range; with half that scale one is not."""
    fmt = parse_block(name)
    greatest = Fraction(fmt.element.exact(fmt.element.limit()))  # type: ignore[arg-type]
    scale = Fraction(2) ** exponent(fmt, *values)
    assert max(map(abs, values)) / scale <= greatest < max(map(abs, values)) / (scale / 2)


@pytest.mark.parametrize(
    ("k", "wrong"),
    [(-125, True), (-40, True), (-3, True), (-2, True), (-1, False), (0, False), (1, False), (2, False), (3, True), (4, True), (16, True), (127, True)],
)
def test_log2_in_binary32_is_wrong_just_below_a_power_of_two(k: int, wrong: bool) -> None:
    """log2 of the binary32 number before 2^k is k - 8.6e-8, and k itself when rounded to binary32, except near 0 where numbers are dense."""
    below = mpq(Fraction(2) ** k * (1 - Fraction(1, 2**24)))
    assert floor_log2(below, Logarithm.EXACT) == k - 1
    assert floor_log2(below, Logarithm.BINARY32) == (k if wrong else k - 1)


@given(n=st.integers(1, (1 << 24) - 1), k=st.integers(-140, 100))
@examples(200)
def test_log2_in_binary32_is_that_of_mpfr(n: int, k: int) -> None:
    """Floor and ceiling of MPFR's log2 of 24 bits."""
    x = mpq(n) * mpq(2) ** k
    with gmpy2.context(precision=24):
        log2 = gmpy2.log2(gmpy2.mpfr(x))
    assert floor_log2(x, Logarithm.BINARY32) == int(gmpy2.floor(log2)) and ceil_log2(x, Logarithm.BINARY32) == int(gmpy2.ceil(log2))


def test_floor_of_a_binary32_log2_changes_the_scale() -> None:
    """65535.996: exactly 2^(15 - 2), by a binary32 logarithm 2^(16 - 2)."""
    below = mpq(Fraction(2) ** 16 * (1 - Fraction(1, 2**24)))
    assert exponent(parse_block("mxfp4"), below) == 13
    assert exponent(parse_block("mxfp4(log2=binary32)"), below) == 14


@pytest.mark.parametrize(("ratio", "up"), [("exact", True), ("divide", False), ("multiply", False)])
def test_rceil_with_a_rounded_quotient_loses_what_lies_just_above(ratio: str, up: bool) -> None:
    """amax = 6 (1 + 2^-25) over 6 is above 1 exactly, and 1 after rounding to binary32."""
    assert exponent(parse_block(f"mxfp4(rule=rceil, ratio={ratio})"), 6 * (1 + mpq(1, 2**25))) == up


def test_multiplying_by_the_reciprocal_is_no_division() -> None:
    """For E4M3, amax = 2^a 448 with 1/448 rounded up in binary32 gives a ratio above 2^a, or at it, as NumPy's binary32 says."""
    import numpy as np

    for amax in (Fraction(448), Fraction(224), Fraction(7), Fraction(14), Fraction(449), Fraction(447)):
        x, inverse = np.float32(float(amax)), np.float32(1) / np.float32(448)
        ratio = Fraction(float(x * inverse))
        assert exponent(parse_block("mxfp8_e4m3(rule=rceil, ratio=multiply)"), amax) == log2_ceil(ratio)
        ratio = Fraction(float(x / np.float32(448)))
        assert exponent(parse_block("mxfp8_e4m3(rule=rceil, ratio=divide)"), amax) == log2_ceil(ratio)


@pytest.mark.parametrize(("policy", "code"), [("least", 0), ("least_normal", 0), ("one", 127), ("zero", 0)])
def test_the_scale_of_a_block_of_zeros_is_a_choice(policy: str, code: int) -> None:
    """E8M0 has no zero: a block of zeros has the least scale, or 1."""
    block = quantize(parse_block(f"mxfp4(zero_block={policy})"), [Finite(mpq(0), False), Finite(mpq(0), True)])
    assert (block.scale, block.elements) == (code, (0, 8))


@pytest.mark.parametrize(("policy", "code"), [("least", 0), ("one", 127)])
def test_an_amax_below_the_range_is_a_choice(policy: str, code: int) -> None:
    """2^-140 over 4 is below 2^-127: clamped, or 1."""
    assert quantize(parse_block(f"mxfp4(small_scale={policy})"), [mpq(1, 2**140)]).scale == code


def test_the_ends_of_the_range_of_e8m0() -> None:
    """2^-127 and 2^127 are scales still; what lies beyond is clamped by section 6.3, or NaN where that is chosen."""
    low, high = mpq(4, 2**127), mpq(4) * 2**127
    assert quantize(parse_block("mxfp4"), [low]).scale == 0 and quantize(parse_block("mxfp4"), [high]).scale == 254
    assert quantize(parse_block("mxfp4"), [2 * high]).scale == 254 and quantize(parse_block("mxfp4"), [low / 2]).scale == 0
    assert quantize(parse_block("mxfp4(scale_overflow=to_nan)"), [2 * high]).scale == 255
    assert quantize(parse_block("mxfp4(scale_overflow=to_nan)"), [high]).scale == 254


@pytest.mark.parametrize(
    ("policy", "amax", "code"),
    [("least", "2^-12", 1), ("least_normal", "2^-12", 8), ("least_normal", "6/100", 8), ("one", "2^-12", 0x38), ("zero", "2^-12", 0), ("least", "6/100", 5)],
)
def test_a_small_scale_with_a_significand_is_a_choice(policy: str, amax: str, code: int) -> None:
    """UE4M3 for E2M1: 2^-12 / 6 rounds to zero, 0.06 / 6 = 0.01 to the subnormal 5 x 2^-9."""
    value = mpq(1, 2**12) if amax.startswith("2^") else mpq(amax)
    assert quantize(parse_block(f"block(e2m1, ue4m3, 16, small_scale={policy})"), [value]).scale == code


@pytest.mark.parametrize("n", range(1, 120))
def test_a_rounded_quotient_is_the_nearest_scale(n: int) -> None:
    """rule=ratio: UE4M3 of amax / 6, to nearest, against the table of all its values."""
    fmt = parse_block("block(e2m1, ue4m3, 16)")
    wanted = Fraction(n * n, 37)
    values = {code: Fraction(fmt.scale.exact(code)) for code in range(0x7F)}  # type: ignore[arg-type]
    nearest = min(values, key=lambda code: (abs(values[code] - wanted / 6), code & 1))
    assert quantize(fmt, [wanted]).scale == nearest


def test_specials_decide_amax_as_the_policies_say() -> None:
    """A NaN or an infinity makes the scale NaN, or stands aside, or counts as beyond everything."""
    lanes = [finite(mpq(3)), Infinity(True)]
    assert isinstance(greatest_magnitude(lanes, parse_block("mxfp4").policy), NaN)
    by = {policy: greatest_magnitude(lanes, parse_block(f"mxfp4(infinity={policy.value})").policy) for policy in InfiniteLane}
    assert by[InfiniteLane.ELEMENT] == finite(mpq(3)) and by[InfiniteLane.OVERFLOW] == Infinity(False) and by[InfiniteLane.EXPONENT] == finite(mpq(2) ** 128)
    lanes = [NaN(), finite(mpq(-5))]
    assert isinstance(greatest_magnitude(lanes, parse_block("mxfp4").policy), NaN)
    assert greatest_magnitude(lanes, parse_block(f"mxfp4(nan={NaNLane.ELEMENT.value})").policy) == finite(mpq(5))


@pytest.mark.parametrize(("policy", "code"), [("block", 255), ("overflow", 254), ("exponent", 128 - 2 + 127), ("element", 127 - 2)])
def test_the_scale_beside_an_infinity(policy: str, code: int) -> None:
    """1 and infinity in one block of MXFP4."""
    assert quantize(parse_block(f"mxfp4(infinity={policy})"), [mpq(1), Infinity(False)]).scale == code


def test_a_scale_that_cannot_be_nan_says_so() -> None:
    """A NaN in a block whose scale format has none is an error with a remedy."""
    fmt = parse_block("block(e2m1, uint8, 16, rule=ratio)")
    with pytest.raises(RefmathError, match="uint8 has none; choose nan=element"):
        quantize(fmt, [NaN()])


def test_max_abs_is_amax_itself() -> None:
    """rule=max_abs: the scale is amax rounded into its format, without dividing by the greatest element."""
    fmt = parse_block("block(e2m1, ue4m3, 16, rule=max_abs)")
    for n in range(1, 200):
        wanted = Fraction(n * n, 91)
        code = quantize(fmt, [wanted]).scale
        below, above = (Fraction(fmt.scale.exact(min(max(code + step, 0), 0x7E))) for step in (-1, 1))  # type: ignore[arg-type]
        here = abs(Fraction(fmt.scale.exact(code)) - wanted)  # type: ignore[arg-type]
        assert here <= abs(below - wanted) and here <= abs(above - wanted)


def test_floor_and_ceiling_bracket_the_logarithm() -> None:
    """floor and ceil of log2 bracket it for numbers that are no powers of two, and meet at powers."""
    for n in range(1, 300):
        low, high = floor_log2(mpq(n, 7), Logarithm.EXACT), ceil_log2(mpq(n, 7), Logarithm.EXACT)
        assert mpq(2) ** low <= mpq(n, 7) <= mpq(2) ** high and high - low == (mpq(2) ** low != mpq(n, 7))
