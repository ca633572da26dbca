"""``refmath campaign``: what it prints, writes and returns; emulators that misbehave; Ctrl-C."""

import json
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest
from campaigns import ENVIRONMENT, begin, contents, finish, write_plan
from command_line import is_one_sentence, refmath

from conformance.emulators import KNOWN, missing
from conformance.verdict import Verdict

PLAN = '[[check]]\nemulators = ["{}"]\nbudget = "quick"\n'


def run(folder: Path, emulator: str, *options: str) -> tuple[Path, int, str]:
    """Start a campaign on one emulator: its plan, the status, what it printed."""
    plan = write_plan(folder, PLAN.format(emulator))
    ran = refmath("campaign", "start", str(plan), "--jobs", "1", *options)
    assert "Traceback" not in ran.err
    return plan, ran.status, ran.out


def report(plan: Path) -> dict:
    """The report as JSON."""
    return refmath("campaign", "report", str(plan), "--json", "-").data


def test_the_page_is_that_of_check(tmp_path: Path) -> None:
    """Line for line, but for the time; so are the verdicts in JSON and JUnit, and the exit status."""
    plan, status, _ = run(tmp_path, "planted:ties_away")
    files = tmp_path / "a.json", tmp_path / "a.xml", tmp_path / "b.xml"
    checked = refmath("check", "planted:ties_away", "--budget", "quick", "--jobs", "1", "--json", str(files[0]), "--junit", str(files[1]))
    reported = refmath("campaign", "report", str(plan), "--junit", str(files[2]))
    assert status == checked.status == reported.status == 1

    def without_time(text: str) -> str:
        return re.sub(r"in \d+ s$", "", text, flags=re.MULTILINE)

    assert without_time(checked.out) == without_time(reported.out)
    suites = [[(case.get("name"), [child.get("message") for child in case]) for case in Tree.parse(file).getroot()[0]] for file in files[1:]]
    assert suites[0] == suites[1]
    ours = report(plan)["emulators"][0]["verdicts"]
    theirs = json.loads(files[0].read_text())["emulators"][0]["verdicts"]
    for mine, other in zip(ours, theirs, strict=True):
        del mine["shard"], other["seconds"]
        shown = mine.pop("counterexamples"), other.pop("counterexamples")
        assert mine == other and shown[0][:5] == shown[1] and len(shown[0]) == 20
    assert Tree.parse(files[2]).getroot()[0].get("failures") == "2"


def test_the_report_is_the_same_every_time(tmp_path: Path) -> None:
    """Byte for byte for two runs, one of them on more processes; so are the rows."""
    first, second = tmp_path / "a", tmp_path / "b"
    texts = []
    for folder, jobs in ((first, "1"), (second, "2")):
        folder.mkdir()
        plan, _, _ = run(folder, "planted:ties_away", "--jobs", jobs)
        texts.append(refmath("campaign", "report", str(plan), "--json", "-").out)
    assert texts[0] == texts[1]
    assert contents(first / "plan.ledger") == contents(second / "plan.ledger")


MISBEHAVIOUR = {
    "raising": "planted.convert raised OverflowError: planted trouble",
    "crashing": "planted.convert crashed: its process was ended by SIGSEGV.",
    "killed": "planted.convert crashed: its process was ended by SIGKILL, 3 times over, as the kernel does when memory runs out.",
    "hanging": "planted.convert did not answer within 15 s.",
    "hungry": "planted.convert took more than 640 MiB of memory.",
}


def test_misbehaviour_is_a_verdict(tmp_path: Path) -> None:
    """The first claim of each emulator fails, the second is checked, the status is 3; the limits of the command line are in the ledger."""
    names = [f"planted:{name}" for name in MISBEHAVIOUR]
    plan = write_plan(tmp_path, f"budget = 'quick'\n[[check]]\nemulators = {names}\n")
    assert refmath("campaign", "start", str(plan), "--jobs", "2", "--time-limit", "15", "--memory-limit", "640M").status == 3
    data = report(plan)
    assert data["done"] == data["shards"] == 10 and data["limits"] == {"seconds": 15.0, "memory": 640 << 20}
    for emulator, words in zip(data["emulators"], MISBEHAVIOUR.values(), strict=True):
        first, second = emulator["verdicts"]
        assert words in first["error"] and first["status"] == "failed to run"
        assert second["status"] == "agrees"
    assert refmath("campaign", "status", str(plan), "--json").data["failed"] == 5
    assert refmath("campaign", "report", str(plan), "--exit-zero").status == 0


