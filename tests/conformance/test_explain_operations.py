"""``refmath explain`` for any operation: whole screens, formats of operands and results, JSON, and every mistake in one sentence."""

import pytest
from command_line import is_one_sentence, refmath
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from conformance.exits import Exit
from formats import operate, parse
from formats.operations import OPERATIONS

SCREENS = {
    "fma 1.25 0x3c 2^-9 --format e5m2 --rounding rtp": """
operation  fma: x y + z, rounded once                             IEEE 754-2019 5.4.1
x          ocp_e5m2 0x3d  0 01111 01  1.25
y          ocp_e5m2 0x3c  0 01111 00  1
z          ocp_e5m2 0x18  0 00110 00  0.001953125
exact      641/512 = 0x1.408p+0 = 1.251953125
between    0x3d  0 01111 01  0x1.4p+0  1.25
    and    0x3e  0 01111 10  0x1.8p+0  1.5   even
position   1/128 of the gap, less than half way:   kept 1.01 | guard 0 | sticky 1 (000001)   x 2^0
rule       toward_positive: always the greater neighbour, 0x3e    IEEE 754-2019 4.3.2
result     0x3e  0 01111 10  1.5                                  flags: inexact
others     0x3e 1.5   away_from_zero
           0x3d 1.25  nearest_even, nearest_away, nearest_zero, nearest_odd, toward_zero, toward_negative,
                      to_odd, nearest_positive, nearest_negative
draws      0x3e for 2 of 256 in stochastic_a · 2 in stochastic_b · 2 in stochastic_c · 1/128 in stochastic; else 0x3d
""",
    "multiply 0x2b 3 --from e4m3fn --from e5m2 --to bf16": """
operation  multiply: x y                                          IEEE 754-2019 5.4.1
x          ocp_e4m3 0x2b  0 0101 011  0.34375
y          ocp_e5m2 0x42  0 10000 10  3
exact      33/32 = 0x1.08p+0 = 1.03125
rule       bfloat16 has this value exactly: nothing to round, the same in every mode
result     0x3f84  0 01111111 0000100  1.03125                    flags: none
""",
    "exp 1 --to bf16": """
operation  exp: e^x                                               IEEE 754-2019 9.2
x          1
exact      e^1 ≈ 2.71828183, irrational
between    0x402d  0 10000000 0101101  0x1.5ap+1  2.703125
    and    0x402e  0 10000000 0101110  0x1.5cp+1  2.71875   even
position   more than half way:   kept 1.0101101 | guard 1 | sticky 1 (1111000010101000...)   x 2^1
rule       nearest_even: more than half way, so the nearer neighbour, 0x402e   IEEE 754-2019 4.3.1
result     0x402e  0 10000000 0101110  2.71875                    flags: inexact
others     0x402e 2.71875   nearest_away, nearest_zero, nearest_odd, toward_positive, away_from_zero,
                            nearest_positive, nearest_negative
           0x402d 2.703125  toward_zero, toward_negative, to_odd
draws      0x402e for 248 of 256 in stochastic_a · 248 in stochastic_b · 248 in stochastic_c; else 0x402d
""",
    "add 1 -1 --format bf16": """
operation  add: x + y                                             IEEE 754-2019 5.4.1
x          bfloat16 0x3f80  0 01111111 0000000  1
y          bfloat16 0xbf80  1 01111111 0000000  -1
special    the exact sum is zero: of terms of one sign it has that sign; of unlike signs it is +0, in toward_negative -0
           IEEE 754-2019 6.3
exact      0
result     0x0000  0 00000000 0000000  0                          flags: none
others     0x0000 0   nearest_away, nearest_zero, nearest_odd, toward_zero, toward_positive, away_from_zero,
                      to_odd, nearest_positive, nearest_negative
           0x8000 -0  toward_negative
""",
    "divide 1 0 --format e4m3fn": """
operation  divide: x / y                                          IEEE 754-2019 5.4.1
x          ocp_e4m3 0x38  0 0111 000  1
y          ocp_e4m3 0x00  0 0000 000  0
special    divide(1, 0) is a pole: an exact infinity of finite operands   IEEE 754-2019 7.3
exact      inf
policy     ieee: ocp_e4m3 has no infinity, so NaN takes its place
result     0x7f  0 1111 111  nan                                  flags: invalid, divide by zero
policies   0x7f nan  to_nan, wrap, satnone_4.0.3, posit
           0x7e 448  saturate_finite, saturate_propagate, satnone_4.0
           refused   error
""",
    "atan2 1 -0 --format bf16 --rounding rtz": """
operation  atan2: the angle of the point (y, x), as in atan2(y, x)   IEEE 754-2019 9.2
y          bfloat16 0x3f80  0 01111111 0000000  1
x          bfloat16 0x8000  1 00000000 0000000  -0
special    atan2(1, -0): an operand is zero, and the result is stated, not computed   IEEE 754-2019 9.2.1
""",
    "to_integer -2.5 --from binary16 --to int8": """
operation  to_integer: x as an integer                            IEEE 754-2019 5.8
x          binary16 0xc100  1 10000 0100000000  -2.5
integer    between -3 and -2, half way exactly; nearest_even: a tie goes to the even integer, -2
           IEEE 754-2019 5.9
exact      -2 = -0x1p+1
rule       int8 has this value exactly: nothing to round, the same in every mode
result     0xfe  11111110  -2                                     flags: none
others     0xfe -2  nearest_zero, toward_zero, toward_positive, nearest_positive
           0xfd -3  nearest_away, nearest_odd, toward_negative, away_from_zero, to_odd, nearest_negative
""",
    "compare_signaling_less 1 nan --format binary16": """
operation  compare_signaling_less: whether x and y are less       IEEE 754-2019 5.6.1
x          binary16 0x3c00  0 01111 0000000000  1
y          binary16 0x7e00  0 11111 1000000000  nan
special    y is a NaN, so the operands are unordered; that raises invalid   IEEE 754-2019 5.11
result     false                                                  flags: invalid
""",
    "next_up 0x7bff --format binary16": """
operation  next_up: the next greater datum                        IEEE 754-2019 5.3.1
x          binary16 0x7bff  0 11110 1111111111  65504
exact      inf
result     0x7c00  0 11111 0000000000  inf                        flags: none
""",
    "multiply 0.1 3 --format e4m3fn": """
operation  multiply: x y                                          IEEE 754-2019 5.4.1
x          0.1 is not a value of ocp_e4m3; nearest_even makes it 0x1d 0.1015625
y          ocp_e4m3 0x44  0 1000 100  3
exact      39/128 = 0x1.38p-2 = 0.3046875
""",
}


