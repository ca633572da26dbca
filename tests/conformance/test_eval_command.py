"""``refmath eval``: whole screens, JSON against rationals, names, policies, depth, and every mistake in one sentence."""

import json
import struct
from fractions import Fraction

import pytest
from command_line import Ran, is_one_sentence, refmath
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from conformance.exits import Exit

SCREENS = {
    ("fma(1.1, x, 2^-9)", "--format", "e5m2", "--let", "x=0x3c", "--rounding", "rtp"): """
result     0x3e  0 01111 10  1.5                                  flags: inexact
rounded    1.1 is not a value of ocp_e5m2; toward_positive makes it 0x3d 1.25 (inexact)
""",
    ("fma(1.1, x, 2^-9)", "--format", "e5m2", "--let", "x=0x3c", "--rounding", "rtp", "--trace"): """
given      x = 0x3c  0 01111 00  1

step 1     1.1, a literal, is rounded into ocp_e5m2
exact      11/10 = 1.1
between    0x3c  0 01111 00  0x1p+0    1     even
    and    0x3d  0 01111 01  0x1.4p+0  1.25
position   2/5 of the gap, less than half way:   kept 1.00 | guard 0 | sticky 1 (1100110011001100...)   x 2^0
rule       toward_positive: always the greater neighbour, 0x3d    IEEE 754-2019 4.3.2
result     0x3d  0 01111 01  1.25                                 flags: inexact

step 2     2^-9 = 0x18  0 00110 00  0.001953125

step 3     fma(1.1, x, 2^-9): fma(1.25, 1, 0.001953125)           IEEE 754-2019 5.4.1
exact      641/512 = 0x1.408p+0 = 1.251953125
between    0x3d  0 01111 01  0x1.4p+0  1.25
    and    0x3e  0 01111 10  0x1.8p+0  1.5   even
position   1/128 of the gap, less than half way:   kept 1.01 | guard 0 | sticky 1 (000001)   x 2^0
rule       toward_positive: always the greater neighbour, 0x3e    IEEE 754-2019 4.3.2
result     0x3e  0 01111 10  1.5                                  flags: inexact

result     0x3e  0 01111 10  1.5                                  flags: inexact
""",
    ("x * x + y", "--format", "e4m3fn", "--to", "binary32", "--let", "x=1.125", "--let", "y=-1"): """
result     0x3e880000  0 01111101 00010000000000000000000  0.265625   flags: none
""",
    ("-x < 2 / 0", "--format", "bf16", "--let", "x=0.3"): """
result     true                                                   flags: divide by zero
rounded    0.3 is not a value of bfloat16; nearest_even makes it 0x3e9a 0.30078125 (inexact)
""",
    ("class(-1e-7)", "--format", "binary16", "--trace"): """
step 1     -1e-7, a literal, is rounded into binary16
exact      -1/10000000 = -1e-7
between    0x8001  1 00000 0000000001  -0x1p-24  -6e-8
    and    0x8002  1 00000 0000000010  -0x1p-23  -1e-7  even
position   52947/78125 of the gap, more than half way:   kept 0.0000000001 | guard 1 | sticky 1 (0101101011111110...)   x 2^-14
rule       nearest_even: more than half way, so the nearer neighbour, 0x8002   IEEE 754-2019 4.3.1
underflow  tiny after rounding, below the least normal value 2^-14, and inexact: underflow   IEEE 754-2019 7.5
result     0x8002  1 00000 0000000010  -1e-7                      flags: underflow, inexact

step 2     class(-1e-7): class(-1e-7)                             IEEE 754-2019 5.7.2
result     negativeSubnormal                                      flags: none

result     negativeSubnormal                                      flags: none
""",
    ("0/0", "--format", "e2m1", "--absent-nan", "zero", "--trace"): """
step 1     0 = 0x0  0 00 0  0

step 2     0 = 0x0  0 00 0  0

step 3     0/0: divide(0, 0)                                      IEEE 754-2019 5.4.1
special    divide(0, 0) is invalid: 0 / 0 has no value            IEEE 754-2019 7.2
exact      nan
nan        e2m1 has no NaN; absent_nan=zero puts 0x0 0 in its place
result     0x0  0 00 0  0                                         flags: invalid

result     0x0  0 00 0  0                                         flags: invalid
""",
}


@pytest.mark.parametrize("arguments", list(SCREENS), ids=lambda arguments: " ".join(arguments))
def test_screen(arguments: tuple[str, ...]) -> None:
    """The screen is as it stands here, line by line."""
    ran = refmath("eval", *arguments)
    assert (ran.status, ran.err) == (Exit.AGREES, "")
    assert ran.out == SCREENS[arguments].removeprefix("\n")


