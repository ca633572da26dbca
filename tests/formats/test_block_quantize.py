"""From values to blocks and back: elements against nearest values in tables, specials, and every way of dividing."""

from fractions import Fraction

import numpy as np
import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.block import Block, decode
from formats.block_notation import parse_block
from formats.block_quantize import quantize, requantize
from formats.notation import parse
from refmath.datum import NEGATIVE_ZERO, ZERO, Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.text import parse_exact

MX = {
    "mxfp8_e5m2": [Fraction(t, 4) * Fraction(2) ** -14 for t in range(4)] + [(1 + Fraction(t, 4)) * Fraction(2) ** e for e in range(-14, 16) for t in range(4)],
    "mxfp8_e4m3": ([Fraction(t, 8) * Fraction(2) ** -6 for t in range(8)] + [(1 + Fraction(t, 8)) * Fraction(2) ** e for e in range(-6, 9) for t in range(8)])[
        :-1
    ],
    "mxfp6_e3m2": [Fraction(t, 4) * Fraction(1, 4) for t in range(4)] + [(1 + Fraction(t, 4)) * Fraction(2) ** e for e in range(-2, 5) for t in range(4)],
    "mxfp6_e2m3": [Fraction(t, 8) for t in range(8)] + [(1 + Fraction(t, 8)) * Fraction(2) ** e for e in range(3) for t in range(8)],
    "mxfp4": [Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(3), Fraction(4), Fraction(6)],
}
"""The magnitudes of the elements, by code."""


def value(x: Datum) -> Fraction:
    """The value of a finite datum."""
    assert isinstance(x, Finite)
    return Fraction(x.value)  # type: ignore[arg-type]


def nearest(magnitudes: list[Fraction], x: Fraction) -> Fraction:
    """The nearest magnitude, the one of even code in ties, the greatest beyond it."""
    return min(enumerate(magnitudes), key=lambda item: (abs(item[1] - x), item[0] & 1))[1]


@pytest.mark.parametrize("name", MX)
@given(values=st.lists(st.fractions(-300, 300) | st.integers(-40, 40).map(lambda n: Fraction(n, 8)), min_size=1, max_size=32))
@examples(40)
def test_mx_is_floor_then_nearest(name: str, values: list[Fraction]) -> None:
    """OCP MX 6.3: scale 2^(floor(log2 amax) - emax), elements nearest to the quotient, ties to even, saturating."""
    amax, table = max(map(abs, values)), MX[name]
    fmt = parse_block(name)
    block = quantize(fmt, values)
    if not amax:
        assert block.scale == 0 and not any(block.elements)
        return
    k = -400
    while Fraction(2) ** (k + 1) <= amax:
        k += 1
    emax = max(e for e in range(20) if Fraction(2) ** e <= table[-1])
    assert block.scale == k - emax + 127
    scale = Fraction(2) ** (k - emax)
    assert [value(x) for x in decode(block)] == [(1 if v >= 0 else -1) * nearest(table, abs(v) / scale) * scale for v in values]


def test_mxint8_is_twos_complement_over_64() -> None:
    """Elements -2 to 127/64; 127.5/64 in a tie goes up and saturates; -2 is there unless the range is symmetric."""
    fmt = parse_block("mxint8")
    block = quantize(fmt, [mpq(255, 128), mpq(-255, 128), mpq(1, 128), mpq(3, 128), mpq(1)])
    assert (block.scale, block.elements) == (127, (127, 0x80, 0, 2, 64))
    symmetric = quantize(parse_block("mxint8(integers=symmetric)"), [mpq(-255, 128), mpq(1)])
    assert symmetric.elements == (0x81, 64)
    assert value(decode(Block(fmt, 127, (0x80,)))[0]) == -2


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [("nearest_even", ("0", "1", "1", "2", "2", "4", "4")), ("nearest_away", ("1/2", "1", "3/2", "2", "3", "4", "6"))],
)
def test_ties_of_e2m1(rounding: str, expected: tuple[str, ...]) -> None:
    """The ties .25, .75, 1.25, 1.75, 2.5, 3.5, 5 under the scale 1, to even and away from zero."""
    ties = [mpq(1, 4), mpq(3, 4), mpq(5, 4), mpq(7, 4), mpq(5, 2), mpq(7, 2), mpq(5)]
    for sign in (1, -1):
        block = quantize(parse_block(f"mxfp4(rounding={rounding})"), [sign * tie for tie in ties])
        assert block.scale == 127
        assert [value(x) for x in decode(block)] == [sign * Fraction(x) for x in expected]


