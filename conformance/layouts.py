"""The shapes in which users pass arrays: results must not depend on them.

Vectorised code has a main loop and a remainder, a contiguous and a strided path; each may round on its own. Every layout is run
on operands that were already checked in one long contiguous array, so that any difference is the layout's doing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes, Shapes

LENGTHS = (1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1000)
COMPILED = (1, 3, 17, 1000)
"""Of a library that compiles for every length, which takes longer than to run: alone, short of a vector, and vectors with a remainder."""
ONCE = (17,)
"""Of one whose every function is compiled anew for every length."""
FEW = (1, 17, 1000)
FEWEST = (17,)
STRIDED = ("strided", "transposed", "offset")
"""Views with positive strides."""


@dataclass(frozen=True)
class Layout:
    """A view of some operands: ``picks`` are the indices of the cases it shows, in the order of the flattened view."""

    name: str
    picks: NDArray[np.int64]
    kind: str = "contiguous"

    def arrange(self, operands: tuple[Codes, ...]) -> tuple[Codes, ...]:
        """The operands in this layout."""
        return tuple(self._view(codes) for codes in operands)

    def _view(self, codes: Codes) -> Codes:
        picked = codes[self.picks]
        match self.kind:
            case "strided":
                spread = np.zeros(2 * len(picked), dtype=picked.dtype)
                spread[::2] = picked
                return spread[::2]
            case "reversed":
                return np.ascontiguousarray(picked[::-1])[::-1]
            case "transposed":
                return np.ascontiguousarray(picked.reshape(-1, 8).T).T
            case "scalar":
                return picked.reshape(())
            case "offset":
                shifted = np.zeros(len(picked) + 1, dtype=picked.dtype)
                shifted[1:] = picked
                return shifted[1:]
            case _:
                return picked


def layouts(
    count: int, interesting: NDArray[np.int64], thorough: bool, views: tuple[str, ...], seed: int, shapes: Shapes = Shapes.ALL, compiles: bool = False
) -> list[Layout]:
    """The layouts to run on ``count`` cases; half of each comes from the ``interesting`` indices, where there are any.

    ``thorough``: all lengths, not a few. ``views``: the kinds of view that the library has beside contiguous arrays. ``shapes``: those that the
    claim is about. ``compiles``: whether the library compiles for every length.
    """
    if shapes is Shapes.ONE:
        return []
    if shapes is Shapes.COMPILED:
        views = ()
    rng = np.random.Generator(np.random.PCG64([seed, count]))

    def picks(length: int) -> NDArray[np.int64]:
        drawn = rng.integers(0, count, size=length)
        if len(interesting):
            where = rng.integers(0, 2, size=length) == 1
            drawn = np.where(where, interesting[rng.integers(0, len(interesting), size=length)], drawn)
        return drawn.astype(np.int64)

    many = ONCE if shapes is Shapes.COMPILED else COMPILED if compiles else LENGTHS
    lengths = many if thorough else FEW if views else FEWEST
    found = [Layout(f"length {n}", picks(n)) for n in lengths]
    if thorough or views:
        found.append(Layout("0-dimensional", picks(1), "scalar"))
    return found + [Layout(kind, picks(136), kind) for kind in views]


VECTORS = (2, 4, 8, 16, 32, 64)
"""Elements that a vector loop may take at a time."""


def tail(places: Sequence[tuple[int, NDArray[np.int64]]]) -> str:
    """Where results change that do so in the remainder of a vector loop only, in words; empty where they change elsewhere too.

    ``places``: the length of each layout that differs, and the positions at which it does.
    """
    for size in VECTORS:
        if places and all(int(positions.min()) >= length - length % size for length, positions in places):
            return f"only in the n mod {size} elements after the last multiple of {size}"
    return ""
