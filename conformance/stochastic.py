"""Stochastic rounding whose random bits the emulator takes as an operand: held to the reference bit for bit, like anything else.

The random bits R of a case are its last operand, a code of ``uintN``. Every mode is monotone in R, so that the interesting draws of an operand are 0, 2^N - 1, and
those on either side of the one from which the result goes up. Where the draw does not matter, two will do.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from gmpy2 import mpq

from conformance.budget import Budget
from conformance.cases.conversions import conversion_cases, neighbourhood
from conformance.claims import Claim, Codes
from conformance.conversion_policies import negatives
from conformance.diagnose import Axis, Option
from conformance.policies import Set, absent_data, flushing, overflow
from conformance.problem import Cases, Operands, Problem
from conformance.refused import refused
from formats.arrays import convert, dtype, engine_for
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.reals import Real
from refmath.rounding import DETERMINISTIC, Rounding

DRAWN = 2
"""Random draws for each operand, beside those at the edges."""
FAST, SLOW = 1 << 14, 1 << 9
"""Operands that are tried with each draw, by the engine that computes them; a quarter of the former in a quick check."""
WITH_BITS = (Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C, Rounding.STOCHASTIC)


@dataclass(frozen=True)
class Model:
    """A stochastic conversion."""

    last: Projection
    via: tuple[tuple[Format, Projection], ...] = ()
    """Formats into which the operand is projected before."""
    complemented: bool = False
    """The draw is 2^N - 1 - R instead of R."""
    instead: Rounding | None = None
    """The mode that it rounds by, whatever is drawn."""
    rounded: bool = False
    """2 R + 1 of mode B is rounded to the precision of the operand, ties to even, and so is its sum with the fraction; where the former is 2^(N + 1), exact operands go up, too."""
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
    edges = np.array(sorted(_edges(source, target, how.bits)), dtype=dtype(source))
    codes, edges = (some[~refused(claim, (some,))] for some in (codes, neighbourhood(edges, source)))
    cases = _with_draws(codes, edges, how, draws, evaluate, budget.seed, _most(claim, budget, fast), fast)
    cases = replace(cases, few=claim.tries > 0)
    base = Model(how)
    examined = 2000 if fast else 100
    unsigned: list[Axis[Any]] = [negatives(source, target)] if source.signed and not target.signed and isinstance(target, Float) else []
    axes = [*_documented(claim), *unsigned, overflow(target), *absent_data(target), *flushing((source,), target)]
    deviations = _deviations(source, target, how)
    return Problem(cases, evaluate(base, cases.operands), base, evaluate, axes, deviations, examined, 4 if fast else 0, lambda operands: False)


def _evaluate(source: Format, target: Format, model: Model, operands: Operands) -> Codes:
    codes, draws = operands
    for fmt, by in model.via:
        codes, source = convert(codes, source, fmt, by)[0], fmt
    if model.instead is not None:
        return convert(codes, source, target, replace(model.last, rounding=model.instead, bits=0))[0]
    top = draws.dtype.type((1 << model.last.bits) - 1) if model.complemented else None
    draws = draws if top is None else top - draws
    if model.rounded and isinstance(source, Float):
        return _by_rounded_draws(source, target, model.last, codes, draws)
    out = convert(codes, source, target, model.last, draws)[0]
    if not model.first:
        return out
    ends = (convert(codes, source, target, model.last, np.full_like(draws, end))[0] for end in (0, (1 << model.last.bits) - 1))
    cut = convert(codes, source, target, replace(model.last, rounding=Rounding.TOWARD_ZERO, bits=0))[0]
    return np.where(np.equal(*ends), cut, out)


def _by_rounded_draws(source: Float, target: Format, how: Projection, codes: Codes, draws: Codes) -> Codes:
    """Mode B of N bits is mode A of N + 1 with 2 R + 1, here rounded; what is half a last place below a sum of 1 counts as 1."""
    doubled, whole = 2 * draws.astype(np.uint64) + np.uint64(1), np.uint64(2 << how.bits)
    spare = np.maximum(np.frexp(doubled.astype(np.float64))[1] - source.precision, 0).astype(np.uint64)  # exact below 2^53
    kept, unit = doubled >> spare, np.uint64(1) << spare
    rest, half = doubled & (unit - np.uint64(1)), unit >> np.uint64(1)
    kept += ((rest > half) | ((rest == half) & (kept & np.uint64(1) != 0))) & (spare > 0)
    bits = kept << spare
    reached = np.minimum(bits + np.uint64(1 << (how.bits - source.precision)), whole - np.uint64(1))
    out = convert(codes, source, target, replace(how, rounding=Rounding.STOCHASTIC_A, bits=how.bits + 1), reached)[0]
    sizes = codes & codes.dtype.type((1 << (source.width - 1)) - 1)
    number = (sizes != 0) & (sizes <= codes.dtype.type(source.greatest()))
    after = convert(np.where(number, codes + codes.dtype.type(1), codes), source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO, bits=0))[0]
    return np.where(number & (bits == whole), after, out)


def _edges(source: Format, target: Format, bits: int) -> set[int]:
    """Operands at fractions of some gaps, the first among them, at which another draw goes up or a sum of fraction and draw is next to 1."""
    whole, greatest = 2 << bits, target.greatest()
    parts = {part for j in range(bits + 1) for part in (1 << j, whole - (1 << j))}
    found = set()
    for ordinal in {0, target.least, (target.least_normal or 1) - 1, target.code_below(mpq(1), 0)[0], greatest - 1}:
        if not target.least - target.has_zero <= ordinal < greatest:
            continue
        low, high = target.value(ordinal) if ordinal or not target.has_zero else mpq(0), target.value(ordinal + 1)
        if isinstance(low, Real) or isinstance(high, Real):
            continue
        aims = [low + (high - low) * mpq(part, whole) for part in parts]
        signs = (1, -1) if source.signed and target.signed else (1,)
        found |= {source.round(sign * aim, Projection(rounding=Rounding.TOWARD_ZERO)) for aim in aims for sign in signs}
    return found


def _most(claim: Claim, budget: Budget, fast: bool) -> int:
    """Operands of each kind, beside the edges."""
    most = SLOW if not fast else FAST if budget.thorough_layouts else FAST // 4
    return min(most, claim.tries // 16) if claim.tries else most


def _with_draws(codes: Codes, edges: Codes, how: Projection, draws: Format, evaluate: "partial[Codes]", seed: int, most: int, fast: bool) -> Cases:
    """Operands and draws: all, or the telling ones, where the result depends on the draw, else two; ``most`` operands beside the edges."""
    kind, top = dtype(draws), (1 << how.bits) - 1
    codes = codes if fast else _spread(codes, 4 * most)
    edges = edges if fast else _spread(edges, most)
    ends = [evaluate(Model(how), (codes, np.full(len(codes), end, kind))) for end in (0, top)]
    drawn, settled = np.union1d(edges, _spread(codes[ends[0] != ends[1]], most)), _spread(codes[ends[0] == ends[1]], most)
    if top < 5 + DRAWN:
        columns, chosen = [np.full(len(drawn), draw, np.uint64) for draw in range(top + 1)], top + 1
    else:
        columns, chosen = _draws(drawn, how, evaluate, seed), 5
    random = len(drawn) * (len(columns) - chosen)
    operands = (
        np.concatenate([np.tile(drawn, len(columns)), settled, settled]),
        np.concatenate([*columns, *(np.full(len(settled), end, np.uint64) for end in (0, top))]),
    )
    return Cases((operands[0], operands[1].astype(kind)), False, len(operands[0]) - random, random)


def _draws(codes: Codes, how: Projection, evaluate: "partial[Codes]", seed: int) -> list[Codes]:
    """The least draw, the last before the result changes and the next two, the greatest; then random ones."""
    top = (1 << how.bits) - 1
    low, high = np.zeros(len(codes), np.uint64), np.full(len(codes), top, np.uint64)
    first = evaluate(Model(how), (codes, low))
    while (high - low > 1).any():
        middle = low + (high - low) // np.uint64(2)
        same = evaluate(Model(how), (codes, middle)) == first
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    rng = np.random.Generator(np.random.PCG64([seed, how.bits]))
    chance = [rng.integers(0, top, size=len(codes), dtype=np.uint64, endpoint=True) for _ in range(DRAWN)]
    return [np.zeros_like(low), low, high, np.minimum(high + np.uint64(1), np.uint64(top)), np.full_like(low, top), *chance]


def _spread(codes: Codes, most: int) -> Codes:
    """At most so many, from everywhere."""
    return codes[:: max(1, -(-len(codes) // most))]


@dataclass(frozen=True)
class _Complemented:
    def __call__(self, model: Model) -> Model:
        return replace(model, complemented=True)


@dataclass(frozen=True)
class _RoundedDraws:
    def __call__(self, model: Model) -> Model:
        return replace(model, rounded=True)


@dataclass(frozen=True)
class _Cut:
    def __call__(self, model: Model) -> Model:
        return replace(model, first=True)


@dataclass(frozen=True)
class _Instead:
    mode: Rounding

    def __call__(self, model: Model) -> Model:
        return replace(model, instead=self.mode)


@dataclass(frozen=True)
class _Via:
    fmt: Format
    how: Projection

    def __call__(self, model: Model) -> Model:
        return replace(model, via=((self.fmt, self.how), *model.via))


DOCUMENTED = {"draws_odd": "the operand is rounded to the bits that are drawn, ties to odd, as documented"}
"""Steps that some library documents, in words."""


def _documented(claim: Claim) -> list[Axis[Model]]:
    """Steps of its own that the emulator documents."""
    found: list[Axis[Model]] = []
    bits, target = claim.projection.bits, claim.result
    for step in claim.documented:
        wide = _more_bits(target, bits)
        how = Projection(rounding=Rounding.NEAREST_ODD, overflow=Overflow.SATURATE_PROPAGATE, absent_nan=AbsentNaN.ZERO)
        found += [Axis(step, (Option(DOCUMENTED[step], _Via(wide, how)),))] if wide is not None else []
    return found


def _more_bits(target: Format, bits: int) -> Format | None:
    """A format with so many bits behind each code, the range not narrower; None where codes would not fit."""
    match target:
        case Fixed() if target.width + bits < 64:
            return Fixed(f"{target.name} with {bits} bits more", target.width + bits + 1, target.fraction_bits + bits)
        case Float() if target.width + bits < 64:
            bias = target.bias + (not target.subnormals)  # its least value is a normal one
            return Float(f"{target.name} with {bits} bits more", target.exponent_bits + 1, target.precision + bits, bias, Specials.IEEE)
    return None


def _adding(source: Format, target: Format) -> Float | None:
    """The precision of ``source`` at exponents from half the least value of ``target`` on; below, as many bits: the grid on which sums next below a step round."""
    if not isinstance(source, Float) or not isinstance(target, Float | Fixed) or (isinstance(target, Float) and not target.subnormals):
        return None
    last = -target.fraction_bits if isinstance(target, Fixed) else target.emin - target.trailing
    w = min(64 - source.precision, source.exponent_bits + 1)
    if last - 1 <= source.emin or (1 << w) - 4 + last < (1 << source.exponent_bits) - 1 - source.bias:
        return None
    return Float(f"{source.name} from half of {target.name}'s least value on", w, source.precision, 2 - last, Specials.IEEE)


def _deviations(source: Format, target: Format, how: Projection) -> list[Option[Model]]:
    """Other ways of using the bits, and not using them."""
    found: list[Option[Model]] = []
    if (grid := _adding(source, target)) is not None:
        words = "the random bits are added in the operand's precision: what is next below a sum of 1 counts as 1"
        found.append(Option(words, _Via(grid, Projection(rounding=Rounding.NEAREST_AWAY))))
    if how.rounding is Rounding.STOCHASTIC_B and isinstance(source, Float) and source.precision <= how.bits < 52:
        found.append(
            Option(
                "R + 1/2 and its sum with the fraction are rounded to the operand's precision: at the greatest draw exact values go up, too", _RoundedDraws()
            )
        )
    found += [Option(f"rounds {mode.value}", Set((("rounding", mode),))) for mode in WITH_BITS if mode is not how.rounding]
    found.append(Option("uses the complement of the random bits", _Complemented()))
    if how.rounding is not Rounding.STOCHASTIC_A:
        found.append(Option("an operand that its first rounding, to the bits that are drawn, makes a value of the format is cut off", _Cut()))
    return found + [Option(f"ignores the random bits and rounds {mode.value}", _Instead(mode)) for mode in DETERMINISTIC]
