"""Claims of a campaign that are checked on all of their operands: each range is recorded when it is counted, and never counted again.

``conformance.exhaustive`` decides what is asked next by the answers alone. So it may start over at any time: what it asks again is answered
from the ledger, and it arrives where it was. Tallies are handed to it in the order of the ranges, so that of several ranges on which an emulator fails the first
one decides, whichever came first.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.campaign.ledger import Ledger, Part, seal
from conformance.campaign.runners import Runner
from conformance.campaign.shards import Shard, plain
from conformance.tally import Tally
from conformance.worker import Answer, Question, Range

Counted = Callable[[str], None]
"""Hears that a range was counted, in words."""


@dataclass
class Load:
    """The steps of the work: a claim with a plan of operands is one, a claim on all of its operands as many as it has ranges."""

    left: dict[int, int]
    """Of each shard. Another pass over all operands puts them there anew."""
    done: int = 0

    @property
    def steps(self) -> tuple[int, int]:
        """How many are done, and how many are left."""
        return self.done, sum(self.left.values())


class Recorded:
    """A pool for ``exhaust`` between the ledger and a runner."""

    def __init__(self, ledger: Ledger, shards: Sequence[Shard], runner: Runner, load: Load, counted: Counted) -> None:
        self.ledger, self.runner, self.load, self.counted = ledger, runner, load, counted
        self.numbers = {(shard.task.emulator, shard.task.device, shard.task.claim): number for number, shard in enumerate(shards)}

    def run(self, questions: Sequence[Question], report: Callable[[int, Any], None]) -> None:
        """Ask the runner what the ledger does not know. All ranges of one call are of one claim."""
        if not all(isinstance(question, Range) for question in questions):
            self.runner.run(questions, lambda at, answer, worker: report(at, answer))
            return
        ranges = [question for question in questions if isinstance(question, Range)]
        parts = [self._part(asked) for asked in ranges]
        ready: dict[int, Answer] = {at: Tally.from_data(json.loads(data)) for at, part in enumerate(parts) if (data := self.ledger.parts.get(part))}
        left = [at for at in range(len(ranges)) if at not in ready]
        counted = len(ready)
        self.load.left[parts[0][0]] = len(left)
        handed = _deliver(ready, 0, report)

        def came(at: int, answer: Answer, worker: str) -> None:
            nonlocal handed, counted
            number = left[at]
            if isinstance(answer, Tally):
                self.ledger.record_part(parts[number], answer)
                counted += 1
                self.load.done += 1
                self.load.left[parts[number][0]] -= 1
                self.counted(f"{ranges[number].claim.title}, {counted:,} of {len(ranges):,} ranges")
            ready[number] = answer
            handed = _deliver(ready, handed, report)

        self.runner.run([ranges[at] for at in left], came)

    def drop(self) -> None:
        """As the runner does."""
        self.runner.drop()

    def _part(self, asked: Range) -> Part:
        return self.numbers[asked.emulator, asked.device, asked.claim], seal(plain(asked.held_to))[:16], asked.first


def _deliver(ready: dict[int, Answer], at: int, report: Callable[[int, Any], None]) -> int:
    """Report what is there from a number on without a gap; the number of the first that is not."""
    while at in ready:
        report(at, ready.pop(at))
        at += 1
    return at
