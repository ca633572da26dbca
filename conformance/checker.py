"""One claim, start to end: choose operands, run the emulator, compare with the reference, explain what differs."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.aliens import settled, with_aliens, with_exceptions
from conformance.block_checker import compare_blocks
from conformance.block_problem import block_problem
from conformance.blocks import BlockClaim
from conformance.budget import Budget
from conformance.claims import SUMS, Adapter, Answer, Claim, Codes, Draws, Partly
from conformance.compare import SPECIAL, differ, distances, mismatch_class, zeros_apart
from conformance.conversions import conversion_problem
from conformance.counterexamples import case_of, counterexample, kept, spread, where
from conformance.diagnose import Explanation
from conformance.distribution import distribution, points
from conformance.explanation import explained, in_full, outputs, shares, taken
from conformance.functions import operation_problem
from conformance.layouts import Layout, layouts, tail
from conformance.problem import AnyProblem, Operands, remembering
from conformance.quantizers import QuantizerClaim, quantizer_problem
from conformance.running import NonsenseError, RaisedError, all_results, first_line, run_on_copies, some_results
from conformance.search import run_apart
from conformance.stochastic import given_problem
from conformance.sum_checker import compare_sums
from conformance.verdict import SHOWN, Counterexample, Status, Verdict
from formats.family import Format
from formats.floats import Float
from formats.notation import text
from refmath.errors import RefmathError
from refmath.rounding import Rounding

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


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
        if claim.draws in OF_THEIR_OWN and not isinstance(claim, BlockClaim) and points(claim.operands[0], claim.result, claim.projection.results):
            found = _drawn(claim, adapter, budget)
        elif claim.operation in SUMS:
            found = compare_sums(claim, adapter, budget)
        else:
            problem = remembering(_with(pose(claim, budget), more))
            plain |= {"cases": len(problem.cases), "exhaustive": problem.cases.exhaustive, "plan": problem.cases.plan}
            found = compare_blocks(claim, problem, adapter, budget) if isinstance(claim, BlockClaim) else _compare(claim, problem, adapter, budget)
    except NonsenseError as error:
        found = {"status": Status.FAILED, "error": str(error)}
    except RefmathError as error:
        found = {"status": Status.FAILED, "error": f"{claim.title} cannot be checked: {error}"}
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


OF_THEIR_OWN = (Draws.OWN, Draws.EQUAL)
"""Draws that the emulator makes by itself."""


def pose(claim: Claim, budget: Budget) -> AnyProblem:
    """The problem that a claim poses; one that draws by itself, of a conversion in which there is nothing to draw for, is that of an exact one."""
    if isinstance(claim, BlockClaim):
        return block_problem(claim, budget)
    if claim.draws in OF_THEIR_OWN:
        claim = replace(claim, draws=Draws.NONE, projection=replace(claim.projection, rounding=Rounding.NEAREST_EVEN, bits=0))
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
        return [all_results(claim, answer) for answer in run_on_copies(claim, adapter, calls)]

    return distribution(claim, run, budget)


def _compare(claim: Claim, problem: AnyProblem, adapter: Adapter, budget: Budget) -> dict[str, object]:
    operands, expected = problem.cases.operands, problem.expected
    answer, views, answers, broken = _outputs(claim, adapter, operands, expected, budget)
    got, missing = settled(answer, expected)
    results = [settled(out, got[view.picks], missing[view.picks])[0] for view, out in zip(views, answers, strict=True)]
    found = _judge(claim, problem, got, missing, views, results, budget.kept)
    if broken:
        dependent: Any = found["layout_dependent"]
        found |= {"status": Status.DIFFERS, "layout_dependent": (*dependent, *broken)}
    if not isinstance(answer, Partly):
        return found
    found = with_aliens(found, claim, answer, operands, expected, budget.kept)
    return with_exceptions(found, claim, answer, operands, expected, budget.kept)


def _judge(claim: Claim, problem: AnyProblem, got: Codes, missing: Mask, views: list[Layout], results: list[Codes], most: int) -> dict[str, object]:
    """What is found of the results: zeros that may have either sign, layouts that change them, how far off they are, and at last why.

    ``missing``: the operands without a result of the format, which are told elsewhere.
    """
    target, operands, expected = claim.result, problem.cases.operands, problem.expected
    found: dict[str, object] = {"mismatches": int(np.count_nonzero(differ(target, got, expected))), "treatment": problem.treatment(operands, got)}
    forgiven: tuple[str, ...] = ()
    if problem.either_zero:
        forgiven = ("a zero of either sign",) if zeros_apart(target, got, expected).any() else ()
        got = _with_zeros_of(target, got, expected)
        results = [_with_zeros_of(target, out.reshape(-1), got[view.picks]) for view, out in zip(views, results, strict=True)]
    dependent, shown, positions = _check_layouts(claim, operands, expected, got, views, results)
    found |= {"layouts": len(views), "layout_dependent": tuple(dependent), "layout_where": positions, "policies": forgiven}
    wrong = differ(target, got, expected)
    if not wrong.any():
        status = Status.DIFFERS if dependent else Status.POLICY if forgiven else Status.AGREES
        return found | {"status": status, "counterexamples": tuple(shown)}
    if problem.steps:
        indices = np.nonzero(wrong)[0]
        steps = distances(target, got[indices], expected[indices])
        inexact = indices[steps != SPECIAL]
        found |= {"inaccurate": len(inexact), "kappa": int(steps.max(initial=0))}
        if problem.approximate:
            known = in_full(claim, problem, taken(operands, np.nonzero(~missing)[0]), got[~missing], wrong[~missing])
            if len(inexact) == len(indices) and not dependent and (known is None or known.deviations):
                return found | _approximation(claim, problem, got, inexact[np.argsort(-steps, kind="stable")], most, known)
        if problem.approximate and known is None:
            got = got.copy()
            got[inexact] = expected[inexact]  # what remains to be explained are special cases
            wrong = differ(target, got, expected)
    if missing.any():  # they say nothing of policies
        others = replace(problem, cases=problem.cases.without(missing), expected=expected[~missing])
        return found | _reasons(claim, others, got[~missing], wrong[~missing], forgiven, shown, most)
    return found | _reasons(claim, problem, got, wrong, forgiven, shown, most)


def _with_zeros_of(target: Format, got: Codes, other: Codes) -> Codes:
    """The same, but where two zeros stand against each other the other one."""
    return np.where(zeros_apart(target, got, other), other, got)


def _reasons(
    claim: Claim, problem: AnyProblem, got: Codes, wrong: Mask, forgiven: tuple[str, ...], shown: list[Counterexample], most: int
) -> dict[str, object]:
    """Why results differ: the policies and deviations that explain them, and what is left. ``shown``: cases that depend on the layout."""
    target, operands = claim.result, problem.cases.operands
    explanation = explained(claim, problem, operands, got, wrong)
    permitted = problem.evaluate(explanation.permitted, operands)
    defective = differ(target, got, permitted)
    defects = np.nonzero(defective)[0]
    left = np.nonzero(differ(target, got, outputs(claim, problem, explanation, operands)))[0]
    policies, deviations = (*forgiven, *explanation.policies), explanation.deviations
    if deviations and len(left) * (1 if explanation.parts else 2) >= len(defects):  # what explains less than half, or gets more wrong, is no explanation
        deviations, left = (), defects
    if len(defects) and problem.undefined(taken(operands, defects)):
        policies, deviations = (*policies, f"{len(defects):,} results out of range follow no rule"), ()
        defects, left = defects[:0], left[:0]
    examples = (permitted, defects) if len(defects) else (problem.expected, np.nonzero(wrong)[0])
    cases = _examples(claim, operands, got, examples[0], kept(claim.operands, operands, examples[1], most))
    return {
        "status": Status.DIFFERS if len(defects) or shown else Status.POLICY,
        "policies": policies,
        "deviations": deviations if len(defects) else (),
        "shares": shares(claim, problem, explanation, operands, got, defective) if len(defects) and deviations else (),
        "unexplained": len(left),
        "where": where(claim.operands, taken(operands, left if len(left) else defects)),
        "defects": len(defects),
        "counterexamples": tuple(shown[:SHOWN] + cases)[:most],
        "explanation": explanation,
        **_distance(target, got[defects], permitted[defects], problem.steps),
    }


def _distance(target: Format, got: Codes, permitted: Codes, counted: bool) -> dict[str, object]:
    """P3109's kappa of the defects, and its class; ``counted``: the steps are those of all differences, already."""
    if not len(got) or not isinstance(target, Float):
        return {}
    found: dict[str, object] = {"kappa_class": mismatch_class(target, got, permitted)}
    return found if counted else found | {"kappa": int(distances(target, got, permitted).max(initial=0))}


