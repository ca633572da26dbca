"""Who answers the questions of a campaign: worker processes on this machine. ``cluster.py`` has them on others."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol

from conformance.limits import Limits
from conformance.pool import Pool
from conformance.worker import Answer, Question

Report = Callable[[int, Answer, str], None]
"""Gets the index of a question, its answer, and who found it."""


class Runner(Protocol):
    """Asks questions in any order, some at a time, and reports the answers as they come."""

    scheduler: str
    """For the diary of the ledger."""

    def run(self, questions: Sequence[Question], report: Report) -> None: ...

    def drop(self) -> None:
        """Let go of questions whose answers no one waits for, after ``report`` raised."""


class Local:
    """Worker processes on this machine."""

    def __init__(self, jobs: int, limits: Limits) -> None:
        self.scheduler = f"{jobs} local"
        self.pool = Pool(jobs, limits)

    def __enter__(self) -> "Local":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.pool.__exit__(kind, error, trace)

    def run(self, questions: Sequence[Question], report: Report) -> None:
        self.pool.run(questions, lambda at, answer: report(at, answer, "local"))

    def drop(self) -> None:
        self.pool.drop()
