"""Cases in columns, as they pass from a plan to a file and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.vectors.subject import Subject, column_dtype

Extra = Mapping[str, list[Any]]
"""Further columns by name, as JSON values."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some cases with their results."""

    operands: tuple[Codes, ...]
    random: Codes | None
    """The random operand of each case, for a stochastic mode."""
    result: Codes
    flags: NDArray[np.uint8]
    extra: Extra = field(default_factory=dict)
    lines: NDArray[np.int64] | None = None
    """The line, or the row, of each case in the file that it was read from; from 1."""

    def __len__(self) -> int:
        return len(self.result)

    @property
    def columns(self) -> tuple[Codes, ...]:
        """Operands, the random operand if there is one, result, flags."""
        return (*self.operands, *(() if self.random is None else (self.random,)), self.result, self.flags)

    def rows(self) -> Iterator[tuple[int, ...]]:
        """Case by case, as integers."""
        return zip(*(column.tolist() for column in self.columns), strict=True)


def block_of(subject: Subject, columns: tuple[Codes, ...], lines: NDArray[np.int64] | None = None, extra: Extra | None = None) -> Block:
    """The block whose columns those are, in the order of ``Subject.columns``."""
    count = len(subject.formats)
    random = columns[count] if subject.random_bits else None
    return Block(columns[:count], random, columns[-2], columns[-1], extra or {}, lines)


def from_rows(subject: Subject, rows: list[tuple[int, ...]], lines: list[int], extra: Extra | None = None) -> Block:
    """The block of these cases."""
    columns = [_array(column.bits, [row[at] for row in rows]) for at, column in enumerate(subject.columns)]
    return block_of(subject, tuple(columns), np.array(lines, np.int64), extra)


def _array(bits: int, values: list[int]) -> Codes:
    found = np.empty(len(values), column_dtype(bits))
    found[:] = values
    return found
