"""Neighbours, steps, classes and limits, walked through code by code."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from any_format import formats, places
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import parse
from refmath.datum import Finite, Infinity, NaN
from refmath.errors import RefmathError

SMALL = [named.format for named in CATALOGUE if named.format.width <= 11 and isinstance(named.format, Float | Fixed)] + [
    parse(text)
    for text in (
        "e3m3(subnormals=no)",
        "e3m2(subnormals=no, zero=no, specials=none)",
        "ue3m0(subnormals=no, zero=no, specials=none)",
        "q3.5",
        "uq-1.7",
        "e3m3(integer_bit=yes)",
    )
]


def finite_codes(fmt: Format) -> list[int]:
    """The canonical codes of all finite values in ascending order, a negative zero left out."""
    found = {}
    for code in reversed(range(fmt.codes)):
        datum = fmt.decode(code)
        if isinstance(datum, Finite) and not (datum.negative and not datum.value):
            found[datum.value] = code
    return [found[value] for value in sorted(found)]


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_next_up_walks_over_all_values_in_order(fmt: Format) -> None:
    """From the lowest value, next_up visits every finite value, ascending, and ends at the greatest; next_down walks back."""
    codes = finite_codes(fmt)
    ascending, code = [], codes[0]
    while code is not None:
        ascending.append(fmt.exact(code))
        code = fmt.next_up(code)
    assert ascending == [fmt.exact(code) for code in codes]
    descending, code = [], codes[-1]
    while code is not None:
        descending.append(fmt.exact(code))
        code = fmt.next_down(code)
    assert descending == ascending[::-1]
    assert fmt.limit() == codes[-1] and fmt.exact(fmt.limit(True)) == ascending[0]


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_codes_that_are_no_numbers_have_no_neighbours(fmt: Format) -> None:
    """None for infinities and NaNs; both zeros have the same neighbours; a zero reached from below is the positive one."""
    for code in fmt:
        if not isinstance(fmt.decode(code), Finite):
            assert fmt.next_up(code) is None and fmt.next_down(code) is None
            with pytest.raises(RefmathError, match="no ulp"):
                fmt.ulp(code)
    if fmt.has_zero:
        assert (fmt.next_up(fmt.zero(True)), fmt.next_down(fmt.zero(True))) == (fmt.next_up(fmt.zero()), fmt.next_down(fmt.zero()))
        below = fmt.next_down(fmt.zero())
        assert below is None or fmt.next_up(below) == fmt.zero()


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_ulp_is_the_step_outwards(fmt: Format) -> None:
    """The difference of magnitudes to the next value away from zero; beyond the greatest the steps go on as within its binade or the next."""
    codes = [code for code in finite_codes(fmt) if fmt.exact(code) >= 0]
    for here, above in pairwise(codes):
        assert fmt.ulp(here) == fmt.exact(above) - fmt.exact(here)
    if isinstance(fmt, Float) and fmt.signed:
        for code in codes[1:]:
            assert fmt.ulp(fmt.encode(-fmt.exact(code))) == fmt.ulp(code)
    assert fmt.ulp(codes[-1]) in (fmt.ulp(codes[-2]), 2 * fmt.ulp(codes[-2]))


@pytest.mark.parametrize("name", ["binary16", "ocp_e4m3", "e4m3fnuz", "binary8p3se", "e8m0", "x87_extended", "int8", "e3m3(subnormals=no)"])
def test_classes_are_those_of_the_values(name: str) -> None:
    """zero, subnormal, normal, infinity, NaN, signalling NaN: by value alone, against the least normal number."""
    fmt = parse(name)
    rng = random.Random(name)
    codes = fmt if fmt.width <= 16 else [rng.getrandbits(fmt.width) for _ in range(500)] + [0, 1, 1 << 62, 1 << 63, (1 << 63) - 1, fmt.infinity(), fmt.nan()]
    for code in codes:
        match fmt.decode(code):
            case Finite(value, _) if value == 0:
                expected = "zero"
            case Finite(value, _):
                expected = "subnormal" if fmt.least_normal is not None and abs(value) < fmt.value(fmt.least_normal) else "normal"
            case Infinity():
                expected = "infinity"
            case NaN(_, signalling, _):
                expected = "signalling NaN" if signalling else "NaN"
        assert fmt.classify(code) == expected
        assert fmt.is_subnormal(code) == (expected == "subnormal")


@examples(200)
@given(st.data(), formats())
def test_neighbours_of_any_format_are_inverse_and_nothing_lies_between(data: st.DataObject, fmt: Format) -> None:
    """next_down(next_up(c)) is c, and a midpoint rounds to one of the two."""
    if fmt.greatest() < fmt.least:
        return
    code = fmt.join(False, min(data.draw(places(fmt)), fmt.greatest()))
    up = fmt.next_up(code)
    if up is None:
        assert code == fmt.limit()
        return
    assert fmt.next_down(up) == code
    assert fmt.round((fmt.exact(code) + fmt.exact(up)) / 2) in (code, up)
    assert fmt.exact(up) - fmt.exact(code) == fmt.ulp(code)


@pytest.mark.parametrize("name", ["binary8p3se", "ocp_e4m3", "e2m1", "e8m0"])
def test_wrapping_keeps_the_low_bits_of_the_rounded_code(name: str) -> None:
    """The magnitude code, as if the encoding went on, modulo the magnitude bits; the sign stays."""
    fmt = parse(name)
    bits = fmt.width - fmt.signed
    for ordinal in (fmt.greatest() + 1, fmt.codes, 5 * fmt.codes + 3):
        assert fmt.wrap(False, ordinal) == ordinal % (1 << bits)
        if fmt.signed:
            assert fmt.wrap(True, ordinal) == ordinal % (1 << bits) + (1 << bits)


def test_a_code_of_another_width_is_refused() -> None:
    """Negative or too wide: the sentence names the code, the format and the range."""
    fmt = parse("ocp_e4m3")
    for code in (-1, 256, 1 << 100):
        for method in (fmt.decode, fmt.classify, fmt.next_up, fmt.ulp, fmt.fields, fmt.exact, fmt.to_float):
            with pytest.raises(RefmathError, match=r"is not a code of ocp_e4m3, which has 8 bits: give one from 0x0 to 0xff\."):
                method(code)
    with pytest.raises(RefmathError, match="not a finite number"):
        fmt.exact(0x7F)


def test_iterating_gives_every_code() -> None:
    """A format is iterable over its codes."""
    assert list(parse("e2m1")) == list(range(16))


@pytest.mark.parametrize(
    ("name", "code", "fields"),
    [
        ("ocp_e4m3", 0x2B, [("sign", "0"), ("exponent", "0101"), ("significand", "011")]),
        ("e8m0", 0x2B, [("exponent", "00101011")]),
        ("ue4m3", 0x2B, [("exponent", "0101"), ("significand", "011")]),
        (
            "x87_extended",
            (1 << 79) | (5 << 64) | (1 << 63) | 1,
            [("sign", "1"), ("exponent", "000000000000101"), ("integer bit", "1"), ("significand", "0" * 62 + "1")],
        ),
        ("q3.5", 0x9F, [("integer", "100"), ("fraction", "11111")]),
        ("int8", 0x9F, [("integer", "10011111")]),
        ("uq0.4", 0x9, [("fraction", "1001")]),
    ],
)
def test_fields_cut_the_code(name: str, code: int, fields: list[tuple[str, str]]) -> None:
    """Named bit fields, most significant first; empty ones are left out."""
    assert parse(name).fields(code) == fields


@examples(200)
@given(st.floats())
def test_python_floats_in_and_out(x: float) -> None:
    """from_float takes a float exactly; to_float gives the nearest one, with sign of zero, infinities and NaN."""
    f64 = parse("binary64")
    code = f64.from_float(x)
    back = f64.to_float(code)
    assert back == x or (back != back and x != x)
    assert str(back) == str(x)
    if x == x and abs(x) != float("inf"):
        assert Fraction(int(f64.exact(code).numerator), int(f64.exact(code).denominator)) == Fraction(x)
        assert parse("binary256").to_float(parse("binary256").from_float(x)) == x


def test_to_float_rounds_wide_formats_to_nearest() -> None:
    """Beyond binary64's range it is infinite, below it zero of the same sign."""
    f128 = parse("binary128")
    assert f128.to_float(f128.limit()) == float("inf") and f128.to_float(f128.limit(True)) == float("-inf")
    assert str(f128.to_float(f128.join(True, 1))) == "-0.0"
    assert f128.to_float(f128.round(mpq(1, 3))) == 1 / 3


@pytest.mark.parametrize("source", [3, True, Fraction(3), mpq(3), Fraction(mpq(3))], ids=lambda x: type(x).__name__)
def test_exact_numbers_of_python_are_sources(source: object) -> None:
    """int, bool, mpz, Fraction (of ints or mpz) and mpq are projected exactly."""
    fmt = parse("int8")
    assert fmt.round(source) == int(source)  # type: ignore[call-overload, arg-type]
    assert fmt.round(mpq(3).numerator) == 3


@pytest.mark.parametrize("source", [1.5, "1.5", None, 1j])
def test_what_is_not_exact_is_no_source(source: object) -> None:
    """A float is refused unless from_float says that it is meant."""
    with pytest.raises(TypeError, match="not exact; use from_float"):
        parse("binary16").round(source)  # type: ignore[arg-type]
