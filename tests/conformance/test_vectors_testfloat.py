"""TestFloat text to the byte: lines that Berkeley TestFloat 3e printed (its RISC-V build), and, where it is installed, everything that it prints and accepts.

REFMATH_TESTFLOAT names a folder with ``testfloat_gen`` and ``testfloat_ver``; Debian's source package of qemu has their sources in ``tests/fp``.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from command_line import refmath
from full import count

from conformance.cases.plan import plan
from conformance.vectors.block import Block
from conformance.vectors.careful import read_line
from conformance.vectors.counts import Rules
from conformance.vectors.functions import FLOATS, INTEGERS, OPERATIONS, ROUNDINGS, function, function_name, is_function, names
from conformance.vectors.lines import LineWriter
from conformance.vectors.subject import Subject
from conformance.vectors.testfloat import read, shape
from conformance.vectors.verify import verify
from refmath.errors import RefmathError
from refmath.rounding import Rounding
from refmath.underflow import Tininess

PINNED = """
f16_add -rnear_even: E80B 7C1B 7E00 10
f16_add -rnear_even: 7B9E 6BFF 7C00 05
f32_mul -rnear_even: 3EFFFFFD FF8000FD 7FC00000 10
f32_mul -rnear_even: DACC892B F2F80006 7F800000 05
f64_div -rnear_even: 0000000000000000 0000000000000000 7FF8000000000000 10
f64_div -rnear_even: 80251295103185AE 0000000000000000 FFF0000000000000 08
f16_mulAdd -rnear_even: E80B 7C1B F4F6 7E00 10
f16_mulAdd -rnear_even: 74FB E879 7BFE FC00 05
f64_to_f16 -rnear_even: 7FF4F3D114AF58E4 7E00 10
f64_to_f16 -rnear_even: 41E00003FFFBFFFF 7C00 05
f32_to_i32 -rnear_even: DF7EFFFF 80000000 10
f32_to_i32 -rnear_even: 8683F7FF 00000000 00
f16_add -rminMag: 7B9E 6BFF 7BFF 05
f32_mul -rminMag: DACC892B F2F80006 7F7FFFFF 05
f64_div -rminMag: 80251295103185AE 0000000000000000 FFF0000000000000 08
f16_mulAdd -rminMag: 74FB E879 7BFE FBFF 05
f64_to_f16 -rminMag: 41E00003FFFBFFFF 7BFF 05
f32_to_i32 -rminMag: 8683F7FF 00000000 00
f16_add -rmin: 7B9E 6BFF 7BFF 05
f32_mul -rmin: DACC892B F2F80006 7F7FFFFF 05
f64_div -rmin: 80251295103185AE 0000000000000000 FFF0000000000000 08
f16_mulAdd -rmin: 74FB E879 7BFE FC00 05
f64_to_f16 -rmin: 41E00003FFFBFFFF 7BFF 05
f32_to_i32 -rmin: 8683F7FF FFFFFFFF 00
f16_add -rmax: 7B9E 6BFF 7C00 05
f32_mul -rmax: DACC892B F2F80006 7F800000 05
f64_div -rmax: 80251295103185AE 0000000000000000 FFF0000000000000 08
f16_mulAdd -rmax: 74FB E879 7BFE FBFF 05
f64_to_f16 -rmax: 41E00003FFFBFFFF 7C00 05
f32_to_i32 -rmax: 8683F7FF 00000000 00
f16_add -rnear_maxMag: 7B9E 6BFF 7C00 05
f32_mul -rnear_maxMag: DACC892B F2F80006 7F800000 05
f64_div -rnear_maxMag: 80251295103185AE 0000000000000000 FFF0000000000000 08
f16_mulAdd -rnear_maxMag: 74FB E879 7BFE FC00 05
f64_to_f16 -rnear_maxMag: 41E00003FFFBFFFF 7C00 05
f32_to_i32 -rnear_maxMag: 8683F7FF 00000000 00
f16_add -rodd: 7B9E 6BFF 7BFF 05
f32_mul -rodd: DACC892B F2F80006 7F7FFFFF 05
f64_div -rodd: 80251295103185AE 0000000000000000 FFF0000000000000 08
f16_mulAdd -rodd: 74FB E879 7BFE FBFF 05
f64_to_f16 -rodd: 41E00003FFFBFFFF 7BFF 05
f32_to_i32 -rodd: 8683F7FF FFFFFFFF 00
f16_mul -tininessbefore: 848E 23F0 8012 03
f32_mulAdd -tininessbefore: 2406FFFE 00000001 00000000 00000000 03
f64_to_f32 -tininessbefore: B68FFFF8000000FF 80000000 03
f16_mul -tininessafter: 848E 23F0 8012 03
f32_mulAdd -tininessafter: 2406FFFE 00000001 00000000 00000000 03
f64_to_f32 -tininessafter: B68FFFF8000000FF 80000000 03
f16_mul -tininessbefore: 03FF 3C01 0400 03
f16_mul -tininessafter: 03FF 3C01 0400 01
f64_to_f32 -tininessbefore: 380FFFFFFFFFFFFF 00800000 03
f64_to_f32 -tininessafter: 380FFFFFFFFFFFFF 00800000 01
f32_eq: 3EFFFFFD FF8000FD 0 10
f32_eq: 8683F7FF C07F3FFF 0 00
f32_le: 7FFF0007 007FFFFF 0 10
f32_le: 8683F7FF C07F3FFF 0 00
f16_lt: 83D7 FFBC 0 10
f16_lt: 87FF E850 0 00
f32_eq_signaling: 7FFF0007 007FFFFF 0 10
f32_eq_signaling: 8683F7FF C07F3FFF 0 00
f64_le_quiet: 7FF4F3D114AF58E4 000FFFFFFFFFFFFE 0 10
f64_le_quiet: B68FFFF8000000FF 3F9080000007FFFF 1 00
f128_lt_quiet: FFFF23B31BBE3E391F832FE94C57F580 3F8E0800000000040000000000000000 0 10
f128_lt_quiet: 4006FFBFFFFFFFFFFFFEFFFFFFFFFFFF 3F8100000000000000000007FFDFFFFE 0 00
ui32_to_f16: 1FEFFFEF 7C00 05
ui32_to_f16: 0000448E 7449 01
ui64_to_f32: 07FFFDFFFFFFFF7F 5CFFFFC0 01
ui64_to_f32: 0000000000000000 00000000 00
i32_to_f16: 1FEFFFEF 7C00 05
i32_to_f16: FFFFC48E F36E 01
i64_to_extF80: 07FFFDFFFFFFFF7F 4039FFFFBFFFFFFFEFE0 00
ui64_to_f128: 07FFFDFFFFFFFF7F 4039FFFF7FFFFFFFDFC0000000000000 00
f128_to_ui64: C400FFFFFFDFFFFFFFFFFFFFFEFFFFFF 0000000000000000 10
f128_to_ui64: 4006FFBFFFFFFFFFFFFEFFFFFFFFFFFF 0000000000000100 00
f16_to_ui32: E850 00000000 10
f16_to_ui32: 87FF 00000000 00
f64_to_i64: 47FFFFFFFFF9FFFE 7FFFFFFFFFFFFFFF 10
f64_to_i64: B68FFFF8000000FF 0000000000000000 00
extF80_to_i32: C04CFFFFFFFFFFFFBFF7 80000000 10
extF80_to_i32: B687801003FFFFFFFFFE 00000000 00
f32_to_f128: FF8000FD 7FFF8000000000000000000000000000 10
f32_to_f128: 8683F7FF BF8D07EFFE0000000000000000000000 00
extF80_to_f16: FFFF81000000000000FF 7E00 10
extF80_to_f16: C04CFFFFFFFFFFFFBFF7 FC00 05
f128_to_extF80: FFFF23B31BBE3E391F832FE94C57F580 7FFFC000000000000000 10
f128_to_extF80: 7FFEFFFFFFFFFFFFFFFFFFFE001FFFFE 7FFF8000000000000000 05
f64_to_f128: 7FF4F3D114AF58E4 7FFF8000000000000000000000000000 10
f64_to_f128: B68FFFF8000000FF BF68FFFF8000000FF000000000000000 00
f16_roundToInt -exact: 7C1B 7E00 10
f16_roundToInt -exact: 87FF 8000 01
f64_roundToInt -exact: 7FF4F3D114AF58E4 7FF8000000000000 10
f64_roundToInt -exact: B68FFFF8000000FF 8000000000000000 01
f64_to_i32 -exact: 41E00003FFFBFFFF 7FFFFFFF 10
f64_to_i32 -exact: B68FFFF8000000FF 00000000 01
f16_rem: 7BFE 0000 7E00 10
f16_rem: 87FF E850 87FF 00
f64_sqrt: B68FFFF8000000FF 7FF8000000000000 10
f64_sqrt: 3F9080000007FFFF 3FC03F81F63AA869 01
f128_mul: FFFF23B31BBE3E391F832FE94C57F580 3F8E0800000000040000000000000000 7FFF8000000000000000000000000000 10
f128_mul: 41D8BEC63F1F2CD956DBD0AEE817C4D3 FFFD1C35DA43003F1B0E07812EDF40F4 FFFF0000000000000000000000000000 05
f128_mulAdd: FFFF23B31BBE3E391F832FE94C57F580 00000000000000000000000000000000 3F8E0800000000040000000000000000 7FFF8000000000000000000000000000 10
f128_mulAdd: FFFDFFFFFF000000000FFFFFFFFFFFFF C10E000000003FFFFFFFFFFFFBFFFFFF 41D8BEC63F1F2CD956DBD0AEE817C4D3 7FFF0000000000000000000000000000 05
extF80_div: 00000000000000000000 00000000000000000000 7FFFC000000000000000 10
extF80_div: 9512FFFFFFFFFF007FFF 00000000000000000000 FFFF8000000000000000 08
extF80_sqrt: B687801003FFFFFFFFFE 7FFFC000000000000000 10
extF80_sqrt: 3FC7AC857F319EDE38F7 3FE3949A47748D33595B 01
f32_sub: 3EFFFFFD FF8000FD 7FC00000 10
f32_sub: 7F20001F FEFF0002 7F800000 05
extF80_rem: 9512FFFFFFFFFF007FFF 00000000000000000000 7FFFC000000000000000 10
extF80_rem: B687801003FFFFFFFFFE C04CFFFFFFFFFFFFBFF7 B687801003FFFFFFFFFE 00
f128_sqrt: A57F319EDE38F755922623794C79B6D3 7FFF8000000000000000000000000000 10
f128_sqrt: 4006FFBFFFFFFFFFFFFEFFFFFFFFFFFF 4002FFDFFEFFEFFEBFE37D57BD39374A 01
"""
"""What testfloat_gen printed: function, options, line."""

TESTFLOAT = os.environ.get("REFMATH_TESTFLOAT", "")
INSTALLED = pytest.mark.skipif(not TESTFLOAT, reason="REFMATH_TESTFLOAT names no folder with testfloat_gen and testfloat_ver")


def subject_of(name: str, options: list[str]) -> Subject:
    """The subject of a function with TestFloat's options."""
    policies: dict[str, object] = {}
    exact = None
    for option in options:
        if option.startswith("-r"):
            policies["rounding"] = ROUNDINGS[option[2:]]
        elif option.startswith("-tininess"):
            policies["tininess"] = Tininess(option.removeprefix("-tininess"))
        else:
            exact = option == "-exact"
    return function(name, policies, exact)


