"""``refmath verify``: verdicts, exit statuses, causes by name; and whatever is wrong with a file is counted and said, never passed over."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from command_line import Ran, is_one_sentence, refmath

GOOD = "0000 3C00 3C00 00\n3C00 3C00 4000 00\n7BFF 7BFF 7C00 05\n7C00 FC00 7E00 10\n"
"""Sums of binary16."""
TRUTH = Path(__file__).parents[3] / "shared" / "truth" / "fptest"


def verify_text(folder: Path, text: str | bytes, *arguments: str, name: str = "cases.txt") -> Ran:
    """``refmath verify add --format binary16`` on a file with that text."""
    path = folder / name
    path.write_bytes(text.encode("latin-1") if isinstance(text, str) else text)
    return refmath("verify", "add", "--format", "binary16", *arguments, str(path))


def through_pipe(arguments: list[str], text: bytes) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own, fed through a pipe."""
    return subprocess.run([sys.executable, "-m", "refmath", *arguments], input=text, capture_output=True)


def test_what_is_right_is_right(tmp_path: Path) -> None:
    """Every case right: exit status 0."""
    ran = verify_text(tmp_path, GOOD)
    assert (ran.status, ran.err) == (0, "") and "4 cases: 4 right, 0 wrong" in ran.out


def test_a_wrong_result_is_explained(tmp_path: Path) -> None:
    """The line, what is expected, and why; the counts; exit status 1."""
    ran = verify_text(tmp_path, GOOD.replace("3C00 3C00 4000 00", "3C00 3C01 4001 01").replace("7BFF 7BFF 7C00 05", "7BFF 7BFF 7C00 04"))
    assert ran.status == 1
    assert "line 2" in ran.out and "3C00 3C01 4000 01" in ran.out and "IEEE 754-2019 4.3.1" in ran.out
    assert "overflow instead of overflow, inexact" in ran.out
    assert "4 cases: 2 right, 2 wrong (1 results, 1 flags alone)" in ran.out
    ran = verify_text(tmp_path, GOOD.replace("3C00 3C00 4000", "3C00 3C00 4001"), "--json")
    (verdict,) = ran.data
    assert (verdict["cases"], verdict["wrong_results"], verdict["first"][0]["line"]) == (4, 1, 2)
    assert verdict["first"][0]["expected"] == "3C00 3C00 4000 00" and any("exact" in line for line in verdict["first"][0]["explanation"])


def test_nans_are_alike_unless_they_are_checked(tmp_path: Path) -> None:
    """Any quiet NaN will do; a signalling one never; with --check-nans only the very one."""
    assert verify_text(tmp_path, GOOD.replace("FC00 7E00", "FC00 FE12")).status == 0
    assert verify_text(tmp_path, GOOD.replace("FC00 7E00", "FC00 7C01")).status == 1
    assert verify_text(tmp_path, GOOD.replace("FC00 7E00", "FC00 FE12"), "--check-nans").status == 1
    assert verify_text(tmp_path, GOOD.replace("FC00 7E00", "FC00 FE00"), "--check-nans", "--platform", "x86").status == 0


def test_flags_and_invalid_integers_may_be_left_out(tmp_path: Path) -> None:
    """--ignore-flags looks at results alone; --any-invalid-integer takes what any processor delivers."""
    assert verify_text(tmp_path, GOOD.replace(" 05", " 00")).status == 1
    assert verify_text(tmp_path, GOOD.replace(" 05", " 00"), "--ignore-flags").status == 0
    path = tmp_path / "i.txt"
    path.write_text("7E00 7FFFFFFF 10\nFC00 80000000 10\n")
    assert refmath("verify", "f16_to_i32", str(path)).status == 0
    assert refmath("verify", "f16_to_i32", "--platform", "x86", str(path)).status == 1
    assert refmath("verify", "f16_to_i32", "--platform", "x86", "--any-invalid-integer", str(path)).status == 0
    assert refmath("verify", "f16_to_i32", "--platform", "arm", str(path)).status == 1


@pytest.mark.parametrize(
    ("made", "asked", "cause"),
    [
        (["f64_to_f32", "-tininessbefore"], ["f64_to_f32"], "underflow is detected before rounding"),
        (["f16_mul", "-rminMag"], ["f16_mul"], "rounding is toward_zero, not nearest_even"),
        (["f16_mul", "--subnormals", "signed_zero"], ["f16_mul"], "tiny results become a signed zero"),
        (["f16_add", "--subnormal-operands", "positive_zero"], ["f16_add"], "subnormal operands count as signed zero"),
        (["multiply", "--format", "e4m3fn", "--overflow", "saturate_finite"], ["multiply", "--format", "e4m3fn"], "overflow is saturate_finite, not ieee"),
    ],
)
def test_a_cause_is_named(tmp_path: Path, made: list[str], asked: list[str], cause: str) -> None:
    """A unit that follows another policy throughout is told which."""
    path = tmp_path / "cases.txt"
    assert refmath("vectors", *made, "-n", "3000", "-o", str(path)).status == 0
    ran = refmath("verify", *asked, str(path), "--explain", "0")
    assert ran.status == 1 and cause in ran.out


