"""How a tensor falls into blocks: along one axis or two, the last block of an axis as short as it has to be, or all in one.

A layout is a matrix of indices into the flat tensor, a row for each block in the order of the blocks, padded with -1 where blocks are ragged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from refmath.errors import RefmathError


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a tensor."""

    shape: tuple[int, ...]
    """Of the tensor."""
    axes: tuple[int, ...]
    """The axes along which blocks lie; () where the tensor is one block."""
    grid: tuple[int, ...]
    """The shape of the array of scales: as that of the tensor, with the number of blocks along the blocked axes; () for one block."""
    indices: NDArray[np.int64]
    """(blocks, greatest block length): places in the flat tensor, -1 where a block is shorter."""

    def rows(self) -> list[list[int]]:
        """The places of each block, without padding."""
        return [[i for i in row if i >= 0] for row in self.indices.tolist()]


def layout(shape: Sequence[int], size: tuple[int, ...], axes: int | Sequence[int] | None = None) -> Layout:
    """The blocks of that size in a tensor of that shape.

    ``axes``: the axis of a block, or its two axes; the last of the tensor where none is given. Errors: ``RefmathError`` for an empty tensor, for axes that it
    does not have, and where their number is not that of the block.
    """
    shape = tuple(shape)
    if not prod(shape):
        raise RefmathError(f"A tensor of shape {shape} has no values and so no scales; give at least one value.")
    places = np.arange(prod(shape), dtype=np.int64).reshape(shape)
    if not size:
        return Layout(shape, (), (), places.reshape(1, -1))
    chosen = _axes(shape, size, axes)
    counts = {axis: -(-shape[axis] // k) for axis, k in zip(chosen, size, strict=True)}
    padded = np.pad(places, [(0, counts[a] * size[chosen.index(a)] - n) if a in chosen else (0, 0) for a, n in enumerate(shape)], constant_values=-1)
    split: list[int] = []
    outer: list[int] = []
    for axis, n in enumerate(shape):
        outer.append(len(split))
        split.append(counts.get(axis, n))
        if axis in chosen:
            split.append(size[chosen.index(axis)])
    inner = [outer[axis] + 1 for axis in chosen]
    blocks = padded.reshape(split).transpose(*outer, *inner)
    grid = tuple(counts.get(axis, n) for axis, n in enumerate(shape))
    return Layout(shape, chosen, grid, blocks.reshape(prod(grid), prod(size)))


def _axes(shape: tuple[int, ...], size: tuple[int, ...], axes: int | Sequence[int] | None) -> tuple[int, ...]:
    """The blocked axes, counted from 0."""
    given = tuple(range(-len(size), 0)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    if len(given) != len(size):
        raise RefmathError(f"Blocks of {'x'.join(map(str, size))} lie along {len(size)} axes; {len(given)} are given.")
    for axis in given:
        if not -len(shape) <= axis < len(shape):
            raise RefmathError(f"A tensor of {len(shape)} dimensions has no axis {axis}; give one from {-len(shape)} to {len(shape) - 1}.")
    found = tuple(axis % len(shape) for axis in given)
    if len(set(found)) < len(found):
        raise RefmathError(f"Blocks lie along different axes; {given} names one twice.")
    return found
