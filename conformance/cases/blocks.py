"""Blocks to try.

Each has a greatest magnitude amax that was chosen: significands at, just below and just above every place where a scale rule changes its mind (powers of two,
the greatest element, the rounding threshold of the elements, those of the scale format), at exponents in the middle, at both ends of the scale's range, among subnormals and
just below overflow. Its other lanes are ties of elements under the scale that the format gives, their neighbours, zeros of both signs, subnormals and random values.
Then blocks of zeros, of subnormals, with infinities and NaNs; blocks that are zero but for their first lanes, for layouts that cut the last block short; and random ones, from a seed.
"""

from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from gmpy2 import mpq

from conformance.cases.landmarks import scattered
from conformance.claims import Codes
from conformance.problem import Cases
from formats.arrays import dtype
from formats.block import BlockFormat, greatest_element, greatest_exponent, precision
from formats.block_arrays import quantize_codes
from formats.family import Format
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Finite, Infinity, rational
from refmath.overflow import Overflow
from refmath.reals import power_of_two, rational_floor_log2
from refmath.rounding import Rounding

NEAREST = Projection(overflow=Overflow.SATURATE_FINITE)
DOWN = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE)
CHOSEN = 700
"""Blocks that are built around a chosen amax, at most."""
SHORT = 5
"""Lanes of a block that stands for one that was cut short."""


