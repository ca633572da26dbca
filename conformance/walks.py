"""How a conversion is carried out, rightly or not: a walk through the pipeline, and the ways in which walks are changed.

A ``Model`` projects the source into each intermediate format in turn and last into the target. Policies change the last projection within what standards leave open;
deviations change the walk.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from conformance.compare import is_nan
from conformance.quirks import QUIRKS, Step, rounded
from formats.arrays import Codes, convert_codes
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import DEFAULT, AbsentNaN, NaNs, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals


def conversion_projection(source: Format, target: Format) -> Projection:
    """What a conversion is first held to.

    To a float: nearest even (IEEE 754-2019 clause 5.4.1 and 5.4.2), IEEE overflow;
    where there is no NaN, zero in its place, or the greatest value. From a float to an integer: toward zero, as
    C and every array library define their casts; out of range nothing is defined, saturation is the first guess. From integer
    to integer: the low bits.
    """
    if not isinstance(target, Fixed):
        return DEFAULT if target.has_nan else Projection(absent_nan=AbsentNaN.ZERO if target.has_zero else AbsentNaN.GREATEST)
    if isinstance(source, Fixed):
        return Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.WRAP)
    return Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.LIMIT)


@dataclass(frozen=True)
class Model:
    """Project into each format of ``via`` in turn, then into the target by ``last``; ``quirks`` name defects of the last step, each on top of the one before."""

    last: Projection
    via: tuple[tuple[Format, Projection], ...] = ()
    quirks: tuple[str, ...] = ()
    apart: "tuple[tuple[str, Model], ...]" = ()
    """Kinds of operands (``negative``, ``infinity``, ``nan``) that take another walk; the last that fits counts."""


def evaluate(model: Model, codes: Codes, source: Format, target: Format) -> Codes:
    """The target codes that a model gives."""
    if model.apart:
        out = evaluate(replace(model, apart=()), codes, source, target)
        for kind, walk in model.apart:
            fits = KINDS[kind](codes, source)
            if fits.any():
                out[fits] = evaluate(walk, codes[fits], source, target)
        return out
    at, here, operands, last = codes, source, model.last.operands, model.last
    for fmt, how in model.via:
        at, here = _onward(at, here, fmt, replace(how, operands=operands)), fmt
        operands = Subnormals.KEEP
    last = replace(last, operands=operands)
    step: Step = rounded
    for quirk in model.quirks:
        step = partial(QUIRKS[quirk], step)
    return step(at, here, target, last)


def _onward(codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """One step of a walk. A NaN that signals stays as it is in another range of exponents with the same significands, which no conversion has: it stands for a shift."""
    out = convert_codes(codes, source, target, how)
    if not (
        isinstance(source, Float) and isinstance(target, Float) and source.trailing == target.trailing and source.specials is target.specials is Specials.IEEE
    ):
        return out
    nan = is_nan(source, codes)
    if nan.any() and how.nans is NaNs.PROPAGATE:
        bits = codes[nan].astype(np.uint64)
        sign, trailing = bits >> np.uint64(source.width - 1), bits & np.uint64((1 << source.trailing) - 1)
        out = out.copy()
        out[nan] = (sign << np.uint64(target.width - 1) | np.uint64(target.infinity()) | trailing).astype(out.dtype)
    return out


LEAST = "least integer"
KINDS: dict[str, Callable[[Codes, Format], NDArray[np.bool_]]] = {
    "negative": lambda codes, source: np.asarray(codes >> codes.dtype.type(source.width - 1) != 0),
    "infinity": lambda codes, source: np.asarray(codes == codes.dtype.type(source.infinity())),
    "-infinity": lambda codes, source: np.asarray(codes == codes.dtype.type(source.infinity(True))),
    "nan": lambda codes, source: is_nan(source, codes),
    LEAST: lambda codes, source: np.asarray(codes == codes.dtype.type(source.codes >> 1)),
}


@dataclass(frozen=True)
class Apart:
    """Gives one kind of operands a walk of their own."""

    kind: str
    walk: Model

    def __call__(self, model: Model) -> Model:
        return replace(model, apart=(*model.apart, (self.kind, self.walk)))


@dataclass(frozen=True)
class Infinities:
    """Gives both infinities a walk of their own."""

    walk: Model

    def __call__(self, model: Model) -> Model:
        return Apart("-infinity", self.walk)(Apart("infinity", self.walk)(model))


@dataclass(frozen=True)
class Via:
    """Puts intermediate formats before the target."""

    via: tuple[tuple[Format, Projection], ...]
    last: Projection | None = None

    def __call__(self, model: Model) -> Model:
        return replace(model, via=self.via + model.via, last=self.last or model.last)


@dataclass(frozen=True)
class ExactToo:
    """Rounds to odd, with a defect."""

    def __call__(self, model: Model) -> Model:
        return replace(model, last=replace(model.last, rounding=Rounding.TO_ODD), quirks=(*model.quirks, "even_made_odd"))


@dataclass(frozen=True)
class Quirk:
    """Adds a defect of the last step."""

    quirk: str

    def __call__(self, model: Model) -> Model:
        return replace(model, quirks=(*model.quirks, self.quirk))


@dataclass(frozen=True)
class Through:
    """Puts a format before the target, at whose codes a defect looks."""

    via: Format
    quirk: str

    def __call__(self, model: Model) -> Model:
        return Quirk(self.quirk)(Via(((self.via, DEFAULT),))(model))
