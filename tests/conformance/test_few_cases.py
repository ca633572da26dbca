"""Libraries that take one value at a time are tried on few cases, which have the ends and the thresholds all the same."""

from fractions import Fraction

import numpy as np
import pytest

from conformance.budget import QUICK, STANDARD
from conformance.cases.conversions import conversion_cases
from conformance.cases.operands import operand_cases
from conformance.claims import Shapes
from conformance.layouts import layouts
from formats.notation import parse
from refmath.datum import Finite

BINARY64 = parse("binary64")


@pytest.mark.parametrize("name", ["ocp_e5m2", "e4m3fnuz", "binary16", "binary32", "q8.8", "uint8", "e8m0", "posit16"])
def test_few_conversions_are_about_as_many_as_asked(name: str) -> None:
    """No more than a plan has that is asked for so many, always the same ones, and the plan says so."""
    found = conversion_cases(BINARY64, parse(name), 1, 16384, 1 << 18, 4000)
    assert 1000 < len(found) <= 4500 and found.few and found.plan.startswith("few: ")
    conversion_cases.cache_clear()
    again = conversion_cases(BINARY64, parse(name), 1, 16384, 1 << 18, 4000)
    assert np.array_equal(found.operands[0], again.operands[0])


@pytest.mark.parametrize("name", ["ocp_e5m2", "binary16", "binary32", "q8.8"])
def test_the_ends_are_among_few_conversions(name: str) -> None:
    """The greatest value, what overflows in rounding to nearest, half the least value and specials, each with the next operand on either side."""
    target = parse(name)
    codes = set(conversion_cases(BINARY64, target, 1, 16384, 1 << 18, 4000).operands[0].tolist())
    greatest, before = (target.decode(target.greatest() - n) for n in (0, 1))
    least = target.decode(target.least)
    assert isinstance(greatest, Finite) and isinstance(before, Finite) and isinstance(least, Finite)
    step = Fraction(str(greatest.value)) - Fraction(str(before.value))
    for x in (Fraction(str(greatest.value)), Fraction(str(greatest.value)) + step / 2, Fraction(str(least.value)) / 2):
        code = int(np.float64(float(x)).view(np.uint64))
        assert Fraction(float(x)) == x and {code - 1, code, code + 1} <= codes, x
    assert {int(np.float64(x).view(np.uint64)) for x in (0.0, -0.0, np.inf, -np.inf)} <= codes


def test_few_pairs_are_chosen_from_both_kinds() -> None:
    """Of 8-bit pairs, all of which are tried else, as many as asked: half of them core data."""
    e5m2 = parse("ocp_e5m2")
    found = operand_cases((e5m2, e5m2), 1, 1000, 500)
    assert len(found) == 500 and found.boundaries == 250 and found.few and not found.exhaustive
    assert operand_cases((e5m2, e5m2), 1, 1000).exhaustive
    assert not operand_cases((e5m2,), 1, 1000, 500).few, "all 256 are fewer than 500"


def test_values_have_no_layout() -> None:
    """One value at a time has no layout; what is compiled for every shape has few lengths, and no views."""
    none = np.zeros(0, np.int64)
    assert layouts(1000, none, STANDARD.thorough_layouts, ("strided",), 1, Shapes.ONE) == []
    for budget in (QUICK, STANDARD):
        assert all(view.kind in ("contiguous", "scalar") for view in layouts(1000, none, budget.thorough_layouts, ("strided",), 1, Shapes.COMPILED))
