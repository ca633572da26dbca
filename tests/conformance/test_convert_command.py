"""``refmath convert``: codes against ml_dtypes, NumPy and struct, every policy, every way to give operands."""

import json
import struct
from fractions import Fraction
from io import StringIO
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from command_line import Ran, is_one_sentence, refmath
from hypothesis import given
from hypothesis import strategies as st

from conformance.exits import Exit

DTYPES = {
    "binary16": np.float16,
    "bfloat16": ml_dtypes.bfloat16,
    "ocp_e5m2": ml_dtypes.float8_e5m2,
    "ieee_e4m3": ml_dtypes.float8_e4m3,
    "ieee_e3m4": ml_dtypes.float8_e3m4,
    "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "binary64": np.float64,
}


def code_of(ran: Ran, at: int = 0) -> int:
    """The code of one conversion."""
    return int(ran.data["conversions"][at]["result"]["code"], 16)


@pytest.mark.parametrize("target", list(DTYPES))
def test_agrees_with_other_implementations(target: str) -> None:
    """From binary32, which both sides convert directly, results are those of NumPy and ml_dtypes."""
    codes = [0x3DCCCCCD, 0x3F802000, 0xC0490FDB, 0x00000001, 0x33800001, 0x477FE000, 0x43E80000, 0x3F7FFFFF, 0x80000000, 0x7F800000, 0x40A80000]
    ran = refmath("convert", *(f"0x{code:08x}" for code in codes), "--from", "binary32", "--to", target, "--json")
    with np.errstate(over="ignore"):
        expected = np.array(codes, dtype=np.uint32).view(np.float32).astype(DTYPES[target])
    assert ran.status == Exit.AGREES
    found = [code_of(ran, at) for at in range(len(codes))]
    assert found == expected.view({1: np.uint8, 2: np.uint16, 8: np.uint64}[expected.itemsize]).tolist()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=25))
def test_decimals_round_once(x: object) -> None:
    """A decimal without a source goes into binary64 as Python reads it: correctly rounded, once."""
    ran = refmath("convert", "--to", "binary64", "--json", "--", str(x))
    assert code_of(ran) == struct.unpack("<Q", struct.pack("<d", float(str(x))))[0]


def test_value_with_a_source_is_rounded_twice_and_says_so() -> None:
    """1 + 2^-8 + 2^-60 becomes 1 + 2^-8 in binary32, which ties to 1 in bfloat16; directly it is above the tie."""
    text = "0x1.010000000000001p0"
    through = refmath("convert", text, "--from", "binary32", "--to", "bfloat16", "--json")
    direct = refmath("convert", text, "--to", "bfloat16", "--json")
    assert (code_of(through), code_of(direct)) == (0x3F80, 0x3F81)
    assert through.data["conversions"][0]["operand"]["rounded"] is True
    assert "\N{ALMOST EQUAL TO}" in refmath("convert", text, "--from", "binary32", "--to", "bfloat16").out


