"""The units of examples/rtl: the right ones pass, and what is planted in the others is found by test bench, verify and scoreboard, and named."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "rtl" / "run.py"
needs_simulator = pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed; `make rtl` installs it")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rtl_run", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rtl_run"] = module
    spec.loader.exec_module(module)
    return module


RUN = load()


@needs_simulator
@pytest.mark.parametrize("unit", RUN.UNITS, ids=lambda unit: unit.module)
def test_a_right_unit_passes(unit: object, tmp_path: Path) -> None:
    """No wrong case in the test bench, none for verify, none for the scoreboard."""
    report = RUN.examine(unit, True, tmp_path)
    assert report.bench.endswith("0 wrong: PASS") and ", 0 wrong" in report.verified and report.scoreboard_failures == 0


@needs_simulator
@pytest.mark.parametrize("unit", RUN.UNITS, ids=lambda unit: unit.module)
def test_a_planted_defect_is_found_and_named(unit: object, tmp_path: Path) -> None:
    """All three notice, and verify says what it is."""
    report = RUN.examine(unit, False, tmp_path)
    assert report.bench.endswith("FAIL") and report.scoreboard_failures == 1
    (cause,) = [line for line in report.verified.splitlines() if line.startswith("cause")]
    assert unit.cause in cause  # type: ignore[attr-defined]
