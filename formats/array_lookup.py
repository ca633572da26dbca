"""Conversions from 17 to 32 bits into 16 or fewer by the run-length oracle, for arrays in any order: for targets that have no faster kernel.

The thresholds of the conversion come from the reference (``formats.runs``); a compiled look-up finds the run of each code.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from formats.array_layout import Codes, dtype
from formats.array_run import in_threads
from formats.family import Format
from formats.projection import Projection
from refmath.errors import RefmathError

WORTHWHILE = 1 << 18
"""A table is made for so many codes, and more."""
LEADING = 16, 20
"""Leading bits that lead to a run: of targets of at most 8 bits, and of the others."""


@dataclass(frozen=True)
class Lookup:
    """What ``refmath.kernels.lookup`` takes."""

    shift: int
    first: Codes
    halvings: int
    starts: Codes
    results: Codes
    flags: Codes


def lookup_for(source: Format, target: Format, how: Projection, count: int, engine: str, flagged: bool) -> Lookup | None:
    """The table of a conversion; None where there is none, or where it is not worth making. ``engine`` computes its entries; without ``flagged``, codes alone."""
    if count < WORTHWHILE or not 16 < source.width <= 32 or target.width > 16 or how.rounding.stochastic:
        return None
    return _lookup(source, target, how, engine, flagged)


@lru_cache(maxsize=16)
def _lookup(source: Format, target: Format, how: Projection, engine: str, flagged: bool) -> Lookup | None:
    from formats.runs import runs

    try:
        table = runs(source, target, how, engine)
    except RefmathError:  # some code has no result: whoever asks for its conversion is told
        return None
    if table is None or table.varies.any():
        return None
    new = np.append(True, (table.codes[1:] != table.codes[:-1]) | (flagged & (table.flags[1:] != table.flags[:-1])))
    starts = table.starts[new].astype(np.uint32)
    leading = min(LEADING[target.width > 8], source.width)
    edges = np.arange(1 << leading, dtype=np.uint64) << np.uint64(source.width - leading)
    first = np.append(np.searchsorted(starts, edges, "right") - 1, len(starts) - 1).astype(np.uint32)
    halvings = int(np.diff(first.astype(np.int64)).max()).bit_length()
    return Lookup(source.width - leading, first, halvings, starts, table.codes[new].astype(dtype(target)), table.flags[new])


def run_lookup(table: Lookup, codes: Codes, out: Codes, flags: Codes | None) -> None:
    """Results and flags of flat codes; no flags where None stands for them."""
    from refmath.kernels.lookup import look_up

    def work(start: int, stop: int) -> None:
        raised: Any = None if flags is None else flags[start:stop]
        look_up(codes[start:stop], table.shift, table.first, table.halvings, table.starts, table.results, table.flags, out[start:stop], raised)

    in_threads(work, len(codes), max(1, len(codes)))
