"""What a function that makes blocks gives back: codes of scales and of elements, or values."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from conformance.claims import Codes
from formats.arrays import dtype
from formats.block import BlockFormat, scaled
from formats.family import Format


@dataclass(frozen=True)
class BlockResult:
    """What an emulator gives for an array of values: codes of the scales in the order of the blocks, of the elements in the shape of the array."""

    elements: Codes
    """Of the element format, or of the values that come back."""
    scales: Codes | None = None
    tensor: int | Codes | None = None
    """Of the tensor scale: one for all, or one for each case."""


def one_nan(codes: Codes, fmt: Format) -> Codes:
    from conformance.compare import is_nan

    nan = is_nan(fmt, codes.astype(dtype(fmt)))
    return np.where(nan, np.uint64(fmt.nan()), codes.astype(np.uint64)) if nan.any() else codes.astype(np.uint64)


def decoded(fmt: BlockFormat, gives: Format, made: BlockResult, count: int) -> Codes:
    """The values of blocks, each rounded once into the format in which they come back."""
    assert made.scales is not None
    elements, scales = made.elements.reshape(count, -1), made.scales.reshape(count, -1)
    size = fmt.count or elements.shape[1]
    level = np.asarray(0 if made.tensor is None else made.tensor, np.uint64).reshape(-1, 1)
    lanes = [np.broadcast_to(level, elements.shape), np.repeat(scales, size, axis=1)[:, : elements.shape[1]].astype(np.uint64), elements.astype(np.uint64)]
    if made.tensor is None and fmt.scale.width <= 32 and fmt.element.width <= 32:
        pairs, which = np.unique((lanes[1] << np.uint64(32) | lanes[2]).reshape(-1), return_inverse=True)
        unique = [(0, pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()]
    else:
        triples, which = np.unique(np.stack(lanes, axis=-1).reshape(-1, 3), axis=0, return_inverse=True)
        unique = triples.tolist()
    known = _values(fmt.element, fmt.scale, fmt.tensor, gives)
    out = [known[tensor, scale, element] for tensor, scale, element in unique]
    return np.array(out, np.uint64)[which.reshape(-1)].reshape(elements.shape)


class _Values(dict[tuple[int, int, int], int]):
    """The values of codes of a tensor scale, a scale and an element, as codes of the format in which they come back: each computed once."""

    def __init__(self, element: Format, scale: Format, tensor: Format | None, gives: Format) -> None:
        super().__init__()
        self.element, self.scale, self.tensor, self.gives = element, scale, tensor, gives

    def __missing__(self, codes: tuple[int, int, int]) -> int:
        level, scale, element = codes
        datum = scaled(self.scale.decode(scale), self.element.decode(element))
        found = self[codes] = self.gives.round(datum if self.tensor is None else scaled(self.tensor.decode(level), datum))
        return found


_values = lru_cache(maxsize=8)(_Values)
