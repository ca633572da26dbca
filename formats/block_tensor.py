"""Tensors of blocks: quantization of whole tensors, back to values, and from one block format to another.

Values are data or exact numbers in a nested sequence or a NumPy array of objects. An array of codes goes through ``quantize_codes``, which takes the fast way of
``formats.block_arrays`` wherever that is exact, and this one elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from formats.arrays import Codes, dtype
from formats.block import Block, BlockFormat, decode
from formats.block_layout import Layout, layout
from formats.block_orders import TensorScale, tensor_scale
from formats.block_quantize import Random, data, quantize
from formats.block_scale import greatest_finite
from refmath.datum import Datum
from refmath.errors import RefmathError


@dataclass(frozen=True, slots=True)
class BlockTensor:
    """A tensor in a block format, as codes."""

    format: BlockFormat
    layout: Layout
    scales: Codes
    """The codes of the scales, in the shape of ``layout.grid``."""
    elements: Codes
    """The codes of the elements, in the shape of the tensor."""
    tensor: int | None = None
    """The code of the tensor scale."""

    def blocks(self) -> list[Block]:
        """Its blocks, in the order of their scales."""
        flat, scales = self.elements.reshape(-1).tolist(), self.scales.reshape(-1).tolist()
        return [Block(self.format, scale, tuple(flat[i] for i in row), self.tensor) for scale, row in zip(scales, self.layout.rows(), strict=True)]

    def decode(self) -> Codes:
        """What the elements stand for, exactly: an array of data in the shape of the tensor."""
        out = np.empty(self.elements.size, object)
        for block, row in zip(self.blocks(), self.layout.rows(), strict=True):
            for i, datum in zip(row, decode(block), strict=True):
                out[i] = datum
        return out.reshape(self.layout.shape)


def quantize_tensor(fmt: BlockFormat, values: Any, axes: int | Sequence[int] | None = None, reference: Any = None, random: Random = 0) -> BlockTensor:
    """The blocks that a tensor of values becomes.

    ``axes``: see ``formats.block_layout.layout``. ``reference``: in a two-level format, what is taken for the greatest magnitude of the tensor; its own
    where none is given. ``random``: as in ``quantize``, a sequence of numbers being in the order of the flat tensor.
    """
    tensor = as_array(values)
    flat = tensor.reshape(-1)
    lanes = data(flat.tolist())
    where = layout(tensor.shape, fmt.size, axes)
    level = level_of(fmt, lanes, reference)
    draws = list(random) if isinstance(random, Sequence) else None
    elements, scales = np.empty(len(lanes), dtype(fmt.element)), []
    for row in where.rows():
        block = quantize(fmt, [lanes[i] for i in row], level, random if draws is None else [draws[i] for i in row])
        scales.append(block.scale)
        elements[row] = block.elements
    return BlockTensor(fmt, where, np.array(scales, dtype(fmt.scale)).reshape(where.grid), elements.reshape(where.shape), level.code)


def level_of(fmt: BlockFormat, lanes: Sequence[Datum], reference: Any = None) -> TensorScale:
    """The scale of a tensor of those values, or for that reference."""
    if reference is None:
        return tensor_scale(fmt, greatest_finite(lanes))
    return tensor_scale(fmt, greatest_finite(data([reference])))


def requantize_tensor(tensor: BlockTensor, fmt: BlockFormat, axes: int | Sequence[int] | None = None, random: Random = 0) -> BlockTensor:
    """The exact values of a tensor in another block format, or in blocks along other axes."""
    return quantize_tensor(fmt, tensor.decode(), axes, None, random)


def as_array(values: Any) -> Codes:
    """Nested sequences as an array of objects. ``RefmathError`` where they are ragged."""
    if isinstance(values, np.ndarray):
        return values.astype(object)
    shape = _shape(values)
    array = np.empty(shape, object)
    flat = array.reshape(-1)
    for at, leaf in enumerate(_leaves(values)):
        flat[at] = leaf
    return array


def _shape(values: Any) -> tuple[int, ...]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    inner = {_shape(part) for part in values}
    if len(inner) > 1:
        raise RefmathError("The rows of a tensor have the same length; these have not.")
    return (len(values), *(inner.pop() if inner else ()))


def _leaves(values: Any) -> list[Any]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return [values]
    return [leaf for part in values for leaf in _leaves(part)]