@pytest.mark.parametrize(
    ("mode", "rule"), [("stochastic_a", lambda d, r: d + Fraction(r, 256) >= 1), ("stochastic_b", lambda d, r: d + Fraction(2 * r + 1, 512) >= 1)]
)
def test_stochastic_rounding_of_elements(mode: str, rule: object) -> None:
    """Up to the next element iff delta + r / 256 >= 1 (NVIDIA), or delta + (2 r + 1) / 512 >= 1 (Graphcore), delta with 8 bits."""
    fmt = parse_block(f"mxfp4(rounding={mode}, bits=8)")
    lanes = [mpq(4), *(2 + mpq(n, 128) for n in range(1, 31))]
    for r in range(0, 256, 5):
        got = [value(x) for x in decode(quantize(fmt, lanes, random=r))][1:]
        assert got == [3 if rule(Fraction(n, 128), r) else 2 for n in range(1, 31)]  # type: ignore[operator]
    each = quantize(fmt, [mpq(4), mpq(5, 2), mpq(5, 2)], random=[0, 127, 128])
    assert [value(x) for x in decode(each)] == [4, 2, 3]


@pytest.mark.parametrize("name", ["mxfp4", "mxint8", "mxfp8_e4m3", "nvfp4(size=16)", "nvfp4_torchao", "mxfp4_ue5m3_two_level"])
@pytest.mark.parametrize("special", [NaN(), Infinity(False), Infinity(True)])
def test_a_special_makes_its_block_nan(name: str, special: Datum) -> None:
    """By default a NaN or an infinity makes the scale NaN, and with it every element, whatever their format can say."""
    block = quantize(parse_block(name), [mpq(1), special, mpq(-3)])
    assert isinstance(block.format.scale.decode(block.scale), NaN) and len(set(block.elements)) == 1
    assert all(isinstance(x, NaN) for x in decode(block))


def test_specials_stay_in_their_lanes_where_that_is_chosen() -> None:
    """E5M2 has infinities and NaNs of its own; infinities saturate unless overflow is IEEE's."""
    block = quantize(parse_block("mxfp8_e5m2(nan=element, infinity=element)"), [mpq(3), NaN(), Infinity(True)])
    low, nan, high = decode(block)
    assert value(low) == 3 and isinstance(nan, NaN) and value(high) == -57344 * Fraction(2) ** (1 - 15)
    block = quantize(parse_block("mxfp8_e5m2(nan=element, infinity=element, overflow=ieee)"), [mpq(3), NaN(), Infinity(True)])
    assert decode(block)[2] == Infinity(True)


def test_a_nan_in_elements_without_one_is_an_error_or_a_choice() -> None:
    """E2M1 has no NaN: kept in its lane it needs a substitute."""
    with pytest.raises(RefmathError, match="absent_nan"):
        quantize(parse_block("mxfp4(nan=element)"), [mpq(3), NaN()])
    assert quantize(parse_block("mxfp4(nan=element, absent_nan=zero)"), [mpq(4), NaN()]).elements == (6, 0)


