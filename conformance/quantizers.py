"""Claims about affine quantizers, q = clamp(round(x / s) + z), and the problem that each poses: which steps are rounded on the way is told as a policy."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from conformance.budget import Budget
from conformance.cases.conversions import conversion_cases
from conformance.claims import Claim, Codes
from conformance.compare import is_nan
from conformance.diagnose import Axis, Option
from conformance.problem import Operands, Problem
from formats.affine import Affine
from formats.arrays import dtype
from formats.block_arrays import magnitude_codes, monotone
from formats.family import Format
from formats.notation import text
from formats.projection import AbsentNaN, Projection
from formats.quantizer import BINARY32, Division, Quantizer, ZeroPoint
from refmath.overflow import Overflow
from refmath.rounding import Rounding

EXAMINED, PAIRS = 400, 4


@dataclass(frozen=True, kw_only=True)
class QuantizerClaim(Claim):
    """What a function that quantizes to integers with a scale and a zero point says it computes."""

    affine: Affine
    """The integers; ``result`` is the same, or binary32 where values come back."""

    @property
    def result_text(self) -> str:
        return text(self.affine) + (" and back" if self.result == BINARY32 else "")


def quantizer_claim(
    emulator: str, source: Format, affine: Affine, call: str, values: bool = False, variant: str = "eager", rounding: Rounding = Rounding.NEAREST_EVEN
) -> QuantizerClaim:
    """A claim that numbers of ``source`` become integers, or with ``values`` the values of these; by what steps is left open."""
    result = BINARY32 if values else affine
    how = Projection(rounding=rounding, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
    return QuantizerClaim(emulator, "quantize", (source,), result, how, call, variant, affine=affine)


@dataclass(frozen=True)
class Model:
    """A way to quantize."""

    quantizer: Quantizer
    int64: bool = False
    """Quotients become 64-bit integers before they are clamped: one beyond their range becomes the least of them, as processors have it."""
    nan_kept: bool = False
    """A NaN comes back as a NaN."""


def quantizer_problem(claim: QuantizerClaim, budget: Budget) -> Problem[Model]:
    """The problem that a claim poses."""
    cases = conversion_cases(claim.operands[0], claim.affine, budget.seed, budget.samples, budget.points)
    base = Model(Quantizer((claim.affine,), None, claim.projection, Division.MULTIPLY, ZeroPoint.FUSED))
    source = claim.operands[0]

    def evaluate(model: Model, operands: Operands) -> Codes:
        return quantized(model, operands[0], source, claim.result == BINARY32)

    def undefined(operands: Operands) -> bool:
        return bool(is_nan(source, operands[0]).all())

    return Problem(cases, evaluate(base, cases.operands), base, evaluate, axes(claim), deviations(), EXAMINED, PAIRS, undefined)


def quantized(model: Model, codes: Codes, source: Format, values: bool) -> Codes:
    """The codes of a model, or those of the values in binary32: asked at the ends of runs, for all of it is monotone."""
    order, quantizer = magnitude_codes(codes, source), model.quantizer
    affine = quantizer.channels[0]
    target: Format = BINARY32 if values else affine

    def delivered(q: int) -> int:
        return BINARY32.round(quantizer.dequantize(q)) if values else q

    def function(code: int) -> int:
        return delivered(int(quantizer.quantize(source.decode(code))))

    finite = np.asarray(order <= np.uint64(source.greatest()))
    out = np.empty(len(codes), dtype(target))
    out[finite] = monotone(codes[finite], order[finite], source, function, out.dtype)
    specials = {code: function(code) for code in np.unique(codes[~finite])[:FEW].tolist()}
    out[~finite] = [specials[code] if code in specials else function(code) for code in codes[~finite].tolist()]
    if model.int64:
        limit = np.uint64(source.code_below((1 << 63) * affine.scale)[0])
        out[(order >= limit) & ~is_nan(source, codes)] = delivered(affine.low & (affine.codes - 1))
    if model.nan_kept and values:
        out[is_nan(source, codes)] = BINARY32.nan()
    return out


FEW = 64
"""Specials whose results are remembered."""


@dataclass(frozen=True)
class _Set:
    """Sets a field of the quantizer, or of its projection."""

    field: str
    value: object

    def __call__(self, model: Model) -> Model:
        quantizer = model.quantizer
        if self.field in ("division", "zero_point"):
            return replace(model, quantizer=replace(quantizer, **{self.field: self.value}))  # type: ignore[arg-type]
        assert quantizer.projection is not None
        how = replace(quantizer.projection, **{self.field: self.value})  # type: ignore[arg-type]
        return replace(model, quantizer=replace(quantizer, projection=how))


@dataclass(frozen=True)
class _Both:
    first: Callable[[Model], Model]
    second: Callable[[Model], Model]

    def __call__(self, model: Model) -> Model:
        return self.second(self.first(model))


@dataclass(frozen=True)
class _Int64:
    def __call__(self, model: Model) -> Model:
        return replace(model, int64=True)


@dataclass(frozen=True)
class _NaNKept:
    def __call__(self, model: Model) -> Model:
        return replace(model, nan_kept=True)


STEPS = {
    (Division.MULTIPLY, ZeroPoint.FUSED): "x times the rounded 1/s, plus z, in one fused step",
    (Division.MULTIPLY, ZeroPoint.BEFORE): "x times the rounded 1/s, rounded, plus z, rounded, to an integer",
    (Division.MULTIPLY, ZeroPoint.AFTER): "x times the rounded 1/s, rounded, to an integer, plus z",
    (Division.DIVIDE, ZeroPoint.AFTER): "x / s rounded to binary32, to an integer, plus z",
    (Division.DIVIDE, ZeroPoint.BEFORE): "x / s rounded to binary32, plus z, rounded, to an integer",
    (Division.EXACT, ZeroPoint.AFTER): "x / s exactly, to an integer, plus z",
    (Division.EXACT, ZeroPoint.BEFORE): "x / s exactly, plus z, to an integer",
}


def axes(claim: QuantizerClaim) -> list[Axis[Model]]:
    """Which steps are rounded, how ties go, what NaN becomes."""
    steps = tuple(Option(words, _Both(_Set("division", division), _Set("zero_point", point))) for (division, point), words in STEPS.items())
    nans = {
        AbsentNaN.ZERO: "NaN becomes the zero point",
        AbsentNaN.LOWEST: "NaN becomes the lowest code",
        AbsentNaN.GREATEST: "NaN becomes the greatest code",
    }
    found = [Axis("steps", steps)]
    if claim.operands[0].has_nan:
        options = [Option(words, _Set("absent_nan", value)) for value, words in nans.items()]
        found.append(Axis("nan", (*options, *([Option("NaN comes back as NaN", _NaNKept())] if claim.result == BINARY32 else []))))
    return found


def deviations() -> list[Option[Model]]:
    """Known ways of getting it wrong."""
    modes = {
        Rounding.NEAREST_AWAY: "ties go away from zero",
        Rounding.NEAREST_POSITIVE: "ties go up",
        Rounding.TOWARD_ZERO: "truncates",
        Rounding.TOWARD_NEGATIVE: "rounds down",
    }
    found: list[Option[Model]] = [Option(words, _Set("rounding", mode)) for mode, words in modes.items()]
    found.append(Option("quotients of 2^63 and more become the lowest code: they overflow 64-bit integers before they are clamped", _Int64()))
    return [*found, Option("integers beyond the range keep the low bits", _Set("overflow", Overflow.WRAP))]
