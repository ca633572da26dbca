"""Ledgers: what is damaged, foreign, of other tables or of another plan is refused with one sentence and left untouched."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from beforehand import writing_at_most
from campaigns import ENVIRONMENT, contents, write_plan
from command_line import is_one_sentence, refmath
from full import count

from conformance.campaign.ledger import Ledger
from conformance.campaign.lock import is_locked, locked
from refmath.errors import RefmathError

PLAN = '[[check]]\nemulators = ["planted:ties_away"]\nbudget = "quick"\n'


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plan with a finished ledger."""
    folder = tmp_path_factory.mktemp("done")
    plan = write_plan(folder, PLAN)
    assert refmath("campaign", "start", str(plan), "--jobs", "1").status == 1
    return folder


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> Path:
    """A copy of the plan, with its ledger beside it."""
    shutil.copytree(done, tmp_path / "copy")
    return tmp_path / "copy" / "plan.toml"


def refused(plan: Path, word: str, *commands: str) -> None:
    """Every command refuses the ledger with one sentence that has the word, and leaves it as it is, with nothing beside it."""
    ledger = plan.with_suffix(".ledger")
    before, beside = ledger.read_bytes(), sorted(plan.parent.iterdir())
    for command in commands or ("resume", "status", "report"):
        ran = refmath("campaign", command, str(plan))
        assert ran.status == 2 and not ran.out, command
        assert is_one_sentence(ran.err) and word in ran.err and "plan.ledger" in ran.err, ran.err
    assert ledger.read_bytes() == before and sorted(plan.parent.iterdir()) == beside


def test_files_that_are_no_ledger(copy: Path) -> None:
    """A text, an empty file, a database of another program."""
    ledger = copy.with_suffix(".ledger")
    for data in (b"", b"notes\n" * 100):
        ledger.write_bytes(data)
        refused(copy, "no ledger of a campaign; it was left untouched")
    ledger.unlink()
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("CREATE TABLE shard (number INTEGER)")
    refused(copy, "a database of another program; it was left untouched")


def test_a_folder_and_nothing(copy: Path) -> None:
    """In place of a ledger."""
    ledger = copy.with_suffix(".ledger")
    ledger.unlink()
    ran = refmath("campaign", "resume", str(copy))
    assert ran.status == 2 and is_one_sentence(ran.err) and "'refmath campaign start' begins one" in ran.err
    ledger.mkdir()
    assert "cannot be read" in refmath("campaign", "status", str(copy)).err
    assert "exists" in refmath("campaign", "start", str(copy)).err


@pytest.mark.parametrize(("version", "word"), [(0, "older"), (2, "newer"), (2**31 - 1, "newer")])
def test_other_tables(copy: Path, version: int, word: str) -> None:
    """Those of another version of refmath."""
    with closing(sqlite3.connect(copy.with_suffix(".ledger"))) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    refused(copy, f"has the tables of an {word} refmath" if word == "older" else f"has the tables of a {word} refmath")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("UPDATE outcome SET status = 'agrees' WHERE shard = 0", "the seal of shard 0 is broken"),
        ("UPDATE outcome SET verdict = replace(verdict, 'ties', 'tie') WHERE shard = 1", "the seal of shard 1 is broken"),
        ("UPDATE outcome SET seconds = seconds + 1 WHERE shard = 1", "the seal of shard 1 is broken"),
        ("DELETE FROM counterexample WHERE shard = 1 AND number = 1", "the seal of shard 1 is broken"),
        ("DELETE FROM outcome WHERE shard = 1", "counterexamples without an outcome"),
        ("UPDATE outcome SET shard = 7 WHERE shard = 1", "is broken"),
        ("UPDATE shard SET identity = replace(identity, 'quick', 'slow') || ' '", "the seal of its origin is broken"),
        ("UPDATE emulator SET version = 'other'", "the seal of its origin is broken"),
        ("DELETE FROM campaign WHERE key = 'limits'", "the seal of its origin is broken"),
        ("INSERT INTO campaign VALUES ('more', '')", "the seal of its origin is broken"),
        ("DELETE FROM shard WHERE number = 1", "the seal of its origin is broken"),
        ("ALTER TABLE outcome ADD COLUMN more TEXT", "its tables are not those of a ledger"),
        ("DROP TABLE sitting", "its tables are not those of a ledger"),
        ("CREATE INDEX extra ON outcome (status)", "its tables are not those of a ledger"),
    ],
)
def test_rows_changed_by_another_hand(copy: Path, change: str, word: str) -> None:
    """Sealed rows show it."""
    with closing(sqlite3.connect(copy.with_suffix(".ledger"))) as connection, connection:
        connection.execute(change)
    refused(copy, word)


