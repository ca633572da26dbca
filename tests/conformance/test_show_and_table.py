"""``show``, ``table`` and ``formats``: what they say of every code, against ml_dtypes and rationals; every way a table is written."""

import csv
import json
import re
from fractions import Fraction
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from command_line import is_one_sentence, refmath

from conformance.exits import Exit
from formats import CATALOGUE

DTYPES = {
    "ocp_e4m3": ml_dtypes.float8_e4m3fn,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "ieee_e3m4": ml_dtypes.float8_e3m4,
    "e2m1": ml_dtypes.float4_e2m1fn,
    "e8m0": ml_dtypes.float8_e8m0fnu,
}


def values(name: str) -> list[float]:
    """What ml_dtypes says of every code."""
    codes = np.arange(1 << (4 if name == "e2m1" else 8), dtype=np.uint8)
    return [float(value) for value in codes.view(DTYPES[name])]


def from_hexadecimal(text: str) -> float:
    """A hexadecimal float as Python reads it."""
    return float.fromhex(text)


@pytest.mark.parametrize("name", list(DTYPES))
def test_table_is_that_of_another_implementation(name: str) -> None:
    """Every code of the JSON table has the value that ml_dtypes gives it, as fraction, as hexadecimal float, and in its shortest decimal."""
    ran = refmath("table", name, "--json")
    assert ran.status == Exit.AGREES
    rows = ran.data["codes"]
    expected = values(name)
    finite = [Fraction(value) for value in expected if abs(value) < float("inf")]
    assert [int(row["code"], 16) for row in rows] == list(range(len(expected)))
    for row, value in zip(rows, expected, strict=True):
        datum = row["datum"]
        if value != value or value in (float("inf"), float("-inf")):
            assert datum["kind"].lstrip("-").partition("(")[0] in (("nan", "snan") if value != value else ("inf",))
            continue
        assert Fraction(datum["exact"]) == Fraction(value)
        assert from_hexadecimal(datum["hexadecimal"]) == value
        assert float(datum["decimal"]) == value or not datum["decimal_is_exact"]
        assert abs(Fraction(datum["decimal"]) - Fraction(value)) <= abs(Fraction(value)) / 10**8
        assert datum["negative"] == (str(value)[0] == "-")
        identified = Fraction(row["shortest"])
        assert abs(identified - Fraction(value)) == min(abs(identified - other) for other in finite)
        assert int("".join(row["fields"].values()), 2) == int(row["code"], 16)


def test_all_kinds_of_table_have_the_same_rows(tmp_path: Path) -> None:
    """Text, CSV, Markdown and LaTeX say the same of each code, on the screen and in a file."""
    text = [re.split(r" {2,}", line.strip()) for line in refmath("table", "ocp_e4m3").lines]
    rows = {cells[0]: cells[2:] for cells in text[1:]}
    found = list(csv.DictReader(refmath("table", "ocp_e4m3", "--format", "csv").lines))
    assert {row["code"]: [cell for cell in (row["hexadecimal"], row["decimal"], row["class"]) if cell] for row in found} == rows
    assert all(f"{row['sign']}{row['exponent']}{row['significand']}" == f"{int(row['code'], 16):08b}" for row in found)
    markdown = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in refmath("table", "ocp_e4m3", "--format", "markdown").lines]
    assert {cells[0]: [cell for cell in cells[2:] if cell] for cells in markdown[2:]} == rows
    latex = [
        re.sub(r"\\texttt\{([^}]*)\}", r"\1", line.removesuffix(r" \\")).replace("$", "").split(" & ")
        for line in refmath("table", "ocp_e4m3", "--format", "latex").lines[4:-2]
    ]
    assert {cells[0]: [cell for cell in cells[2:] if cell] for cells in latex} == rows
    for kind in ("text", "csv", "markdown", "latex", "json"):
        file = tmp_path / kind
        assert refmath("table", "ocp_e4m3", "--format", kind, "--output", str(file)).out == ""
        assert file.read_text(encoding="utf-8").splitlines() == refmath("table", "ocp_e4m3", "--format", kind).lines


def test_latex_says_infinity_and_powers_of_ten() -> None:
    """What is no plain decimal is typeset."""
    ran = refmath("table", "bfloat16", "--from", "0x7f7f", "--to", "0x7f80", "--format", "latex")
    assert r"$3.39 \times 10^{38}$" in ran.out
    assert r"$\infty$" in ran.out