def test_what_an_infinity_does_to_the_others() -> None:
    """Where it counts as amax, everything finite vanishes beside it, and it saturates."""
    for policy in ("overflow", "exponent"):
        block = quantize(parse_block(f"mxfp4(infinity={policy})"), [mpq(100), Infinity(True)])
        assert block.elements == (0, 0xF)


@given(st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=1, max_size=8), st.sampled_from(["divide", "multiply"]))
@examples(150)
def test_division_step_by_step_is_that_of_the_processor(values: list[float], division: str) -> None:
    """With UE4M3 scales the quotient in binary32, or the product with the reciprocal, is NumPy's; then E4M3 by ml_dtypes."""
    import ml_dtypes

    block = quantize(parse_block(f"block(ocp_e4m3, ue4m3, 16, division={division})"), [mpq(Fraction(v)) for v in values])
    scale = np.uint8(block.scale).view(ml_dtypes.float8_e4m3fn).astype(np.float32)
    x = np.array(values, np.float32)
    with np.errstate(under="ignore", over="ignore"):
        quotient = x / scale if division == "divide" else x * (np.float32(1) / scale)
    expected = np.clip(quotient, -448, 448).astype(ml_dtypes.float8_e4m3fn).view(np.uint8)
    assert [code & 0x7F for code in block.elements] == (expected & 0x7F).tolist()


def test_dividing_exactly_differs_from_multiplying_by_the_reciprocal() -> None:
    """Under the scale 448 a value just above the tie 2.5 x 448 goes up; its product with the rounded reciprocal is the tie itself, and goes to even."""
    fmt, step = "block(e2m1, ue4m3, 16, division={})", mpq(1, 2**13)
    x = mpq(5, 2) * 448 + step
    found = {way: value(decode(quantize(parse_block(fmt.format(way)), [mpq(6 * 448), x]))[1]) / 448 for way in ("exact", "divide", "multiply")}
    inverse = Fraction(float(np.float32(1) / np.float32(448)))
    product = Fraction(float(np.float32(float(x)) * np.float32(float(inverse))))
    assert found == {"exact": 3, "divide": 3, "multiply": 3 if product > Fraction(5, 2) else 2}


def test_decoding_multiplies_in_the_extended_reals() -> None:
    """Scale NaN: all NaN. Infinite element: infinite. Zero keeps its sign. An infinite scale of a zero is a NaN."""
    e5m2 = parse_block("mxfp8_e5m2")
    assert decode(Block(e5m2, 130, (0x7C, 0xFC, 0x00, 0x80, 0x3C)))[:4] == (Infinity(False), Infinity(True), ZERO, NEGATIVE_ZERO)
    assert isinstance(decode(Block(e5m2, 130, (0x7D,)))[0], NaN)
    assert all(isinstance(x, NaN) for x in decode(Block(e5m2, 255, (0x7C, 0x00, 0x3C))))
    fmt = parse_block("block(binary8p4se, binary8p4ue, 4)")
    infinite = fmt.scale.infinity()
    assert isinstance(decode(Block(fmt, infinite, (0,)))[0], NaN) and decode(Block(fmt, infinite, (0x40,)))[0] == Infinity(False)


@given(st.lists(st.integers(0, 15), min_size=1, max_size=32), st.integers(0, 254))
@examples(80)
def test_requantizing_into_its_own_format_changes_no_value(codes: list[int], scale: int) -> None:
    """A block of MXFP4 whose greatest element uses the top binade is a fixed point; others keep their values, unless they are smaller than the least scale allows."""
    block = Block(parse_block("mxfp4"), scale, tuple(codes))
    again = requantize(block, block.format)
    if any(code & 7 >= 6 for code in codes):
        assert again == block
    assert [value(x) for x in decode(again)] == [value(x) for x in decode(block)] or scale < 3


