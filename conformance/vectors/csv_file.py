"""Comma-separated values: a line of column names, then a case a line in upper-case hexadecimal of fixed width; further columns behind the flags.

There is no room for a header: a file has a sidecar. Texts are quoted as RFC 4180 has it; lines end in a newline.
"""

import csv
import io
import json
from collections.abc import Iterator

from conformance.vectors.block import Block
from conformance.vectors.careful import read_fields, without_end
from conformance.vectors.header import Header
from conformance.vectors.lines import LineWriter, Shape, separated
from conformance.vectors.scan import Item, Line, scan
from conformance.vectors.slips import Kind, Slip, shown
from conformance.vectors.streams import Pieces
from conformance.vectors.subject import Subject


def shape(subject: Subject) -> Shape:
    """How its lines look without further columns."""
    return separated(subject, b",")


def start(header: Header) -> bytes:
    """The line of names."""
    return ",".join([*(column.name for column in header.subject.columns), *header.extra]).encode() + b"\n"


def lines(writer: LineWriter, block: Block) -> bytes | memoryview:
    """The lines of a block."""
    plain = writer(block)
    if not block.extra:
        return plain
    text = io.StringIO()
    further = csv.writer(text, lineterminator="\n")
    further.writerows(zip(*([_cell(value) for value in values] for values in block.extra.values()), strict=True))
    return b"".join(line + b"," + more for line, more in zip(bytes(plain).splitlines(), text.getvalue().encode().splitlines(keepends=True), strict=True))


def _cell(value: object) -> str:
    """A value: text as it stands, anything else as JSON."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def read(pieces: Pieces, subject: Subject) -> Iterator[Item]:
    """The cases and the slips of a file, in order; values of further columns as texts."""
    reader = _Reader(subject)
    return scan(pieces, shape(subject), reader)


class _Reader:
    """Reads one line after another; the first one may hold the names."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.names = [column.name for column in subject.columns]
        self.further: list[str] = []

    def __call__(self, line: bytes, number: int) -> Line:
        kinds: list[Kind] = []
        body = without_end(line, kinds)
        if not body.strip():
            return Line(notes=(Slip(Kind.BLANK, number, ""),))
        try:
            cells = next(csv.reader([body.decode()], strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            kind = Kind.NOT_TEXT if isinstance(error, UnicodeDecodeError) else Kind.SYNTAX
            return Line(notes=(Slip(kind, number, shown(body), f"no line of comma-separated values: {error}"),))
        if number == 1 and cells[: len(self.names)] == self.names:
            self.further = cells[len(self.names) :]
            return Line(notes=tuple(Slip(kind, number, shown(body)) for kind in kinds))
        return self._case(cells, number, body, kinds)

    def _case(self, cells: list[str], number: int, body: bytes, kinds: list[Kind]) -> Line:
        count = len(self.names)
        fields = [cell.strip(" \t") for cell in cells[:count]]
        if fields != cells[:count]:
            kinds.append(Kind.SPACES)
        found = read_fields([field.encode("ascii", "replace") for field in fields], number, body, self.subject, kinds)
        if found.values is not None and len(cells) != count + len(self.further):
            return Line(notes=(Slip(Kind.FIELDS, number, shown(body), f"{len(cells)} cells instead of {count + len(self.further)}"),))
        return Line(found.values, found.notes, dict(zip(self.further, cells[count:], strict=False)))
