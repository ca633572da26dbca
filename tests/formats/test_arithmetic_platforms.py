"""NaN results and integer results are those of the processors, bit for bit; every expected value stands in an architecture manual."""

import pytest

from formats.arithmetic import Result, operation
from formats.notation import parse
from formats.platforms import Platform, parse_platform, projection
from formats.projection import NaNs, Projection
from refmath.flags import Flags
from refmath.rounding import Rounding

QUIET, OTHER, SIGNALLING, NEGATIVE_SIGNALLING = 0x7FC00001, 0xFFC00002, 0x7F800003, 0xFF800004
INF, ONE, ZERO = 0x7F800000, 0x3F800000, 0
POSITIVE_DEFAULT, NEGATIVE_DEFAULT = 0x7FC00000, 0xFFC00000


def run(platform: str, name: str, *codes: int) -> Result:
    """An operation on binary32 as a platform does it."""
    to = parse("binary32")
    return operation(name, to, projection=projection(parse_platform(platform), to))(*codes)


NAN_RESULTS = [
    ("x86", "add", (QUIET, OTHER), QUIET, Flags.NONE),
    ("x86", "add", (OTHER, QUIET), OTHER, Flags.NONE),
    ("x86", "add", (QUIET, SIGNALLING), QUIET, Flags.INVALID),
    ("x86", "add", (SIGNALLING, QUIET), SIGNALLING | 1 << 22, Flags.INVALID),
    ("x86", "add", (ONE, NEGATIVE_SIGNALLING), NEGATIVE_SIGNALLING | 1 << 22, Flags.INVALID),
    ("x86", "subtract", (INF, INF), NEGATIVE_DEFAULT, Flags.INVALID),
    ("x86", "multiply", (ZERO, INF), NEGATIVE_DEFAULT, Flags.INVALID),
    ("x86", "sqrt", (ONE | 1 << 31,), NEGATIVE_DEFAULT, Flags.INVALID),
    ("x86", "fma", (ZERO, INF, QUIET), QUIET, Flags.NONE),
    ("x86", "fma", (ZERO, INF, ONE), NEGATIVE_DEFAULT, Flags.INVALID),
    ("x86", "fma", (ONE, OTHER, QUIET), OTHER, Flags.NONE),
    ("arm", "add", (QUIET, OTHER), QUIET, Flags.NONE),
    ("arm", "add", (QUIET, SIGNALLING), SIGNALLING | 1 << 22, Flags.INVALID),
    ("arm", "add", (NEGATIVE_SIGNALLING, SIGNALLING), NEGATIVE_SIGNALLING | 1 << 22, Flags.INVALID),
    ("arm", "subtract", (INF, INF), POSITIVE_DEFAULT, Flags.INVALID),
    ("arm", "fma", (ONE, OTHER, QUIET), QUIET, Flags.NONE),
    ("arm", "fma", (SIGNALLING, ONE, QUIET), SIGNALLING | 1 << 22, Flags.INVALID),
    ("arm", "fma", (ZERO, INF, QUIET), POSITIVE_DEFAULT, Flags.INVALID),
    ("riscv", "add", (QUIET, OTHER), POSITIVE_DEFAULT, Flags.NONE),
    ("riscv", "add", (OTHER, SIGNALLING), POSITIVE_DEFAULT, Flags.INVALID),
    ("riscv", "subtract", (INF, INF), POSITIVE_DEFAULT, Flags.INVALID),
    ("riscv", "fma", (ZERO, INF, QUIET), POSITIVE_DEFAULT, Flags.INVALID),
    ("riscv", "negate", (OTHER,), OTHER ^ 1 << 31, Flags.NONE),
    ("x86", "abs", (NEGATIVE_SIGNALLING,), NEGATIVE_SIGNALLING ^ 1 << 31, Flags.NONE),
    ("arm", "copysign", (SIGNALLING, OTHER), SIGNALLING | 1 << 31, Flags.NONE),
    ("riscv", "min_num", (SIGNALLING, ONE), POSITIVE_DEFAULT, Flags.INVALID),
    ("riscv", "minimum_number", (SIGNALLING, ONE), ONE, Flags.INVALID),
]


