"""Conversions of arrays are the operation ``convert``: in the dialect of the formats, by every path, and with random operands only where one is drawn."""

from dataclasses import replace

import numpy as np
import pytest

from formats.arithmetic import operation
from formats.arrays import convert, convert_codes, dtype, operate
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.flags import INVALID
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.rounding import Rounding

SOURCES = ("binary16", "ocp_e5m2", "e4m3fnuz", "binary8p3se", "posit8", "takum12", "q4.4", "binary32")
TARGETS = ("posit8", "posit16", "takum12", "binary8p3se", "binary8p4uf", "binary16", "ocp_e4m3", "int8")


def some_codes(name: str) -> np.ndarray:
    """All codes of a short format, and of a wider one both ends of each sign."""
    f = parse(name)
    if f.width <= 8:
        return np.arange(f.codes).astype(dtype(f))
    half = f.codes // 2
    ends = [*range(40), *range(half - 40, half + 40), *range(f.codes - 40, f.codes)]
    specials = [0x7C00, 0x7C01, 0x7E00, 0xFC00, 0xFD23] if name == "binary16" else [0x7F800000, 0x7F800001, 0x7FC00000, 0xFF800000, 0xFF812345]
    return np.array([*ends, *(code for code in specials if code < f.codes)], dtype=dtype(f))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", TARGETS)
def test_codes_and_flags_are_those_of_the_operation(source: str, target: str) -> None:
    """Under three projections, NaNs that signal and infinities among the operands: arrays, codes alone, and one code at a time."""
    s, t = parse(source), parse(target)
    codes = some_codes(source)
    usual = replace(t.default, absent_nan=AbsentNaN.LOWEST)
    for how in (usual, replace(usual, overflow=Overflow.SATURATE_FINITE), replace(usual, rounding=Rounding.TOWARD_ZERO)):
        found, flags = convert(codes, s, t, how)
        scalar = operation("convert", s, to=t, projection=how)
        expected = [scalar(code) for code in codes.tolist()]
        assert found.tolist() == [one.code for one in expected]
        assert flags.tolist() == [int(one.flags) for one in expected]
        assert np.array_equal(convert_codes(codes, s, t, how), found)
        assert all(np.array_equal(a, b) for a, b in zip(operate("convert", s, (codes,), t, how), (found, flags), strict=True))


def test_a_signalling_nan_raises_nothing_where_flags_are_unknown() -> None:
    """Into a posit and into P3109 a NaN is a NaN; into binary64 a signalling one is invalid."""
    codes = np.array([0x7F800001, 0x7F800000], np.uint32)
    for target, first in (("posit16", 0), ("binary8p3se", 0), ("binary64", INVALID)):
        assert convert(codes, parse("binary32"), parse(target))[1].tolist() == [first, 0]
    assert convert(codes, parse("binary32"), parse("posit16"), Projection(overflow=Overflow.SATURATE_FINITE))[0].tolist() == [0x8000, 0x8000]


def test_a_conversion_from_one_standard_to_another_follows_that_of_its_result() -> None:
    """The infinity of P3109 becomes NaR; operations on formats of both still ask whose special cases hold."""
    infinity = np.array([parse("binary8p3se").infinity()], np.uint8)
    assert operate("convert", parse("binary8p3se"), (infinity,), parse("posit8"))[0].tolist() == [0x80]
    assert operation("convert", "binary8p3se", to="posit8").dialect is Dialect.POSIT
    with pytest.raises(RefmathError, match="say which dialect holds"):
        operation("add", "binary8p3se", to="posit8")


def test_the_result_format_of_a_predicate_decides_nothing() -> None:
    """A truth value has no format: whose special cases hold is said by the operands."""
    for name in ("compare_quiet_less", "is_signaling"):
        assert operation(name, "binary16", to="posit8").dialect is operation(name, "binary16").dialect is Dialect.IEEE754


NOTHING_DRAWN = np.array([0x0000, 0x8000, 0x7C00, 0x7E00], np.uint16)
"""Zeros, an infinity, a NaN."""


@pytest.mark.parametrize(("how", "random"), [(Projection(rounding=Rounding.STOCHASTIC), 0), (Projection(rounding=Rounding.STOCHASTIC_A, bits=4), 16)])
def test_random_operands_are_wanted_only_where_one_is_drawn(how: Projection, random: int) -> None:
    """Arrays refuse random operands that do not fit exactly where the same code alone does."""
    f, t = parse("binary16"), parse("bfloat16")
    scalar = operation("convert", f, to=t, projection=how)
    expected = [scalar(code, random=random).code for code in NOTHING_DRAWN.tolist()]
    for found in (convert(NOTHING_DRAWN, f, t, how, random), operate("convert", f, (NOTHING_DRAWN,), t, how, random=random)):
        assert found[0].tolist() == expected and not found[1].any()
    assert operate("compare_quiet_less", f, (NOTHING_DRAWN, NOTHING_DRAWN), projection=how, random=random)[0].tolist() == [0, 0, 0, 0]
    number = np.array([0x3C00], np.uint16)
    refusals = []
    for ask in (
        lambda: scalar(0x3C00, random=random),
        lambda: convert(number, f, t, how, random),
        lambda: operate("convert", f, (number,), t, how, random=random),
        lambda: operate("convert", f, (NOTHING_DRAWN,), t, how, random=random, engine="array"),
    ):
        with pytest.raises(RefmathError) as refused:
            ask()
        refusals.append(str(refused.value))
    assert len(set(refusals)) == 1
