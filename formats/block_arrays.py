"""Many blocks at once, from an array of codes: by the array engine where quotients are exact, by monotone filling elsewhere.

Scales come from the scalar reference in every case, once for each amax that occurs. Then:

- Where values are divided exactly by a power of two 2^e, dividing is not computed at all: the codes are read in the source format with its bias raised by e, and
  converted by the array engine.
- Elsewhere the element is a monotone function of the value as long as the scale stays. Among the values under one scale, in order, the reference is asked at the ends of a
  run only; where both agree, all between agree.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formats.arrays import Codes, convert, dtype, has_engine
from formats.block import BlockFormat
from formats.block_layout import Layout, layout
from formats.block_orders import Scaling, TensorScale
from formats.block_quantize import Random, choose, element_format, element_projection, elements
from formats.block_tensor import BlockTensor, level_of, quantize_tensor
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.quantizer import Division
from refmath.datum import Datum, Finite
from refmath.reals import Real, power_of_two, rational_floor_log2


def quantize_codes(
    fmt: BlockFormat,
    codes: Codes,
    source: Format,
    axes: int | Sequence[int] | None = None,
    reference: Any = None,
    random: NDArray[Any] | int = 0,
) -> BlockTensor:
    """The blocks that a tensor of codes of ``source`` becomes. ``random``: the random operand of a stochastic mode, one for all or one each.

    As ``quantize_tensor`` of the decoded values, to the bit.
    """
    flat = np.ascontiguousarray(codes).reshape(-1)
    where = layout(codes.shape, fmt.size, axes)
    if not _fast(fmt, source):
        draws: Random = random if isinstance(random, int) else random.reshape(-1).tolist()
        values = np.empty(len(flat), object)
        values[:] = [source.decode(code) for code in flat.tolist()]
        return quantize_tensor(fmt, values.reshape(codes.shape), axes, reference, draws)
    order = magnitude_codes(flat, source)
    level = level_of(fmt, [source.decode(int(flat[at])) for at in _greatest(order, flat, source)], reference)
    scalings, which = _scalings(fmt, where, flat, order, source, level)
    each = np.empty(len(flat), np.int64)
    each[where.indices[where.indices >= 0]] = np.broadcast_to(which[:, None], where.indices.shape)[where.indices >= 0]
    out = np.empty(len(flat), dtype(fmt.element))
    draws_array = np.broadcast_to(np.asarray(random, np.uint64).reshape(-1) if np.ndim(random) else np.asarray([random], np.uint64), flat.shape)
    for number, members in _groups(each, len(scalings)):
        out[members] = _elements(fmt, scalings[number], flat[members], order[members], source, draws_array[members])
    scales = np.array([scaling.code for scaling in scalings], dtype(fmt.scale))[which]
    return BlockTensor(fmt, where, scales.reshape(where.grid), out.reshape(where.shape), level.code)


def _fast(fmt: BlockFormat, source: Format) -> bool:
    """Whether the source has codes in the order of its magnitudes, and draws are few enough for the array engine."""
    stochastic = fmt.policy.rounding.stochastic
    return has_engine(source) and not (stochastic and (fmt.policy.division is not Division.EXACT or not fmt.policy.bits))


def magnitude_codes(codes: Codes, source: Format) -> NDArray[np.uint64]:
    """The magnitude codes of an array of codes; infinities and NaNs have greater ones than any number."""
    wide = codes.astype(np.uint64)
    sign = np.uint64(1 << (source.width - 1))
    if isinstance(source, Fixed):
        mask = np.uint64((1 << source.width) - 1)
        return np.where(wide & sign != 0, (np.uint64(0) - wide) & mask, wide) if source.signed else wide
    return wide & ~sign if source.signed else wide


def _greatest(order: NDArray[np.uint64], codes: Codes, source: Format) -> list[int]:
    """Where the greatest finite magnitude stands; nowhere without numbers."""
    finite = _finite(order, codes, source)
    return [int(np.argmax(np.where(finite, order + np.uint64(1), np.uint64(0))))] if finite.any() else []


def _finite(order: NDArray[np.uint64], codes: Codes, source: Format) -> NDArray[np.bool_]:
    if isinstance(source, Fixed):
        return np.ones(len(order), bool)
    finite = order <= np.uint64(source.greatest())
    if source.signed and source.has_zero and not source.has_negative_zero:
        finite &= codes.astype(np.uint64) != np.uint64(1 << (source.width - 1))
    return finite


def _scalings(
    fmt: BlockFormat, where: Layout, flat: Codes, order: NDArray[np.uint64], source: Format, level: TensorScale
) -> tuple[list[Scaling], NDArray[np.int64]]:
    """The different scalings, and which one each block has. A block is known by its greatest finite magnitude and the specials beside it."""
    finite = _finite(order, flat, source)
    inside = where.indices >= 0
    numbers = np.where(inside & finite[where.indices], order[where.indices] + np.uint64(1), np.uint64(0))
    top = numbers.argmax(axis=1)
    rows = np.arange(len(top))
    special = np.zeros(len(top), np.int64)
    nan, infinite = _special_codes(flat, finite, source)
    for bit, found in ((1, nan), (2, infinite)):
        special |= bit * (inside & found[where.indices]).any(axis=1)
    key = np.stack([numbers[rows, top].astype(np.uint64), special.astype(np.uint64)], axis=1)
    _, first, which = np.unique(key, axis=0, return_index=True, return_inverse=True)
    scalings: dict[tuple[int, object, Division], int] = {}
    numbering = []
    for row in first.tolist():
        lanes = _representatives(where.indices[row], int(top[row]), flat, finite, source)
        found_scaling = choose(fmt, lanes, level)
        numbering.append(scalings.setdefault((found_scaling.code, found_scaling.operand, found_scaling.how), len(scalings)))
    unique = [Scaling(code, operand, how) for code, operand, how in scalings]  # type: ignore[arg-type]
    return unique, np.array(numbering, np.int64)[which.reshape(-1)]


def _special_codes(flat: Codes, finite: NDArray[np.bool_], source: Format) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the NaNs and where the infinities are."""
    infinite = np.zeros(len(flat), bool)
    if source.has_infinity:
        infinite = flat == source.infinity()
        if source.signed:
            infinite |= flat == source.infinity(True)
    return ~finite & ~infinite, infinite


