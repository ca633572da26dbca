"""Files that were cut off, disks that are full, streams that are closed, and names of formats of another kind: each has its sentence and its exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli import run
from conformance.exits import Exit

FULL = Path("/dev/full")


@pytest.mark.parametrize("suffix", ["jsonl", "mem"])
@pytest.mark.parametrize("lost", [1, 3])
def test_a_file_without_its_last_line_is_not_whole(suffix: str, lost: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line holds the count and the sum: without it nobody knows what is missing."""
    file = tmp_path / f"cases.{suffix}"
    assert run(["vectors", "add", "--format", "ocp_e4m3", "-n", "9", "-o", str(file)]) == Exit.AGREES
    assert run(["verify", str(file)]) == Exit.AGREES
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-lost]))
    capsys.readouterr()
    assert run(["verify", str(file)]) == Exit.BAD_INPUT
    assert "the last line, with the count of cases and their SHA-256, is missing" in capsys.readouterr().out


@pytest.mark.skipif(not FULL.exists(), reason="a full disk is played by /dev/full, which this system lacks")
@pytest.mark.parametrize(
    "command", ["vectors add --format ocp_e4m3 -n 20000 -o /dev/full", "check numpy --source int8 --target uint8 --budget quick --jobs 1 --json /dev/full"]
)
def test_a_full_disk_is_named_by_its_file(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Not the standard output, which is not full."""
    assert run(command.split()) == Exit.BAD_INPUT
    assert capsys.readouterr().err == "refmath: Cannot write '/dev/full': no space left on device.\n"


@pytest.mark.parametrize("words", ["table e2m1", "convert - --to bf16", "serve --stdio"])
def test_closed_streams_are_said_to_be_closed(words: str) -> None:
    """One sentence where the input or the output is needed and closed; no traceback."""
    stdin, stdout = ("0<&-", "") if words != "table e2m1" else ("", "1>&-")
    line = f"exec {sys.executable} -m refmath {words} {stdin} {stdout}"
    found = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, timeout=60, check=False
    )
    assert (found.returncode, found.stderr) == (Exit.BAD_INPUT, "refmath: a standard stream that is needed is closed; open the standard input and output.\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("convert 1 --to mxfp4", "'mxfp4' is a block format"),
        ("convert 1 --to dd", "'dd' is a format of several components"),
        ("show expansion(ocp_e4m3,3,rounding=to_odd) 0x7e 0x8e 0x3c", "TwoSum of these components ends nowhere"),
        ("eval pown(2,x) --format binary16 --let x=70000", "not an infinity"),
    ],
)
def test_what_is_wrong_is_said(words: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Formats of another kind by their kind; sums that never settle; operands by what they are."""
    assert run(words.split()) == Exit.BAD_INPUT
    assert sentence in capsys.readouterr().err


def test_a_negative_zero_stays_negative_in_components(capsys: pytest.CaptureFixture[str]) -> None:
    """Zeros of one sign add up to a zero of that sign."""
    assert run(["show", "double_double", "-0"]) == Exit.AGREES
    shown = capsys.readouterr().out
    assert shown.count("0x8000000000000000") == 2 and "value      -0" in shown


def test_no_more_wrong_cases_are_shown_than_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the rest is counted."""
    file = tmp_path / "three.txt"
    file.write_text("3C00 3C00 4001 00\n3C00 3C00 4002 00\n3C00 3C00 4003 00\n")
    assert run(["verify", "add", "--format", "binary16", "--errors", "1", str(file)]) == Exit.DIFFERS
    shown = capsys.readouterr().out
    assert shown.count("wrong result") == 1 and "... and 2 more" in shown
