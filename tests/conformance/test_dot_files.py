"""Dot products in files: every syntax holds them with their model, verify recomputes each line, and names the model that a unit follows instead."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

from formats import parse

PLAIN = ("dot", "--from", "binary16", "--to", "binary32", "--model", "h100", "--length", "4")
BLOCKS = ("dot", "--from", "e2m1", "--to", "binary32", "--model", "b200_mx", "--length", "40", "--scale", "e8m0", "--block", "32")
SUFFIXES = ("txt", "mem", "jsonl", "csv", "parquet", "jsonl.zst", "txt.gz")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("arguments", [PLAIN, BLOCKS], ids=["plain", "blocks"])
def test_a_file_of_dot_products_says_what_it_computes(tmp_path: Path, arguments: tuple[str, ...], suffix: str) -> None:
    """Header or sidecar have the model; the file is right, its twin has the wrong lines that it lists, and further columns round-trip."""
    path = tmp_path / f"dots.{suffix}"
    more = ("--columns", "model,task") if suffix.startswith(("jsonl", "csv", "parquet")) else ()
    ran = refmath("vectors", *arguments, "-n", "150", "-o", str(path), "--corrupt", "5", *more)
    assert ran.status == 0, ran.err
    assert "150 cases: 150 right" in refmath("verify", str(path)).out
    assert "150 cases: 150 right" in refmath("verify", *arguments, str(path)).out
    ran = refmath("verify", str(tmp_path / f"dots.corrupt.{suffix}"), "--json")
    assert ran.status == 1 and ran.data[0]["wrong_results"] == 5


def test_the_header_defines_the_model(tmp_path: Path) -> None:
    """Its name, its notation in full, the length and the scales; columns by name."""
    path = tmp_path / "dots.jsonl"
    refmath("vectors", *BLOCKS, "-n", "10", "-o", str(path))
    header = json.loads(path.read_text().splitlines()[0])
    found = header["accumulation"]
    assert found["model"] == "b200_mx" and found["definition"].startswith("aligned(group=32, F=25") and (found["length"], found["block"]) == (40, 32)
    assert found["scale"]["notation"] == "e8m0" and [f["notation"] for f in header["operands"]] == ["e2m1", "e2m1"]
    names = [column["name"] for column in header["columns"]]
    assert names == [*(f"x{i}" for i in range(1, 41)), *(f"y{i}" for i in range(1, 41)), "sx1", "sx2", "sy1", "sy2", "c", "result", "flags"]
    path.write_text(path.read_text().replace('"model": "b200_mx"', '"model": "z9000"', 1))
    ran = refmath("verify", str(path))
    assert ran.status == 2 and is_one_sentence(ran.err)


def test_results_are_those_of_rationals(tmp_path: Path) -> None:
    """Under the exact model a finite result is the exact sum, rounded once: to the nearest binary32, which no other is nearer to."""
    path = tmp_path / "dots.jsonl"
    refmath("vectors", "dot", "--from", "bfloat16", "--to", "binary32", "--model", "exact", "--length", "3", "-n", "400", "-o", str(path))
    f, to, checked = parse("bfloat16"), parse("binary32"), 0

    def number(fmt: object, code: str) -> Fraction:
        return Fraction(str(fmt.exact(int(code, 16))))  # type: ignore[attr-defined]

    for line in path.read_text().splitlines()[1:-1]:
        case = json.loads(line)
        try:
            total = sum((number(f, case[f"x{i}"]) * number(f, case[f"y{i}"]) for i in (1, 2, 3)), number(to, case["c"]))
            result = number(to, case["result"])
        except ValueError:  # infinities and NaNs
            continue
        code = int(case["result"], 16)
        gaps = [abs(total - number(to, f"{near:x}")) for near in (code - 1, code + 1) if code & 0x7FFFFFFF and near & 0x7FFFFFFF < 0x7F800000]
        assert all(abs(total - result) <= gap for gap in gaps)
        assert (total == result) == (not int(case["flags"], 16) & 1)
        checked += 1
    assert checked > 250


def test_another_unit_is_named(tmp_path: Path) -> None:
    """Sums of one unit held to another's model: the cause names it, and each explained case the models that give what was got."""
    path = tmp_path / "dots.txt"
    refmath("vectors", *PLAIN, "-n", "300", "-o", str(path))
    wrong = [*PLAIN[:6], "a100", *PLAIN[7:]]
    ran = refmath("verify", *wrong, str(path))
    assert ran.status == 1 and "the sums are those of h100, not of a100" in ran.out and "these models give what was got" in ran.out


def test_a_simulator_asks_for_dot_products(tmp_path: Path) -> None:
    """serve binds a model and answers by rows, alone and in batches, as the vectors have it."""
    from conformance.vectors.serve import Server

    path = tmp_path / "dots.txt"
    refmath("vectors", *PLAIN, "-n", "50", "-o", str(path))
    rows = [line.split() for line in path.read_text().splitlines()]
    server = Server()
    assert server.answer("open d dot binary16 to=binary32 model=h100 length=4", lambda: None)[0].startswith("ok d x1:16 x2:16")
    expected = [" ".join(row[-2:]) for row in rows]
    assert [server.answer(f"d {' '.join(row[:-2])}", lambda: None)[0] for row in rows] == expected
    waiting = iter([" ".join(row[:-2]) for row in rows])
    assert server.answer(f"batch d {len(rows)}", lambda: next(waiting, None)) == expected
    for bad in (
        "dot binary16 to=binary32",
        "dot binary16 to=binary32 model=h100 length=0",
        "dot binary16 to=binary32 model=h100 length=x",
        "add binary16 model=h100",
    ):
        assert server.answer(f"open e {bad}", lambda: None)[0].startswith("error ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dot", "--from", "binary16", "--to", "binary32"), "--model h100 --length 16"),
        (("dot", "--from", "binary16", "--model", "h100", "--length", "4"), "--to FORMAT"),
        ((*PLAIN[:-1], "0"), "give a length from 1 to 4,096"),
        ((*PLAIN, "--block", "8"), "give the format of the scales"),
        ((*PLAIN, "--plan", "B3"), "use dot, random or exhaustive"),
        ((*PLAIN, "--columns", "exact"), "no columns exact"),
        ((*PLAIN, "--syntax", "fptest"), "has no dot"),
        ((*PLAIN, "-r", "stochastic_a", "--bits", "8"), "rounds more than once"),
        (("dot", "--format", "binary16", "--model", "quire", "--length", "4"), "has no quire"),
        (("add", "--format", "binary16", "--model", "h100"), "belongs to dot"),
        (("dot", "--from", "binary16", "--from", "binary16", "--from", "binary16", "--to", "binary32", "--model", "h100", "--length", "4"), "two vectors"),
    ],
)
def test_what_does_not_go_together(arguments: tuple[str, ...], words: str) -> None:
    """One sentence with the remedy."""
    ran = refmath("vectors", *arguments)
    assert ran.status == 2 and is_one_sentence(ran.err) and words in ran.err and not ran.out
