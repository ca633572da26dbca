"""``refmath serve --stdio``: a line for a line, the same results as the reference, and no request that ends it."""

import io
import random
import subprocess
import sys

import pytest
from command_line import refmath

from conformance.vectors.serve import MAX_LINE, Server, serve
from formats.arithmetic import operation
from formats.projection import Projection
from refmath.rounding import Rounding


def asked(*requests: str) -> list[str]:
    """The answers to some requests."""
    out = io.BytesIO()
    serve(io.BytesIO("".join(f"{request}\n" for request in requests).encode("latin-1")), out)
    return out.getvalue().decode().splitlines()


@pytest.mark.parametrize(
    ("opening", "reference"),
    [
        ("f16_mul rounding=minMag", operation("multiply", "binary16", projection=Projection(Rounding.TOWARD_ZERO))),
        ("fma e4m3fn e4m3fn binary32 to=binary32", operation("fma", "e4m3fn", "e4m3fn", "binary32", to="binary32")),
        ("add 'posit(8, 0)'", operation("add", "posit(8, 0)")),
        ("multiply binary128 rounding=rtp", operation("multiply", "binary128", projection=Projection(Rounding.TOWARD_POSITIVE))),
        ("lt binary32", operation("lt", "binary32")),
    ],
)
def test_results_one_by_one_and_in_batches(opening: str, reference: object) -> None:
    """Each answer is result and flags of the reference; a batch gives the answers of its lines."""
    rng = random.Random(3)
    rows = [[rng.randrange(f.codes) for f in reference.formats] for _ in range(40)]  # type: ignore[attr-defined]
    lines = [" ".join(f"{x:X}" for x in row) for row in rows]
    first, *answers = asked(f"open h {opening}", *(f"h {line}" for line in lines), f"batch h {len(lines)}", *lines)
    assert first.startswith("ok h a:")
    expected = [reference(*row) for row in rows]  # type: ignore[operator]
    assert [tuple(int(field, 16) for field in answer.split()) for answer in answers] == [(found.code, int(found.flags)) for found in expected] * 2


def test_the_random_operand_of_a_stochastic_mode() -> None:
    """It stands behind the operands: 1 + 1/256 into e5m2 goes up for the greatest draw alone that reaches the cut."""
    first, low, high = asked("open s convert binary32 to=e5m2 rounding=stochastic_a bits=8", "s 3F800000 FF", "s 3FBF0000 FF")
    assert first == "ok s a:32 random:8 result:8 flags:5"
    assert (low, high) == ("3C 00", "3E 01")


def test_handles_are_opened_again_and_closed() -> None:
    """The last opening counts; after close the handle is unknown."""
    answers = asked("open h f16_add", "h 3C00 3C00", "open h f16_sub", "h 3C00 3C00", "close h", "h 3C00 3C00", "version", "quit", "version")
    assert answers[1] == "4000 00" and answers[3] == "0000 00" and answers[4] == "ok"
    assert answers[5].startswith("error ") and answers[6].startswith("ok refmath ") and answers[7:] == ["ok"]


BAD = [
    "nonsense", "h", "h 1", "h 1 2 3", "h 1 xyz", "h 10000 1", "h -1 1", "h 1.5 2", "open", "open h", "open h nosuch binary16", "open h add", "open h add nosuch",
    "open h add binary16 to=nosuch", "open h add binary16 rounding=nosuch", "open h add binary16 rounding", "open 1h f16_add", "open open f16_add",
    "open h f16_add binary16", "open h 'add binary16", "close", "close x", "batch", "batch h", "batch h x", "batch h 99999999999", "batch h -1",
    "open h convert binary32 to=e5m2 rounding=stochastic_a", "open h convert binary32 to=e5m2 rounding=stochastic_a bits=x", "open h add binary16 rounding=rtz rounding=rtp",
    "\x00\x01\x02", "\xff\xfe", "h " + "1" * MAX_LINE, "h " + "9" * 5000 + " 1", "batch nosuch 0", "open h add binary16 platform=z80",
]  # fmt: skip


@pytest.mark.parametrize("request_line", BAD)
def test_a_bad_request_is_answered_by_one_line(request_line: str) -> None:
    """It starts with error, and the next request is answered as ever."""
    answers = asked("open h f16_add", request_line, "h 3C00 3C00")
    assert len(answers) == 3, answers
    assert answers[1].startswith("error ") and len(answers[1]) < 600 and answers[1].isprintable()
    assert answers[2] == "4000 00"


def test_bad_lines_of_a_batch_are_answered_in_place() -> None:
    """As many lines as the batch has; one that ends with the input says so."""
    answers = asked("open h f16_add", "batch h 3", "3C00 3C00", "zz", "0 0", "batch h 3", "0 0")
    assert [answer.partition(" ")[0] for answer in answers] == ["ok", "4000", "error", "0000", "0000", "error"]
    assert "2 lines before the end" in answers[5]


def test_operands_that_a_policy_refuses() -> None:
    """A result without a code is an error of its own line."""
    answers = asked("open h convert binary32 to=e2m1 absent_nan=refuse", "h 7FC00000", "batch h 2", "7FC00000", "3F800000")
    assert answers[1].startswith("error ") and answers[2].startswith("error ") and answers[3] == "2 00"


def test_garbage_never_ends_it() -> None:
    """Random lines are answered one for one."""
    rng = random.Random(4)
    server = Server()
    for _ in range(2000):
        line = "".join(rng.choice(" =openbatchcloseh0123fFx_'\"\t,;[]{}$%\\") for _ in range(rng.randrange(1, 40)))
        if line.strip() and not line.strip().startswith(("batch", "quit")):
            answers = server.answer(line, lambda: None)
            assert len(answers) == 1 and answers[0].isprintable()


def test_answers_are_flushed_at_once() -> None:
    """A simulator waits for each answer before it asks again."""
    with subprocess.Popen([sys.executable, "-m", "refmath", "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        for request, answer in (("open h f16_add", "ok h a:16 b:16 result:16 flags:5\n"), ("h 3c00 0x3C00", "4000 00\n"), ("h", "error")):
            process.stdin.write(request + "\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(answer)
        process.stdin.close()
        assert process.wait(60) == 0


def test_the_way_has_to_be_said() -> None:
    """Only --stdio exists, and it has to be given."""
    ran = refmath("serve")
    assert ran.status == 2 and "--stdio" in ran.err
