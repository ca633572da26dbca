"""Decimal text to codes and back: correctly rounded in every mode, whatever the length; the oracle is Python's decimal module."""

import random
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from fractions import Fraction

import pytest

from formats.decimals import from_text, to_text
from formats.notation import parse
from formats.projection import Projection
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.rounding import Rounding

MODES = {
    Rounding.NEAREST_EVEN: ROUND_HALF_EVEN, Rounding.NEAREST_AWAY: ROUND_HALF_UP, Rounding.NEAREST_ZERO: ROUND_HALF_DOWN, Rounding.TOWARD_ZERO: ROUND_DOWN,
    Rounding.TOWARD_POSITIVE: ROUND_CEILING, Rounding.TOWARD_NEGATIVE: ROUND_FLOOR, Rounding.AWAY_FROM_ZERO: ROUND_UP,
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", ["binary16", "binary32", "binary64", "bfloat16", "ocp_e4m3"])
def test_text_of_so_many_digits(name: str, mode: Rounding) -> None:
    """A number of any format is written with so many digits as the decimal module rounds it, and inexact is raised where it differs."""
    f, rng = parse(name), random.Random(name)
    for _ in range(300):
        code = rng.randrange(f.codes)
        datum = f.decode(code)
        if not isinstance(datum, Finite) or not datum.value:
            continue
        digits = rng.randrange(1, 25)
        exact = Context(prec=2000).divide(Decimal(int(datum.value.numerator)), Decimal(int(datum.value.denominator)))
        expected = Context(prec=digits, rounding=MODES[mode]).plus(exact)
        text, flags = to_text(code, f, digits, mode)
        assert Decimal(text) == expected, (name, hex(code), digits)
        assert flags == (Flags.NONE if expected == exact else Flags.INEXACT)


@pytest.mark.parametrize("name", ["binary16", "bfloat16", "ocp_e5m2", "binary8p3se", "posit16"])
def test_shortest_text_round_trips(name: str) -> None:
    """The shortest text of every eleventh code comes back as the code, NaNs by kind and zeros with their sign."""
    f = parse(name)
    for code in range(0, f.codes, 11):
        text, flags = to_text(code, f)
        back = from_text(text, f)
        assert flags == Flags.NONE
        assert back.code == code or (text in ("nan", "snan") and to_text(back.code, f)[0] == text)


def test_text_of_any_length_is_rounded_once() -> None:
    """A decimal just above the middle of two binary16 numbers, told by its 5000th digit, rounds up; the middle itself goes to even."""
    middle = Decimal(1) + Decimal(2) ** -11
    text = format(middle, "f").ljust(5000, "0")
    assert from_text(text, "binary16")[:2] == (0x3C00, Flags.INEXACT)
    assert from_text(text + "1", "binary16")[:2] == (0x3C01, Flags.INEXACT)
    assert from_text(text + "1", "binary16", Projection(Rounding.TOWARD_ZERO)).code == 0x3C00
    assert from_text("1e400", "binary64")[:2] == (0x7FF0000000000000, Flags.OVERFLOW | Flags.INEXACT)
    assert from_text("-1e-400", "binary64")[:2] == (0x8000000000000000, Flags.UNDERFLOW | Flags.INEXACT)
    assert from_text("snan", "binary16").code == 0x7C01
    assert from_text("1/3", "binary32").exact == Finite(parse("binary32").exact(0) + Fraction(1, 3), False)


def test_bad_numbers_of_digits_are_refused() -> None:
    """No digits, too many digits and stochastic rounding are errors in a sentence."""
    for digits in (0, -1, 10**7):
        with pytest.raises(RefmathError, match="digits are not possible"):
            to_text(0x3C00, "binary16", digits)
    with pytest.raises(RefmathError, match="Text is not rounded by"):
        to_text(0x3C01, "binary16", 2, Rounding.STOCHASTIC)