def _approximation(claim: Claim, problem: AnyProblem, got: Codes, worst_first: Indices, most: int, known: Explanation[Any] | None) -> dict[str, object]:
    """A function that is not correctly rounded, but nowhere other than beside the right result; ``known``: the steps that give each of its results."""
    operands = problem.cases.operands
    worst = worst_first[: max(SHOWN, most // 2)].tolist()
    cases = tuple(_examples(claim, operands, got, problem.expected, spread(worst, worst_first, most)))
    reasons = {"policies": known.policies, "deviations": known.deviations} if known else {}
    return {"status": Status.APPROXIMATE, "where": where(claim.operands, taken(operands, worst_first)), "counterexamples": cases, **reasons}


def _examples(claim: Claim, operands: Operands, got: Codes, expected: Codes, picks: list[int]) -> list[Counterexample]:
    return [counterexample(claim, case_of(operands, i), int(got[i]), int(expected[i])) for i in picks]


def _outputs(claim: Claim, adapter: Adapter, operands: Operands, expected: Codes, budget: Budget) -> tuple[Answer, list[Layout], list[Answer], list[str]]:
    """Results of the long array, the layouts, their results, and the layouts on which it fails, with the reason.

    Where shapes are compiled, all are one call; else the layouts look at mismatches.
    """
    count = len(expected)
    if adapter.compiles:
        views = layouts(count, np.zeros(0, np.int64), budget.thorough_layouts, adapter.views, budget.seed, claim.shapes, compiles=True)
        got, *results = run_on_copies(claim, adapter, [operands, *(view.arrange(operands) for view in views)])
        return got, views, results, []
    try:
        got = some_results(claim, run_on_copies(claim, adapter, [operands])[0])
    except RaisedError as error:
        got = run_apart(claim, adapter, operands, error)
    wrong = differ(claim.result, settled(got, expected)[0], expected)
    sound = np.nonzero(~got.absent)[0] if isinstance(got, Partly) else np.arange(count)  # layouts are of operands that have a result
    interesting = np.nonzero(wrong[sound])[0][:1000]
    views = layouts(len(sound), interesting, budget.thorough_layouts, adapter.views, budget.seed, claim.shapes)
    views = [replace(view, picks=sound[view.picks]) for view in views]
    if not views:
        return got, [], [], []
    try:
        return got, views, run_on_copies(claim, adapter, [view.arrange(operands) for view in views]), []
    except NonsenseError:
        return got, *_one_by_one(claim, adapter, operands, views)


def _one_by_one(claim: Claim, adapter: Adapter, operands: Operands, views: list[Layout]) -> tuple[list[Layout], list[Answer], list[str]]:
    """The layouts on which an emulator that took the long array works, its results on them, and those on which it fails, with the reason."""
    works, results, broken = [], [], []
    for view in views:
        try:
            (out,) = run_on_copies(claim, adapter, [view.arrange(operands)])
        except NonsenseError as error:
            broken.append(f"{view.name}: {str(error).removeprefix(claim.call).strip()}")
        else:
            works.append(view)
            results.append(out)
    return works, results, broken


def _check_layouts(
    claim: Claim, operands: Operands, expected: Codes, got: Codes, views: list[Layout], results: list[Codes]
) -> tuple[list[str], list[Counterexample], str]:
    """The layouts whose results differ from those of the long array, with an example of each, and at which positions they do.

    An example is of the layout where it is wrong there; where all that changed is right, of the long array.
    """
    dependent, shown, places = [], [], []
    for view, result in zip(views, results, strict=True):
        out, before, right = result.reshape(-1), got[view.picks], expected[view.picks]
        changed = np.nonzero(differ(claim.result, out, before))[0]
        if len(changed):
            dependent.append(view.name)
            places.append((len(view.picks), changed))
            wrong = changed[differ(claim.result, out[changed], right[changed])]
            i, codes, name = (int(wrong[0]), out, view.name) if len(wrong) else (int(changed[0]), before, "")
            shown.append(counterexample(claim, case_of(operands, int(view.picks[i])), int(codes[i]), int(right[i]), name))
    return dependent, shown, tail(places)
