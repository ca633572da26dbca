"""The named formats, as literals, with the names that people give them.

Sources: IEEE 754-2019 clause 3.6; OCP OFP8 1.0; OCP MX 1.0; the NVFP4 and ONNX documentation; P3109 interim report v4.0; Standard for
Posit Arithmetic (2022); L. Hunhold on takums; QLoRA and bitsandbytes for NF4 and FP4.
"""

from dataclasses import dataclass

from gmpy2 import mpq

from formats.codebook import TIES, Codebook
from formats.family import Format
from formats.fixed import integer
from formats.floats import Float, Specials, ieee, p3109
from formats.posit import posit
from formats.quire import quire
from formats.takum import takum
from refmath.datum import Finite
from refmath.text import parse_exact


@dataclass(frozen=True, slots=True)
class Named:
    """A format of the catalogue."""

    format: Format
    aliases: tuple[str, ...]
    """Other names for it, in lower case."""
    about: str
    """What it is, in a line."""


NF4 = (
    "-1", "-0.6961928009986877", "-0.5250730514526367", "-0.39491748809814453", "-0.28444138169288635", "-0.18477343022823334", "-0.09105003625154495",
    "0", "0.07958029955625534", "0.16093020141124725", "0.24611230194568634", "0.33791524171829224", "0.44070982933044434", "0.5626170039176941",
    "0.7229568362236023", "1",
)  # fmt: skip
"""binary32 numbers, by the shortest decimals that identify them in binary64: ``nearest_binary32`` makes them exact."""

FP4 = (0, mpq(1, 16), 8, 12, 4, 6, 2, 3)
"""Twelve times the magnitudes of bitsandbytes' FP4, in the order of its codes."""


def nearest_binary32(x: mpq, negative: bool = False) -> Finite:
    """x, or -x, rounded to binary32; a zero keeps the sign."""
    found = ieee(32).decode(ieee(32).round(Finite(-x if negative else x, negative or x < 0)))
    assert isinstance(found, Finite)
    return found