def written(subject: Subject, operands: tuple[int, ...]) -> str:
    """The line of a case, results computed."""
    columns = tuple(np.array([x], object if column.bits > 64 else np.uint64) for x, column in zip(operands, subject.columns, strict=False))
    result, flags = subject.evaluate(columns)
    return bytes(LineWriter(shape(subject))(Block(columns, None, result, flags))).decode()


@pytest.mark.parametrize("pinned", PINNED.strip().splitlines())
def test_lines_are_those_of_testfloat(pinned: str) -> None:
    """Operands alone give the line that testfloat_gen printed: widths, results, flags, every rounding, both tininess rules, exact or not."""
    call, _, line = pinned.partition(": ")
    name, *options = call.split()
    subject = subject_of(name, options)
    read_back = read_line(line.encode() + b"\n", 1, subject)
    assert read_back.values is not None and not read_back.notes
    assert written(subject, read_back.values[: len(subject.formats)]) == line + "\n"


def test_every_function_has_a_subject_and_its_name_back() -> None:
    """The 129 functions of TestFloat 3e: the operations of each format, and conversions between any two of them, integers among themselves excepted."""
    own, to_and_from_integers, among_floats = 5 * len(OPERATIONS) - 1, 2 * 5 * 4, 5 * 4
    assert len(names()) == own + to_and_from_integers + among_floats == 129
    for name in names():
        assert function_name(function(name, {})) == name


