"""Cases of dot products: x . y + c under a named model of accumulation, with block scales where there are any.

The columns are x1 ... xk, y1 ... yk, then sx1 ... and sy1 ..., the scales of the blocks of either vector, then c, a code of the format of the result. The model is
part of what the cases compute, and of the header of their files.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.vectors.subject import Subject
from formats.accumulate import Scales, Sum, dot
from formats.arithmetic import common_dialect
from formats.arrays import Codes
from formats.dot_arrays import BlockScales, dots, why_not
from formats.family import Format
from refmath.accumulation.model import Model
from refmath.accumulation.notation import parse as parse_model
from refmath.errors import RefmathError

DOT = "dot"
"""The operation, as commands and headers call it."""
BLOCK = 32
"""Elements that share a scale, where nothing else is said: as in the OCP microscaling formats."""
MAX_LENGTH = 4096


@dataclass(frozen=True)
class DotSubject(Subject):
    """The dot product of two vectors and an addend, with everything that decides its results; ``formats`` holds the format of every column of operands."""

    model: str
    """The model of accumulation, as ``refmath.accumulation.notation`` writes it."""
    length: int
    """k."""
    scale: Format | None
    """The format of block scales."""
    block: int
    """Elements that share a scale."""

    @cached_property
    def accumulation(self) -> Model:
        """The model itself."""
        return parse_model(self.model)

    @property
    def of(self) -> tuple[Format, Format]:
        """The formats of x and of y."""
        return self.formats[0], self.formats[self.length]

    @property
    def result(self) -> Format:
        """The format of c and of the result."""
        return self.formats[-1]

    @property
    def blocks(self) -> int:
        """Scales of one vector."""
        return -(-self.length // self.block) if self.scale is not None else 0

    @property
    def clause(self) -> str:
        return "spec/accumulation.md"

    @property
    def sources(self) -> tuple[Format, ...]:
        return self.of

    @property
    def names(self) -> tuple[str, ...]:
        k, n = range(1, self.length + 1), range(1, self.blocks + 1)
        return (*(f"x{i}" for i in k), *(f"y{i}" for i in k), *(f"sx{i}" for i in n), *(f"sy{i}" for i in n), "c")

    @property
    def words(self) -> tuple[str, ...]:
        return ()

    @cached_property
    def by_reference(self) -> bool:
        empty = np.empty((0, self.blocks), np.uint8)
        scales = None if self.scale is None else BlockScales(self.scale, empty, empty, self.block)
        return bool(why_not(self.accumulation, *self.of, self.result, self.how, self.length, scales))

    def evaluate(self, operands: tuple[Codes, ...], random: Codes | None = None) -> tuple[Codes, NDArray[np.uint8]]:
        k, n = self.length, self.blocks
        xs, ys = np.stack(operands[:k], axis=1), np.stack(operands[k : 2 * k], axis=1)
        scales = None
        if self.scale is not None:
            sx, sy = operands[2 * k : 2 * k + n], operands[2 * k + n : 2 * k + 2 * n]
            scales = BlockScales(self.scale, np.stack(sx, axis=1), np.stack(sy, axis=1), self.block)
        return dots(self.accumulation, self.of, xs, ys, self.result, operands[-1], scales, self.how)

    def one(self, row: tuple[int, ...]) -> tuple[int, int]:
        return self.under(self.model, row)[:2]

    def under(self, model: str, row: tuple[int, ...]) -> Sum:
        """What any model makes of the operands of one case."""
        k, n = self.length, self.blocks
        scales = None if self.scale is None else Scales(self.scale, row[2 * k : 2 * k + n], row[2 * k + n : 2 * k + 2 * n], self.block)
        return dot(model, self.of, row[:k], row[k : 2 * k], self.result, row[2 * k + 2 * n], scales=scales, projection=self.how)

    @property
    def shown(self) -> str:
        scaled = f", {self.scale.name} scales of {self.block}" if self.scale is not None else ""
        return f"dot of {self.length} {' x '.join(dict.fromkeys(f.name for f in self.of))}{scaled} -> {self.result.name} under {self.model}"


def make_dot(
    model: str,
    of: tuple[Format, ...],
    to: Format,
    length: int,
    scale: Format | None = None,
    block: int | None = None,
    policies: dict[str, Any] | None = None,
) -> DotSubject:
    """The subject of a dot product. ``of``: the format of both vectors, or of each. ``policies``: as for ``subject.make``.

    Errors: ``RefmathError`` for a model that is unknown or cannot sum such formats, an impossible length or block, and random bits, which roundings in a row cannot share.
    """
    f, g = of * 2 if len(of) == 1 else check_pair(of)
    if not 1 <= length <= MAX_LENGTH:
        raise RefmathError(f"A dot product of {length:,} elements is impossible in a file; give a length from 1 to {MAX_LENGTH:,}.")
    if block is not None and (scale is None or block < 1):
        raise RefmathError(f"A block of {block:,} elements is impossible; give at least 1, and the format of the scales." if scale else NO_SCALE)
    how = replace(to.default, **(policies or {}))
    if how.rounding.stochastic:
        raise RefmathError(
            f"{how.rounding.value}: a dot product rounds more than once, and one random operand does not say how; choose a mode without random bits."
        )
    each = block or BLOCK
    blocks = -(-length // each) if scale is not None else 0
    formats = (*(f,) * length, *(g,) * length, *((scale,) * (2 * blocks) if scale is not None else ()), to)
    dialect = common_dialect(DOT, (f, g, to))
    made = DotSubject(DOT, formats, to, how, dialect, str(parse_model(model)), length, scale, each)
    made.one((0,) * len(formats))  # which refuses what cannot be summed
    return made


NO_SCALE = "A block is of elements that share a scale; give the format of the scales with --scale, for example --scale e8m0, or leave out the block."


def check_pair(of: tuple[Format, ...]) -> tuple[Format, Format]:
    """Two formats. ``RefmathError`` where there are more or fewer."""
    if len(of) != 2:
        raise RefmathError(f"A dot product has two vectors, not {len(of)}; give the format of both, once or for each.")
    return of[0], of[1]
