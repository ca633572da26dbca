"""What the tester finds in emulators whose behaviour was planted."""

from dataclasses import replace

import planted
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Codes
from conformance.verdict import Status, Verdict
from formats.arrays import convert
from formats.notation import parse
from refmath.rounding import Rounding


def verdicts(adapter: planted.Planted) -> list[Verdict]:
    return [check(claim, adapter, QUICK) for claim in adapter.claims()]


def test_a_right_emulator_agrees_everywhere() -> None:
    """No finding on an emulator that is right."""
    for verdict in verdicts(planted.right("cpu")):
        assert verdict.status is Status.AGREES and verdict.mismatches == 0 and not verdict.policies and not verdict.deviations


def test_sources_up_to_16_bits_are_exhausted_and_wider_ones_follow_the_plan() -> None:
    """Binary16 is checked on all 65,536 codes; binary32 on boundaries and seeded random codes."""
    wide, narrow = verdicts(planted.right("cpu"))
    assert narrow.exhaustive and narrow.cases == 65536 and narrow.plan == "all 65,536"
    assert not wide.exhaustive and "boundary" in wide.plan and wide.cases > 5000


def test_saturation_is_a_policy_and_not_a_mismatch() -> None:
    """E4M3 that saturates agrees under a named policy, in the words of the policy."""
    verdict = verdicts(planted.saturating("cpu"))[0]
    assert verdict.status is Status.POLICY
    assert verdict.policies == ("overflow and infinity saturate to +-448",)
    assert verdict.unexplained == 0 and verdict.defects == 0


def test_flushing_is_a_policy_of_operands_and_results() -> None:
    """Both flushes are named."""
    verdict = verdicts(planted.flushing("cpu"))[1]
    assert verdict.status is Status.POLICY
    assert set(verdict.policies) <= {"subnormal results become zero", "subnormal operands count as zero"} and verdict.policies


@pytest.mark.parametrize(
    ("maker", "words"),
    [
        (planted.truncating, "truncates"),
        (planted.ties_away, "ties go away from zero"),
        (planted.no_carry, "the carry out of the significand is lost"),
        (planted.early_overflow, "overflows early: anything above the greatest value"),
        (planted.through_binary32, "rounds twice, first to binary32"),
        (planted.through_binary16, "rounds twice, first to binary16"),
    ],
)
def test_a_planted_defect_is_named_and_explains_every_mismatch(maker: object, words: str) -> None:
    """The deviation that was planted is the one that is found, alone, and nothing remains."""
    for verdict in verdicts(maker("cpu")):  # type: ignore[operator]
        if maker is planted.early_overflow and verdict.operands == ("binary16",):
            assert verdict.status is Status.AGREES, "no binary16 value overflows bfloat16"
            continue
        assert verdict.status is Status.DIFFERS
        assert verdict.deviations == (words,), (verdict.title, verdict.deviations, verdict.policies)
        assert verdict.unexplained == 0 and verdict.defects == verdict.mismatches > 0 and not verdict.policies


def test_two_defects_at_once_are_both_named() -> None:
    """Double rounding and a wrong tie rule together."""
    (verdict,) = verdicts(planted.two_defects("cpu"))
    assert set(verdict.deviations) == {"rounds twice, first to binary32", "ties go away from zero"} and verdict.unexplained == 0


def test_results_that_depend_on_the_length_are_their_own_kind_of_verdict() -> None:
    """A remainder loop that truncates shows in some lengths and not in others."""
    verdict = verdicts(planted.by_length("cpu"))[1]
    assert verdict.status is Status.DIFFERS
    assert "length 1000" in verdict.layout_dependent and "0-dimensional" in verdict.layout_dependent
    assert verdict.counterexamples[0].layout in verdict.layout_dependent and verdict.mismatches == 0


def test_an_example_of_a_layout_shows_what_is_wrong_and_what_is_right() -> None:
    """Vector loops that truncate and a scalar loop that does not: the long array is wrong, one number alone is right, and what is expected is the reference's."""

    def function(claim: Claim, codes: Codes) -> Codes:
        rounding = Rounding.TOWARD_ZERO if codes.size > 1 else claim.projection.rounding
        return convert(codes.reshape(-1), claim.operands[0], claim.result, replace(claim.projection, rounding=rounding))[0].reshape(codes.shape)

    (verdict,) = verdicts(planted.Planted(function, (("binary16", "bfloat16"),)))
    assert set(verdict.layout_dependent) == {"length 1", "0-dimensional"} and verdict.mismatches > 0
    for case in verdict.counterexamples:
        right = parse("bfloat16").round(parse("binary16").decode(int(case.operands[0].code, 16)))
        assert int(case.expected.code, 16) == right != int(case.got.code, 16) and not case.layout


def test_what_nothing_explains_is_counted_and_shown() -> None:
    """One wrong code is a difference with no explanation, and the counterexample is exact."""
    verdict = verdicts(planted.one_wrong_code("cpu"))[1]
    assert verdict.status is Status.DIFFERS and verdict.unexplained == verdict.defects == 1
    (case,) = verdict.counterexamples
    assert (case.operands[0].code, case.operands[0].exact, case.operands[0].hexadecimal) == ("0x3e00", "3/2", "0x1.8p+0")
    assert (case.got.value, case.expected.value) == ("1.75", "1.5")
    assert case.remark == "exactly a value of the target"


def test_the_simplest_case_comes_first() -> None:
    """Of all ties that go the wrong way, the one with the fewest significant bits nearest to 1."""
    verdict = verdicts(planted.ties_away("cpu"))[0]
    assert verdict.counterexamples[0].operands[0].hexadecimal == "0x1p-10"
    assert verdict.counterexamples[0].remark == "the tie between 0x0 (0) and 0x1 (0.001953125)"


def test_verdicts_repeat_with_the_seed() -> None:
    """The same seed gives the same verdict, counterexamples included."""
    assert verdicts(planted.truncating("cpu")) == verdicts(planted.truncating("cpu"))


def test_what_becomes_of_data_without_a_place_is_told_even_where_it_is_expected() -> None:
    """E4M3 has no infinity: the right emulator makes NaN of overflow and infinity, the saturating one the greatest value."""
    assert verdicts(planted.right("cpu"))[0].treatment == ("overflow gives NaN", "infinity gives NaN")
    assert verdicts(planted.saturating("cpu"))[0].treatment == ("overflow gives the greatest value", "infinity gives the greatest value")
