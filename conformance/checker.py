"""One claim, start to end: choose operands, run the emulator, compare with the reference, explain what differs."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.aliens import SHOWN, settled, with_aliens
from conformance.block_checker import compare_blocks
from conformance.blocks import BlockClaim, block_problem
from conformance.budget import Budget
from conformance.claims import Adapter, Answer, Claim, Codes, Draws, NotAResultError, Partly
from conformance.compare import SPECIAL, differ, distances, mismatch_class, zeros_apart
from conformance.conversions import conversion_problem
from conformance.counterexamples import case_of, counterexample, kept, simplest, spread, where
from conformance.diagnose import Explanation
from conformance.distribution import distribution, points
from conformance.explanation import explained, outputs, shares, taken
from conformance.functions import operation_problem
from conformance.layouts import Layout, layouts, tail
from conformance.problem import AnyProblem, Operands
from conformance.quantizers import QuantizerClaim, quantizer_problem
from conformance.stochastic import given_problem
from conformance.verdict import Counterexample, Status, Verdict
from formats.arrays import dtype
from formats.floats import Float
from formats.notation import text
from refmath.rounding import Rounding

Indices = NDArray[np.int64]


class NonsenseError(Exception):
    """What an emulator returned is no result: the sentence says why."""


@dataclass(frozen=True)
class Examination:
    """A verdict with the explanation behind it, where there was anything to explain."""

    verdict: Verdict
    explanation: Explanation[Any] | None = None


def check(claim: Claim, adapter: Adapter, budget: Budget) -> Verdict:
    """The verdict on a claim. Whatever an emulator does wrong becomes the verdict that it failed to run."""
    return examine(claim, adapter, budget).verdict


def examine(claim: Claim, adapter: Adapter, budget: Budget, more: Operands = ()) -> Examination:
    """The same with its explanation; ``more``: operands beside those of the plan."""
    started = time.perf_counter()
    plain: dict[str, object] = {
        "emulator": claim.emulator,
        "operation": claim.operation,
        "operands": tuple(text(fmt) for fmt in claim.operands),
        "result": claim.result_text,
        "call": claim.call,
        "variant": claim.variant,
        "device": claim.device,
        "seed": budget.seed,
        "rounding": claim.projection.rounding.value,
        "overflow": claim.projection.overflow.value,
    }
    found: dict[str, object]
    try:
        if claim.draws in (Draws.OWN, Draws.EQUAL) and not points(claim.operands[0], claim.result):
            claim = replace(claim, draws=Draws.NONE, projection=replace(claim.projection, rounding=Rounding.NEAREST_EVEN, bits=0))  # nothing to draw for
        if claim.draws in (Draws.OWN, Draws.EQUAL):
            found = _drawn(claim, adapter, budget)
        else:
            problem = _with(pose(claim, budget), more)
            plain |= {"cases": len(problem.cases), "exhaustive": problem.cases.exhaustive, "plan": problem.cases.plan}
            found = compare_blocks(claim, problem, adapter, budget) if isinstance(claim, BlockClaim) else _compare(claim, problem, adapter, budget)
    except NonsenseError as error:
        found = {"status": Status.FAILED, "error": str(error)}
    except Exception as error:
        found = {"status": Status.FAILED, "error": f"refmath itself failed on {claim.title}: {first_line(error)}"}
    explanation = found.pop("explanation", None)
    return Examination(Verdict(**plain, **found, seconds=time.perf_counter() - started), explanation)  # type: ignore[arg-type]


def _with(problem: AnyProblem, more: Operands) -> AnyProblem:
    """A problem with more cases."""
    if not more:
        return problem
    operands = tuple(np.concatenate([codes, others]) for codes, others in zip(problem.cases.operands, more, strict=True))
    expected = np.concatenate([problem.expected, problem.evaluate(problem.base, more)])
    return replace(problem, cases=replace(problem.cases, operands=operands), expected=expected)


def pose(claim: Claim, budget: Budget) -> AnyProblem:
    """The problem that a claim poses."""
    if isinstance(claim, BlockClaim):
        return block_problem(claim, budget)
    if isinstance(claim, QuantizerClaim):
        return quantizer_problem(claim, budget)
    if claim.draws is Draws.GIVEN:
        return given_problem(claim, budget)
    if claim.operation == "convert":
        return conversion_problem(claim, budget)
    return operation_problem(claim, budget)


def _drawn(claim: Claim, adapter: Adapter, budget: Budget) -> dict[str, object]:
    """A claim whose emulator draws by itself, from a generator that is seeded where the adapter can."""
    seed = getattr(adapter, "seed", None)
    if seed is not None:
        seed(budget.seed)

    def run(calls: list[Operands]) -> list[Codes]:
        answers = _run(claim, adapter, calls)
        for answer in answers:
            if isinstance(answer, Partly) and answer.alien.any():
                raise NonsenseError(f"{claim.call} returned what is no value of {text(claim.result)}.")
        return [answer.codes if isinstance(answer, Partly) else answer for answer in answers]

    return distribution(claim, run, budget)


def first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:200]}"


def _compare(claim: Claim, problem: AnyProblem, adapter: Adapter, budget: Budget) -> dict[str, object]:
    operands, expected = problem.cases.operands, problem.expected
    answer, views, answers, broken = _outputs(claim, adapter, operands, expected, budget)
    got, alien = settled(answer, expected)
    results = [settled(out, got[view.picks], alien[view.picks])[0] for view, out in zip(views, answers, strict=True)]
    found = _judge(claim, problem, got, views, results, budget.kept)
    if broken:
        dependent: Any = found["layout_dependent"]
        found |= {"status": Status.DIFFERS, "layout_dependent": (*dependent, *broken)}
    if not isinstance(answer, Partly) or not alien.any():
        return found
    return with_aliens(found, claim, answer, operands, expected, simplest(claim.operands, operands, np.nonzero(alien)[0], 1)[0])


def _judge(claim: Claim, problem: AnyProblem, got: Codes, views: list[Layout], results: list[Codes], most: int) -> dict[str, object]:
    target, operands, expected = claim.result, problem.cases.operands, problem.expected
    treatment = problem.treatment(operands, got)
    wrong = differ(target, got, expected)
    indices = np.nonzero(wrong)[0]
    forgiven: tuple[str, ...] = ()
    if problem.either_zero:
        either = zeros_apart(target, got, expected)
        forgiven = ("a zero of either sign",) if either.any() else ()
        got = np.where(either, expected, got)
        results = [
            np.where(zeros_apart(target, out.reshape(-1), got[view.picks]), got[view.picks], out.reshape(-1)) for view, out in zip(views, results, strict=True)
        ]
        indices = np.nonzero(wrong & ~either)[0]
    dependent, shown, positions = _check_layouts(claim, operands, got, views, results)
    found: dict[str, object] = {
        "layouts": len(views),
        "layout_dependent": tuple(dependent),
        "layout_where": positions,
        "mismatches": int(np.count_nonzero(wrong)),
        "policies": forgiven,
        "treatment": treatment,
    }
    if not len(indices):
        status = Status.DIFFERS if dependent else Status.POLICY if forgiven else Status.AGREES
        return found | {"status": status, "counterexamples": tuple(shown)}
    if problem.steps:
        steps = distances(target, got[indices], expected[indices])
        inexact = indices[steps != SPECIAL]
        found |= {"inaccurate": len(inexact), "kappa": int(steps.max(initial=0))}
    if problem.approximate:
        if len(inexact) == len(indices) and not dependent:
            return found | _approximation(claim, problem, got, inexact[np.argsort(-steps, kind="stable")], most)
        got = got.copy()
        got[inexact] = expected[inexact]  # what remains to be explained are special cases
        wrong = differ(target, got, expected)
        indices = np.nonzero(wrong)[0]
    explanation = explained(claim, problem, operands, got, wrong)
    permitted = problem.evaluate(explanation.permitted, operands)
    defective = differ(target, got, permitted)
    defects = np.nonzero(defective)[0]
    left = np.nonzero(differ(target, got, outputs(claim, problem, explanation, operands)))[0]
    policies, deviations = (*forgiven, *explanation.policies), explanation.deviations
    if deviations and not explanation.parts and 2 * len(left) >= len(defects):  # what explains less than half is no explanation
        deviations, left = (), defects
    if len(defects) and problem.undefined(taken(operands, defects)):
        policies, deviations = (*policies, f"{len(defects):,} results out of range follow no rule"), ()
        defects, left = defects[:0], left[:0]
    if len(defects) and isinstance(target, Float):
        found["kappa_class"] = mismatch_class(target, got[defects], permitted[defects])
        if not problem.steps:
            found["kappa"] = int(distances(target, got[defects], permitted[defects]).max(initial=0))
    held_to = permitted if len(defects) else expected
    examples = _examples(claim, operands, got, held_to, kept(claim.operands, operands, defects if len(defects) else indices, most))
    return found | {
        "status": Status.DIFFERS if len(defects) or dependent else Status.POLICY,
        "policies": policies,
        "deviations": deviations if len(defects) else (),
        "shares": shares(claim, problem, explanation, operands, got, defective) if len(defects) and deviations else (),
        "unexplained": len(left),
        "where": where(claim.operands, taken(operands, left if len(left) else defects)),
        "defects": len(defects),
        "counterexamples": tuple(shown[:SHOWN] + examples)[:most],
        "explanation": explanation,
    }


def _approximation(claim: Claim, problem: AnyProblem, got: Codes, worst_first: Indices, most: int) -> dict[str, object]:
    """A function that is not correctly rounded, but nowhere other than beside the right result."""
    operands = problem.cases.operands
    worst = worst_first[: max(SHOWN, most // 2)].tolist()
    cases = tuple(_examples(claim, operands, got, problem.expected, spread(worst, worst_first, most)))
    return {"status": Status.APPROXIMATE, "where": where(claim.operands, taken(operands, worst_first)), "counterexamples": cases}


def _examples(claim: Claim, operands: Operands, got: Codes, expected: Codes, picks: list[int]) -> list[Counterexample]:
    return [counterexample(claim, case_of(operands, i), int(got[i]), int(expected[i])) for i in picks]


def _run(claim: Claim, adapter: Adapter, calls: list[Operands]) -> list[Answer]:
    """What the emulator returns on copies of operands, which it may write to."""
    return run_emulator(claim, adapter, [tuple(codes.copy() if codes.flags.c_contiguous else codes for codes in operands) for operands in calls])


def run_emulator(claim: Claim, adapter: Adapter, calls: list[Operands]) -> list[Answer]:
    """What the emulator returns, each with the shape and type that it must have."""
    try:
        results = adapter.run(claim, calls)
    except NotAResultError as error:
        raise NonsenseError(f"{claim.call} {error}") from error
    except Exception as error:
        raise NonsenseError(f"{claim.call} raised {first_line(error)}") from error
    if not isinstance(results, list) or len(results) != len(calls):
        raise NonsenseError(f"{claim.call} answered {len(calls)} calls with something other than {len(calls)} arrays.")
    results = [np.asarray(out) if isinstance(out, np.generic) else out for out in results]  # NumPy makes scalars of 0-dimensional arrays
    for operands, out in zip(calls, results, strict=True):
        _check_codes(claim, operands, out.codes if isinstance(out, Partly) else out)
    return results


def _check_codes(claim: Claim, operands: Operands, out: object) -> None:
    """``NonsenseError`` where a result has not the type, the shape and the range of codes."""
    wanted = dtype(claim.result)
    if not isinstance(out, np.ndarray):
        raise NonsenseError(f"{claim.call} returned {type(out).__name__}, not an array of codes.")
    if out.shape != operands[0].shape:
        raise NonsenseError(f"{claim.call} returned shape {out.shape} for operands of shape {operands[0].shape}.")
    if out.dtype != wanted:
        raise NonsenseError(f"{claim.call} returned {out.dtype}, where codes of {text(claim.result)} are {wanted}.")
    top = int(out.max()) if out.size and claim.result.width != 8 * wanted.itemsize else 0
    if top >= claim.result.codes:
        raise NonsenseError(f"{claim.call} returned {top:#x}, which is no code of {text(claim.result)} ({claim.result.width} bits).")


def _outputs(claim: Claim, adapter: Adapter, operands: Operands, expected: Codes, budget: Budget) -> tuple[Answer, list[Layout], list[Answer], list[str]]:
    """Results of the long array, the layouts, their results, and the layouts on which it fails, with the reason.

    Where shapes are compiled, all are one call; else the layouts look at mismatches.
    """
    count = len(expected)
    if adapter.compiles:
        views = layouts(count, np.zeros(0, np.int64), budget.thorough_layouts, adapter.views, budget.seed)
        got, *results = _run(claim, adapter, [operands, *(view.arrange(operands) for view in views)])
        return got, views, results, []
    (got,) = _run(claim, adapter, [operands])
    interesting = np.nonzero(differ(claim.result, settled(got, expected)[0], expected))[0][:1000]
    views = layouts(count, interesting, budget.thorough_layouts, adapter.views, budget.seed)
    try:
        return got, views, _run(claim, adapter, [view.arrange(operands) for view in views]), []
    except NonsenseError:
        return got, *_one_by_one(claim, adapter, operands, views)


def _one_by_one(claim: Claim, adapter: Adapter, operands: Operands, views: list[Layout]) -> tuple[list[Layout], list[Answer], list[str]]:
    """The layouts on which an emulator that took the long array works, its results on them, and those on which it fails, with the reason."""
    works, results, broken = [], [], []
    for view in views:
        try:
            (out,) = _run(claim, adapter, [view.arrange(operands)])
        except NonsenseError as error:
            broken.append(f"{view.name}: {str(error).removeprefix(claim.call).strip()}")
        else:
            works.append(view)
            results.append(out)
    return works, results, broken


def _check_layouts(claim: Claim, operands: Operands, got: Codes, views: list[Layout], results: list[Codes]) -> tuple[list[str], list[Counterexample], str]:
    """The layouts whose results differ from those of the long array, with an example of each, and at which positions they do."""
    dependent, shown, places = [], [], []
    for view, out in zip(views, results, strict=True):
        before = got[view.picks]
        changed = np.nonzero(differ(claim.result, out.reshape(-1), before))[0]
        if len(changed):
            dependent.append(view.name)
            places.append((len(view.picks), changed))
            i = int(changed[0])
            shown.append(counterexample(claim, case_of(operands, int(view.picks[i])), int(out.reshape(-1)[i]), int(before[i]), view.name))
    return dependent, shown, tail(places)
