"""The adapters of libraries that emulate floats in wider types: each runs on a few claims, right ones agree, and findings rest on rationals."""

from fractions import Fraction
from importlib.util import find_spec
from math import copysign, isinf
from typing import Any

import numpy as np
import pytest
from full import FULL

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Adapter, Draws
from conformance.emulators import KNOWN, load
from conformance.emulators.compiled import is_built
from conformance.verdict import Status, Verdict
from formats.notation import parse

_LOADED: dict[str, Adapter] = {}


def adapter(name: str) -> Adapter:
    """The adapter, loaded once; the test is skipped where its library is not installed, or would first be compiled for minutes."""
    if find_spec(KNOWN[name][1]) is None:
        pytest.skip(f"{name} is not installed")
    if name == "qtorch-plus" and not FULL:
        pytest.skip("its extension has the name of qtorch's, beside which it is compiled again, for minutes: set REFMATH_FULL=1")
    if name == "qtorch" and not (FULL or is_built(name)):
        pytest.skip("qtorch is first compiled for minutes: set REFMATH_FULL=1, or load it once by refmath check qtorch")
    if name not in _LOADED:
        _LOADED[name] = load(name, "cpu")
    return _LOADED[name]


def verdict(name: str, title: str, variant: str, call: str = "") -> Verdict:
    here = adapter(name)
    (claim, *_) = (claim for claim in here.claims() if claim.title == title and claim.variant == variant and claim.call.startswith(call))
    return check(claim, here, QUICK)


@pytest.mark.parametrize(
    ("name", "title", "variant"),
    [
        ("custom-float-quant", "binary64 -> ocp_e5m2", "quantize_array, stochastic"),
        ("breccia", "binary32 -> ocp_e5m2", "torch, Float8CurrentScaling"),
        ("fpy2", "binary64 -> ocp_e5m2", "RTO, OVERFLOW"),
        ("fpy2", "binary64 -> e4m3fnuz", "RNA, OVERFLOW"),
        ("fpy2", "binary64 -> ocp_e4m3", "RNE, SATURATE"),
        ("fpy2", "binary64, uint8 -> e2m1", "RTZ, stochastic"),
        ("fpy2", "binary64 -> q4.4", "RNE, WRAP"),
        ("onnx", "binary16 -> ocp_e4m3", "saturate=0"),
        ("onnx", "binary16 -> e5m2fnuz", "saturate=1"),
        ("onnx", "bfloat16 -> binary16", "eager"),
        ("pychop", "binary32 -> int8", "Chopi, torch, symmetric"),
        ("pychop", "binary64 -> binary8p3se", "P3109, numpy, to_odd, propagate"),
        ("pychop", "binary64, uint8 -> binary4p2se", "P3109, numpy, stochastic_b, none"),
        ("titanfp", "binary64 -> binary16", "RNA"),
        ("fpy2", "fma bfloat16", "RTZ, OVERFLOW"),
        ("fpy2", "divide ocp_e4m3", "RAZ, SATURATE"),
        ("fpy2", "divide ocp_e4m3", "RTP, SATURATE"),
        ("fpy2", "multiply e2m1", "RTP, SATURATE"),
        ("fpy2", "subtract q8.8", "RNA, WRAP"),
        ("fpy2", "tgamma ocp_e5m2", "RTO, OVERFLOW"),
        ("titanfp", "divide binary32", "RNE"),
        ("titanfp", "atan2 bfloat16", "RTN"),
        ("titanfp", "fma posit16", "RNE"),
    ],
)
def test_a_right_claim_agrees(name: str, title: str, variant: str) -> None:
    """No false alarm, of modes and options of every kind."""
    found = verdict(name, title, variant)
    assert found.status in (Status.AGREES, Status.POLICY), found


@pytest.mark.parametrize("name", ["pychop", "custom-float-quant", "breccia", "fpy2", "titanfp", "onnx"])
def test_claims_are_distinct_and_name_what_they_call(name: str) -> None:
    """No two claims are told apart by nothing, and a stochastic one says where its bits come from."""
    claims = adapter(name).claims()
    assert len({(claim.title, claim.variant, claim.call) for claim in claims}) == len(claims)
    assert all(claim.call and claim.projection.rounding.stochastic == (claim.draws is not Draws.NONE) for claim in claims)


