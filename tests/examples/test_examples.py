"""The examples run, from their own folder, as a reader would run them."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example: Path) -> None:
    """It ends with status 0, says something, and warns of nothing."""
    ran = subprocess.run([sys.executable, example.name], capture_output=True, text=True, cwd=example.parent, check=False, timeout=300)
    assert ran.returncode == 0 and ran.stdout.strip() and not ran.stderr, ran.stderr


def test_the_command_checks_the_emulator_of_the_example() -> None:
    """``refmath check own_emulator:adapter`` names its defect and ends with status 1."""
    command = [sys.executable, "-m", "refmath", "check", "own_emulator:adapter", "--budget", "quick"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=EXAMPLES[0].parent, check=False, timeout=300)
    assert ran.returncode == 1 and "own_emulator 0.1, cpu   1 claim:" in ran.stdout and not ran.stderr
