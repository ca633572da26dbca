"""Stochastic rounding whose random bits the emulator takes as an operand: held to the reference bit for bit, like anything else.

The random bits R of a case are its last operand, a code of ``uintN``. Every mode is monotone in R, so that the interesting draws of an operand are 0, 2^N - 1, and
those on either side of the one from which the result goes up.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from conformance.budget import Budget
from conformance.cases.conversions import conversion_cases
from conformance.claims import Claim, Codes
from conformance.diagnose import Option
from conformance.policies import Set, absent_data, flushing, overflow
from conformance.problem import Cases, Operands, Problem
from conformance.refused import refused
from formats.arrays import convert, dtype, engine_for
from formats.family import Format
from formats.projection import Projection
from refmath.rounding import DETERMINISTIC, Rounding

DRAWN = 2
"""Random draws for each operand, beside those at the edges."""
FAST, SLOW = 1 << 14, 1 << 9
"""Operands that are tried with each draw, by the engine that computes them."""
WITH_BITS = (Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C, Rounding.STOCHASTIC)


@dataclass(frozen=True)
class Model:
    """A stochastic conversion."""

    last: Projection
    complemented: bool = False
    """The draw is 2^N - 1 - R instead of R."""
    instead: Rounding | None = None
    """The mode that it rounds by, whatever is drawn."""
    first: bool = False
    """The operand is rounded to the bits that are drawn, and where that makes a value of the format of it, the operand itself is cut off."""


def given_problem(claim: Claim, budget: Budget) -> Problem[Model]:
    """The problem of a conversion that is given its random bits."""
    source, draws = claim.operands
    target, how = claim.result, claim.projection
    assert draws.width == how.bits, "the random bits are an operand of as many bits as the projection names"
    fast = engine_for(source, target, how) == "array"
    evaluate = partial(_evaluate, source, target)
    codes = conversion_cases(source, target, budget.seed, budget.samples, budget.points).operands[0]
    codes = codes[~refused(claim, codes)]
    codes = codes[:: max(1, len(codes) // (FAST if fast else SLOW))]
    operands = _with_draws(codes, how, draws, evaluate, budget.seed)
    cases = Cases(operands, False, 5 * len(codes), DRAWN * len(codes))
    base = Model(how)
    examined = 2000 if fast else 100
    axes = [overflow(target), *absent_data(target), *flushing((source,), target)]
    return Problem(cases, evaluate(base, operands), base, evaluate, axes, _deviations(how), examined, 4 if fast else 0, lambda operands: False)


def _evaluate(source: Format, target: Format, model: Model, operands: Operands) -> Codes:
    codes, draws = operands
    if model.instead is not None:
        return convert(codes, source, target, replace(model.last, rounding=model.instead, bits=0))[0]
    top = draws.dtype.type((1 << model.last.bits) - 1) if model.complemented else None
    out = convert(codes, source, target, model.last, draws if top is None else top - draws)[0]
    if not model.first:
        return out
    ends = (convert(codes, source, target, model.last, np.full_like(draws, end))[0] for end in (0, (1 << model.last.bits) - 1))
    cut = convert(codes, source, target, replace(model.last, rounding=Rounding.TOWARD_ZERO, bits=0))[0]
    return np.where(np.equal(*ends), cut, out)


def _with_draws(codes: Codes, how: Projection, draws: Format, evaluate: "partial[Codes]", seed: int) -> Operands:
    """Each operand with the least and the greatest draw, those around the one from which its result changes, and random ones."""
    kind, top = dtype(draws), (1 << how.bits) - 1
    low, high = np.zeros(len(codes), np.uint64), np.full(len(codes), top, np.uint64)
    first = evaluate(Model(how), (codes, low.astype(kind)))
    while (high - low > 1).any():
        middle = low + (high - low) // np.uint64(2)
        same = evaluate(Model(how), (codes, middle.astype(kind))) == first
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    rng = np.random.Generator(np.random.PCG64([seed, how.bits]))
    drawn = [rng.integers(0, top, size=len(codes), dtype=np.uint64, endpoint=True) for _ in range(DRAWN)]
    columns = [np.zeros_like(low), low, high, np.minimum(high + np.uint64(1), np.uint64(top)), np.full_like(low, top), *drawn]
    return np.tile(codes, len(columns)), np.concatenate(columns).astype(kind)


@dataclass(frozen=True)
class _Complemented:
    def __call__(self, model: Model) -> Model:
        return replace(model, complemented=True)


@dataclass(frozen=True)
class _Cut:
    def __call__(self, model: Model) -> Model:
        return replace(model, first=True)


@dataclass(frozen=True)
class _Instead:
    mode: Rounding

    def __call__(self, model: Model) -> Model:
        return replace(model, instead=self.mode)


def _deviations(how: Projection) -> list[Option[Model]]:
    """Other ways of using the bits, and not using them."""
    found: list[Option[Model]] = [Option(f"rounds {mode.value}", Set((("rounding", mode),))) for mode in WITH_BITS if mode is not how.rounding]
    found.append(Option("uses the complement of the random bits", _Complemented()))
    if how.rounding is not Rounding.STOCHASTIC_A:
        found.append(Option("an operand that its first rounding, to the bits that are drawn, makes a value of the format is cut off", _Cut()))
    return found + [Option(f"ignores the random bits and rounds {mode.value}", _Instead(mode)) for mode in DETERMINISTIC]
