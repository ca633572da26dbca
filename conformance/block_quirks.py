"""What functions that make blocks are known to get wrong, each as a change of a right result, by name: the words for it are in ``conformance.block_choices``."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.block_engine import ROUNDED_LOG2
from conformance.block_result import BlockResult, decoded
from conformance.claims import Codes
from conformance.rounded_logarithms import log2_rounds_up
from formats.arrays import convert, operate
from formats.block import BlockFormat, greatest_exponent, scaled
from formats.block_arrays import quantize_codes, quantize_under
from formats.block_orders import Scaling
from formats.block_policies import Logarithm
from formats.codebook import Codebook
from formats.family import Format
from formats.fixed import Fixed, integer
from formats.floats import Float
from formats.projection import AbsentNaN, Negatives, Projection
from formats.quantizer import Division
from formats.stepwise import BINARY32, ONE, over, rounded
from refmath.datum import Finite, Infinity, finite, rational
from refmath.overflow import Overflow
from refmath.reals import power_of_two
from refmath.rounding import Rounding

NORMAL = power_of_two(-126)
"""The least normal binary32 number."""
TINY = rounded(finite(mpq(1, 10**38)))
"""What some programs take in place of smaller divisors."""


SIGNED_ZERO = ("signed_zero", "signed_underflow")
"""Choices of functions that give values of elements without a negative zero: their zeros keep the sign of what they come from, -0 included or not."""

Quirk = Callable[[BlockFormat, Codes, Format, BlockResult], BlockResult]


def flushed(rows: Codes, source: Format) -> Codes:
    """Subnormal operands as zeros."""
    if not isinstance(source, Float) or source.least_normal is None:
        return rows
    magnitudes = rows & rows.dtype.type((1 << (source.width - 1)) - 1)
    return np.where(magnitudes < rows.dtype.type(source.least_normal), rows & rows.dtype.type(1 << (source.width - 1)), rows)


def underflows(fmt: BlockFormat, rows: Codes, source: Float, made: BlockResult) -> NDArray[np.bool_]:
    """Which values are zeros when they are divided in binary32 by their scale, of integers by their step: none of them exceeds half the least binary32 number, times that."""
    assert made.scales is not None
    step = rational(finite(fmt.element.value(1))) if isinstance(fmt.element, Fixed) else mpq(1)
    scales = np.repeat(made.scales.reshape(len(rows), -1), fmt.count or rows.shape[1], axis=1)[:, : rows.shape[1]]
    sizes, found = rows & rows.dtype.type((1 << (source.width - 1)) - 1), np.zeros(rows.shape, bool)
    for code in np.unique(scales).tolist():
        datum = fmt.scale.decode(code)
        if isinstance(datum, Finite) and datum.value:
            limit = rational(datum) * step * power_of_two(BINARY32.emin - BINARY32.trailing - 1)
            found |= (scales == code) & (sizes < rows.dtype.type(source.code_below(limit)[0] + 1))
    return found


def values_above(gives: Format, fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult, least: mpq, shift: int) -> BlockResult:
    """Values of blocks in which the power of two of amax is a binary32 number, and not below ``least``: for scales below that no code stands, others are infinite."""
    assert made.scales is not None
    out = decoded(fmt, gives, made, len(rows)).reshape(rows.shape)
    unit = power_of_two(shift - greatest_exponent(fmt.element))
    scale = finite(least * unit)
    scales = np.repeat(made.scales.reshape(len(rows), -1), fmt.count or rows.shape[1], axis=1)[:, : rows.shape[1]]
    for code in np.unique(scales).tolist():
        datum, here = fmt.scale.decode(code), scales == code
        if isinstance(datum, Finite) and rational(datum) >= power_of_two(128) * unit:
            out[here] = gives.nan()
        elif isinstance(datum, Finite) and rational(datum) < rational(scale):
            elements = quantize_under(fmt, Scaling(code, scale, Division.DIVIDE), rows[here], source)
            distinct, which = np.unique(elements, return_inverse=True)
            out[here] = np.array([gives.round(scaled(scale, fmt.element.decode(element))) for element in distinct.tolist()], out.dtype)[which]
    if fmt.policy.log2 is Logarithm.BINARY32 and source == BINARY32:
        first = (BINARY32.greatest() & ~((1 << BINARY32.trailing) - 1)) + int(log2_rounds_up(BINARY32)[-2])
        sizes = (rows & rows.dtype.type((1 << (source.width - 1)) - 1)).reshape(-1, fmt.count or rows.shape[1]).max(axis=1)
        infinite = np.repeat((sizes >= first) & (sizes <= BINARY32.greatest()), fmt.count or rows.shape[1]).reshape(rows.shape)
        out = np.where(infinite, np.uint64(gives.nan()), out)  # its logarithm is 128, and 2^128 is infinite
    return BlockResult(out)


def _under(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult, scaling: Callable[[int], Scaling | None]) -> BlockResult:
    """The elements of blocks anew, under what a code of a scale stands for by ``scaling``, where that is not None."""
    assert made.scales is not None
    elements, scales = made.elements.copy(), made.scales.reshape(len(rows), -1).copy()
    size = fmt.count or rows.shape[1]
    for code in np.unique(scales).tolist():
        found = scaling(code)
        if found is None:
            continue
        here = made.scales.reshape(len(rows), -1) == code
        lanes = np.repeat(here, size, axis=1)[:, : rows.shape[1]]
        elements[lanes] = quantize_under(fmt, found, rows[lanes], source)
        scales[here] = found.code
    return BlockResult(elements, scales, made.tensor)


def _normal_divisor(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Divides by 2^-126 where the scale is smaller."""

    def scaling(code: int) -> Scaling | None:
        datum = fmt.scale.decode(code)
        return Scaling(code, finite(NORMAL), Division.DIVIDE) if isinstance(datum, Finite) and 0 < rational(datum) < NORMAL else None

    return _under(fmt, rows, source, made, scaling)


