"""What is compared on a device, tried with the library's arrays on the CPU: right ranges are called right, any planted difference is not."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from conformance.accounts import Account, bare, said
from conformance.claims import Claim
from conformance.emulators import load
from conformance.numbering import operands
from conformance.on_device import Distant, Expected, expectation, right_on_device
from conformance.streaming import expected, tally
from conformance.tally import BLOCK, Sample, Tally
from formats.notation import parse
from refmath.rounding import Rounding

COUNT = 1 << 16
CLAIMS = [
    ("convert", ("binary32",), "ocp_e5m2", 0x47000000),
    ("convert", ("binary32",), "binary16", 0x47000000),
    ("convert", ("binary32",), "bfloat16", 0xFF7FF000),  # NaNs too, whose bits differ
    ("add", ("binary16", "binary16"), "binary16", 0x7BFF0000),
    ("compare_quiet_less", ("bfloat16", "bfloat16"), "uint1", 0x3F800000),
]


def found(library: str, operation: str, names: tuple[str, ...], result: str, variant: str = "eager") -> tuple[Any, Claim]:
    """An adapter and one of its claims."""
    adapter = load(library, "cpu")
    wanted = (operation, names, result, variant)
    claim = next(c for c in adapter.claims() if (c.operation, tuple(fmt.name for fmt in c.operands), c.result.name, c.variant) == wanted)
    return adapter, claim


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize(("operation", "names", "result", "first"), CLAIMS)
def test_a_right_range_is_right_and_one_wrong_code_is_seen(library: str, operation: str, names: tuple[str, ...], result: str, first: int) -> None:
    adapter, claim = found(library, operation, names, result)
    assert isinstance(adapter, Distant) and not adapter.distant
    wanted = expectation(claim, (said(claim),), first, COUNT)
    assert wanted is not None and wanted.count == COUNT
    assert adapter.all_right(claim, first, wanted)
    for at in (0, len(wanted.codes) // 2, len(wanted.codes) - 1):
        codes = wanted.codes.copy()
        codes[at] ^= 1
        assert not adapter.all_right(claim, first, replace(wanted, codes=codes))


def test_a_compiled_function_is_compared_too() -> None:
    adapter, claim = found("jax", "convert", ("binary32",), "ocp_e5m2", "compiled")
    wanted = expectation(claim, (said(claim),), 0, COUNT)
    assert wanted is not None and adapter.all_right(claim, 0, wanted)


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize("names", [("binary32",), ("binary16", "bfloat16"), ("ocp_e4m3", "binary16", "uint8")])
def test_operands_are_numbered_there_as_here(library: str, names: tuple[str, ...]) -> None:
    formats = [parse(name) for name in names]
    first = (1 << sum(fmt.width for fmt in formats)) - 5000
    here = operands(formats, first, 5000)
    for array, codes in zip(load(library, "cpu").numbered(formats, first, 5000), here, strict=True):  # type: ignore[attr-defined]
        there = array.view(getattr(import_module(library), f"int{8 * codes.itemsize}")) if library == "torch" else array
        assert np.array_equal(np.asarray(there).view(codes.dtype), codes)


class Elsewhere:
    """The arrays of a library as if they were on a device, with the calls that reach the host counted."""

    name, views, compiles, distant = "elsewhere", (), False, True

    def __init__(self, library: Any) -> None:
        self.library, self.calls = library, 0

    def run(self, claim: Claim, calls: Any) -> Any:
        self.calls += 1
        return self.library.run(claim, calls)

    def all_right(self, claim: Claim, first: int, wanted: Expected) -> bool:
        return bool(self.library.all_right(claim, first, wanted))


@pytest.mark.parametrize(("target", "called"), [("ocp_e5m2", [False, False, False]), ("e8m0", [True, False, False])])
def test_a_tally_is_the_same_and_looks_again_where_something_differs(target: str, called: list[bool]) -> None:
    adapter, claim = found("torch", "convert", ("binary32",), target)
    elsewhere, held_to = Elsewhere(adapter), (said(claim),)
    for first, again in zip((0x400000, 0x3F800000, 0x7F800000), called, strict=True):
        elsewhere.calls = 0
        assert tally(claim, elsewhere, held_to, first, BLOCK) == tally(claim, adapter, held_to, first, BLOCK)  # type: ignore[arg-type]
        assert bool(elsewhere.calls) == again


def test_accounts_that_differ_are_not_held_to_at_once() -> None:
    _, claim = found("torch", "convert", ("binary32",), "ocp_e5m2")
    cuts = Account(replace(bare(claim).base, last=replace(claim.projection, rounding=Rounding.TOWARD_ZERO)))
    assert expectation(claim, (said(claim), cuts), 0x3F900000, BLOCK) is None
    assert expectation(claim, (said(claim), said(claim)), 0x3F800000, BLOCK) is not None
    assert expectation(claim, (said(claim), cuts), 0x7F800000, 1 << 16) is not None  # infinity and NaNs: the same in both


def test_strips_are_what_is_expected_of_each_operand() -> None:
    _, claim = found("torch", "convert", ("binary32",), "bfloat16")
    for first in (0, 0x3F7FF123, 0x7F7FF001, 0xFFFFFFFF - 5000):
        wanted = expectation(claim, (said(claim),), first, 5001)
        assert wanted is not None and wanted.lengths is not None and wanted.canonical is not None
        assert np.array_equal(np.repeat(wanted.codes, wanted.lengths), wanted.canonical[expected(claim, said(claim), first, 5001)])


def test_what_a_device_raises_is_left_to_the_usual_way() -> None:
    adapter, claim = found("torch", "convert", ("binary32",), "ocp_e5m2")
    elsewhere = Elsewhere(adapter)
    elsewhere.all_right = lambda *rest: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    assert not right_on_device(claim, elsewhere, (said(claim),), 0, BLOCK)  # type: ignore[arg-type]
    assert tally(claim, elsewhere, (said(claim),), 0, BLOCK) == Tally(BLOCK, (Sample(),))  # type: ignore[arg-type]
