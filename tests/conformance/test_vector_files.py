"""Files of cases, read by readers that know no more than spec/vector-files.md: a few lines each, independent of the project's own."""

import csv
import gzip
import hashlib
import io
import json
import random
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import zstandard
from command_line import is_one_sentence, refmath
from refusing import refused

from conformance.vectors import fptest_file
from conformance.vectors.block import Block
from conformance.vectors.fptest import Case as SuiteCase
from conformance.vectors.fptest import read as read_suite
from conformance.vectors.generate import ordered
from conformance.vectors.lines import LineWriter
from conformance.vectors.subject import make
from conformance.vectors.testfloat import shape
from formats import parse
from refmath.datum import Finite
from refmath.underflow import Tininess

Case = tuple[list[int], int, int]
"""Operands, result, flags."""
FLAG_LETTERS = "xuozi"


def case(fields: list[str]) -> Case:
    """The fields of a line as numbers."""
    values = [int(field, 16) for field in fields]
    return values[:-2], values[-2], values[-1]


def stranger_testfloat(text: str) -> list[Case]:
    """A case a line, hexadecimal fields parted by one space."""
    return [case(line.split(" ")) for line in text.splitlines()]


def stranger_readmemh(text: str) -> list[Case]:
    """Words parted by blanks, comments behind //, fields parted by _."""
    words = re.sub(r"//.*", "", text).split()
    return [case(word.split("_")) for word in words]


def stranger_fields(text: str) -> list[Case]:
    """The same, a word a field: the header says how many a case has."""
    count = len(json.loads(text.splitlines()[0].removeprefix("// refmath "))["columns"])
    words = re.sub(r"//.*", "", text).split()
    return [case(words[at : at + count]) for at in range(0, len(words), count)]


def stranger_jsonl(text: str) -> list[Case]:
    """Objects with texts by name; the first line and the last say what they are."""
    objects = [json.loads(line) for line in text.splitlines()]
    names = [column["name"] for column in objects[0]["columns"]]
    return [case([found[name] for name in names]) for found in objects[1:-1]]


def stranger_csv(text: str) -> list[Case]:
    """Cells under names; what stands behind the flags is something else."""
    rows = list(csv.DictReader(io.StringIO(text)))
    names = list(rows[0])[: list(rows[0]).index("flags") + 1]
    return [case([row[name] for name in names]) for row in rows]


def stranger_fptest(text: str) -> list[Case]:
    """IBM's syntax, of binary32: fraction digits are the stored bits."""

    def number(token: str) -> int:
        if token in "QS":
            return 0x7FC00000 if token == "Q" else 0x7F800001
        sign = (token[0] == "-") << 31
        if token[1:] in ("Inf", "Zero"):
            return sign | (0x7F800000 if token[1:] == "Inf" else 0)
        lead, fraction, exponent = re.fullmatch(r"([01])\.([0-9A-F]{6})P(-?\d+)", token[1:]).groups()  # type: ignore[union-attr]
        return sign | (int(exponent) + 127 if lead == "1" else 0) << 23 | int(fraction, 16)

    found = []
    for line in text.splitlines()[3:]:
        left, right = line.split(" -> ")
        result, _, letters = right.partition(" ")
        found.append(([number(token) for token in left.split()[2:]], number(result), sum(1 << FLAG_LETTERS.index(letter) for letter in letters)))
    return found


READERS: dict[str, tuple[str, Callable[[str], list[Case]]]] = {
    "testfloat": ("txt", stranger_testfloat),
    "readmemh": ("mem", stranger_readmemh),
    "readmemh-fields": ("mem", stranger_fields),
    "jsonl": ("jsonl", stranger_jsonl),
    "csv": ("csv", stranger_csv),
    "fptest": ("fptest", stranger_fptest),
}


def written(folder: Path, syntax: str, *arguments: str, suffix: str = "") -> Path:
    """A file of cases, made on the command line."""
    path = folder / f"cases.{READERS[syntax][0] if syntax in READERS else syntax}{suffix}"
    ran = refmath("vectors", *arguments, "--syntax", syntax, "-o", str(path))
    assert ran.status == 0, ran.err
    return path


