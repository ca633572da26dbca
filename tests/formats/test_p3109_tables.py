"""Every format of P3109 up to 8 bits, held to the working group's own value tables, row for row."""

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest

from formats.catalogue import P3109
from formats.family import Format
from refmath.datum import Finite, Infinity, NaN

TABLES = Path(__file__).resolve().parents[3] / "shared" / "truth" / "p3109"
HEX = re.compile(r"(-?)0x([0-9a-f]+)(?:\.([0-9a-f]+))?p([+-]\d+)")


def value(text: str) -> Fraction:
    """A hexadecimal float, normalised or not, as integer and exponent: no float on the way."""
    match = HEX.fullmatch(text)
    assert match, text
    digits, places = match[2] + (match[3] or ""), len(match[3] or "")
    return (-1 if match[1] else 1) * int(digits, 16) * Fraction(2) ** (int(match[4]) - 4 * places)


@pytest.mark.parametrize("fmt", [named.format for named in P3109], ids=str)
def test_every_row_of_the_table_agrees(fmt: Format) -> None:
    """Each code has the value of its row, or is the row's infinity or NaN, and is subnormal where the row says so."""
    path = TABLES / f"{fmt.name.capitalize()}.csv"
    if not path.exists():
        pytest.skip("the tables of the P3109 working group are not beside the repository")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["codepoint"], 16) for row in rows] == list(fmt)
    for code, row in enumerate(rows):
        datum = fmt.decode(code)
        match row["value"]:
            case "NaN":
                assert isinstance(datum, NaN)
            case "Inf" | "-Inf" as infinity:
                assert datum == Infinity(infinity == "-Inf")
            case finite:
                assert isinstance(datum, Finite) and datum.value == value(finite)
        assert fmt.is_subnormal(code) == (row["subnormal"].strip() == "*")


def test_there_are_120_formats() -> None:
    """Six bitwidths, every precision, signed and unsigned, finite and extended."""
    assert len(P3109) == 120
