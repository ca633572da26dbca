"""The run-length oracle gives what converting every single code gives: codes and flags, in every deterministic mode, under every policy."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.arrays import convert, dtype
from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.notation import parse
from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection
from formats.runs import runs, span, thresholds
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals, Tininess
from tests.support.any_format import formats
from tests.support.effort import examples
from tests.support.full import FULL, count

SMALL = [
    *(named.format for named in CATALOGUE if named.format.width <= 8),
    *map(parse, ("lns4.3", "lns3.3", "takum8", "posit6", "q2.3", "uq1.2", "e5m0", "int5")),
]
POLICIES: dict[str, list[Any]] = {
    "overflow": [policy for policy in Overflow if policy is not Overflow.ERROR],
    "tininess": list(Tininess),
    "results": list(Subnormals),
    "operands": list(Subnormals),
    "nans": list(NaNs),
    "absent_nan": list(AbsentNaN)[1:],
    "absent_zero": list(AbsentZero),
    "negatives": list(Negatives),
}


def any_policies(rng: random.Random, mode: Rounding) -> Projection:
    return Projection(rounding=mode, **{field: rng.choice(choices) for field, choices in POLICIES.items()})


def agrees(source: Format, target: Format, how: Projection) -> None:
    """All codes of a narrow source, run by run and one by one."""
    table = runs(source, target, how, "reference")
    assert table is not None, (source, target)
    expected, expected_flags = convert(span(source, 0, source.codes), source, target, how, engine="reference")
    got, got_flags = table.fill(0, source.codes)
    assert got.dtype == expected.dtype and np.array_equal(got, expected), (source, target, how)
    assert np.array_equal(got_flags, expected_flags), (source, target, how)


@pytest.mark.parametrize("mode", DETERMINISTIC)
def test_every_code_of_small_formats(mode: Rounding) -> None:
    """Pairs of formats of at most 8 bits under random policies; in a full run every pair."""
    rng = random.Random(mode.value)
    pairs = [(source, target) for source in SMALL for target in SMALL]
    for source, target in pairs if FULL else rng.sample(pairs, 40):
        agrees(source, target, any_policies(rng, mode))


@pytest.mark.parametrize("field", POLICIES)
def test_every_policy(field: str) -> None:
    """Each choice of each policy in each mode, others at random, on a pair of formats that the policy concerns."""
    rng = random.Random(field)
    pairs = [("ocp_e5m2", "e2m1"), ("ocp_e4m3", "e2m1"), ("ieee_e3m4", "e8m0"), ("binary8p3se", "uq1.2"), ("ocp_e5m2", "ocp_e4m3"), ("e5m2", "e3m2")]
    for choice in POLICIES[field]:
        for mode in DETERMINISTIC:
            source, target = map(parse, rng.choice(pairs))
            agrees(source, target, replace(any_policies(rng, mode), **{field: choice}))


@examples(40)
@given(formats(), formats(), st.randoms(use_true_random=False))
def test_formats_of_any_parameters(source: Format, target: Format, rng: random.Random) -> None:
    """Random floats and fixed point of at most 11 bits, without subnormals, zero, sign: where there is a table it is right."""
    how = any_policies(rng, rng.choice(DETERMINISTIC))
    if source.width <= 11 and thresholds(source, target) is not None:
        agrees(source, target, how)


@pytest.mark.parametrize("source", ["binary16", "bfloat16", "int16", "uint16", "posit16", "e6m9", "q8.8"])
def test_every_code_of_16_bits(source: str) -> None:
    """All codes into small targets, by the array engine where it knows both formats."""
    rng, here = random.Random(source), parse(source)
    slow = source == "posit16" and not FULL
    for name in ("ocp_e4m3", "e8m0", "e5m2fnuz", "e2m1", "int8", "uint4", "binary8p4se", "bfloat16")[: 2 if slow else 8]:
        for mode in rng.sample(DETERMINISTIC, count(1 if slow else 2, len(DETERMINISTIC))):
            how, target = any_policies(rng, mode), parse(name)
            table = runs(here, target, how)
            assert table is not None
            for got, expected in zip(table.fill(0, 1 << 16), convert(span(here, 0, 1 << 16), here, target, how), strict=True):
                assert np.array_equal(got, expected), (source, name, how)


WIDE = ("binary32", "binary64", "posit32", "int64", "uint32", "q16.16", "e11m20", "takum64")


@pytest.mark.parametrize("source", WIDE)
def test_boundary_codes_of_wide_sources(source: str) -> None:
    """Windows around thresholds, ends and random places: five codes each, by the scalar reference."""
    rng, here = random.Random(source), parse(source)
    for name in ("ocp_e4m3", "e8m0", "e2m1", "int8", "posit8", "binary8p3se", "uint8"):
        how, target = any_policies(rng, rng.choice(DETERMINISTIC)), parse(name)
        if how.overflow is Overflow.WRAP and here.width == 64:
            how = replace(how, overflow=Overflow.IEEE)
        table = runs(here, target, how)
        assert table is not None
        places = [*rng.sample(table.starts.tolist(), min(40, len(table.starts))), 0, here.codes - 1, *(rng.getrandbits(here.width) for _ in range(20))]
        for place in places:
            first = min(max(place - 2, 0), here.codes - 5)
            expected, flags = convert(span(here, first, first + 5), here, target, how, engine="reference")
            got, got_flags = table.fill(first, 5)
            assert got.tolist() == expected.tolist() and got_flags.tolist() == flags.tolist(), (source, name, how, hex(first))


def test_random_windows_of_binary32_into_16_bits() -> None:
    """Long windows against the array engine: every table of many runs."""
    rng, here = random.Random(5), parse("binary32")
    for name in ("binary16", "bfloat16", "int16"):
        target, how = parse(name), Projection(rounding=Rounding.NEAREST_EVEN, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
        table = runs(here, target, how)
        assert table is not None
        for first in (0, rng.getrandbits(32) - (1 << 20), (127 << 23) - 999, (1 << 32) - (1 << 20)):
            for got, expected in zip(table.fill(first, 1 << 20), convert(span(here, first, first + (1 << 20)), here, target, how), strict=True):
                assert np.array_equal(got, expected), (name, hex(first))


def test_nans_that_keep_their_payload_have_a_result_each() -> None:
    """binary32 into binary16 with payloads kept: the NaNs are converted one by one, everything else run by run."""
    here, target, how = parse("binary32"), parse("binary16"), Projection(nans=NaNs.PROPAGATE)
    table = runs(here, target, how)
    assert table is not None and np.count_nonzero(table.varies) == 4  # quiet and signalling, of either sign
    for first in (0x7F7FFFF0, 0x7FBFFF00, 0xFFFFF000):
        for got, expected in zip(table.fill(first, 4096), convert(span(here, first, first + 4096), here, target, how), strict=True):
            assert np.array_equal(got, expected)


def test_what_has_no_table_is_said() -> None:
    """Too many places, codes that are in no order and many: None. A stochastic mode and codes that are none: a sentence."""
    assert runs(parse("binary64"), parse("binary32")) is None
    assert runs(parse("x87_extended"), parse("ocp_e4m3")) is None
    with pytest.raises(RefmathError, match="stochastic_a gives a result for each random operand"):
        runs(parse("binary16"), parse("ocp_e4m3"), Projection(rounding=Rounding.STOCHASTIC_A, bits=4))
    table = runs(parse("binary16"), parse("ocp_e4m3"))
    assert table is not None
    with pytest.raises(RefmathError, match="binary16 has the codes 0 to 0xffff; 10 from 0xfffa on are not among them"):
        table.fill(0xFFFA, 10)
    with pytest.raises(RefmathError, match="int8 has no NaN"):
        runs(parse("binary16"), parse("int8"))


def test_few_codes_may_be_asked_for() -> None:
    """None, one, and the last."""
    table = runs(parse("binary32"), parse("ocp_e4m3"))
    assert table is not None
    assert [len(part) for part in table.fill(7, 0)] == [0, 0]
    assert table.fill(0x3F800000, 1)[0].tolist() == [0x38] and dtype(parse("ocp_e4m3")) == np.uint8
    assert table.fill((1 << 32) - 1, 1)[0].tolist() == [0x7F]