def test_overflow_of_titanfp_is_that_of_rounding_to_nearest() -> None:
    """3 x 15.5 is far beyond 15.5, the greatest value, which is what rounding toward zero gives."""
    ieee754 = pytest.importorskip("titanfp.arithmetic.ieee754", reason="titanfp is not installed")
    context = ieee754.ieee_ctx(3, 8, ieee754.RM.RTZ)
    got = float(ieee754.Float(3.0, ctx=context).mul(ieee754.Float(15.5, ctx=context), ctx=context))
    assert Fraction(3) * Fraction(31, 2) > Fraction(31, 2)
    found = verdict("titanfp", "multiply ieee_e3m4", "RTZ")
    if isinf(got):
        assert found.deviations == ("what overflows in rounding to nearest gives infinity or NaN whatever the mode",) and found.unexplained == 0
    else:
        assert got == 15.5 and found.status is Status.AGREES


def test_exact_zeros_of_titanfp() -> None:
    """1 - 1 is -0 toward negative infinity (IEEE 754-2019 clause 6.3)."""
    ieee754 = pytest.importorskip("titanfp.arithmetic.ieee754", reason="titanfp is not installed")
    context = ieee754.ieee_ctx(8, 16, ieee754.RM.RTN)
    got = float(ieee754.Float(1.0, ctx=context).sub(ieee754.Float(1.0, ctx=context), ctx=context))
    found = verdict("titanfp", "subtract bfloat16", "RTN")
    told = "sums that are exactly zero are +0, toward negative infinity too" in found.deviations and found.unexplained == 0
    assert got == 0 and told == (copysign(1, got) > 0), found


def test_the_last_binade_of_chop() -> None:
    """65536 is twice the greatest power of two of E5M2: it overflows, and Chop makes 0 of it; what rounds up to it stays 65536."""
    pychop = pytest.importorskip("pychop", reason="pychop is not installed")
    chop = pychop.Chop(5, 2)
    greatest, step = Fraction(57344), Fraction(8192)
    assert Fraction(61440) == greatest + step / 2, "the tie above the greatest value, which overflows"
    vanished, kept = (float(chop(np.array([x]))[0]) for x in (65536.0, 61440.0))
    found = verdict("pychop", "binary64 -> ocp_e5m2", "Chop, numpy, rmode=1")
    if vanished == 0 and kept == 65536:
        assert "operands in the binade above the greatest value become zero" in found.deviations and found.aliens > 0
    else:
        assert isinf(vanished) and isinf(kept)


def test_subnormals_of_custom_float_quant() -> None:
    """Above a tie of subnormals by what is shifted out: (2^-17)(1 + 2^-52) is nearer to 2^-16 than to 0, and 0 is what is given."""
    library = pytest.importorskip("custom_float_quant", reason="custom-float-quant is not installed")
    x = 2.0**-17 * (1 + 2.0**-52)
    assert 2 * Fraction(x) > Fraction(1, 2**16)
    got = library.CustomFloat(5, 2).quantize(x)
    found = verdict("custom-float-quant", "binary64 -> ocp_e5m2", "quantize_array, rne", "CustomFloat.from_preset('mxfp8_e5m2')")
    if got == 0:
        assert found.status is Status.DIFFERS and found.unexplained == 0 and "shifted out is lost" in found.deviations[0]
    else:
        assert found.status is Status.AGREES


def test_the_infinity_of_e8m0_in_onnx() -> None:
    """The schema's table says that a saturating cast of infinity to E8M0 gives the greatest value."""
    here: Any = adapter("onnx")
    (claim,) = (claim for claim in here.claims() if claim.title == "binary32 -> e8m0" and claim.variant == "saturate=1, round_mode='nearest'")
    (codes,) = here.run(claim, [(np.array([0x7F800000], np.uint32),)])
    found = verdict("onnx", "binary32 -> e8m0", "saturate=1, round_mode='nearest'")
    assert found.status is (Status.AGREES if codes[0] == 0xFE else Status.DIFFERS)


def test_zeros_and_ties_of_breccia() -> None:
    """Its look-up takes the first code at the least distance: a tie goes toward zero, and -0 is +0."""
    found = verdict("breccia", "binary32 -> ocp_e4m3", "numpy, Float8CurrentScaling")
    if found.status is Status.DIFFERS:
        assert found.deviations == ("the sign of zero is lost",) and "ties go toward zero" in found.policies and not found.unexplained


def test_a_library_that_fails_on_one_shape_is_judged_on_the_others() -> None:
    """FaultChop raises on arrays without a dimension; the rest of the verdict is there."""
    found = verdict("pychop", "binary64 -> ocp_e5m2", "FaultChop, numpy, rmode=3")
    assert found.cases > 1000 and found.status is not Status.FAILED
    assert all(text.startswith("0-dimensional: raised") for text in found.layout_dependent)


