"""The syntaxes of files of cases by name, and how one is told from the name or the first bytes of a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from conformance.vectors import csv_file, fptest_file, jsonl, readmemh, testfloat
from conformance.vectors.block import Block
from conformance.vectors.header import Header
from conformance.vectors.lines import LineWriter, Shape
from conformance.vectors.parquet import MAGIC
from conformance.vectors.scan import Item
from conformance.vectors.streams import Pieces, stem
from conformance.vectors.subject import Subject
from refmath.errors import RefmathError, quote


def _nothing(_: Header) -> bytes:
    return b""


def _plain(writer: LineWriter, block: Block) -> bytes | memoryview:
    return writer(block)


@dataclass(frozen=True)
class Syntax:
    """How cases are written as lines, and read."""

    name: str
    suffixes: tuple[str, ...]
    about: str
    shape: Callable[[Subject], Shape]
    read: Callable[[Pieces, Subject], Iterator[Item]]
    lines: Callable[[LineWriter, Block], bytes | memoryview] = _plain
    start: Callable[[Header], bytes] = _nothing
    finish: Callable[[Header], bytes] = _nothing
    header_in: Callable[[bytes], Header | None] = lambda line: None
    """The header that the first line of a file holds."""
    holds_header: bool = False
    """Whether files have no need of a sidecar."""
    holds_extra: bool = False
    """Whether there is room for further columns."""


SYNTAXES = {
    syntax.name: syntax
    for syntax in (
        Syntax("testfloat", (".txt", ".tv", ".testfloat"), "TestFloat text", testfloat.shape, testfloat.read),
        Syntax(
            "readmemh", (".mem", ".hex", ".memh"), "$readmemh, a word a case", readmemh.shape, readmemh.read,
            start=readmemh.start, finish=readmemh.finish, header_in=readmemh.header_in, holds_header=True,
        ),
        Syntax(
            "readmemh-fields", (), "$readmemh, a word a field", readmemh.spaced, readmemh.read_spaced,
            start=readmemh.start, finish=readmemh.finish, header_in=readmemh.header_in, holds_header=True,
        ),
        Syntax("fptest", (".fptest",), "IBM FPgen's test cases", testfloat.shape, fptest_file.read, fptest_file.lines, fptest_file.start),
        Syntax(
            "jsonl", (".jsonl", ".ndjson"), "JSON lines", jsonl.shape, jsonl.read, jsonl.lines,
            jsonl.start, jsonl.finish, jsonl.header_in, holds_header=True, holds_extra=True,
        ),
        Syntax("csv", (".csv",), "comma-separated values", csv_file.shape, csv_file.read, csv_file.lines, csv_file.start, holds_extra=True),
    )
}  # fmt: skip
"""Those that are lines; beside them stands ``parquet``."""
PARQUET = "parquet"
NAMES = (*SYNTAXES, PARQUET)


def named(name: str) -> str:
    """A syntax by name. ``RefmathError`` where there is none."""
    if name in NAMES:
        return name
    raise RefmathError(f"{quote(name)} is not a syntax of files of cases; use one of {', '.join(NAMES)}.")


def of_file(name: str) -> str | None:
    """The syntax that the name of a file tells; None where it tells none."""
    suffix = PurePath(stem(name)).suffix.lower()
    if suffix == ".parquet":
        return PARQUET
    return next((syntax.name for syntax in SYNTAXES.values() if suffix in syntax.suffixes), None)


def of_text(start: bytes) -> str:
    """The syntax that the first bytes of a file tell, TestFloat text where they tell none."""
    if start.startswith(MAGIC):
        return PARQUET
    line = start.lstrip().partition(b"\n")[0]
    if line.startswith(b"{"):
        return "jsonl"
    if line.startswith(b"//"):
        second = next((body for body in start.splitlines() if not body.startswith(b"//")), b"")
        return "readmemh" if b"_" in second or not second else "readmemh-fields"
    if line.startswith(b"a,"):
        return "csv"
    return "fptest" if fptest_file.is_case(line) or line.startswith(b"Floating point tests") else "testfloat"
