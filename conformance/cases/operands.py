"""Operands for an operation of one, two or three operands.

One operand of at most 16 bits, two of at most 8: every one. Otherwise, for one operand: landmarks and random codes spread over exponents.
For two: every pair of core data; random pairs; pairs whose exponents are close, both signs, so that sums cancel. For three: every
triple of the innermost data; random triples; triples whose third operand nearly cancels the product of the first two.
"""

from functools import lru_cache

import numpy as np

from conformance.cases.landmarks import every_code, landmarks, scattered
from conformance.claims import Codes
from conformance.problem import Cases, Operands
from formats.arrays import dtype
from formats.family import Format
from formats.floats import Float


@lru_cache(maxsize=16)
def operand_cases(formats: tuple[Format, ...], seed: int, samples: int, most: int = 0) -> Cases:
    """The operands for an operation on ``formats``; ``samples`` random ones of each kind where they are too many for all.

    ``most``: where it is not 0, so many of them at most.
    """
    return _some(_cases(formats, seed, samples, most), seed, most) if most else _cases(formats, seed, samples, 1 << 16)


def _some(cases: Cases, seed: int, most: int) -> Cases:
    """Some of the cases: of those chosen for a reason, and of the random ones, equal parts at random."""
    if len(cases) <= most:
        return cases
    rng = np.random.Generator(np.random.PCG64([seed, most]))
    chosen, random = np.split(np.arange(len(cases)), [cases.boundaries])
    chosen = rng.permutation(chosen)[: max(most // 2, most - len(random))]
    random = rng.permutation(random)[: most - len(chosen)]
    picks = np.sort(np.concatenate([chosen, random]))
    return Cases(tuple(codes[picks] for codes in cases.operands), False, len(chosen), len(random), few=True)


def _cases(formats: tuple[Format, ...], seed: int, samples: int, all_up_to: int) -> Cases:
    """All that are planned; every one where they are not more than ``all_up_to``."""
    widths = [fmt.width for fmt in formats]
    if len(formats) == 1 and formats[0].codes <= all_up_to:
        return Cases((every_code(formats[0]),), True, formats[0].codes, 0)
    if len(formats) == 2 and max(widths) <= 8 and formats[0].codes * formats[1].codes <= all_up_to:
        pair = np.meshgrid(every_code(formats[0]), every_code(formats[1]), indexing="ij")
        return Cases(tuple(codes.reshape(-1) for codes in pair), True, pair[0].size, 0)
    rng = np.random.Generator(np.random.PCG64([seed, len(formats), *widths]))
    chosen = _product([core(fmt, 3 if len(formats) == 2 else 1) if len(formats) > 1 else landmarks(fmt) for fmt in formats])
    free: Operands = tuple(scattered(fmt, samples, rng) for fmt in formats)
    parts = [chosen, free]
    if len(formats) > 1:
        parts.append(_close(formats, samples, rng))
    operands = tuple(np.concatenate([part[i] for part in parts]).astype(dtype(fmt)) for i, fmt in enumerate(formats))
    return Cases(operands, False, len(chosen[0]), len(operands[0]) - len(chosen[0]))


def core(fmt: Format, depth: int) -> Codes:
    """Zeros, the ends of the subnormal and the normal range, 1 and its neighbours, small integers, infinities, NaNs; both signs."""
    least_normal, greatest = fmt.least_normal or 1, fmt.greatest()
    codes = {fmt.least, greatest, least_normal, least_normal - 1}
    for x in (1, 2, 3, 5):
        place, _ = fmt.code_below(_exact(x))
        codes |= {place + d for d in range(-depth + 1, depth)}
    if depth > 1:
        codes |= {fmt.least + 1, greatest - 1, least_normal + 1, greatest // 2, greatest // 3}
    magnitudes = sorted(code for code in codes if 0 <= code <= greatest)
    found = {fmt.join(sign, code) for code in magnitudes for sign in (False, True) if code <= fmt.greatest(sign)}
    if fmt.has_zero:
        found |= {fmt.zero(), fmt.zero(True)}
    if fmt.has_infinity:
        found |= {fmt.infinity(), fmt.infinity(fmt.signed)}
    if fmt.has_nan:
        found.add(fmt.nan())
        if isinstance(fmt, Float) and fmt.has_infinity and fmt.trailing > 1 and fmt.has_negative_zero:
            found.add(fmt.infinity() + 1)
    return np.array(sorted(found), dtype=object).astype(dtype(fmt))


def _exact(x: int) -> object:
    from gmpy2 import mpq

    return mpq(x)


def _product(columns: list[Codes]) -> Operands:
    grids = np.meshgrid(*columns, indexing="ij")
    return tuple(grid.reshape(-1) for grid in grids)


def _close(formats: tuple[Format, ...], samples: int, rng: np.random.Generator) -> Operands:
    """The last operand is near the first in magnitude (for three operands: near the exponent sum of the first two), with any sign."""
    first = [scattered(fmt, samples, rng) for fmt in formats]
    lead, last = formats[0], formats[-1]
    if not isinstance(lead, Float) or lead != last or first[0].dtype == object:
        return tuple(first)
    kind = first[0].dtype.type
    step = 1 << lead.trailing
    drift = rng.integers(-2 * step, 2 * step, size=samples) if lead.trailing < 60 else np.zeros(samples, np.int64)
    mask = kind((1 << (lead.width - lead.signed)) - 1)
    base = first[0] & mask
    if len(formats) == 3:
        base = (base + (first[1] & mask) - kind(lead.bias << lead.trailing)) & mask
    moved = (base + drift.astype(np.int64).astype(first[0].dtype)) & mask
    signs = first[0] & ~mask if len(formats) == 2 else (first[0] ^ first[1]) & ~mask
    flip = rng.integers(0, 2, size=samples).astype(first[0].dtype) << kind(lead.width - 1) if lead.signed else np.zeros(samples, first[0].dtype)
    first[-1] = moved | (signs ^ flip)
    return tuple(first)