def test_requantizing_rounds_what_the_other_format_lacks() -> None:
    """7/8 of MXFP6 E2M3 becomes 1 x 2^-... in MXFP4: the exact values of a block are quantized anew."""
    block = quantize(parse_block("mxfp6_e2m3"), [mpq(7), mpq(7, 8), mpq(13, 8)])
    assert [value(x) for x in decode(block)] == [7, Fraction(7, 8), Fraction(13, 8)]
    assert [value(x) for x in decode(requantize(block, parse_block("mxfp4")))] == [6, 1, Fraction(3, 2)]


def test_p3109_blocks_project_by_the_scale() -> None:
    """P3109 section 5: NaN for a NaN; 0 under a zero scale; the product of the signs under an infinite one; else Xi / s. MaxAbsFinite leaves infinities out."""
    from formats.block_orders import Scaling
    from formats.block_quantize import divided
    from formats.quantizer import Division

    lanes: list[Datum] = [NaN(), Infinity(True), Finite(mpq(-3), True), Finite(mpq(0), False)]
    for scale, expected in (
        (Finite(mpq(0), False), ["nan", 0, 0, 0]),
        (Infinity(False), ["nan", -1, -1, 0]),
        (Finite(mpq(2), False), ["nan", "-inf", Fraction(-3, 2), 0]),
        (NaN(), ["nan"] * 4),
    ):
        for x, want in zip(lanes, expected, strict=True):
            got = divided(x, Scaling(0, scale, Division.EXACT))
            assert isinstance(got, NaN) if want == "nan" else got == Infinity(True) if want == "-inf" else value(got) == want
    fmt = parse_block("block(binary8p4se, binary8p1uf, 8)")
    block = quantize(fmt, [mpq(-5), Infinity(False), NaN(), mpq(1)])
    assert [fmt.scale.exact(block.scale), fmt.element.decode(block.elements[1])] == [4, Infinity(False)]
    assert isinstance(fmt.element.decode(block.elements[2]), NaN)
    assert [fmt.element.exact(block.elements[i]) for i in (0, 3)] == [mpq(-5, 4), mpq(1, 4)]


def test_p3109_scale_is_not_divided_by_the_greatest_element() -> None:
    """ConvertToBlockMaxAbsFinite: s = Project(max |Xi|), so that elements lie between -1 and 1 apart from rounding of the scale; a block of zeros has the scale zero."""
    fmt = parse_block("block(binary8p4se, binary8p4ue, 8)")
    block = quantize(fmt, [mpq(100), mpq(-50)])
    assert fmt.scale.exact(block.scale) == parse("binary8p4ue").exact(parse("binary8p4ue").round(mpq(100)))
    assert abs(fmt.element.exact(block.elements[0]) - 1) < mpq(1, 8)  # type: ignore[operator]
    zeros = quantize(fmt, [mpq(0), mpq(0)])
    assert zeros.scale == fmt.scale.zero() and set(zeros.elements) == {0}


def test_bad_input_is_told() -> None:
    """No values, a text, too many values, a code too wide, an irrational number, a tensor scale where there is none."""
    fmt = parse_block("mxfp4")
    for call, words in (
        (lambda: quantize(fmt, []), "at least one value"),
        (lambda: quantize(fmt, ["1.5"]), "is no value of a block"),
        (lambda: quantize(fmt, [mpq(1)] * 33), "33 elements is impossible"),
        (lambda: Block(fmt, 256, (1,)), "not a code of e8m0"),
        (lambda: Block(fmt, 0, (16,)), "not a code of e2m1"),
        (lambda: Block(fmt, 0, ()), "0 elements is impossible"),
        (lambda: Block(fmt, 0, (1,), 5), "has no tensor scale; give none"),
        (lambda: Block(parse_block("nvfp4"), 0, (1,)), "has a tensor scale; give its code"),
        (lambda: quantize(fmt, [parse_exact("1e999999999")]), "rational numbers"),
        (lambda: quantize(fmt, [mpq(1), mpq(2)], random=[1]), "one for each"),
    ):
        with pytest.raises(RefmathError, match=words):
            call()
