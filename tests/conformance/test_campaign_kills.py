"""kill -9 of a coordinator, of its workers, and of a process in the middle of writing: the final ledger is that of an undisturbed run."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import psutil
import pytest
from campaigns import ENVIRONMENT, begin, campaign, contents, finish, kill_a_worker, kill_after, workers, write_plan
from full import count

from conformance.campaign.ledger import Ledger


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The ledger of a run that nobody disturbs, and its seconds."""
    folder = tmp_path_factory.mktemp("undisturbed")
    started = time.monotonic()
    status, _, _ = campaign("start", write_plan(folder), "--jobs", 2)
    assert status == 1
    return folder / "plan.ledger", time.monotonic() - started


def same(ledger: Path, undisturbed: tuple[Path, float]) -> None:
    """Both ledgers have the same rows, by SQL and by their digests."""
    assert contents(ledger) == contents(undisturbed[0])
    with Ledger(ledger) as one, Ledger(undisturbed[0]) as other:
        assert one.digest() == other.digest()
        assert len(one.outcomes) == len(one.origin.shards) == 42


def go_on(plan: Path, *options: object) -> "subprocess.Popen[bytes]":
    """Start a campaign, or resume it where its ledger is there."""
    return begin("resume" if plan.with_suffix(".ledger").exists() else "start", plan, "--jobs", 2, *options)


@pytest.mark.parametrize("seed", range(count(1, 5)))
def test_killing_the_coordinator_changes_nothing(seed: int, undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    """Killed at random instants, from before the ledger exists to near the end, and resumed; its workers end with it."""
    random, plan = Random(seed), write_plan(tmp_path)
    for _ in range(count(2, 10)):
        had = kill_after(go_on(plan), random.uniform(0, undisturbed[1]))
        _, alive = psutil.wait_procs(had, timeout=10)
        assert not alive
    status, _, _ = finish(go_on(plan))
    assert status == 1
    same(tmp_path / "plan.ledger", undisturbed)
    assert not list(tmp_path.glob("*.new*")) and not list(tmp_path.glob("*-wal"))


@pytest.mark.parametrize("seed", range(count(1, 5)))
def test_killing_workers_changes_nothing(seed: int, undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    """Each is replaced, and what it was about is done again: no verdict says that an emulator crashed."""
    random, plan, left = Random(1000 + seed), write_plan(tmp_path), count(3, 10)
    process = go_on(plan)
    while left and process.poll() is None:
        time.sleep(random.uniform(0, 2 * undisturbed[1] / 10))
        left -= kill_a_worker(process, random)
    status, _, errors = finish(process)
    assert status == 1, errors
    same(tmp_path / "plan.ledger", undisturbed)


WRITE = """
import sys
from pathlib import Path
from conformance.campaign.ledger import Ledger
source, target = map(Path, sys.argv[1:])
with Ledger(source) as full, Ledger(target) as ledger:
    ledger.write()
    sitting = ledger.sit_down("test")
    print("writing", flush=True)
    for shard, outcome in full.outcomes.items():
        if shard not in ledger.outcomes:
            ledger.record(shard, outcome.verdict, sitting, "test")
    ledger.stand_up(sitting, "finished")
"""


def test_killing_in_the_middle_of_writing_loses_no_more_than_the_shard(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    """A process that does nothing but write is killed again and again: after each kill the ledger is whole, with all rows of each shard or none."""
    from conformance.campaign.ledger import create

    random, target = Random(5), tmp_path / "target.ledger"
    with Ledger(undisturbed[0]) as full:
        create(target, full.origin)
    recorded, kills = 0, 0
    while recorded < 42:
        command = [sys.executable, "-c", WRITE, str(undisturbed[0]), str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"writing\n"
            if kills < count(8, 60):
                time.sleep(random.uniform(0, 0.02))
                process.send_signal(signal.SIGKILL)
                kills += 1
        with Ledger(target) as ledger:
            assert len(ledger.outcomes) >= recorded
            recorded = len(ledger.outcomes)
    same(target, undisturbed)


def test_workers_end_with_a_coordinator_that_is_killed(tmp_path: Path) -> None:
    """Even in the middle of an emulator that hangs."""
    plan = write_plan(tmp_path, '[[check]]\nemulators = ["planted:hanging"]\nbudget = "quick"\n')
    process = begin("start", plan, "--jobs", 2)
    ledger = tmp_path / "plan.ledger"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (ledger.exists() and workers(process)):
        time.sleep(0.05)
    time.sleep(1.0)
    had = kill_after(process, 0)
    assert had
    _, alive = psutil.wait_procs(had, timeout=10)
    assert not alive
