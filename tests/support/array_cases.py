"""Formats, projections and codes with which the array engine is held to the reference."""

import random

import numpy as np

from formats.array_layout import dtype, has_engine
from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

FORMATS = [named.format for named in CATALOGUE if has_engine(named.format)]
FLOATS = [fmt for fmt in FORMATS if isinstance(fmt, Float) and fmt.width <= 32]
FIXED = [parse(name) for name in ("int8", "uint8", "int16", "int32", "uint32", "q4.4", "q16.16", "uq0.8", "int8(symmetric=yes)", "q20.-4")]
MORE = [
    parse(text)
    for text in (
        "e3m12",
        "e8m2(specials=fnuz)",
        "e5m17(specials=fn)",
        "ue6m9(specials=none)",
        "e4m6(subnormals=no, zero=no)",
        "e6m3(subnormals=no)",
        "e0m7",
        "e10m21",
        "e2m29(bias=40)",
        "binary10p4se",
        "binary9p3uf",
        "binary16p9sf",
        "ue5m0(specials=reserved, subnormals=no, zero=no)",
        "e6m5(specials=reserved)",
    )
]


def boundary_codes(fmt: Format, rng: random.Random, count: int = 200) -> list[int]:
    """Every code of a small format; of a wider one the extremes, the powers of two and random codes."""
    if fmt.width <= 10:
        return list(range(fmt.codes))
    landmarks = (0, fmt.greatest(), fmt.least_normal or 0, fmt.codes - 1, fmt.codes // 2, fmt.codes // 4)
    near = {(mark + step) % fmt.codes for mark in landmarks for step in range(-6, 7)}
    bits = {code % fmt.codes for k in range(fmt.width) for code in (1 << k, (1 << k) - 1, fmt.codes - (1 << k))}
    return sorted(near | bits | {rng.getrandbits(fmt.width) for _ in range(count)})


def random_format(rng: random.Random) -> Format:
    """A float of at most 32 bits, or a fixed-point format."""
    return rng.choice(rng.choice((FLOATS, FLOATS, MORE, FIXED)))


def random_projection(rng: random.Random, bits: tuple[int, ...] = (1, 2, 8, 23, 61)) -> Projection:
    """Any mode with any policies."""
    mode = rng.choice([mode for mode in Rounding if mode is not Rounding.STOCHASTIC])
    return Projection(
        rounding=mode,
        bits=rng.choice(bits) if mode.stochastic else 0,
        overflow=rng.choice([policy for policy in Overflow if policy is not Overflow.ERROR]),
        tininess=rng.choice(list(Tininess)),
        results=rng.choice(list(Subnormals)),
        operands=rng.choice(list(Subnormals)),
        nans=rng.choice(list(NaNs)),
        absent_nan=rng.choice(list(AbsentNaN)[1:]),
        absent_zero=rng.choice(list(AbsentZero)),
        negatives=rng.choice(list(Negatives)),
    )


def operands(rng: random.Random, formats: tuple[Format, ...], cases: int) -> tuple[np.ndarray, ...]:
    """Codes of at most 64 bits: random ones, many with low zero bits; ends, powers of two and their neighbours; and codes near other operands, so that sums cancel."""
    draw, found = np.random.default_rng(rng.getrandbits(64)), list[np.ndarray]()
    for f in formats:
        codes = _codes(f, draw, cases)
        same = [other for other, g in zip(found, formats, strict=False) if g == f]
        if same:
            near = same[rng.randrange(len(same))] ^ draw.integers(0, 4, cases, np.uint64) ^ (draw.integers(0, 2, cases, np.uint64) << np.uint64(f.width - 1))
            codes = np.where(draw.random(cases) < 0.3, near & np.uint64(f.codes - 1), codes)
        found.append(codes)
    return tuple(codes.astype(dtype(f)) for codes, f in zip(found, formats, strict=True))


def _codes(f: Format, draw: np.random.Generator, cases: int) -> np.ndarray:
    """Codes of one format."""
    ends = np.array([0, f.greatest(), f.least_normal or 0, f.codes - 1, f.codes // 2, f.codes // 4], np.uint64)
    marks = draw.choice(ends, cases) + draw.integers(0, 7, cases, np.uint64) - np.uint64(3)
    powers = (np.uint64(1) << draw.integers(0, f.width, cases, np.uint64)) - draw.integers(0, 2, cases, np.uint64)
    cut = draw.choice(np.array([0, 0, f.width // 2, f.width // 3], np.uint64), cases)
    codes = draw.integers(0, f.codes - 1, cases, np.uint64, endpoint=True) >> cut << cut
    kind = draw.random(cases)
    return np.where(kind < 0.15, marks, np.where(kind < 0.3, powers, codes)) & np.uint64(f.codes - 1)
