"""Test vectors as text: cases made, computed and written, and read, recomputed and judged, in processor time: one core through the array engine, two beyond it.

Beside Berkeley TestFloat where REFMATH_TESTFLOAT names a folder with ``testfloat_gen`` and ``testfloat_ver``.
"""

import os
import resource
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.measure import Row, side_by_side
from conformance.cases.plan import plan
from conformance.vectors import reading, writing
from conformance.vectors.functions import function
from conformance.vectors.generate import blocks
from conformance.vectors.header import Header, Origin
from conformance.vectors.subject import Subject, make
from conformance.vectors.verify import verify
from formats.notation import parse
from formats.projection import AbsentNaN

TESTFLOAT = os.environ.get("REFMATH_TESTFLOAT", "")
ITEMS = {"f16_add": 1 << 22, "f32_mul": 1 << 22, "f32_mulAdd": 6_133_248}
"""Lines; of fma as many as level 1 has, for testfloat_gen takes no fewer."""
SLOW_ITEMS = 1 << 18
REPEATS = 5
BINARY32 = parse("binary32")
PLANS = ("random", "testfloat 1")
DRAWN = 1 << 23
"""Operands that are made at a time."""
GENERATE = {"f16_add": 1 / 15e6, "f32_mul": 1 / 15e6, "f32_mulAdd": 1 / 10e6}
"""Seconds a line may take to be made and written."""
VERIFY = 1 / 12e6
BEYOND = ("f128_add", "f128_mul", "f128_mulAdd", "f128_div", "f128_rem", "f128_eq", "f128_to_i32", "extF80_add")
FURTHER = {"takum_log32 add": ("takum_log32", "add"), "takum_log64 multiply": ("takum_log64", "multiply"), "takum_log64 fma": ("takum_log64", "fma"),
           "lns12.51 add": ("lns12.51", "add"), "posit64 divide": ("posit64", "divide"), "takum64 fma": ("takum64", "fma")}  # fmt: skip
"""Formats and operations that TestFloat has not, beyond the array engine too."""
BEYOND_LIMIT = 1 / 100e3
TWO = "refmath, two processes"
"""Two cores that do 100,000 lines a second spend twice ``BEYOND_LIMIT`` on a line."""


def write(subject: Subject, count: int, name: str, sums: bool = False) -> None:
    """Random cases into a file: as on a pipe without a sum."""
    made = plan("random", subject.operation, subject.formats, subject.target, subject.how, count, 1)
    writing.write(name, Header(subject, "testfloat", Origin("random", 1, count)), blocks(subject, made), beside=sums)


def read(subject: Subject, name: str) -> None:
    """Verify a file of cases that are all right."""
    verdict = verify(reading.open_cases(name, "testfloat").items(subject), subject)
    assert verdict.cases and not verdict.wrong and not verdict.slipped


def theirs(program: str, arguments: list[str], source: str = os.devnull) -> None:
    """Run a program of TestFloat."""
    with Path(source).open("rb") as lines:
        subprocess.run([Path(TESTFLOAT) / program, *arguments], stdin=lines, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def processor_time() -> float:
    """Seconds of this process and of those that it has ended: other programs on the machine disturb them less."""
    own, ended = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def drawn(name: str) -> None:
    """Operands of a plan, made and thrown away."""
    for _ in plan(name, "multiply", (BINARY32, BINARY32), BINARY32, BINARY32.default, DRAWN // 2).chunks():
        pass


def run() -> list[Row]:
    """Operands made, lines written and lines verified, for each function."""
    rows = side_by_side("a binary32 operand", {name: partial(drawn, name) for name in PLANS}, DRAWN, dict.fromkeys(PLANS, 1 / 100e6), REPEATS, processor_time)
    with tempfile.TemporaryDirectory() as folder:
        for name in GENERATE:
            rows += by_kernels(name, str(Path(folder) / name))
        beyond = {name: function(name, {}) for name in BEYOND} | {name: subject_of(*of) for name, of in FURTHER.items()}
        for name, subject in beyond.items():
            path = str(Path(folder) / name)
            write(subject, SLOW_ITEMS, path)
            for what, call in (("written", partial(write, subject, SLOW_ITEMS, os.devnull)), ("verified", partial(read, subject, path))):
                rows += side_by_side(f"{name}: a line {what}", {TWO: call}, SLOW_ITEMS, {TWO: 2 * BEYOND_LIMIT}, 3, processor_time)
    return rows


def subject_of(source: str, operation: str) -> Subject:
    """An operation of a format on itself, a NaN becoming a zero where there is none."""
    return make(operation, (parse(source),), policies={"absent_nan": AbsentNaN.ZERO})


def by_kernels(name: str, path: str) -> list[Row]:
    """A function that the array engine computes, beside TestFloat where it is there."""
    subject, items = function(name, {}), ITEMS[name]
    ours: dict[str, Callable[[], object]] = {"refmath vectors": partial(write, subject, items, os.devnull)}
    if TESTFLOAT:
        ours["testfloat_gen"] = partial(theirs, "testfloat_gen", ["-n", str(items), name])
    rows = side_by_side(f"{name}: a line written", ours, items, {"refmath vectors": GENERATE[name]}, REPEATS, processor_time)
    write(subject, items, path)
    judged: dict[str, Callable[[], object]] = {"refmath verify": partial(read, subject, path)}
    if TESTFLOAT:
        judged["testfloat_ver"] = partial(theirs, "testfloat_ver", [name], path)
    limits = {"refmath verify": VERIFY} if name != "f32_mulAdd" else {}
    return rows + side_by_side(f"{name}: a line verified", judged, items, limits, REPEATS, processor_time)
