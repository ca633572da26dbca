"""Numbers in a line: every exact form is exact, every other is near, none is long."""

import re
from fractions import Fraction

from effort import examples
from gmpy2 import mpq, mpz
from hypothesis import given
from hypothesis import strategies as st

from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.reals import sqrt
from refmath.text import parse_exact
from refmath.wording import ALMOST, datum_text, decimal_text, exact_text, hexadecimal_text, number_text, power_text, scientific

scaled = st.builds(lambda n, e: mpq(n) * mpq(2) ** e, st.integers(-(10**18), 10**18), st.integers(-3000, 3000))
rationals = (
    scaled
    | st.fractions().map(mpq)
    | st.builds(lambda a, b, s: mpq(s) * (mpq(2) ** a - mpq(2) ** b), st.integers(-99, 3000), st.integers(-3000, 99), st.sampled_from([1, -1]))
)


def meaning(text: str) -> Fraction:
    """What a form denotes, read here: an integer, a fraction, m x 2^k, 2^a - 2^b, a hexadecimal float, a decimal."""
    if match := re.fullmatch(r"(-?)\(?2\^(-?\d+) - (2\^)?(-?\d+)\)?", text):
        second = Fraction(2) ** int(match[4]) if match[3] else Fraction(int(match[4]))
        return (Fraction(2) ** int(match[2]) - second) * (-1 if match[1] else 1)
    if match := re.fullmatch(r"(-?)(?:(\d+) x )?2\^(-?\d+)", text):
        return Fraction(int(match[2] or 1)) * Fraction(2) ** int(match[3]) * (-1 if match[1] else 1)
    if match := re.fullmatch(r"(-?)0x([01])(?:\.([0-9a-f]+))?p([+-]\d+)", text):
        digits = match[3] or ""
        return Fraction(int(match[2] + digits, 16)) * Fraction(2) ** (int(match[4]) - 4 * len(digits)) * (-1 if match[1] else 1)
    return Fraction(text)


@examples(500)
@given(rationals)
def test_exact_forms_are_exact(x: mpq) -> None:
    """Whatever is joined by = denotes the number, read independently; what follows the sign of approximation is near it."""
    exact = Fraction(int(x.numerator), int(x.denominator))
    forms, _, near = number_text(x).partition(ALMOST)
    for form in filter(None, forms.strip().split(" = ")):
        if "..." not in form:
            assert meaning(form) == exact
    if near:
        assert abs(meaning(near) - exact) <= abs(exact) / 10**8


@examples(300)
@given(rationals)
def test_no_form_is_long(x: mpq) -> None:
    """Each form fits its column."""
    assert len(exact_text(x) or "") <= 48
    assert len(hexadecimal_text(x) or "") <= 85
    assert len(decimal_text(x)[0]) <= 40


def test_gigantic_numbers_are_short() -> None:
    """Numbers of millions of digits, and powers beyond computing, are said in little space."""
    for x in (mpq(3) ** 1_000_000, mpq(1, mpz(7) ** 300_000), parse_exact("1e999999999"), parse_exact("-3e-99999999999"), parse_exact("0x1p-99999999999")):
        assert len(number_text(x)) < 120
    assert number_text(parse_exact("1e999999999")) == "10^999999999"
    assert number_text(parse_exact("-3e-99999999999")) == "-3 x 10^-99999999999"


def test_forms() -> None:
    """The forms people expect."""
    assert number_text(mpq(11, 32)) == "11/32 = 0x1.6p-2 = 0.34375"
    assert number_text(mpq(448)) == "448 = 0x1.cp+8"
    assert number_text(mpq(0)) == "0"
    assert number_text(mpq(1, 3)) == f"1/3 {ALMOST}0.333333333"
    assert number_text(mpq(2) ** 127) == f"2^127 = 0x1p+127 {ALMOST}1.70141183e38"
    assert number_text(-(mpq(2) ** 1024 - mpq(2) ** 971)) == f"-(2^1024 - 2^971) = -0x1.fffffffffffffp+1023 {ALMOST}-1.79769313e308"
    assert number_text(mpq(2) ** 63 - 1) == f"2^63 - 1 = 0x1.fffffffffffffffcp+62 = {2**63 - 1}"
    assert number_text(sqrt(mpq(2))) == f"{ALMOST}1.41421356"
    assert power_text(mpq(1, 512)) == "2^-9"
    assert power_text(mpq(3)) is None
    assert scientific(mpq(18446603336221196288), 5) == "1.8447e19"
    assert scientific(mpq(12345), 5) == "12345"


def test_data() -> None:
    """Every kind of datum has its name, which reads back."""
    assert [datum_text(datum) for datum in (Finite(mpq(0), True), Infinity(True), NaN(), NaN(True, True, 18, 9), NotAReal())] == [
        "-0",
        "-inf",
        "nan",
        "-snan(0x12)",
        "nar",
    ]