def _representatives(places: NDArray[np.int64], top: int, flat: Codes, finite: NDArray[np.bool_], source: Format) -> list[Datum]:
    """The values of a block that its scale depends on: the greatest number, and the specials."""
    inside = places[places >= 0]
    chosen = {int(places[top])} | set(inside[~finite[inside]].tolist())
    return [source.decode(int(flat[at])) for at in sorted(chosen)]


def _groups(each: NDArray[np.int64], count: int) -> list[tuple[int, NDArray[np.int64]]]:
    """The places of each number from 0 to count - 1, those without places left out."""
    by_number = np.argsort(each, kind="stable")
    starts = np.searchsorted(each[by_number], np.arange(count + 1))
    return [(number, by_number[starts[number] : starts[number + 1]]) for number in range(count) if starts[number] < starts[number + 1]]


def _elements(fmt: BlockFormat, scaling: Scaling, codes: Codes, order: NDArray[np.uint64], source: Format, random: NDArray[np.uint64]) -> Codes:
    """The element codes of values under one scale."""
    exponent = _exponent(scaling)
    target = element_format(fmt.element, fmt.policy.integers)
    if exponent is not None and has_engine(target) and has_engine(_shifted(source, exponent)):
        return convert(codes, _shifted(source, exponent), target, element_projection(fmt), random)[0]
    if fmt.policy.rounding.stochastic:
        values = [source.decode(code) for code in codes.tolist()]
        return np.array(elements(fmt, values, scaling, random.tolist()), dtype(fmt.element))
    finite = _finite(order, codes, source)
    out = np.empty(len(codes), dtype(fmt.element))

    def element(code: int) -> int:
        return elements(fmt, [source.decode(code)], scaling)[0]

    out[finite] = monotone(codes[finite], order[finite], source, element, out.dtype)
    out[~finite] = [element(code) for code in codes[~finite].tolist()]
    return out


def quantize_under(fmt: BlockFormat, scaling: Scaling, codes: Codes, source: Format) -> Codes:
    """The element codes of an array of codes under a scale that is given, whatever its values ask for."""
    flat = np.ascontiguousarray(codes).reshape(-1)
    if not has_engine(source):
        return np.array(elements(fmt, [source.decode(code) for code in flat.tolist()], scaling), dtype(fmt.element)).reshape(np.shape(codes))
    order = magnitude_codes(flat, source)
    return _elements(fmt, scaling, flat, order, source, np.zeros(len(flat), np.uint64)).reshape(np.shape(codes))


def _exponent(scaling: Scaling) -> int | None:
    """e where the values are divided exactly by 2^e."""
    operand = scaling.operand
    if scaling.how is not Division.EXACT or not isinstance(operand, Finite) or isinstance(operand.value, Real) or operand.value <= 0:
        return None
    e = rational_floor_log2(operand.value)
    return e if operand.value == power_of_two(e) else None


def _shifted(source: Format, exponent: int) -> Format:
    """The format whose codes mean 2^-exponent times what those of ``source`` mean."""
    if isinstance(source, Fixed):
        return replace(source, fraction_bits=source.fraction_bits + exponent)
    assert isinstance(source, Float)
    return replace(source, bias=source.bias + exponent, default=source.default)


def monotone(codes: Codes, order: NDArray[np.uint64], source: Format, function: Callable[[int], int], kind: np.dtype[Any]) -> Codes:
    """A monotone function of numbers, on each side of zero, applied to their codes: asked at the ends of runs only. ``order``: their magnitude codes."""
    unique, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    out = np.empty(len(unique), kind)
    negative = unique.astype(np.uint64) >> np.uint64(source.width - 1) != 0 if source.signed else np.zeros(len(unique), bool)
    ascending = np.argsort(order[first], kind="stable")
    for side in (False, True):
        _fill(ascending[negative[ascending] == side], unique, out, function)
    return out[inverse.reshape(-1)]


def _fill(places: NDArray[np.int64], unique: Codes, out: Codes, function: Callable[[int], int]) -> None:
    """Fill ``out`` at ``places``, along which the function is monotone."""
    answers: dict[int, int] = {}

    def at(i: int) -> int:
        if i not in answers:
            answers[i] = function(int(unique[places[i]]))
        return answers[i]

    pending = [(0, len(places) - 1)] if len(places) else []
    while pending:
        low, high = pending.pop()
        if at(low) == at(high):
            out[places[low : high + 1]] = at(low)
        elif high - low == 1:
            out[places[low]], out[places[high]] = at(low), at(high)
        else:
            middle = (low + high) // 2
            pending += [(low, middle), (middle, high)]
