"""The array engine is held to the reference: every policy, every mode, values and flags."""

import random
from dataclasses import replace

import numpy as np
import pytest
from array_cases import FORMATS, boundary_codes, random_projection

from formats.arrays import convert, convert_codes, dtype, engine_for
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding


@pytest.mark.parametrize("seed", range(8))
def test_engine_converts_as_the_reference_does_under_any_projection(seed: int) -> None:
    """For random pairs of formats and random policies, codes and flags of both engines are equal on all boundary codes."""
    rng = random.Random(seed)
    for _ in range(60):
        source, target, how = rng.choice(FORMATS), rng.choice(FORMATS), random_projection(rng)
        codes = np.array(boundary_codes(source, rng), dtype=object).astype(dtype(source))
        draw = rng.getrandbits(how.bits) if how.bits else 0
        expected, expected_flags = convert(codes, source, target, how, draw, engine="reference")
        got, got_flags = convert(codes, source, target, how, draw, engine="array")
        assert np.array_equal(got, expected), (source, target, how, draw)
        assert np.array_equal(got_flags, expected_flags), (source, target, how, draw)


@pytest.mark.parametrize("target", ["ocp_e4m3", "ocp_e5m2", "bfloat16", "e8m0", "int8", "binary8p3se"])
def test_engine_converts_every_binary16_code_as_the_reference_does(target: str) -> None:
    """All 65,536 codes of binary16, nearest even."""
    source, how = parse("binary16"), replace(parse(target).default, absent_nan=AbsentNaN.ZERO)
    codes = np.arange(1 << 16, dtype=np.uint16)
    for got, expected in zip(
        convert(codes, source, parse(target), how, engine="array"), convert(codes, source, parse(target), how, engine="reference"), strict=True
    ):
        assert np.array_equal(got, expected)


@pytest.mark.parametrize("seed", range(3))
def test_extended_operands_are_converted_as_the_reference_does(seed: int) -> None:
    """x87 sources, invalid encodings and pseudo-denormals included, into random targets under random policies."""
    rng, x87 = random.Random(seed), parse("x87_extended")
    codes = boundary_codes(x87, rng) + [
        e << 64 | j << 63 | t for e in (0, 1, 0x3FFF, 0x7FFE, 0x7FFF, 0x8000, 0xFFFF) for j in (0, 1) for t in (0, 1, 1 << 62, (1 << 63) - 1)
    ]
    operands = np.array(codes, dtype=object)
    for _ in range(25):
        target, how = rng.choice(FORMATS), random_projection(rng)
        draw = rng.getrandbits(how.bits) if how.bits else 0
        expected, expected_flags = convert(operands, x87, target, how, draw, engine="reference")
        got, got_flags = convert(operands, x87, target, how, draw, engine="array")
        assert np.array_equal(got, expected), (target, how, draw)
        assert np.array_equal(got_flags, expected_flags), (target, how, draw)


def test_what_the_carrier_cannot_hold_goes_to_the_reference() -> None:
    """128-bit formats, the stored integer bit and unlimited random bits are not the engine's."""
    f32, f128, x87 = parse("binary32"), parse("binary128"), parse("x87_extended")
    assert engine_for(f32, f32, Projection()) == "array"
    assert engine_for(f128, f32, Projection()) == "reference"
    assert engine_for(f32, x87, Projection()) == "reference"
    assert engine_for(f32, f32, Projection(rounding=Rounding.STOCHASTIC_A, bits=64)) == "reference"
    third = f128.round(parse("binary128").exact(f128.round(1)) / 3)
    codes, flags = convert(np.array([third], dtype=object), f128, f32)
    assert codes.tolist() == [0x3EAAAAAB] and flags.tolist() == [1]


