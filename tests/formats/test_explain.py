"""Explanations: what they say of a gap, a draw and an alternative is so, by rationals worked out here and by trying every draw."""

from fractions import Fraction

import pytest
from any_format import formats, magnitudes
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats import Float, Format, NaNs, Negatives, Projection, parse
from formats.explain import Explanation, count_away, explain
from formats.gap import Position, find_gap
from refmath.datum import Finite, Infinity, NaN, finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow
from refmath.reals import sqrt
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.text import parse_datum
from refmath.underflow import Subnormals, Tininess


def fraction(x: object) -> Fraction:
    """A rational as Python has it."""
    assert isinstance(x, type(mpq()))
    return Fraction(int(x.numerator), int(x.denominator))


def told(fmt: str, x: str, **choices: object) -> Explanation:
    """The explanation of a conversion of a number, as text, into a format, by name."""
    target = parse(fmt)
    random = choices.pop("random", 0)
    assert isinstance(random, int)
    return explain(target, parse_datum(x), Projection(**choices) if choices else None, random)  # type: ignore[arg-type]


@examples(300)
@given(st.data(), formats(), st.booleans())
def test_neighbours_bracket_the_value(data: st.DataObject, fmt: Format, negative: bool) -> None:
    """The value lies between its neighbours, at the stated share of the gap, on the stated side of its middle."""
    x = data.draw(magnitudes(fmt))
    negative = negative and fmt.signed
    gap = find_gap(fmt, -x if negative else x, negative)
    if gap is None:
        assert x > fmt.value(fmt.greatest(negative))
        return
    near, far = abs(fraction(gap.near.value)), abs(fraction(gap.far.value))
    share = (fraction(x) - near) / (far - near)
    assert 0 <= share < 1
    assert fraction(gap.share) == share
    expected = (
        Position.EXACT if share == 0 else Position.HALF if share == Fraction(1, 2) else Position.BELOW_HALF if share < Fraction(1, 2) else Position.ABOVE_HALF
    )
    assert gap.position is expected


def test_no_share_is_told_of_gaps_that_are_refined_in_the_logarithm() -> None:
    """However near to one end, or narrow: of a geometric gap, and of one of a posit in which exponent bits are cut off; across zero and next to it the gap is even."""
    narrow, across = parse("codebook(1000000, 1000001; middle=geometric)"), parse("codebook(-9, -4, 4, 16; middle=geometric)")
    shares = [
        (narrow, 1000000 + mpq(1, 10**9), None),
        (narrow, mpq(250000), mpq(1, 4)),
        (across, mpq(-5), None),
        (across, mpq(5), None),
        (across, mpq(1), mpq(5, 8)),
        (across, mpq(-1), mpq(5, 8)),
        (parse("posit8"), parse("posit8").value(1) * (1 + mpq(1, 10**9)), None),
    ]
    for fmt, x, share in shares:
        gap = find_gap(fmt, x, x < 0)
        assert gap is not None and gap.share == share


@examples(300)
@given(st.data(), formats(), st.sampled_from(DETERMINISTIC), st.booleans())
def test_code_and_flags_are_those_of_the_projection(data: st.DataObject, fmt: Format, mode: Rounding, negative: bool) -> None:
    """An explanation changes nothing: it tells what the projection delivers, and every alternative is the projection under that choice."""
    x = data.draw(magnitudes(fmt)) * (-1 if negative else 1)
    how = Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE)
    found = explain(fmt, x, how)
    assert (found.code, found.flags) == fmt.project(x, how)
    assert found.steps
    for alternative in found.modes:
        assert alternative.code == fmt.round(x, Projection(rounding=Rounding(alternative.choice), overflow=Overflow.SATURATE_FINITE))