@pytest.mark.parametrize(
    ("operation", "line"),
    [("next_up", "0000 0002 00"), ("next_down", "3C00 3BFE 00"), ("class", "3C00 3 00"), ("is_nan", "3C00 1 00"), ("compare_quiet_less", "3C00 3C00 1 00")],
)
def test_mistakes_of_operations_that_do_not_round(tmp_path: Path, operation: str, line: str) -> None:
    """A wrong line of an operation without a rounding is found: exit status 1."""
    path = tmp_path / "cases.txt"
    path.write_text(line + "\n")
    ran = refmath("verify", operation, "--format", "binary16", str(path))
    assert (ran.status, ran.err) == (1, "") and "1 cases: 0 right, 1 wrong" in ran.out


def test_a_mistake_of_its_own_has_no_cause(tmp_path: Path) -> None:
    """Of one wrong digit nothing is said that it does not show."""
    ran = verify_text(tmp_path, GOOD.replace("3C00 3C00 4000", "3C00 3C00 4321"))
    assert ran.status == 1 and "cause" not in ran.out


@pytest.mark.parametrize(
    ("spoilt", "words", "status"),
    [
        (GOOD.replace("\n", "\r\n"), "4 lines, the first is 1: a carriage return", 0),
        (GOOD.replace("3C00 3C00", "3C00  3C00"), "more than one space", 0),
        (GOOD.lower(), "lower-case digits", 0),
        (GOOD.replace(" ", ", "), "a comma", 0),
        (GOOD.replace(" 00", " 0"), "a flag field of one digit", 0),
        (GOOD[:-1], "line 4: no newline at the end", 0),
        (GOOD + "\n", "line 5: an empty line", 0),
        (GOOD.replace("3C00 3C00 4000", "3C00 3C0 4000"), "line 2: field 2, b, has 3 digits instead of 4", 2),
        (GOOD + "00000000 00000000 00000000 00\n", "its fields are those of f32_add", 2),
        (GOOD + "f16_mul 3C00 3C00 3C00 00\n", "a case of f16_mul", 2),
        (GOOD + "x" * 70000 + "\n" + GOOD, "line 5: a line of 70,", 2),
        (GOOD + "\x00\xff\xfe\x01" * 9 + "\n", "bytes that are no text", 2),
        ("", "no case was read", 2),
        ("\n\n", "no case was read", 2),
    ],
)
def test_slips_are_counted_and_reported(tmp_path: Path, spoilt: str, words: str, status: int) -> None:
    """Each by its kind and line; what could be read was verified; --strict ends at the first."""
    ran = verify_text(tmp_path, spoilt)
    assert (ran.status, ran.err) == (status, "") and words in ran.out, ran.out
    ran = verify_text(tmp_path, spoilt, "--strict")
    assert ran.status == 2
    assert is_one_sentence(ran.err) if spoilt.strip() else "no case" in ran.out or is_one_sentence(ran.err)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_files_that_end_early_or_are_damaged(tmp_path: Path, suffix: str) -> None:
    """What can be had is verified, and that it is not all is said with its line; exit status 2."""
    text = GOOD.encode() * 20000
    packed = gzip.compress(text, mtime=0) if suffix == ".gz" else zstandard.ZstdCompressor().compress(text)
    assert verify_text(tmp_path, packed, name=f"c.txt{suffix}").status == 0
    assert verify_text(tmp_path, packed + packed, name=f"c.txt{suffix}").status == 0
    ran = verify_text(tmp_path, packed[: len(packed) // 2], name=f"c.txt{suffix}")
    assert ran.status == 2 and "the compressed data is cut off" in ran.out
    ran = verify_text(tmp_path, packed[: len(packed) - 2], name=f"c.txt{suffix}")
    assert ran.status == 2 and "cut off" in ran.out
    assert "80,000 cases: 80,000 right" in ran.out or suffix == ".zst"
    damaged = packed[:40] + bytes([packed[40] ^ 0x55, packed[41] ^ 0xFF]) + packed[42:]
    ran = verify_text(tmp_path, damaged, name=f"c.txt{suffix}")
    assert ran.status != 0 and is_one_sentence(ran.err) != ("wrong" in ran.out or "damaged" in ran.out or "cut off" in ran.out)
    ran = verify_text(tmp_path, GOOD, name=f"c.txt{suffix}")
    assert ran.status == 2 and "damaged" in ran.out


def test_a_sidecar_that_contradicts_its_file(tmp_path: Path) -> None:
    """A missing line and a changed one show in the count and in the sum."""
    path = tmp_path / "cases.txt"
    refmath("vectors", "f16_add", "--plan", "random", "-n", "50", "-o", str(path))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    ran = refmath("verify", str(path))
    assert ran.status == 2 and "49 cases were read, and the header says 50" in ran.out
    path.write_text("".join([*lines[1:], lines[0]]))
    ran = refmath("verify", str(path))
    assert ran.status == 2 and "the SHA-256 of the cases is not the one in the header" in ran.out


def test_headers_that_are_damaged_or_of_another_function(tmp_path: Path) -> None:
    """A file of JSON lines without an end, with rubbish for a header, or with two files in one."""
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    refmath("vectors", "f16_add", "--plan", "random", "-n", "20", "-o", str(one))
    refmath("vectors", "f16_mul", "--plan", "random", "-n", "20", "-o", str(two))
    both = tmp_path / "both.jsonl"
    both.write_text(one.read_text() + two.read_text())
    ran = refmath("verify", str(both))
    assert ran.status == 2 and "behind the header of another function" in ran.out and "20 cases: 20 right" in ran.out
    both.write_text(one.read_text().replace('"binary16"', '"binary17"', 1))
    for text in (one.read_text().replace('"notation": "binary16"', '"notation": "binary17"'), '{"refmath": 1}\n', one.read_text().partition("\n")[2]):
        both.write_text(text)
        ran = refmath("verify", str(both))
        assert ran.status == 2 and is_one_sentence(ran.err), ran.err
    both.write_text(one.read_text().replace('"a": ', '"z": ', 1))
    ran = refmath("verify", str(both))
    assert ran.status == 2 and "no text for a" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch.txt"],
        ["add", "--format", "binary16", "nosuch.txt"],
        ["--format", "binary16"],
        ["-r", "rtz", "x.txt"],
        ["addd"],
        ["."],
        ["add", "--format", "binary16", "--syntax", "txt", "README.md"],
    ],
)
def test_what_cannot_be_verified_is_one_sentence(arguments: list[str]) -> None:
    """No file, no operation: exit status 2."""
    ran = refmath("verify", *arguments)
    assert ran.status == 2 and is_one_sentence(ran.err), ran.err


