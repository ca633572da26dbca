"""Campaigns over all operands: ranges are recorded, never counted twice, and gone when the claim has its outcome."""

import time
from pathlib import Path
from random import Random

import pytest
from campaigns import begin, campaign, contents, finish, kill_after, write_plan
from command_line import is_one_sentence, refmath
from full import count

from conformance.campaign.ledger import Ledger
from conformance.report.progress import Tempo
from conformance.tally import BLOCK, Tally

PLAN = f'budget = "exhaustive"\nshard = {BLOCK}\n[[check]]\nemulators = ["planted:wide"]\n'


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The ledger of a run that nobody disturbs, and its seconds."""
    folder = tmp_path_factory.mktemp("undisturbed")
    started = time.monotonic()
    status, _, errors = campaign("start", write_plan(folder, PLAN), "--jobs", 2)
    assert status == 1, errors
    return folder / "plan.ledger", time.monotonic() - started


def test_all_operands_are_visited(undisturbed: tuple[Path, float]) -> None:
    """The verdicts are those of a check on everything: exact counts, the explanation, twenty counterexamples; no part is left."""
    with Ledger(undisturbed[0]) as ledger:
        right, wrong = ledger.outcomes[0].verdict, ledger.outcomes[1].verdict
        assert not ledger.parts
    checked = refmath("check", "planted:wide", "--budget", "exhaustive", "--jobs", "1", "--json", "-").data["emulators"][0]["verdicts"]
    assert (right.plan, wrong.plan) == ("all 2,097,152", "all 4,194,304") and right.exhaustive and wrong.exhaustive
    assert wrong.deviations == ("ties go away from zero",) and not wrong.unexplained and len(wrong.counterexamples) == 20
    assert [(one["status"], one["mismatches"], one["defects"]) for one in checked] == [
        (verdict.status.value, verdict.mismatches, verdict.defects) for verdict in (right, wrong)
    ]


def test_killing_changes_nothing(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    """At random instants; what was counted stays counted."""
    random, plan = Random(3), write_plan(tmp_path, PLAN)
    ledger = tmp_path / "plan.ledger"
    for _ in range(count(2, 30)):
        kill_after(begin("resume" if ledger.exists() else "start", plan, "--jobs", 2), random.uniform(0, undisturbed[1]))
    status, _, errors = finish(begin("resume" if ledger.exists() else "start", plan, "--jobs", 2))
    assert status == 1, errors
    assert contents(ledger) == contents(undisturbed[0])


def test_ranges_that_the_ledger_has_are_not_counted_again(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    """A run that is stopped in the middle of a claim goes on with the ranges that are left."""
    from planted import wide

    from conformance.accounts import said
    from conformance.budget import EXHAUSTIVE
    from conformance.campaign.ledger import create
    from conformance.campaign.ranges import Load, Recorded
    from conformance.campaign.shards import Shard
    from conformance.worker import Range, Task

    target = tmp_path / "target.ledger"
    with Ledger(undisturbed[0]) as full:
        create(target, full.origin)
    claim = wide("cpu").claims()[1]
    ranges = [Range("planted:wide", "cpu", claim, EXHAUSTIVE, (said(claim),), at * BLOCK, BLOCK) for at in range(4)]
    asked: list[int] = []

    class Here:
        """Answers the last first, and stops when it has answered so many."""

        scheduler = "here"

        def __init__(self, stops: int) -> None:
            self.stops = stops

        def run(self, questions, report) -> None:
            for at in reversed(range(len(questions))):
                if not self.stops:
                    raise KeyboardInterrupt
                self.stops -= 1
                asked.append(questions[at].first // BLOCK)
                report(at, Tally(cases=questions[at].first + 1), "here")

        def drop(self) -> None: ...

    shards = [Shard(0, Task("planted:wide", "cpu", one, EXHAUSTIVE)) for one in wide("cpu").claims()]
    heard: list[tuple[int, int]] = []
    load = Load({0: 1, 1: len(ranges)})
    for stops in (2, 9):
        with Ledger(target) as ledger:
            ledger.write()
            ledger.sit_down("test")
            pool = Recorded(ledger, shards, Here(stops), load, lambda title: None)
            try:
                pool.run(ranges, lambda at, tally: heard.append((at, tally.cases)))
            except KeyboardInterrupt:
                assert heard == [] and load.steps == (2, 3)
    assert load.steps == (4, 1)
    assert asked == [3, 2, 1, 0]
    assert heard == [(at, at * BLOCK + 1) for at in range(4)]


def test_the_time_left_is_told_from_steps_of_equal_size() -> None:
    """From the first on: four in ten seconds, of sixty that were left."""
    tempo = Tempo()
    assert tempo.words(1, 60, 100.0) == "rate unknown yet"
    assert tempo.words(5, 56, 110.0) == "0.4/s, 2:20 left"


def test_of_several_ranges_that_fail_the_first_decides(tmp_path: Path) -> None:
    """However many processes are at it."""
    plan = write_plan(tmp_path, PLAN.replace("wide", "wide_raising"))
    assert refmath("campaign", "start", str(plan), "--jobs", "2").status == 3
    with Ledger(tmp_path / "plan.ledger") as ledger:
        assert ledger.outcomes[1].verdict.error == "planted.convert raised ValueError: planted trouble at 0x100000"
        assert ledger.outcomes[0].verdict.exhaustive and not ledger.parts


@pytest.mark.parametrize(
    ("line", "word"), [("shard = 1500000", "no multiple of 1,048,576"), ("shard = 0", "from 1,048,576"), ("shard = 'big'", "a text is no value")]
)
def test_sizes_of_shards_that_are_none(tmp_path: Path, line: str, word: str) -> None:
    """One sentence."""
    plan = write_plan(tmp_path, line + "\n" + PLAN.partition("\n")[2].partition("\n")[2])
    ran = refmath("campaign", "start", str(plan))
    assert ran.status == 2 and is_one_sentence(ran.err) and word in ran.err and "'shard'" in ran.err
