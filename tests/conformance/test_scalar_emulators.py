"""fpy2 and titanfp, which take one number at a time: what they get wrong is confirmed by a direct call and by the definition; and defects like theirs, planted, are found by name."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from conformance.budget import QUICK, STANDARD, Budget
from conformance.checker import check
from conformance.claims import Claim, Shapes
from conformance.compare import is_nan
from conformance.emulators import load, missing
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.held import Arrays
from conformance.verdict import Status, Verdict
from formats.arithmetic import operation
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import DEFAULT
from refmath.datum import Infinity, NaN
from refmath.operations.operation import Kind


@cache
def adapter(name: str) -> Calls:
    if reason := missing(name):
        pytest.skip(reason)
    found = load(name, "cpu")
    assert isinstance(found, Calls)
    return found


def verdict(name: str, title: str, variant: str, budget: Budget = QUICK) -> Verdict:
    here = adapter(name)
    (claim, *_) = (claim for claim in here.claims() if claim.title == title and claim.variant == variant)
    return check(claim, here, budget)


@pytest.mark.parametrize(
    ("name", "title", "variant"),
    [
        ("fpy2", "multiply e2m1", "RTN, OVERFLOW"),
        ("fpy2", "divide e3m2", "RTO, SATURATE"),
        ("fpy2", "atanh e2m3", "RAZ, OVERFLOW"),
        ("fpy2", "multiply e8m0", "RTP, SATURATE"),
        ("fpy2", "divide q4.4", "RNE, WRAP"),
        ("fpy2", "exp int8", "RTP, WRAP"),
        ("fpy2", "sqrt q4.4(symmetric=yes)", "RNA, SATURATE"),
        ("fpy2", "copysign binary8p4se", "RTZ, OVERFLOW"),
        ("fpy2", "round_to_integral_nearest_away bfloat16", "RTP, OVERFLOW"),
        ("fpy2", "round_to_integral tf32", "RNA, OVERFLOW"),
        ("fpy2", "logb binary16", "RNE, OVERFLOW"),
        ("fpy2", "compare_quiet_less binary8p3se", "RNE, OVERFLOW"),
        ("fpy2", "is_normal e4m3fnuz", "RNE, OVERFLOW"),
        ("fpy2", "next_down ocp_e5m2", "RNE, OVERFLOW"),
        ("fpy2", "binary32 -> e9m7", "RTO"),
        ("fpy2", "binary32 -> e9m10(bias=15)", "RTP"),
        ("fpy2", "binary16 -> q17.4", "RNA"),
        ("fpy2", "binary64 -> q4.4", "RTN, WRAP, MPB"),
        ("fpy2", "binary64 -> ocp_e4m3", "RAZ, OVERFLOW, MPB"),
        ("fpy2", "binary64 -> binary8p3se", "RNE, ASSERT"),
        ("fpy2", "binary64 -> e2m1", "RNE, SATURATE, nan_value"),
        ("fpy2", "binary64, uint8 -> q4.4", "RTZ, stochastic"),
        ("fpy2", "e3m2 -> binary64", "decode"),
        ("fpy2", "convert ocp_e4m3", "encode"),
        ("fpy2", "fma binary32, binary32, binary32 -> ocp_e4m3", "RNE, SATURATE, binary32 operands"),
        ("titanfp", "multiply binary32, binary32 -> bfloat16", "RNA, binary32 operands"),
        ("titanfp", "fma int9(symmetric=yes)", "RNA"),
        ("titanfp", "hypot q9.8(symmetric=yes)", "RTN"),
        ("titanfp", "copysign tf32", "RTP"),
        ("titanfp", "round_to_integral_nearest_away posit16", "RNE"),
        ("titanfp", "compare_quiet_greater binary16", "RNE"),
        ("titanfp", "posit16 -> binary64", "decode"),
    ],
)
def test_right_claims_agree(name: str, title: str, variant: str) -> None:
    """No false alarm: operations in formats without zero, NaN or infinity, in fixed point, on codes, and in contexts without a bound."""
    found = verdict(name, title.replace("convert ocp_e4m3", "ocp_e4m3 -> ocp_e4m3"), variant)
    assert found.status in (Status.AGREES, Status.POLICY), found


def test_fpy2_divides_by_zero_as_ieee_754_says_in_formats_of_p3109() -> None:
    """1 / 0 is NaN in P3109 and infinity in IEEE 754: a policy, which is named."""
    number = pytest.importorskip("fpy2.number", reason="fpy2 is not installed")
    from fpy2 import ops

    assert ops.div(1.0, 0.0, ctx=number.FP8P4).isinf
    found = verdict("fpy2", "divide binary8p4se", "RNE, OVERFLOW")
    assert found.status is Status.POLICY and found.policies == ("special cases are those of IEEE 754, also in formats of another standard",)


def test_contexts_of_fpy2_are_those_that_it_names() -> None:
    """Its names for the formats of P3109, Graphcore and OCP stand for the same contexts as ours; but FP8P1, whose bias is 63, not 64."""
    number = pytest.importorskip("fpy2.number", reason="fpy2 is not installed")
    from conformance.emulators.fpy2 import contexts

    made = {fmt.name: make(number.RM.RNE) for fmt, _, make in contexts()}
    theirs = {f"binary8p{p}se": getattr(number, f"FP8P{p}") for p in range(2, 8)}
    assert number.FP8P1.eoffset - made["binary8p1se"].eoffset == 1
    theirs |= {"e5m2fnuz": number.S1E5M2, "e4m3fnuz": number.S1E4M3, "ocp_e4m3": number.MX_E4M3, "e3m2": number.MX_E3M2, "e8m0": number.MX_E8M0}
    theirs |= {"ocp_e5m2": number.MX_E5M2, "tf32": number.TF32, "bfloat16": number.BF16}
    assert {name: made[name] for name in theirs} == theirs


def test_fpy2_gives_the_greatest_value_for_a_nan_that_a_format_lacks() -> None:
    """0 / 0 is 6 in E2M1: no standard says what it is, and the choice is named."""
    number = pytest.importorskip("fpy2.number", reason="fpy2 is not installed")
    from fpy2 import ops

    assert float(ops.div(0.0, 0.0, ctx=number.MX_E2M1)) == 6
    for title in ("divide e2m1", "binary64 -> e2m1"):
        found = verdict("fpy2", title, "RTN, SATURATE")
        assert found.status is Status.POLICY and found.policies == ("NaN becomes 6",), found


def test_fpy2_loses_the_sign_of_zero_above_the_least_negative_number() -> None:
    """nextUp of -2^-16, the least negative number of E5M2, is -0 (IEEE 754-2019 clause 5.3.1)."""
    number = pytest.importorskip("fpy2.number", reason="fpy2 is not installed")
    least = number.MX_E5M2.round(-(2.0**-16))
    above = least.next_up(allow_inf=True)
    assert above.is_zero() and not above.s and number.MX_E5M2.encode(least) == 0x81
    found = verdict("fpy2", "next_up ocp_e5m2", "RNE, OVERFLOW")
    assert found.deviations == ("the sign of zero is lost",) and found.defects == 1


def test_fpy2_encodes_nan_as_zero_where_it_takes_the_code_of_negative_zero() -> None:
    """E4M3FNUZ has its NaN at 0x80 and decodes it from there."""
    number = pytest.importorskip("fpy2.number", reason="fpy2 is not installed")
    from fpy2.number.context.efloat import EFloatNanKind

    context = number.EFloatContext(4, 8, False, EFloatNanKind.NEG_ZERO, -1)
    assert context.decode(0x80).isnan and context.encode(context.round(float("nan"))) == 0
    found = verdict("fpy2", "e4m3fnuz -> e4m3fnuz", "encode")
    assert (found.defects, found.counterexamples[0].got.code, found.counterexamples[0].expected.code) == (1, "0x00", "0x80")


def test_fpy2_raises_for_negative_numbers_where_an_unsigned_format_saturates() -> None:
    """Of uint8 the nearest value to -1 is 0, which saturation gives."""
    number = pytest.importorskip("fpy2.number", reason="fpy2 is not installed")
    with pytest.raises(ValueError, match="negative values are not representable"):
        number.FixedContext(False, 0, 8, number.RM.RNE, number.OV.SATURATE).round(-1.0)
    found = verdict("fpy2", "subtract uint8", "RNE, SATURATE")
    assert found.deviations == ("raises ValueError: negative values are not representable",) and found.raised == found.defects > 100


def test_titanfp_breaks_ties_of_the_least_values_by_their_exponent() -> None:
    """3/16 x 1/2 = 3/32 is half way between 1/16 and 2/16 in steps of 1/16: the even one is 2/16."""
    fixed = pytest.importorskip("titanfp.arithmetic.fixed", reason="titanfp is not installed")
    context = fixed.fixed_ctx(-4, 8, fixed.RM.RNE)
    assert round(Fraction(3, 16) * Fraction(1, 2) * 16) == 2
    assert Fraction(float(fixed.Fixed(3 / 16, ctx=context).mul(fixed.Fixed(0.5, ctx=context), ctx=context))) == Fraction(1, 16)
    found = verdict("titanfp", "multiply q5.4(symmetric=yes)", "RNE", STANDARD)
    assert found.deviations == ("the tie between the least value and the next goes to the least",) and not found.unexplained


def test_titanfp_takes_an_infinite_exponent_for_zero() -> None:
    """2 to the power infinity is infinity, and 1 is given."""
    ieee754 = pytest.importorskip("titanfp.arithmetic.ieee754", reason="titanfp is not installed")
    context = ieee754.ieee_ctx(5, 8)
    assert float(ieee754.Float(2.0, ctx=context).pow(ieee754.Float(float("inf"), ctx=context), ctx=context)) == 1
    found = verdict("titanfp", "pow ocp_e5m2", "RNE")
    assert found.deviations == ("an exponent that is infinite or a NaN counts as zero",) and not found.unexplained


def test_titanfp_rounds_to_integers_toward_zero_in_every_mode() -> None:
    """nearbyint of 7/4 is 2 to nearest; 1 is given."""
    ieee754 = pytest.importorskip("titanfp.arithmetic.ieee754", reason="titanfp is not installed")
    context = ieee754.ieee_ctx(5, 16)
    assert round(Fraction(7, 4)) == 2 and float(ieee754.Float(1.75, ctx=context).nearbyint(ctx=context)) == 1
    found = verdict("titanfp", "round_to_integral binary16", "RNE")
    assert found.deviations == ("truncates",) and not found.unexplained


Defect = Callable[[tuple[int, ...], int], int]


def planted(name: str, fmt_name: str, defect: Defect) -> Verdict:
    """The verdict on a right operation whose result goes through a defect, which gets the codes of the operands and of the result."""
    fmt, found = parse(fmt_name), find_operation(name)
    result = parse("uint1") if found.kind is Kind.PREDICATE else fmt
    right = operation(name, *(fmt,) * found.arity, to=result, projection=DEFAULT)
    claim = Claim("planted", name, (fmt,) * found.arity, result, DEFAULT, "planted", shapes=Shapes.ONE, tries=2000)
    function = each(lambda *codes: defect(codes, int(right(*codes).code)), np.uint64)
    return check(claim, Calls("planted", "1", [Call(claim, function, Arrays("numpy", "codes"))]), QUICK)


@pytest.mark.parametrize("fmt_name", ["ocp_e4m3", "q4.4"])
@pytest.mark.parametrize("at", [0, 1])
def test_ties_of_the_least_value_are_named(fmt_name: str, at: int) -> None:
    """Products half way between zero and the least value, or between that and the next, go to the least."""
    fmt = parse(fmt_name)
    least = Fraction(str(fmt.exact(fmt.least)))

    def defect(codes: tuple[int, ...], right: int) -> int:
        if is_nan(fmt, np.array(codes)).any():
            return right
        exact = [Fraction(str(fmt.exact(code))) if not isinstance(fmt.decode(code), Infinity) else None for code in codes]
        if None in exact:
            return right
        product = exact[0] * exact[1]  # type: ignore[operator]
        return fmt.join(product < 0, fmt.least) if abs(product) == least * (2 * at + 1) / 2 else right

    found = planted("multiply", fmt_name, defect)
    between = ("zero and the least value", "the least value and the next")[at]
    assert found.deviations == (f"the tie between {between} goes to the least",) and not found.unexplained, found


@pytest.mark.parametrize("name", ["minimum_number", "compare_quiet_less_equal", "compare_quiet_not_equal"])
def test_nar_that_is_taken_for_a_nan_is_named(name: str) -> None:
    """Comparisons with it are false but for inequality, and numbers beat it."""
    nar = parse("posit8").nan()

    def defect(codes: tuple[int, ...], right: int) -> int:
        if nar not in codes:
            return right
        if name.startswith("compare"):
            return int(name == "compare_quiet_not_equal")
        return next((code for code in codes if code != nar), nar)

    found = planted(name, "posit8", defect)
    assert "a NaR is what a NaN is elsewhere" in found.deviations[0] and len(found.deviations) == 1 and not found.unexplained, found


def test_exponents_taken_for_zero_are_named() -> None:
    """x to an infinite power, and to a NaN, is 1; a signalling NaN to any power stays one."""
    fmt = parse("ieee_e4m3")
    one = fmt.round(1)

    def defect(codes: tuple[int, ...], right: int) -> int:
        base, exponent = map(fmt.decode, codes)
        if not isinstance(exponent, NaN | Infinity):
            return right
        return fmt.nan() if isinstance(base, NaN) and base.signalling else one

    found = planted("pow", "ieee_e4m3", defect)
    assert found.deviations == ("an exponent that is infinite or a NaN counts as zero",) and not found.unexplained, found
