"""Runs two arithmetic units, right and with a planted defect, against vectors and against the reference as a scoreboard.

    python examples/rtl/run.py [FOLDER]

Needs Icarus Verilog (`make rtl` installs it) and cocotb. For each unit: `refmath header` writes the package of its format, `refmath vectors` the cases as a $readmemh file, the
test bench runs them, and `refmath verify` reads what the unit answered, says how much is wrong and names the cause; then cocotb drives the unit and asks the reference for
every result. Exit status 0 where the right units pass both and the planted defects are found by both, and named.
"""

import contextlib
import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.cli import run as refmath

HERE = Path(__file__).resolve().parent
COCOTB_CASES = "4000"


@dataclass(frozen=True)
class Unit:
    """A unit under test."""

    module: str
    operation: str
    format: str
    width: int
    plan: str
    """The cases of the test bench."""
    model: str
    """Those of the scoreboard."""
    parameter: str
    """The parameter that plants a defect where it is 0."""
    cause: str
    """What has to be found then."""


UNITS = (
    Unit("e4m3_mul", "multiply", "ocp_e4m3", 8, "exhaustive", "B5", "TININESS_AFTER", "underflow is detected before rounding, not after it"),
    Unit("binary16_add", "add", "binary16", 16, "testfloat:1", "testfloat 1", "STICKY", "the sticky bit is lost"),
)


@dataclass(frozen=True)
class Report:
    """What was found of a unit."""

    bench: str
    """The last line of the test bench."""
    verified: str
    """What ``refmath verify`` printed."""
    scoreboard_failures: int


def command(*arguments: str) -> str:
    """What ``refmath`` prints."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as out, contextlib.redirect_stdout(out):
        status = refmath(arguments)
        text = raw.getvalue().decode()
    if status not in (0, 1):
        raise SystemExit(f"refmath {' '.join(arguments)} ended with exit status {status}")
    return text


def examine(unit: Unit, right: bool, folder: Path) -> Report:
    """Both ways of testing a unit, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    package, vectors, answers = folder / f"{unit.format}_pkg.sv", folder / "vectors.mem", folder / "answers.txt"
    command("header", unit.format, "-o", str(package))
    command("vectors", unit.operation, "--format", unit.format, "--plan", unit.plan, "-o", str(vectors))
    count = sum(not line.startswith("//") for line in vectors.read_text().splitlines())
    binary, sources = folder / "bench.vvp", [str(package), str(HERE / f"{unit.module}.sv"), str(HERE / "vectors_tb.sv")]
    dut = f"-DDUT={unit.module} #(.{unit.parameter}({int(right)}))"
    subprocess.run(["iverilog", "-g2012", "-o", str(binary), "-s", "vectors_tb", dut, f"-DDUT_WIDTH={unit.width}", *sources], check=True)
    given = [f"+vectors={vectors}", f"+count={count}", f"+results={answers}"]
    ran = subprocess.run(["vvp", "-n", str(binary), *given], check=True, capture_output=True, text=True)
    verified = command("verify", unit.operation, "--format", unit.format, "--errors", "1", "--explain", "1", str(answers))
    return Report(ran.stdout.strip().splitlines()[-1], verified, scoreboard(unit, right, sources[:2], folder / "cocotb"))


def scoreboard(unit: Unit, right: bool, sources: list[str], folder: Path) -> int:
    """How many cocotb tests fail, by the results file."""
    from cocotb_tools.runner import get_results, get_runner

    sys.path.insert(0, str(HERE))
    try:
        runner: Any = get_runner("icarus")
        log: Any = folder.parent / "cocotb.log"
        runner.build(
            sources=sources,
            hdl_toplevel=unit.module,
            always=True,
            timescale=("1ns", "1ps"),
            parameters={unit.parameter: int(right)},
            build_dir=folder,
            log_file=log,
        )
        asked = {"OPERATION": unit.operation, "FORMAT": unit.format, "PLAN": unit.model, "BUDGET": COCOTB_CASES}
        environment = {f"REFMATH_{name}": value for name, value in asked.items()}
        results = folder / "results.xml"
        with contextlib.suppress(SystemExit):  # raised for a failing test, below pytest alone
            runner.test(
                hdl_toplevel=unit.module,
                test_module="scoreboard",
                extra_env=environment,
                build_dir=folder,
                test_dir=folder,
                results_xml=str(results),
                log_file=log,
            )
    finally:
        sys.path.remove(str(HERE))
    tests, failed = get_results(results)
    if tests != 1 or (failed and "cases are wrong" not in log.read_text()):
        raise SystemExit(f"the scoreboard did not get to judge {unit.module}: see {log}")
    return int(failed)


def main(folder: Path) -> int:
    """Every unit, right and wrong."""
    good = True
    for unit in UNITS:
        for right in (True, False):
            report = examine(unit, right, folder / f"{unit.module}_{'right' if right else 'planted'}")
            found = (
                (unit.cause in report.verified) != right and (report.scoreboard_failures == 0) == right and report.bench.endswith("PASS" if right else "FAIL")
            )
            good &= found
            print(f"{unit.module}, {'right' if right else f'with {unit.parameter} = 0'}")
            print(f"  test bench  {report.bench}")
            print("  verify      " + "\n              ".join(report.verified.strip().splitlines()[-1 if right else 0 :]))
            print(f"  scoreboard  {'passes' if not report.scoreboard_failures else 'fails'}")
            print(f"  {'as it should be' if found else 'NOT as it should be'}\n")
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as name:
        sys.exit(main(Path(name)))
