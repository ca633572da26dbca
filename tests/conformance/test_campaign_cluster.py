"""Campaigns on a Dask cluster: a real one of two worker processes, one of which is killed on the way."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from campaigns import ENVIRONMENT, begin, campaign, contents, finish, write_plan
from command_line import is_one_sentence, refmath

from conformance.campaign.ledger import Ledger

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.filterwarnings("ignore")  # of distributed, about ports and slow machines


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes of one thread each, on this machine."""
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 10}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as started,
    ):
        yield started


def done(ledger: Path) -> int:
    """How many shards a ledger has done."""
    if not ledger.exists():
        return 0
    with Ledger(ledger) as opened:
        return len(opened.outcomes)


def test_the_ledger_is_that_of_a_local_run_though_a_worker_is_killed(cluster: Any, tmp_path: Path) -> None:
    """Dask gives the lost shards to another worker; rows and digest are those of a run without a cluster."""
    ledgers = []
    for name in ("local", "cluster"):
        (tmp_path / name).mkdir()
        ledgers.append(tmp_path / name / "plan.ledger")
    assert campaign("start", write_plan(ledgers[0].parent), "--jobs", 2)[0] == 1
    process = begin("start", write_plan(ledgers[1].parent), "--scheduler", cluster.scheduler_address)
    while process.poll() is None and done(ledgers[1]) < 3:
        time.sleep(0.05)
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    assert done(ledgers[1]) < 42
    status, _, errors = finish(process)
    assert status == 1, errors
    assert contents(ledgers[0]) == contents(ledgers[1])


def test_misbehaviour_is_a_verdict_there_too(cluster: Any, tmp_path: Path) -> None:
    """A crash of an emulator never reaches the Dask worker, which stays the same process."""
    plan = write_plan(tmp_path, 'budget = "quick"\n[[check]]\nemulators = ["planted:crashing", "planted:killed"]\n')
    before = {nanny.pid for nanny in cluster.workers.values()}
    assert refmath("campaign", "start", str(plan), "--scheduler", cluster.scheduler_address).status == 3
    data = json.loads(refmath("campaign", "report", str(plan), "--json", "-").out)
    errors = [emulator["verdicts"][0]["error"] for emulator in data["emulators"]]
    assert "was ended by SIGSEGV" in errors[0] and "was ended by SIGKILL, 3 times over" in errors[1]
    assert all(emulator["verdicts"][1]["status"] == "agrees" for emulator in data["emulators"])
    assert before == {nanny.pid for nanny in cluster.workers.values()}


@pytest.mark.parametrize(
    ("address", "words"), [("tcp://127.0.0.1:9", "No Dask scheduler answers"), ("nowhere", "Dask scheduler"), ("ftp://x:1", "is no address")]
)
def test_an_address_without_a_scheduler(tmp_path: Path, address: str, words: str) -> None:
    """One sentence, no ledger."""
    plan = write_plan(tmp_path)
    ran = refmath("campaign", "start", str(plan), "--scheduler", address)
    assert ran.status == 2 and is_one_sentence(ran.err) and words in ran.err
    assert not plan.with_suffix(".ledger").exists()
    assert not [
        client for client in gc.get_objects() if type(client) is distributed.Client and client.status != "closed"
    ]  # what is left of it would close at any later time


OTHER = """
import sys
from conformance import cli, versions
from conformance.campaign import cluster

cluster.of_the_tool = lambda: {**versions.of_the_tool(), "numpy": "1.0"}
sys.exit(cli.run(sys.argv[1:]))
"""


def test_workers_of_other_versions_are_refused(cluster: Any, tmp_path: Path) -> None:
    """By name: verdicts of two versions would not compare."""
    command = [sys.executable, "-c", OTHER, "campaign", "start", str(write_plan(tmp_path)), "--scheduler", cluster.scheduler_address]
    ran = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=120, check=False)
    assert ran.returncode == 2 and is_one_sentence(ran.stderr) and "numpy" in ran.stderr and "this machine has 1.0" in ran.stderr