def test_an_emulator_that_cannot_be_asked_begins_nothing(tmp_path: Path) -> None:
    """Status 3, one sentence, no ledger."""
    plan = write_plan(tmp_path, PLAN.format("planted:unstartable"))
    ran = refmath("campaign", "start", str(plan))
    assert ran.status == 3 and ran.err == "refmath: planted:unstartable cannot be checked on cpu: RuntimeError: planted refusal to start.\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.toml"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sources = ['posit16']", "no claim of planted:right on cpu has these operations, sources and targets"),
        ("sources = ['binary32', 'posit16']", "key 'sources': 'posit16' fits no claim of planted:right on cpu here; there are binary32"),
        ("operations = ['convert', 'add']", "key 'operations': 'add' fits no claim"),
        ("targets = ['bfloat16', 'binary64']", "key 'targets': 'binary64' fits no claim"),
    ],
)
def test_names_that_fit_no_claim_are_slips(tmp_path: Path, line: str, words: str) -> None:
    """Status 2, one sentence with the place, no ledger."""
    plan = write_plan(tmp_path, PLAN.format("planted:right") + line)
    ran = refmath("campaign", "start", str(plan))
    assert ran.status == 2 and is_one_sentence(ran.err) and words in ran.err and "check 1" in ran.err
    assert not plan.with_suffix(".ledger").exists()


def test_starting_twice_is_refused(tmp_path: Path) -> None:
    """The ledger is there: resume goes on, and has nothing left to do."""
    plan, _, out = run(tmp_path, "planted:right")
    assert "2 agree" in out and "refmath campaign report" in out
    ran = refmath("campaign", "start", str(plan))
    assert ran.status == 2 and is_one_sentence(ran.err) and "'refmath campaign resume' goes on" in ran.err
    assert refmath("campaign", "resume", str(plan)).status == 0


def test_the_last_check_that_names_a_claim_decides_its_budget(tmp_path: Path) -> None:
    """Claims stand once."""
    text = PLAN.format("planted:right") + '[[check]]\nemulators = ["planted:right"]\ntargets = ["ocp_e4m3"]\nbudget = { samples = 10 }\n'
    plan = write_plan(tmp_path, text)
    assert refmath("campaign", "start", str(plan), "--jobs", "1").status == 0
    plans = {verdict["result"]: verdict["plan"] for verdict in report(plan)["emulators"][0]["verdicts"]}
    assert plans["ocp_e4m3"].endswith("+ 10 random") and plans["bfloat16"] == "all 65,536"


def test_parquet_has_every_row(tmp_path: Path) -> None:
    """As the JSON has them; the metadata has the digest."""
    parquet = pytest.importorskip("pyarrow.parquet")
    plan, _, _ = run(tmp_path, "planted:ties_away")
    assert refmath("campaign", "report", str(plan), "--parquet", str(tmp_path / "tables"), "--exit-zero").status == 0
    data = report(plan)
    verdicts = parquet.read_table(tmp_path / "tables" / "verdicts.parquet")
    cases = parquet.read_table(tmp_path / "tables" / "counterexamples.parquet").to_pylist()
    assert verdicts.schema.metadata[b"digest"].decode() == data["digest"]
    shown = []
    for row, expected in zip(verdicts.to_pylist(), data["emulators"][0]["verdicts"], strict=True):
        shown += [{"shard": expected["shard"], "number": at, **case} for at, case in enumerate(expected.pop("counterexamples"))]
        assert row.pop("description") == "planted 1.0, cpu" and row.pop("seconds") > 0
        assert row == expected
    assert cases == shown and len(cases) == 40


def test_every_verdict_survives_json() -> None:
    """What is read back is what was written."""
    from planted import by_length, one_wrong_code, two_defects

    from conformance.budget import Budget
    from conformance.checker import check

    for make in (by_length, one_wrong_code, two_defects):
        adapter = make("cpu")
        verdict = check(adapter.claims()[0], adapter, Budget(samples=64, points=256, kept=7))
        assert verdict.counterexamples
        back = Verdict.from_json(json.loads(json.dumps(verdict.as_json())))
        assert back == verdict and back.as_json() == verdict.as_json()


