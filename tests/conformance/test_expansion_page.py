"""show explains multi-component floats: components, exact value, what is lost."""

from fractions import Fraction

import pytest
from command_line import is_one_sentence, refmath


def test_a_value_is_split_and_what_is_lost_is_told() -> None:
    """0.1 as double_double: the binary64 nearest to it, the binary64 nearest to the rest, and the exact difference."""
    found = refmath("show", "double_double", "0.1", "--json").data
    high = Fraction(0.1)
    low = Fraction(float(Fraction(1, 10) - high))
    assert [Fraction(one["datum"]["exact"]) for one in found["components"]] == [high, low]
    assert Fraction(found["value"]["exact"]) == high + low and found["normalised"] is True
    assert Fraction(found["lost"]["exact"]) == Fraction(1, 10) - high - low


def test_components_as_given_are_normalised_on_the_page() -> None:
    """1 + 1 is no normalised pair; 2 + 0 is."""
    shown = refmath("show", "expansion(bfloat16, 2)", "0x3f80", "0x3f80").out
    assert "value      2 = 0x1p+1" in shown and "no: its normalised components are 0x4000 0x0000" in shown


def test_the_format_has_a_page() -> None:
    """By name, alias and notation."""
    for name in ("bf16x2", "bfloat16x2", "expansion(bfloat16, 2)"):
        assert refmath("show", name).lines[0] == "bf16x2   2 components of bfloat16, the greatest first; a value is their exact sum"


@pytest.mark.parametrize("words", [("0x3f80",), ("1", "2"), ("0x3f80", "1"), ("nonsense",), ("0x3f80", "0x13f80")])
def test_bad_components_are_one_sentence(words: tuple[str, ...]) -> None:
    """A wrong number of codes, a mixture, what is no number, a code too wide."""
    ran = refmath("show", "bf16x2", *words)
    assert ran.status == 2 and is_one_sentence(ran.err)