@pytest.mark.parametrize(
    ("source", "target", "how", "engine", "words"),
    [
        ("binary128", "binary32", Projection(), "array", "'array' does not run convert here: no kernel decodes binary128"),
        ("takum_log32", "binary32", Projection(), "array", "no kernel for posits and takums computes into binary32"),
        ("binary32", "binary16", Projection(rounding=Rounding.STOCHASTIC_A, bits=62), "array", "at most 61 random bits"),
        ("binary32", "x87_extended", Projection(), "table", "its operands have 32 bits, and a table at most 16"),
        ("binary32", "binary16", Projection(), "gpu", "'gpu' does not run convert here: use one of array, table, reference"),
    ],
)
def test_an_engine_that_is_not_exact_is_refused(source: str, target: str, how: Projection, engine: str, words: str) -> None:
    """By name, with the reason; without a name the reference runs."""
    f, to = parse(source), parse(target)
    codes = np.array([f.from_float(1.0)], dtype(f))
    with pytest.raises(RefmathError, match=words):
        convert(codes, f, to, how, engine=engine)
    if engine != "gpu":
        assert to.exact(int(convert(codes, f, to, how)[0][0])) == 1


def test_codes_that_are_none_are_refused() -> None:
    """Floats where codes are meant, and negative ones, whichever engine would run."""
    for target in ("binary16", "nf4", "posit16"):
        with pytest.raises(RefmathError, match="unsigned integers, not float32"):
            convert(np.ones(3, np.float32), parse("binary32"), parse(target))
        with pytest.raises(RefmathError, match="'-0x1' is not a code of binary32"):
            convert_codes(np.array([-1]), parse("binary32"), parse(target))