def _tiny_divisor(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Multiplies by the reciprocal of 1e-38, all in binary32, where the scale is smaller."""

    def scaling(code: int) -> Scaling | None:
        datum = fmt.scale.decode(code)
        small = isinstance(datum, Finite) and isinstance(TINY, Finite) and rational(datum) < rational(TINY)
        return Scaling(code, over(ONE, TINY), Division.MULTIPLY) if small else None

    return _under(fmt, rows, source, made, scaling)


def _undivided(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Does not divide at all under the least scale."""
    least = fmt.scale.join(False, fmt.scale.least)
    return _under(fmt, rows, source, made, lambda code: Scaling(code, ONE, Division.DIVIDE) if code == least else None)


def _signed_maximum(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """The greatest value is taken for the greatest magnitude."""
    kind = rows.dtype.type
    negative = (rows >> kind(source.width - 1) != 0) & (rows & kind((1 << (source.width - 1)) - 1) <= kind(source.greatest()))
    rowwise = fmt if fmt.size else replace(fmt, size=(rows.shape[1],))
    seen = quantize_codes(rowwise, np.where(negative, kind(0), rows), source)
    out = made.elements.copy().reshape(rows.shape)
    size = fmt.count or rows.shape[1]
    scales = seen.scales.reshape(len(rows), -1)
    lanes_scale = np.repeat(scales, size, axis=1)[:, : rows.shape[1]]
    for code in np.unique(scales).tolist():
        here = lanes_scale == code
        out[here] = quantize_under(fmt, Scaling(code, fmt.scale.decode(code), Division.EXACT), rows[here], source)
    return BlockResult(out, scales, made.tensor)


def _zeros_lost(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Zeros times an infinite reciprocal are NaNs of negative sign, of which a cast without a NaN keeps the leading bits: -1.5 of E2M1."""
    if made.tensor is None or fmt.tensor is None:
        return made
    levels = [fmt.tensor.decode(int(code)) for code in np.asarray(made.tensor).reshape(-1)]
    infinite = np.array([isinstance(level, Finite) and isinstance(over(ONE, level), Infinity) for level in levels])
    zero = rows & rows.dtype.type((1 << (source.width - 1)) - 1) == 0
    lost = made.elements.dtype.type(fmt.element.round(mpq(-3, 2)))
    return BlockResult(np.where(zero & infinite[:, None], lost, made.elements), made.scales, made.tensor)


def _elements_flushed(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Subnormal elements become zeros of their sign."""
    element = fmt.element
    if not isinstance(element, Float) or element.least_normal is None or not element.has_zero:
        return made
    sign = made.elements.dtype.type(1 << (element.width - 1)) if element.signed else made.elements.dtype.type(0)
    magnitudes = made.elements & ~sign
    return BlockResult(np.where(magnitudes < made.elements.dtype.type(element.least_normal), made.elements & sign, made.elements), made.scales, made.tensor)


def _half_up(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """A value next below half the least element becomes that: half a step is added in the operand's precision, which rounds up there."""
    if made.scales is None or not fmt.element.has_zero or not isinstance(source, Float):
        return made
    elements, kind = made.elements.copy(), rows.dtype.type
    scales = np.repeat(made.scales.reshape(len(rows), -1), fmt.count or rows.shape[1], axis=1)[:, : rows.shape[1]]
    after = np.where(rows & kind((1 << source.width - 1) - 1) < kind(source.greatest()), rows + kind(1), rows)
    zeros = np.array([fmt.element.zero(), fmt.element.zero(True)], elements.dtype)
    ways = [replace(fmt, policy=replace(fmt.policy, rounding=mode)) for mode in (Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO)]
    for code in np.unique(scales).tolist():
        here, datum = scales == code, fmt.scale.decode(code)
        if isinstance(datum, Finite):
            up, down = (quantize_under(way, Scaling(code, datum, Division.DIVIDE), after[here], source) for way in ways)
            elements[here] = np.where((up != down) & np.isin(down, zeros), up, elements[here])
    return BlockResult(elements, made.scales, made.tensor)


def _unsigned_zero(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Every zero element is positive."""
    if not fmt.element.has_negative_zero:
        return made
    kind = made.elements.dtype.type
    return BlockResult(np.where(made.elements == kind(fmt.element.zero(True)), kind(fmt.element.zero()), made.elements), made.scales, made.tensor)


def _summed(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """A value is added to six times its scale in binary32, so that its last bits can be cut; what that sum loses is lost before it is rounded."""
    if source != BINARY32 or made.scales is None:
        return made
    elements = made.elements.copy()
    scales = np.repeat(made.scales.reshape(len(rows), -1), fmt.count or rows.shape[1], axis=1)[:, : rows.shape[1]]
    for code in np.unique(scales).tolist():
        datum, here = fmt.scale.decode(code), scales == code
        base = BINARY32.round(6 * rational(datum)) if isinstance(datum, Finite) else BINARY32.infinity()
        if base == BINARY32.infinity():
            elements[here] = fmt.element.limit(True)  # infinity less infinity, a NaN whose sign is set on most processors, is cut to the greatest
            continue
        bases = np.full(int(here.sum()), base, np.uint32)
        values = operate("subtract", BINARY32, (operate("add", BINARY32, (rows[here], bases))[0], bases))[0]
        elements[here] = quantize_under(fmt, Scaling(code, datum, Division.DIVIDE), values, source)
    return BlockResult(elements, made.scales, made.tensor)


def summed_with_zero(fmt: BlockFormat, rows: Codes, values: Codes) -> Codes:
    """The same of binary32 values in blocks of subnormal ones: the exponent field of the greatest is that of zero, and they are rounded as they stand."""
    assert isinstance(fmt.element, Float)
    kind, cut = rows.dtype.type, BINARY32.trailing - 1 - fmt.element.trailing
    sizes = rows & kind((1 << 31) - 1)
    added = {Rounding.TOWARD_ZERO: 0, Rounding.AWAY_FROM_ZERO: (1 << cut) - 1}.get(fmt.policy.rounding, 1 << (cut - 1))
    moved = np.where(sizes == 0, kind(0), rows) + kind(added) & ~kind((1 << cut) - 1)
    greatest = kind((1 << BINARY32.trailing) - (2 << cut))
    moved = np.where(moved & kind(BINARY32.infinity()) != 0, moved & kind(1 << 31) | greatest, moved)
    small = sizes.max(axis=1, keepdims=True) < kind(1 << BINARY32.trailing)
    return np.where(small, moved.astype(values.dtype), values)


def _looked_up(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Scaled values x are looked up: (x + 1) 32767.5 + 1/2, computed and cut in binary32, counts steps of 2/65535 from -1, and the element is that of the step; NaN counts as none."""
    if made.scales is None or not isinstance(fmt.element, Codebook):
        return made
    scales = np.repeat(made.scales.reshape(len(rows), -1), fmt.count or rows.shape[1], axis=1)[:, : rows.shape[1]]
    one, steps, half = (BINARY32.round(x) for x in (mpq(1), mpq(65535, 2), mpq(1, 2)))
    inverse = operate("reciprocal", BINARY32, (scales.astype(np.uint32),))[0]
    values = operate("multiply", BINARY32, (convert(rows, source, BINARY32)[0], inverse))[0]
    for name, constant in (("add", one), ("multiply", steps), ("add", half)):
        values = operate(name, BINARY32, (values, np.full_like(values, constant)))[0]
    index = convert(values, BINARY32, UINT16, CUT)[0]
    return BlockResult(_table(fmt.element)[index].astype(made.elements.dtype), made.scales, made.tensor)


UINT16 = integer(16, signed=False)
CUT = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.LIMIT)


@lru_cache(maxsize=4)
def _table(element: Codebook) -> Codes:
    """The element nearest to each of 65,536 equal steps from -1 to 1."""
    return np.array([element.round(mpq(2 * i, 65535) - 1) for i in range(1 << 16)], np.uint16)


LEAST = {f"least_{text}": mpq(BINARY32.exact(BINARY32.round(mpq(text)))) for text in ("1e-12", "1e-10", "1e-8")}
"""Quirks by which the power of two of amax is not below a binary32 number."""


def _zeros_by_value(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """The two codes of zero stand beside each other in a sorted list: values that are positive when they are scaled get the second, others the first."""
    element, kind = fmt.element, made.elements.dtype.type
    if not element.has_negative_zero or made.scales is None:
        return made
    scales = np.repeat(made.scales.reshape(len(rows), -1), fmt.count or rows.shape[1], axis=1)[:, : rows.shape[1]]
    divisors = np.maximum(scales, scales.dtype.type(BINARY32.round(TINY)))
    inverse = operate("reciprocal", BINARY32, (divisors,))[0]
    quotients = operate("multiply", BINARY32, (convert(rows, source, BINARY32)[0], inverse))[0]
    positive = (quotients > 0) & (quotients <= np.uint32(BINARY32.infinity()))
    first, second = kind(element.zero()), kind(element.zero(True))
    zero = np.isin(made.elements, [first, second])
    return BlockResult(np.where(zero, np.where(positive, second, first), made.elements), made.scales, made.tensor)


SHIFTS = {"scale_up": 1, "scale_down": -1, "log2_binary64": ROUNDED_LOG2}
"""Quirks by which scales are a power of two away."""
QUIRKS: Mapping[str, Quirk] = {
    "normal_divisor": _normal_divisor,
    "undivided": _undivided,
    "tiny_divisor": _tiny_divisor,
    "signed_maximum": _signed_maximum,
    "zeros_lost": _zeros_lost,
    "elements_flushed": _elements_flushed,
    "summed": _summed,
    "half_up": _half_up,
    "unsigned_zero": _unsigned_zero,
    "zeros_by_value": _zeros_by_value,
    "looked_up": _looked_up,
}
