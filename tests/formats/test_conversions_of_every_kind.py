"""Conversions of arrays among all kinds of formats, held to the definition: what each code stands for, projected."""

import random
from dataclasses import replace

import numpy as np
import pytest

from formats.arrays import convert, dtype, engine_for, operate
from formats.notation import parse
from formats.projection import AbsentNaN, NaNs, Projection
from refmath.rounding import Rounding

EVERY_KIND = (
    "binary16",
    "ocp_e4m3",
    "binary8p3se",
    "e8m0",
    "e4m3fnuz",
    "posit8",
    "posit16",
    "takum12",
    "takum_log12",
    "lns4.3",
    "q4.4",
    "uint8",
    "int16",
    "nf4",
    "e2m1",
)
MODES = [mode for mode in Rounding if mode is not Rounding.STOCHASTIC]
WIDE = ("binary32", "posit32", "takum32", "int32", "q16.16", "binary64")


@pytest.mark.parametrize("source", [*EVERY_KIND, *WIDE])
def test_conversions_among_all_kinds_of_formats_are_projections_of_what_codes_stand_for(source: str) -> None:
    """Each element: the datum, projected, in several modes, random bits given; and none of them is beyond kernels, tables and thresholds, for which there are codes enough."""
    rng, f = random.Random(source), parse(source)
    modes, count = (4, 60) if f.width <= 16 else (2, 2100)
    for target, mode in ((target, mode) for target in EVERY_KIND for mode in rng.sample(MODES, modes)):
        to = parse(target)
        how = replace(to.default, rounding=mode, bits=3 if mode.stochastic else 0, absent_nan=rng.choice([AbsentNaN.SIGNED_GREATEST, AbsentNaN.ZERO]))
        codes = [rng.randrange(f.codes) for _ in range(count)] if f.width > 6 else list(range(f.codes)) * 4
        draws = [rng.getrandbits(3) if how.bits else 0 for _ in codes]
        expected = [to.project(f.operand(code, how.operands), how, draw)[0] for code, draw in zip(codes, draws, strict=True)]
        found = convert(np.array(codes, dtype=object).astype(dtype(f)), f, to, how, np.array(draws) if how.bits else 0)[0]
        assert found.tolist() == expected, (target, how)
        assert engine_for(f, to, how) in ("array", "table")


@pytest.mark.parametrize("nans", list(NaNs))
def test_what_takes_the_place_of_a_nan_goes_by_the_sign_of_the_operand(nans: NaNs) -> None:
    """Whatever NaN an operation would deliver: the scalar operation and every engine, of one operand and of two."""
    f, to, how = parse("binary16"), parse("int8"), Projection(nans=nans, absent_nan=AbsentNaN.SIGNED_GREATEST)
    codes = np.array([0x7E00, 0xFE00, 0x7D01, 0xFD01], np.uint16)
    for engine in ("array", "table", "reference"):
        assert convert(codes, f, to, how, engine=engine)[0].tolist() == [127, 128, 127, 128]
    ones = np.full(4, 0x3C00, np.uint16)
    for engine in ("array", "reference"):
        assert operate("add", f, (ones, codes), to, how, engine=engine)[0].tolist() == [127, 128, 127, 128]
