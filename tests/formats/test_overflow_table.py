"""What every overflow policy delivers, in every kind of format, as a table written out."""

import pytest

from formats.notation import parse
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.datum import Datum, Infinity, finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow, parse_overflow
from refmath.rounding import parse_rounding
from refmath.text import parse_exact

FORMATS = ("ocp_e5m2", "ocp_e4m3", "e2m1", "int8", "ue4m3", "binary8p4ue", "binary8p4sf")
"""With infinities and NaN; with NaN only; with neither; an integer; unsigned with NaN; unsigned with infinity; P3109's finite domain."""

TABLE = """
policy              mode             operand   ocp_e5m2  ocp_e4m3  e2m1   int8   ue4m3  binary8p4ue  binary8p4sf
ieee                nearest_even     2^20      inf       nan       max    max    nan    inf          nan
ieee                nearest_even     -2^20     -inf      nan       min    min    nan    nan          nan
ieee                nearest_even     inf       inf       nan       max    max    nan    inf          nan
ieee                nearest_even     -inf      -inf      nan       min    min    nan    nan          nan
ieee                nearest_away     2^20      inf       nan       max    max    nan    inf          nan
ieee                stochastic_a     -2^20     -inf      nan       min    min    nan    nan          nan
ieee                toward_zero      2^20      max       max       max    max    max    max          max
ieee                toward_zero      -2^20     min       min       min    min    min    min          min
ieee                toward_zero      inf       inf       nan       max    max    nan    inf          nan
ieee                toward_positive  2^20      inf       nan       max    max    nan    inf          nan
ieee                toward_positive  -2^20     min       min       min    min    min    min          min
ieee                toward_negative  2^20      max       max       max    max    max    max          max
ieee                toward_negative  -2^20     -inf      nan       min    min    nan    nan          nan
ieee                away_from_zero   2^20      inf       nan       max    max    nan    inf          nan
ieee                to_odd           2^20      max       max       max    max    max    max          max
ieee                to_odd           -2^20     min       min       min    min    min    min          min
ieee                to_odd           -inf      -inf      nan       min    min    nan    nan          nan
saturate_finite     nearest_even     2^20      max       max       max    max    max    max          max
saturate_finite     toward_positive  2^20      max       max       max    max    max    max          max
saturate_finite     nearest_even     -2^20     min       min       min    min    min    min          min
saturate_finite     nearest_even     inf       max       max       max    max    max    max          max
saturate_finite     nearest_even     -inf      min       min       min    min    min    min          min
saturate_propagate  nearest_even     2^20      max       max       max    max    max    max          max
saturate_propagate  nearest_even     -2^20     min       min       min    min    min    min          min
saturate_propagate  nearest_even     inf       inf       max       max    max    max    inf          max
saturate_propagate  nearest_even     -inf      -inf      min       min    min    min    min          min
to_nan              nearest_even     2^20      nan       nan       absent absent nan    nan          nan
to_nan              toward_zero      2^20      nan       nan       absent absent nan    nan          nan
to_nan              nearest_even     -2^20     nan       nan       absent absent nan    nan          nan
to_nan              nearest_even     inf       inf       nan       absent absent nan    inf          nan
to_nan              nearest_even     -inf      -inf      nan       absent absent nan    nan          nan
wrap                nearest_even     2^20      0x0c      0x58      0x2    0x00   0x58   0x20         0x60
wrap                nearest_even     -2^20     0x8c      0xd8      0xa    0x00   0x58   0x20         0xe0
wrap                nearest_even     inf       inf       nan       max    max    nan    inf          nan
satnone_4.0         nearest_even     2^20      inf       max       max    max    max    inf          max
satnone_4.0         nearest_even     -2^20     -inf      min       min    min    nan    nan          min
satnone_4.0         toward_zero      2^20      max       max       max    max    max    max          max
satnone_4.0         toward_zero      -2^20     min       min       min    min    min    min          min
satnone_4.0         toward_positive  2^20      inf       max       max    max    max    inf          max
satnone_4.0         toward_positive  -2^20     min       min       min    min    min    min          min
satnone_4.0         toward_negative  2^20      max       max       max    max    max    max          max
satnone_4.0         toward_negative  -2^20     -inf      min       min    min    nan    nan          min
satnone_4.0         to_odd           2^20      inf       max       max    max    max    max          max
satnone_4.0         to_odd           -2^20     -inf      min       min    min    nan    nan          min
satnone_4.0         toward_zero      inf       inf       max       max    max    max    inf          max
satnone_4.0         toward_zero      -inf      -inf      min       min    min    nan    nan          min
satnone_4.0.3       nearest_even     2^20      inf       nan       absent absent nan    inf          nan
satnone_4.0.3       nearest_even     -2^20     -inf      nan       absent absent nan    nan          nan
satnone_4.0.3       toward_zero      2^20      max       max       max    max    max    max          max
satnone_4.0.3       toward_zero      -2^20     min       min       min    min    min    min          min
satnone_4.0.3       toward_positive  -2^20     min       min       min    min    min    min          min
satnone_4.0.3       toward_negative  2^20      max       max       max    max    max    max          max
satnone_4.0.3       to_odd           2^20      inf       nan       absent absent nan    inf          nan
satnone_4.0.3       to_odd           -2^20     -inf      nan       absent absent nan    nan          nan
satnone_4.0.3       toward_zero      inf       inf       nan       absent absent nan    inf          nan
satnone_4.0.3       toward_zero      -inf      -inf      nan       absent absent nan    nan          nan
posit               nearest_even     2^20      max       max       max    max    max    max          max
posit               nearest_even     -2^20     min       min       min    min    min    min          min
posit               nearest_even     inf       nan       nan       absent absent nan    nan          nan
error               nearest_even     2^20      error     error     error  error  error  error        error
"""

ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CODES = {
    "ocp_e5m2": {"max": 0x7B, "min": 0xFB, "inf": 0x7C, "-inf": 0xFC, "nan": 0x7E},
    "ocp_e4m3": {"max": 0x7E, "min": 0xFE, "nan": 0x7F},
    "e2m1": {"max": 0x7, "min": 0xF},
    "int8": {"max": 0x7F, "min": 0x80},
    "ue4m3": {"max": 0x7E, "min": 0x00, "nan": 0x7F},
    "binary8p4ue": {"max": 0xFD, "min": 0x00, "inf": 0xFE, "nan": 0xFF},
    "binary8p4sf": {"max": 0x7F, "min": 0xFF, "nan": 0x80},
}