@pytest.mark.parametrize(
    ("options", "code", "flags"),
    [
        ("300 --to ocp_e4m3", 0x79, ["inexact"]),
        ("464.5 --to ocp_e4m3", 0x7F, ["overflow", "inexact"]),
        ("464.5 --to ocp_e4m3 --overflow saturate_finite", 0x7E, ["overflow", "inexact"]),
        ("464.5 --to ocp_e4m3 --rounding rtz", 0x7E, ["inexact"]),
        ("480 --to ocp_e4m3 --rounding rtz", 0x7E, ["overflow", "inexact"]),
        ("-70000 --to ocp_e5m2 --overflow to_nan", 0x7E, ["overflow", "inexact"]),
        ("200 --to int8 --overflow wrap", 0xC8, ["invalid"]),
        ("inf --to ocp_e5m2 --overflow saturate_propagate", 0x7C, []),
        ("2.5 --to int8", 2, ["inexact"]),
        ("2.5 --to int8 --rounding ties-to-away", 3, ["inexact"]),
        ("2.5 --to int8 --rounding roundTowardPositive", 3, ["inexact"]),
        ("-2.5 --to int8 --rounding toward_negative", 0xFD, ["inexact"]),
        ("2.25 --to int8 --rounding to_odd", 3, ["inexact"]),
        ("0.3 --to e2m1 --rounding stochastic_a --bits 8 --random 102", 0, ["underflow", "inexact"]),
        ("0.3 --to e2m1 --rounding stochastic_a --bits 8 --random 103", 1, ["underflow", "inexact"]),
        ("0.3 --to e2m1 --rounding sra --bits 0x8 --random 0x67", 1, ["underflow", "inexact"]),
        ("0x1.ffep-15 --to binary16", 0x400, ["inexact"]),
        ("0x1.ffep-15 --to binary16 --tininess before", 0x400, ["underflow", "inexact"]),
        ("-0x1p-20 --to binary16 --subnormals signed_zero", 0x8000, ["underflow", "inexact"]),
        ("-0x1p-20 --to binary16 --subnormals positive-zero", 0x0000, ["underflow", "inexact"]),
        ("0x8001 --from binary16 --to bfloat16 --subnormal-operands signed_zero", 0x8000, []),
        ("0x8001 --from binary16 --to bfloat16 --subnormal-operands positive_zero", 0x0000, []),
        ("0xfe05 --from binary16 --to binary32 --nans canonical", 0x7FC00000, []),
        ("0xfe05 --from binary16 --to binary32 --nans propagate", 0xFFC0A000, []),
        ("nan(0x2000) --to binary32 --nans propagate", 0x7FC02000, []),
        ("nan --to e2m1 --absent-nan greatest", 7, ["invalid"]),
        ("nan --to e2m1 --absent-nan negative_zero", 8, ["invalid"]),
        ("0 --to e8m0", 0, ["inexact"]),
        ("0 --to e8m0 --absent-zero nan", 0xFF, ["invalid"]),
        ("-4 --to e8m0 --negatives magnitude", 129, []),
        ("-4 --to e8m0 --negatives nan", 0xFF, ["invalid"]),
        ("-4 --to e8m0 --negatives limit", 0, ["overflow", "inexact"]),
    ],
)
def test_policies(options: str, code: int, flags: list[str]) -> None:
    """Every option reaches the projection: code and flags worked out by hand."""
    ran = refmath("convert", *options.split(), "--json")
    assert ran.status == Exit.AGREES
    assert code_of(ran) == code
    assert ran.data["conversions"][0]["flags"] == flags


def test_names_are_canonical_in_the_output() -> None:
    """Any alias, in any case, is understood; what is printed is the canonical name."""
    ran = refmath("convert", "1", "--from", "TORCH.Float8_E4M3FN", "--to", "BF16", "--json")
    assert (ran.data["from"], ran.data["to"]) == ("ocp_e4m3", "bfloat16")


def test_negative_operands_are_no_options() -> None:
    """Negative numbers stand where positive ones do, before and behind the options."""
    for arguments in (["-1.5", "--to", "e2m1"], ["--to", "e2m1", "-1.5"], ["--to=e2m1", "--", "-1.5"]):
        assert refmath("convert", *arguments).out.split() == ["-1.5", "->", "0xb", "1", "01", "1", "-1.5", "exact"]
    assert refmath("convert", "-inf", "-.5", "-0", "--to", "binary16").status == Exit.AGREES


def test_text_is_aligned() -> None:
    """Columns start at the same place in every line."""
    ran = refmath("convert", "0.1", "-1.5", "1000000", "inf", "--to", "bfloat16")
    assert len({line.index("->") for line in ran.lines}) == 1
    assert len({line.index("0x") for line in ran.lines}) == 1


def test_one_failure_loses_nothing_else() -> None:
    """Operands that fail are counted and the first is explained; the others are converted."""
    ran = refmath("convert", "1", "foo", "0x1", "2", "--to", "e2m1")
    assert ran.status == Exit.BAD_INPUT
    assert [line.split()[0] for line in ran.lines] == ["1", "2"]
    assert is_one_sentence(ran.err)
    assert "2 of 4 operands failed; the first: 'foo' is not a number" in ran.err
    both = refmath("convert", "1", "foo", "--to", "e2m1", "--json")
    assert both.status == Exit.BAD_INPUT
    assert set(both.data["conversions"][1]) == {"text", "error"}


