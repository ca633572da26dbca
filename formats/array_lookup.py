"""Conversions from 17 to 32 bits into 16 or fewer by the run-length oracle, for arrays in any order: for targets that have no faster kernel.

The runs of the conversion come from the reference (``formats.runs``) and are kept on disk; a compiled look-up finds the run of each code (``refmath.kernels.lookup``).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from formats import cache as disk
from formats.array_layout import Codes
from formats.array_run import in_threads
from formats.family import Format
from formats.projection import Projection
from refmath.errors import RefmathError

WORTHWHILE = {"array": (1 << 18, 1 << 8), "reference": (1 << 12, 1 << 3)}
"""By the engine that there is otherwise: a table is made for so many codes, and so many for each code of the target, and more."""
LEADING = 10
"""Leading bits of a code that lead to the cells of a part of all codes."""
FINEST = 2
"""A part with n changes gets at most n 2^(FINEST + 1) cells."""
SEARCH = np.uint64(0xFFFFFFFFFFFFFFFF)
"""The entry of a cell with more changes than an entry holds."""


@dataclass(frozen=True)
class Cells:
    """A function of codes, constant on runs, as ``refmath.kernels.lookup`` takes it."""

    shift: np.uint64
    leads: NDArray[np.uint32]
    cells: NDArray[np.uint64]
    starts: Codes
    results: Codes


@dataclass(frozen=True)
class Lookup:
    """The codes of a conversion, and its flags."""

    codes: Cells
    flags: Cells


def lookup_for(source: Format, target: Format, how: Projection, count: int, engine: str) -> Lookup | None:
    """The table of a conversion; None where there is none, or where it is not worth making. ``engine``: what converts otherwise, and computes the entries."""
    least, each = WORTHWHILE[engine]
    if count < least or not 16 < source.width <= 32 or target.width > 16 or how.rounding.stochastic:
        return None
    return _lookup(source, target, how, engine, count >= target.codes * each)


@lru_cache(maxsize=16)
def _lookup(source: Format, target: Format, how: Projection, engine: str, worthwhile: bool) -> Lookup | None:
    name = disk.key_of("runs", source.notation(), target.notation(), how)
    raw = disk.load("runs", name)
    if raw is None and not worthwhile:
        return None
    if raw is None:
        raw = _made(source, target, how, engine)
        disk.store("runs", name, raw)
    count = len(raw) // (4 + 2 + 1)
    starts, codes, flags = (np.frombuffer(raw, kind, count, at * count) for kind, at in ((np.uint32, 0), (np.uint16, 4), (np.uint8, 6)))
    return Lookup(cells_of(starts, codes, source.width, False), cells_of(starts, flags, source.width, True)) if count else None


def _made(source: Format, target: Format, how: Projection, engine: str) -> bytes:
    """Starts (32 bits), codes (16 bits) and flags (8 bits) of the runs; nothing where there is no table."""
    from formats.runs import runs

    try:
        table = runs(source, target, how, engine)
    except RefmathError:  # some code has no result: whoever asks for its conversion is told
        return b""
    if table is None or table.varies.any():
        return b""
    return table.starts.astype(np.uint32).tobytes() + table.codes.astype(np.uint16).tobytes() + table.flags.tobytes()


def cells_of(starts: Codes, results: Codes, width: int, around: bool) -> Cells:
    """The cells of a function of codes of ``width`` bits. ``around``: cells may have a code of its own between two runs, which results of 8 bits have room for."""
    new = np.append(True, results[1:] != results[:-1])
    starts, results = starts[new], results[new]
    shift = width - min(LEADING, width)
    parts = np.arange(1 << (width - shift), dtype=np.int64)
    changes = np.diff(np.searchsorted(starts, np.append(parts, len(parts)) << shift))
    leads, cells, total = np.zeros(len(parts), np.uint32), [], 0
    for bits in range(shift + 1):
        length = shift - bits
        edges = (parts[:, None] << shift) + (np.arange(1 << bits, dtype=np.int64) << length)
        entries = _entries(edges.reshape(-1), 1 << length, starts, results, around).reshape(edges.shape)
        done = (entries != SEARCH).all(axis=1) | ((changes[parts] << FINEST) >> bits == 0) | (length == 0)
        leads[parts[done]] = ((total + (np.arange(done.sum()) << bits)) << 5) | length
        cells.append(entries[done].reshape(-1))
        total, parts = total + len(cells[-1]), parts[~done]
    return Cells(np.uint64(shift), leads, np.concatenate(cells), starts, results)


def _entries(firsts: NDArray[np.int64], length: int, starts: Codes, results: Codes, around: bool) -> NDArray[np.uint64]:
    """The entries of cells of so many codes."""
    low = np.searchsorted(starts, firsts, "right") - 1
    high = np.searchsorted(starts, firsts + (length - 1), "right") - 1
    values, places = results.astype(np.uint64), starts.astype(np.uint64)
    edge = np.where(high > low, places[np.minimum(low + 1, len(starts) - 1)], np.uint64(0)) << np.uint64(32)
    if not around:
        simple = edge | values[high] << np.uint64(16) | values[low]
        return np.where(high - low <= 1, simple, SEARCH)
    middle = values[np.minimum(low + 1, high)]
    found = edge | values[low] << np.uint64(16) | middle << np.uint64(8) | values[high]
    single = (high - low == 2) & (places[high] == places[np.minimum(low + 1, high)] + np.uint64(1))
    return np.where((high - low <= 1) | single, found, SEARCH)


def run_lookup(table: Lookup, codes: Codes, out: Codes, flags: Codes | None) -> None:
    """Results and flags of flat codes; no flags where None stands for them."""
    from refmath.kernels.lookup import look_up, look_up_flags

    def work(start: int, stop: int) -> None:
        for find, found, into in ((look_up, table.codes, out), (look_up_flags, table.flags, flags)):
            if into is not None:
                find(codes[start:stop], found.shift, found.leads, found.cells, found.starts, found.results, into[start:stop])

    in_threads(work, len(codes), max(1, len(codes)))