def test_a_file_that_says_nothing(tmp_path: Path) -> None:
    """Without header, sidecar and operation nothing can be said."""
    path = tmp_path / "cases.txt"
    path.write_text(GOOD)
    ran = refmath("verify", str(path))
    assert ran.status == 2 and is_one_sentence(ran.err) and "name the operation" in ran.err


def test_a_pipe_from_vectors_to_verify() -> None:
    """What is printed is what is verified; files and the standard input alike."""
    made = through_pipe(["vectors", "add", "--format", "binary16", "-n", "2000"], b"")
    assert made.returncode == 0 and made.stdout.count(b"\n") == 2000
    ran = through_pipe(["verify", "add", "--format", "binary16"], made.stdout)
    assert ran.returncode == 0 and b"2,000 right" in ran.stdout
    ran = through_pipe(["verify", "add", "--format", "binary16", "-"], made.stdout.replace(b" 01\n", b" 00\n", 1))
    assert ran.returncode == 1


def test_a_broken_pipe_ends_quietly() -> None:
    """The reader goes away after a line: nothing on the standard error, whichever engine was at work."""
    for arguments in (["f16_add", "-forever"], ["add", "--format", "binary128", "-forever", "--jobs", "2"]):
        command = f"{sys.executable} -m refmath vectors {' '.join(arguments)} | head -n 1"
        ran = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120)
        assert ran.returncode == 0 and ran.stdout.count(b"\n") == 1 and ran.stderr == b""


@pytest.mark.parametrize("path", sorted(TRUTH.glob("*.fptest")), ids=lambda path: path.stem)
def test_the_files_of_the_suite(path: Path) -> None:
    """Value and flags of every case are right, and none of the six has the suite's known error."""
    ran = refmath("verify", str(path), "--json")
    (verdict,) = ran.data
    assert ran.status == 0 and verdict["cases"] > 30 and verdict["known_errors"] == [] and verdict["slips"] == []