@pytest.mark.parametrize("mode", [Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C, Rounding.STOCHASTIC])
@pytest.mark.parametrize("bits", [1, 2, 5, 8])
def test_number_of_draws_is_the_number_of_draws(mode: Rounding, bits: int) -> None:
    """As many draws go away from zero as are counted by trying every one of them."""
    fmt = parse("e2m1")
    for x in (mpq(1, 3), mpq(5, 4), mpq(3, 2), mpq(11, 10), mpq(9, 2), mpq(2**20 + 1, 2**21), mpq(21, 4), mpq(1, 10**9)):
        away = sum(fmt.exact(fmt.round(x, Projection(rounding=mode, bits=bits), r)) > x for r in range(1 << bits))
        expected = 0 if fmt.project(x)[1] == Flags.NONE else away
        assert count_away(fmt, Finite(x, False), mode, bits) == expected


@pytest.mark.parametrize(
    ("fmt", "x", "significand", "guard", "sticky", "exponent"),
    [
        ("ocp_e4m3", "0x1.1p-6", "1.000", 1, 0, -6),
        ("ocp_e4m3", "0x1.2p-9", "0.001", 0, 1, -6),
        ("binary16", "-1.1", "1.0001100110", 0, 1, 0),
        ("e8m0", "3", "1.", 1, 0, 1),
        ("q4.2", "1.3", "1.01", 0, 1, None),
        ("int8", "-100.5", "1100100.", 1, 0, None),
        ("q6.-2", "13", "11.", 0, 1, 2),
    ],
)
def test_kept_bits(fmt: str, x: str, significand: str, guard: int, sticky: int, exponent: int | None) -> None:
    """The kept bits are those of the value in binary, cut where the format cuts them."""
    gap = told(fmt, x).gap
    assert gap is not None
    assert (gap.significand, gap.kept.guard, gap.kept.sticky, gap.exponent) == (significand, guard, bool(sticky), exponent)


@examples(200)
@given(st.data(), st.sampled_from(["binary16", "ocp_e4m3", "e2m3", "ieee_e3m4"]))
def test_kept_bits_are_the_near_neighbour(data: st.DataObject, name: str) -> None:
    """Read as a binary fraction and scaled, the kept bits are the magnitude of the near neighbour."""
    fmt = parse(name)
    gap = find_gap(fmt, data.draw(magnitudes(fmt)), False)
    if gap is not None and gap.exponent is not None:
        whole, _, part = gap.significand.partition(".")
        assert Fraction(int(whole + part, 2), 2 ** len(part)) * Fraction(2) ** gap.exponent == fraction(gap.near.value)


@pytest.mark.parametrize(
    ("mode", "word", "code"),
    [
        ("nearest_even", "a tie goes to the even code, 0x08", 0x08),
        ("nearest_odd", "a tie goes to the odd code, 0x09", 0x09),
        ("nearest_away", "a tie goes away from zero, to 0x09", 0x09),
        ("nearest_zero", "a tie goes toward zero, to 0x08", 0x08),
        ("nearest_positive", "a tie goes up, to 0x09", 0x09),
        ("nearest_negative", "a tie goes down, to 0x08", 0x08),
        ("toward_zero", "never away from zero, so 0x08", 0x08),
        ("away_from_zero", "always away from zero, so 0x09", 0x09),
        ("toward_positive", "always the greater neighbour, 0x09", 0x09),
        ("toward_negative", "always the lesser neighbour, 0x08", 0x08),
        ("to_odd", "an inexact value goes to the odd code, 0x09", 0x09),
    ],
)
def test_rule_names_the_code_that_was_delivered(mode: str, word: str, code: int) -> None:
    """The sentence of every mode names the neighbour that the projection took, for a tie between 0x08 and 0x09."""
    found = told("ocp_e4m3", "0x1.1p-6", rounding=Rounding(mode))
    assert found.steps[0].text == f"{mode}: {word}"
    assert found.code == code