def code_of(ran: Ran) -> int:
    """The code of the result."""
    return int(ran.data["result"]["code"], 16)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.sampled_from(["+", "-", "*"]))
@examples(100)
def test_binary64_is_what_python_computes(x: float, y: float, sign: str) -> None:
    """In binary64, to nearest even, an operator gives the code of what the processor gives."""
    expected = {"+": x + y, "-": x - y, "*": x * y}[sign]
    ran = refmath("eval", f"x {sign} y", "--format", "binary64", "--let", f"x={x!r}", "--let", f"y={y!r}", "--json")
    if expected != expected:
        assert ran.data["result"]["class"] == "NaN" and "invalid" in ran.data["flags"]
    else:
        assert code_of(ran) == struct.unpack("<Q", struct.pack("<d", expected))[0]


def test_json_tells_every_step() -> None:
    """Result, flags of operations and of literals apart, and with --trace every step with its exact value."""
    ran = refmath("eval", "1/3 + x^9", "--format", "binary16", "--let", "x=0.1", "--rounding", "rtz", "--trace", "--json")
    data = ran.data
    assert (data["expression"], data["format"], data["to"], data["projection"]["rounding"]) == ("1/3 + x^9", "binary16", "binary16", "toward_zero")
    assert (data["flags"], data["literal_flags"], data["names"]["x"]["flags"]) == (["underflow", "inexact"], [], ["inexact"])
    one, three, third, ninth, total = data["steps"]
    assert (one["text"], one["written"]["exact"], one["operation"], one["result"]["code"]) == ("1", "1", None, "0x3c00")
    assert (third["text"], third["operation"], third["exact"]["exact"], third["modes"]) == ("1/3", "divide", "1/3", {})
    assert (ninth["operation"], ninth["operands"][1], ninth["flags"]) == ("pown", "9", ["underflow", "inexact"])
    assert three["result"]["shortest"] == "3" and total["operands"][0]["code"] == third["result"]["code"]
    assert Fraction(ninth["exact"]["exact"]) == Fraction(data["names"]["x"]["datum"]["exact"]) ** 9
    assert "steps" not in refmath("eval", "1/3", "--format", "binary16", "--json").data
    assert refmath("eval", "1 < 2", "--format", "binary16", "--json").data["result"] is True
    assert refmath("eval", "compare(1, nan)", "--format", "binary16", "--json").data["result"] == "unordered"


def test_a_minus_may_start_an_expression() -> None:
    """An expression that starts with a minus is no option, in front of the options or behind them."""
    for arguments in (["-x", "--format", "bf16", "--let", "x=3"], ["--format", "bf16", "--let", "x=3", "-(x)"], ["--format=bf16", "--let=x=3", "--", "-x"]):
        assert refmath("eval", *arguments).out.split()[-3] == "-3"
    assert refmath("eval", "-1.5", "-r", "rtz", "--format", "e2m1").status == Exit.AGREES


def test_every_policy_has_its_option() -> None:
    """Policies change the result as their names say; a dialect changes the special cases."""

    def result(*options: str) -> str:
        return str(refmath("eval", *options, "--json").data["result"]["shortest"])

    assert result("448 * 2", "--format", "e4m3fn") == "nan"
    assert result("448 * 2", "--format", "e4m3fn", "--overflow", "saturate_finite") == "450"
    assert result("2^-24 * 0.75", "--format", "binary16", "--subnormals", "signed_zero") == "0"
    assert result("2^-24 + 0", "--format", "binary16", "--subnormal-operands", "signed_zero") == "0"
    assert result("1/0", "--format", "binary8p4se") == "nan"
    assert result("1/0", "--format", "binary8p4se", "--dialect", "ieee754") == "inf"
    drawn = {result("1/3", "--format", "bf16", "--rounding", "sra", "--bits", "8", "--random", str(n)) for n in (0, 255)}
    assert drawn == {"0.332", "0.334"}
    assert result("1/3", "--format", "bf16", "--rounding", "stochastic", "--seed", "4") in drawn
    traced = refmath("eval", "1/3 + round_to_integral(2.5)", "--format", "bf16", "--rounding", "stochastic", "--seed", "4", "--trace")
    assert traced.status == Exit.AGREES and "draws go away from zero" in traced.out


def test_many_rounded_literals_are_summed_up() -> None:
    """Eight rounded literals are told, each once; of more only how many."""
    ran = refmath("eval", "+".join(f"0.{n}1" for n in range(1, 21)) + "+0.11", "--format", "bf16")
    assert len(ran.lines) == 10
    assert ran.lines[-1].strip() == "and 12 more literals; --trace shows all"


