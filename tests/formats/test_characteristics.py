"""The characteristics of formats: counted, ranked and grouped by hand for every small format of the catalogue, quoted for the large ones."""

from collections import Counter
from itertools import groupby

import pytest
from gmpy2 import mpq

from formats import CATALOGUE, Format, parse
from formats.characteristics import Run, count, decimal_digits, exact_in, extremes, kind_of, roles, special_codes, unit_ulp
from refmath.datum import Finite, finite
from refmath.reals import Real

SMALL = [named.format for named in CATALOGUE if named.format.width <= 11]


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_census_counts_the_codes(fmt: Format) -> None:
    """As many codes are of each class as classifying every one of them finds."""
    found = Counter(fmt.classify(code).rpartition(" ")[2] for code in fmt)
    counts = count(fmt)
    assert (counts.zeros, counts.subnormal, counts.normal, counts.infinities) == (found["zero"], found["subnormal"], found["normal"], found["infinity"])
    assert counts.rest == found["NaN"] + found["NaR"]
    assert counts.finite + counts.infinities + counts.rest == 1 << fmt.width


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_special_codes_are_the_runs_of_codes(fmt: Format) -> None:
    """The runs are those that going through all codes finds."""
    runs = []
    for kind, group in groupby(fmt, key=lambda code: kind_of(fmt, code)):
        codes = list(group)
        runs.append(Run(kind, codes[0], codes[-1]))
    assert special_codes(fmt) == tuple(run for run in runs if run.kind != "finite")


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_extremes_are_the_ends(fmt: Format) -> None:
    """The extremes are the greatest and least values, and those at the border of the subnormal numbers, found by sorting."""
    values = {code: datum.value for code in fmt if isinstance(datum := fmt.decode(code), Finite)}
    if any(isinstance(value, Real) for value in values.values()):
        pytest.skip("irrational values are not sorted here")
    found = {extreme.name: values[extreme.code] for extreme in extremes(fmt)}
    positive = [value for value in values.values() if value > 0]
    subnormal = [values[code] for code in values if fmt.classify(code) == "subnormal" and values[code] > 0]
    normal = [values[code] for code in values if fmt.classify(code) == "normal" and values[code] > 0]
    assert found["greatest"] == max(values.values())
    if "lowest" in found:
        assert found["lowest"] == min(values.values())
    if "least positive" in found:
        assert found["least positive"] == min(positive)
    if "least subnormal" in found:
        assert found["least subnormal"] == min(subnormal)
    if "least normal" in found:
        assert (found["least normal"], found["greatest subnormal"]) == (min(normal), max(subnormal))


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        (
            "binary32",
            [
                ("zero", 0, 0),
                ("infinity", 0x7F800000, 0x7F800000),
                ("signalling NaN", 0x7F800001, 0x7FBFFFFF),
                ("quiet NaN", 0x7FC00000, 0x7FFFFFFF),
                ("-zero", 0x80000000, 0x80000000),
                ("-infinity", 0xFF800000, 0xFF800000),
                ("signalling NaN", 0xFF800001, 0xFFBFFFFF),
                ("quiet NaN", 0xFFC00000, 0xFFFFFFFF),
            ],
        ),
        (
            "x87_extended",
            [
                ("zero", 0, 0),
                ("infinity", 0x7FFF_8000000000000000, 0x7FFF_8000000000000000),
                ("signalling NaN", 0x7FFF_8000000000000001, 0x7FFF_BFFFFFFFFFFFFFFF),
                ("quiet NaN", 0x7FFF_C000000000000000, 0x7FFF_FFFFFFFFFFFFFFFF),
                ("-zero", 1 << 79, 1 << 79),
                ("-infinity", 0xFFFF_8000000000000000, 0xFFFF_8000000000000000),
                ("signalling NaN", 0xFFFF_8000000000000001, 0xFFFF_BFFFFFFFFFFFFFFF),
                ("quiet NaN", 0xFFFF_C000000000000000, 0xFFFF_FFFFFFFFFFFFFFFF),
            ],
        ),
        ("int32", [("zero", 0, 0)]),
        ("e8m0", [("NaN", 255, 255)]),
    ],
)
def test_special_codes_of_wide_formats(name: str, runs: list[tuple[str, int, int]]) -> None:
    """The special codes of formats that cannot be gone through, from the manuals."""
    assert special_codes(parse(name)) == tuple(Run(*run) for run in runs)


def test_roles() -> None:
    """An extreme says that it is one, on the negative side too."""
    fmt = parse("ocp_e4m3")
    assert roles(fmt, 0x7E) == ("greatest",)
    assert roles(fmt, 0xFE) == ("lowest",)
    assert roles(fmt, 0x08) == ("least normal",)
    assert roles(fmt, 0x88) == ("negative of the least normal",)
    assert roles(fmt, 0x2B) == roles(fmt, 0x7F) == ()


@pytest.mark.parametrize(
    ("precision", "digits"), [(1, (0, 2)), (4, (0, 3)), (8, (2, 4)), (11, (3, 5)), (24, (6, 9)), (53, (15, 17)), (64, (18, 21)), (113, (33, 36))]
)
def test_decimal_digits(precision: int, digits: tuple[int, int]) -> None:
    """FLT_DIG and FLT_DECIMAL_DIG, and their like, as C has them."""
    assert decimal_digits(precision) == digits


def test_step_after_one() -> None:
    """The machine epsilon of the familiar formats; none where 1 is the greatest value or no value."""
    assert unit_ulp(parse("binary64")) == mpq(1, 2**52)
    assert unit_ulp(parse("int8")) == 1
    assert unit_ulp(parse("int2")) is None
    assert unit_ulp(parse("q1.7")) is None


def test_exact_in() -> None:
    """A value is exact elsewhere only with the same value and the same sign of zero."""
    assert exact_in(parse("bfloat16"), finite(mpq(11, 32))) == 0x3EB0
    assert exact_in(parse("e2m1"), finite(mpq(11, 32))) is None
    assert exact_in(parse("e4m3fnuz"), Finite(mpq(0), True)) is None
    assert exact_in(parse("binary16"), Finite(mpq(0), True)) == 0x8000
    assert exact_in(parse("e8m0"), finite(mpq(0))) is None
