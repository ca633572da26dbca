"""TwoSum, Fast2Sum and TwoProduct on every pair of small formats: error-free exactly where they are said to be."""

from dataclasses import replace

import pytest
from gmpy2 import mpq

from formats.error_free import Case, Kind, cases, census
from formats.expansion import Components, components, fast_two_sum, two_product, two_sum
from formats.floats import Float
from formats.notation import parse_float
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding

SMALL = ("e3m2(specials=ieee)", "e4m1(specials=ieee)", "e2m3(specials=ieee)", "binary6p3se", "binary5p2se", "binary6p1se", "e3m2")
"""Formats with infinities, with P3109's, and without any; precision 1 to 4."""


def of(name: str, rounding: Rounding = Rounding.NEAREST_EVEN) -> Components:
    f = parse_float(name)
    return components(f, replace(f.default, rounding=rounding))


def exponent(f: Float, x: mpq) -> int:
    """The exponent of a number, emin for subnormal ones and zero."""
    e = f.emin
    while abs(x) >= mpq(2) ** (e + 1):
        e += 1
    return e


def greatest(f: Float) -> mpq:
    return mpq(f.exact(f.limit()))  # type: ignore[arg-type]


@pytest.mark.parametrize("rounding", [Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO])
@pytest.mark.parametrize("name", SMALL)
def test_two_sum_is_error_free_below_overflow(name: str, rounding: Rounding) -> None:
    """s + e = a + b for all finite a and b, subnormal numbers included, unless s overflows, or |a| is the greatest number and a step inside overflows."""
    f = parse_float(name)
    for case in cases("TwoSum", of(name, rounding)):
        assert case.kind is not Kind.INEXACT
        if case.kind is Kind.INNER_OVERFLOW:
            assert abs(case.a) == greatest(f) and case.a * case.b < 0
        if abs(case.exact) <= greatest(f):
            assert case.kind in (Kind.EXACT, Kind.INNER_OVERFLOW)


def test_two_sum_overflows_inside_though_the_sum_does_not() -> None:
    """In e3m2 with infinities, 14 - 3: s = 12 (the tie 11 goes to even), a' = s + 3 = 15 goes to 16, which is none. It happens for no other pair but its negative."""
    found = [case for case in cases("TwoSum", of("e3m2(specials=ieee)")) if case.kind is Kind.INNER_OVERFLOW]
    assert [(case.a, case.b) for case in found] == [(14, -3), (-14, 3)]


@pytest.mark.parametrize("rounding", [Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO])
@pytest.mark.parametrize("name", SMALL)
def test_fast_two_sum_is_error_free_from_the_greater_exponent(name: str, rounding: Rounding) -> None:
    """s + e = a + b wherever the exponent of a is no less than that of b and s does not overflow; no step inside overflows."""
    f = parse_float(name)
    for case in cases("Fast2Sum", of(name, rounding)):
        if exponent(f, case.a) >= exponent(f, case.b):
            assert case.kind in (Kind.EXACT, Kind.OVERFLOW)
            assert case.kind is Kind.EXACT or abs(case.exact) > greatest(f)


@pytest.mark.parametrize("name", SMALL)
def test_fast_two_sum_fails_from_the_lesser_exponent(name: str) -> None:
    """Without the condition it loses digits on many pairs: a = 1 least, b just large enough that a is lost."""
    f = parse_float(name)
    failing = [case for case in cases("Fast2Sum", of(name)) if case.kind is Kind.INEXACT]
    assert len(failing) > f.codes
    assert all(exponent(f, case.a) < exponent(f, case.b) for case in failing)


@pytest.mark.parametrize("name", SMALL)
def test_two_product_is_error_free_down_to_the_last_bit_of_the_format(name: str) -> None:
    """p + e = a b exactly where p does not overflow and a b is a multiple of the least positive number: then, and only then, its error has a code."""
    f = parse_float(name)
    step = mpq(f.value(f.least))
    for case in cases("TwoProduct", of(name)):
        if case.kind is not Kind.OVERFLOW:
            assert (case.kind is Kind.EXACT) == ((case.exact / step).denominator == 1 and _error_fits(f, case))