FLOATS = (
    Named(ieee(16), ("f16", "fp16", "half", "float16", "e5m10"), "IEEE 754 half precision"),
    Named(ieee(32), ("f32", "fp32", "single", "float32", "e8m23"), "IEEE 754 single precision"),
    Named(ieee(64), ("f64", "fp64", "double", "float64", "e11m52"), "IEEE 754 double precision"),
    Named(ieee(128), ("f128", "fp128", "quad", "float128", "e15m112"), "IEEE 754 quadruple precision"),
    Named(ieee(256), ("f256", "fp256", "octuple", "float256", "e19m236"), "IEEE 754 octuple precision"),
    Named(
        Float(name="x87_extended", exponent_bits=15, precision=64, bias=16383, explicit_integer_bit=True),
        ("x87", "extf80", "f80", "float80", "fp80", "extended"),
        "x87 double extended: the integer bit is stored",
    ),
    Named(
        Float(name="arm_half", exponent_bits=5, precision=11, bias=15, specials=Specials.NONE),
        ("arm_alternative_half", "alternative_half", "float16_alt", "ahp"),
        "ARM alternative half precision: no infinity, no NaN",
    ),
    Named(Float(name="bfloat16", exponent_bits=8, precision=8, bias=127), ("bf16", "brain16", "e8m7"), "bfloat16: binary32 cut to 16 bits"),
    Named(Float(name="tf32", exponent_bits=8, precision=11, bias=127), ("tensorfloat32", "tensorfloat_32", "e8m10"), "TensorFloat-32, in 19 bits"),
    Named(Float(name="pxr24", exponent_bits=8, precision=16, bias=127), ("e8m15",), "PXR24: binary32 cut to 24 bits"),
    Named(Float(name="amd_fp24", exponent_bits=7, precision=17, bias=63), ("e7m16",), "24-bit float of early pixel shaders"),
    Named(
        Float(name="ocp_e4m3", exponent_bits=4, precision=4, bias=7, specials=Specials.FN),
        ("e4m3fn", "float8_e4m3fn", "f8e4m3fn", "fp8_e4m3fn", "mxfp8_e4m3", "fp8e4m3fn"),
        "OCP 8-bit float, 4 exponent bits: max 448, no infinity",
    ),
    Named(
        Float(name="ocp_e5m2", exponent_bits=5, precision=3, bias=15),
        ("e5m2", "float8_e5m2", "f8e5m2", "fp8_e5m2", "mxfp8_e5m2", "fp8e5m2", "ieee_e5m2"),
        "OCP 8-bit float, 5 exponent bits: IEEE-like, max 57344",
    ),
    Named(
        Float(name="e4m3fnuz", exponent_bits=4, precision=4, bias=8, specials=Specials.FNUZ),
        ("float8_e4m3fnuz", "f8e4m3fnuz", "fp8_e4m3fnuz", "nanoo_e4m3"),
        "8-bit float without infinities and negative zero: max 240",
    ),
    Named(
        Float(name="e5m2fnuz", exponent_bits=5, precision=3, bias=16, specials=Specials.FNUZ),
        ("float8_e5m2fnuz", "f8e5m2fnuz", "fp8_e5m2fnuz", "nanoo_e5m2"),
        "8-bit float without infinities and negative zero: max 57344",
    ),
    Named(
        Float(name="e4m3b11fnuz", exponent_bits=4, precision=4, bias=11, specials=Specials.FNUZ),
        ("float8_e4m3b11fnuz", "f8e4m3b11fnuz", "float8_e4m3b11"),
        "the same with bias 11: max 30",
    ),
    Named(Float(name="ieee_e3m4", exponent_bits=3, precision=5, bias=3), ("e3m4", "float8_e3m4", "f8e3m4"), "IEEE-like 8-bit float, 3 exponent bits: max 15.5"),
    Named(Float(name="ieee_e4m3", exponent_bits=4, precision=4, bias=7), ("float8_e4m3", "f8e4m3"), "IEEE-like 8-bit float, 4 exponent bits: max 240"),
    Named(
        Float(name="e3m2", exponent_bits=3, precision=3, bias=3, specials=Specials.NONE),
        ("float6_e3m2fn", "e3m2fn", "f6e3m2fn", "fp6_e3m2", "mxfp6_e3m2", "ocp_e3m2"),
        "OCP MX 6-bit element: max 28",
    ),
    Named(
        Float(name="e2m3", exponent_bits=2, precision=4, bias=1, specials=Specials.NONE),
        ("float6_e2m3fn", "e2m3fn", "f6e2m3fn", "fp6_e2m3", "mxfp6_e2m3", "ocp_e2m3"),
        "OCP MX 6-bit element: max 7.5",
    ),
    Named(
        Float(name="e2m1", exponent_bits=2, precision=2, bias=1, specials=Specials.NONE),
        ("float4_e2m1fn", "e2m1fn", "f4e2m1fn", "fp4_e2m1", "ocp_e2m1"),
        "OCP MX 4-bit element: max 6",
    ),
    Named(
        Float(name="e8m0", exponent_bits=8, precision=1, bias=127, specials=Specials.FN, signed=False, subnormals=False, has_zero=False),
        ("float8_e8m0fnu", "e8m0fnu", "f8e8m0fnu", "ue8m0", "ocp_e8m0"),
        "OCP MX scale: powers of two, no sign, no zero",
    ),
    Named(
        Float(name="ue4m3", exponent_bits=4, precision=4, bias=7, specials=Specials.FN, signed=False),
        ("float_ue4m3fn", "ue4m3fn"),
        "NVFP4 scale: OCP E4M3 without its sign bit",
    ),
    Named(
        Float(name="ue5m3", exponent_bits=5, precision=4, bias=15, specials=Specials.RESERVED, signed=False),
        ("float8_ue5m3",),
        "unsigned 8-bit scale: max 61440, greatest exponent reserved",
    ),
)
"""The named floats."""

INTEGERS = tuple(Named(integer(n, signed), ((f"i{n}", f"s{n}") if signed else (f"u{n}", f"ui{n}")), f"{'signed' if signed else 'unsigned'} integer of {n} bits") for n in (2, 4, 8, 16, 32, 64) for signed in (True, False))  # fmt: skip
"""The integers that libraries have."""

