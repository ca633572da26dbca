"""Emulators run in worker processes: a crash, a hang, a hunger for memory or nonsense is a verdict, and the run goes on.

Each worker takes questions one at a time over its own connection (``conformance/worker.py`` is its side). Where it dies or exceeds a limit,
the question it held is answered for it, the worker is replaced, and the others never notice.

A worker that was ended from outside may be innocent: someone killed it, or the kernel did, which was short of memory because of
others. Its question is asked again in a fresh process, and only what dies of it ``STRIKES`` times counts.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import TracebackType

import psutil

from conformance.limits import POLL, Limits, in_words, resident
from conformance.worker import Answer, Inquiry, Listing, Milestone, Question, Task, lost

START_LIMIT = 120.0
"""Seconds that importing an emulator may take."""
STRIKES = 3
"""Times that a question is asked of a worker that ends by a signal from outside."""
STARTS = 20
"""Workers in a row that may end before they have started."""
OUTSIDE = frozenset([signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
"""Signals that a process does not get by its own fault."""
KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_TOP_PAD_": str(64 << 20)}
"""What glibc's allocator is told: to keep the memory of arrays for the next ones. Asking the kernel for fresh pages takes longer than what is done with them."""
BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from conformance.worker import main; main({descriptor}, {parent})"

__all__ = ["Inquiry", "Listing", "Pool", "Task", "listings", "run"]


@dataclass(frozen=True)
class Death:
    """How a worker ended without an answer."""

    why: str
    """As the end of a sentence about what it was doing."""
    outside: bool = False
    """Whether another process may have ended it."""
    started: bool = True


class Worker:
    """A process that answers one question at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        ours, theirs = socket.socketpair()
        path = [os.path.abspath(entry) for entry in sys.path]
        code = BOOTSTRAP.format(path=path, descriptor=theirs.fileno(), parent=os.getpid())
        nowhere = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            env={**KEPT_MEMORY, **os.environ},
        )
        theirs.close()
        self.connection = Connection(ours.detach())
        self.watched = psutil.Process(self.process.pid)
        self.ready = self.loaded = False
        self.deadline = self.looked = 0.0

    def ask(self, question: Question) -> None:
        """Send a question."""
        self.loaded, self.deadline = False, time.monotonic() + START_LIMIT
        with contextlib.suppress(OSError):
            self.connection.send(question)

    def hear(self) -> Answer | Death | None:
        """What has come since: an answer, the end of the process, or nothing yet. One that exceeds a limit is to be ended."""
        try:
            while self.connection.poll():
                message = self.connection.recv()
                if not isinstance(message, Milestone):
                    answer: Answer = message
                    return answer
                self.ready, self.loaded = True, message is Milestone.LOADED
                self.deadline = time.monotonic() + (self.limits.seconds if self.loaded else START_LIMIT)
        except (EOFError, OSError):
            return self._ended()
        except Exception as error:  # what unpickling raises on garbage
            return Death(f"crashed: it wrote to the connection of its process with refmath ({type(error).__name__})")
        now = time.monotonic()
        if self.limits.memory and now >= self.looked + POLL:
            self.looked = now
            if resident(self.watched) > self.limits.memory:
                return Death(f"took more than {in_words(self.limits.memory)} of memory")
        if now >= self.deadline:
            return Death(f"did not answer within {self.limits.seconds:.0f} s" if self.loaded else f"did not start within {START_LIMIT:.0f} s")
        return None

    def _ended(self) -> Death:
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Death("crashed: it closed the connection of its process with refmath")
        if code >= 0:
            return Death(f"crashed: its process ended with exit status {code}", started=self.ready)
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return Death(f"crashed: its process was ended by {name}", -code in OUTSIDE, self.ready)

    def stop(self) -> None:
        """End the process, and what it started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()


class Pool:
    """Up to ``processes`` workers, kept from one run to the next."""

    def __init__(self, processes: int, limits: Limits) -> None:
        self.processes, self.limits = max(1, processes), limits
        self.idle: list[Worker] = []
        self.busy: dict[Worker, int] = {}
        self.starts = 0

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in (*self.idle, *self.busy):
            worker.stop()
        self.idle, self.busy = [], {}

    def run(self, questions: Sequence[Question], report: Callable[[int, Answer], None]) -> None:
        """Ask every question, as many at a time as there are workers; ``report`` gets (index, answer) as they come.

        KeyboardInterrupt passes through; leaving the pool ends all workers.
        """
        queue = deque(range(len(questions)))
        strikes: Counter[int] = Counter()
        while queue or self.busy:
            while queue and len(self.busy) < self.processes:
                worker, at = self._worker(), queue.popleft()
                self.busy[worker] = at
                worker.ask(questions[at])
            self._wait()
            for worker, at in list(self.busy.items()):
                match worker.hear():
                    case None:
                        continue
                    case Death() as death:
                        self._replace(worker)
                        if self._again(death, at, strikes):
                            queue.appendleft(at)
                        else:
                            report(at, lost(questions[at], _sentence(questions[at], death, strikes[at])))
                    case answer:
                        self.starts = 0
                        self.idle.append(worker)
                        del self.busy[worker]
                        report(at, answer)

    def drop(self) -> None:
        """End the workers that are still at a question, whose answer no one waits for."""
        for worker in self.busy:
            worker.stop()
        self.busy = {}

    def _worker(self) -> Worker:
        """One that waits and still lives, or a new one."""
        while self.idle:
            worker = self.idle.pop()
            if worker.process.poll() is None:
                return worker
            worker.stop()
        return Worker(self.limits)

    def _wait(self) -> None:
        soonest = min(worker.deadline for worker in self.busy) - time.monotonic()
        wait([worker.connection for worker in self.busy], max(0.0, min(soonest, POLL if self.limits.memory else soonest)))

    def _replace(self, worker: Worker) -> None:
        """The next question gets a new worker."""
        del self.busy[worker]
        worker.stop()

    def _again(self, death: Death, at: int, strikes: Counter[int]) -> bool:
        """Whether the question is asked again."""
        if not death.started:
            self.starts += 1
            return self.starts < STARTS
        strikes[at] += death.outside
        return death.outside and strikes[at] < STRIKES


def _sentence(question: Question, death: Death, strikes: int) -> str:
    """Why there is no answer."""
    kernel = ", as the kernel does when memory runs out" if signal.SIGKILL.name in death.why else ""
    why = f"{death.why}, {strikes} times over{kernel}" if strikes >= STRIKES else death.why
    if isinstance(question, Inquiry):
        return why.replace("crashed: its process", "its process").replace("did not start", "it did not start").replace("took more", "it took more")
    return f"{question.claim.call} {why}."


def listings(names: Sequence[tuple[str, str]], limits: Limits) -> list[Listing]:
    """Ask each emulator on its device, in a process of its own, what it offers."""
    found: dict[int, Answer] = {}
    with Pool(len(names), limits) as pool:
        pool.run([Inquiry(name, device) for name, device in names], found.__setitem__)
    return [answer for at in range(len(names)) if isinstance(answer := found[at], Listing)]


def run(tasks: Sequence[Task], processes: int, limits: Limits, report: Callable[[int, Answer], None]) -> None:
    """Check every task, ``processes`` at a time; ``report`` gets (index, verdict) as they come."""
    with Pool(min(processes, len(tasks)), limits) as pool:
        pool.run(tasks, report)