def test_operands_from_a_file_and_from_the_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """@FILE and - give one operand a line."""
    file = tmp_path / "values"
    file.write_text("0.25\n-4\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", StringIO("6 # the greatest\n"))
    ran = refmath("convert", f"@{file}", "-", "--to", "e2m1", "--json")
    assert [code_of(ran, at) for at in range(3)] == [0, 14, 7]


def test_a_seed_fixes_the_draws() -> None:
    """The same seed draws the same bits, and both neighbours come up, about in proportion to the position in the gap."""
    arguments = ["convert", *["0.3"] * 400, "--to", "e2m1", "--rounding", "stochastic", "--json"]
    first, second, third = (refmath(*arguments, "--seed", seed) for seed in ("7", "7", "8"))
    assert first.out == second.out
    assert first.out != third.out
    up = sum(code_of(first, at) for at in range(400))
    assert Fraction(1, 2) < Fraction(up, 400) < Fraction(7, 10)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ("1 --to e4m3", "'e4m3' may mean ocp_e4m3 (max 448, no infinity)"),
        ("1 --to floaty16", "did you mean"),
        ("1 --to e4m3fn --from binary2p1se", "bitwidth K of at least 3"),
        ("1 --to binary4p0se", "precision P from 1 to K - 1"),
        ("1 --to e0m0", "no bits are left for a magnitude"),
        ("1 --to e0m3(subnormals=no)", "0 exponent bits without subnormal numbers"),
        ("0x100 --from ocp_e4m3 --to binary16", "wider than a code of ocp_e4m3"),
        ("nan --to e2m1", "e2m1 has no NaN"),
        ("1 --to bf16 --rounding up", "'up' is not a rounding mode"),
        ("1 --to bf16 --overflow up", "'up' is not an overflow policy"),
        ("1 --to bf16 --nans up", "'up' is no choice for --nans; use one of canonical"),
        ("0.3 --to e2m1 --rounding sra --bits 8", "needs random bits; give them with --random R"),
        ("0.3 --to e2m1 --rounding sra --random 8", "needs its number of random bits"),
        ("0.3 --to e2m1 --rounding sra --bits 8 --random 256", "does not fit into 8 bits"),
        ("0.3 --to e2m1 --rounding sra --bits 8 --random 2 --seed 3", "exclude each other"),
        ("0.3 --to e2m1 --rounding sra --bits 99999 --seed 3", "99999 random bits"),
        ("0.3 --to e2m1 --bits 8", "belongs to the stochastic modes"),
        ("0.3 --to e2m1 --seed 8", "belong to the stochastic modes"),
        ("0.3 --to e2m1 --rounding sra --bits -8 --random 1", "give a nonnegative integer"),
        ("1 --to int8 --overflow error 1000", "1 of 2 operands failed"),
        ("@/nonexistent --to e2m1", "Cannot read '/nonexistent'"),
    ],
)
def test_bad_input(options: str, part: str) -> None:
    """Each mistake is status 2 and one sentence that names it."""
    ran = refmath("convert", *options.split())
    assert ran.status == Exit.BAD_INPUT
    assert is_one_sentence(ran.err)
    assert part in ran.err


@pytest.mark.parametrize("text", ["", " ", "\x1b[31m", "\n", "x" * 5000, "\ud800"], ids=["empty", "blank", "escape", "newline", "long", "surrogate"])
def test_odd_operands(text: str) -> None:
    """Whatever is typed comes back printable, in one short line."""
    ran = refmath("convert", text, "--to", "bf16")
    assert ran.status == Exit.BAD_INPUT
    assert is_one_sentence(ran.err)
    assert ran.err.strip().isprintable()


def test_huge_values_are_shown_in_little_space() -> None:
    """The greatest binary256 and e15m1000 numbers, and a numeral of a million digits, fit bounded lines."""
    for arguments in (
        ["0x7" + "f" * 4 + "e" + "f" * 58, "--from", "binary256", "--to", "e15m1000"],
        ["1e4000", "--to", "e15m1000"],
        ["1" * 1_000_000, "--to", "bf16"],
    ):
        ran = refmath("convert", *arguments)
        assert ran.status == Exit.AGREES
        assert len(ran.out) < 2500
        assert len(json.dumps(refmath("convert", *arguments, "--json").data)) < 40_000
