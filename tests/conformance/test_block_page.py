"""The page of values in blocks: scales, clipped and flushed elements, errors, side by side; and the page of a block format."""

import json
import re
from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

from conformance.exits import Exit

SCREEN = """
values     5 in 1 block, amax 7 = 0x1.cp+2

block     policy             scale       amax becomes  clipped  flushed  greatest error      rms error
0      A  mxfp4              0x7f   2^0  6                   1        2  1 (14.3 % of amax)  0.672
0      B  mxfp4(rule=ceil)   0x80   2^1  8                   0        2  1 (14.3 % of amax)  0.672
0      C  mxfp4(rule=even)   0x80   2^1  8                   0        2  1 (14.3 % of amax)  0.672
0      D  mxfp4(rule=rceil)  0x80   2^1  8                   0        2  1 (14.3 % of amax)  0.672

element  value  A               error   B               error   C               error   D               error
0        7      0x7  6 clipped  -1      0x6  8          1       0x6  8          1       0x6  8          1
1        -2.5   0xc  -2         0.5     0xa  -2         0.5     0xa  -2         0.5     0xa  -2         0.5
2        0.1    0x0  0 flushed  -0.1    0x0  0 flushed  -0.1    0x0  0 flushed  -0.1    0x0  0 flushed  -0.1
3        0.004  0x0  0 flushed  -0.004  0x0  0 flushed  -0.004  0x0  0 flushed  -0.004  0x0  0 flushed  -0.004
4        5      0x6  4          -1      0x4  4          -1      0x4  4          -1      0x4  4          -1
"""


def test_the_screen_word_for_word() -> None:
    """7 is clipped to 6 by the rule of the standard, and becomes 8 by the others; small values vanish."""
    ran = refmath("show", "mxfp4", "--block", "7", "-2.5", "0.1", "0.004", "5")
    assert ran.status == Exit.AGREES and ran.out.strip() == SCREEN.strip()


def test_values_come_from_a_file_in_any_arrangement(tmp_path: Path) -> None:
    """Lines, spaces and commas part numbers; what follows a # is left out."""
    file = tmp_path / "values"
    file.write_text("7, -2.5  # the first two\n0.1 0.004\n\n5\n")
    assert refmath("show", "mxfp4", "--block", f"@{file}").out.strip() == SCREEN.strip()


def test_several_blocks_and_formats_side_by_side() -> None:
    """33 values are two blocks of 32 and one of 64; every format named stands in the table, each block with its own scale."""
    ran = refmath("show", "mxfp4", "--block", "--beside", "mxfp8_e4m3(size=64)", "--beside", "nvfp4", *["1"] * 32, "1024")
    rows = [line.split()[:3] for line in ran.lines if re.match(r"\d+ +[A-C] ", line)]
    assert rows == [["0", "A", "mxfp4"], ["0", "B", "mxfp8_e4m3(size=64)"], ["0", "C", "nvfp4"], ["1", "A", "mxfp4"], ["1", "C", "nvfp4"], ["2", "C", "nvfp4"]]
    assert sum(line.startswith("tensor") for line in ran.lines) == 1


def test_long_lists_are_cut_and_json_is_not() -> None:
    """64 elements and 16 blocks are shown; the JSON has all."""
    ran = refmath("show", "mxfp4", "--block", *["1"] * 600)
    assert "3 more blocks; --json has them all" in ran.out and "536 more elements; --json has them all" in ran.out
    data = refmath("show", "mxfp4", "--block", "--json", *["1"] * 600).data
    assert len(data["policies"]) == 4 and len(data["policies"][0]["blocks"]) == 19


def test_the_json_is_exact() -> None:
    """Codes, exact errors, counts; specials by name."""
    data = refmath("show", "mxfp4", "--block", "--json", "7", "1/3", "1/16").data
    first = data["policies"][0]
    block = first["blocks"][0]
    assert first["format"] == "mxfp4" and block["scale"]["code"] == "0x7f" and block["amax"]["exact"] == "7"
    assert (block["clipped"], block["flushed"], block["greatest_error"]["exact"]) == (1, 1, "1")
    assert [element["error"]["exact"] for element in block["elements"]] == ["-1", "1/6", "-1/16"]
    assert block["mean_square_error"]["exact"] == "2377/6912"
    nan = refmath("show", "mxfp4", "--block", "--json", "7", "nan").data["policies"][0]["blocks"][0]
    assert nan["greatest_error"] is None and nan["elements"][0]["value"] == {"kind": "nan"}


def test_the_page_of_a_block_format_names_every_choice() -> None:
    """Elements, scale, bits an element, and all fields of the policy."""
    ran = refmath("show", "nvfp4")
    assert ran.status == Exit.AGREES
    for words in (
        "e2m1, 4 bits, greatest 6",
        "ue4m3, 7 bits, one for 16 elements",
        "and binary32 for the whole tensor",
        "4.4375 bits an element",
        "order=transformer_engine",
    ):
        assert words in ran.out
    data = refmath("show", "mxfp4(rule=even)", "--json").data
    assert data["format"] == "mxfp4(rule=even)" and data["policy"]["rule"] == "even" and data["bits"] == "17/4"


def test_a_name_of_both_tables_shows_the_element_format_unless_blocks_are_asked_for() -> None:
    """mxfp8_e4m3 is an alias of ocp_e4m3; with --block it is the block format."""
    assert "ocp_e4m3" in refmath("show", "mxfp8_e4m3").lines[0]
    assert "OCP MX: E4M3 elements" in refmath("show", "mxfp8_e4m3", "--block").lines[0]
    assert "1 in 1 block" in refmath("show", "mxfp8_e4m3", "--block", "3").out


@pytest.mark.parametrize(
    "line",
    [
        "show mxfp9 --block 1",
        "show mxfp8 --block 1",
        "show mxfp4 --block abc",
        "show mxfp4 --block @/nonexistent/file",
        "show mxfp4 --beside nvfp4",
        "show mxfp4(rule=best) --block 1",
        "show mxfp4(size=0) --block 1",
        "show block(e2m1,e8m0) --block 1",
        "show mxfp4(nan=element) --block nan",
        "show flex16_5 --block nan",
        "show mxfp4 --block 1e999999999",
    ],
)
def test_bad_input_is_one_sentence(line: str) -> None:
    """Exit status 2, one sentence, no traceback."""
    ran = refmath(*line.split())
    assert ran.status == Exit.BAD_INPUT and is_one_sentence(ran.err)


def test_every_key_of_the_json_is_documented() -> None:
    """Each key stands in the page that describes the JSON."""
    page = (Path(__file__).resolve().parents[2] / "spec" / "cli-json.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`\"?([a-z_]+)\"?`", page))

    def keys(data: object, inside: str = "") -> set[str]:
        if isinstance(data, list):
            return set().union(*(keys(item, inside) for item in data))
        if not isinstance(data, dict):
            return set()
        own = set() if inside in ("policy", "fields") else set(data)
        return own.union(*(keys(value, name) for name, value in data.items()))

    data = json.loads(refmath("show", "nvfp4", "--block", "--json", "1", "0.3").out)
    assert keys(data) <= documented
