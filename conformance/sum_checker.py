"""A claim about a sum or a dot product, start to end: which model of accumulation the function equals at each of a few lengths, or which comes nearest.

No standard says in what order and in what format numbers are added (IEEE 754-2019 9.4 and OCP MX 6.1 leave both open). So a model that reproduces every result is a policy, by
its name; where none of those that were tried does, the function differs. Arrays with gaps, and arrays that start elsewhere than at a multiple of 64 bytes, are asked too:
some libraries add them in another order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from conformance.accumulation import Candidate, Identified, Summation, aligned, black_box, differences, hold, order_of
from conformance.budget import Budget
from conformance.cases.sums import cases
from conformance.claims import Adapter, Claim, Codes
from conformance.numbers import number
from conformance.running import all_results, run_emulator
from conformance.verdict import Accumulation, Counterexample, Status
from refmath.accumulation import Exact, Model, Tree
from refmath.accumulation.shapes import named
from refmath.errors import RefmathError

LENGTHS = (2, 3, 4, 8, 16, 17, 32, 33)
"""Summands: few, as many as units and vectors take at once, and one more."""
FEW = 30
MANY = 100
"""Cases of each length, in a quick check and in others."""
SHOWN = 5
Order = tuple[Tree | None, str]


@dataclass(frozen=True)
class Answered:
    """The models of a function on arrays of one layout: by length."""

    layout: str
    found: tuple[Identified, ...]


def compare_sums(claim: Claim, adapter: Adapter, budget: Budget) -> dict[str, object]:
    """What is found about a claim: the fields of its verdict."""
    count = MANY if budget.thorough_layouts else FEW
    plain = _function(claim, adapter, "")
    try:
        tried = {n: cases(plain.of, n, plain.is_dot, count, budget.seed) for n in LENGTHS}
    except RefmathError as error:
        return {"status": Status.FAILED, "error": str(error)}
    results = {n: [plain.run(case) for case in some] for n, some in tried.items()}
    answers = [_answered(plain, "", LENGTHS, count, budget.seed)]
    views = [kind for kind in adapter.views if kind in VIEWS]
    for kind in views:
        function = _function(claim, adapter, kind)
        others = tuple(n for n, some in tried.items() if [function.run(case) for case in some] != results[n])
        if others:
            answers.append(_answered(function, kind, others, count, budget.seed))
    exact = Candidate(Exact(), claim.result, claim.result)
    found = tuple(one for answer in answers for one in _accumulations(answer))
    exceptions = sum(one.exceptions for one in found)
    mismatches = sum(differences(exact, plain.of, some, results[n]) for n, some in tried.items())
    return {
        "status": Status.DIFFERS if exceptions else Status.POLICY if mismatches else Status.AGREES,
        "cases": count * (1 + len(views)) * len(LENGTHS),
        "plan": f"{count} of each of {len(LENGTHS)} lengths",
        "layouts": len(views),
        "mismatches": mismatches,
        "policies": _sentences(found) if mismatches else (),
        "models": found,
        "defects": exceptions,
        "unexplained": exceptions,
        "counterexamples": _counterexamples(claim, answers),
    }


VIEWS = {"": (1, 0), "strided": (2, 0), "offset": (1, 1)}
"""Layouts of an array of one axis: the step between elements, and where the first is."""


def _function(claim: Claim, adapter: Adapter, layout: str) -> Summation:
    """The function of a claim on arrays of one layout; each case is asked once."""
    step, offset = VIEWS[layout]

    def run(operands: tuple[Codes, ...]) -> Codes:
        (answer,) = run_emulator(claim, adapter, [tuple(aligned(codes, codes.dtype, step, offset) for codes in operands)])
        return all_results(claim, answer)

    return Summation(claim, cache(black_box(claim, run)))


def _answered(function: Summation, layout: str, lengths: Sequence[int], count: int, seed: int) -> Answered:
    """The models of a function: first those that have its order at most lengths."""
    orders = {n: order_of(function, n) for n in lengths}
    names = _names(orders)
    return Answered(layout, tuple(hold(function, n, orders[n], count, seed, name=names[n], small=False) for n in lengths))


def _names(orders: dict[int, Order]) -> dict[int, Model | None]:
    """For each length the model that has its order and those of as many lengths beside it as may be, from the longest down."""
    found: dict[int, Model | None] = {}
    group: list[tuple[int, Tree]] = []
    for n in sorted(orders, reverse=True):
        tree = orders[n][0]
        found[n] = None
        if tree is None:
            group = []
            continue
        together = named([*group, (n, tree)])
        group = [*group, (n, tree)] if together is not None else [(n, tree)]
        name = together if together is not None else named(group)
        found |= dict.fromkeys((length for length, _ in group), name)
    return found


def _accumulations(answer: Answered) -> list[Accumulation]:
    """What is told of each length: of models that agree the one of the next greater length, where it is among them."""
    told: list[Accumulation] = []
    kept: Candidate | None = None
    for one in reversed(answer.found):
        kept = (kept if kept in one.equal else one.equal[0]) if one.equal else one.rejected[0].candidate
        also = tuple(str(other) for other in one.equal if other != kept)
        told.append(Accumulation(one.n, answer.layout, str(kept), also, one.exceptions, one.cases))
    return told[::-1]


def _sentences(found: Sequence[Accumulation]) -> tuple[str, ...]:
    """Lengths of the same model together."""
    return tuple(_sentence(list(some)) for _, some in groupby(found, key=lambda one: (one.layout, one.words, bool(one.exceptions))))


def _sentence(some: Sequence[Accumulation]) -> str:
    where = f"{some[0].layout}, " if some[0].layout else ""
    lengths = f"{where}n = {', '.join(str(one.n) for one in some)}"
    if not some[0].exceptions:
        return f"{lengths}: {some[0].words}"
    return f"{lengths}: nearest to {some[0].words}, but for {sum(one.exceptions for one in some)} of {sum(one.cases for one in some)} cases"


def _counterexamples(claim: Claim, answers: Sequence[Answered]) -> tuple[Counterexample, ...]:
    """Where no model agrees, a case against the nearest, for each length."""
    found = [_counterexample(claim, one, answer.layout) for answer in answers for one in answer.found if not one.equal]
    return tuple(found[:SHOWN])


def _counterexample(claim: Claim, one: Identified, layout: str) -> Counterexample:
    case, nearest = one.rejected[0].case, one.rejected[0]
    places = [i for i in range(one.n) if case.xs[i] and (case.ys is None or case.ys[i])]
    vectors = (case.xs,) if case.ys is None else (case.xs, case.ys)
    operands = tuple(number(f, codes[i]) for i in places for f, codes in zip(claim.operands, vectors, strict=True))
    what = "products" if case.ys is not None else "summands"
    remark = f"{nearest.candidate}; {what} {', '.join(map(str, places))} of {one.n}, the others are zero"
    return Counterexample(operands, number(claim.result, nearest.got), number(claim.result, nearest.expected), remark, layout)
