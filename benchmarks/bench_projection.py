"""Scalar projection into 8- and 16-bit floats, beside gfloat's rounding and encoding: one number at a time, nearest even."""

import random
from fractions import Fraction
from functools import partial

import gfloat
from gfloat import formats as theirs
from gmpy2 import mpq

from benchmarks.measure import Row, side_by_side
from formats.floats import Float
from formats.notation import parse
from refmath.datum import Finite
from refmath.flags import Flags

ITEMS = 2000
LIMIT = 4e-6
PAIRS = {
    "ocp_e4m3": theirs.format_info_ocp_e4m3,
    "ocp_e5m2": theirs.format_info_ocp_e5m2,
    "binary16": theirs.format_info_binary16,
    "bfloat16": theirs.format_info_bfloat16,
}


def numbers(fmt: Float, count: int) -> list[float]:
    """Random binary32 numbers spread evenly over the exponents of a format, subnormal and overflowing ones among them."""
    rng, f32 = random.Random(0), parse("binary32")
    low, high = fmt.emin - fmt.trailing - 2, fmt.emin + (fmt.greatest() >> fmt.trailing) + 1
    exponents = [rng.randint(max(low, -149), min(high, 127)) for _ in range(count)]
    codes = [f32.round(mpq(rng.choice((-1, 1)) * (rng.getrandbits(23) | 1 << 23)) / (1 << 23) * mpq(2) ** e) for e in exponents]
    return [f32.to_float(code) for code in codes if isinstance(f32.decode(code), Finite)]


def project(fmt: Float, xs: list[mpq]) -> list[tuple[int, Flags]]:
    """Codes and flags of exact rationals."""
    return [fmt.project(x) for x in xs]


def from_float(fmt: Float, xs: list[float]) -> list[int]:
    """Codes of Python floats."""
    return [fmt.from_float(x) for x in xs]


def round_and_encode(info: gfloat.FormatInfo, xs: list[float]) -> list[int]:
    """Codes of Python floats, by gfloat."""
    return [gfloat.encode_float(info, gfloat.round_float(info, x)) for x in xs]


def run() -> list[Row]:
    """For each format: from an exact rational, from a Python float, and gfloat from a Python float."""
    rows = []
    for name, info in PAIRS.items():
        fmt = parse(name)
        assert isinstance(fmt, Float)
        floats = numbers(fmt, ITEMS)
        rationals = [mpq(Fraction(x)) for x in floats]
        rows += side_by_side(
            f"{len(floats):,} numbers into {name}",
            {
                "refmath project (exact rational)": partial(project, fmt, rationals),
                "refmath from_float": partial(from_float, fmt, floats),
                "gfloat round_float + encode_float": partial(round_and_encode, info, floats),
            },
            len(floats),
            {"refmath project (exact rational)": LIMIT},
        )
    return rows