def test_ctrl_c_stops_cleanly_and_says_what_is_kept(tmp_path: Path) -> None:
    """Status 130; the ledger is whole and unlocked, and resume ends as an undisturbed run."""
    plan = write_plan(tmp_path)
    process = begin("start", plan, "--jobs", 1)
    ledger, deadline = tmp_path / "plan.ledger", time.monotonic() + 60
    while time.monotonic() < deadline and not (ledger.exists() and refmath("campaign", "status", str(plan), "--json").data["done"]):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    status, out, errors = finish(process)
    assert status == 130 and not out
    assert re.search(r"refmath: interrupted; \d+ of 42 shards are in .*plan.ledger, 'refmath campaign resume .*' goes on\.\n", errors), errors
    data = refmath("campaign", "status", str(plan), "--json").data
    assert data["state"] == "stopped" and 0 < data["done"] < 42 and data["sittings"][0]["how"] == "interrupted"
    assert not list(tmp_path.glob("*.lock"))
    ran = refmath("campaign", "report", str(plan))
    assert f"{data['left']} of 42 shards are still to be done" in ran.out
    assert refmath("campaign", "resume", str(plan), "--jobs", "2").status == 1
    data = refmath("campaign", "status", str(plan), "--json").data
    assert data["state"] == "finished" and data["left"] == 0 and [one["how"] for one in data["sittings"]] == ["interrupted", "finished"]
    assert data["shards_a_second"] > 0 and data["versions"]["numpy"] and data["emulators"][0]["version"].startswith("planted sha256 ")


def test_status_reads_at_a_glance(tmp_path: Path) -> None:
    """State, shards, what was found, versions, who was at work."""
    plan, _, _ = run(tmp_path, "planted:ties_away")
    lines = refmath("campaign", "status", str(plan)).lines
    assert lines[0].split() == ["finished", *["2", "of", "2", "shards", "done,", "0", "left"]]
    assert "2 differ · 0 failed to run" in lines[1]
    text = "\n".join(lines)
    assert all(word in text for word in ("planted 1.0, cpu", "numpy 2", "CPython 3", "finished, 2 shards", "1 local"))


def test_jobs_and_a_scheduler_exclude_each_other(tmp_path: Path) -> None:
    """One sentence."""
    ran = refmath("campaign", "start", str(write_plan(tmp_path)), "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1")
    assert ran.status == 2 and is_one_sentence(ran.err) and "--jobs" in ran.err


def test_a_program_of_ones_own_is_an_emulator_of_a_plan(tmp_path: Path) -> None:
    """By a file of claims, and in place; the ledger knows both by their checksums, and does not go on with another program."""
    program = tmp_path / "dut.py"
    program.write_text("import sys\nfor line in sys.stdin:\n    print(line.strip())\n")
    claims = f'command = "{sys.executable} {program}"\n[[claim]]\noperation = "abs"\noperands = "ocp_e4m3"\nresult = "ocp_e4m3"\n'
    (tmp_path / "dut.toml").write_text(claims)
    checks = [f"emulators = ['{tmp_path / 'dut.toml'}']", f"emulators = ['''\n{claims}''']"]
    plan = write_plan(tmp_path, "budget = 'quick'\n" + "".join(f"[[check]]\n{check}\noperations = ['all']\n" for check in checks))
    ran = refmath("campaign", "start", str(plan), "--jobs", "1")
    assert ran.status == 1, ran.err
    data = report(plan)
    assert [emulator["verdicts"][0]["status"] for emulator in data["emulators"]] == ["differs", "differs"]
    assert all("claims sha256 " in emulator["version"] and f"{program} sha256 " in emulator["version"] for emulator in data["emulators"])


IDENTITIES = """
from conformance.campaign.plan import read_plan
from conformance.campaign.shards import canonical, cut, inquiries
from conformance.emulators import load
from conformance.worker import Listing
from pathlib import Path
import hashlib, sys
plan = read_plan(Path(sys.argv[1]))
adapters = [load(asked.emulator, asked.device) for asked in inquiries(plan)]
listings = [Listing(asked.emulator, "", tuple(adapter.claims())) for asked, adapter in zip(inquiries(plan), adapters)]
told = [canonical(shard.identity()) for shard in cut(plan, listings, "plan")]
print(hashlib.sha256("".join(told).encode()).hexdigest(), len(told), " at 0x" in "".join(told))
"""


def test_claims_are_named_alike_in_every_process(tmp_path: Path) -> None:
    """Whatever the order of sets there: of every emulator whose claims hold more than formats and modes."""
    installed = [name for name in ("numpy", "ml_dtypes", "gfloat", "torchao", "pychop", "fpy2", "titanfp") if name in KNOWN and missing(name) is None]
    plan = write_plan(tmp_path, f"[[check]]\nemulators = {installed}\noperations = 'all'\n")
    told = []
    for seed in ("1", "2"):
        command = [sys.executable, "-c", IDENTITIES, str(plan)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env={**ENVIRONMENT, "PYTHONHASHSEED": seed})
        told.append(ran.stdout.split())
    assert told[0] == told[1] and int(told[0][1]) > 500 and told[0][2] == "False"
