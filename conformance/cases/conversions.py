"""Operands for a conversion: everything for sources up to 16 bits, else all places where a result can change, and random ones.

Plan P, for a wider source: every value and every rounding threshold of a target of at most 16 bits (a sample for wider ones),
each with its neighbours one and two source codes away, some at every power of two of steps; powers of two and their neighbours; every exponent boundary; the
subnormals' ends of source and target; the overflow edge; every kind of NaN and infinity; then random codes spread evenly over
exponents, from a seed.
"""

from functools import lru_cache

import numpy as np

from conformance.cases.landmarks import every_code, landmarks, scattered
from conformance.cases.operands import core
from conformance.claims import Codes
from conformance.problem import Cases
from formats.arrays import convert, dtype, has_engine
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.overflow import Overflow
from refmath.reals import Real
from refmath.rounding import Rounding

EXHAUSTIVE_BITS = 16
SCALAR_POINTS = 1 << 14
"""Thresholds that are visited where the scalar reference has to find them."""
DISTANT = 128
"""Thresholds that are visited at every distance."""
TRUNCATE = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.MAGNITUDE)


@lru_cache(maxsize=8)
def conversion_cases(source: Format, target: Format, seed: int, samples: int, points: int, most: int = 0) -> Cases:
    """The operands for source -> target, where the source is too wide for all with ``samples`` random ones.

    ``points`` bounds how many values and thresholds of the target are visited; ``most``, where it is not 0, how many operands there are, nearly.
    """
    if source.width <= EXHAUSTIVE_BITS and not 0 < most < source.codes:
        return Cases((every_code(source),), True, source.codes, 0)
    rng = np.random.Generator(np.random.PCG64([seed, source.width, target.width]))
    if most:
        return _few(source, target, rng, min(samples, most // 8), most)
    thresholds = _thresholds(source, target, rng, points)
    edges = np.concatenate([neighbourhood(thresholds, source), _distances(thresholds, source, rng), landmarks(source)])
    edges = np.unique(edges.astype(dtype(source)))
    codes = np.union1d(edges, scattered(source, samples, rng))
    return Cases((codes,), False, len(edges), len(codes) - len(edges))


def _few(source: Format, target: Format, rng: np.random.Generator, samples: int, most: int) -> Cases:
    """About ``most`` operands: half of them at thresholds, among those the ends of the target's ranges, an eighth each far from those and from everywhere."""
    thresholds = np.union1d(rng.permutation(_thresholds(source, target, rng, most // 10))[: most // 10], _ends(source, target))
    distant = rng.permutation(_distances(thresholds, source, rng))[: most // 8]
    edges = np.concatenate([neighbourhood(thresholds, source), core(source, 1), distant, rng.permutation(landmarks(source))[: most // 8]])
    edges = np.unique(edges.astype(dtype(source)))
    codes = np.union1d(edges, scattered(source, samples, rng))
    return Cases((codes,), False, len(edges), len(codes) - len(edges), few=True)


def _ends(source: Format, target: Format) -> Codes:
    """Thresholds about the ends of the target's ranges and about 1: values, and the points in the middle between them."""
    finite = [place for code in core(target, 2).tolist() if (place := target.magnitude(code))]
    if not isinstance(target, Float | Fixed):
        middles = [(sign, value) for sign, code in finite if not isinstance(value := target.value(2 * code + 1, 1, sign), Real)]
        return np.array([source.round(-value if sign else value, TRUNCATE) for sign, value in middles], dtype=object).astype(dtype(source))
    refined = _refined(target)
    found = sorted({refined.join(sign, 2 * code + d) for sign, code in finite for d in (-1, 0, 1) if 0 < 2 * code + d <= refined.greatest(sign)})
    return convert(np.array(found, dtype=object).astype(dtype(refined)), refined, source, TRUNCATE)[0]


def _thresholds(source: Format, target: Format, rng: np.random.Generator, limit: int) -> Codes:
    """Source codes at or just below the values and midpoints of the target, both signs."""
    if not isinstance(target, Float | Fixed):
        return _refined_values(source, target, rng, limit)
    refined = _refined(target)
    points = _points(refined, rng)
    limit = limit if has_engine(refined) and has_engine(source) else min(limit, 4096)
    if len(points) > limit:
        points = np.sort(rng.permutation(points)[:limit])
    return convert(points, refined, source, TRUNCATE)[0]


def _refined_values(source: Format, target: Format, rng: np.random.Generator, limit: int) -> Codes:
    """The same for other families, from the values of the codes with one refinement bit more: those are the points in the middle of gaps."""
    found = []
    for negative in (False, True) if source.signed and target.signed else (False,):
        low, high = 2 * max(target.least, 1), 2 * target.greatest(negative) + 2
        few = range(low, high) if high - low <= min(limit, SCALAR_POINTS) else rng.integers(low, high, size=min(limit, SCALAR_POINTS)).tolist()
        exact = [value for code in few if not isinstance(value := target.value(code, 1, negative), Real)]
        found += [source.round(-value if negative else value, TRUNCATE) for value in exact]
    return np.array(found, dtype=object).astype(dtype(source))


def _refined(target: Format) -> Format:
    """A format that has every value and every midpoint of the target, and goes on a little beyond its greatest value."""
    if isinstance(target, Fixed):
        return Fixed("refined", target.width + 2, target.fraction_bits + 1, True)
    assert isinstance(target, Float)
    exponent_bits = target.exponent_bits if target.specials in (Specials.IEEE, Specials.RESERVED) else target.exponent_bits + 1
    return Float("refined", exponent_bits, target.precision + 1, target.bias, Specials.NONE, signed=True)


def _points(refined: Format, rng: np.random.Generator) -> Codes:
    """All codes of a narrow format; of a wide one the ends of every binade and a sample."""
    if refined.width <= 18:
        return np.arange(refined.codes, dtype=np.uint64).astype(dtype(refined))
    if refined.width > 64:
        return landmarks(refined)
    return np.concatenate([landmarks(refined), scattered(refined, 8192, rng)])


def neighbourhood(codes: Codes, fmt: Format) -> Codes:
    """The codes themselves, and those one and two away on either side."""
    if codes.dtype == object:
        return np.array(sorted({(int(code) + d) % fmt.codes for code in codes for d in (-2, -1, 0, 1, 2)}), dtype=object)
    mask = codes.dtype.type(fmt.codes - 1)
    one = codes.dtype.type(1)
    near: Codes = np.concatenate([codes, codes + one, codes + one + one, codes - one, codes - one - one]) & mask
    return near


def _distances(thresholds: Codes, fmt: Format, rng: np.random.Generator) -> Codes:
    """Some thresholds, and the codes every power of two of steps away: they tell intermediate precisions apart."""
    some = rng.permutation(thresholds)[:DISTANT]
    steps = [1 << k for k in range((fmt.trailing if isinstance(fmt, Float) else fmt.width) - 1)]
    if some.dtype == object:
        return np.array([(int(code) + d) % fmt.codes for code in some for step in steps for d in (step, -step)], dtype=object)
    offsets = np.array(steps, dtype=some.dtype)
    mask = some.dtype.type(fmt.codes - 1)
    near: Codes = np.concatenate([some[:, None] + offsets, some[:, None] - offsets]).reshape(-1) & mask
    return near
