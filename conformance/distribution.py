"""Stochastic rounding with the emulator's own generator: every result must be a neighbour of the operand, and each as often as the mode says.

Operands at chosen fractions of chosen gaps are rounded many times. A result that is no neighbour is a plain mismatch. The counts of results away from zero are compared
with the probability of the mode by Pearson's chi-squared test, one for each fraction and one over all, and their sum with its mean (the bias) by its normal
approximation. All other ways of drawing that are known are tried on the same counts; where the declared one is refuted, those that are not are named.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.budget import Budget
from conformance.claims import Claim, Codes, Draws
from conformance.compare import differ, is_nan, zeros_apart
from conformance.numbers import number
from conformance.verdict import Counterexample, Status
from formats.arrays import dtype
from formats.explain import count_away
from formats.family import Format
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.reals import Real
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

Mask = NDArray[np.bool_]
FRACTIONS = tuple(
    Fraction(n, d)
    for n, d in ((1, 4096), (1, 512), (3, 1024), (1, 64), (1, 16), (1, 8), (3, 16), (1, 4), (3, 8), (1, 2), (5, 8), (3, 4), (15, 16), (63, 64), (511, 512))
)
"""Where in its gap an operand lies."""
GAPS = 12
REPEATS = 4096
"""Times that each operand is rounded; a quarter of it in a quick check."""
SIGNIFICANCE = 1e-9
"""The probability, over all tests of a claim together, of refuting a right emulator."""
EXACT_BITS = 48
EXTREMES = Projection(Rounding.STOCHASTIC_A, bits=EXACT_BITS)
MOST_BITS = 24
"""The greatest number of random bits that is told from exact proportion."""


@dataclass(frozen=True)
class Point:
    """An operand: its code in the source, its neighbours in the target."""

    code: int
    near: int
    far: int
    value: Finite
    """What is rounded into the target."""
    fraction: Fraction
    """The fraction that was aimed at, by which counts are pooled."""


@dataclass(frozen=True)
class Way:
    """A way of drawing: its words, and the probability that a value is rounded away from zero."""

    words: str
    probability: Callable[[Format, Finite], Fraction]


def points(source: Format, target: Format, results: Subnormals = Subnormals.KEEP, unit: mpq | int = 1) -> tuple[Point, ...]:
    """Operands of the source inside gaps of the target: among subnormal and normal values, at ends of binades, near the greatest, of both signs.

    ``results``: where subnormal ones become zero, those below the least normal value are left out. ``unit``: by what operands are divided before they are rounded.
    """
    found = []
    greatest = target.greatest()
    least = target.least_normal or 1
    ordinals = {0, 1, least // 2, least - 1, least, greatest // 3, greatest // 2, 2 * greatest // 3, greatest - 1, *_ones(target)}
    places = sorted(ordinal for ordinal in ordinals if target.least - target.has_zero <= ordinal < greatest and ordinal >= 0)
    for ordinal in places[:: max(1, len(places) // GAPS)]:
        for negative in (False, True) if target.signed and source.signed else (False,):
            found += _inside(source, target, ordinal, negative, replace(EXTREMES, results=results, tininess=Tininess.BEFORE), unit)
    return tuple(found)


def _ones(target: Format) -> tuple[int, ...]:
    place, _ = target.code_below(mpq(1), 0)
    return (place - 1, place)


def _inside(source: Format, target: Format, ordinal: int, negative: bool, extremes: Projection, unit: mpq | int) -> list[Point]:
    low, high = target.value(ordinal) if ordinal or not target.has_zero else mpq(0), target.value(ordinal + 1)
    found: list[Point] = []
    if isinstance(low, Real) or isinstance(high, Real):
        return found
    for fraction in FRACTIONS:
        aim = (low + (high - low) * mpq(fraction.numerator, fraction.denominator)) * unit
        code = source.round(-aim if negative else aim, Projection(rounding=Rounding.TOWARD_ZERO))
        datum = source.decode(code)
        if isinstance(datum, Finite) and not isinstance(datum.value, Real) and low < abs(datum.value) / unit < high:
            datum = Finite(datum.value / unit, datum.negative)
            near, far = (target.round(datum, extremes, draw) for draw in (0, (1 << EXACT_BITS) - 1))
            if near != far:  # posits never round to zero, whatever is drawn
                found.append(Point(code, near, far, datum, fraction))
    return found


@cache
def _probability(target: Format, value: Finite, mode: Rounding, bits: int) -> Fraction:
    """Of rounding away from zero: the part of the draws that do, by the reference."""
    return Fraction(count_away(target, value, mode, bits), 1 << bits)


def ways() -> list[Way]:
    """Every known way of drawing, the exact one first."""
    found = [Way("proportional to the distance", lambda target, value: _probability(target, value, Rounding.STOCHASTIC, EXACT_BITS))]
    found.append(Way("up or down with equal probability", lambda target, value: Fraction(1, 2)))
    for bits in range(1, MOST_BITS + 1):
        for mode in (Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C):
            found.append(Way(f"{mode.value} with {bits} bits", lambda target, value, mode=mode, bits=bits: _probability(target, value, mode, bits)))  # type: ignore[misc]
    return found


def declared(claim: Claim) -> Way:
    """The way that a claim states."""
    mode, bits = claim.projection.rounding, claim.projection.bits
    if claim.draws is Draws.EQUAL:
        return ways()[1]
    if not mode.stochastic:
        raise RefmathError(f"{claim.call} draws random bits, and its claim names {mode.value}, which needs none.")
    if mode is Rounding.STOCHASTIC or not bits:
        return ways()[0]
    return Way(f"{mode.value} with {bits} bits", lambda target, value: _probability(target, value, mode, bits))


@dataclass(frozen=True)
class Outcome:
    """What the tests of one way say: the probability of so much deviation by chance for each fraction, over all, and of the bias."""

    by_fraction: dict[Fraction, float]
    overall: float
    bias: float
    """Mean excess of results away from zero, of 1."""
    bias_chance: float

    @property
    def refuted(self) -> bool:
        """Whether the way is impossible, or so improbable that chance is no explanation."""
        tests = (*self.by_fraction.values(), self.overall, self.bias_chance)
        return min(tests) < SIGNIFICANCE / len(tests)


def judge(way: Way, target: Format, tried: Sequence[Point], ups: Sequence[int], repeats: int) -> Outcome:
    """The counts of results away from zero, held to a way of drawing."""
    squares: dict[Fraction, list[float]] = {}
    excess, variance = 0.0, 0.0
    for point, up in zip(tried, ups, strict=True):
        p = float(way.probability(target, point.value))
        spread = repeats * p * (1 - p)
        over = up - repeats * p
        excess, variance = excess + over, variance + spread
        squares.setdefault(point.fraction, []).append(over * over / spread if spread else math.inf if over else 0.0)
    every = [x for some in squares.values() for x in some]
    z = abs(excess) / math.sqrt(variance) if variance else math.inf if excess else 0.0
    return Outcome(
        {f: _chance(sum(some), len(some)) for f, some in squares.items()},
        _chance(sum(every), len(every)),
        excess / (repeats * len(tried)),
        math.erfc(z / math.sqrt(2)),
    )


def _chance(square: float, degrees: int) -> float:
    """The probability that chi-squared with so many degrees of freedom is at least this."""
    import mpmath

    return 0.0 if math.isinf(square) else float(mpmath.gammainc(degrees / 2, square / 2, mpmath.inf, regularized=True))


def distribution(claim: Claim, run: Callable[[list[tuple[Codes, ...]]], list[Codes]], budget: Budget) -> dict[str, Any]:
    """What is found about a claim whose emulator draws by itself; ``run`` gives its results on a list of calls. The generator must have been seeded."""
    source, target = claim.operands[0], claim.result
    tried = points(source, target, claim.projection.results)
    repeats = REPEATS if budget.thorough_layouts else REPEATS // 4
    codes = np.array([point.code for point in tried], dtype=dtype(source))
    (out,) = run([(np.repeat(codes, repeats),)])
    got = out.reshape(len(tried), repeats)
    kind = dtype(target)
    near, far = (np.array([getattr(point, side) for point in tried], dtype=kind)[:, None] for side in ("near", "far"))
    found: dict[str, Any] = {"cases": got.size, "plan": f"{len(tried)} operands, {repeats:,} draws each"}
    unsigned = zeros_apart(target, got, np.broadcast_to(near, got.shape))
    neither = differ(target, got, np.broadcast_to(near, got.shape)) & differ(target, got, np.broadcast_to(far, got.shape))
    if neither.any():
        found |= _not_neighbours(claim, tried, got, neither, unsigned)
        got = np.where(unsigned, near, got)
        if (neither & ~unsigned).any():
            return found
    ups = [int(n) for n in np.count_nonzero(got == far, axis=1)]
    return counted(claim, target, tried, ups, repeats, found)


def counted(claim: Claim, target: Format, tried: Sequence[Point], ups: Sequence[int], repeats: int, found: dict[str, Any]) -> dict[str, Any]:
    """The fields of a verdict, those ``found`` so far with what the counts of results away from zero say."""
    outcome = judge(declared(claim), target, tried, ups, repeats)
    told = found | {"statistics": _told(outcome)}
    if not outcome.refuted:
        return {"status": Status.AGREES} | told
    fitting = [way.words for way in ways() if not judge(way, target, tried, ups, repeats).refuted]
    if all(up in (0, repeats) for up in ups):
        fitting = ["no draw at all: the same result every time"]
    words = f"draws {fitting[0]}" if fitting else f"P(up) is off by {outcome.bias:+.4f} on average, and by no known way of drawing"
    deviations = (*told.get("deviations", ()), words)
    return {"mismatches": 0} | told | {"status": Status.DIFFERS, "deviations": deviations, "where": _worst(outcome)}


def _told(outcome: Outcome) -> str:
    worst = min(outcome.by_fraction.values())
    return f"chi-squared p = {outcome.overall:.2g} over all, {worst:.2g} at the worst fraction; bias {outcome.bias:+.5f} (p = {outcome.bias_chance:.2g})"


def _worst(outcome: Outcome) -> str:
    fraction = min(outcome.by_fraction, key=lambda f: outcome.by_fraction[f])
    return f"worst at {fraction} of a gap, p = {outcome.by_fraction[fraction]:.2g}"


def _ends(target: Format) -> list[int]:
    """Zeros and the least normal values."""
    if target.least_normal is None or not target.has_zero:
        return []
    signs = {False, target.signed}
    return [target.zero(negative) for negative in signs] + [target.join(negative, target.least_normal) for negative in signs]


def _kinds(claim: Claim, tried: Sequence[Point], got: Codes, left: Mask) -> list[tuple[str, Mask]]:
    """What results that are no neighbours may be, in words, and which are: one datum for all, or what operands of one kind become."""
    source, target = claim.operands[0], claim.result
    others = np.unique(got[left])
    if len(others) == 1:
        return [(f"gives {number(target, int(others[0])).value}, which is no neighbour of the operand", np.ones(got.shape, bool))]
    if len(others) and np.isin(others, _ends(target)).all():
        return [("below the least normal value delivers that or zero", np.ones(got.shape, bool))]
    zeros = np.isin(got, [target.zero(negative) for negative in {False, target.signed}] if target.has_zero else [])
    subnormal = np.array([source.is_subnormal(point.code) for point in tried])[:, None]
    infinite = np.isin(got, [target.infinity(negative) for negative in {False, target.signed}] if target.has_infinity else [])
    found = [("gives nan", is_nan(target, got)), ("gives infinity", infinite), ("subnormal operands count as zero", subnormal & zeros)]
    if isinstance(target, Float) and target.trailing:
        far = np.array([point.far for point in tried], got.dtype)[:, None]
        below = far & got.dtype.type((1 << target.trailing) - 1) == 0  # the neighbour away from zero is a power of two
        coarse = below & (got == far - got.dtype.type(2))
        found.append(("just below a power of two operands are rounded by the steps above it: log2 is rounded", coarse))
    return found


def _not_neighbours(claim: Claim, tried: Sequence[Point], got: Codes, neither: Any, unsigned: Any) -> dict[str, Any]:
    """Results that no draw gives, with an example of each operand: zeros of the wrong sign, one datum for all the others, or what else."""
    words = ["the sign of zero is lost"] * bool(unsigned.any())
    left = neither & ~unsigned
    for told, fits in _kinds(claim, tried, got, left):
        if (left & fits).any():
            words.append(told)
            left &= ~fits
    if left.any():
        words.append("delivers what is no neighbour of the operand")
    rows = np.nonzero(neither.any(axis=1))[0]
    examples = []
    for row in rows[:5].tolist():
        point, wrong = tried[row], int(got[row, int(np.argmax(neither[row]))])
        given = (number(claim.operands[0], point.code),)
        remark = f"neither of its neighbours {number(claim.result, point.near).value} and {number(claim.result, point.far).value}"
        examples.append(Counterexample(given, number(claim.result, wrong), number(claim.result, point.near), remark))
    count = int(np.count_nonzero(neither))
    return {
        "status": Status.DIFFERS,
        "mismatches": count,
        "defects": count,
        "unexplained": int(np.count_nonzero(left)),
        "deviations": tuple(words),
        "counterexamples": tuple(examples),
    }