@pytest.mark.parametrize("name", ["qtorch", "qtorch-plus"])
def test_fixed_point_of_qtorch(name: str) -> None:
    """It adds half a step in binary32 and takes it away: 1/2 + 2^-24 steps becomes 1, then 1/2, which ties to 0 although 1 is nearer."""
    x = np.float32(0.5 + 2.0**-24)
    assert Fraction(float(x)) > Fraction(1, 2) and np.float32(x + np.float32(0.5)) == 1
    found = verdict(name, "binary32 -> int4", "fixed, nearest")
    if found.status is Status.DIFFERS:
        assert found.mismatches == 1 and not found.unexplained and "half the least value goes to zero" in found.deviations[0]


def test_floats_of_qtorch() -> None:
    """Of a library that says nothing about ties, the rule is found: away from zero; the sign of zero is lost."""
    found = verdict("qtorch", "binary32 -> e4m3(specials=none)", "float, nearest")
    assert "ties go away from zero" in found.policies and "the sign of zero is lost" in found.deviations


@pytest.mark.parametrize("way", ["forward", "backward", "clamping_grad_zero"])
def test_quantizers_of_qtorch(way: str) -> None:
    """What goes forward, what comes back and what is clamped are rounded alike."""
    assert verdict("qtorch", "binary32 -> q4.4", f"quantizer, {way}, stochastic").status is Status.AGREES
    assert verdict("qtorch", "binary32 -> q4.4", f"quantizer, {way}, nearest").mismatches <= 1


def test_functions_of_qtorch_plus() -> None:
    """sigmoid(1) = 0.7311, and (0x4000 xor 0x8000) >> 2 is the word of 3/4; a stochastic mode that never draws is told."""
    assert parse("posit16(es=0)").exact((0x4000 ^ 0x8000) >> 2) == Fraction(3, 4)
    found = verdict("qtorch-plus", "sigmoid posit16(es=0)", "posit_sigmoid")
    assert found.status is Status.POLICY and found.mismatches > 60000
    found = verdict("qtorch-plus", "binary32 -> posit8", "posit, stochastic")
    assert found.deviations == ("draws no draw at all: the same result every time",)


def test_drawn_blocks_of_qtorch() -> None:
    """Each element is drawn as its fraction says; what lies beside its neighbours comes of the sum that aligns it: from 2^126 on that is infinite."""
    found = verdict("qtorch", "binary32 -> block(e0m3, e8m0, tensor, rounding=stochastic)", "block, stochastic")
    assert found.deviations == ("values are added to six times the scale in binary32, and rounded twice so", "the sign of zero elements is lost")
    assert found.unexplained == 0 and "chi-squared" in found.statistics
    import torch
    from qtorch.quant import block_quantize

    got = block_quantize(torch.tensor([[2.0**127, 1.0]]), 4, dim=0, rounding="stochastic")[0, 1].item()
    assert Fraction(got) == -Fraction(7, 4) * 2**127  # 1 lies between the elements 0 and 1/4 2^127


def test_posits_of_qtorch_plus() -> None:
    """All numbers agree; infinities and NaNs come back as -inf, which no posit is."""
    found = verdict("qtorch-plus", "binary32 -> posit8", "posit, nearest")
    assert found.mismatches == found.aliens and found.counterexamples[0].got.value == "-inf"


@pytest.mark.parametrize(
    ("title", "variant", "words"),
    [
        ("e8m23(bias=129) -> posit8", "posit, scale=1/4", ("returns what is no value of the format: infinities", "rounds twice, first to binary32")),
        ("e8m23(bias=125) -> posit8", "posit, scale=4", ("returns what is no value of the format: infinities",)),
        ("binary32 -> codebook(-6, -4, -2, -3/2, -1, -5/8, -1/2, -3/16, -1/8, -1/16, 0, 1/16, 1/8, 3/16, 1/2, 5/8, 1, 3/2, 2, 4, 6; ties=even)", "table",
         ("what is farther than 10^5 from every value becomes 0",)),
        ("binary32 -> codebook(-36, -9, -9/4, -1, -1/4, -1/16, 1/16, 1/4, 1, 9/4, 9, 36; ties=even, middle=geometric)", "table, geometric",
         ("returns what is no value of the format: zero",)),
    ],
)  # fmt: skip
def test_scales_and_tables_of_qtorch_plus(title: str, variant: str, words: tuple[str, ...]) -> None:
    """What binary32 loses of a scaled number, and a search that begins with an error: each explains every case."""
    found = verdict("qtorch-plus", title, variant)
    assert found.deviations == words and not found.unexplained