@pytest.mark.parametrize("line", list(SCREENS))
def test_screen(line: str) -> None:
    """The screen is as it stands here; where only its beginning stands here, it goes on."""
    ran = refmath("explain", *line.split())
    assert (ran.status, ran.err) == (Exit.AGREES, "")
    expected = SCREENS[line].strip("\n").splitlines()
    assert ran.lines[: len(expected)] == expected
    assert len(ran.lines) == len(expected) or "stated" in SCREENS[line] or "0.1 3" in line


def test_rounding_the_operands_is_pointed_out_where_it_shows() -> None:
    """1.3 squared is 1.69, near 1.75, but of 1.25, to which 1.3 is rounded, 1.5625, a tie that goes to 1.5; 0.1 and 3 make no difference."""
    assert "note" not in refmath("explain", "multiply", "0.1", "3", "--format", "e4m3fn").out
    ran = refmath("explain", "multiply", "1.3", "1.3", "--format", "e4m3fn")
    assert ran.lines[-1] == "note       the operands were rounded first; exact ones would give 0x3e 1.75"
    assert refmath("explain", "multiply", "1.3", "1.3", "--format", "e4m3fn", "--json").data["direct"] == "0x3e"


def test_integer_operands_are_taken_as_they_are() -> None:
    """The n of scaleb need not be a value of the format, unless it is given a format of its own."""
    assert "3 x 2^1000000000000000000" in refmath("explain", "scaleb", "3", "10^18", "--format", "binary16").out
    assert refmath("explain", "pown", "2", "-9", "--format", "e5m2", "--json").data["result"]["code"] == "0x18"
    assert "int8 0x03" in refmath("explain", "scaleb", "1", "3", "--from", "bf16", "--from", "int8", "--to", "bf16").out


def test_any_name_and_dialect() -> None:
    """Aliases in any spelling, and a dialect that is not the formats' own."""
    assert refmath("explain", "FusedMultiplyAdd", "1", "2", "3", "--to", "bf16", "--json").data["operation"] == "fma"
    assert refmath("explain", "+", "1", "2", "--to", "bf16", "--json").data["operation"] == "add"
    assert refmath("explain", "divide", "1", "0", "--format", "binary8p4se", "--json").data["result"]["class"] == "NaN"
    data = refmath("explain", "divide", "1", "0", "--format", "binary8p4se", "--dialect", "ieee754", "--json").data
    assert (data["dialect"], data["result"]["class"], data["flags"]) == ("ieee754", "infinity", ["divide by zero"])


