"""The shapes in which arrays of blocks are passed: results must not depend on them.

As in ``conformance.layouts``, every layout is run on blocks that were already checked in one long array of a block a row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conformance.blocks import BlockClaim
from conformance.cases.blocks import SHORT
from conformance.claims import Codes


@dataclass(frozen=True)
class BlockLayout:
    """An arrangement of blocks: ``picks`` are the cases that it shows, in the order of the blocks of the array."""

    name: str
    picks: NDArray[np.int64]
    row: int = 1
    """Blocks in a row."""
    cut: int = 0
    """Lanes that the last block of each row has, where it is short; the others of its case are zeros."""
    kind: str = "contiguous"

    def arrange(self, rows: Codes, axis: int) -> Codes:
        """The array that a function gets."""
        size = rows.shape[1]
        flat = rows[self.picks].reshape(-1, self.row * size)
        if self.cut:
            flat = flat[:, : (self.row - 1) * size + self.cut]
        if axis == 0:
            return np.ascontiguousarray(flat.T) if self.kind == "contiguous" else flat.T
        match self.kind:
            case "three axes":
                return flat.reshape(2, -1, flat.shape[1])
            case "flat":
                return flat.reshape(-1)
            case "transposed":
                return np.ascontiguousarray(flat.T).T
            case "strided":
                spread = np.zeros((2 * len(flat), flat.shape[1]), flat.dtype)
                spread[::2] = flat
                return spread[::2]
            case _:
                return np.ascontiguousarray(flat)

    def lanes(self, size: int) -> NDArray[np.bool_]:
        """Which lanes of the picked cases the array holds: (blocks, size)."""
        held = np.ones((len(self.picks), size), bool)
        if self.cut:
            held[self.row - 1 :: self.row, self.cut :] = False
        return held


def block_layouts(claim: BlockClaim, rows: Codes, seed: int) -> list[BlockLayout]:
    """The layouts to run."""
    if claim.whole or len(claim.block.size) != 1:
        return []
    rng = np.random.Generator(np.random.PCG64([seed, len(rows), rows.shape[1]]))

    def some(count: int) -> NDArray[np.int64]:
        return rng.integers(0, len(rows), count).astype(np.int64)

    found = [BlockLayout("one block", some(1)), BlockLayout("17 rows", some(17)), BlockLayout("5 rows of 3 blocks", some(15), 3)]
    if claim.axis == -1:
        found += [BlockLayout("one axis", some(7), 7, kind="flat"), BlockLayout("three axes", some(24), 2, kind="three axes")]
    if claim.views:
        found += [BlockLayout("transposed", some(16), 2, kind="transposed")]
        if claim.axis == -1:
            found += [BlockLayout("strided", some(16), 2, kind="strided")]
    if claim.ragged:
        short = np.nonzero(~rows[:, SHORT:].astype(bool).any(axis=1))[0]
        for row, alone in zip((2, 3, 5), short[rng.permutation(len(short))[:3]].tolist(), strict=True):
            found.append(BlockLayout(f"{row - 1} blocks and a short one", np.append(some(row - 1), alone), row, SHORT))
        found += [BlockLayout(f"a short block alone ({at + 1})", short[at : at + 1], 1, SHORT) for at in range(min(6, len(short)))]
    return found
