"""A claim made concrete: the operands to try, what the reference gives on them, and the models that could explain other results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.diagnose import Axis, Option

M = TypeVar("M")
Operands = tuple[Codes, ...]


@dataclass(frozen=True)
class Cases:
    """Operands, one array a position, all of one length, and how they were chosen."""

    operands: Operands
    exhaustive: bool
    boundaries: int
    """How many were chosen for a reason."""
    random: int
    """How many are random."""
    left_out: int = 0
    """How many of these are left out, for the emulator documents to refuse them."""
    few: bool = False
    """Whether the plan had more, of which these are chosen for an emulator that is slow."""

    def __len__(self) -> int:
        return len(self.operands[0])

    @property
    def plan(self) -> str:
        """In words, for a verdict."""
        chosen = f"all {len(self) + self.left_out:,}" if self.exhaustive else f"{self.boundaries:,} boundary + {self.random:,} random"
        chosen = f"few: {chosen}" if self.few else chosen
        return f"{chosen} - {self.left_out:,} refused" if self.left_out else chosen

    def without(self, which: NDArray[np.bool_]) -> "Cases":
        """The same without some."""
        return replace(self, operands=tuple(codes[~which] for codes in self.operands), left_out=int(np.count_nonzero(which)))


@dataclass(frozen=True)
class Problem(Generic[M]):
    """All that checking a claim needs beside the emulator."""

    cases: Cases
    expected: Codes
    """What the claim is first held to, by the reference."""
    base: M
    """The model of that."""
    evaluate: Callable[[M, Operands], Codes]
    """What a model gives on some operands."""
    axes: Sequence[Axis[M]]
    deviations: Sequence[Option[M]]
    examined: int
    """Cases of each kind, right and wrong, on which explanations are tried."""
    pairs: int
    """How many of the best pairs of deviations are tried with every policy; none where models are slow to evaluate."""
    undefined: Callable[[Operands], bool]
    """Whether no standard and no library defines a result for any of these operands."""
    treatment: Callable[[Operands, Codes], tuple[str, ...]] = lambda operands, got: ()
    """What was done with data that the result format has no plain place for, given operands and results."""
    either_zero: bool = False
    """Whether a zero of either sign will do, as a named policy."""
    approximate: bool = False
    """Whether results some codes away are the business of accuracy, not of correctness."""
    steps: bool = False
    """Whether the distance of results in steps is worth telling."""
    suites: Sequence[tuple[Option[M], ...]] = ()
    """Deviations that go together in libraries that are known, and are tried together."""


AnyProblem = Problem[Any]


@dataclass
class Remembered(Generic[M]):
    """What models gave on selections of operands: an explanation asks for the same ones over and over.

    A selection is the same where it is the same tuple, which is held here so that no other takes its place.
    """

    evaluate: Callable[[M, Operands], Codes]
    known: dict[tuple[M, int], tuple[Operands, Codes]] = field(default_factory=dict)

    def __call__(self, model: M, operands: Operands) -> Codes:
        key = model, id(operands)
        if key not in self.known:
            self.known[key] = operands, self.evaluate(model, operands)
        return self.known[key][1]


def remembering(problem: Problem[M]) -> Problem[M]:
    """The same problem, whose models are evaluated once on each selection of operands; the first model on all of them is known."""
    operands = problem.cases.operands
    return replace(problem, evaluate=Remembered(problem.evaluate, {(problem.base, id(operands)): (operands, problem.expected)}))
