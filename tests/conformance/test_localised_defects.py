"""Defects that show in a part of the operands only are named with that part; several come apart, each with its share."""

import planted
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.verdict import Status, Verdict


def verdicts(maker: object) -> list[Verdict]:
    adapter = maker("cpu")  # type: ignore[operator]
    return [check(claim, adapter, QUICK) for claim in adapter.claims()]


@pytest.mark.parametrize(
    ("maker", "words"),
    [
        (planted.truncating_negatives, "truncates (only negative operands)"),
        (planted.truncating_one_binade, "truncates (only operands in [2^4, 2^5))"),
        (planted.away_in_subnormals, "ties go away from zero (only subnormal results)"),
    ],
)
def test_the_region_of_a_defect_is_found(maker: object, words: str) -> None:
    """One deviation, in the region that was planted, explains every mismatch."""
    for verdict in verdicts(maker):
        assert verdict.status is Status.DIFFERS
        assert verdict.deviations == (words,), (verdict.title, verdict.deviations)
        assert verdict.unexplained == 0 < verdict.defects


def test_two_defects_in_two_regions_come_apart_with_their_shares() -> None:
    """Each is named with its region; the shares add up to all mismatches."""
    (verdict,) = verdicts(planted.two_regions)
    assert set(verdict.deviations) == {"truncates (only negative operands)", "ties go away from zero (only positive operands and operands of 2^2 or more)"}
    assert verdict.unexplained == 0
    assert {share.deviation for share in verdict.shares} == set(verdict.deviations)
    assert sum(share.cases for share in verdict.shares) == verdict.defects


def test_two_quirks_of_the_last_step_compose() -> None:
    """A lost carry and a wrong tie rule at once are both named."""
    for verdict in verdicts(planted.no_carry_and_ties_away):
        assert set(verdict.deviations) == {"the carry out of the significand is lost", "ties go away from zero"}, verdict.deviations
        assert verdict.unexplained == 0


def test_a_wrong_special_case_is_read_off() -> None:
    """-infinity that becomes 1 is a special case, with what it gives."""
    (verdict,) = verdicts(planted.lost_infinity)
    assert verdict.defects == 1 and verdict.deviations == ("special case: (-inf) gives 1",) and verdict.unexplained == 0


def test_the_remainder_of_a_vector_loop_is_located() -> None:
    """Results that change after the last multiple of 16 say so."""
    verdict = verdicts(planted.by_length)[1]
    assert verdict.layout_where == "only in the n mod 16 elements after the last multiple of 16"