def test_depth_and_length_are_no_limit() -> None:
    """Ten thousand brackets, and a literal of ten thousand digits."""
    n = 10_000
    assert refmath("eval", "(" * n + "x" + ")" * n, "--format", "bf16", "--let", "x=2").out.startswith("result     0x4000")
    traced = refmath("eval", "-(" * 300 + "x" + ")" * 300, "--format", "bf16", "--let", "x=2", "--trace")
    assert traced.status == Exit.AGREES and max(map(len, traced.lines)) < 200
    assert refmath("eval", "3" * n, "--format", "bf16").lines[0].endswith("flags: none")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["", "--format", "bf16"], "An empty expression has no value"),
        (["1 +", "--format", "bf16"], "An operand is missing at the end"),
        (["(1", "--format", "bf16"], "is never closed; add a ')'"),
        (["(" * 10_000, "--format", "bf16"], "An operand is missing at the end"),
        (["1)", "--format", "bf16"], "closes nothing"),
        (["1"], "'--format'"),
        (["--format", "bf16"], "EXPRESSION"),
        (["1", "2", "--format", "bf16"], "unexpected extra argument"),
        (["1", "--format", "e4m3"], "'e4m3' may mean ocp_e4m3"),
        (["sinn(1)", "--format", "bf16"], "'sinn' is not a known operation; did you mean sin"),
        (["fma(1, 2)", "--format", "bf16"], "fma takes 3 operands, not 2"),
        (["y", "--format", "bf16", "--let", "x=1"], "'y' has no value; give it one"),
        (["x", "--format", "bf16", "--let", "x"], "--let 'x' gives no name a value; write --let NAME=VALUE"),
        (["x", "--format", "bf16", "--let", "2=3"], "--let '2=3' gives no name a value"),
        (["x", "--format", "bf16", "--let", "nan=3"], "nan is a value already"),
        (["x", "--format", "bf16", "--let", "x=1", "--let", "x=2"], "--let gives x two values, '1' and '2'"),
        (["x", "--format", "bf16", "--let", "x=foo"], "'foo' is not a number"),
        (["x", "--format", "bf16", "--let", "x=0x12345"], "wider than a code of bfloat16"),
        (["x + 1", "--format", "binary8p4se", "--to", "posit8", "--let", "x=1"], "are of standards whose special cases differ"),
        (["0/0", "--format", "e2m1"], "e2m1 has no NaN to deliver; say what takes its place with absent_nan"),
        (["1/0", "--format", "int8", "--overflow", "error"], "int8 has no infinity and the overflow policy allows no substitute"),
        (["nan", "--format", "e2m1"], "e2m1 has no NaN to deliver"),
        (["to_integer(2)", "--format", "bf16"], "to_integer delivers an integer format"),
        (["next_up(2)", "--format", "bf16", "--to", "binary32"], "next_up delivers the format of its operand"),
        (["1", "--format", "bf16", "--dialect", "iso"], "'iso' is not a dialect"),
        (["1/3", "--format", "bf16", "--rounding", "sra", "--bits", "8"], "needs random bits"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], part: str) -> None:
    """Each mistake is status 2, one sentence that names it, and no output."""
    ran = refmath("eval", *arguments)
    assert (ran.status, ran.out) == (Exit.BAD_INPUT, "")
    assert is_one_sentence(ran.err)
    assert part in ran.err


@given(st.text(max_size=30), st.sampled_from(["e2m1", "posit8", "bfloat16"]), st.booleans())
@examples(60)
def test_any_expression_leaves_in_good_order(text: str, fmt: str, traced: bool) -> None:
    """Whatever is typed is evaluated, or refused in one sentence."""
    ran = refmath("eval", "--format", fmt, *(["--trace"] if traced else []), "--", text)
    assert (ran.status == Exit.AGREES and not ran.err) or (ran.status == Exit.BAD_INPUT and is_one_sentence(ran.err))


def test_operations_are_listed() -> None:
    """All operations by name, with their operands; TEXT selects."""
    listed = json.loads(refmath("operations", "--json").out)
    assert {"fma", "exp", "next_up", "class"} <= {op["name"] for op in listed}
    assert next(op for op in listed if op["name"] == "fma")["operands"] == 3
    ran = refmath("operations", "cube")
    assert ran.lines == ["cbrt  (x)  the cube root of x  C23 7.12.7.1"]
    assert "No operation has 'qqq'" in refmath("operations", "qqq").err