def test_level_1_has_as_many_cases_as_testfloat(tmp_path: Path) -> None:
    """46,464 of two operands, 6,133,248 of three; the file has as many lines."""
    for name in ("f16_add", "f32_mul", "f64_div", "f128_add", "f32_le"):
        subject = function(name, {})
        assert plan("testfloat 1", subject.operation, subject.formats, subject.target, subject.how).count == 46_464
    subject = function("f64_mulAdd", {})
    assert plan("testfloat 1", subject.operation, subject.formats, subject.target, subject.how).count == 6_133_248
    assert refmath("vectors", "f16_mul", "-level", "1", "-o", str(tmp_path / "x.txt")).status == 0
    assert (tmp_path / "x.txt").read_bytes().count(b"\n") == 46_464


def test_options_of_testfloat(tmp_path: Path) -> None:
    """-rminMag, -exact, -tininessbefore, -n, -seed and -prefix mean what they mean there."""

    def lines(*arguments: str) -> list[str]:
        assert refmath("vectors", *arguments, "-o", str(tmp_path / "x.txt")).status == 0
        return (tmp_path / "x.txt").read_text().splitlines()

    base = ("f16_to_i32", "-n", "300", "-seed", "5")
    assert len(lines(*base)) == 300
    assert lines(*base, "-rminMag", "-exact") == lines("f16_to_i32_rx_minMag", "-n", "300", "-seed", "5") != lines(*base, "-rminMag")
    assert lines(*base, "-notexact") == lines(*base)
    assert lines(*base) != lines("f16_to_i32", "-n", "300", "-seed", "6")
    assert lines("f64_to_f32", "-tininessbefore") == lines("f64_to_f32", "--tininess", "before") != lines("f64_to_f32", "-tininessafter") == lines("f64_to_f32")
    ran = refmath("vectors", "f16_sqrt", "-n", "2", "-prefix", "f16_sqrt")
    assert ran.lines[0] == "f16_sqrt" and len(ran.lines) == 3


