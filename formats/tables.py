"""Operations as tables: every result of a small operation, by the reference, looked up.

An operation whose operand codes have 16 bits or fewer together (a function of a 16-bit format, an operation on two 8-bit ones, a multiply-add of three of 5 bits) has at most
65,536 results for all its operands. They are built once, by as many processes as there are processors, and kept: see ``formats.cache``. A table holds flags too, and marks
operands for which the reference refuses to answer.

A stochastic mode adds the random operand R, of which a table need not hold every value. A result is a monotone function of R: the kept magnitude code or its successor, by a
threshold. So it is constant between two values of R that give the same, and a bisection finds the few R at which it steps: one for the code, perhaps one for the underflow
flag, which looks at the result with an exponent range without end, and two where the function itself rounds.

Where a table is not there and the operands are few beside it, only the distinct ones are computed.
"""

from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import islice
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formats import cache as disk
from formats.arithmetic import Bound, BoundCode
from formats.array_layout import Codes, dtype
from formats.array_run import in_threads, part
from formats.reference_arrays import Recipe, recipe_of
from formats.workers import in_processes
from refmath.errors import RefmathError

INDEX_BITS = 16
"""Bits of all operand codes together."""
MAX_RANDOM_BITS = 64
REFUSED = 0x80
"""Stands among the flags of operands that have no result."""
WORTHWHILE = 4
"""A table is built for so many operands a result, and more; for fewer, these alone are computed."""
CHUNK = 1024
LAST = np.uint64(0xFFFFFFFFFFFFFFFF)

ABOUT = "all its results are in a table"
NOT_MINE = "operands that are plain integers have no table"

AnyBound = Bound | BoundCode
Flags = NDArray[np.uint8]
Steps = list[tuple[int, int, int]]
"""A result as a function of R: (the last R, code, flags), ascending."""


@dataclass(frozen=True)
class Table:
    """Results by index: the operand codes side by side, the first one lowest. Row j holds what follows the j-th step in R, the last R of a row in ``last``."""

    codes: Codes
    flags: Flags
    last: NDArray[np.uint64]

    def at(self, index: NDArray[Any], random: Codes) -> tuple[Codes, Flags]:
        """Results and flags at some indices; ``random`` holds R, one for all or one each."""
        if len(self.codes) == 1:
            return self.codes[0][index], self.flags[0][index]
        row = np.zeros(len(index), np.intp)
        for last in self.last[:-1]:
            row += random > last[index]
        return self.codes[row, index], self.flags[row, index]


def key(recipe: Recipe) -> bytes:
    """The name of the file of a table."""
    formats, to = [f and f.notation() for f in recipe.formats], recipe.to and recipe.to.notation()
    return disk.key_of(recipe.name, formats, to, recipe.how, recipe.dialect)


def why_not(bound: AnyBound) -> str:
    """Why an operation is not looked up; empty where it is."""
    if any(f is None for f in bound.formats):
        return NOT_MINE
    bits = _widths(bound)[-1]
    if bits > INDEX_BITS:
        return f"its operands have {bits} bits, and a table at most {INDEX_BITS}"
    if bound.to is not None and bound.to.width > 64:
        return f"codes of {bound.to.name} do not fit into 64 bits"
    if bound.how.rounding.stochastic and not 1 <= bound.how.bits <= MAX_RANDOM_BITS:
        return f"a table needs a number of random bits from 1 to {MAX_RANDOM_BITS}"
    return ""


