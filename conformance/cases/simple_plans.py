"""Plans without tasks: every operand, random operands, TestFloat's tables."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np

from conformance.cases.plan import CHUNK, Chunk
from conformance.cases.stream import key_of, wide, words
from conformance.cases.tables import as_codes, table, within
from conformance.cases.weighted import weighted
from conformance.claims import Codes
from formats.arrays import dtype
from formats.family import Format
from formats.floats import Float
from refmath.errors import RefmathError

EXHAUSTIVE_BITS = 32
"""All operands of a case together may have so many bits for every case to be tried."""


@dataclass(frozen=True)
class Simple:
    """What these plans share."""

    name: str
    operation: str
    formats: tuple[Format, ...]
    bits: int
    """Random bits of a stochastic mode, else 0."""
    budget: int | None
    seed: int
    tasks: tuple[str, ...] = ()
    impossible: tuple[tuple[str, str], ...] = ()
    unreached: tuple[tuple[str, str], ...] = ()

    def key(self, *labels: object) -> int:
        """The key of the random words of one purpose."""
        return key_of(self.seed, self.name, self.operation, *(f.notation() for f in self.formats), *labels)

    @property
    def natural(self) -> int:
        """How many cases there are where no budget says so."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """How many cases there are."""
        return self.natural if self.budget is None else self.budget

    def chunks(self) -> Iterator[Chunk]:
        """The cases, in order."""
        for start in range(0, self.count, CHUNK):
            yield self.chunk(start, min(CHUNK, self.count - start))

    def chunk(self, start: int, count: int) -> Chunk:
        """Some of the cases."""
        raise NotImplementedError

    def draws(self, start: int, count: int) -> Codes | None:
        """The random operand of each case: of eight, one 0 and one the greatest."""
        return draws(self.key("R"), start, count, self.bits) if self.bits else None


def draws(key: int, start: int, count: int, bits: int) -> Codes:
    """Random operands R of ``bits`` bits: of eight, one 0, one the greatest, the others uniform."""
    found = wide(key, start, count, bits)
    kinds = words(key ^ 2, start, count) & np.uint64(7)
    found[kinds == 0] = 0
    found[kinds == 1] = (1 << bits) - 1
    return found


@dataclass(frozen=True)
class Exhaustive(Simple):
    """Every operand, the last one fastest, and for a stochastic mode every R."""

    def __post_init__(self) -> None:
        width = sum(f.width for f in self.formats) + self.bits
        if width > EXHAUSTIVE_BITS:
            random = f" with {self.bits} random bits" if self.bits else ""
            raise RefmathError(
                f"All operands of {self.operation} on {' and '.join(f.name for f in self.formats)}{random} are 2^{width} cases; "
                f"exhaustive goes up to 2^{EXHAUSTIVE_BITS}. Use random, testfloat 1 or a coverage model."
            )
        if self.budget is not None and self.budget < self.natural:
            raise RefmathError(f"exhaustive tries all {self.natural:,} cases, not {self.budget:,}; use random for some of them.")

    @property
    def natural(self) -> int:
        return prod(f.codes for f in self.formats) << self.bits

    @property
    def count(self) -> int:
        return self.natural

    def chunk(self, start: int, count: int) -> Chunk:
        index = np.arange(start, start + count, dtype=np.uint64)
        random = index & np.uint64((1 << self.bits) - 1) if self.bits else None
        index >>= np.uint64(self.bits)
        columns = []
        for f in reversed(self.formats):
            index, digit = np.divmod(index, np.uint64(f.codes))
            columns.append(digit.astype(dtype(f)))
        return Chunk(tuple(reversed(columns)), random)


@dataclass(frozen=True)
class Uniform(Simple):
    """Operands of which every code is equally likely; those of x87 have the integer bit that belongs to them."""

    @property
    def natural(self) -> int:
        return CHUNK

    def chunk(self, start: int, count: int) -> Chunk:
        return Chunk(tuple(self._column(i, start, count) for i in range(len(self.formats))), self.draws(start, count))

    def _column(self, position: int, start: int, count: int) -> Codes:
        f = self.formats[position]
        if isinstance(f, Float) and f.explicit_integer_bit:
            bare = replace(f, explicit_integer_bit=False)
            raw = wide(self.key(position), start, count, bare.width).tolist()
            top = 1 << (bare.width - 1)
            return as_codes(f, [f.join(bool(x & top), x & (top - 1)) for x in raw])
        return within(f, wide(self.key(position), start, count, f.width).astype(dtype(f)))


PERIOD = 1 << 20
"""Entries of a column that are kept written out."""

LEVEL_1 = {
    1: ((None,), (None,), (0,)),
    2: ((None, None), (0, None), (None, None), (None, 1), (None, None), (0, 1)),
    3: ((None, None, 2), (0, 1, None), (None, None, None), (None, 1, 2), (0, None, None), (None, 1, None), (0, None, 2), (None, None, None), (0, 1, 2)),
}
"""For each number of operands the cases that follow one another: which operands come from the tables, the others being random."""


@dataclass(frozen=True)
class TestFloat(Simple):
    """TestFloat's levels 1 and 2: entries of tables in all combinations, the last operand fastest, mixed with weighted random operands."""

    level: int = 1

    __test__ = False  # pytest takes the name for a class of tests

    @cached_property
    def tables(self) -> tuple[Codes, ...]:
        """The table of each operand."""
        return tuple(table(f, self.level, len(self.formats) > 1).codes for f in self.formats)

    @cached_property
    def pattern(self) -> tuple[tuple[int | None, ...], ...]:
        """The cases that follow one another."""
        positions = tuple(range(len(self.formats)))
        return LEVEL_1[len(positions)] if self.level == 1 else ((None,) * len(positions), positions)

    @property
    def natural(self) -> int:
        return len(self.pattern) * prod(len(column) for column in self.tables)

    def chunk(self, start: int, count: int) -> Chunk:
        columns = [weighted(f, self.key(i), start, count) for i, f in enumerate(self.formats)]
        every = len(self.pattern)
        for offset, case in enumerate(self.pattern):
            first = (offset - start) % every
            wanted = len(range(first, count, every))
            for position in case:
                if position is not None:
                    columns[position][first::every] = self._entries(position, (start + first) // every, wanted)
        return Chunk(tuple(columns), self.draws(start, count))

    def _entries(self, position: int, first: int, count: int) -> Codes:
        """The table entries of an operand in the rounds from ``first`` on."""
        column = self.tables[position]
        faster = prod(len(other) for other in self.tables[position + 1 :])
        if faster * len(column) > PERIOD:
            rounds = np.arange(first, first + count)
            entries: Codes = column[(rounds // faster) % len(column)]
            return entries
        period = self._period(position)
        begin = first % len(period)
        if begin + count <= len(period):
            return period[begin : begin + count]
        return np.resize(np.roll(period, -begin), count)

    def _period(self, position: int) -> Codes:
        """The entries of an operand until they begin again."""
        if position not in self._periods:
            self._periods[position] = np.repeat(self.tables[position], prod(len(other) for other in self.tables[position + 1 :]))
        return self._periods[position]

    @cached_property
    def _periods(self) -> dict[int, Codes]:
        return {}