@examples(300)
@given(st.data(), formats(), st.sampled_from(DETERMINISTIC), st.booleans())
def test_rule_ends_in_the_result(data: st.DataObject, fmt: Format, mode: Rounding, negative: bool) -> None:
    """Where nothing but rounding happens, the last word of the rule is the code that is delivered."""
    x = data.draw(magnitudes(fmt)) * (-1 if negative and fmt.signed else 1)
    found = explain(fmt, x, Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE))
    if [step.kind for step in found.steps] == ["rule"] and found.flags and fmt.width <= 64:
        assert int(found.steps[0].text.split()[-1], 16) == found.code


def kinds(found: Explanation) -> list[str]:
    """What the steps are about."""
    return [step.kind for step in found.steps]


@pytest.mark.parametrize(
    ("fmt", "x", "choices", "expected"),
    [
        ("ocp_e4m3", "1", {}, ["rule"]),
        ("ocp_e4m3", "464", {}, ["rule"]),
        ("ocp_e4m3", "465", {}, ["rule", "overflow", "policy"]),
        ("ocp_e4m3", "1e9", {}, ["overflow", "policy"]),
        ("ocp_e4m3", "inf", {}, ["infinity", "policy"]),
        ("ocp_e4m3", "nan", {}, ["nan"]),
        ("ocp_e4m3", "-0", {}, ["zero"]),
        ("e8m0", "0", {}, ["zero"]),
        ("e8m0", "-1", {}, ["overflow", "policy"]),
        ("e8m0", "-1", {"negatives": Negatives.LIMIT}, ["negative"]),
        ("e8m0", "-3", {"negatives": Negatives.MAGNITUDE}, ["negative", "rule"]),
        ("e8m0", "-inf", {"negatives": Negatives.NAN}, ["negative"]),
        ("e8m0", "2^-130", {}, ["rule", "zero", "underflow"]),
        ("binary16", "0x1.fffp-15", {}, ["rule", "underflow"]),
        ("binary16", "0x1p-24", {}, ["rule"]),
        ("binary16", "0x1p-24", {"results": Subnormals.SIGNED_ZERO}, ["flush"]),
        ("binary16", "0x1.8p-24", {"results": Subnormals.POSITIVE_ZERO}, ["rule", "flush"]),
    ],
)
def test_every_event_has_its_step(fmt: str, x: str, choices: dict[str, object], expected: list[str]) -> None:
    """Rounding, overflow, underflow, flushing, zeros, infinities, NaNs and absent signs are each told, in the order of the projection."""
    assert kinds(told(fmt, x, **choices)) == expected


def test_tininess_is_told_both_ways() -> None:
    """Just below the least normal value, the explanation says that the two ways of looking differ, and follows the one that was asked for."""
    after = told("binary16", "0x1.fffp-15")
    before = told("binary16", "0x1.fffp-15", tininess=Tininess.BEFORE)
    assert Flags.UNDERFLOW not in after.flags
    assert "no underflow: after rounding" in after.steps[1].text
    assert Flags.UNDERFLOW in before.flags
    assert "tiny before rounding" in before.steps[1].text


@pytest.mark.parametrize(
    ("fmt", "x", "policy", "word", "meaning"),
    [
        ("ocp_e5m2", "1e9", Overflow.IEEE, "becomes infinity", "infinity"),
        ("ocp_e5m2", "-1e9", Overflow.IEEE, "becomes minus infinity", "infinity"),
        ("ocp_e4m3", "1e9", Overflow.IEEE, "has no infinity, so NaN", "NaN"),
        ("e2m1", "1e9", Overflow.IEEE, "neither infinity nor NaN", "normal"),
        ("ocp_e4m3", "1e9", Overflow.SATURATE_FINITE, "becomes the value nearest to it", "normal"),
        ("ocp_e5m2", "inf", Overflow.SATURATE_PROPAGATE, "an infinite operand stays infinity", "infinity"),
        ("ocp_e5m2", "1e9", Overflow.TO_NAN, "becomes NaN", "NaN"),
        ("int8", "200", Overflow.WRAP, "low 8 bits of its code are kept, which are 0xc8", "normal"),
        ("binary8p4ue", "-5", Overflow.SATNONE_4_0_3, "has no minus infinity, so NaN", "NaN"),
    ],
)
def test_overflow_policy_says_what_it_did(fmt: str, x: str, policy: Overflow, word: str, meaning: str) -> None:
    """The sentence of the overflow policy fits the class of what was delivered."""
    found = told(fmt, x, overflow=policy)
    assert word in found.steps[-1].text
    assert found.format.classify(found.code) == meaning
    assert {other.choice for other in found.policies} == {other.value for other in Overflow if other is not policy}