def operate(bound: AnyBound, operands: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Results and flags for flat arrays of valid operand codes; ``random`` holds R, one for all or one each. ``why_not`` must be empty."""
    index = _index(bound, operands)
    found = table_for(bound, len(index))
    if found is None or (bound.how.rounding.stochastic and len(random) and int(random.max()) >> bound.how.bits):
        return _distinct(bound, index, random)
    table, out, flags = found, np.empty(len(index), found.codes.dtype), np.empty(len(index), np.uint8)

    def work(start: int, stop: int) -> None:
        out[start:stop], flags[start:stop] = table.at(index[start:stop], part(random, start, stop))

    in_threads(work, len(index))
    refuse(bound, operands, random, flags)
    return out, flags


def refuse(bound: AnyBound, operands: tuple[Codes, ...], random: Codes, flags: Flags) -> None:
    """``RefmathError``, by the reference, for the first operands that have no result."""
    if (refused := np.flatnonzero(flags & REFUSED)).size:
        first = int(refused[0])
        bound(*(int(codes[first]) for codes in operands), random=int(random[min(first, len(random) - 1)]))


def table_for(bound: AnyBound, count: int | None = None) -> Table | None:
    """The table of an operation; None where there is none yet and it is not worth building for ``count`` operands."""
    recipe = recipe_of(bound)
    found = _kept.get(recipe)
    if found is None:
        found = _loaded(recipe)
        size, draws = 1 << _widths(bound)[-1], bound.how.bits if bound.how.rounding.stochastic else 1
        if found is None and (count is None or count * WORTHWHILE >= size * draws):
            found = build(recipe)
            _save(recipe, found)
        if found is not None:
            if len(_kept) >= 64:
                _kept.pop(next(iter(_kept)))
            _kept[recipe] = found
    return found


_kept: dict[Recipe, Table] = {}


def build(recipe: Recipe) -> Table:
    """The table, by the reference."""
    bound = recipe.bound()
    size = 1 << _widths(bound)[-1]
    start = perf_counter()
    trial = [rows(recipe, range(at, min(at + 8, size))) for at in range(0, size, max(8, size // 16))]
    seconds = (perf_counter() - start) * size / sum(map(len, trial))
    chunks = [range(at, min(at + CHUNK, size)) for at in range(0, size, CHUNK)]
    return gathered([row for found in in_processes(partial(rows, recipe), chunks, seconds) for row in found], bound)


def rows(recipe: Recipe, indices: range) -> list[Steps]:
    """The results for some indices."""
    bound = recipe.bound()
    most = (1 << bound.how.bits) - 1 if bound.how.rounding.stochastic else 0
    return [steps(bound, _codes(bound, index), most) for index in indices]


def steps(bound: AnyBound, codes: tuple[int, ...], most: int) -> Steps:
    """The result for one tuple of operands as a function of R = 0 ... most."""
    answers = cache(lambda random: _answer(bound, codes, random))
    found = []
    start = 0
    while start < most and answers(start) != answers(most):
        low, high = start, most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if answers(middle) == answers(start) else (low, middle)
        found.append((low, *answers(start)))
        start = high
    return [*found, (int(LAST), *answers(most))]


def _answer(bound: AnyBound, codes: tuple[int, ...], random: int) -> tuple[int, int]:
    try:
        result = bound(*codes, random=random)
    except RefmathError:
        return 0, REFUSED
    return result.code, int(result.flags)


def gathered(results: list[Steps], bound: AnyBound) -> Table:
    """The table of results by index."""
    depth = max(map(len, results))
    padded = [[row[min(j, len(row) - 1)] for row in results] for j in range(depth)]
    last, codes, flags = ([[entry[k] for entry in row] for row in padded] for k in range(3))
    return Table(np.array(codes, _code_type(bound)), np.array(flags, np.uint8), np.array(last, np.uint64))


# Disk.


def _loaded(recipe: Recipe) -> Table | None:
    raw = disk.load("tables", key(recipe))
    if raw is None:
        return None
    bound = recipe.bound()
    kind, size = _code_type(bound), 1 << _widths(bound)[-1]
    if len(raw) == size * (kind.itemsize + 1):
        raw += LAST.tobytes() * size
    depth = len(raw) // (size * (kind.itemsize + 9))
    parts, at = [], 0
    for each in (kind, np.dtype(np.uint8), np.dtype(np.uint64)):
        parts.append(np.frombuffer(raw, each, depth * size, at).reshape(depth, size))
        at += depth * size * each.itemsize
    return Table(*parts)


def _save(recipe: Recipe, table: Table) -> None:
    parts = (table.codes, table.flags, table.last) if len(table.codes) > 1 else (table.codes, table.flags)
    disk.store("tables", key(recipe), b"".join(part.tobytes() for part in parts))


# Indices.


def _code_type(bound: AnyBound) -> np.dtype[Any]:
    return np.dtype(np.uint8) if bound.to is None else dtype(bound.to)


@lru_cache(maxsize=1024)
def _places(widths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sum(widths[:i]) for i in range(len(widths) + 1))


def _widths(bound: AnyBound) -> tuple[int, ...]:
    """Where each operand begins in an index, and where the index ends."""
    return _places(tuple(f.width for f in bound.formats if f is not None))


def _index(bound: AnyBound, operands: tuple[Codes, ...]) -> Codes:
    if len(operands) == 1:
        return operands[0]
    index = operands[0].astype(np.uint16)
    for codes, place in islice(zip(operands, _widths(bound), strict=False), 1, None):
        index |= codes.astype(np.uint16) << np.uint16(place)
    return index


def _codes(bound: AnyBound, index: int) -> tuple[int, ...]:
    return tuple(index >> place & ((1 << f.width) - 1) for f, place in zip(bound.formats, _widths(bound), strict=False) if f is not None)


def _distinct(bound: AnyBound, index: Codes, random: Codes) -> tuple[Codes, Flags]:
    """By the reference, each distinct tuple of operands and R once."""
    draws = np.broadcast_to(random, index.shape) if bound.how.rounding.stochastic else np.zeros(len(index), np.uint8)
    pairs = list(zip(index.tolist(), draws.tolist(), strict=True))
    known = {pair: bound(*_codes(bound, pair[0]), random=pair[1])[:2] for pair in dict.fromkeys(pairs)}
    out = np.array([known[pair][0] for pair in pairs], _code_type(bound))
    return out, np.array([int(known[pair][1]) for pair in pairs], np.uint8)
