"""Results compared where they are: an adapter whose arrays live on a device of its own looks there whether all results of a range are right.

The operands are numbered there, the library's function is called on them as ever, and its codes are compared with those that are expected, as integers. A conversion
sends strips of equal codes, far fewer than its operands; an operation sends a code for each pair, and its operands need not be sent.
A device only ever says that *all* results of a range are right. Of any other range the operands go the usual way, and whatever is told about them is found there.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from conformance.accounts import Account, given, runs_of
from conformance.claims import Adapter, Claim, Codes
from conformance.compare import is_nan
from conformance.numbering import operands
from formats.arrays import dtype
from formats.family import Format
from formats.runs import Runs

WIDEST = 16
"""Bits of the widest format whose NaNs are told by a table of its codes; of a wider one only the NaN that is expected counts as right here."""


@dataclass(frozen=True)
class Expected:
    """What the results of successive operands are to be."""

    codes: Codes
    lengths: NDArray[np.int64] | None
    """How many operands in a row have each of the codes; None: one each."""
    canonical: Codes | None
    """The code that stands for each code of the format, one for all its NaNs; None where each stands for itself. ``codes`` are such."""

    @property
    def count(self) -> int:
        """How many operands there are."""
        return len(self.codes) if self.lengths is None else int(self.lengths.sum())


@runtime_checkable
class Distant(Protocol):
    """An adapter that can compare on its device."""

    distant: bool
    """Whether its arrays are elsewhere than in the memory of the host."""

    def all_right(self, claim: Claim, first: int, expected: Expected) -> bool:
        """Whether the operands from the number ``first`` on have the expected results."""
        ...


def right_on_device(claim: Claim, adapter: Adapter, held_to: tuple[Account, ...], first: int, count: int) -> bool:
    """Whether the device says of ``count`` operands from the number ``first`` on that all results are as every account gives them."""
    if not (isinstance(adapter, Distant) and adapter.distant) or claim.refuses:
        return False
    expected = expectation(claim, held_to, first, count)
    try:
        return expected is not None and adapter.all_right(claim, first, expected)
    except Exception:  # the usual way meets it again, and says what it is
        return False


def expectation(claim: Claim, held_to: tuple[Account, ...], first: int, count: int) -> Expected | None:
    """What all accounts give; None where they do not give the same, or have no runs."""
    canonical = _canonical(claim.result) if claim.result.has_nan and claim.result.width <= WIDEST else None
    if claim.operation == "convert":
        tables = [runs_of(claim, account) for account in held_to]
        strips = [_strips(table, canonical, first, count) for table in tables if table is not None]
        one = strips[0] if len(strips) == len(held_to) else None
        if one is None or any(other is None or not all(map(np.array_equal, one, other)) for other in strips):
            return None
        return Expected(*one, canonical)
    if len(held_to) > 1:
        return None
    codes = given(claim, held_to[0], operands(claim.operands, first, count))
    return Expected(codes if canonical is None else canonical[codes], None, canonical)


def _strips(table: Runs, canonical: Codes | None, first: int, count: int) -> tuple[Codes, NDArray[np.int64]] | None:
    """Codes and lengths of a table's runs over a range, neighbours of one code joined; None where a run has no one code."""
    low = int(np.searchsorted(table.starts, np.uint64(first), "right")) - 1
    high = int(np.searchsorted(table.starts, np.uint64(first + count), "left"))
    if table.varies[low:high].any():
        return None
    codes = table.codes[low:high] if canonical is None else canonical[table.codes[low:high]]
    starts = np.concatenate(([first], table.starts[low + 1 : high].astype(np.int64), [first + count]))
    new = np.append(True, codes[1:] != codes[:-1])
    return codes[new], np.diff(np.append(starts[:-1][new], first + count))


@lru_cache(maxsize=16)
def _canonical(fmt: Format) -> Codes:
    """The code that stands for each code of a format."""
    codes = np.arange(fmt.codes).astype(dtype(fmt))
    nan = is_nan(fmt, codes)
    return np.where(nan, codes[nan].min(initial=codes[-1]), codes)