def operand(text: str) -> Datum:
    """A number or an infinity."""
    return Infinity(text[0] == "-") if text.endswith("inf") else finite(parse_exact(text))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("policy", "mode", "text"), [row[:3] for row in ROWS])
def test_out_of_range(policy: str, mode: str, text: str, name: str) -> None:
    """The code of the table, and its flags: overflow and inexact where a finite number is out of range, invalid where an infinity is not kept."""
    row = next(row for row in ROWS if row[:3] == [policy, mode, text])
    expected = row[3 + FORMATS.index(name)]
    how = Projection(rounding=parse_rounding(mode), bits=8 if mode.startswith("stochastic") else 0, overflow=parse_overflow(policy))
    fmt = parse(name)
    if expected in ("absent", "error"):
        with pytest.raises(RefmathError, match="no NaN" if expected == "absent" else "choose another"):
            fmt.project(operand(text), how)
        return
    code, flags = fmt.project(operand(text), how)
    assert code == CODES[name].get(expected, None if not expected.startswith("0x") else int(expected, 16))
    if text.endswith("inf"):
        kept = expected == text
        assert flags == (Flags.NONE if kept else Flags.INVALID if expected == "nan" else fmt.range_flags)
    else:
        assert flags == (Flags.INVALID if name == "int8" else Flags.OVERFLOW | Flags.INEXACT)


def test_the_table_has_every_policy() -> None:
    """Nothing that the package can do out of range is left out."""
    assert {row[0] for row in ROWS} == {policy.value for policy in Overflow}


@pytest.mark.parametrize(
    ("negatives", "text", "name", "expected"),
    [
        (Negatives.LIMIT, "-3", "ue4m3", 0x00),
        (Negatives.LIMIT, "-inf", "ue4m3", 0x00),
        (Negatives.LIMIT, "-3", "e8m0", 0x00),
        (Negatives.NAN, "-3", "ue4m3", 0x7F),
        (Negatives.NAN, "-2^-99", "ue4m3", 0x7F),
        (Negatives.NAN, "-inf", "ue4m3", 0x7F),
        (Negatives.MAGNITUDE, "-3", "ue4m3", 0x44),
        (Negatives.MAGNITUDE, "-inf", "binary8p4ue", 0xFE),
        (Negatives.OVERFLOW, "-3", "e8m0", 0xFF),
        (Negatives.OVERFLOW, "-2^-99", "ue4m3", 0x00),
        (Negatives.NAN, "-3", "ocp_e4m3", 0xC4),
        (Negatives.MAGNITUDE, "-3", "int8", 0xFD),
    ],
)
def test_negative_values_in_formats_without_a_sign(negatives: Negatives, text: str, name: str, expected: int) -> None:
    """An unsigned format clamps, refuses, takes the magnitude or overflows, as told; a signed one does not care."""
    assert parse(name).round(operand(text), Projection(negatives=negatives)) == expected


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        (AbsentNaN.ZERO, (0x0, 0x0)),
        (AbsentNaN.NEGATIVE_ZERO, (0x8, 0x8)),
        (AbsentNaN.SIGNED_ZERO, (0x0, 0x8)),
        (AbsentNaN.GREATEST, (0x7, 0x7)),
        (AbsentNaN.LOWEST, (0xF, 0xF)),
        (AbsentNaN.SIGNED_GREATEST, (0x7, 0xF)),
    ],
)
def test_nan_where_a_format_has_none(absent: AbsentNaN, expected: tuple[int, int]) -> None:
    """A positive and a negative NaN become what the projection names, and raise invalid."""
    e2m1, f16 = parse("e2m1"), parse("binary16")
    for code, result in zip((0x7E00, 0xFE00), expected, strict=True):
        assert e2m1.project(f16.decode(code), Projection(absent_nan=absent)) == (result, Flags.INVALID)


def test_overflow_is_decided_on_the_rounded_value() -> None:
    """464 is half way between 448 and 480 and rounds to the even 448, which is in range; just above it does not."""
    e4m3 = parse("ocp_e4m3")
    assert e4m3.project(464) == (0x7E, Flags.INEXACT)
    assert e4m3.project(465) == (0x7F, Flags.OVERFLOW | Flags.INEXACT)
    assert e4m3.project(464, Projection(rounding=parse_rounding("rna"))) == (0x7F, Flags.OVERFLOW | Flags.INEXACT)
    assert e4m3.project(500, Projection(rounding=parse_rounding("rtz"), overflow=Overflow.TO_NAN)) == (0x7F, Flags.OVERFLOW | Flags.INEXACT)
    assert e4m3.project(479, Projection(rounding=parse_rounding("rtz"), overflow=Overflow.TO_NAN)) == (0x7E, Flags.INEXACT)
