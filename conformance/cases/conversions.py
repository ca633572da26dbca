"""Operands for a conversion: everything for sources up to 16 bits, else all places where a result can change, and random ones.

Plan P, for a wider source: every value and every rounding threshold of a target of at most 16 bits (a sample for wider ones),
each with its neighbours one and two source codes away, some at every power of two of steps; powers of two and their neighbours; every exponent boundary; the
subnormals' ends of source and target; the overflow edge; every kind of NaN and infinity; then random codes spread evenly over
exponents, from a seed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from formats.arrays import convert, dtype, has_engine
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

EXHAUSTIVE_BITS = 16
DISTANT = 128
"""Thresholds that are visited at every distance."""
TRUNCATE = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.MAGNITUDE)


@dataclass(frozen=True)
class Cases:
    """Source codes, distinct and ascending, and how they were chosen."""

    codes: Codes
    exhaustive: bool
    boundaries: int
    """How many were chosen for a reason."""
    random: int
    """How many are random."""
    seed: int

    @property
    def plan(self) -> str:
        """In words, for a verdict."""
        if self.exhaustive:
            return f"all {len(self.codes):,}"
        return f"{self.boundaries:,} boundary + {self.random:,} random"


@lru_cache(maxsize=8)
def conversion_cases(source: Format, target: Format, seed: int, samples: int, points: int) -> Cases:
    """The operands for source -> target, where the source is too wide for all with ``samples`` random ones.

    ``points`` bounds how many values and thresholds of the target are visited.
    """
    if source.width <= EXHAUSTIVE_BITS:
        return Cases(np.arange(source.codes, dtype=np.uint64).astype(dtype(source)), True, source.codes, 0, seed)
    rng = np.random.Generator(np.random.PCG64([seed, source.width, target.width]))
    thresholds = _thresholds(source, target, rng, points)
    edges = np.concatenate([_neighbourhood(thresholds, source), _distances(thresholds, source, rng), _landmarks(source)])
    edges = np.unique(edges.astype(dtype(source)))
    scattered = _scattered(source, samples, rng)
    codes = np.union1d(edges, scattered)
    return Cases(codes, False, len(edges), len(codes) - len(edges), seed)


def _thresholds(source: Format, target: Format, rng: np.random.Generator, limit: int) -> Codes:
    """Source codes at or just below the values and midpoints of the target, both signs."""
    refined = _refined(target)
    points = _points(refined, rng)
    limit = limit if has_engine(refined) and has_engine(source) else min(limit, 4096)
    if len(points) > limit:
        points = np.sort(rng.permutation(points)[:limit])
    return convert(points, refined, source, TRUNCATE)[0]


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
        return _landmarks(refined)
    return np.concatenate([_landmarks(refined), _scattered(refined, 8192, rng)])


def _landmarks(fmt: Format) -> Codes:
    """Powers of two and their neighbours, zeros, the ends of the subnormal range, the extremes, every kind of special, both signs."""
    near: set[int] = set()
    bits = fmt.width - fmt.signed
    if isinstance(fmt, Float):
        stored = fmt.trailing + fmt.explicit_integer_bit
        exponents = 1 << fmt.exponent_bits
        step = max(1, exponents // 512)
        for e in {*range(0, exponents, step), exponents - 1, exponents - 2, fmt.bias, fmt.bias + 1, fmt.bias - 1}:
            first = fmt.join(False, (e & (exponents - 1)) << fmt.trailing)
            near.update(first + d for d in (-3, -2, -1, 0, 1, 2, 3))
        near.update((1 << k) + d for k in range(stored) for d in (-1, 0, 1))
        special = ((1 << fmt.exponent_bits) - 1) << stored
        near.update(special + t for k in range(stored) for t in (1 << k, (1 << k) - 1, (1 << stored) - 1 - (1 << k)))
        near.update((fmt.least_normal or 0) + d for d in (-2, -1, 0, 1, 2))
    else:
        near.update((1 << k) + d for k in range(bits + 1) for d in (-2, -1, 0, 1, 2))
        near.update(range(min(1 << bits, 1025)))
        near.update(3 << k for k in range(bits - 1))
    near.update(fmt.join(False, fmt.greatest()) + d for d in range(-3, 4))
    near.update((1 << bits) - 1 - d for d in range(4))
    magnitudes = {code % (1 << bits) for code in near}
    signs = {0, 1 << (fmt.width - 1)} if fmt.signed else {0}
    both = sorted(
        {code | sign for code in magnitudes for sign in signs}
        | ({-code % fmt.codes for code in magnitudes} if isinstance(fmt, Fixed) and fmt.signed else set())
    )
    return np.array(both, dtype=object).astype(dtype(fmt))


def _neighbourhood(codes: Codes, fmt: Format) -> Codes:
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


def _scattered(fmt: Format, count: int, rng: np.random.Generator) -> Codes:
    """Random codes, spread evenly over exponents: over binades of magnitude for integers."""
    words = -(-fmt.width // 32)
    raw = rng.integers(0, 1 << 32, size=(words, count), dtype=np.uint64)
    if fmt.width > 64:
        whole = [sum(int(raw[k, i]) << (32 * k) for k in range(words)) & (fmt.codes - 1) for i in range(count)]
        return np.array([code | _integer_bit(fmt, code) for code in whole], dtype=object)
    codes: NDArray[np.uint64] = raw[0] | (raw[-1] << np.uint64(32) if words > 1 else np.uint64(0))
    codes &= np.uint64(fmt.codes - 1)
    if isinstance(fmt, Fixed):
        shift = rng.integers(0, fmt.width, size=count, dtype=np.uint64)
        codes >>= shift
        if fmt.signed:
            codes = np.where(rng.integers(0, 2, size=count, dtype=np.uint64) == 1, (~codes + np.uint64(1)) & np.uint64(fmt.codes - 1), codes)
    return codes.astype(dtype(fmt))


def _integer_bit(fmt: Format, code: int) -> int:
    """The stored integer bit that a random code of a normal x87 number has."""
    if not (isinstance(fmt, Float) and fmt.explicit_integer_bit):
        return 0
    return (1 << fmt.trailing) if (code >> (fmt.trailing + 1)) & ((1 << fmt.exponent_bits) - 1) else 0