@pytest.mark.parametrize(("platform", "name", "codes", "code", "flags"), NAN_RESULTS)
def test_nan_results(platform: str, name: str, codes: tuple[int, ...], code: int, flags: Flags) -> None:
    """The NaN that a platform delivers keeps or loses sign and payload as its manual says."""
    got = run(platform, name, *codes)
    assert (hex(got.code), got.flags) == (hex(code), flags)


INTEGERS = {
    ("riscv", "int32"): ("7fffffff", "7fffffff", "7fffffff", "80000000", "7fffffff", "80000000"),
    ("riscv", "uint32"): ("ffffffff", "ffffffff", "ffffffff", "0", "ffffffff", "0"),
    ("x86", "int32"): ("80000000",) * 6,
    ("x86", "uint32"): ("ffffffff",) * 6,
    ("arm", "int32"): ("0", "0", "7fffffff", "80000000", "7fffffff", "80000000"),
    ("arm", "uint32"): ("0", "0", "ffffffff", "0", "ffffffff", "0"),
}
"""Integers made of NaN, -NaN, infinity, -infinity, 2^40 and -2^40."""


@pytest.mark.parametrize(("platform", "to"), INTEGERS)
def test_integers_from_what_does_not_fit(platform: str, to: str) -> None:
    """A conversion that cannot deliver raises invalid alone, and delivers what the platform says."""
    target = parse(to)
    bound = operation("to_integer_exact", "binary32", to=target, projection=projection(parse_platform(platform), target, Rounding.TOWARD_ZERO))
    for operand, expected in zip((QUIET, OTHER, INF, INF | 1 << 31, 0x53800000, 0xD3800000), INTEGERS[platform, to], strict=True):
        got = bound(operand)
        assert (f"{got.code:x}", got.flags) == (expected, Flags.INVALID)


@pytest.mark.parametrize(
    ("operand", "mode", "code", "flags"),
    [
        (0x3FC00000, "nearest_even", 2, Flags.INEXACT),
        (0x40200000, "nearest_even", 2, Flags.INEXACT),
        (0x40200000, "nearest_away", 3, Flags.INEXACT),
        (0x3E800000, "toward_positive", 1, Flags.INEXACT),
        (0x3E800000, "toward_zero", 0, Flags.INEXACT),
        (0xBE800000, "toward_zero", 0, Flags.INEXACT),
        (0xBE800000, "toward_negative", 0xFF, Flags.INEXACT),
        (0xC3000000, "toward_zero", 0x80, Flags.NONE),
        (0xC3008000, "nearest_even", 0x80, Flags.INEXACT),
        (0x42FF0000, "nearest_even", 0x7F, Flags.INVALID),
        (0x80000000, "nearest_even", 0, Flags.NONE),
    ],
)
def test_to_integer_by_mode(operand: int, mode: str, code: int, flags: Flags) -> None:
    """A binary32 number becomes the int8 that its mode says: the range is tested after rounding, and the silent form differs by inexact alone."""
    target = parse("int8")
    how = projection(Platform.RISCV, target, Rounding(mode))
    got = operation("to_integer_exact", "binary32", to=target, projection=how)(operand)
    assert (got.code, got.flags) == (code, flags)
    silent = operation("to_integer", "binary32", to=target, projection=how)(operand)
    assert (silent.code, silent.flags) == (code, flags & ~Flags.INEXACT)


def test_integers_of_any_width_round_trip() -> None:
    """from_integer into a wide enough float and back is the identity, for a few widths and signs."""
    for name in ("int3", "uint5", "int17", "uint100"):
        there, back = operation("from_integer", name, to="binary256"), operation("to_integer_exact", "binary256", to=name)
        width = parse(name).width
        for code in {0, 1, (1 << width) - 1, 1 << (width - 1), (1 << (width - 1)) - 1}:
            wide = there(code)
            assert wide.flags == Flags.NONE
            assert back(wide.code)[:2] == (code, Flags.NONE)


def test_a_nan_passes_between_widths_by_its_leading_payload_bits() -> None:
    """Widening and narrowing a propagated NaN keep its sign and leading payload bits."""
    keep = Projection(nans=NaNs.PROPAGATE)
    assert operation("convert", "binary16", to="binary32", projection=keep)(0xFE01).code == 0xFFC02000
    assert operation("convert", "binary32", to="binary16", projection=keep)(0xFFC02FFF).code == 0xFE01
    assert operation("convert", "binary32", to="binary16", projection=keep)(0x7F800001)[:2] == (0x7E00, Flags.INVALID)