def test_range_of_a_wide_format() -> None:
    """A part of 2^32 codes is listed at once, given by codes or by values."""
    by_value = refmath("table", "binary32", "--from", "1", "--to", "0x3f800003", "--format", "csv")
    assert [line.split(",")[0] for line in by_value.lines[1:]] == ["0x3f800000", "0x3f800001", "0x3f800002", "0x3f800003"]
    wide = refmath("table", "binary256", "--from", "0x" + "f" * 64, "--json")
    assert [row["class"] for row in wide.data["codes"]] == ["NaN"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("binary32", "binary32 has 4,294,967,296 codes; choose some with --from CODE and --to CODE"),
        ("binary256", "2^256 codes"),
        ("e2m1 --from 3 --to 2", "comes after the last"),
        ("e2m1 --from 0x10", "wider than a code"),
        ("e2m1 --from x", "is not a number"),
        ("e2m1 --output /nonexistent/file", "Cannot write '/nonexistent/file': No such file or directory"),
        ("e2m1 --output /", "Cannot write '/'"),
        ("e2m1 --format xml", "'xml' is not one of"),
        ("e4m3", "may mean"),
    ],
)
def test_table_refuses(arguments: str, part: str) -> None:
    """Tables without end, ranges without codes and files that cannot be written are one sentence each."""
    ran = refmath("table", *arguments.split())
    assert (ran.status, ran.out) == (Exit.BAD_INPUT, "")
    assert is_one_sentence(ran.err)
    assert part in ran.err


@pytest.mark.parametrize("named", [named for named in CATALOGUE if not named.format.name.startswith("binary8p")], ids=lambda named: named.format.name)
def test_every_named_format_can_be_shown(named: object) -> None:
    """The page of each format has its name, its width and a definition, in text and in JSON; its least and greatest codes have pages."""
    fmt = named.format  # type: ignore[attr-defined]
    page = refmath("show", fmt.name)
    assert page.status == Exit.AGREES
    assert f"{fmt.width} bit" in page.out
    assert "definition" in page.out
    assert refmath("show", fmt.name, "--json").data["width"] == fmt.width
    for code in (0, fmt.codes - 1, fmt.limit(), fmt.codes >> 1):
        assert refmath("show", fmt.name, hex(code)).status == Exit.AGREES
        assert int(refmath("show", fmt.name, hex(code), "--json").data["code"], 16) == code


@pytest.mark.parametrize(
    "notation",
    ["e5m2(bias=20, specials=fn)", "e0m3", "binary512", "e15m1000", "q8.8", "uq0.16", "int12", "binary12p7uf(revision=4.0)", "e3m0", "int1", "e20m3"],
)
def test_formats_of_ones_own_can_be_shown(notation: str) -> None:
    """So can any format that is written down."""
    ran = refmath("show", notation, "--json")
    assert ran.status == Exit.AGREES
    assert refmath("show", ran.data["notation"], "--json").out == ran.out
    assert max(len(line) for line in refmath("show", notation).lines) < 700


def test_neighbours_and_ulp_of_a_code() -> None:
    """Below and above are the codes of the next values; there is none beyond the ends."""
    data = refmath("show", "ocp_e4m3", "0x08", "--json").data
    assert (data["below"]["code"], data["above"]["code"], data["ulp"]["exact"]) == ("0x07", "0x09", "1/512")
    assert data["roles"] == ["least normal"]
    assert refmath("show", "ocp_e4m3", "448", "--json").data["above"] is None
    assert "none above" in refmath("show", "ocp_e4m3", "448").out
    assert "none below" in refmath("show", "ocp_e4m3", "-448").out
    nan = refmath("show", "ocp_e4m3", "nan", "--json").data
    assert (nan["below"], nan["ulp"], nan["also"], nan["class"]) == (None, None, {}, "NaN")


def test_how_the_fields_make_the_value() -> None:
    """What is printed as the reading of the fields evaluates to the value."""
    for name, codes in (("ocp_e4m3", (0x01, 0x07, 0x2B, 0xFE)), ("binary64", (1, 0x3FB999999999999A)), ("q4.4", (0xEB, 0x01)), ("e8m0", (0, 200))):
        for code in codes:
            data = refmath("show", name, hex(code), "--json").data
            shown = data["reads"].replace("x", "*").replace("^", "**")
            assert eval(re.sub(r"(\d+)", r"Fraction(\1)", shown)) == Fraction(data["datum"]["exact"])


