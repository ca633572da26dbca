"""``refmath order``: what it prints, its exit statuses, and libraries that crash, hang, raise or print."""

import re
from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

pytest.importorskip("numpy")

PLANTED = """
import os, signal, time
from conformance.accumulation import Summation
from conformance.cases.sums import Case
from conformance.claims import Claim
from conformance.emulators.sums import Library
from formats import parse
from formats.accumulate import dot, total

B32 = parse("binary32")


def good(case):
    print("noise on the standard output")
    return total("lanes(4)", B32, case.xs).code if case.ys is None else dot("sequential(fma)", B32, case.xs, case.ys).code


def crash(case):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(case):
    os._exit(7)


def hang(case):
    time.sleep(60)


def bad(case):
    raise ValueError("no such kernel\\nsecond line")


def functions(*named):
    return tuple(Summation(Claim("planted", op, (B32,) * (1 + (op == "dot")), B32, B32.default, f"planted.{run.__name__}", "eager", "cpu"), run) for op, run in named)


def well(device):
    return Library("planted 1.0, " + device, functions(("sum", good), ("dot", good)))


def crashing(device):
    return Library("planted 1.0", functions(("sum", good), ("sum", crash)))


def leaving(device):
    return Library("planted 1.0", functions(("sum", leave),))


def hanging(device):
    return Library("planted 1.0", functions(("sum", good), ("sum", hang)))


def raising(device):
    return Library("planted 1.0", functions(("sum", bad), ("dot", good)))


def absent(device):
    raise RuntimeError("no device of that kind")
"""


@pytest.fixture(autouse=True)
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module ``planted`` of libraries that the process can import."""
    (tmp_path / "planted.py").write_text(PLANTED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_what_it_shows() -> None:
    """A line for each model, lengths of the same answer together; what the library prints is not seen."""
    ran = refmath("order", "planted:well", "-n", "6", "-n", "9", "--cases", "20")
    assert (ran.status, ran.err) == (0, "")
    assert ran.lines[0] == "planted 1.0, cpu"
    shown = [" ".join(line.split()) for line in ran.lines]
    assert "planted.good binary32" in shown
    assert "n = 6, 9 lanes(4) in binary32" in shown
    assert "n = 6, 9 sequential(fma) in binary32" in shown
    assert any(re.fullmatch(r"\d+ other models are refuted: -v shows how, and the trees", line) for line in shown)


def test_verbose_shows_trees_and_counterexamples() -> None:
    """-v: the tree as a drawing, and a case against each other model."""
    ran = refmath("order", "planted:well", "--length", "6", "--cases", "20", "-v")
    assert ran.status == 0
    assert [line.strip() for line in ran.lines[5:12]] == ["+", "├ +", "│ ├ +", "│ │ ├ (0 1)", "│ │ └ (2 3)", "│ └ 4", "└ 5"]
    assert re.search(r"not exact in binary32:\n +gives -?0x\S+, the function -?0x\S+, for x\d = ", ran.out)


def test_json() -> None:
    """--json: one object, the tree, the models, the counterexamples as codes and numbers."""
    ran = refmath("order", "planted:well", "-n", "6", "--cases", "20", "--json")
    assert (ran.status, ran.data["schema"]) == (0, "refmath-order/1")
    (one,) = ran.data["libraries"]
    assert (one["library"], one["description"], one["error"]) == ("planted:well", "planted 1.0, cpu", "")
    first = one["found"][0]
    expected = {"call": "planted.good", "operation": "sum", "of": "binary32", "result": "binary32", "n": 6, "tree": "((((0 1) (2 3)) 4) 5)", "cases": 20}
    assert {key: first[key] for key in expected} == expected
    assert first["equal"][0] == {"model": "lanes(4)", "in": "binary32", "text": "lanes(4) in binary32"}
    assert {"at", "x", "y"} == set(first["rejected"][0]["operands"][0])
    assert set(first["rejected"][0]["got"]) == {"code", "value", "hexadecimal"}


def test_a_model_that_is_demanded_decides_the_status() -> None:
    """--model: 0 where every function equals one of those named, 1 where one does not."""
    common = ("order", "planted:well", "-n", "6", "--cases", "20")
    assert refmath(*common, "--model", "lanes(4)").status == 1
    assert refmath(*common, "--model", "lanes(4)", "--model", "sequential(fma)").status == 0


@pytest.mark.parametrize(
    ("library", "sentence", "kept"),
    [
        ("crashing", "planted.crash of 6 binary32 numbers crashed: its process was ended by SIGSEGV", True),
        ("leaving", "planted.leave of 6 binary32 numbers ended the process with exit status 7", False),
        ("hanging", "planted.hang of 6 binary32 numbers did not answer within 3 s", True),
        ("raising", "planted.bad raised ValueError: no such kernel", True),
        ("absent", "planted:absent raised RuntimeError: no device of that kind", False),
        ("nothing", "planted:nothing raised AttributeError", False),
    ],
)
def test_libraries_that_fail(library: str, sentence: str, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, an exit, a hang, an exception: a sentence, exit status 3, and the other answers are there."""
    monkeypatch.setattr("conformance.orders.START_LIMIT", 20.0)
    ran = refmath("order", f"planted:{library}", "-n", "6", "--cases", "20", "--time-limit", "3")
    assert ran.status == 3
    assert sentence in " ".join(ran.out.split())
    assert ("lanes(4) in binary32" in ran.out or "sequential(fma) in binary32" in ran.out) == kept


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("scipy",), "'scipy' has no sums that are known here"),
        (("numpy", "-n", "65"), "--length 65 is impossible"),
        (("numpy", "-n", "0"), "--length 0 is impossible"),
        (("numpy", "--cases", "0"), "--cases 0 is impossible"),
        (("numpy", "--device", "tpu"), "'tpu' is not a device"),
        (("numpy", "--time-limit", "0"), "leaves no time"),
        (("numpy", "--model", "kahan"), "'kahan' is not a model of accumulation"),
        (("numpy", "--format", "nothing"), "'nothing' is not a known format"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], complaint: str) -> None:
    """One sentence, exit status 2, nothing done."""
    ran = refmath("order", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert complaint in ran.err and is_one_sentence(ran.err)


@pytest.mark.parametrize("at", range(3))
def test_examples_of_the_help_work(at: int) -> None:
    """What the help tells people to type works; what needs a GPU is left out."""
    lines = [line.strip() for line in refmath("order", "--help").lines if line.startswith("    refmath ")]
    shown = [line for line in lines if "cuda" not in line]
    assert (len(lines), len(shown)) == (4, 3)
    pytest.importorskip(shown[at].split()[2])
    ran = refmath(*shown[at].split()[1:], *(() if "--length" in shown[at] else ("-n", "9")), "--cases", "20")
    assert (ran.status, ran.err) == (0, "")


def test_functions_and_formats_that_are_not_there() -> None:
    """A function that is not probed, a format that the library has not: a sentence of the library, exit status 3."""
    for arguments, complaint in ((("--function", "cumsum"), "'cumsum' is no function that is probed"), (("--format", "bfloat16"), "is not probed on bfloat16")):
        ran = refmath("order", "numpy", *arguments)
        assert ran.status == 3 and complaint in " ".join(ran.out.split())
