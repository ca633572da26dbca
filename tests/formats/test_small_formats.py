"""The small floats of the catalogue, code by code, against ml_dtypes and NumPy, and against the numbers that their standards print."""

import random
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from formats.catalogue import CATALOGUE
from formats.notation import parse
from refmath.datum import Finite, Infinity, NaN
from refmath.text import parse_exact

TYPES = {
    "ocp_e4m3": ml_dtypes.float8_e4m3fn,
    "ocp_e5m2": ml_dtypes.float8_e5m2,
    "e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "ieee_e3m4": ml_dtypes.float8_e3m4,
    "ieee_e4m3": ml_dtypes.float8_e4m3,
    "e8m0": ml_dtypes.float8_e8m0fnu,
    "e3m2": ml_dtypes.float6_e3m2fn,
    "e2m3": ml_dtypes.float6_e2m3fn,
    "e2m1": ml_dtypes.float4_e2m1fn,
    "bfloat16": ml_dtypes.bfloat16,
    "binary16": np.float16,
}


@pytest.mark.parametrize("name", TYPES)
def test_every_code_means_what_the_library_says(name: str) -> None:
    """Each code, viewed as the library's type and widened to binary64, is the same number, signed zero, infinity or NaN."""
    fmt, kind = parse(name), TYPES[name]
    codes = np.arange(fmt.codes, dtype=np.uint8 if fmt.width <= 8 else np.uint16)
    with np.errstate(invalid="ignore"):
        widened = codes.view(kind).astype(np.float64).tolist()
    for code, theirs in enumerate(widened):
        match fmt.decode(code):
            case Finite(value, negative):
                assert Fraction(theirs) == Fraction(value) and negative == bool(np.signbit(theirs))
            case Infinity(negative):
                assert theirs == (-np.inf if negative else np.inf)
            case _:
                assert np.isnan(theirs)


@pytest.mark.parametrize("name", TYPES)
def test_extremes_are_those_of_the_library(name: str) -> None:
    """Greatest, least normal and least subnormal number, bias-free facts that ml_dtypes.finfo states too."""
    fmt, info = parse(name), ml_dtypes.finfo(TYPES[name])
    assert Fraction(fmt.exact(fmt.limit())) == Fraction(float(info.max))
    assert Fraction(fmt.value(fmt.least)) == Fraction(float(info.smallest_subnormal))
    assert Fraction(fmt.value(fmt.least_normal)) == Fraction(float(info.smallest_normal))


@pytest.mark.parametrize(
    ("name", "bias", "greatest", "code", "least_normal", "least"),
    [
        ("ocp_e5m2", 15, "57344", 0x7B, "2^-14", "2^-16"),
        ("ocp_e4m3", 7, "448", 0x7E, "2^-6", "2^-9"),
        ("e5m2fnuz", 16, "57344", 0x7F, "2^-15", "2^-17"),
        ("e4m3fnuz", 8, "240", 0x7F, "2^-7", "2^-10"),
        ("e4m3b11fnuz", 11, "30", 0x7F, "2^-10", "2^-13"),
        ("e3m2", 3, "28", 0x1F, "2^-2", "2^-4"),
        ("e2m3", 1, "7.5", 0x1F, "1", "2^-3"),
        ("e2m1", 1, "6", 0x7, "1", "2^-1"),
        ("ue5m3", 15, "61440", 0xF7, "2^-14", "2^-17"),
        ("ue4m3", 7, "448", 0x7E, "2^-6", "2^-9"),
        ("e8m0", 127, "2^127", 0xFE, "2^-127", "2^-127"),
        ("ieee_e4m3", 7, "240", 0x77, "2^-6", "2^-9"),
        ("ieee_e3m4", 3, "15.5", 0x6F, "2^-2", "2^-6"),
        ("binary8p4se", 8, "224", 0x7E, "2^-7", "2^-10"),
        ("tf32", 127, "0x1.ffcp127", 0x3FBFF, "2^-126", "2^-136"),
        ("arm_half", 15, "131008", 0x7FFF, "2^-14", "2^-24"),
        ("pxr24", 127, "0x1.fffep127", 0x7F7FFF, "2^-126", "2^-141"),
        ("x87_extended", 16383, "0x1.fffffffffffffffep16383", 0x7FFEFFFFFFFFFFFFFFFF, "2^-16382", "2^-16445"),
        ("binary256", 262143, "0x1." + "f" * 59 + "p262143", (0x7FFFE << 236) + (1 << 236) - 1, "2^-262142", "2^-262378"),
    ],
)
def test_characteristics_are_those_of_the_standard(name: str, bias: int, greatest: str, code: int, least_normal: str, least: str) -> None:
    """Bias, greatest value and its code, least normal and least positive value, as printed in the standards and by the vendors."""
    fmt = parse(name)
    assert fmt.bias == bias  # type: ignore[attr-defined]
    assert fmt.limit() == code and fmt.exact(code) == parse_exact(greatest)
    assert fmt.value(fmt.least_normal) == parse_exact(least_normal)
    assert fmt.value(fmt.least) == parse_exact(least)


@pytest.mark.parametrize(("k", "w"), [(16, 5), (32, 8), (64, 11), (128, 15), (160, 16), (192, 17), (224, 18), (256, 19), (512, 23), (1024, 27)])
def test_exponent_width_of_interchange_formats(k: int, w: int) -> None:
    """IEEE 754-2019 table 3.5: w = round(4 log2 k) - 13, and the bias is 2^(w - 1) - 1."""
    fmt = parse(f"binary{k}")
    assert (fmt.width, fmt.exponent_bits, fmt.precision, fmt.bias) == (k, w, k - w, 2 ** (w - 1) - 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("fmt", [named.format for named in CATALOGUE if named.format.width <= 16], ids=str)
def test_every_code_of_a_catalogue_format_encodes_back(fmt: object) -> None:
    """encode(decode(c)) = c for all codes of all formats up to 16 bits; the NaNs of a reserved exponent share one code."""
    for code in fmt:  # type: ignore[attr-defined]
        again = fmt.encode(fmt.decode(code))  # type: ignore[attr-defined]
        assert again == code or (fmt.name == "ue5m3" and code >= 0xF8 and again == 0xFF)  # type: ignore[attr-defined]


@pytest.mark.skipif(np.finfo(np.longdouble).nmant != 63, reason="this processor's long double is not the x87 one")
def test_x87_codes_mean_what_the_processor_says() -> None:
    """Numbers, zeros, subnormals, pseudo-denormals, infinities and NaNs in 80 bits, read as long double; unnormals are invalid there and here."""
    x87, rng = parse("x87_extended"), random.Random(87)
    exponents = [0, 1, 2, 16382, 16383, 16384, 32766, 32767]
    for _ in range(3000):
        e = rng.choice(exponents) if rng.random() < 0.5 else rng.getrandbits(15)
        t = rng.choice([0, 1, (1 << 63) - 1, 1 << 62, rng.getrandbits(63)])
        code = rng.getrandbits(1) << 79 | e << 64 | rng.getrandbits(1) << 63 | t
        theirs = np.frombuffer(code.to_bytes(16, "little"), dtype=np.longdouble)[0]
        with np.errstate(invalid="ignore"):
            theirs = theirs + np.longdouble(0)
        datum = x87.decode(code)
        if np.isnan(theirs):
            assert isinstance(datum, NaN)
        elif np.isinf(theirs):
            assert datum == Infinity(bool(theirs < 0))
        else:
            assert isinstance(datum, Finite) and Fraction(*map(int, theirs.as_integer_ratio())) == datum.value
            assert not datum.value or datum.negative == bool(np.signbit(theirs))
