"""Whole screens, word for word: what a stranger reads first."""

import pytest
from command_line import refmath

from conformance.exits import Exit

SCREENS = {
    "show ocp_e4m3 0x2b": """
ocp_e4m3   0x2b   0 0101 011      sign · exponent · significand
value      11/32 = 0x1.6p-2 = 0.34375                         normal
reads      (1 + 3/8) x 2^(5 - 7)
decimal    0.34   is the shortest that identifies the code
neighbours 0x2a 0.3125   0x2c 0.375                           ulp 2^-5
extremes   greatest 0x7e 448   least subnormal 0x01 2^-9   lowest 0xfe -448
also       exact in binary16 0x3580, binary32 0x3eb00000, binary64 0x3fd6000000000000, arm_half 0x3580,
           bfloat16 0x3eb0, tf32 0x1f580, pxr24 0x3eb000, amd_fp24 0x3d6000, e4m3fnuz 0x33, e4m3b11fnuz 0x4b,
           ieee_e3m4 0x16, ieee_e4m3 0x2b, ue4m3 0x2b, ue5m3 0x6b
""",
    "show bf16 0.1": """
           0.1 is not a value of bfloat16; nearest_even makes it 0x3dcd 0.10009765625
bfloat16   0x3dcd   0 01111011 1001101      sign · exponent · significand
value      205/2048 = 0x1.9ap-4 = 0.10009765625               normal
reads      (1 + 77/128) x 2^(123 - 127)
decimal    0.1   is the shortest that identifies the code
neighbours 0x3dcc 0.099609375   0x3dce 0.1005859375           ulp 2^-11
extremes   greatest 0x7f7f 3.39e38   least subnormal 0x0001 2^-133   lowest 0xff7f -3.39e38
also       exact in binary16 0x2e68, binary32 0x3dcd0000, binary64 0x3fb9a00000000000, arm_half 0x2e68,
           tf32 0x1ee68, pxr24 0x3dcd00, amd_fp24 0x3b9a00
""",
    "show binary16 0x7c01": """
binary16   0x7c01   0 11111 0000000001      sign · exponent · significand
value      snan(0x1)                                          signalling NaN
""",
    "show ocp_e4m3": """
format     ocp_e4m3   OCP 8-bit float, 4 exponent bits: max 448, no infinity
aliases    e4m3fn, float8_e4m3fn, f8e4m3fn, fp8_e4m3fn, mxfp8_e4m3, fp8e4m3fn
notation   e4m3(specials=fn)
layout     8 bits:  sign 1 · exponent 4 · significand 3   bias 7, precision 4
codes      256: 254 finite (238 normal, 14 subnormal, 2 zeros), no infinity, 2 NaN
values     greatest            0x7e  0 1111 110  448 = 0x1.cp+8
           least normal        0x08  0 0001 000  1/64 = 0x1p-6 = 0.015625
           greatest subnormal  0x07  0 0000 111  7/512 = 0x1.cp-7 = 0.013671875
           least subnormal     0x01  0 0000 001  1/512 = 0x1p-9 = 0.001953125
           lowest              0xfe  1 1111 110  -448 = -0x1.cp+8
specials   zero   0x00
           NaN    0x7f
           -zero  0x80
           NaN    0xff
precision  the value after 1 is 1 + 2^-3; 3 decimal digits tell normal values apart
default    rounding nearest_even, overflow ieee
definition fields  S (1 bit), E (4 bits), T (3 bits)
           where   c = T + 8*E, the magnitude code
             qNaN(S)                     if c = 127          NaN
             -0                          if S = 1 and c = 0  negative zero
             (-1)^S*T/512                if E = 0            zero, subnormal
             (-1)^S*2^(E - 7)*(1 + T/8)  otherwise           normal
""",
    "convert 0.1 -1.5 1e9 nan --to bfloat16": """
0.1   ->  0x3dcd  0 01111011 1001101  0.1        inexact
-1.5  ->  0xbfc0  1 01111111 1000000  -1.5       exact
1e9   ->  0x4e6e  0 10011100 1101110  998244352  inexact
nan   ->  0x7fc0  0 11111111 1000000  nan
""",
    "convert 0x2b 0.3 --from ocp_e4m3 --to binary16": """
        0x2b  0.34375  ->  0x3580  0 01101 0110000000  0.34375  exact
0.3  ≈  0x2a  0.3125   ->  0x3500  0 01101 0100000000  0.3125   exact
""",
    "explain convert 0x1.1p-6 --to ocp_e4m3": """
exact      17/1024 = 0x1.1p-6 = 0.0166015625
between    0x08  0 0001 000  0x1p-6    0.015625     even
    and    0x09  0 0001 001  0x1.2p-6  0.017578125
position   half way exactly:   kept 1.000 | guard 1 | sticky 0   x 2^-6
rule       nearest_even: a tie goes to the even code, 0x08        IEEE 754-2019 4.3.1
result     0x08  0 0001 000  0.015625                             flags: inexact
others     0x08 0.015625     nearest_zero, toward_zero, toward_negative, nearest_negative
           0x09 0.017578125  nearest_away, nearest_odd, toward_positive, away_from_zero, to_odd,
                             nearest_positive
draws      0x09 for 128 of 256 in stochastic_a · 128 in stochastic_b · 128 in stochastic_c · 1/2 in stochastic; else 0x08
""",
    "explain convert 1.0009766 --from binary32 --to e4m3fn": """
operand    1.0009766 is not a value of binary32; nearest_even makes it 0x3f802000 1.0009765625
exact      1025/1024 = 0x1.004p+0 = 1.0009765625
between    0x38  0 0111 000  0x1p+0    1      even
    and    0x39  0 0111 001  0x1.2p+0  1.125
position   1/128 of the gap, less than half way:   kept 1.000 | guard 0 | sticky 1 (000001)   x 2^0
rule       nearest_even: less than half way, so the nearer neighbour, 0x38   IEEE 754-2019 4.3.1
result     0x38  0 0111 000  1                                    flags: inexact
others     0x38 1      nearest_away, nearest_zero, nearest_odd, toward_zero, toward_negative, nearest_positive,
                       nearest_negative
           0x39 1.125  toward_positive, away_from_zero, to_odd
draws      0x39 for 2 of 256 in stochastic_a · 2 in stochastic_b · 2 in stochastic_c · 1/128 in stochastic; else 0x38
""",
    "explain convert -0x1.0fffffp-6 --from binary64 --to ocp_e4m3 --rounding rtn": """
operand    binary64 0xbf90fffff0000000  1 01111111001 0000111111111111111111110000000000000000000000000000  -0.016601561568677425
exact      -17825791/1073741824 = -0x1.0fffffp-6 ≈ -0.0166015616
between    0x88  1 0001 000  -0x1p-6    -0.015625     even
    and    0x89  1 0001 001  -0x1.2p-6  -0.017578125
position   1048575/2097152 of the gap, less than half way:   kept 1.000 | guard 0 | sticky 1 (1111111111111111...)   x 2^-6
rule       toward_negative: always the lesser neighbour, 0x89     IEEE 754-2019 4.3.2
result     0x89  1 0001 001  -0.017578125                         flags: inexact
""",
    "explain convert 465 --to ocp_e4m3": """
exact      465 = 0x1.d1p+8
between    0x7e  0 1111 110        0x1.cp+8  448  even
    and    none  beyond the range  0x1.ep+8  480
position   17/32 of the gap, more than half way:   kept 1.110 | guard 1 | sticky 1 (0001)   x 2^8
rule       nearest_even: more than half way, so the nearer neighbour, 480   IEEE 754-2019 4.3.1
overflow   rounded as if the range went on, it is 480, one step beyond the greatest finite value, 0x7e 448
policy     ieee: ocp_e4m3 has no infinity, so NaN takes its place
result     0x7f  0 1111 111  nan                                  flags: overflow, inexact
others     0x7f nan  nearest_away, nearest_zero, nearest_odd, toward_positive, away_from_zero,
                     nearest_positive, nearest_negative
           0x7e 448  toward_zero, toward_negative, to_odd
draws      0x7f for 136 of 256 in stochastic_a · 136 in stochastic_b · 136 in stochastic_c · 17/32 in stochastic; else 0x7e
policies   0x7f nan  to_nan, wrap, satnone_4.0.3
           0x7e 448  saturate_finite, saturate_propagate, satnone_4.0, posit
           refused   error
""",
    "table e2m1 --to 0x3": """
code  fields  hexadecimal  decimal  class
0x0   0 00 0  0x0p+0       0        zero
0x1   0 00 1  0x1p-1       0.5      subnormal
0x2   0 01 0  0x1p+0       1        normal
0x3   0 01 1  0x1.8p+0     1.5      normal
""",
}