def test_roundings_in_names() -> None:
    """A function that rounds to an integer may have its rounding in its name; x raises inexact. Any other may not."""
    subject = function("f64_to_i32_rx_minMag", {})
    assert (subject.operation, subject.how.rounding) == ("to_integer_exact", Rounding.TOWARD_ZERO)
    subject = function("f16_roundToInt_r_near_maxMag", {})
    assert (subject.operation, subject.how.rounding) == ("round_to_integral", Rounding.NEAREST_AWAY)
    assert is_function("f32_to_ui64_r_odd") and not is_function("f32_foo") and not is_function("extF80_mulAdd")
    with pytest.raises(RefmathError, match="only a function that rounds to an integer"):
        function("f16_add_r_min", {})
    with pytest.raises(RefmathError, match="states its rounding itself"):
        function("f64_to_i32_r_min", {"rounding": Rounding.TO_ODD})
    with pytest.raises(RefmathError, match="--exact belongs to"):
        function("f64_add", {}, exact=True)


def printed(name: str, options: list[str], limit: int) -> bytes:
    """What testfloat_gen prints, up to so many lines."""
    with subprocess.Popen([Path(TESTFLOAT) / "testfloat_gen", *options, name], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = b"".join(line for line, _ in zip(process.stdout, range(limit), strict=False))
        process.kill()
    return lines


def settings(name: str) -> list[list[str]]:
    """The options that matter to a function."""
    to_integer = "roundToInt" in name or name.partition("_to_")[2] in INTEGERS
    modes = [[f"-r{mode}"] for mode in ROUNDINGS]
    more = [[*mode, "-exact"] for mode in modes] if to_integer else []
    tiny = [[*mode, "-tininessbefore"] for mode in modes] if "mul" in name or name.partition("_to_")[2] in FLOATS else []
    return modes + more + tiny


@INSTALLED
@pytest.mark.parametrize("name", names())
def test_everything_that_testfloat_prints(name: str) -> None:
    """Its lines are read without a slip, recomputed without a difference, NaNs included, and written again to the byte."""
    for options in settings(name):
        raw = printed(name, options, count(300, 1 << 16))
        subject = subject_of(name, options)
        items = list(read([raw], subject))
        verdict = verify(items, subject, Rules(check_nans=True))
        assert verdict.cases == raw.count(b"\n") and not verdict.wrong and not verdict.slipped, (options, verdict.first)
        writer = LineWriter(shape(subject))
        assert b"".join(bytes(writer(item)) for item in items if isinstance(item, Block)) == raw


@INSTALLED
@pytest.mark.parametrize(
    "name", ["f16_add", "f32_mul", "f64_div", "f128_sqrt", "f16_mulAdd", "f64_to_f16", "f32_to_i32", "ui64_to_f32", "f32_le", "extF80_rem"]
)
def test_testfloat_accepts_what_is_written(name: str) -> None:
    """testfloat_ver finds no error in random cases."""
    from conformance.vectors.generate import blocks

    subject = function(name, {})
    cases = plan("random", subject.operation, subject.formats, subject.target, subject.how, 5000, 1)
    writer = LineWriter(shape(subject))
    text = b"".join(bytes(writer(block)) for block in blocks(subject, cases, jobs=1))
    ran = subprocess.run([Path(TESTFLOAT) / "testfloat_ver", "-checkAll", name], input=text, capture_output=True)
    assert b"no errors found" in (ran.stdout + ran.stderr).lower(), ran.stdout[-500:] + ran.stderr[-500:]
