"""The explanation of a claim's mismatches on arrays of cases: policies, deviations everywhere, deviations in a region, and the share of each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Claim, Codes
from conformance.compare import differ
from conformance.diagnose import Explanation, explain
from conformance.localise import Part, localise, predict
from conformance.problem import AnyProblem, Operands
from conformance.verdict import Share
from refmath.errors import RefmathError

Mask = NDArray[np.bool_]
ROUNDS = 3
"""How often cases that stay unexplained are added to those on which explanations are tried."""


FEW = 600
"""Cases of each kind, right and wrong, by which pairs of deviations are ranked."""


def taken(operands: Operands, indices: NDArray[Any]) -> Operands:
    """The operands of some cases."""
    return tuple(codes[indices] for codes in operands)


def explained(claim: Claim, problem: AnyProblem, operands: Operands, got: Codes, wrong: Mask) -> Explanation[Any]:
    """Tried on a selection of the cases; where that leaves cases of the whole unexplained, tried again with those among it."""
    target = claim.result
    deviations = () if problem.undefined(taken(operands, np.nonzero(wrong)[0])) else problem.deviations  # nothing undefined is a defect
    picks = examined(wrong, problem.examined)
    best: tuple[int, Explanation[Any]] | None = None
    for _ in range(ROUNDS):
        found = _settled(claim, problem, deviations, taken(operands, picks), got[picks])
        left = np.nonzero(differ(target, got, outputs(claim, problem, found, operands)))[0]
        if best is None or len(left) < best[0]:
            best = len(left), found
        missed = np.setdiff1d(left, picks)
        if found.unexplained or not len(missed):
            break
        picks = np.union1d(picks, missed[:: max(1, len(missed) // problem.examined)])
    assert best is not None
    return best[1]


def in_full(claim: Claim, problem: AnyProblem, operands: Operands, got: Codes, wrong: Mask) -> Explanation[Any] | None:
    """Policies, and at most one deviation or a suite of them, that reproduce every result, where there are such: the steps by which a function is computed."""
    picks = examined(wrong, problem.examined)
    some, theirs = taken(operands, picks), got[picks]
    found = explain(problem.base, problem.axes, problem.deviations, misses(claim, problem, some, theirs), 0, suites=problem.suites)
    if found.unexplained or differ(claim.result, got, outputs(claim, problem, found, operands)).any():
        return None
    return found


def misses(claim: Claim, problem: AnyProblem, some: Operands, theirs: Codes) -> Callable[[Any], int]:
    """How many of some results a model gets wrong; all, where a policy of it gives some operand no result."""

    def count(model: Any) -> int:
        try:
            return int(np.count_nonzero(differ(claim.result, theirs, problem.evaluate(model, some))))
        except RefmathError:
            return len(theirs)

    return count


def _settled(claim: Claim, problem: AnyProblem, deviations: Sequence[Any], some: Operands, theirs: Codes) -> Explanation[Any]:
    """The best explanation of some cases: everywhere the same, or where that fails, by parts."""
    target = claim.result
    count = misses(claim, problem, some, theirs)
    few = examined(differ(target, theirs, problem.evaluate(problem.base, some)), FEW)
    rough = misses(claim, problem, taken(some, few), theirs[few])
    found = explain(problem.base, problem.axes, deviations, count, problem.pairs, rough, problem.suites if deviations else ())
    if not found.unexplained or not deviations:
        return found
    best = found
    plain = Explanation(problem.base, problem.base, (), (), found.unexplained)
    permitted = replace(found, model=found.permitted, deviations=())
    for start in (permitted, plain, found):
        parts = tuple(localise(problem, start.model, claim.operands, target, some, theirs))
        if not parts:
            continue
        left = int(np.count_nonzero(differ(target, theirs, predict(problem, start.model, parts, claim.operands, target, some))))
        if left < best.unexplained:
            best = replace(start, unexplained=left, parts=parts, deviations=(*start.deviations, *(part.text for part in parts)))
    return best


def outputs(claim: Claim, problem: AnyProblem, found: Explanation[Any], operands: Operands) -> Codes:
    """What the explanation says that the emulator delivers."""
    return predict(problem, found.model, found.parts, claim.operands, claim.result, operands)


def shares(claim: Claim, problem: AnyProblem, found: Explanation[Any], operands: Operands, got: Codes, wrong: Mask) -> tuple[Share, ...]:
    """How many of the mismatches each of several deviations explains by itself; what takes several at once is told as such."""
    alone = singles(problem, found)
    if not alone or not wrong.any():
        return ()
    theirs, delivered = taken(operands, np.nonzero(wrong)[0]), got[wrong]
    fits = [~differ(claim.result, delivered, predict(problem, model, parts, claim.operands, claim.result, theirs)) for _, model, parts in alone]
    told = [Share(label, int(np.count_nonzero(fit))) for (label, _, _), fit in zip(alone, fits, strict=True)]
    together = ~differ(claim.result, delivered, outputs(claim, problem, found, theirs))
    for fit in fits:
        together &= ~fit
    if together.any():
        told.append(Share("several of them at once", int(np.count_nonzero(together))))
    return tuple(told)


def singles(problem: AnyProblem, found: Explanation[Any]) -> list[tuple[str, Any, tuple[Part[Any], ...]]]:
    """Each of several deviations by itself: in words, as a model, and as parts of the operands; none where there is one deviation."""
    if len(found.deviations) < 2:
        return []
    everywhere = found.deviations[: len(found.deviations) - len(found.parts)]
    named = {option.label: option for option in problem.deviations}
    alone: list[tuple[str, Any, tuple[Part[Any], ...]]] = [(label, named[label].apply(found.permitted), ()) for label in everywhere if label in named]
    return alone + [(part.text, found.permitted, (part,)) for part in found.parts]


def examined(wrong: Mask, most: int) -> NDArray[np.int64]:
    """Evenly chosen indices of wrong and right cases."""
    chosen = []
    for kind in (wrong, ~wrong):
        indices = np.nonzero(kind)[0]
        chosen.append(indices[:: max(1, len(indices) // most)])
    return np.concatenate(chosen)
