"""Emulators that change the floating-point environment: named, undone, and of no consequence to what is checked later in the same process."""

import platform
import xml.etree.ElementTree as Tree
from pathlib import Path

import numpy as np
import pytest
from command_line import refmath
from planted import arm_traps, flush_to_zero, round_upward

from conformance.environment import Watch, current, imported, remarks, theirs, turn_to
from conformance.report.check_page import page
from conformance.report.screen import plain
from conformance.verdict import Verdict

pytestmark = pytest.mark.skipif((platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="planted for the registers of x86-64")

FLUSHES = "flush to zero is on, subnormal operands as zero is on"
LEAVES = {"leaving_flush": FLUSHES, "leaving_upward": "rounding is upward", "leaving_traps": "exceptions trap"}


def usual() -> bool:
    """Whether hardware numbers round to nearest, and whether subnormals count: both decided by arithmetic, not by registers."""
    tiny, one, half = np.array([2.0**-1074]), np.array([1.0]), np.array([2.0**-53])
    return bool(tiny[0] * one[0] > 0) and one[0] + half[0] == 1 and -one[0] - half[0] == -1


@pytest.mark.parametrize(("name", "words"), LEAVES.items())
def test_what_a_call_leaves_is_told_and_undone(name: str, words: str, tmp_path: Path) -> None:
    """Three claims in one worker, of which two are computed by the processor: all agree, with a remark each, in JSON, JUnit and on the page."""
    told = f"changes the floating-point environment: {words} after its call"
    file = tmp_path / "junit.xml"
    ran = refmath("check", f"planted:{name}", "--operation", "all", "--budget", "quick", "--jobs", "1", "--json", "-", "--junit", str(file))
    found = ran.data["emulators"][0]["verdicts"]
    assert ran.status == 0 and [verdict["status"] for verdict in found] == ["agrees"] * 3
    assert [verdict["remarks"] for verdict in found] == [[told]] * 3
    assert [node.text for node in Tree.parse(file).iter("system-out")] == [told] * 3
    shown = "\n".join(map(plain, page("native", [Verdict.from_json(verdict) for verdict in found], False)))
    assert "REMARK" in shown and told in shown


def test_what_an_import_leaves_is_what_its_calls_begin_in() -> None:
    """Its own results are flushed, which is named as a policy; what the reference computes is not, and an emulator after it in the same worker is right."""
    ran = refmath("check", "planted:flushing_since_import", "planted:leaving_upward", "--operation", "all", "--budget", "quick", "--jobs", "1", "--json", "-")
    flushed, right = (emulator["verdicts"] for emulator in ran.data["emulators"])
    assert ran.status == 0
    assert {verdict["operation"]: verdict["status"] for verdict in flushed if verdict["result"] == "binary32"} == {
        "convert": "agrees under a named policy",
        "multiply": "agrees under a named policy",
    }
    assert all(verdict["remarks"] == [f"changes the floating-point environment: {FLUSHES} after its import"] for verdict in flushed)
    assert [verdict["status"] for verdict in right] == ["agrees"] * 3


@pytest.mark.parametrize("change", [flush_to_zero, round_upward, arm_traps])
def test_the_environment_is_restored_whatever_happens(change: object) -> None:
    """After a call, after one that raises, and within another's."""
    assert usual()
    watch = Watch()
    turn_to(watch)
    with theirs():
        change()
    assert usual() and watch.remarks() and not watch.remarks()
    with pytest.raises(ZeroDivisionError), theirs():
        with theirs():
            change()
        change()
        raise ZeroDivisionError
    assert usual() and len(watch.remarks()) == 1


def test_an_emulator_begins_in_what_its_import_left() -> None:
    """Each time anew, and nobody else does."""
    _, watch = imported(round_upward)
    assert usual() and watch.always
    turn_to(watch)
    for _ in range(2):
        with theirs():
            assert np.array([1.0])[0] + np.array([2.0**-53])[0] > 1
            flush_to_zero()
        assert usual()
    turn_to(Watch())
    with theirs():
        assert usual()


def test_flags_that_are_raised_are_no_change() -> None:
    """An inexact sum raises a flag in the image, as every sum may."""
    before = current()
    assert np.array([1.0])[0] / np.array([3.0])[0] and not remarks(before, current(), "its call")