def test_refusals_are_alternatives_not_errors() -> None:
    """A policy that would refuse is told as one that has no code; the explanation itself refuses what the projection refuses."""
    found = told("e2m1", "100")
    refused = [other.choice for other in found.policies if other.code is None]
    assert refused == ["to_nan", "satnone_4.0.3", "error"]
    with pytest.raises(RefmathError, match="absent_nan"):
        told("e2m1", "nan")


def test_nan_payload_policy() -> None:
    """A NaN says whether it was propagated, and a signalling one that it raises invalid."""
    found = explain(parse("binary16"), NaN(True, True, 5, 9), Projection(nans=NaNs.PROPAGATE))
    assert found.flags == Flags.INVALID
    assert "raises invalid" in found.steps[0].text
    assert "nans=propagate" in found.steps[0].text


def test_irrational_result_has_a_gap_without_share() -> None:
    """A square root lies between its neighbours like any other result; only the share of the gap cannot be written down."""
    found = explain(parse("ocp_e4m3"), sqrt(mpq(2)))
    assert found.gap is not None
    assert (found.gap.near.value, found.gap.far.value, found.gap.share) == (mpq(11, 8), mpq(3, 2), None)
    assert found.gap.position is Position.BELOW_HALF
    assert found.code == found.gap.near.code


def test_stochastic_rule_counts_the_draws() -> None:
    """0.3 lies at 3/5 between 0x29 and 0x2a: of 256 draws floor(3/5 256) = 153 go away from zero, R = 200 among them, R = 0 not."""
    for random, code, word in ((200, 0x2A, "R = 200 is one of them"), (0, 0x29, "R = 0 is none of them")):
        found = told("ocp_e4m3", "0.3", rounding=Rounding.STOCHASTIC_A, bits=8, random=random)
        assert found.code == code
        assert "153 of the 256 draws go away from zero, to 0x2a: R >= 103" in found.steps[0].text
        assert word in found.steps[0].text


def test_clause_is_that_of_the_standard_of_the_format() -> None:
    """A P3109 format cites P3109 in its revision, any other IEEE 754; a mode of no standard cites nothing."""
    assert told("binary8p4se", "1.01").steps[0].clause == "P3109 4.0.3 section 4.7, NearestTiesToEven"
    assert told("binary8p4se(revision=4.0)", "1.01").steps[0].clause == "P3109 4.0 section 4.7, NearestTiesToEven"
    assert told("binary16", "1.00001").steps[0].clause == "IEEE 754-2019 4.3.1"
    assert told("binary16", "1.00001", rounding=Rounding.NEAREST_ODD).steps[0].clause == ""


def test_any_operand_is_explained() -> None:
    """Data, exact reals, integers and fractions are taken as they are."""
    fmt = parse("binary16")
    for x in (3, Fraction(1, 3), mpq(7, 5), finite(mpq(-2)), Infinity(True), NaN()):
        assert explain(fmt, x).code == fmt.round(x)


def test_out_of_range_by_many_steps_has_no_gap() -> None:
    """Beyond the range by more than a step, there is nothing to round; what the modes give still differs."""
    found = told("binary16", "1e999999999", rounding=Rounding.TOWARD_ZERO)
    assert found.gap is None
    assert isinstance(found.format, Float)
    assert {other.choice: other.code for other in found.modes}["nearest_even"] == 0x7C00
    assert found.code == 0x7BFF
