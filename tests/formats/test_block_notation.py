"""Text of block formats: printed and read back, ambiguous and impossible ones refused in a sentence."""

import pytest
from any_format import floats
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.block import BlockFormat, greatest_exponent, precision
from formats.block_notation import BLOCKS, block_text, parse_block
from formats.block_policies import InfiniteLane, Integers, Logarithm, NaNLane, Order, Policy, ScaleRule, SmallScale
from formats.notation import parse
from formats.projection import AbsentNaN
from formats.quantizer import Division
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy that is possible."""
    order = draw(st.sampled_from(Order))
    return Policy(
        order=order,
        rule=ScaleRule.RATIO if order is not Order.EXACT else draw(st.sampled_from(ScaleRule)),
        log2=draw(st.sampled_from(Logarithm)),
        ratio=draw(st.sampled_from(Division)),
        scale_rounding=draw(st.sampled_from(DETERMINISTIC)),
        scale_overflow=draw(st.sampled_from(Overflow)),
        target=draw(st.none() | st.fractions("1/1000", 1000).map(mpq)),
        zero_block=draw(st.sampled_from(SmallScale)),
        small_scale=draw(st.sampled_from(SmallScale)),
        nan=draw(st.sampled_from(NaNLane)),
        infinity=draw(st.sampled_from(InfiniteLane)),
        division=draw(st.sampled_from(Division)),
        rounding=draw(st.sampled_from(Rounding)),
        bits=draw(st.integers(0, 20)),
        overflow=draw(st.sampled_from(Overflow)),
        absent_nan=draw(st.sampled_from(AbsentNaN)),
        integers=draw(st.sampled_from(Integers)),
    )


ELEMENTS = st.sampled_from(["e2m1", "ocp_e4m3", "ocp_e5m2", "e3m2", "e2m3", "q2.6", "int8", "binary8p4se", "posit8", "nf4"]).map(parse) | floats(5, 8)
SCALES = st.sampled_from(["e8m0", "ue4m3", "ue5m3", "binary8p1uf", "binary8p4ue", "binary16", "uint8"]).map(parse) | floats(6, 4)
SIZES = st.one_of(st.just(()), st.tuples(st.integers(1, 1 << 24)), st.tuples(st.integers(1, 300), st.integers(1, 300)))


@given(ELEMENTS, SCALES, SIZES, st.none() | st.sampled_from([parse("binary32"), parse("bfloat16")]), st.none() | policies())
@examples(150)
def test_every_block_format_prints_as_what_reads_back(element: object, scale: object, size: tuple[int, ...], tensor: object, policy: Policy | None) -> None:
    """parse_block(block_text(f)) = f, for any element, scale, size, tensor scale and policy."""
    made = BlockFormat("any", element, scale, size, tensor, policy or Policy())  # type: ignore[arg-type]
    assert parse_block(block_text(made)) == made and parse_block(block_text(made)).name == block_text(made)


@pytest.mark.parametrize("named", BLOCKS, ids=lambda named: named.format.name)
def test_a_named_format_prints_its_name(named: object) -> None:
    """Names and aliases denote the format, which prints its name, and its name with options where a policy or the size differs."""
    fmt = named.format  # type: ignore[attr-defined]
    for name in (fmt.name, *named.aliases, fmt.name.upper()):  # type: ignore[attr-defined]
        assert parse_block(name) == fmt and parse_block(name).name == fmt.name
    assert parse_block(f"{fmt.name}(size=7)").name == f"{fmt.name}(size=7)"
    assert parse_block(f"{fmt.name}( size = 4x4 , rounding=rtz )").name == f"{fmt.name}(size=4x4, rounding=toward_zero)"


@pytest.mark.parametrize(
    ("name", "element", "scale", "size", "tensor"),
    [
        ("mxfp8_e5m2", "ocp_e5m2", "e8m0", 32, None),
        ("mxfp8_e4m3", "ocp_e4m3", "e8m0", 32, None),
        ("mxfp6_e3m2", "e3m2", "e8m0", 32, None),
        ("mxfp6_e2m3", "e2m3", "e8m0", 32, None),
        ("mxfp4", "e2m1", "e8m0", 32, None),
        ("mxint8", "q2.6", "e8m0", 32, None),
        ("nvfp4", "e2m1", "ue4m3", 16, "binary32"),
    ],
)
def test_the_standard_formats(name: str, element: str, scale: str, size: int, tensor: str | None) -> None:
    """Elements, scale and size as OCP MX 1.0 and NVIDIA have them."""
    fmt = parse_block(name)
    assert (fmt.element, fmt.scale, fmt.size) == (parse(element), parse(scale), (size,))
    assert fmt.tensor == (parse(tensor) if tensor else None)


@pytest.mark.parametrize(
    ("name", "emax", "p"), [("ocp_e5m2", 15, 3), ("ocp_e4m3", 8, 4), ("e3m2", 4, 3), ("e2m3", 2, 4), ("e2m1", 2, 2), ("q2.6", 0, 7), ("binary8p4se", 7, 4)]
)
def test_exponent_and_precision_of_the_greatest_element(name: str, emax: int, p: int) -> None:
    """emax of OCP MX 6.3, and the significand bits that the rule even rounds to."""
    assert (greatest_exponent(parse(name)), precision(parse(name))) == (emax, p)


def test_shared_exponents_have_sign_magnitude_elements() -> None:
    """MSFP12 has 4 bits for an element and 8 for 16 of them: values from -7/8 to 7/8."""
    fmt = parse_block("msfp12")
    assert fmt.element.width == 4 and fmt.bits == mpq(9, 2)
    assert [fmt.element.exact(code) for code in range(8)] == [mpq(n, 8) for n in range(8)]
    assert parse_block("msfp16").element.width == 8 and parse_block("flex16_5").size == () and parse_block("flex16_5").bits is None


def test_a_name_of_both_tables_means_what_is_asked_for() -> None:
    """mxfp8_e4m3 is a block format here, and its element format where a scalar format is meant."""
    assert parse_block("mxfp8_e4m3").element is parse("mxfp8_e4m3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mxfp8", "may mean mxfp8_e4m3 or mxfp8_e5m2"),
        ("mxfp5", "did you mean"),
        ("zzz", "not a known block format; the named ones are"),
        ("", "is not a block format"),
        ("mxfp4(", "is not a block format"),
        ("block(e2m1, e8m0)", "takes 3 arguments, not 2"),
        ("block(e2m1, e8m0, 0)", "block size of 0 is impossible"),
        ("mxfp4(size=0x4)", "block size of 0 is impossible"),
        ("mxfp4(size=2x2x2)", "one axis or two, not 3"),
        ("mxfp4(size=-1)", "is not a block size"),
        ("mxfp4(size=999999999)", "block size of 999,999,999 is impossible"),
        ("mxfp4(32)", "is not an option"),
        ("mxfp4(rule=best)", "use one of floor, ceil, even"),
        ("mxfp4(colour=red)", "is not an option here"),
        ("mxfp4(rule=floor, rule=ceil)", "stands twice"),
        ("mxfp4(rule)", "is not an option"),
        ("mxfp4(bits=x)", "no number of random bits"),
        ("mxfp4(target=0)", "the scale that is aimed at is positive"),
        ("mxfp4(target=1e999999999)", "is no scale"),
        ("mxfp4(scale_rounding=stochastic_a)", "choose another scale_rounding"),
        ("mxfp4(order=torchao)", "give rule=ratio"),
        ("block(e4m3, e8m0, 32)", "may mean ocp_e4m3"),
        ("block(e2m1(bias=3, e8m0, 32)", "brackets do not pair"),
        ("block(e2m1), e8m0, 32)", "brackets do not pair"),
        ("block(takum_log16, e8m0, 32)", "cannot be the element format"),
        ("mxfp4" * 1000, "too long"),
    ],
)
def test_what_is_no_block_format_is_told_in_a_sentence(text: str, words: str) -> None:
    """Each names the offending text and a remedy."""
    with pytest.raises(RefmathError, match=words):
        parse_block(text)
