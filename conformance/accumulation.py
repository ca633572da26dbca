"""Which model of accumulation a function equals: its order is probed, then models are held to it on random operands.

A model that agrees on every case is not proven to be the function's, but each that does not is refuted by a counterexample, which is made as small as it can be by taking
operands away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from gmpy2 import mpq

from conformance.cases.sums import Case, cases
from conformance.claims import Claim, Codes
from formats.accumulate import dot, total
from formats.arrays import dtype
from formats.family import Format
from formats.floats import Float, ieee
from formats.notation import parse, text
from formats.units import ALL
from refmath.accumulation import Blocked, Exact, Given, Model, Ordered, Pairwise, Sequential, Tree, probe
from refmath.accumulation.shapes import named, with_fma
from refmath.accumulation.trees import leaves
from refmath.datum import Finite, NaN, finite
from refmath.errors import RefmathError
from refmath.reals import Real, power_of_two, rational_floor_log2

CASES = 100
"""Random vectors on which a model is held to a function."""
SEED = 1

BlackBox = Callable[[Case], int]
"""A function as codes to code."""


@dataclass(frozen=True)
class Summation:
    """A function of an emulator that sums: its claim, and the function itself."""

    claim: Claim
    """Operation ``sum`` or ``dot``, operand formats, and the format of the result."""
    run: BlackBox

    @property
    def of(self) -> Format:
        """The format of its operands."""
        return self.claim.operands[0]

    @property
    def is_dot(self) -> bool:
        """Whether it multiplies."""
        return self.claim.operation == "dot"


def black_box(claim: Claim, run: Callable[[tuple[Codes, ...]], Codes]) -> BlackBox:
    """A function of arrays of codes, of one axis, as one of cases. Arrays start at multiples of 64 bytes: some libraries choose the order by where they start."""
    kind = dtype(claim.operands[0])

    def box(case: Case) -> int:
        return int(run(tuple(aligned(codes, kind) for codes in (case.xs, case.ys) if codes is not None)))

    return box


def aligned(codes: Sequence[int] | Codes, kind: "np.dtype[Any]", step: int = 1, offset: int = 0) -> Codes:
    """An array of codes in memory of which each ``step``-th element is one, the first ``offset`` elements after a multiple of 64 bytes."""
    room = np.zeros((step * len(codes) + offset) * kind.itemsize + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT + offset * kind.itemsize
    found: Codes = room[start : start + step * len(codes) * kind.itemsize].view(kind)[::step]
    found[:] = codes
    return found


ALIGNMENT = 64


@dataclass(frozen=True)
class Candidate:
    """A model with the formats that it accumulates in and delivers."""

    model: Model
    to: Format
    result: Format
    rounded: Format | None = None
    """The format into which products are rounded first, where it is not ``to``."""

    def __str__(self) -> str:
        return f"{self.model} in {text(self.to)}" + (f", of products in {text(self.rounded)}" if self.rounded else "")

    def code(self, of: Format, case: Case) -> int:
        """What the model gives."""
        result = None if self.result == self.to else self.result
        if case.ys is None:
            return total(self.model, of, case.xs, self.to, result=result).code
        return dot(self.model, of, case.xs, case.ys, self.to, result=result, rounded=self.rounded).code


@dataclass(frozen=True)
class Rejected:
    """A model that a function does not equal, and the case that shows it."""

    candidate: Candidate
    case: Case
    got: int
    expected: int


@dataclass(frozen=True)
class Identified:
    """How a function with so many summands fared."""

    n: int
    tree: Tree | None
    """Its order; None where no order was found."""
    why_not: str
    """Why none was found, in a sentence."""
    equal: tuple[Candidate, ...]
    """The models that agree on every case, the simplest first."""
    rejected: tuple[Rejected, ...]
    cases: int
    exceptions: int = 0
    """Where none agrees, the cases in which the nearest does not; that is then the first of those rejected."""


def order_of(function: Summation, n: int) -> tuple[Tree | None, str]:
    """The order in which a function sums n numbers, 1 <= n <= 64; or None, and why none was found."""
    try:
        return probe(_box(function), n).tree, ""
    except RefmathError as error:
        return None, str(error)


def check_dot(function: Summation, n: int, count: int = CASES, seed: int = SEED, models: Sequence[Model] = (), name: Model | None = None) -> Identified:
    """Probe the order of a function of n summands, 1 <= n <= 64, and hold every model that comes into question to it, and those that are given.

    ``name``: a model that is known to have this order, where its orders at several lengths have shown one.
    """
    return hold(function, n, order_of(function, n), count, seed, models, name)


def hold(
    function: Summation,
    n: int,
    order: tuple[Tree | None, str],
    count: int = CASES,
    seed: int = SEED,
    models: Sequence[Model] = (),
    name: Model | None = None,
    small: bool = True,
) -> Identified:
    """The same, of a function whose order was asked: ``order_of`` gave it. ``small``: counterexamples are made small, not only that of the nearest model."""
    tree, why_not = order
    tries = cases(function.of, n, function.is_dot, count, seed)
    tried = candidates(function, tree, models, name)
    equal, rejected = identify_model(function.run, tried, tries, function.of, small)
    exceptions = 0
    if not equal:
        results = [function.run(case) for case in tries]
        wrong = {one: differences(one, function.of, tries, results) for one in tried}
        nearest, *others = sorted(rejected, key=lambda one: wrong[one.candidate])
        exceptions = wrong[nearest.candidate]
        rejected = (nearest if small else _rejected(nearest.candidate, nearest.case, function.run, function.of), *others)
    return Identified(n, tree, why_not, _without_twins(equal, n), rejected, len(tries), exceptions)


def differences(candidate: Candidate, of: Format, on: Sequence[Case], results: Sequence[int]) -> int:
    """In how many cases a model gives something else than these results."""
    return sum(not same(candidate.result, got, candidate.code(of, case)) for case, got in zip(on, results, strict=True))


def _without_twins(equal: tuple[Candidate, ...], n: int) -> tuple[Candidate, ...]:
    """Of candidates that take the same steps for n summands the first: that both agree on every case says nothing more."""
    first: dict[object, Candidate] = {}
    for candidate in equal:
        steps = candidate.model.order(n) if isinstance(candidate.model, Ordered | Blocked) else candidate.model
        first.setdefault((steps, candidate.to, candidate.rounded), candidate)
    return tuple(first.values())


def identify_model(
    black_box: BlackBox, tried: Sequence[Candidate], on: Sequence[Case], of: Format, small: bool = True
) -> tuple[tuple[Candidate, ...], tuple[Rejected, ...]]:
    """The candidates that equal a function on all cases, and the others, each with a counterexample, which is made small where ``small`` says so.

    NaNs are equal by class, zeros of either sign too.
    """
    results = [black_box(case) for case in on]
    equal, rejected = [], []
    for candidate in tried:
        differing = (case for case, got in zip(on, results, strict=True) if not same(candidate.result, got, candidate.code(of, case)))
        case = next(differing, None)
        if case is None:
            equal.append(candidate)
            continue
        rejected.append(_rejected(candidate, case, black_box, of) if small else Rejected(candidate, case, black_box(case), candidate.code(of, case)))
    return tuple(equal), tuple(rejected)


def _rejected(candidate: Candidate, case: Case, black_box: BlackBox, of: Format) -> Rejected:
    """A model with a small counterexample."""
    least = _smaller(case, candidate, black_box, of)
    return Rejected(candidate, least, black_box(least), candidate.code(of, least))


def same(f: Format, a: int, b: int) -> bool:
    """Whether two codes mean the same number, or are both NaN."""
    if a == b:
        return True
    x, y = f.decode(a), f.decode(b)
    if isinstance(x, Finite) and isinstance(y, Finite):
        return x.value == y.value
    return isinstance(x, NaN) and isinstance(y, NaN)


def _smaller(case: Case, candidate: Candidate, black_box: BlackBox, of: Format) -> Case:
    """The case with as many summands zero as may be while it still differs."""
    for i in range(len(case.xs)):
        if not case.xs[i]:
            continue
        lesser = Case((*case.xs[:i], 0, *case.xs[i + 1 :]), case.ys and (*case.ys[:i], 0, *case.ys[i + 1 :]))
        if not same(candidate.result, black_box(lesser), candidate.code(of, lesser)):
            case = lesser
    return case


# The candidates.


def candidates(function: Summation, tree: Tree | None, models: Sequence[Model] = (), name: Model | None = None) -> list[Candidate]:
    """What may equal a function: the models given and those with the order of this tree, first in the format of the result, then in wider ones; models that everyone
    thinks of, to be refuted; and for short formats the matrix units.
    """
    result = function.claim.result
    wider = [f for f in (ieee(32), ieee(64)) if isinstance(result, Float) and f.precision > result.precision]
    likely = of_tree(tree, _fused(function, tree), name) if tree is not None else []
    found = [Candidate(model, to, result) for to in (result, *wider) for model in (*models, *_with_fma(function, likely, to))]
    if function.is_dot:
        found += [Candidate(model, to, result, function.of) for to in wider for model in likely if not _has_fma(model)]
    found += [Candidate(model, to, result) for to in (result, *wider) for model in _with_fma(function, (Exact(), Sequential(), Pairwise()), to)]
    if function.is_dot:
        units = [one for one in ALL if text(function.of) in one.operands and not one.scales and one.to != "binary64"]
        found += [Candidate(one.model, parse(one.to), result) for one in units if one.to in ("binary32", text(result))]
    return list(dict.fromkeys(found))


def _with_fma(function: Summation, models: Sequence[Model], to: Format) -> list[Model]:
    """The models, and each with fma where products are not exact anyway."""
    exact = isinstance(function.of, Float) and isinstance(to, Float) and 2 * function.of.precision <= to.precision
    if not function.is_dot or exact:
        return [model for model in models if not _has_fma(model)] or list(models)
    return list(dict.fromkeys(variant for model in models for variant in (model, with_fma(model)) if variant is not None))


def _has_fma(model: Model) -> bool:
    return with_fma(model) == model


def of_tree(tree: Tree, fused: frozenset[int], name: Model | None = None) -> list[Model]:
    """The models with the order of a tree: one by name where it has one, and the tree itself, with those products added unrounded."""
    name = name or named([(len(leaves(tree)), tree)])
    try:
        shape = Given(tree)
    except RefmathError:  # a fused group says nothing about what it keeps
        return []
    rounded = tuple(k for k in sorted(leaves(tree)) if k not in fused)
    given = [replace(shape, fma=True, rounded=rounded)] if fused else []
    return [shape if name is None else name, *given]


# The probe.


def _box(function: Summation) -> Callable[[Sequence[int]], int | None]:
    """The function as the probe sees it: M and u as products of numbers of its format."""
    of, result = function.of, function.claim.result
    big, unit = marks(of, function.is_dot)
    factors = {2: _split(of, big, function.is_dot), 1: _split(of, unit, function.is_dot), 0: (0, 0)}
    factors[-2] = (of.round(-of.exact(factors[2][0])), factors[2][1])  # type: ignore[operator]
    step = power_of_two(unit)

    def box(summands: Sequence[int]) -> int | None:
        pairs = [factors[s] for s in summands]
        datum = result.decode(function.run(Case(tuple(x for x, _ in pairs), tuple(y for _, y in pairs) if function.is_dot else None)))
        if not isinstance(datum, Finite) or isinstance(datum.value, Real):
            return None
        count = datum.value / step
        return int(count) if count.denominator == 1 else None

    return box


def _fused(function: Summation, tree: Tree) -> frozenset[int]:
    """The products that are added unrounded: beside minus what one rounds to, something of it is left for one place of that summand at least."""
    if not function.is_dot or not isinstance(function.of, Float):
        return frozenset()
    of, n = function.of, len(leaves(tree))
    one, odd = of.encode(finite(mpq(1))), of.encode(finite(1 + power_of_two(1 - of.precision)))
    opposite = of.round(-(of.exact(odd) ** 2))  # type: ignore[operator]
    nothing = (0,) * n

    def left(k: int, j: int) -> bool:
        xs, ys = list(nothing), list(nothing)
        xs[k], ys[k], xs[j], ys[j] = odd, odd, opposite, one
        datum = function.claim.result.decode(function.run(Case(tuple(xs), tuple(ys))))
        return not isinstance(datum, Finite) or bool(datum.value)

    return frozenset(k for k in range(n) if any(left(k, j) for j in range(n) if j != k))


@cache
def marks(of: Format, product: bool) -> tuple[int, int]:
    """The exponents of M and u. ``RefmathError`` for a format that has no numbers far enough apart to drown 64 u in binary32."""
    if isinstance(of, Float):
        top = rational_floor_log2(of.exact(of.limit()))
        big = 200 if top > 200 else 100 if top > 100 else top
        unit = 0 if big >= 100 else big - 31
        low = rational_floor_log2(of.value(of.least))
        if (unit // 2 if product else unit) >= low:
            return big, unit
    raise RefmathError(f"{of.name} has no numbers far enough apart for the order of its sums to show; probe a wider format such as binary16 or bfloat16.")


def _split(of: Format, exponent: int, product: bool) -> tuple[int, int]:
    """Codes of two powers of two whose product has this exponent; of one, and 1, where nothing is multiplied."""
    half = exponent // 2 if product else 0
    return tuple(of.encode(finite(mpq(power_of_two(e)))) for e in (exponent - half, half))  # type: ignore[return-value]