@pytest.mark.parametrize(
    ("source", "target"), [("posit16", "binary32"), ("posit20", "int16"), ("takum32", "ocp_e4m3"), ("posit32", "takum16"), ("takum16", "binary8p3se")]
)
def test_words_become_others_as_the_reference_says(source: str, target: str) -> None:
    """Random words and the ends, in every mode; a NaR that the target cannot hold is refused."""
    rng, f, to = np.random.default_rng(len(source)), parse(source), parse(target)
    codes = np.append(rng.integers(0, f.codes, 150), [0, 1, f.codes - 1, f.codes // 2, f.codes // 2 - 1]).astype(dtype(f))
    for mode in (mode for mode in Rounding if mode is not Rounding.STOCHASTIC):
        how = replace(to.default, rounding=mode, bits=3 if mode.stochastic else 0, absent_nan=AbsentNaN.ZERO)
        draws = rng.integers(0, 8, len(codes), np.uint64) if mode.stochastic else 0
        assert engine_for(f, to, how) == "array"
        expected, expected_flags = convert(codes, f, to, how, draws, engine="reference")
        got, flags = convert(codes, f, to, how, draws, engine="array")
        assert np.array_equal(got, expected) and np.array_equal(flags, expected_flags), how
    if not to.has_nan:
        with pytest.raises(RefmathError, match="has no NaN to deliver"):
            convert(codes, f, to)


@pytest.mark.parametrize("source", ["binary16", "ocp_e5m2", "bfloat16", "e5m2fnuz"])
@pytest.mark.parametrize("target", ["posit16", "posit9(es=0)", "takum16", "takum8", "posit32"])
def test_every_code_becomes_a_word_as_the_reference_says(source: str, target: str) -> None:
    """All codes of floats of at most 16 bits, infinities and NaNs too, in some modes and with each policy for what is out of range."""
    rng, f, to = random.Random(source + target), parse(source), parse(target)
    codes = np.arange(0, f.codes, 1 if f.width == 8 else 37).astype(dtype(f))
    codes = np.append(codes, np.array([f.greatest() + step for step in (0, 1, 2)] + [f.codes - 1], dtype(f)))
    for overflow in (Overflow.POSIT, Overflow.SATURATE_FINITE, Overflow.TO_NAN):
        how = Projection(rounding=rng.choice(DETERMINISTIC), overflow=overflow)
        expected, expected_flags = convert(codes, f, to, how, engine="reference")
        got, flags = convert(codes, f, to, how, engine="array")
        assert np.array_equal(got, expected) and np.array_equal(flags, expected_flags), how
        assert np.array_equal(convert_codes(codes, f, to, how), expected), how


def test_shape_is_kept_and_random_bits_may_differ_by_element() -> None:
    """A 2-D array with one draw an element: 2^-9 of a step goes up for the one draw of 512 that carries."""
    f32, e4m3 = parse("binary32"), parse("ocp_e4m3")
    code = f32.round(f32.exact(f32.round(1)) + f32.exact(f32.from_float(2.0**-12)))
    codes = np.full((2, 3), code, dtype=np.uint32)
    draws = np.array([[0, 510, 511], [511, 1, 2]], dtype=np.uint64)
    out, _ = convert(codes, f32, e4m3, Projection(rounding=Rounding.STOCHASTIC_A, bits=9), draws)
    assert out.tolist() == [[0x38, 0x38, 0x39], [0x39, 0x38, 0x38]]


def test_nan_without_a_place_to_go_is_refused() -> None:
    """A NaN into an integer is an error unless a substitute is named, in both engines."""
    f16, i8 = parse("binary16"), parse("int8")
    for engine in ("array", "reference"):
        with pytest.raises(RefmathError, match="int8 has no NaN"):
            convert(np.array([0x7E00], dtype=np.uint16), f16, i8, engine=engine)


@pytest.mark.parametrize(
    ("source", "target"), [("binary32", "e8m0"), ("binary32", "nf4"), ("uint32", "posit8"), ("tf32", "posit11(es=1)"), ("posit32", "bfloat16")]
)
def test_conversions_without_a_kernel_are_looked_up_in_runs(source: str, target: str) -> None:
    """300,000 random codes by the table, codes and flags; a sample of them by the reference."""
    s, t = parse(source), parse(target)
    how = replace(t.default, absent_nan=AbsentNaN.ZERO)
    codes = np.random.default_rng(4).integers(0, s.codes, 300_000, dtype=np.uint64).astype(dtype(s))
    codes[:300] = np.array(boundary_codes(s, random.Random(5))[:300], dtype=dtype(s))
    got, flags = convert(codes, s, t, how)
    expected, expected_flags = convert(codes[:3000], s, t, how, engine="reference")
    assert np.array_equal(got[:3000], expected) and np.array_equal(flags[:3000], expected_flags)
    assert np.array_equal(convert_codes(codes, s, t, how), got)


@pytest.mark.parametrize("target", ["ocp_e4m3", "int8", "uq0.8", "e8m0", "binary64"])
def test_codes_alone_are_those_beside_flags(target: str) -> None:
    """``convert_codes`` and ``convert`` agree, in parts of threads too."""
    source, how = parse("binary32"), replace(parse(target).default, absent_nan=AbsentNaN.LOWEST)
    codes = np.random.default_rng(3).integers(0, 1 << 32, 300_000, dtype=np.uint32)
    assert np.array_equal(convert_codes(codes, source, parse(target), how), convert(codes, source, parse(target), how)[0])


def test_code_too_wide_is_refused() -> None:
    """A code beyond the format is named."""
    with pytest.raises(RefmathError, match="0x10' is not a code of e2m1"):
        convert(np.array([0x10], dtype=np.uint8), parse("e2m1"), parse("ocp_e4m3"))


@pytest.mark.parametrize("target", ["binary32", "binary16", "ocp_e4m3", "bfloat16"])
def test_least_subnormals_of_binary64_are_converted(target: str) -> None:
    """The codes beside both zeros, and those beside the ends: every engine gives the same."""
    f64, how = parse("binary64"), parse(target).default
    near = [base + step for base in (0, 1 << 63, 1 << 52, (1 << 63) + (1 << 52), 0x7FF << 52, 0xFFF << 52) for step in range(4)]
    codes = np.array([*near, (1 << 63) - 1, (1 << 64) - 1], dtype=np.uint64)
    for got, expected in zip(convert(codes, f64, parse(target), how), convert(codes, f64, parse(target), how, engine="reference"), strict=True):
        assert np.array_equal(got, expected)