@pytest.mark.parametrize("line", list(SCREENS))
def test_screen(line: str) -> None:
    """The screen starts as it stands here; explanations may go on with what other modes give."""
    ran = refmath(*line.split())
    assert (ran.status, ran.err) == (Exit.AGREES, "")
    expected = SCREENS[line].strip("\n").splitlines()
    assert ran.lines[: len(expected)] == expected
    assert ran.lines[len(expected) :] == [] or line.endswith("rtn")


def test_rounding_twice_is_pointed_out() -> None:
    """Where the detour through the source format changes the result, a note says what the direct way gives."""
    ran = refmath("explain", "convert", "1.00390625000000000001", "--from", "binary32", "--to", "bf16")
    assert ran.lines[-1] == "note       rounded twice: 1.00390625000000000001 straight into bfloat16 would be 0x3f81 1.0078125"
    assert "note" not in refmath("explain", "convert", "1.0039", "--from", "binary32", "--to", "bf16").out


def test_wide_formats_leave_the_screen_readable() -> None:
    """A 256-bit result is whole where it must be, and short in sentences."""
    ran = refmath("explain", "convert", "0.1", "--to", "binary256")
    assert ran.status == Exit.AGREES
    assert max(len(line) for line in ran.lines) < 170
    assert "0x3fffb999...9999999a" in ran.out
    assert "0x3fffb9999999999999999999999999999999999999999999999999999999999a" in ran.out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("ad 1 2 --to bf16", "'ad' is not a known operation; did you mean"),
        ("convert 1 2 --to bf16", "takes 1 operand, not 2"),
        ("convert --to bf16", "takes 1 operand, not 0"),
        ("convert 0x2b --to bf16", "give --from FORMAT, or write 0x2bp0 for the number"),
        ("convert nan --to e2m1", "has no NaN"),
    ],
)
def test_what_cannot_be_explained(words: str, part: str) -> None:
    """Mistakes are one sentence."""
    ran = refmath("explain", *words.split())
    assert ran.status == Exit.BAD_INPUT
    assert part in ran.err
