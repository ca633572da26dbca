"""The coordinator: begins a campaign, or goes on with it, and adds each outcome to the ledger as it comes."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.campaign.ledger import Ledger, Origin, create, origin
from conformance.campaign.lock import locked
from conformance.campaign.plan import Plan
from conformance.campaign.ranges import Load, Recorded
from conformance.campaign.reading import named
from conformance.campaign.runners import Runner
from conformance.campaign.shards import Shard, cut, inquiries
from conformance.exhaustive import exhaust
from conformance.limits import Limits
from conformance.outside.description import title
from conformance.streaming import spans, streams
from conformance.verdict import Status, Verdict
from conformance.versions import of_the_tool
from conformance.worker import Answer, Listing
from refmath.errors import RefmathError

Watch = Callable[[Ledger, str, bool, tuple[int, int]], None]
"""Hears of the ledger after each outcome or range of operands, of what that was, whether a shard is done by it, and how many steps are done and left."""


class NoAnswerError(Exception):
    """Emulators of the plan cannot be asked: the sentences say why."""


def start(plan: Plan, file: Path, path: Path, limits: Limits, runner: Runner, watch: Watch) -> None:
    """Begin a campaign and carry it out. Nothing is written where it cannot begin."""
    with locked(path):
        if path.exists():
            raise RefmathError(f"{named(path)} exists; 'refmath campaign resume' goes on with it, or name another ledger by --ledger FILE.")
        begun, shards = _prepared(plan, file, limits, runner)
        create(path, begun)
        with Ledger(path, held=True) as ledger:
            _sit(ledger, shards, runner, watch)


def resume(plan: Plan, file: Path, path: Path, runner: Callable[[Limits], contextlib.AbstractContextManager[Runner]], watch: Watch) -> None:
    """Go on with a campaign, by workers with the limits that it began with."""
    with locked(path), Ledger(path, held=True) as ledger:
        check_plan(ledger, plan)
        if len(ledger.outcomes) == len(ledger.origin.shards):
            return
        limits = Limits(**ledger.origin.limits)
        with runner(limits) as workers:
            begun, shards = _prepared(plan, file, limits, workers)
            _compare(ledger, begun)
            _sit(ledger, shards, workers, watch)


def _prepared(plan: Plan, file: Path, limits: Limits, runner: Runner) -> tuple[Origin, list[Shard]]:
    """What the plan amounts to with the emulators that are there."""
    asked = inquiries(plan)
    answers: dict[int, Answer] = {}
    runner.run(asked, lambda at, answer, worker: answers.__setitem__(at, answer))
    found = [answer for at in range(len(asked)) if isinstance(answer := answers[at], Listing)]
    silent = [f"{title(listing.name)} cannot be checked on {listing.device}: {listing.error}." for listing in found if listing.error]
    if silent:
        raise NoAnswerError(*silent)
    shards = cut(plan, found, named(file))
    return origin(plan.as_json(), asdict(limits), of_the_tool(), found, shards), shards


def _sit(ledger: Ledger, shards: Sequence[Shard], runner: Runner, watch: Watch) -> None:
    ledger.write()
    sitting, how = ledger.sit_down(runner.scheduler), "stopped"
    try:
        _work(ledger, shards, runner, watch, sitting)
        how = "finished"
    except KeyboardInterrupt:
        how = "interrupted"
        raise
    finally:
        with contextlib.suppress(RefmathError):
            ledger.stand_up(sitting, how)


def _work(ledger: Ledger, shards: Sequence[Shard], runner: Runner, watch: Watch, sitting: int) -> None:
    """Everything without an outcome: claims with a plan of operands, then those that are checked on all."""
    left = [number for number in range(len(shards)) if number not in ledger.outcomes]
    streamed = [number for number in left if shards[number].task.budget.exhaustive and streams(shards[number].task.claim)]
    planned = [number for number in left if number not in streamed]
    load = Load({number: len(spans(shards[number].task.claim, shards[number].task.budget.span)) if number in streamed else 1 for number in left})

    def report(number: int, answer: Answer, worker: str) -> None:
        assert isinstance(answer, Verdict)
        if number in streamed and not answer.exhaustive and answer.status is not Status.FAILED:
            return  # on what was visited until Ctrl-C: the ledger has it by its ranges
        ledger.record(number, answer, sitting, worker)
        load.done += number in planned
        load.left[number] = 0
        watch(ledger, answer.title, True, load.steps)

    runner.run([shards[number].task for number in planned], lambda at, answer, worker: report(planned[at], answer, worker))
    if streamed:
        pool = Recorded(ledger, shards, runner, load, lambda title: watch(ledger, title, False, load.steps))
        exhaust(
            [shards[number].task for number in streamed], pool, lambda at, verdict: report(streamed[at], verdict, runner.scheduler), lambda count, title: None
        )


def check_plan(ledger: Ledger, plan: Plan) -> None:
    """``RefmathError`` for the ledger of another plan. Its title may change."""
    was, now = ledger.origin.plan, plan.as_json()
    if len(was["check"]) != len(now["check"]):
        _other_plan(ledger, f"that has {len(was['check'])} tables [[check]], this one {len(now['check'])}")
    for at, (before, after) in enumerate(zip(was["check"], now["check"], strict=True), 1):
        if before != after:
            _other_plan(ledger, f"check {at} differs in {_differing(before, after)}")
    if was["limits"] != now["limits"]:
        _other_plan(ledger, f"the limits differ in {_differing(was['limits'], now['limits'])}")


def _other_plan(ledger: Ledger, how: str) -> None:
    raise RefmathError(f"{named(ledger.path)} belongs to another plan: {how}; give that plan, or name another ledger by --ledger FILE.")


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return ", ".join(f"'{key}'" for key in after if before.get(key) != after[key]) or "its keys"


def _compare(ledger: Ledger, here: Origin) -> None:
    """``RefmathError`` where what was there when the campaign began is not what is there now."""
    was = ledger.origin
    remedy = "go on with what it began with, or start anew with another --ledger FILE"
    for name, before in was.versions.items():
        if here.versions.get(name) != before:
            raise RefmathError(f"{named(ledger.path)} began with {name} {before}, here is {here.versions.get(name)}; {remedy}.")
    for old, new in zip(was.emulators, here.emulators, strict=True):
        if old != new:
            raise RefmathError(f"{named(ledger.path)} began with {old[2]} ({old[3]}), here is {new[2]} ({new[3]}); {remedy}.")
    if was.shards != here.shards:
        raise RefmathError(f"{named(ledger.path)} began with {len(was.shards):,} shards, and the emulators now offer others ({len(here.shards):,}); {remedy}.")