def _error_fits(f: Float, case: Case) -> bool:
    """Whether the exact error is within the range: it is, unless p saturated."""
    p = mpq(f.exact(case.first))  # type: ignore[arg-type]
    error = case.exact - p
    return error == 0 or f.decode(f.round(error)).value == error  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", [Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE, Rounding.TOWARD_NEGATIVE])
@pytest.mark.parametrize("name", ["e3m2(specials=ieee)", "binary5p2se", "e3m2"])
def test_the_error_of_a_product_has_a_code_in_directed_modes_too(name: str, mode: Rounding) -> None:
    """p + e = a b for products within the range exactly where a b is a multiple of the least positive number, whichever way p is rounded."""
    f = parse_float(name)
    step = mpq(f.value(f.least))
    within = [case for case in cases("TwoProduct", of(name, mode)) if abs(case.exact) <= greatest(f) and case.kind is not Kind.OVERFLOW]
    assert len(within) > 500
    for case in within:
        assert (case.kind is Kind.EXACT) == ((case.exact / step).denominator == 1)


@pytest.mark.parametrize("name", SMALL)
def test_a_product_of_moderate_factors_is_error_free(name: str) -> None:
    """Sufficient: |a b| >= 2^(emin + p) and no overflow."""
    f = parse_float(name)
    for case in cases("TwoProduct", of(name)):
        if mpq(2) ** (f.emin + f.precision) <= abs(case.exact) <= greatest(f):
            assert case.kind is Kind.EXACT


def test_saturation_does_not_spoil_two_sum() -> None:
    """In a format without infinity s stays at the greatest number, and e holds what is missing: 28 + 28 = 28 + 28."""
    assert census("TwoSum", of("e3m2")) == {Kind.EXACT: 64 * 64}
    f = parse_float("e3m2")
    s, e = two_sum(of("e3m2"), f.limit(), f.limit())
    assert f.exact(s) == f.exact(e) == 28


@pytest.mark.parametrize("mode", [Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE, Rounding.TOWARD_NEGATIVE])
def test_directed_rounding_has_errors_without_a_code(mode: Rounding) -> None:
    """Toward zero and toward an infinity the error of a sum may need more digits than there are: some pairs are not error-free in any direction."""
    found = census("TwoSum", of("e3m2(specials=ieee)", mode))
    assert found[Kind.INEXACT] > 0


def test_what_overflows_is_a_nan_or_an_infinity() -> None:
    """greatest + greatest: s is infinite, e is a NaN."""
    f = parse_float("e3m2(specials=ieee)")
    s, e = two_sum(of(f.name), f.limit(), f.limit())
    assert f.classify(s) == "infinity" and f.classify(e) == "NaN"
    s, e = fast_two_sum(of(f.name), f.limit(), f.limit())
    assert f.classify(s) == "infinity" and f.classify(e) == "infinity"
    s, e = two_product(of(f.name), f.limit(), f.limit())
    assert f.classify(s) == "infinity" and f.classify(e) == "infinity"


def test_wide_formats_are_not_enumerated() -> None:
    """16 bits have four thousand million pairs."""
    with pytest.raises(RefmathError, match="too many"):
        census("TwoSum", of("binary16"))


def test_overflow_policies_are_those_of_the_format() -> None:
    """Saturating instead of overflowing, TwoSum is error-free on e4m1 with infinities too: e is finite and so is s."""
    f = parse_float("e4m1(specials=ieee)")
    saturating = components(f, replace(f.default, overflow=Overflow.SATURATE_FINITE))
    assert set(census("TwoSum", saturating)) == {Kind.EXACT}
