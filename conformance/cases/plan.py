"""A plan: which operands to try for an operation, chunk by chunk, the same on every machine.

``plan`` makes one by the name of its model: ``exhaustive``, ``random``, ``testfloat 1``, ``testfloat 2``, ``hard``, ``B1`` to ``B29``, and ``coverage`` for all of these that apply. A plan knows its number of
cases beforehand and holds no more of them than a chunk, whatever the number. ``spec/coverage.md`` says what each model tries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from formats.family import Format
from formats.projection import Projection

CHUNK = 1 << 16
"""Cases of a chunk; the last one has fewer."""


@dataclass(frozen=True)
class Chunk:
    """Some cases, in columns."""

    operands: tuple[Codes, ...]
    """An array of codes for each position, all of one length."""
    random: Codes | None = None
    """The random operand R of each case, for a stochastic mode."""
    tasks: NDArray[np.uint32] | None = None
    """For each case the index of its task in ``Plan.tasks``."""

    def __len__(self) -> int:
        return len(self.operands[0])


class Plan(Protocol):
    """Cases for an operation."""

    @property
    def name(self) -> str:
        """The model: ``exhaustive``, ``testfloat 1``, ``B3``, ..."""
        ...

    @property
    def seed(self) -> int: ...

    @property
    def count(self) -> int:
        """How many cases there are."""
        ...

    @property
    def tasks(self) -> tuple[str, ...]:
        """What each task is, in words."""
        ...

    @property
    def impossible(self) -> tuple[tuple[str, str], ...]:
        """Tasks that no operands of these formats can fulfil, each with the proof: a theorem, or that all operands were tried."""
        ...

    @property
    def unreached(self) -> tuple[tuple[str, str], ...]:
        """Tasks for which the search found no operands, each with how far it went: nothing is proven of them."""
        ...

    def chunks(self) -> Iterator[Chunk]:
        """The cases, in order."""
        ...


def plan(name: str, operation: str, formats: tuple[Format, ...], result: Format, projection: Projection, budget: int | None = None, seed: int = 1) -> Plan:
    """The plan of a model for an operation on ``formats``, one for each operand, delivered in ``result``.

    ``budget``: the number of cases; where it is None, as many as the model has by itself. A table model goes round again with fresh random operands when the budget
    exceeds its tables, so that a stream without end is a budget without bound.

    Errors: ``RefmathError`` for an unknown model, and for one that does not apply, saying why.
    """
    from conformance.cases.models import make

    return make(name, operation, formats, result, projection, budget, seed)


def applicable(operation: str, formats: tuple[Format, ...], result: Format, projection: Projection | None = None) -> list[tuple[str, str | None]]:
    """Every model by name, with the reason where it does not apply to this operation on these formats."""
    from conformance.cases.models import reasons

    return reasons(operation, formats, result, projection or result.default)
