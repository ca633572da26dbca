"""The run-length oracle: conversions of every code of a wide source without computing each.

Over source codes in ascending order the expected result is the same from one threshold to the next (``formats.thresholds``). The reference computes it once
for each such run; results for any range of codes are then filled at the speed of memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from formats.arrays import Codes, Flags, convert, dtype
from formats.family import Format
from formats.projection import Projection
from formats.thresholds import thresholds
from refmath.datum import NaN
from refmath.errors import RefmathError
from refmath.overflow import Overflow

Compute = Callable[[Codes], tuple[Codes, Flags]]
"""Result codes and flags of an array of source codes."""

FEW = 4096
"""Up to so many runs the scalar reference computes each; of more it confirms so many."""


@dataclass(frozen=True)
class Piece:
    """Neighbouring source codes, ``start`` up to and without ``stop``, with one result; ``code`` is None where each has its own."""

    start: int
    stop: int
    code: int | None
    flags: int


@dataclass(frozen=True)
class Runs:
    """A function of the codes of a source that is constant from each of ``starts`` to the next."""

    source: Format
    target: Format
    starts: NDArray[np.uint64]
    """Ascending; the first is 0."""
    codes: Codes
    """The result of each run."""
    flags: Flags
    varies: NDArray[np.bool_]
    """Runs of NaNs that keep their payload: each of their codes has its own result."""
    compute: Compute
    """The function itself, for runs that vary."""

    def pieces(self, first: int, count: int) -> Iterator[Piece]:
        """The runs of ``count`` source codes from ``first`` on."""
        stop = first + count
        at = int(np.searchsorted(self.starts, np.uint64(first), "right")) - 1
        last = int(np.searchsorted(self.starts, np.uint64(stop - 1), "right")) if count else at
        bounds = [first, *self.starts[at + 1 : last].tolist(), stop]
        rows = zip(self.codes[at:last].tolist(), self.flags[at:last].tolist(), self.varies[at:last].tolist(), strict=True)
        for start, end, (code, flags, varies) in zip(bounds, bounds[1:], rows, strict=False):
            yield Piece(start, end, None if varies else code, flags)

    def results(self, first: int, count: int) -> Codes:
        """The result codes of ``count`` source codes from ``first`` on."""
        out = np.empty(count, dtype(self.target))
        for piece in self.pieces(first, count):
            here = slice(piece.start - first, piece.stop - first)
            out[here] = self.compute(span(self.source, piece.start, piece.stop))[0] if piece.code is None else piece.code
        return out

    def fill(self, first: int, count: int) -> tuple[Codes, Flags]:
        """Result codes and flags of ``count`` source codes from ``first`` on."""
        if not 0 <= first <= first + count <= self.source.codes:
            raise RefmathError(f"{self.source.name} has the codes 0 to {self.source.codes - 1:#x}; {count:,} from {first:#x} on are not among them.")
        out, flags = np.empty(count, dtype(self.target)), np.empty(count, np.uint8)
        for piece in self.pieces(first, count):
            here = slice(piece.start - first, piece.stop - first)
            if piece.code is None:
                out[here], flags[here] = self.compute(span(self.source, piece.start, piece.stop))
            else:
                out[here], flags[here] = piece.code, piece.flags
        return out, flags


def span(fmt: Format, start: int, stop: int) -> Codes:
    """The codes from ``start`` up to and without ``stop``."""
    kind, count = dtype(fmt), stop - start
    counted = np.arange(count, dtype=kind) if count > 1 << 22 else _counting(kind)[:count]
    codes: Codes = counted + kind.type(start)
    return codes


@lru_cache(maxsize=8)
def _counting(kind: np.dtype[np.generic]) -> Codes:
    """0, 1, 2, ...: to be added to, which takes half the time of counting anew."""
    return np.arange(min(1 << 22, 1 << 8 * kind.itemsize), dtype=kind)


def runs(source: Format, target: Format, how: Projection | None = None, engine: str | None = None) -> Runs | None:
    """The runs of a conversion; None where there is no table (see ``formats.thresholds.thresholds``).

    ``engine``: which engine converts the first and the last code of each run; by default the reference up to ``FEW`` runs, beyond that the fastest that
    is exact, with ``FEW`` of its results confirmed by the reference. Errors: ``RefmathError`` for a stochastic mode, and where any code of the source has
    no result under the projection.
    """
    return _runs(source, target, how or target.default, engine)


@lru_cache(maxsize=64)
def _runs(source: Format, target: Format, how: Projection, engine: str | None) -> Runs | None:
    if how.rounding.stochastic:
        raise RefmathError(f"{how.rounding.value} gives a result for each random operand; only deterministic modes have runs.")
    starts = thresholds(source, target, how.overflow is Overflow.WRAP)
    if starts is None:
        return None
    chosen = engine or ("reference" if len(starts) <= FEW else None)
    table = constant_on(starts, source, target, lambda codes: convert(codes, source, target, how, engine=chosen), how.nans.keeps and target.has_nan)
    if chosen is None:
        some = slice(None, None, -(-len(table.starts) // FEW))
        codes, flags = convert(table.starts[some].astype(dtype(source)), source, target, how, engine="reference")
        assert np.array_equal(codes, table.codes[some]) and np.array_equal(flags, table.flags[some]), f"the engines disagree on {source.name} -> {target.name}"
    return replace(table, compute=lambda codes: convert(codes, source, target, how, engine=engine))


def constant_on(starts: NDArray[np.uint64], source: Format, target: Format, compute: Compute, keeps: bool, monotone: bool = True) -> Runs:
    """The table of a function that is constant on the runs from ``starts``: its results at their first codes, equal neighbours joined.

    ``keeps``: NaNs may give different results. The last code of each run must give the same as the first: by monotony all between them do. Where the function is not
    ``monotone``, runs whose ends differ have a result for each code.
    """
    lasts = np.append(starts[1:] - np.uint64(1), np.uint64(source.codes - 1))
    varies = np.zeros(len(starts), bool)
    if keeps:
        varies = np.array([start != last and isinstance(source.decode(start), NaN) for start, last in zip(starts.tolist(), lasts.tolist(), strict=True)])
    codes, flags = compute(starts.astype(dtype(source)))
    ends, end_flags = compute(lasts.astype(dtype(source)))
    apart = ((codes != ends) | (flags != end_flags)) & ~varies
    assert not (monotone and apart.any()), f"a threshold of {target.name} is missing"
    varies |= apart
    new = np.append(True, (codes[1:] != codes[:-1]) | (flags[1:] != flags[:-1]) | varies[1:] | varies[:-1])
    return Runs(source, target, starts[new], codes[new], flags[new], varies[new], compute)


__all__ = ["Piece", "Runs", "constant_on", "runs", "span", "thresholds"]
