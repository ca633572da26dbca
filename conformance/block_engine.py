"""Blocks by the reference, for many policies on the same values: what two policies have in common is computed once.

Scales depend on amax, on the specials of a block and on some of the policies; elements on the values, the scale and the others. An explanation tries hundreds of policies
on the same blocks, most of which change the scale of a few of them, or none.
"""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from gmpy2 import mpq

from conformance.claims import Codes
from formats.arithmetic import operation
from formats.arrays import convert, dtype, operate
from formats.block import BlockFormat
from formats.block_arrays import quantize_under
from formats.block_orders import Scaling, TensorScale, tensor_scale
from formats.block_policies import Policy
from formats.block_quantize import choose, element_format, element_projection
from formats.codebook import Codebook
from formats.floats import Float, ieee
from formats.quantizer import Division
from formats.runs import Runs, runs
from formats.stepwise import BINARY32, ONE
from refmath.datum import Datum, Finite, Infinity, NaN, finite, rational
from refmath.reals import power_of_two, rational_floor_log2

ROUNDED_LOG2 = 1 << 20
"""In place of a shift: log2 of amax is taken in binary64."""
BINARY64 = ieee(64)


class Engine:
    """Quantizes rows of codes of ``source``, a block or a tensor each, and remembers."""

    def __init__(self, source: Float) -> None:
        self.source = source
        self.sign = 1 << (source.width - 1)
        self.kinds: dict[tuple[object, ...], int] = {}
        self.levels: dict[tuple[int, int], TensorScale] = {}
        self.choices: dict[tuple[object, ...], int] = {}
        self.scalings: list[Scaling] = []
        self.places: dict[Scaling, int] = {}
        self.elements: dict[tuple[bytes, int, int], Codes] = {}

    def quantize(self, fmt: BlockFormat, rows: Codes, whole: bool, shift: int = 0, rounded_thresholds: bool = False) -> tuple[Codes, Codes, Codes | None]:
        """The codes of scales (rows, blocks), of elements (shape of ``rows``), and of tensor scales where ``whole`` rows have one.

        ``shift``: a power of two by which amax is multiplied before a scale is chosen.
        """
        size = fmt.count or rows.shape[1]
        blocks = rows.reshape(-1, size)
        tops, flags = self.tops(blocks)
        per_row = rows.shape[1] // size
        kind = self.kind((_scale_key(fmt.policy), fmt.element, fmt.scale, fmt.tensor, shift))
        levels = self.levels_of(fmt, kind, tops.reshape(len(rows), per_row).max(axis=1)) if whole else [TensorScale(None, ONE)] * len(rows)
        pairs = zip(tops.tolist(), flags.tolist(), strict=True)
        chosen = [self.scaling(fmt, kind, top, flag, levels[at // per_row], shift) for at, (top, flag) in enumerate(pairs)]
        elements = self.elements_of(fmt, blocks, chosen, rounded_thresholds)
        scales = np.array([self.scalings[place].code for place in chosen], dtype(fmt.scale)).reshape(len(rows), per_row)
        tensor = None if fmt.tensor is None else np.array([level.code for level in levels], np.uint64)
        return scales, elements.reshape(rows.shape), tensor

    def kind(self, what: tuple[object, ...]) -> int:
        """A short name for what results depend on."""
        return self.kinds.setdefault(what, len(self.kinds))

    def tops(self, blocks: Codes) -> tuple[Codes, Codes]:
        """For each block the code of its greatest finite magnitude, and which specials it has: 1 a NaN, 2 an infinity, 4 an infinity below zero."""
        kind = blocks.dtype.type
        magnitudes = blocks & kind(self.sign - 1)
        finite = magnitudes <= kind(self.source.greatest())
        infinite = magnitudes == kind(self.source.infinity()) if self.source.has_infinity else np.zeros(blocks.shape, bool)
        nan = ~finite & ~infinite
        flags = nan.any(axis=1) + 2 * infinite.any(axis=1) + 4 * (infinite & (blocks != magnitudes)).any(axis=1)
        return np.where(finite, magnitudes, kind(0)).max(axis=1), flags

    def levels_of(self, fmt: BlockFormat, kind: int, tops: Codes) -> list[TensorScale]:
        """The tensor scale of each row."""
        for top in np.unique(tops).tolist():
            if (kind, top) not in self.levels:
                self.levels[kind, top] = tensor_scale(fmt, rational(self.value(top, 0)))
        return [self.levels[kind, top] for top in tops.tolist()]

    def value(self, top: int, shift: int) -> Finite:
        """A magnitude, times a power of two."""
        datum = self.source.decode(top)
        assert isinstance(datum, Finite)
        return finite(rational(datum) * power_of_two(shift))

    def by_rounded_log2(self, top: int) -> Finite:
        """The power of two that a magnitude is taken for where its log2, rounded to binary64, is that integer already."""
        exact = self.value(top, 0)
        logarithm = mpq(BINARY64.exact(operation("log2", self.source, to=BINARY64)(top).code))
        whole = int(logarithm.numerator // logarithm.denominator)
        return finite(power_of_two(whole)) if whole > rational_floor_log2(rational(exact)) else exact

    def scaling(self, fmt: BlockFormat, kind: int, top: int, flags: int, level: TensorScale, shift: int) -> int:
        """The scale of a block, by its place in the list of scalings."""
        key = kind, top, flags, level.code
        found = self.choices.get(key)
        if found is None:
            lanes: list[Datum] = [self.value(top, 0 if shift == ROUNDED_LOG2 else shift)]
            if shift == ROUNDED_LOG2 and top:
                lanes = [self.by_rounded_log2(top)]
            lanes += [NaN()] if flags & 1 else []
            lanes += [Infinity(bool(flags & 4))] if flags & 2 else []
            chosen = (
                choose(fmt, lanes, level) if not self.is_code_shift(fmt, shift) else shifted(fmt, choose(fmt, [self.value(top, 0), *lanes[1:]], level), shift)
            )
            found = self.choices[key] = self.places.setdefault(chosen, len(self.places))
            if found == len(self.scalings):
                self.scalings.append(chosen)
        return found

    @staticmethod
    def is_code_shift(fmt: BlockFormat, shift: int) -> bool:
        """Whether a scale that is a power of two away is one code away."""
        return abs(shift) == 1 and isinstance(fmt.scale, Float) and fmt.scale.precision == 1 and fmt.policy.division is not Division.MULTIPLY

    def elements_of(self, fmt: BlockFormat, blocks: Codes, chosen: list[int], rounded_thresholds: bool = False) -> Codes:
        """The elements of each block under its scale."""
        p = fmt.policy
        kind = self.kind((fmt.element, fmt.scale, p.rounding, p.bits, p.overflow, p.absent_nan, p.integers, rounded_thresholds))
        raw, size = np.ascontiguousarray(blocks).tobytes(), blocks.shape[1] * blocks.itemsize
        keys = [(raw[at * size : (at + 1) * size], place, kind) for at, place in enumerate(chosen)]
        missing: dict[int, list[int]] = {}
        for at, key in enumerate(keys):
            if key not in self.elements:
                missing.setdefault(key[1], []).append(at)
        stepwise = [at for place, rows in missing.items() if self.is_stepwise(fmt, place) for at in rows]
        made = self.in_steps(fmt, blocks[stepwise], [self.scalings[chosen[at]] for at in stepwise], rounded_thresholds)
        self.elements.update((keys[at], row) for at, row in zip(stepwise, made, strict=True))
        for place, rows in missing.items():
            if not self.is_stepwise(fmt, place):
                made = self.under(fmt, self.scalings[place], blocks[rows])
                self.elements.update((keys[at], row) for at, row in zip(rows, made, strict=True))
        return np.stack([self.elements[key] for key in keys]) if keys else np.zeros(blocks.shape, dtype(fmt.element))

    def is_stepwise(self, fmt: BlockFormat, place: int) -> bool:
        """Whether values are divided in binary32 under a scale, and rounded to nearest or in a direction."""
        scaling = self.scalings[place]
        plain = isinstance(fmt.scale.decode(scaling.code), Finite | Infinity) and isinstance(scaling.operand, Finite | Infinity)
        return plain and scaling.how is not Division.EXACT and not fmt.policy.rounding.stochastic and runs_of(fmt) is not None

    def in_steps(self, fmt: BlockFormat, blocks: Codes, scalings: list[Scaling], rounded_thresholds: bool) -> Codes:
        """The elements of many blocks, each divided in binary32 by its own scale or multiplied by its reciprocal: quotients by the array engine, elements by their runs."""
        if not len(blocks):
            return np.zeros(blocks.shape, dtype(fmt.element))
        table = runs_of(fmt)
        assert table is not None
        x = convert(blocks, self.source, BINARY32)[0]
        operands = np.array([BINARY32.round(scaling.operand) for scaling in scalings], np.uint32)[:, None]
        y = np.broadcast_to(operands, x.shape)
        divides = np.array([scaling.how is Division.DIVIDE for scaling in scalings])[:, None]
        quotients = np.where(divides, operate("divide", BINARY32, (x, y))[0], operate("multiply", BINARY32, (x, y))[0])
        zero = x & np.uint32(0x7FFFFFFF) == 0
        quotients = np.where(zero, x, quotients)  # a zero stays one, whatever it is divided by
        if rounded_thresholds and isinstance(fmt.element, Codebook):
            return by_rounded_thresholds(fmt.element, quotients, table)
        return np.asarray(table.codes[np.searchsorted(table.starts, quotients.astype(np.uint64), "right") - 1])

    def under(self, fmt: BlockFormat, scaling: Scaling, blocks: Codes) -> Codes:
        """The elements of blocks under one scale; zeros where it is a NaN."""
        if not isinstance(fmt.scale.decode(scaling.code), Finite | Infinity):
            return np.zeros(blocks.shape, dtype(fmt.element))
        return quantize_under(fmt, scaling, blocks, self.source)


def shifted(fmt: BlockFormat, chosen: Scaling, shift: int) -> Scaling:
    """A scaling by the next power of two, where there is one."""
    if not isinstance(fmt.scale.decode(chosen.code), Finite):
        return chosen
    code = min(max(chosen.code + shift, fmt.scale.join(False, fmt.scale.least)), fmt.scale.join(False, fmt.scale.greatest()))
    return Scaling(code, fmt.scale.decode(code), chosen.how)


def by_rounded_thresholds(book: Codebook, quotients: Codes, table: Runs) -> Codes:
    """The elements of binary32 quotients by thresholds that are rounded to binary32, a quotient at one going down; of NaNs as the table has it."""
    marks = [BINARY32.round((rational(BINARY32.decode(BINARY32.round(a + b)))) / 2) for a, b in pairwise(book.ascending)]  # type: ignore[arg-type]
    places = np.searchsorted(_ordered(np.array(marks, np.uint32)), _ordered(quotients), "left")
    found = np.array(book.order, table.codes.dtype)[places]
    nan = quotients & np.uint32(0x7FFFFFFF) > np.uint32(0x7F800000)
    return np.where(nan, table.codes[np.searchsorted(table.starts, quotients.astype(np.uint64), "right") - 1], found)


def _ordered(codes: Codes) -> Codes:
    """Integers in the order of binary32 numbers."""
    magnitudes = (codes & np.uint32(0x7FFFFFFF)).astype(np.int64)
    return np.where(codes >> np.uint32(31) != 0, -magnitudes, magnitudes)


@lru_cache(maxsize=256)
def runs_of(fmt: BlockFormat) -> Runs | None:
    """What becomes of each binary32 quotient."""
    return runs(BINARY32, element_format(fmt.element, fmt.policy.integers), element_projection(fmt))


@lru_cache(maxsize=4096)
def _scale_key(policy: Policy) -> tuple[object, ...]:
    """What scales depend on."""
    p = policy
    values = (p.order, p.rule, p.log2, p.ratio, p.scale_rounding, p.scale_overflow, p.zero_block, p.small_scale, p.nan, p.infinity, p.division)
    return (*(value.value for value in values), p.target)