def test_json() -> None:
    """Operands, special case, exact result in words, modes; an answer that is no number has no result."""
    data = refmath("explain", "sqrt", "2", "--to", "bf16", "--json").data
    assert (data["exact_text"], data["exact"]["decimal"], data["special"], data["answer"]) == ("2^(1/2) ≈ 1.41421356, irrational", "1.41421356", None, None)
    assert data["modes"]["toward_positive"] == "0x3fb6" and data["operands"][0]["format"] is None
    data = refmath("explain", "less", "nan", "1", "--format", "bf16", "--json").data
    assert data["answer"] is False and data["special"]["clause"] == "IEEE 754-2019 5.11" and data["flags"] == ["invalid"] and "result" not in data
    assert refmath("explain", "class", "-1", "--format", "bf16", "--json").data["answer"] == "negativeNormal"


@given(
    st.data(),
    st.sampled_from(sorted(set(OPERATIONS) - {"to_integer", "to_integer_exact", "convert"})),
    st.sampled_from(["e4m3fn", "binary16", "posit8", "binary6p3se"]),
)
@examples(150)
def test_every_operation_is_explained(data: st.DataObject, name: str, fmt_name: str) -> None:
    """Any operation on any codes is explained, and the result is that of the operation on codes."""
    fmt, op = parse(fmt_name), OPERATIONS[name]
    integers = getattr(op, "integers", ())
    codes = tuple(data.draw(st.integers(0, 9 if at in integers else fmt.codes - 1)) for at in range(op.arity))
    words = [str(code) if at in integers else hex(code) for at, code in enumerate(codes)]
    ran = refmath("explain", name, *words, "--format", fmt_name)
    assert (ran.status, ran.err) == (Exit.AGREES, "")
    expected, found = operate(name, fmt, codes), refmath("explain", name, *words, "--format", fmt_name, "--json").data
    assert found["flags"] == ([] if not expected.flags else str(expected.flags).split(", "))
    assert found["answer"] == expected.exact if isinstance(expected.exact, bool | str) else int(found["result"]["code"], 16) == expected.code


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("ad 1 2 --to bf16", "'ad' is not a known operation; did you mean add"),
        ("qqqqq 1 2 --to bf16", "'qqqqq' is not a known operation; 'refmath operations' lists them"),
        ("add 1 --to bf16", "add takes 2 operands, not 1; quote bit fields that are parted by spaces"),
        ("sqrt --to bf16", "sqrt takes 1 operand, not 0"),
        ("add 1 2", "add of exact operands, and nothing says which format the result has: give --to FORMAT, or --format FORMAT"),
        ("add 1 2 --from bf16 --from binary16", "add of operands of bfloat16 and binary16, and nothing says which format the result has"),
        ("add 1 2 --from bf16 --from bf16 --from bf16", "--from stands 3 times for the 2 operands of add; give it once for all, or once for each"),
        ("sqrt 1 --from bf16 --from bf16", "--from stands 2 times for the 1 operand of sqrt"),
        ("add 0x1 2 --to bf16", "'0x1' is a code, and no format says what it means"),
        ("next_up 3 --to bf16", "next_up looks at a code: give its format with --from FORMAT or --format FORMAT"),
        ("next_up 3 --from bf16 --to binary32", "next_up delivers the format of its operand"),
        ("to_integer 3 --format bf16", "to_integer delivers an integer format, such as int32, not bfloat16"),
        ("scaleb 3 0.5 --format bf16", "scaleb needs an integer as its second operand, not 1/2"),
        ("add 1 2 --from binary8p4se --from posit8 --to bf16", "are of standards whose special cases differ; say which dialect holds"),
        ("divide 0 0 --format e2m1", "e2m1 has no NaN to deliver; say what takes its place with absent_nan"),
        ("add 1 2 --format e4m3", "'e4m3' may mean"),
        ("convert 0.1", "convert of exact operands, and nothing says which format the result has"),
    ],
)
def test_what_cannot_be_explained(words: str, part: str) -> None:
    """Each mistake is status 2, one sentence that names it, and no output."""
    ran = refmath("explain", *words.split())
    assert (ran.status, ran.out) == (Exit.BAD_INPUT, "")
    assert is_one_sentence(ran.err)
    assert part in ran.err
