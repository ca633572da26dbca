"""Findings on the libraries themselves that rest on nothing but rationals."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.emulators import load
from conformance.verdict import Status, Verdict


def verdict(emulator: str, source: str, target: str, variant: str = "eager") -> Verdict:
    adapter = load(emulator, "cpu")
    (claim,) = (claim for claim in adapter.claims() if claim.title == f"{source} -> {target}" and claim.variant == variant)
    return check(claim, adapter, QUICK)


@pytest.mark.parametrize("emulator", ["torch", "ml_dtypes", "jax"])
def test_conversions_between_binary16_and_binary32_agree(emulator: str) -> None:
    """Where a library is right, nothing is found."""
    source, target = ("binary32", "bfloat16") if emulator == "ml_dtypes" else ("binary32", "binary16")
    assert verdict(emulator, source, target).status is Status.AGREES


def test_a_double_rounding_is_what_rationals_say_it_is() -> None:
    """binary64 1.00390625 + 2^-33 lies above the tie between two bfloat16 values; a library that goes through binary32 rounds it down."""
    x = Fraction(1) + Fraction(1, 256) + Fraction(1, 2**33)
    below, above = Fraction(1), Fraction(1) + Fraction(1, 128)
    assert x - below > above - x, "the nearest bfloat16 value is the upper one"
    got = Fraction(float(np.array([float(x)]).astype(ml_dtypes.bfloat16)[0]))
    found = verdict("ml_dtypes", "binary64", "bfloat16")
    if got == above:
        assert found.status is Status.AGREES
    else:
        assert found.status is Status.DIFFERS and found.deviations == ("rounds twice, first to binary32",) and found.unexplained == 0
