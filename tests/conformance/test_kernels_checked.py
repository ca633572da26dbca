"""The array engine as an emulator: the differential tester holds it to the scalar reference, and only where it is asked to."""

import pytest

from conformance.budget import Budget
from conformance.checker import check
from conformance.emulators import KNOWN, OURS, load
from conformance.verdict import Status

SMALL = Budget(samples=200, points=100, thorough_layouts=False)


@pytest.mark.parametrize("operation", ["add", "fma", "minimum_number", "compare_signaling_less", "next_up", "convert"])
def test_the_array_engine_agrees_with_the_reference(operation: str) -> None:
    """A few claims of every kind, on all layouts."""
    adapter = load("kernels", "cpu")
    claims = [claim for claim in adapter.claims() if claim.operation == operation]
    assert claims and all(claim.oracle == "reference" for claim in claims)
    for claim in claims[:: max(1, len(claims) // 2)]:
        verdict = check(claim, adapter, SMALL)
        assert verdict.status is Status.AGREES, verdict


def test_it_is_checked_where_it_is_named_only() -> None:
    """Without names, the libraries are checked."""
    assert set(OURS) <= set(KNOWN)