def test_fields_without_quotes() -> None:
    """Bit fields may be typed as several words."""
    assert refmath("show", "ocp_e4m3", "0", "0101", "011").out == refmath("show", "ocp_e4m3", "0x2b").out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("e4m3", "say which"),
        ("fp8", "say which"),
        ("qqq", "is not a known format"),
        ("ocp_e4m3 0x1ff", "wider than a code"),
        ("ocp_e4m3 zero", "is not a number"),
        ("e2m1 nan", "e2m1 has no NaN"),
        ("binary2p1se", "K of at least 3"),
        ("e31m2", "31 exponent bits"),
        ("e5m2(bias=x)", "not an integer"),
        ("e5m2(biass=3)", "is not an option"),
    ],
)
def test_show_refuses(arguments: str, part: str) -> None:
    """What is no format, or no code of it, is one sentence."""
    ran = refmath("show", *arguments.split())
    assert (ran.status, ran.out) == (Exit.BAD_INPUT, "")
    assert is_one_sentence(ran.err)
    assert part in ran.err


def test_formats_are_listed_and_filtered() -> None:
    """All named formats are listed, P3109's in one line; filters by text, family and width keep those that match."""
    everything = refmath("formats")
    names = [line.split()[0] for line in everything.lines[1:]]
    plain = [named.format.name for named in CATALOGUE if not getattr(named.format, "revision", "")]
    assert names == [*plain, "binary<K>p<P><s|u><e|f>"]
    assert "120 of P3109" in everything.lines[-1]
    assert len(refmath("formats", "--family", "p3109").lines) == 121
    assert [line.split()[0] for line in refmath("formats", "bf16").lines[1:]] == ["bfloat16"]
    assert {line.split()[1] for line in refmath("formats", "--width", "4..6", "--family", "float").lines[1:]} == {"4", "6"}
    assert len(refmath("formats", "--json").data) == len(CATALOGUE)
    by_name = {row["name"]: row for row in refmath("formats", "--json").data}
    assert by_name["ocp_e4m3"]["greatest"]["exact"] == "448"
    assert by_name["binary64"]["least_positive"]["hexadecimal"] == "0x1p-1074"
    assert by_name["e8m0"]["has_zero"] is False


@pytest.mark.parametrize("arguments", ["zzzz", "--width x", "--width 4..", "--width 3-4", "--family nothing", "--width 7 --family p3109 zzz"])
def test_formats_refuses(arguments: str) -> None:
    """Filters that match nothing or make no sense are one sentence."""
    ran = refmath("formats", *arguments.split())
    assert (ran.status, ran.out) == (Exit.BAD_INPUT, "")
    assert is_one_sentence(ran.err)


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """With colour the same text stands, between escape sequences; NO_COLOR and pipes leave them out."""
    bare = refmath("show", "ocp_e4m3", "0x2b").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = refmath("show", "ocp_e4m3", "0x2b").out
    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == bare.splitlines()
    assert "\x1b[" not in bare


def test_every_key_of_the_json_is_documented() -> None:
    """Each key that any command prints stands in the page that describes them."""
    page = (Path(__file__).resolve().parents[2] / "spec" / "cli-json.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`\"?([a-z_]+)\"?`", page))
    free = {"fields", "values", "also", "modes", "policies"}

    def keys(data: object, inside: str = "") -> set[str]:
        if isinstance(data, list):
            return set().union(*(keys(item, inside) for item in data))
        if not isinstance(data, dict):
            return set()
        own = set() if inside in free else set(data)
        return own.union(*(keys(value, name) for name, value in data.items()))

    found: set[str] = set()
    for line in (
        "formats --json",
        "show ocp_e4m3 --json",
        "show q8.8 --json",
        "show ocp_e4m3 0x2b --json",
        "table e2m1 --json",
        "convert 0.3 foo --from ocp_e4m3 --to e2m1 --json",
        "explain convert 465 --from binary32 --to ocp_e4m3 --json",
    ):
        found |= keys(json.loads(refmath(*line.split()).out))
    assert found <= documented
