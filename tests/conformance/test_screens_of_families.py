"""Show, table, convert and explain on the families beside floats, as a person sees them."""

import pytest
from command_line import refmath

from formats import CATALOGUE

FAMILIES = [
    "posit8",
    "posit16(es=1)",
    "takum8",
    "takum_log16",
    "lns4.3",
    "int8(scale=1/10, zero=3)",
    "int8(symmetric=yes)",
    "nf4",
    "bnb_fp4",
    "quire8",
    "codebook(-1, 1/2)",
]


@pytest.mark.parametrize("name", list(dict.fromkeys([*FAMILIES, *(named.format.name for named in CATALOGUE if not named.format.name.startswith("binary"))])))
def test_every_format_has_its_page(name: str) -> None:
    """The page of a format, and the data behind it, come without an error."""
    assert refmath("show", name).status == 0
    assert refmath("show", name, "--json").data["name"]


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("mode", ["nearest_even", "toward_zero", "to_odd", "nearest_positive"])
def test_conversions_and_their_explanations_agree(name: str, mode: str) -> None:
    """For numbers of every kind, explain gives the code that convert gives, and a rule."""
    for number in ("0.1", "-0.1", "3", "-7/3", "1e30", "-1e-30", "0", "inf", "-inf"):
        converted = refmath("convert", number, "--to", name, "--rounding", mode, "--json")
        explained = refmath("explain", "convert", number, "--to", name, "--rounding", mode, "--json")
        assert converted.status == explained.status == 0, (number, converted.err, explained.err)
        assert converted.data["conversions"][0]["result"]["code"] == explained.data["result"]["code"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "convert", "1.1", "--to", "posit8"), "Posit Standard (2022)"),
        (("explain", "convert", "inf", "--to", "posit8"), "so NaR takes its place"),
        (("explain", "convert", "nan", "--to", "posit8"), "what is no real is NaR, 0x80"),
        (("explain", "convert", "1e-30", "--to", "posit8"), "nothing but zero rounds to zero"),
        (("explain", "convert", "0", "--to", "codebook(-1, 1/2)"), "2/3 of the gap"),
        (("explain", "convert", "17/1024", "--to", "posit(6, 1)"), "guard"),
        (("show", "takum_log16", "0x5123"), "e^(1827/1024)"),
        (("show", "lns4.3", "0x15"), "2^(21/8)"),
        (("show", "int8(symmetric=yes)"), "no NaN, 1 unused"),
        (("show", "posit8", "0x80"), "NaR"),
        (("table", "posit(4, 0)"), "1 10 1"),
        (("table", "codebook(3, 1, -0, 0; ties=down)"), "-0"),
    ],
)
def test_what_the_screens_say(arguments: tuple[str, ...], words: str) -> None:
    """Each family is spoken of in its own words."""
    ran = refmath(*arguments)
    assert ran.status == 0 and words in ran.out, ran.out + ran.err
