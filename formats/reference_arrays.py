"""The reference on arrays, one element at a time: by several processes where that takes long."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formats.arithmetic import Bound, BoundCode, bind
from formats.array_layout import Codes, dtype
from formats.family import Format
from formats.operations import find_operation
from formats.projection import Projection
from formats.workers import in_processes
from refmath.operations.environment import Dialect

Flags = NDArray[np.uint8]

TRIAL = 64
"""Elements that tell how long the others take."""
PARTS = 32
"""Into so many parts long work is cut."""


@dataclass(frozen=True)
class Recipe:
    """An operation with all that it is bound to, as it travels to other processes."""

    name: str
    formats: tuple[Format | None, ...]
    to: Format | None
    how: Projection
    dialect: Dialect

    def bound(self) -> Bound | BoundCode:
        """The operation itself."""
        return bind(find_operation(self.name), self.formats, self.to, self.how, self.dialect)


def recipe_of(bound: Bound | BoundCode) -> Recipe:
    """What an operation is bound to."""
    return Recipe(bound.op.name, tuple(bound.formats), bound.to, bound.how, bound.dialect)


def operate(bound: Bound | BoundCode, operands: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Results and flags for flat arrays of valid operand codes; ``random`` holds R, one for all or one each. ``RefmathError`` for the first without a result."""
    kind = np.dtype(np.uint8) if bound.to is None else dtype(bound.to)
    return _in_parts(partial(_part, recipe_of(bound)), operands, random, kind)


def _in_parts(run: "Callable[[Part], tuple[Codes, Flags]]", operands: tuple[Codes, ...], random: Codes, kind: np.dtype[Any]) -> tuple[Codes, Flags]:
    """All elements, in as many processes as they are worth."""
    count, start = len(operands[0]), process_time()
    found = [run(_cut(operands, random, 0, min(TRIAL, count)))]
    if count > TRIAL:
        seconds = (process_time() - start) * (count - TRIAL) / TRIAL
        edges = sorted({TRIAL + (count - TRIAL) * k // PARTS for k in range(PARTS + 1)})
        found += in_processes(run, [_cut(operands, random, a, b) for a, b in pairwise(edges)], seconds)
    return np.concatenate([codes for codes, _ in found]).astype(kind, copy=False), np.concatenate([flags for _, flags in found])


Part = tuple[tuple[Codes, ...], Codes]


def _cut(operands: tuple[Codes, ...], random: Codes, start: int, stop: int) -> Part:
    return tuple(codes[start:stop] for codes in operands), random if len(random) == 1 else random[start:stop]


def _part(recipe: Recipe, part: Part) -> tuple[Codes, Flags]:
    """Results and flags of a part of the elements."""
    bound, (operands, random) = recipe.bound(), part
    count = len(operands[0])
    out, flags = np.empty(count, np.uint8 if bound.to is None else dtype(bound.to)), np.empty(count, np.uint8)
    draws = random.tolist() * (count if len(random) == 1 else 1)
    rows = zip(*(codes.tolist() for codes in operands), strict=True)
    found = [bound.delivered(row, drawn) for row, drawn in zip(rows, draws, strict=True)]
    out[:], flags[:] = [code for code, _ in found], [raised for _, raised in found]
    return out, flags