def content(path: Path) -> str:
    """The text of a file, decompressed."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    if path.suffix == ".zst":
        raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    return raw.decode("ascii")


def canonical(cases: list[Case]) -> list[Case]:
    """Cases of binary32 with every NaN the least of its kind."""

    def plain(code: int) -> int:
        is_nan = code & 0x7FFFFFFF > 0x7F800000
        return (0x7FC00000 if code & 0x400000 else 0x7F800001) if is_nan else code

    return [([plain(x) for x in operands], plain(result), flags) for operands, result, flags in cases]


def test_every_syntax_holds_the_same_cases(tmp_path: Path) -> None:
    """A stranger's reader finds in each file the cases of the TestFloat text; IBM's syntax keeps of a NaN only its kind."""
    arguments = ("multiply", "--format", "binary32", "-n", "400")
    found = {syntax: reader(content(written(tmp_path, syntax, *arguments))) for syntax, (_, reader) in READERS.items()}
    expected = found["testfloat"]
    assert len(expected) == 400 and len({flags for *_, flags in expected}) >= 4
    for syntax, cases in found.items():
        assert (canonical(cases) if syntax == "fptest" else cases) == (canonical(expected) if syntax == "fptest" else expected), syntax


def test_parquet_holds_the_same_cases(tmp_path: Path) -> None:
    """Its columns are unsigned integers by name, hexadecimal texts beyond 64 bits; its metadata hold the header."""
    import pyarrow.parquet

    for fmt, kind in (("binary32", "uint32"), ("binary128", "string")):
        text = stranger_testfloat(content(written(tmp_path, "testfloat", "add", "--format", fmt, "-n", "50")))
        table = pyarrow.parquet.read_table(written(tmp_path, "parquet", "add", "--format", fmt, "-n", "50"))
        assert [str(field.type) for field in table.schema] == [kind, kind, kind, "uint8"]
        rows = [[int(x, 16) if isinstance(x, str) else x for x in row.values()] for row in table.to_pylist()]
        assert [(row[:-2], row[-2], row[-1]) for row in rows] == text
        header = header_of(tmp_path / "cases.parquet", "parquet")
        assert (header["count"], header["operation"]) == (50, "add")


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("syntax", [*READERS, "parquet"])
def test_a_file_verifies_and_its_twin_does_not(tmp_path: Path, syntax: str, suffix: str) -> None:
    """Compressed or not, without an operation named: header or sidecar say what it is. Of the twin, exactly the lines that its header lists are wrong."""
    if syntax == "parquet" and suffix:
        ran = refmath("vectors", "f32_add", "-n", "10", "--syntax", syntax, "-o", str(tmp_path / f"x.parquet{suffix}"))
        assert ran.status == 2 and is_one_sentence(ran.err) and "compresses its columns itself" in ran.err
        return
    path = written(tmp_path, syntax, "f32_add", "-n", "300", "--corrupt", "7", suffix=suffix)
    same = ("--syntax", "readmemh-fields") if syntax == "readmemh-fields" else ()
    ran = refmath("verify", str(path), *same)
    assert (ran.status, ran.err) == (0, "") and "300 cases: 300 right, 0 wrong" in ran.out
    twin = path.with_name(path.name.replace("cases.", "cases.corrupt."))
    ran = refmath("verify", str(twin), "--json", *same)
    assert ran.status == 1
    (verdict,) = ran.data
    assert verdict["wrong_results"] == 7 and verdict["wrong_flags"] == 0 and not verdict["slips"]
    header = header_of(twin, syntax)
    assert [wrong["line"] for wrong in verdict["first"]] == [listed["line"] for listed in header["corrupted"]]
    assert len({listed["case"] for listed in header["corrupted"]}) == 7
    assert all(listed["right"] != listed["written"] for listed in header["corrupted"])


def header_of(path: Path, syntax: str) -> dict[str, Any]:
    """What a file, or its sidecar, says of itself."""
    if syntax == "parquet":
        import pyarrow.parquet

        return dict(json.loads(pyarrow.parquet.read_metadata(path).metadata[b"refmath"]))
    if syntax in ("jsonl", "readmemh", "readmemh-fields"):
        return dict(json.loads(content(path).splitlines()[0].removeprefix("// refmath ")))
    return dict(json.loads(Path(f"{path}.json").read_text()))


@pytest.mark.parametrize("syntax", [*READERS, "parquet"])
def test_a_header_tells_everything(tmp_path: Path, syntax: str) -> None:
    """Formats by notation and definition, operation, projection, revision, generator, seed, tool; count and the sum of the cases as TestFloat text."""
    arguments = ("subtract", "--format", "binary32", "-n", "100", "--seed", "9", "-r", "rtz", "--tininess", "before")
    text = content(written(tmp_path, "testfloat", *arguments))
    path = written(tmp_path, syntax, *arguments)
    header = header_of(path, syntax)
    assert header["syntax"] == syntax and header["operation"] == "subtract" and header["function"] == "f32_sub"
    assert [f["notation"] for f in header["operands"]] == ["binary32", "binary32"] and header["result"]["width"] == 32
    assert header["operands"][0]["parameters"]["precision"] == 24
    assert header["projection"]["rounding"] == "toward_zero" and header["projection"]["tininess"] == "before"
    assert header["standards"] == [{"name": "IEEE Std 754", "revision": "2019"}]
    assert header["generator"] == {"plan": "testfloat 1", "seed": 9, "budget": 100} and header["refmath"]
    end = {
        "jsonl": lambda: json.loads(content(path).splitlines()[-1])["end"],
        "readmemh": lambda: json.loads(content(path).splitlines()[-1].removeprefix("// end ")),
    }
    counted = end.get(syntax.removesuffix("-fields"), lambda: header)()
    assert counted["count"] == 100
    assert counted["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_lines_of_the_suite_to_the_byte() -> None:
    """What is read from a line of IBM's syntax is written as that line: specials, subnormals, flags, every operation that is not trapped."""
    for line in SUITE.splitlines(keepends=True):
        (found,) = read_suite([line])
        assert isinstance(found, SuiteCase), found
        subject = make(found.operation, [found.source], found.target, {"rounding": found.rounding, "tininess": Tininess.BEFORE})
        (block,) = fptest_file.read([line.encode()], subject)
        assert isinstance(block, Block)
        assert fptest_file.lines(LineWriter(shape(subject)), block).decode() == line


