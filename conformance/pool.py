"""Emulators run in worker processes: a crash, a hang or nonsense is a verdict, and the run goes on.

Each worker takes claims one at a time from its own pipe. Where it dies or exceeds the time limit, the claim it held fails, the
worker is replaced, and the others never notice.
"""

import contextlib
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from conformance.budget import Budget
from conformance.checker import check
from conformance.claims import Adapter, Claim
from conformance.emulators import load
from conformance.verdict import Status, Verdict
from formats.notation import text
from formats.workers import importable_main

START_LIMIT = 120.0
"""Seconds that importing an emulator may take."""


@dataclass(frozen=True)
class Listing:
    """What an emulator offers: its description and its claims, or why it cannot be asked."""

    name: str
    description: str
    claims: tuple[Claim, ...]
    error: str = ""


@dataclass(frozen=True)
class Task:
    """One claim of one emulator, to be checked."""

    emulator: str
    device: str
    claim: Claim


def _serve(connection: Connection) -> None:
    """The life of a worker: load adapters, answer questions. Whatever an emulator prints goes to standard error's descriptor, unseen."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    adapters: dict[tuple[str, str], Adapter] = {}
    while True:
        try:
            question = connection.recv()
        except EOFError:
            return
        connection.send(_answer(question, adapters))


def _answer(question: tuple[str, Any, Any], adapters: dict[tuple[str, str], Adapter]) -> Any:
    kind, subject, detail = question
    if kind == "list":
        try:
            adapter = _adapter(adapters, subject, detail)
            return Listing(subject, adapter.describe(), tuple(adapter.claims()))
        except Exception as error:
            return Listing(subject, subject, (), f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}")
    task: Task = subject
    return check(task.claim, _adapter(adapters, task.emulator, task.device), detail)


def _adapter(adapters: dict[tuple[str, str], Adapter], name: str, device: str) -> Adapter:
    if (name, device) not in adapters:
        adapters[name, device] = load(name, device)
    return adapters[name, device]


class Worker:
    """A process that checks one claim at a time."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        with importable_main():
            self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.deadline = 0.0

    def ask(self, question: tuple[str, Any, Any], limit: float) -> None:
        """Send a question that has to be answered within ``limit`` seconds."""
        self.deadline = time.monotonic() + limit
        with contextlib.suppress(BrokenPipeError):
            self.connection.send(question)

    def stop(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def died(self) -> str:
        """How the process ended, in words."""
        self.process.join(timeout=5)
        code = self.process.exitcode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit status {code}"


def listings(names: list[str], device: str) -> list[Listing]:
    """Ask each emulator, in a process of its own, what it offers."""
    workers = {name: Worker() for name in names}
    for name, worker in workers.items():
        worker.ask(("list", name, device), START_LIMIT)
    found = []
    for name, worker in workers.items():
        left = max(0.0, worker.deadline - time.monotonic())
        if not worker.connection.poll(left):
            found.append(Listing(name, name, (), f"it did not start within {START_LIMIT:.0f} s"))
        else:
            try:
                found.append(worker.connection.recv())
            except EOFError:
                found.append(Listing(name, name, (), f"its process {worker.died()}"))
        worker.stop()
    return found


def failed(task: Task, why: str) -> Verdict:
    """The verdict on a claim whose worker did not answer."""
    claim = task.claim
    operands = tuple(text(fmt) for fmt in claim.operands)
    return Verdict(claim.emulator, claim.operation, operands, text(claim.result), claim.call, claim.variant, claim.device, Status.FAILED, error=why)


def run(tasks: list[Task], budget: Budget, processes: int, limit: float, report: Callable[[int, Verdict], None]) -> None:
    """Check every task, ``processes`` at a time, each within ``limit`` seconds; ``report`` gets (index, verdict) as they come.

    KeyboardInterrupt passes through, with all workers ended.
    """
    queue = deque(enumerate(tasks))
    workers = [Worker() for _ in range(max(1, min(processes, len(tasks))))]
    index: dict[Worker, int] = {}
    fresh = set(workers)
    try:
        while queue or index:
            for worker in [w for w in workers if w not in index]:
                if queue:
                    number, task = queue.popleft()
                    worker.task, index[worker] = task, number
                    worker.ask(("check", task, budget), limit + (START_LIMIT if worker in fresh else 0))
                    fresh.discard(worker)
            soonest = min(worker.deadline for worker in index)
            ready = wait([worker.connection for worker in index], max(0.0, soonest - time.monotonic()))
            for worker in list(index):
                verdict = _collect(worker, worker.connection in ready, limit)
                if verdict is None:
                    continue
                report(index.pop(worker), verdict)
                if not worker.process.is_alive() or worker.task is None:
                    worker.stop()
                    workers[workers.index(worker)] = replacement = Worker()
                    fresh.add(replacement)
    finally:
        for worker in workers:
            worker.stop()


def _collect(worker: Worker, ready: bool, limit: float) -> Verdict | None:
    """The answer of a worker; None while it has time. A worker that failed loses its task and is to be replaced."""
    assert worker.task is not None
    task = worker.task
    if ready:
        try:
            answer: Verdict = worker.connection.recv()
            return answer
        except (EOFError, OSError):
            worker.task = None
            return failed(task, f"{task.claim.call} crashed: its process {worker.died()}.")
    if time.monotonic() >= worker.deadline:
        worker.task = None
        worker.process.kill()
        return failed(task, f"{task.claim.call} did not answer within {limit:.0f} s.")
    return None
