"""Cases for dot products under a named model of accumulation: matrix units, aligned groups, blocks with scales.

A case is one dot product: the codes x_1 ... x_k, y_1 ... y_k, with block scales first those of the x and then those of the y, and last c, a code of the accumulator.
Tasks aim at what such units get wrong: terms that are shifted out, alone and together; lanes and groups that are mixed up; c that comes too early or too late;
cancellation; the ends of the range; special data. The model of accumulation is part of the plan and of the header of its files.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from gmpy2 import mpq

from conformance.cases.places import at, near, value
from conformance.cases.plan import CHUNK, Chunk
from conformance.cases.scene import bottom, top
from conformance.cases.stream import Draws
from conformance.cases.tables import as_codes
from formats.accumulate import Scales, Sum, dot
from formats.family import Format
from formats.notation import text
from refmath.accumulation.aligned import Aligned
from refmath.accumulation.model import Model
from refmath.accumulation.notation import parse as parse_model
from refmath.errors import RefmathError
from refmath.reals import floor_log2, power_of_two

FRACTION = 24
"""Bits of alignment where a model does not state them."""
BEYOND = 4
"""Positions beyond the last aligned bit that are tried too."""

Vectors = tuple[list[int], list[int], int]
"""The x, the y and c."""


@dataclass(frozen=True)
class DotPlan:
    """Cases for x . y + c."""

    model: str
    """The model of accumulation, as ``refmath.accumulation.notation`` writes it."""
    of: tuple[Format, Format]
    """The formats of x and y."""
    to: Format
    """The format of c and of the result."""
    length: int
    """k."""
    scale: Format | None = None
    """The format of block scales."""
    block: int = 32
    """Elements that share a scale."""
    budget: int | None = None
    seed: int = 1
    name: str = "dot"
    impossible: tuple[tuple[str, str], ...] = ()
    unreached: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        parse_model(self.model)
        if self.length < 1:
            raise RefmathError(f"A dot product of {self.length} elements is impossible; give a length from 1 up.")
        if self.scale is not None and self.block < 1:
            raise RefmathError(f"A block of {self.block} elements is impossible; give an integer from 1 up.")

    @property
    def formats(self) -> tuple[Format, ...]:
        """The format of each column."""
        scales = (self.scale,) * (2 * self.blocks) if self.scale is not None else ()
        return (*(self.of[:1] * self.length), *(self.of[1:] * self.length), *scales, self.to)

    @property
    def blocks(self) -> int:
        """Scales of one vector."""
        return -(-self.length // self.block) if self.scale is not None else 0

    @cached_property
    def fraction(self) -> int:
        """F: how many bits below the greatest term the model keeps."""
        found: Model = parse_model(self.model)
        return found.fraction if isinstance(found, Aligned) and found.fraction is not None else FRACTION

    @cached_property
    def aims(self) -> dict[str, Callable[[Draws], Vectors]]:
        """What each task is, and a case of it."""
        k, f = self.length, self.fraction
        found: dict[str, Callable[[Draws], Vectors]] = {"any numbers": self._any, "any codes": self._codes}
        for lane in range(k):
            found[f"product {lane + 1} alone, beside c"] = lambda draws, lane=lane: self._alone(draws, lane)  # type: ignore[misc]
        for d in range(f + BEYOND + 1):
            found[f"a term 2^-{d} of the greatest"] = lambda draws, d=d: self._shifted(draws, d)  # type: ignore[misc]
        for d in range(-f - BEYOND, f + BEYOND + 1):
            found[f"c 2^{d} of the greatest product"] = lambda draws, d=d: self._with_c(draws, d)  # type: ignore[misc]
        found["terms that are each shifted out and together are not"] = self._many_small
        found["the greatest terms cancel"] = self._cancelled
        found["c cancels the sum"] = self._c_cancels
        found["all terms the greatest"] = self._greatest
        found["all terms the least"] = self._least
        found["zeros of both signs"] = self._zeros
        for kind in ("infinity", "NaN"):
            if any(getattr(fmt, f"has_{kind.lower()}") for fmt in (*self.of, self.to)):
                found[f"{kind} among the operands"] = lambda draws, kind=kind: self._special(draws, kind)  # type: ignore[misc]
        return found

    @property
    def tasks(self) -> tuple[str, ...]:
        """What each task is, in words."""
        return tuple(self.aims)

    @property
    def count(self) -> int:
        """How many cases there are: four a task where no budget says so."""
        return self.budget or 4 * len(self.aims)

    @property
    def header(self) -> dict[str, object]:
        """What a file of these cases says of itself."""
        scales = {"scale": text(self.scale), "block": self.block} if self.scale is not None else {}
        return {"operation": "dot", "model": self.model, "formats": [text(f) for f in self.of], "result": text(self.to), "length": self.length, **scales}

    def chunks(self) -> Iterator[Chunk]:
        """The cases, one of each task in turn."""
        streams = [Draws(self.seed, "dot", *map(str, self.header.items()), name) for name in self.aims]
        scales = Draws(self.seed, "dot scales", *map(str, self.header.items()))
        aims = list(self.aims.values())
        for start in range(0, self.count, CHUNK):
            tasks = [n % len(aims) for n in range(start, min(start + CHUNK, self.count))]
            rows = []
            for task in tasks:
                x, y, c = aims[task](streams[task])
                rows.append([*x, *y, *self._scales(scales), c])
            columns = tuple(as_codes(f, [row[i] for row in rows]) for i, f in enumerate(self.formats))
            yield Chunk(columns, None, np.array(tasks, dtype=np.uint32))

    def _scales(self, draws: Draws) -> list[int]:
        """Scales of a range that keeps products in the accumulator's, now and then any."""
        f = self.scale
        if f is None:
            return []
        middle = max(bottom(f), min(top(f), 0))
        return [
            draws.below(f.codes) if not draws.below(64) else near(f, power_of_two(max(bottom(f), min(top(f), middle + draws.between(-3, 3)))))
            for _ in range(2 * self.blocks)
        ]

    def rows(self) -> Iterator[tuple[tuple[int, ...], Sum]]:
        """Every case with the result of the model."""
        for chunk in self.chunks():
            for case in zip(*(column.tolist() for column in chunk.operands), strict=True):
                yield case, self.result(case)

    def result(self, case: tuple[int, ...]) -> Sum:
        """What the model delivers."""
        k, n = self.length, self.blocks
        scales = None
        if self.scale is not None:
            scales = Scales(self.scale, case[2 * k : 2 * k + n], case[2 * k + n : 2 * k + 2 * n], self.block)
        return dot(self.model, self.of, case[:k], case[k : 2 * k], to=self.to, c=case[-1], scales=scales)

    # Cases of the tasks.

    def _pair(self, draws: Draws, e: int) -> tuple[int, int]:
        """A product of exponent e or e + 1, as near as the formats allow."""
        f, g = self.of
        low, high = max(bottom(f), e - top(g)), min(top(f), e - bottom(g))
        ex = draws.between(low, high) if low <= high else (top(f) if low > high and e > 0 else bottom(f))
        return at(f, ex, draws), at(g, max(bottom(g), min(top(g), e - ex)), draws)

    def _range(self) -> tuple[int, int]:
        """Exponents of products."""
        return bottom(self.of[0]) + bottom(self.of[1]), top(self.of[0]) + top(self.of[1])

    def _product(self, x: int, y: int) -> mpq:
        return (value(self.of[0], x) or mpq(0)) * (value(self.of[1], y) or mpq(0))

    def _number(self, draws: Draws, e: int) -> int:
        """c of exponent e, as near as the format allows."""
        return at(self.to, max(bottom(self.to), min(top(self.to), e)), draws)

    def _zero(self, f: Format, draws: Draws) -> int:
        return f.zero(f.has_negative_zero and bool(draws.below(2))) if f.has_zero else f.join(False, f.least)

    def _still(self, draws: Draws) -> Vectors:
        """Zeros all over."""
        f, g = self.of
        return [self._zero(f, draws) for _ in range(self.length)], [self._zero(g, draws) for _ in range(self.length)], self._zero(self.to, draws)

    def _any(self, draws: Draws) -> Vectors:
        low, high = self._range()
        middle = draws.between(low, high)
        pairs = [self._pair(draws, max(low, min(high, middle + draws.between(-6, 6)))) for _ in range(self.length)]
        return [x for x, _ in pairs], [y for _, y in pairs], self._number(draws, middle + draws.between(-6, 6))

    def _codes(self, draws: Draws) -> Vectors:
        return (
            [draws.below(self.of[0].codes) for _ in range(self.length)],
            [draws.below(self.of[1].codes) for _ in range(self.length)],
            draws.below(self.to.codes),
        )

    def _alone(self, draws: Draws, lane: int) -> Vectors:
        x, y, _ = self._still(draws)
        low, high = self._range()
        e = draws.between(low, high)
        x[lane], y[lane] = self._pair(draws, e)
        return x, y, self._number(draws, e + draws.between(-4, 4))

    def _lanes(self, draws: Draws, count: int) -> list[int]:
        """Different lanes in any order."""
        lanes = list(range(self.length))
        for i in range(min(count, self.length)):
            j = draws.between(i, self.length - 1)
            lanes[i], lanes[j] = lanes[j], lanes[i]
        return lanes[:count]

    def _shifted(self, draws: Draws, d: int) -> Vectors:
        x, y, c = self._still(draws)
        low, high = self._range()
        e = draws.between(min(low + d, high), high)
        lanes = self._lanes(draws, 2)
        x[lanes[0]], y[lanes[0]] = self._pair(draws, e)
        if len(lanes) > 1:
            x[lanes[1]], y[lanes[1]] = self._pair(draws, max(low, e - d))
        return x, y, c

    def _with_c(self, draws: Draws, d: int) -> Vectors:
        x, y, _ = self._any(draws)
        greatest = max((floor_log2(p) for i in range(self.length) if (p := self._product(x[i], y[i]))), default=0)
        return x, y, self._number(draws, greatest + d)

    def _many_small(self, draws: Draws) -> Vectors:
        low, high = self._range()
        e = draws.between(min(low + self.fraction + 2, high), high)
        pairs = [self._pair(draws, max(low, e - self.fraction - 1 - draws.below(2))) for _ in range(self.length)]
        lane = draws.below(self.length)
        pairs[lane] = self._pair(draws, e)
        return [x for x, _ in pairs], [y for _, y in pairs], self._zero(self.to, draws)

    def _cancelled(self, draws: Draws) -> Vectors:
        x, y, c = self._any(draws)
        lanes = self._lanes(draws, 2)
        if len(lanes) > 1:
            a, b = lanes
            x[b], y[b] = near(self.of[0], -(value(self.of[0], x[a]) or mpq(0))), y[a]
        return x, y, c

    def _c_cancels(self, draws: Draws) -> Vectors:
        x, y, _ = self._any(draws)
        total = sum((self._product(x[i], y[i]) for i in range(self.length)), mpq(0))
        return x, y, near(self.to, -total) if total else self._zero(self.to, draws)

    def _ends(self, draws: Draws, place: Callable[[Format], int]) -> Vectors:
        f, g = self.of
        sign = bool(draws.below(2))
        x = [f.join(f.signed and bool(draws.below(2)) and bool(draws.below(2)), place(f)) for _ in range(self.length)]
        return x, [g.join(False, place(g)) for _ in range(self.length)], self.to.join(sign and self.to.signed, place(self.to))

    def _greatest(self, draws: Draws) -> Vectors:
        return self._ends(draws, lambda f: f.greatest() - draws.below(2))

    def _least(self, draws: Draws) -> Vectors:
        return self._ends(draws, lambda f: f.least + draws.below(2))

    def _zeros(self, draws: Draws) -> Vectors:
        return self._still(draws)

    def _special(self, draws: Draws, kind: str) -> Vectors:
        x, y, c = self._any(draws)
        for _ in range(draws.between(1, 2)):
            column, f = draws.choice([pair for pair in ((x, self.of[0]), (y, self.of[1]), ([c], self.to)) if getattr(pair[1], f"has_{kind.lower()}")])
            code = f.nan() if kind == "NaN" else f.infinity(f.signed and bool(draws.below(2)))
            column[draws.below(len(column))] = code
            c = column[0] if len(column) == 1 and column is not x and column is not y else c
        if kind == "infinity" and not draws.below(3) and self.of[1].has_zero:
            y[draws.below(self.length)] = self.of[1].zero()
        return x, y, c


def dot_plan(
    model: str,
    of: tuple[Format, Format],
    to: Format,
    length: int,
    scale: Format | None = None,
    block: int = 32,
    budget: int | None = None,
    seed: int = 1,
) -> DotPlan:
    """The plan of a dot product under a model of accumulation.

    Errors: ``RefmathError`` for an unknown model, an impossible length or block, and formats that the model cannot sum.
    """
    return DotPlan(model, of, to, length, scale, block, budget, seed)
