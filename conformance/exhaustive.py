"""Claims that are checked on every operand there is, by worker processes: the standard plan first, then all operands in ranges.

The standard plan looks at layouts and finds an explanation for what differs. A pass over all operands then counts, exactly, what differs from the claim, from the
policies of the explanation and from the explanation itself. Where something stays unexplained, cases of it join the standard plan's, an explanation is sought
again, and another pass holds all operands to that one: what a verdict says of an explanation was verified on every operand.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from conformance.accounts import Account, accounts, bare, given, said
from conformance.aliens import WORDS
from conformance.checker import Examination
from conformance.claims import Claim
from conformance.counterexamples import counterexample, evenly, rank, where
from conformance.exceptions import words
from conformance.explanation import singles
from conformance.numbering import numbered
from conformance.problem import Operands
from conformance.streaming import obstacle, size, spans, streams
from conformance.tally import Example, Sample, Tally
from conformance.verdict import SHOWN, Counterexample, Share, Status, Verdict
from conformance.worker import Question, Range, Study, Task

PASSES = 3
"""How often all operands are visited at most, in search of an explanation."""


class Workers(Protocol):
    """What answers questions: a pool of ``conformance.pool``, or what stands for one."""

    def run(self, questions: Sequence[Question], report: Callable[[int, Any], None]) -> None:
        """Ask every question; ``report`` gets (index, answer) as they come."""

    def drop(self) -> None:
        """Let go of questions whose answers no one waits for."""


Report = Callable[[int, Verdict], None]
Advance = Callable[[int, str], None]
"""Hears how many operands were visited more, and the title of their claim."""


@dataclass
class Course:
    """One claim on its way."""

    task: Task
    found: Examination
    total: Tally = field(default_factory=Tally)
    held_to: tuple[Account, ...] = ()
    passes: int = 0
    failed: Verdict | None = None


def exhaust(tasks: Sequence[Task], pool: Workers, report: Report, advance: Advance) -> None:
    """Check every task; those that have too many operands for the standard plan, and can be, on all of them. ``report`` gets (index, verdict) as they come.

    KeyboardInterrupt passes through, after a verdict on the part that was visited of the claim at hand.
    """
    courses: dict[int, Course] = {}

    def studied(at: int, answer: Any) -> None:
        if isinstance(answer, Examination) and answer.verdict.status is not Status.FAILED:
            courses[at] = Course(tasks[at], answer)
        else:
            report(at, answer.verdict if isinstance(answer, Examination) else answer)

    pool.run([_study(task) if streams(task.claim) else task for task in tasks], studied)
    for at, course in courses.items():
        try:
            report(at, _finish(course, pool, advance))
        except KeyboardInterrupt:
            if course.total.cases:
                report(at, conclude(course))
            raise


def not_exhausted(claims: Sequence[Claim]) -> list[str]:
    """A sentence for each reason for which claims cannot be exhausted."""
    reasons = Counter(obstacle(claim) for claim in claims)
    return [
        f"{why}, which cannot be exhausted; the standard plan is used for {'its claim' if count == 1 else f'its {count:,} claims'}."
        for why, count in reasons.items()
        if why
    ]


def _study(task: Task, more: Operands = ()) -> Study:
    return Study(task.emulator, task.device, task.claim, task.budget, more)


def _finish(course: Course, pool: Workers, advance: Advance) -> Verdict:
    """Passes over all operands until nothing new is learnt."""
    claim, started = course.task.claim, time.perf_counter()
    while course.passes < PASSES:
        held_to = standards(course.found, claim)
        if held_to == course.held_to:
            break
        _pass(course, held_to, pool, advance)
        if course.failed or not (unexplained := _puzzling(course)):
            break
        _study_again(course, unexplained, pool)
    verdict = course.failed or conclude(course)
    return replace(verdict, seconds=course.found.verdict.seconds + time.perf_counter() - started)


def standards(found: Examination, claim: Claim) -> tuple[Account, ...]:
    """What a pass holds all results to: the claim; where something is to be explained, also the policies, the explanation, and each defect of several."""
    explanation = found.explanation
    if explanation is None:
        return (said(claim),)
    alone = singles(bare(claim), explanation)
    return (*accounts(explanation, claim), *(Account(model, parts) for _, model, parts in alone))


def _pass(course: Course, held_to: tuple[Account, ...], pool: Workers, advance: Advance) -> None:
    """All operands once. A failure of the emulator ends it."""
    task = course.task
    course.total, course.held_to = Tally(), held_to
    course.passes += 1

    def counted(at: int, answer: Any) -> None:
        if isinstance(answer, Verdict):
            course.failed = answer
            raise _AbandonedError
        course.total = course.total.merge(answer)
        advance(answer.cases, task.claim.title)

    ranges = [Range(task.emulator, task.device, task.claim, task.budget, held_to, first, count) for first, count in spans(task.claim, task.budget.span)]
    try:
        pool.run(ranges, counted)
    except _AbandonedError:
        pool.drop()


class _AbandonedError(Exception):
    """The rest of a pass is not worth its time."""


def _puzzling(course: Course) -> list[Example]:
    """Cases that the explanation does not reproduce, and results that are no values, and exceptions, where the standard plan saw none."""
    total, seen = course.total, course.found.verdict
    return total.samples[:3][-1].examples + (total.aliens.examples if not seen.aliens else []) + (total.raised.examples if not seen.raised else [])


def _study_again(course: Course, unexplained: list[Example], pool: Workers) -> None:
    """Seek an explanation with cases among the operands that have none."""
    more = _operands(course.task.claim, unexplained + course.total.samples[0].examples)

    def studied(at: int, answer: Any) -> None:
        if isinstance(answer, Examination) and answer.verdict.status is not Status.FAILED:
            course.found = answer
        else:
            course.failed = answer.verdict if isinstance(answer, Examination) else answer

    pool.run([_study(course.task, more)], studied)


def _operands(claim: Claim, examples: Sequence[Example]) -> Operands:
    indices = sorted({example.index for example in examples})
    return numbered(claim.operands, np.array(indices, dtype=np.uint64))


def conclude(course: Course) -> Verdict:
    """The verdict on a claim after all of its operands, or as many as were visited."""
    verdict, total, plain = _judged(course), course.total, course.found.verdict
    verdict = replace(verdict, remarks=tuple(dict.fromkeys((*verdict.remarks, *total.remarks))))
    aliens, raised = total.aliens.count, total.raised.count
    if not aliens + raised:
        return verdict
    strange = next((text for text in plain.deviations if text.startswith(WORDS)), WORDS)
    return replace(
        verdict,
        status=Status.DIFFERS,
        mismatches=verdict.mismatches + aliens + raised,
        defects=verdict.defects + aliens + raised,
        aliens=aliens,
        raised=raised,
        deviations=(*words(total.errors), *((strange,) if aliens else ()), *verdict.deviations),
        counterexamples=(*plain.counterexamples[: _leading(plain)], *verdict.counterexamples)[: course.task.budget.kept],
    )


def _leading(plain: Verdict) -> int:
    """How many cases a verdict begins with that show exceptions or results that are no values: one of each."""
    return (plain.raised > 0) + (plain.aliens > 0)


def _judged(course: Course) -> Verdict:
    """The same, without results that are no values, and exceptions."""
    claim, total, plain = course.task.claim, course.total, course.found.verdict
    whole = size(claim)
    complete = total.cases == whole
    mismatches = total.samples[0].count + total.forgiven
    visited = f"all {whole:,}" if complete else f"{total.cases:,} of all {whole:,}, then interrupted"
    common = replace(
        plain,
        cases=total.cases - total.left_out,
        exhaustive=complete,
        plan=f"{visited} - {total.left_out:,} refused" if total.left_out else visited,
        mismatches=mismatches,
        aliens=0,
        raised=0,
        inaccurate=total.inaccurate,
        kappa=total.kappa,
        kappa_class=total.kappa_class,
        counterexamples=plain.counterexamples[_leading(plain) :],
    )
    layouts = tuple(case for case in common.counterexamples if case.layout)
    if plain.defects > plain.aliens + plain.raised and not total.samples[min(1, len(total.samples) - 1)].count:
        return replace(common, layout_dependent=plain.layout_dependent or ("length of the array",))
    forgiven = ("a zero of either sign",) if total.forgiven else ()
    if not total.samples[0].count:
        status = Status.DIFFERS if plain.layout_dependent else Status.POLICY if forgiven else Status.AGREES
        return replace(
            common,
            status=status,
            policies=forgiven,
            deviations=(),
            shares=(),
            unexplained=0,
            defects=0,
            where="",
            counterexamples=layouts,
            seconds=plain.seconds,
        )
    return _explained(course, common, forgiven, layouts)


def _explained(course: Course, common: Verdict, forgiven: tuple[str, ...], layouts: tuple[Counterexample, ...]) -> Verdict:
    """The verdict where something differs from what the claim says."""
    claim, total, explanation = course.task.claim, course.total, course.found.explanation
    samples = (*total.samples, *(total.samples[-1],) * 2)[:3]
    held_to = (*course.held_to, course.held_to[-1])
    policies, deviations, parts = (explanation.policies, explanation.deviations, explanation.parts) if explanation else ((), (), ())
    defects, left = samples[1].count, samples[2].count
    remainder = samples[2] if left else samples[1]
    if deviations and (left >= defects if parts else 2 * left >= defects):  # what explains less than half is no explanation
        deviations, left, remainder = (), defects, samples[1]
    if defects and not total.defined:
        policies, deviations = (*policies, f"{defects:,} results out of range follow no rule"), ()
        defects = left = 0
    shown, account = (samples[1], held_to[1]) if defects else (samples[0], held_to[0])
    return replace(
        common,
        status=Status.DIFFERS if defects or common.layout_dependent else Status.POLICY,
        policies=(*forgiven, *policies),
        deviations=deviations if defects else (),
        shares=_shares(course) if defects and deviations else (),
        unexplained=left,
        defects=defects,
        where=where(claim.operands, _operands(claim, remainder.examples)) if remainder.count else "",
        counterexamples=(*layouts, *_examples(claim, account, shown, common.counterexamples, course.task.budget.kept))[: course.task.budget.kept],
    )


def _shares(course: Course) -> tuple[Share, ...]:
    """How many of the defects each of several explains by itself."""
    explanation = course.found.explanation
    if explanation is None or not course.total.shares:
        return ()
    labels = [label for label, _, _ in singles(bare(course.task.claim), explanation)]
    *alone, together = course.total.shares
    found = [Share(label, cases) for label, cases in zip(labels, alone, strict=True)]
    return (*found, *([Share("several of them at once", together)] if together else []))


def _examples(claim: Claim, account: Account, sample: Sample, known: Sequence[Counterexample], most: int) -> list[Counterexample]:
    """At most so many cases, of those of the sample and those that the standard plan has shown: the simplest, then a spread over all in their order."""
    cases = {tuple(int(codes[0]) for codes in numbered(claim.operands, np.array([example.index], np.uint64))): example.got for example in sample.examples}
    cases |= {tuple(int(operand.code, 16) for operand in case.operands): int(case.got.code, 16) for case in known if not case.layout}
    ranked = sorted(cases, key=lambda operands: rank(claim.operands, operands))
    first, others = ranked[: max(SHOWN, most // 2)], sorted(ranked[max(SHOWN, most // 2) :])
    chosen = (first + [others[at] for at in evenly(len(others), most - len(first))])[:most]
    expected = given(claim, account, tuple(np.array(codes, dtype=np.uint64) for codes in zip(*chosen, strict=True)))
    return [counterexample(claim, operands, cases[operands], int(code)) for operands, code in zip(chosen, expected, strict=True)]