SUITE = """\
b32+ =0 +0.731A35P-126 -0.000D18P-126 -> +0.730D1DP-126 
b32/ =0 S -Zero -> Q i
b32/ < -1.5DC960P-111 -Zero -> +Inf z
b32*+ 0 -1.400000P-107 -1.000000P-42 -1.000001P-126 -> -0.7FFFFFP-126 xu
b32* > +1.7FFFFFP127 +1.000000P1 -> +Inf xo
b64V =^ +1.0000000000000P1 -> +1.6A09E667F3BCDP0 x
b64b32cff =0 +1.0000000000001P0 -> +1.000000P0 x
b128- =0 +1.0000000000000000000000000000P0 +Inf -> -Inf 
b32?s =0 +0.000001P-126 -> 0x1 
b32? =0 -Inf -> -Inf 
b32S =0 +1.000000P0 +5 -> +1.000000P5 
b32Nd =0 +Zero -> -0.000001P-126 
b32cp =0 S -> S 
b128A =0 -Zero -> +Zero 
b64~ =0 Q -> Q 
b32qC =0 S +Zero -> ? i
b64qC =0 +Zero -Zero -> = 
"""  # noqa: W291 (the suite's lines end in a space where no flag is raised)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("to_integer_exact", "--from", "binary32", "--to", "int32", "-r", "rtz"), "b32cfi 0 -1.200000P1 -> -2 x"),
        (("convert", "--from", "int64", "--to", "binary32"), "b32cif =0 -9223372036854775807 -> -1.000000P63 x"),
        (("copy", "--format", "binary128"), "b128cp =0 S -> S "),
        (("compare", "--format", "binary64"), "b64qC =0 Q Q -> ? "),
    ],
)
def test_integers_copies_and_relations_in_the_suites_syntax(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    """What is written is read again, with the operation named and without; a line by hand is right, and wrong with another result."""
    path = written(tmp_path, "fptest", *arguments, "-n", "200")
    for stated in ((), arguments):
        ran = refmath("verify", *stated, str(path))
        assert ran.status == 0 and "200 cases" in ran.out, ran
    single = tmp_path / "single.fptest"
    single.write_text(f"{line}\n")
    for stated in ((), arguments):
        assert refmath("verify", *stated, str(single)).status == 0
    before, _, after = line.partition(" -> ")
    other = {"-2": "-3", "-1.000000P63": "-1.000001P63", "S": "+Zero", "?": "="}[after.split()[0]]
    single.write_text(f"{before} -> {other} {after.partition(' ')[2]}\n")
    for stated in ((), arguments):
        assert refmath("verify", *stated, str(single)).status == 1


def test_the_revision_of_p3109_stands_in_the_header(tmp_path: Path) -> None:
    """Each draft is a standard of its own."""
    for notation, revision in (("binary8p3se", "4.0.3"), ("binary8p3se(revision=4.0)", "4.0")):
        path = written(tmp_path, "csv", "add", "--format", notation, "-n", "5")
        assert {"name": "IEEE P3109 interim report", "revision": revision} in header_of(path, "csv")["standards"]
        assert refmath("verify", str(path)).status == 0


def test_processes_answer_in_order_and_pass_errors_on() -> None:
    """What fails there, or cannot be sent there, is raised here, after what came before it, and nothing waits for ever."""
    assert list(ordered(refused, ((n, n) for n in (1, 2, 4, 5)), 2)) == [(1, -1), (2, -2), (4, -4), (5, -5)]
    for work, kind in ((((n, n) for n in range(1, 40)), ValueError), (((n, (i for i in ())) for n in range(40)), TypeError)):
        with pytest.raises(kind):
            list(ordered(refused, work, 2))  # type: ignore[arg-type]


def test_beyond_the_kernels_in_several_processes(tmp_path: Path) -> None:
    """binary128 multiply-adds: more than one process takes, written and verified; the bytes do not depend on how many."""
    arguments = ("f128_mulAdd", "--plan", "random", "-n", "5000")
    one, two = (written(tmp_path, "testfloat", *arguments, "--jobs", jobs).read_bytes() for jobs in ("1", "2"))
    assert one == two
    assert "5,000 right, 0 wrong" in refmath("verify", str(tmp_path / "cases.txt")).out


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the number of processes and the compression; another seed gives other cases."""
    for arguments in (("add", "--format", "posit16", "-n", "5000"), ("f16_sqrt",)):
        first, second, other = (
            written(tmp_path, "testfloat", *arguments, *more, suffix=".gz").read_bytes() for more in (("--jobs", "1"), ("--jobs", "2"), ("--seed", "2"))
        )
        assert first == second != other


@pytest.mark.parametrize("syntax", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("operation", ["multiply", "divide", "sqrt", "exp"])
def test_further_columns_tell_the_exact_result(tmp_path: Path, syntax: str, operation: str) -> None:
    """sign, exponent and significand are the exact value cut to 11 bits; guard and sticky what is cut off: checked against fractions, and by rounding with them."""
    path = written(tmp_path, syntax, operation, "--format", "binary16", "-n", "200", "--columns", "intermediate,exact,model,task")
    assert refmath("verify", str(path)).status == 0
    seen = 0
    f = parse("binary16")
    for found in further(path, syntax):
        result = f.decode(found["result"])
        if found["significand"] in ("", None):
            assert not (isinstance(result, Finite) and result.value)
            continue
        seen += 1
        significand, exponent, guard, sticky = int(found["significand"], 16), int(found["exponent"]), int(found["guard"]), int(found["sticky"])
        assert significand.bit_length() == 11 and found["model"] == "testfloat 1"
        low = Fraction(significand) * Fraction(2) ** (exponent - 10)
        step = Fraction(2) ** (exponent - 10)
        if re.fullmatch(r"-?\d+(/\d+)?", found["exact"]):
            exact = abs(Fraction(found["exact"]))
            rest = (exact - low) / step
            assert (guard, sticky) == (int(rest >= Fraction(1, 2)), int(rest not in (0, Fraction(1, 2))))
        if isinstance(result, Finite) and exponent >= -14 and result.value:
            up = guard and (sticky or significand & 1)
            assert abs(result.value) == low + step * int(up)
        assert int(found["sign"]) == int(found["result"] >> 15)
    assert seen > 50


def test_an_exact_result_of_any_length_fits_its_line(tmp_path: Path) -> None:
    """m x 2^k where a fraction would be long, leading digits where that would be too; the file verifies, so that no line is too long to be read."""
    for operation, kind in (("scaleb", r"-?\d+ x 2\^-?\d+"), ("pown", r"~.*")):
        path = written(tmp_path, "jsonl", operation, "--format", "e5m2", "-n", "100", "--columns", "exact")
        assert refmath("verify", str(path)).status == 0
        assert any(re.fullmatch(kind, row["exact"]) for row in further(path, "jsonl"))


@pytest.mark.parametrize("syntax", [*READERS, "parquet"])
def test_no_damage_ends_in_a_fault(tmp_path: Path, syntax: str) -> None:
    """Bytes changed, cut out and put in anywhere, header included: a verdict or one sentence, and never the status of a fault of the program."""
    rng = random.Random(len(syntax))
    path = written(tmp_path, syntax, "f32_add", "-n", "30")
    whole = path.read_bytes()
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(data))
            match rng.randrange(4):
                case 0:
                    data[at] = rng.randrange(256)
                case 1:
                    del data[at : at + rng.randrange(1, 60)]
                case 2:
                    data[at:at] = bytes(rng.choice(b'0aF _,\n\r"{}/') for _ in range(rng.randrange(1, 9)))
                case _:
                    data[at:] = b""
            if not data:
                break
        path.write_bytes(data)
        ran = refmath("verify", str(path), "--explain", "0")
        assert ran.status in (0, 1, 2), (ran.err, bytes(data)[:2000])
        assert ran.out or is_one_sentence(ran.err)


def further(path: Path, syntax: str) -> list[dict[str, Any]]:
    """The rows of a file by name, results as numbers."""
    if syntax == "parquet":
        import pyarrow.parquet

        rows = pyarrow.parquet.read_table(path).to_pylist()
        return [{**row, "result": int(row["result"])} for row in rows]
    text = content(path)
    found = [json.loads(line) for line in text.splitlines()[1:-1]] if syntax == "jsonl" else list(csv.DictReader(io.StringIO(text)))
    return [{**row, "result": int(row["result"], 16)} for row in found]


def test_random_bits_are_a_column(tmp_path: Path) -> None:
    """A stochastic mode has its random operand behind the operands; each case is verified with its own."""
    path = written(tmp_path, "csv", "convert", "--from", "binary32", "--to", "e5m2", "-r", "stochastic_a", "--bits", "8", "-n", "300")
    rows = list(csv.DictReader(io.StringIO(content(path))))
    assert list(rows[0]) == ["a", "random", "result", "flags"] and len({row["random"] for row in rows}) > 50
    assert refmath("verify", str(path)).status == 0
    assert refmath("verify", "convert", "--from", "binary32", "--to", "e5m2", "-r", "stochastic_b", "--bits", "8", str(path)).status == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "--format", "binary16", "--syntax", "xml"), "not a syntax"),
        (("add", "--format", "binary16", "--columns", "exact"), "no room for further columns"),
        (("add", "--format", "binary16", "--columns", "weight", "--syntax", "csv"), "no further column"),
        (("add", "--format", "e4m3fn", "--syntax", "fptest"), "has binary32, binary64 and binary128"),
        (("exp", "--format", "binary32", "--syntax", "fptest"), "has no exp"),
        (("add", "--format", "binary32", "-r", "to_odd", "--syntax", "fptest"), "has no rounding to_odd"),
        (("add", "--format", "binary16", "--corrupt", "5"), "name the file"),
        (("add",), "in which format"),
        (("f16_add", "--format", "binary16"), "states its formats itself"),
        (("add", "--from", "binary16", "--from", "binary32"), "which format the result has"),
        (("convert", "--from", "binary32", "--to", "e5m2", "-r", "stochastic_a"), "number of random bits"),
        ((), "Which operation"),
        (("add", "--format", "binary16", "--plan", "random", "--level", "1"), "leave out one"),
        (("add", "--format", "binary16", "-o", "/nonexistent/x.txt"), "no such file"),
        (("add", "--format", "binary16", "--exact"), "belongs to operations that round to an integer"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    """With the remedy, and exit status 2."""
    ran = refmath("vectors", *arguments)
    assert ran.status == 2 and is_one_sentence(ran.err) and words in ran.err, ran.err
