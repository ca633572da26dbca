"""From values to blocks: choose the scale, divide, round the elements.

Every quotient is exact and rounded once, into the element format, unless the policy of the format says that it is computed in binary32.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from gmpy2 import mpq

from formats.block import Block, BlockFormat, decode
from formats.block_orders import Scaling, TensorScale, block_scaling, tensor_scale
from formats.block_policies import Integers, Order
from formats.block_scale import greatest_finite, greatest_magnitude, scale_code
from formats.family import Format
from formats.fixed import Fixed
from formats.literals import datum_of
from formats.projection import Projection
from formats.quantizer import Division
from formats.stepwise import ONE, over, rounded, times
from refmath.algebra import divide
from refmath.datum import Datum, Finite, Infinity, NaN, finite, rational
from refmath.errors import RefmathError, quote
from refmath.rounding import RandomSource

Random = int | Sequence[int] | RandomSource
"""The random bits of a stochastic rounding: one number for all elements, one for each, or a source of them."""


def quantize(fmt: BlockFormat, values: Sequence[object], tensor: TensorScale | None = None, random: Random = 0) -> Block:
    """The block that values become: data, or exact numbers of Python, at most as many as the block size.

    ``tensor``: the scale of the tensor that the block belongs to; without it, in a two-level format, the block is the whole tensor.
    Errors: ``RefmathError`` for no values, for a value that is no number, and for a NaN that neither scale nor elements can express.
    """
    lanes = data(values)
    if tensor is None:
        tensor = tensor_scale(fmt, greatest_finite(lanes))
    scaling = choose(fmt, lanes, tensor)
    return Block(fmt, scaling.code, elements(fmt, lanes, scaling, random), tensor.code)


def requantize(block: Block, fmt: BlockFormat, random: Random = 0) -> Block:
    """The block of another format that the exact values of a block become."""
    return quantize(fmt, decode(block), None, random)


def data(values: Sequence[object]) -> tuple[Datum, ...]:
    """Values as data. ``RefmathError`` for one that is no number."""
    found = []
    for value in values:
        datum = datum_of(value)
        if datum is None:
            raise RefmathError(f"{quote(value)} is no value of a block; give a datum, or an exact number such as a Fraction.")
        found.append(datum)
    return tuple(found)


def choose(fmt: BlockFormat, lanes: Sequence[Datum], tensor: TensorScale) -> Scaling:
    """The scale of a block of those values, and what they are divided or multiplied by."""
    amax = greatest_magnitude(lanes, fmt.policy)
    if fmt.policy.order is not Order.EXACT:
        return block_scaling(fmt, tensor, rounded(amax))
    if tensor.code is None:
        code = scale_code(fmt, amax)
        return Scaling(code, *_divisor(fmt.scale.decode(code), fmt.policy.division))
    assert fmt.tensor is not None
    code = scale_code(fmt, _product(amax, tensor.encode))
    return Scaling(code, *_divisor(_product(fmt.scale.decode(code), fmt.tensor.decode(tensor.code)), fmt.policy.division))


def _product(x: Datum, y: Datum) -> Datum:
    if isinstance(x, Finite) and isinstance(y, Finite):
        return finite(rational(x) * rational(y))
    return NaN() if isinstance(x, NaN) or isinstance(y, NaN) else Infinity(False)


def _divisor(scale: Datum, how: Division) -> tuple[Datum, Division]:
    """What to divide or multiply by, and which; steps in binary32 begin with the scale as a binary32 number."""
    match how:
        case Division.EXACT:
            return scale, how
        case Division.DIVIDE:
            return rounded(scale), how
        case Division.MULTIPLY:
            return over(ONE, rounded(scale)), how


def elements(fmt: BlockFormat, lanes: Sequence[Datum], scaling: Scaling, random: Random = 0) -> tuple[int, ...]:
    """The codes of the elements. Under a scale that is a NaN they mean nothing, and are those of zero."""
    target, how = element_format(fmt.element, fmt.policy.integers), element_projection(fmt)
    if not isinstance(fmt.scale.decode(scaling.code), Finite | Infinity):
        blank = target.zero() if target.has_zero else target.join(False, target.least)
        return (blank,) * len(lanes)
    draws = random if isinstance(random, Sequence) else [random] * len(lanes)
    if len(draws) != len(lanes):
        raise RefmathError(f"{len(draws):,} random numbers for {len(lanes):,} values are impossible; give one for each, or one for all.")
    return tuple(target.round(divided(x, scaling), how, draw) for x, draw in zip(lanes, draws, strict=True))


def divided(x: Datum, scaling: Scaling) -> Datum:
    """A value over its scale, before it is rounded into the element format. A zero stays one, also where the steps would multiply it by an infinity."""
    if isinstance(x, Finite) and not x.value and isinstance(scaling.operand, Finite | Infinity):
        return x
    match scaling.how:
        case Division.EXACT:
            return over_scale(x, scaling.operand)
        case Division.DIVIDE:
            return over(rounded(x), scaling.operand)
        case Division.MULTIPLY:
            return times(rounded(x), scaling.operand)


def over_scale(x: Datum, scale: Datum) -> Datum:
    """x / scale, exactly, in the closed extended reals: P3109 section 5, which alone has scales that are zero or infinite."""
    if not isinstance(x, Finite | Infinity) or not isinstance(scale, Finite | Infinity):
        return NaN()
    if isinstance(scale, Infinity):
        if isinstance(x, Finite) and not x.value:
            return x
        return finite(mpq(-1 if x.negative != scale.negative else 1))
    if not scale.value:
        return Finite(mpq(0), x.negative)
    if isinstance(x, Infinity):
        return Infinity(x.negative != scale.negative)
    return Finite(divide(x.value, scale.value), x.negative != scale.negative)


@lru_cache(maxsize=256)
def element_projection(fmt: BlockFormat) -> Projection:
    """How elements are rounded."""
    p = fmt.policy
    return replace(fmt.element.default, rounding=p.rounding, bits=p.bits, overflow=p.overflow, absent_nan=p.absent_nan)


@lru_cache(maxsize=256)
def element_format(element: Format, integers: Integers) -> Format:
    """The format that elements are rounded into: without the most negative integer where the range is symmetric."""
    if integers is Integers.SYMMETRIC and isinstance(element, Fixed) and element.signed:
        return replace(element, symmetric=True)
    return element
