"""Blocks in the sense of P3109, interim report v4.0 section 5: everything exact in the closed extended reals, and one projection for each result.

A block decodes to Zi = s Xi, where 0 times infinity is NaN. An operation on blocks decodes, computes exactly, divides by the scale of the result and projects; an
operation with scales on single numbers is the same on blocks of one.
"""

from collections.abc import Sequence
from dataclasses import replace

from formats.block import Block, BlockFormat, decode
from formats.block_notation import standard_policy
from formats.block_quantize import Random, over_scale, quantize
from formats.family import Format
from formats.projection import Projection
from refmath.datum import ZERO, Datum
from refmath.errors import RefmathError
from refmath.operations import Environment, apply, find
from refmath.operations.environment import Dialect
from refmath.operations.operation import Kind
from refmath.rounding import RandomSource

ENVIRONMENT = Environment(Dialect.P3109)


def convert_to_block_max_abs_finite(
    values: Sequence[object],
    element: Format,
    scale: Format,
    element_projection: Projection | None = None,
    scale_projection: Projection | None = None,
    random: Random = 0,
) -> Block:
    """ConvertToBlockMaxAbsFinite: s = Project(max over finite |Xi|), elements Project(Xi / s).

    The projections give the rounding and the saturation; by default those of the formats. Errors: as ``quantize``.
    """
    how, scaling = element_projection or element.default, scale_projection or scale.default
    policy = replace(
        standard_policy(element, scale),
        rounding=how.rounding,
        bits=how.bits,
        overflow=how.overflow,
        scale_rounding=scaling.rounding,
        scale_overflow=scaling.overflow,
    )
    fmt = BlockFormat(f"blocks of {element.name}", element, scale, (), None, policy)
    return quantize(fmt, values, None, random)


def block_dot_product(a: Block, b: Block, to: Format, projection: Projection | None = None, random: int | RandomSource = 0) -> int:
    """BlockDotProduct: exact products, the exact left fold of their sum from 0, one projection into ``to``."""
    if len(a.elements) != len(b.elements):
        raise RefmathError(f"Blocks of {len(a.elements)} and {len(b.elements)} elements have no dot product; give blocks of the same length.")
    partial: Datum = ZERO
    for x, y in zip(decode(a), decode(b), strict=True):
        product = exactly("multiply", x, y)
        partial = exactly("add", partial, product)
    return to.round(partial, projection, random)


def block_operation(name: str, blocks: Sequence[Block], result: BlockFormat, scale: int, projection: Projection | None = None, random: Random = 0) -> Block:
    """An operation on blocks of the same length, element by element, into the elements of a block with a scale that is given.

    ``scale``: its code in the scale format of ``result``. Errors: ``RefmathError`` for blocks of unlike length, and for an operation that delivers no number.
    """
    op = find(name)
    lengths = {len(block.elements) for block in blocks}
    if len(lengths) != 1:
        raise RefmathError(f"{op.name} needs blocks of the same length, at least one; give it such.")
    if op.kind is not Kind.NUMBER:
        raise RefmathError(f"{op.name} delivers no number; its answers are not the elements of a block.")
    divisor, how = result.scale.decode(scale), projection or result.element.default
    lanes = [over_scale(exactly(op.name, *operands), divisor) for operands in zip(*(decode(block) for block in blocks), strict=True)]
    draws = random if isinstance(random, Sequence) else [random] * len(lanes)
    return Block(result, scale, tuple(result.element.round(x, how, draw) for x, draw in zip(lanes, draws, strict=True)))


def exactly(name: str, *operands: Datum) -> Datum:
    """The exact result of an operation in the closed extended reals."""
    answer, _ = apply(find(name), ENVIRONMENT, operands)
    assert not isinstance(answer, bool | str)
    return answer