P3109 = tuple(
    Named(p3109(k, p, signed, extended), (), f"P3109: {k} bits, precision {p}, {'signed' if signed else 'unsigned'}, {'extended' if extended else 'finite'}")
    for k in range(3, 9)
    for p in range(1, k + 1)
    for signed in (True, False)
    for extended in (True, False)
    if not (signed and p == k)
)
"""The P3109 formats of 3 to 8 bits; those of other widths are made from their names."""

TAPERED = (
    Named(posit(8), (), "posit of 8 bits, es = 2: the 2022 standard"),
    Named(posit(16), (), "posit of 16 bits, es = 2: the 2022 standard"),
    Named(posit(32), ("p32",), "posit of 32 bits, es = 2: the 2022 standard and before"),
    Named(posit(64), ("p64",), "posit of 64 bits, es = 2: the 2022 standard"),
    *(Named(takum(n), (f"takum_linear{n}",), f"linear takum of {n} bits") for n in (8, 16, 32, 64)),
    *(Named(takum(n, True), (f"logarithmic_takum{n}",), f"logarithmic takum of {n} bits") for n in (8, 16, 32, 64)),
)
"""Posits and takums."""

QUIRES = tuple(Named(quire(posit(n)), (), f"accumulator of posit{n}: {16 * n} bits") for n in (8, 16, 32, 64))
"""The quires of the posit standard."""

CODEBOOKS = (
    Named(
        Codebook("nf4", tuple(nearest_binary32(parse_exact(value)) for value in NF4), TIES["down"]),
        ("normalfloat4", "normal_float4"),
        "NormalFloat: 16 quantiles of the normal distribution, binary32 values of bitsandbytes; a tie goes down, as its comparisons do",
    ),
    Named(
        Codebook("bnb_fp4", tuple(nearest_binary32(mpq(value) / 12, negative) for negative in (False, True) for value in FP4), TIES["zero"]),
        ("bitsandbytes_fp4", "fp4_bitsandbytes"),
        "the FP4 of bitsandbytes, over 12 in binary32, in the order of its codes; a tie goes toward zero, as its comparisons do",
    ),
)
"""Named lists of values."""

CATALOGUE = FLOATS + TAPERED + CODEBOOKS + INTEGERS + QUIRES + P3109

AMBIGUOUS = {
    "e4m3": ("ocp_e4m3 (max 448, no infinity)", "ieee_e4m3 (max 240)", "e4m3fnuz", "e4m3b11fnuz", "binary8p4se"),
    "fp8": ("ocp_e4m3", "ocp_e5m2", "e4m3fnuz", "e5m2fnuz", "ieee_e4m3", "binary8p4se", "binary8p3se"),
    "fp6": ("e3m2", "e2m3"),
    "fp4": ("e2m1 (OCP and NVIDIA)", "bnb_fp4 (bitsandbytes)"),
    "p8": ("posit8 (es = 2)", "posit8(es=0) (before 2022)"),
    "p16": ("posit16 (es = 2)", "posit16(es=1) (before 2022)"),
    "fp24": ("pxr24 (8 exponent bits)", "amd_fp24 (7 exponent bits)"),
    "float": ("binary32 (C)", "binary64 (Python)"),
    "int": ("int32", "int64"),
}
AMBIGUOUS |= dict.fromkeys(("float8", "f8", "float8_e", "e4m3_fp8", "mxfp8", "quarter", "minifloat"), AMBIGUOUS["fp8"])
AMBIGUOUS |= dict.fromkeys(("fp8_e4m3", "fp8e4m3", "float8e4m3"), AMBIGUOUS["e4m3"])
AMBIGUOUS |= dict.fromkeys(("float6", "f6", "mxfp6"), AMBIGUOUS["fp6"]) | dict.fromkeys(("float4", "f4"), AMBIGUOUS["fp4"]) | {"float24": AMBIGUOUS["fp24"]}
"""Names that mean several formats, with their candidates."""