def test_damage_anywhere_is_seen_or_does_no_harm(copy: Path) -> None:
    """A byte changed at random, a file cut short: refused, or what is read is what was written."""
    ledger, random = copy.with_suffix(".ledger"), Random(11)
    whole, wanted = ledger.read_bytes(), contents(ledger)
    seen = 0
    for at in range(count(150, 3000)):
        data = bytearray(whole)
        if at % 10:
            data[random.randrange(len(data))] ^= random.randrange(1, 256)
        else:
            del data[random.randrange(len(data)) :]
        ledger.write_bytes(data)
        try:
            with Ledger(ledger):
                pass
        except RefmathError as error:
            seen += 1
            assert "plan.ledger" in str(error)
            continue
        assert contents(ledger) == wanted
    assert seen > count(30, 600)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (PLAN.replace("quick", "standard"), "check 1 differs in 'budget'"),
        ("seed = 2\n" + PLAN, "check 1 differs in 'budget'"),
        (PLAN + "devices = ['cuda']\n", "check 1 differs in 'devices'"),
        (PLAN + PLAN, "that has 1 tables [[check]], this one 2"),
        ("[limits]\ntime = 3\n" + PLAN, "the limits differ in 'seconds'"),
    ],
)
def test_the_ledger_of_another_plan(copy: Path, text: str, word: str) -> None:
    """The difference is named."""
    copy.write_text(text)
    refused(copy, f"belongs to another plan: {word}")


def test_the_title_may_change(copy: Path) -> None:
    """It decides nothing."""
    copy.write_text("title = 'another'\n" + PLAN)
    assert refmath("campaign", "resume", str(copy)).status == 1


def unfinished(plan: Path) -> Path:
    """Take the outcome of the last shard out of a ledger."""
    ledger = plan.with_suffix(".ledger")
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("DELETE FROM outcome WHERE shard = 1")
        connection.execute("DELETE FROM counterexample WHERE shard = 1")
    return ledger


def test_other_versions_do_not_go_on(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts of two versions would not compare; nor would those of an adapter that was edited in between."""
    from conformance import versions

    unfinished(copy)
    monkeypatch.setattr("conformance.campaign.coordinator.of_the_tool", lambda: {**versions.of_the_tool(), "numpy": "1.0"})
    refused(copy, "began with numpy 2", "resume")
    monkeypatch.undo()
    folder = copy.parent / "own"
    folder.mkdir()
    adapter = Path(__file__).parents[1] / "support" / "planted.py"
    (folder / "planted.py").write_text(adapter.read_text() + "\n")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    refused(copy, "began with planted 1.0, cpu (planted sha256", "resume")


def test_two_coordinators(copy: Path) -> None:
    """The second is refused and told who is at work; status and report go on reading."""
    ledger = copy.with_suffix(".ledger")
    unfinished(copy)
    with locked(ledger):
        assert is_locked(ledger)
        for command in ("start", "resume"):
            ran = refmath("campaign", command, str(copy))
            assert ran.status == 2 and is_one_sentence(ran.err) and f"Another coordinator (process {os.getpid()} on " in ran.err
        assert json.loads(refmath("campaign", "status", str(copy), "--json").out)["state"] == "running"
        assert refmath("campaign", "report", str(copy)).status == 1
    assert not is_locked(ledger) and not list(copy.parent.glob("*.lock"))


def test_a_lock_left_behind_holds_nobody(copy: Path) -> None:
    """The file of a killed coordinator is there, its lock is not."""
    unfinished(copy)
    copy.with_suffix(".ledger.lock").write_text("process 1 on earth")
    assert refmath("campaign", "status", str(copy), "--json").data["state"] == "stopped"
    assert refmath("campaign", "resume", str(copy), "--jobs", "1").status == 1


def test_a_folder_that_cannot_be_written(done: Path, tmp_path: Path) -> None:
    """One sentence, no matter who asks; what only reads still works there."""
    plan = write_plan(tmp_path, PLAN)
    ran = refmath("campaign", "start", str(plan), "--ledger", str(tmp_path / "none" / "x.ledger"))
    assert ran.status == 2 and is_one_sentence(ran.err) and "cannot be written" in ran.err
    if Path("/proc/self").exists():
        ran = refmath("campaign", "start", str(plan), "--ledger", "/proc/x.ledger")
        assert ran.status == 2 and is_one_sentence(ran.err) and "cannot be written" in ran.err


RECORD = """
import sys
from pathlib import Path
from conformance.campaign.ledger import Ledger
from refmath.errors import RefmathError
with Ledger(Path(sys.argv[1])) as full, Ledger(Path(sys.argv[2])) as ledger:
    try:
        ledger.write()
        sitting = ledger.sit_down("test")
        for shard in range(42):
            ledger.record(shard, full.outcomes[1].verdict, sitting, "test")
    except RefmathError as error:
        print(error)
"""


def test_a_full_disk_keeps_what_was_recorded(done: Path, tmp_path: Path) -> None:
    """A limit of the size of files stands in for it: one sentence, and the ledger is whole."""
    from conformance.campaign.ledger import Origin, create

    with Ledger(done / "plan.ledger") as full:
        begun = full.origin
    target = tmp_path / "target.ledger"
    create(target, Origin(begun.plan, begun.limits, begun.versions, begun.emulators, begun.shards * 21))
    most = 300_000
    command = [sys.executable, "-c", RECORD, str(done / "plan.ledger"), str(target)]
    ran = subprocess.run(writing_at_most(most, command), env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert "cannot be written on" in ran.stdout and "what was recorded is kept" in ran.stdout
    with Ledger(target) as ledger:
        assert 3 < len(ledger.outcomes) < 42
