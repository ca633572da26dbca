"""All operands of a claim, numbered: the codes of the one operand, or of several joined, the first in the highest bits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conformance.problem import Operands
from formats.arrays import dtype
from formats.family import Format
from formats.runs import span


def operands(formats: Sequence[Format], first: int, count: int) -> Operands:
    """The operands whose numbers are ``first`` and the following."""
    if len(formats) == 1:
        return (span(formats[0], first, first + count),)
    row = formats[-1].codes
    if len(formats) == 2 and first % row == 0 and count % row == 0:
        left, right = np.empty((count // row, row), dtype(formats[0])), np.empty((count // row, row), dtype(formats[1]))
        left[:], right[:] = span(formats[0], first // row, (first + count) // row)[:, None], span(formats[1], 0, row)
        return left.reshape(-1), right.reshape(-1)
    return numbered(formats, np.arange(count, dtype=np.uint64) + np.uint64(first))


def numbered(formats: Sequence[Format], numbers: NDArray[np.uint64]) -> Operands:
    """The operands with these numbers."""
    shift, found = 0, []
    for fmt in reversed(formats):
        found.append((numbers >> np.uint64(shift) & np.uint64(fmt.codes - 1)).astype(dtype(fmt)))
        shift += fmt.width
    return tuple(reversed(found))
