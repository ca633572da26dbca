"""Claims about block formats, and the problem that each poses: arrays of values in rows, each a block, become codes of scales and of elements.

A case is a block; in a format with a scale for the whole tensor, or one that is a single block, it is a tensor. Its result is a row of *words*: the code of the
tensor scale where there is one, those of the scales, those of the elements; or, of a function that gives back values, their codes alone.

A ``Model`` is a block format with all its policies and, where it is a known defect, a *quirk*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from gmpy2 import mpq

from conformance.block_engine import ROUNDED_LOG2, Engine
from conformance.budget import Budget
from conformance.cases.blocks import block_cases
from conformance.claims import Claim, Codes
from conformance.problem import Cases, Operands, Problem
from formats.arrays import convert, dtype, operate
from formats.block import BlockFormat, greatest_exponent, scaled
from formats.block_arrays import quantize_codes, quantize_under
from formats.block_notation import block_text
from formats.block_orders import Scaling
from formats.codebook import Codebook
from formats.family import Format
from formats.floats import Float
from formats.projection import AbsentNaN, Projection
from formats.quantizer import Division
from formats.stepwise import BINARY32, ONE, over, rounded
from refmath.datum import Finite, Infinity, finite, rational
from refmath.reals import power_of_two

NORMAL = power_of_two(-126)
"""The least normal binary32 number."""
TINY = rounded(finite(mpq(1, 10**38)))
"""What some programs take in place of smaller divisors."""


LONG = 100
"""Notation of a codebook that is longer than this gives way to its name."""


@dataclass(frozen=True, kw_only=True)
class BlockClaim(Claim):
    """What a function that makes blocks says it computes."""

    block: BlockFormat
    """The format, with the policies that the function documents; where it documents none, those of its standard."""
    settled: frozenset[str] = frozenset({"rule", "rounding"})
    """The fields of the policy that are documented: anything else there is a defect. Other fields are left open, for the tester to find."""
    gives: Format | None = None
    """The format of the values that come back; None where codes do."""
    axis: int = -1
    """The axis of an array along which its blocks lie, where there are two: -1 or 0."""
    ragged: bool = False
    """Whether the last block of an array of one row may be short."""
    views: bool = True
    """Whether arrays that are not contiguous are taken."""
    most: int | None = None
    """At most so many cases, for a function that is slow."""

    @property
    def result_text(self) -> str:
        """The block format, without a word on NaN elements, which no function documents."""
        if isinstance(self.block.element, Codebook) and len(self.block.element.notation()) > LONG:
            return self.block.name
        policy = replace(self.block.policy, absent_nan=AbsentNaN.REFUSE)
        return block_text(replace(self.block, policy=policy))

    @property
    def whole(self) -> bool:
        """Whether a case is a tensor, called by itself."""
        return self.block.tensor is not None or not self.block.size


def block_claim(emulator: str, source: Format, block: BlockFormat, call: str, **details: object) -> BlockClaim:
    """A claim that values of ``source`` become blocks. A NaN among elements without one is a zero until the tester knows better."""
    how = Projection(rounding=block.policy.rounding, bits=block.policy.bits)
    if not block.element.has_nan and block.policy.absent_nan is AbsentNaN.REFUSE:
        block = replace(block, policy=replace(block.policy, absent_nan=AbsentNaN.ZERO))
    return BlockClaim(emulator=emulator, operation="quantize", operands=(source,), result=block.element, projection=how, call=call, block=block, **details)  # type: ignore[arg-type]


@dataclass(frozen=True)
class BlockResult:
    """What an emulator gives for an array of values: codes of the scales in the order of the blocks, of the elements in the shape of the array."""

    elements: Codes
    """Of the element format, or of the values that come back."""
    scales: Codes | None = None
    tensor: int | Codes | None = None
    """Of the tensor scale: one for all, or one for each case."""


class BlockAdapter(Protocol):
    """An adapter that has claims about blocks."""

    def quantize(self, claim: BlockClaim, calls: list[Codes]) -> list[BlockResult]:
        """What the function gives for each array of source codes, of one to three axes, blocks along ``claim.axis``."""
        ...


@dataclass(frozen=True)
class Model:
    """A way to make blocks."""

    fmt: BlockFormat
    quirks: tuple[str, ...] = ()
    """Known defects, by their names in ``conformance.block_choices.QUIRK_WORDS``."""
    first: Format | None = field(default=None)
    """A format that values are rounded into before anything else."""


def block_problem(claim: BlockClaim, budget: Budget) -> Problem[Model]:
    """The problem that a claim about blocks poses."""
    from conformance.block_choices import axes, deviations

    cases = _taken(claim, block_cases(claim.block, claim.operands[0], claim.whole, budget.seed, budget.samples, claim.most))
    codes = cases.operands[0]
    base = Model(claim.block)
    engines: dict[str, Engine] = {}

    def evaluate(model: Model, operands: Operands) -> Codes:
        if "axis" in model.quirks:
            return _across(claim, model, codes, operands[1], engines)
        return words(claim, model, operands[0], engines)

    return Problem(
        cases,
        evaluate(base, cases.operands),
        base,
        evaluate,
        axes(claim),
        deviations(claim),
        EXAMINED if not claim.whole else EXAMINED // 3,
        PAIRS,
        lambda operands: False,
    )


def _taken(claim: BlockClaim, cases: Cases) -> Cases:
    """The cases without blocks that the function documents to refuse; zeros take their place, so that whole tiles remain."""
    source = claim.operands[0]
    assert isinstance(source, Float)
    rows = cases.operands[0]
    magnitudes = rows & rows.dtype.type((1 << (source.width - 1)) - 1)
    infinite = magnitudes == rows.dtype.type(source.infinity()) if source.has_infinity else np.zeros(rows.shape, bool)
    refused = np.zeros(len(rows), bool)
    if "infinity" in claim.refuses:
        refused |= infinite.any(axis=1)
    if "nan" in claim.refuses:
        refused |= ((magnitudes > rows.dtype.type(source.greatest())) & ~infinite).any(axis=1)
    return replace(cases, operands=(np.where(refused[:, None], rows.dtype.type(0), rows), cases.operands[1]))


EXAMINED = 60
"""Blocks of each kind, right and wrong, on which explanations are tried."""
PAIRS = 4


def words(claim: BlockClaim, model: Model, rows: Codes, engines: dict[str, Engine]) -> Codes:
    """What a model makes of blocks of source codes, a row each. ``engines``: what has been computed, by source."""
    source = claim.operands[0]
    if model.first is not None:
        rows, source = convert(rows, source, model.first)[0], model.first
    if "operands_flushed" in model.quirks:
        rows = _flushed(rows, source)
    found = result_words(claim, _codes(claim, model, rows, source, engines), len(rows))
    kind = next((quirk for quirk in model.quirks if quirk in SIGNED_ZERO), None)
    if kind is not None and claim.gives is not None:
        sign = rows.dtype.type(1 << (source.width - 1))
        negative = rows >= sign if kind == SIGNED_ZERO[0] else rows > sign
        return np.where(negative & (found == claim.gives.zero()), np.uint64(claim.gives.zero(True)), found)
    return found


SIGNED_ZERO = ("signed_zero", "signed_underflow")
"""Choices of functions that give values of elements without a negative zero: their zeros keep the sign of what they come from, -0 included or not."""


def result_words(claim: BlockClaim, made: BlockResult, count: int) -> Codes:
    """A result as rows of words. Under a scale that is a NaN elements mean nothing, and are made zeros; NaNs of values are made one NaN."""
    fmt, elements = claim.block, made.elements.reshape(count, -1).astype(np.uint64)
    if claim.gives is not None:
        values = elements if made.scales is None else decoded(fmt, claim.gives, made, count)
        return _one_nan(values, claim.gives)
    assert made.scales is not None
    scales = made.scales.reshape(count, -1).astype(np.uint64)
    if fmt.scale.has_nan:
        known = {code: isinstance(fmt.scale.decode(code), Finite | Infinity) for code in np.unique(scales).tolist()}
        lost = np.array([not known[code] for code in scales.reshape(-1).tolist()], bool).reshape(scales.shape)
        if lost.any():
            size = fmt.count or elements.shape[1]
            elements = np.where(np.repeat(lost, size, axis=1)[:, : elements.shape[1]], np.uint64(0), elements)
            scales = np.where(lost, np.uint64(fmt.scale.nan()), scales)
    if fmt.element.has_nan:
        elements = _one_nan(elements, fmt.element)
    tensor = [] if made.tensor is None else [np.broadcast_to(np.asarray(made.tensor, np.uint64).reshape(-1, 1), (count, 1))]
    return np.concatenate([*tensor, scales, elements], axis=1)


def _one_nan(codes: Codes, fmt: Format) -> Codes:
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


def _codes(claim: BlockClaim, model: Model, rows: Codes, source: Format, engines: dict[str, Engine]) -> BlockResult:
    """Scales and elements, by the reference and the quirk."""
    fmt = model.fmt
    assert isinstance(source, Float)
    engine = engines.setdefault(source.name, Engine(source))
    shift = next((SHIFTS[quirk] for quirk in model.quirks if quirk in SHIFTS), 0)
    scales, elements, tensor = engine.quantize(fmt, rows, claim.whole, shift, "rounded_thresholds" in model.quirks)
    made = BlockResult(elements, scales, tensor)
    for name, quirk in QUIRKS.items():  # in an order of their own: what decides the code of a zero comes last
        made = quirk(fmt, rows, source, made) if name in model.quirks else made
    least = next((LEAST[quirk] for quirk in model.quirks if quirk in LEAST), None)
    if least is None or claim.gives is None:
        return made
    return _values_above(claim.gives, fmt, rows, source, made, least, 0 if shift == ROUNDED_LOG2 else shift)


def _values_above(gives: Format, fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult, least: mpq, shift: int) -> BlockResult:
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
    return BlockResult(out)


def _across(claim: BlockClaim, model: Model, codes: Codes, index: Codes, engines: dict[str, Engine]) -> Codes:
    """Blocks along the wrong axis: those of k rows, in the order in which an emulator gets all rows, taken downward."""
    size = codes.shape[1]
    tiles = np.unique(index // size)
    plain = Model(model.fmt)
    rows = np.concatenate([codes[tile * size : (tile + 1) * size].T for tile in tiles.tolist()])
    made = _codes(claim, plain, rows, claim.operands[0], engines)
    elements = np.concatenate([tile.T for tile in np.split(made.elements, len(tiles))])
    all_words = result_words(claim, BlockResult(elements, made.scales, made.tensor), len(rows))
    place = {tile: at for at, tile in enumerate(tiles.tolist())}
    return np.asarray(all_words[[place[i // size] * size + i % size for i in index.tolist()]])


Quirk = Callable[[BlockFormat, Codes, Format, BlockResult], BlockResult]


def _flushed(rows: Codes, source: Format) -> Codes:
    """Subnormal operands as zeros."""
    if not isinstance(source, Float) or source.least_normal is None:
        return rows
    magnitudes = rows & rows.dtype.type((1 << (source.width - 1)) - 1)
    return np.where(magnitudes < rows.dtype.type(source.least_normal), rows & rows.dtype.type(1 << (source.width - 1)), rows)


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
    seen = quantize_codes(fmt, np.where(negative, kind(0), rows), source)
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


def _unsigned_zero(fmt: BlockFormat, rows: Codes, source: Format, made: BlockResult) -> BlockResult:
    """Every zero element is positive."""
    if not fmt.element.has_negative_zero:
        return made
    kind = made.elements.dtype.type
    return BlockResult(np.where(made.elements == kind(fmt.element.zero(True)), kind(fmt.element.zero()), made.elements), made.scales, made.tensor)


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
    "unsigned_zero": _unsigned_zero,
    "zeros_by_value": _zeros_by_value,
}
