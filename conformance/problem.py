"""A claim made concrete: the operands to try, what the reference gives on them, and the models that could explain other results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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

    def __len__(self) -> int:
        return len(self.operands[0])

    @property
    def plan(self) -> str:
        """In words, for a verdict."""
        if self.exhaustive:
            return f"all {len(self):,}"
        return f"{self.boundaries:,} boundary + {self.random:,} random"


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
    """Of the best single deviations, how many are tried two at a time."""
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


AnyProblem = Problem[Any]