def test_the_known_error_of_the_suite_is_named(tmp_path: Path) -> None:
    """A quiet NaN first and a signalling one behind it, without the invalid flag: told apart from cases that are wrong."""
    path = tmp_path / "known.fptest"
    path.write_text("b32+ =0 Q S -> Q \nb32*+ =0 Q +Zero S -> Q \nb32+ =0 Q S -> Q i\nb32+ =0 S Q -> Q i\n")
    ran = refmath("verify", str(path))
    assert ran.status == 0 and "2 lines, the first is 1: known error of the suite" in ran.out and "2 right, 0 wrong, 2 known errors" in ran.out
    path.write_text("b32+ =0 S Q -> Q \n")
    assert refmath("verify", str(path)).status == 1


def test_lines_of_the_suite_that_cannot_be_read(tmp_path: Path) -> None:
    """Relations that are none, unknown and decimal operations, and garbage, with their lines; the others are verified."""
    path = tmp_path / "odd.fptest"
    path.write_bytes(
        b"Header\n\nb32+ =0 +Zero +Zero -> +Zero \nb32qC =0 +Zero +Zero -> 0x1\nb32@@ =0 +Zero -> +Zero\nd64+ =0 +1E0 +1E0 -> +2E0\nb32+ =0 +Zero\n\xff\x00\n"
    )
    ran = refmath("verify", str(path), "--json")
    (verdict,) = ran.data
    assert (ran.status, verdict["cases"], verdict["unread"]) == (2, 1, 5)
    reported = {where["line"]: where["reason"] for slip in verdict["slips"] for where in slip["first"]}
    assert set(reported) == {4, 5, 6, 7, 8} and "is not a relation" in reported[4] and "not known" in reported[5] and "decimal" in reported[6]
    ran = refmath("verify", str(path), "--strict")
    assert ran.status == 2 and is_one_sentence(ran.err) and "Line 4" in ran.err


@pytest.mark.parametrize(
    "line",
    [
        "b32?- =0 i -Inf -> 0x1",
        "b32?N =0 S -> 0x1",
        "b32?s =0 +0.000001P-126 -> 0x1",
        "b32?n =0 +0.000001P-126 -> 0x0",
        "b64? =0 -0.0000000000001P-1022 -> -subnormal",
        "b32? =0 Q -> qNaN",
        "b32S =0 +1.000000P0 -149 -> +0.000001P-126 ",
        "b32S =0 +1.000001P0 +200 -> +Inf xo",
        "b32cp =0 S -> S ",
        "b32qC =0 +Zero -Zero -> =",
        "b32qC =0 Q -Zero -> ?",
        "b32qC =0 S +Inf -> ? i",
        "b32sC =0 -1.000000P0 Q -> ? i",
        "b32sC > +1.000000P0 -Inf -> >",
        "b32cfi =0 +1.200000P1 -> +2 x",
        "b32cfi =^ +1.200000P1 -> +3 x",
        "b64cfi < -1.0000000000000P-1 -> -1 x",
        "b32cfi 0 -1.000000P40 -> -1099511627776",
        "b32cfi 0 -1.000000P40 -> -2147483648 i",
        "b32cfi =0 Q -> +0 i",
        "b32cfi =0 i -Inf -> # i",
        "b32cif =0 +16777217 -> +1.000000P24 x",
        "b32cif > +16777217 -> +1.000001P24 x",
        "b64cif =0 -3 -> -1.8000000000000P1",
        "b32cif =0 +0 -> +Zero",
        "b32eq =0 +1.000000P0 +1.000000P0 -> 0x1",
        "b32eq =0 +Zero -1.000000P0 -> 0x0",
        "b32eq =0 Q Q -> 0x0",
        "b32eq =0 Q Q -> 0x1",
        "b32eq =0 +Zero -Zero -> 0x1",
        "b32Na =0 +Zero -Inf -> -0.000001P-126 xu",
        "b32Na =0 +1.000000P0 +1.000000P0 -> +1.000000P0 ",
        "b32Nu =0 +1.7FFFFFP127 -> +Inf ",
        "b32+ =0 Q +1.000000P0 -> Q ",
        "b32* =0 +0.000001P-126 +1.000000P-1 -> +Zero xv",
        "b32* =0 +0.000001P-126 +1.000000P-1 -> +Zero xw",
    ],
)
def test_every_documented_operation_is_read(tmp_path: Path, line: str) -> None:
    """Predicates, classes, scalb, copy, nextafter; v and w are underflow too."""
    path = tmp_path / "one.fptest"
    path.write_text(line + "\n")
    ran = refmath("verify", str(path))
    assert ran.status == 0, ran.out


def test_json_is_one_document() -> None:
    """Several files, one array."""
    text = io.StringIO(GOOD).getvalue().encode()
    ran = through_pipe(["verify", "add", "--format", "binary16", "--json", "-"], text)
    assert ran.returncode == 0 and len(json.loads(ran.stdout)) == 1