@lru_cache(maxsize=8)
def block_cases(fmt: BlockFormat, source: Format, whole: bool, seed: int, samples: int, most: int | None) -> Cases:
    """Rows of codes of ``source``, a block each, or a tensor of two blocks where ``whole``; the second operand numbers them."""
    assert isinstance(source, Float)
    size = fmt.count or 32
    length = 2 * size if whole and fmt.size else size
    budget = min(most or 1 << 30, max(96, samples // 24) if whole else max(256, samples // 8))
    rng = np.random.Generator(np.random.PCG64([seed, source.width, fmt.element.width, size]))
    special = _special(fmt, source, length)
    tops = _tops(fmt, source)
    tops = rng.permutation(tops)[: min(CHOSEN, budget // 2)] if len(tops) > min(CHOSEN, budget // 2) else tops
    chosen = np.concatenate([special, np.stack([_around(fmt, source, top, length, rng) for top in tops.tolist()])])
    count = max(32, budget - len(chosen))
    rows = np.concatenate([chosen, _random(source, count, length, rng)]).astype(dtype(source))
    if not whole:  # whole tiles, so that a model may take blocks along the other axis
        spare = -len(rows) % length
        rows = np.concatenate([rows, _random(source, spare, length, rng).astype(dtype(source))])
    return Cases((rows, np.arange(len(rows), dtype=np.int64)), False, len(chosen), len(rows) - len(chosen))


def _tops(fmt: BlockFormat, source: Float) -> Codes:
    """The codes of the greatest magnitudes to try."""
    values = [a * power_of_two(b) for a, b in product(_significands(fmt), _exponents(fmt, source))]
    values += [v * greatest_element(fmt.element) for v in _scale_thresholds(fmt.scale)]
    codes: set[int] = set()
    for value in values:
        code = source.round(value, DOWN)
        codes.update(c for c in (code - 1, code, code + 1) if 0 < c <= source.greatest())
    codes.update(source.round(power_of_two(k), DOWN) - d for k in range(-148, 128, 5) for d in (1, 2))
    codes = {c for c in codes if 0 < c <= source.greatest()}
    return np.array(sorted(codes), dtype(source))


def _significands(fmt: BlockFormat) -> list[mpq]:
    """In [1, 2): 1, the greatest element, the threshold of the rule even, and some between."""
    greatest, p = greatest_element(fmt.element), precision(fmt.element)
    return [
        mpq(1),
        greatest / power_of_two(greatest_exponent(fmt.element)),
        2 - power_of_two(-p),
        2 - power_of_two(1 - p),
        *(mpq(x) / 40 for x in (41, 61, 70)),
        mpq(5, 3),
    ]


def _exponents(fmt: BlockFormat, source: Float) -> list[int]:
    """Of amax: in the middle, where the scale leaves its range at either end, among subnormals of the source, and just below overflow."""
    emax = greatest_exponent(fmt.element)
    low = rational_floor_log2(mpq(fmt.scale.value(fmt.scale.least))) + emax
    high = rational_floor_log2(greatest_element(fmt.scale)) + emax
    least, most = rational_floor_log2(mpq(source.value(source.least))), rational_floor_log2(mpq(source.value(source.greatest())))
    near = {-1, 0, 1, 2, 7, -20, 40, *range(low - 2, low + 3), *range(high - 2, high + 2), least + 1, least + 3, least + 20, most, most - 1, -126, -127, -125}
    return sorted(e for e in near if least <= e <= most)


def _scale_thresholds(scale: Format) -> list[mpq]:
    """Values and midpoints of a narrow scale format with significands of its own."""
    if not isinstance(scale, Float) or scale.precision == 1 or scale.width > 8:
        return []
    codes = range(scale.least, scale.greatest(), 3)
    return [mpq(scale.value(2 * code + half, 1)) for code in codes for half in (0, 1)]


def _around(fmt: BlockFormat, source: Float, top: int, length: int, rng: np.random.Generator) -> Codes:
    """A row whose greatest magnitude is a code, at a random place and with a random sign."""
    limit = rational(source.decode(top))  # type: ignore[arg-type]
    lanes = [_lane(source, value) for value in rng.permutation(_ties(fmt, source, top)).tolist()]
    lanes = [code for code in lanes if code <= top][: length // 2]
    lanes += [max(0, code + d) for code in lanes[: length // 8] for d in (-1, 1) if code + d <= top]
    lanes += [0, source.least, min(top, 3)]
    while len(lanes) < length - 1:
        lanes.append(source.round(limit * int(rng.integers(0, 1 << 20)) * power_of_two(-20 - int(rng.integers(0, 12))), DOWN))
    row = rng.permutation(np.array([top, *lanes[: length - 1]], np.uint64))
    return np.asarray(row | (rng.integers(0, 2, length, np.uint64) << np.uint64(source.width - 1)))


def _lane(source: Float, value: Any) -> int:
    return source.round(value, NEAREST)


@lru_cache(maxsize=64)
def _midpoints(element: Format) -> tuple[mpq, ...]:
    """Values and midpoints of the elements, positive."""
    top = element.greatest()
    codes = range(top) if top <= 32 else sorted({*range(8), *range(0, top, top // 24), top - 1, top - 2})
    found = [mpq(element.value(2 * code + 1, 1)) for code in codes] + [mpq(element.value(code)) for code in codes]
    return tuple(value for value in found if value > 0)


@lru_cache(maxsize=1024)
def _ties(fmt: BlockFormat, source: Float, top: int) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """The ties and values of the elements under the scale of an amax, exactly."""
    made = quantize_codes(fmt, np.array([[top]], dtype(source)), source, (0, 1) if len(fmt.size) == 2 else None)
    scale = fmt.scale.decode(int(made.scales.reshape(-1)[0]))
    unit = rational(scale) if isinstance(scale, Finite) and scale.value else mpq(1)
    if made.tensor is not None and fmt.tensor is not None and isinstance(level := fmt.tensor.decode(made.tensor), Finite) and level.value:
        unit *= rational(level)
    out = np.empty(len(_midpoints(fmt.element)), object)
    out[:] = [value * unit for value in _midpoints(fmt.element)]
    return out


def _special(fmt: BlockFormat, source: Float, length: int) -> Codes:
    """Blocks of zeros, of subnormals, with infinities and NaNs, and short ones."""
    sign = 1 << (source.width - 1)
    one, least, greatest = source.round(mpq(1)), source.least, source.greatest()
    half, three = source.round(mpq(3, 4)), source.round(mpq(3))
    heads: list[list[int]] = [
        [0], [sign], [0, sign], [least], [sign | least, 0], [least + 2, sign | 5], [one, sign, 0], [sign | one, half],
        [greatest, one], [sign | greatest, greatest, half], [three, sign | one, half, one, three],
        [one] * SHORT, [sign | half, three], [half, source.round(mpq(5, 3)), sign | source.round(mpq(1, 3))],
    ]  # fmt: skip
    if source.has_infinity:
        infinity = source.infinity()
        heads += [[infinity], [sign | infinity, one], [infinity, sign | infinity, half], [one, infinity, greatest], [infinity, least]]
    if source.has_nan:
        nan = source.nan()
        heads += [[nan], [one, nan], [sign | nan, three, half], [nan, 0, sign], [three, greatest, nan]]
        if source.has_infinity:
            heads += [[nan, source.infinity()], [one, sign | source.infinity(), nan], [source.infinity() | 1, one]]
    rows = np.zeros((2 * len(heads), length), np.uint64)
    for at, head in enumerate(heads):
        rows[2 * at, : len(head)] = head
        filled = (head * length)[:length] if len(head) > 1 or isinstance(source.decode(head[0]), Infinity) else [head[0]] * length
        rows[2 * at + 1] = filled
    return rows


def _random(source: Float, count: int, length: int, rng: np.random.Generator) -> Codes:
    """Rows of random values: a third of any codes, the others within some binades of an exponent of their own."""
    rows = scattered(source, count * length, rng).reshape(count, length).astype(np.uint64)
    sign, trailing = np.uint64(1 << (source.width - 1)), np.uint64(source.trailing)
    top = rng.integers(1, (1 << source.exponent_bits) - 1, (count, 1)).astype(np.int64)
    exponents = np.maximum(top - rng.geometric(0.35, (count, length)), 0).astype(np.uint64)
    near = (rows & sign) | (exponents << trailing) | (rows & np.uint64((1 << source.trailing) - 1))
    return np.asarray(np.where((np.arange(count) % 3 == 0)[:, None], rows, near))
