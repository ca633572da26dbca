"""Campaigns run as a user runs them, in processes that can be killed; and ledgers compared by plain SQL."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import psutil
from beforehand import interruptible

HERE = Path(__file__).resolve().parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE)])}
STAMPS = {"outcome": {"seconds", "finished", "sitting", "worker", "seal"}, "sitting": None}
"""Columns, or tables, of timings and wall-clock stamps (a seal covers them)."""

MANY = """
seed = 7
[[check]]
emulators = ["planted:many"]
budget = "quick"
"""


def write_plan(folder: Path, text: str = MANY) -> Path:
    """A plan in a file."""
    path = folder / "plan.toml"
    path.write_text(text)
    return path


def begin(*arguments: object) -> "subprocess.Popen[bytes]":
    """``refmath campaign`` with these arguments, in a process of its own."""
    command = [sys.executable, "-m", "refmath", "campaign", *map(str, arguments)]
    return subprocess.Popen(interruptible(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)


def finish(process: "subprocess.Popen[bytes]", limit: float = 120) -> tuple[int, str, str]:
    """Wait for its end: status, output, errors."""
    out, err = process.communicate(timeout=limit)
    return process.returncode, out.decode(), err.decode()


def campaign(*arguments: object) -> tuple[int, str, str]:
    """Run to the end."""
    return finish(begin(*arguments))


def contents(ledger: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables in the order of their keys, but for timings, stamps and who did it when."""
    found = {}
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            left_out = STAMPS.get(table, set())
            if left_out is None:
                continue
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in left_out]
            rows = connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2").fetchall()
            found[table] = [row for row in rows if not (table == "campaign" and row[0] in ("begun", "seal"))]
    return found


def workers(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """The worker processes of a coordinator."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process.pid).children()
    return []


def kill_after(process: "subprocess.Popen[bytes]", seconds: float) -> list[psutil.Process]:
    """kill -9 of a coordinator after a time, unless it ended before; the workers it had."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(min(0.01, max(0.0, deadline - time.monotonic())))
    had = workers(process)
    process.kill()
    process.communicate()
    return had


def kill_a_worker(process: "subprocess.Popen[bytes]", random: Random) -> bool:
    """kill -9 of a random worker of a coordinator; whether there was one."""
    there = workers(process)
    if not there:
        return False
    with contextlib.suppress(psutil.Error):
        random.choice(there).send_signal(signal.SIGKILL)
        return True
    return False
