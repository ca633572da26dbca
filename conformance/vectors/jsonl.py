"""JSON lines: the header, ``{"refmath": ..., ...}``; a case a line, its columns as hexadecimal texts by name; the end, ``{"end": {"count": ..., "sha256": ...}}``.

    {"a": "0000", "b": "BA72", "result": "BA72", "flags": "00"}

Further columns follow the flags, as JSON values.
"""

import json
from collections.abc import Iterator
from typing import Any

from conformance.vectors.block import Block
from conformance.vectors.careful import read_fields, without_end
from conformance.vectors.header import Header, from_data
from conformance.vectors.lines import LineWriter, Shape
from conformance.vectors.readmemh import read_end
from conformance.vectors.scan import End, Item, Line, scan
from conformance.vectors.slips import Kind, Slip, shown
from conformance.vectors.streams import Pieces
from conformance.vectors.subject import Subject
from refmath.errors import RefmathError


def shape(subject: Subject) -> Shape:
    """How its lines look without further columns."""
    names = [column.name for column in subject.columns]
    first, *others = names
    return Shape(subject, (f'{{"{first}": "'.encode(), *(f'", "{name}": "'.encode() for name in others), b'"}\n'))


def start(header: Header) -> bytes:
    """The first line."""
    return header.json().encode() + b"\n"


def finish(header: Header) -> bytes:
    """The last line."""
    return json.dumps({"end": {"count": header.count, "sha256": header.sha256}}).encode() + b"\n"


def lines(writer: LineWriter, block: Block) -> bytes | memoryview:
    """The lines of a block."""
    plain = writer(block)
    if not block.extra:
        return plain
    further = [", ".join(f"{json.dumps(name)}: {json.dumps(values[at])}" for name, values in block.extra.items()) for at in range(len(block))]
    return b"".join(line[:-1] + b", " + more.encode() + b"}\n" for line, more in zip(bytes(plain).splitlines(), further, strict=True))


def header_in(line: bytes) -> Header | None:
    """The header that a first line holds."""
    if not line.startswith(b"{"):
        return None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return from_data(data) if isinstance(data, dict) and "refmath" in data else None


def read(pieces: Pieces, subject: Subject) -> Iterator[Item]:
    """The cases, the headers and the slips of a file, in order."""
    return scan(pieces, shape(subject), lambda line, number: _read_line(line, number, subject))


def _read_line(line: bytes, number: int, subject: Subject) -> Line:
    kinds: list[Kind] = []
    body = without_end(line, kinds)
    if not body.strip():
        return Line(notes=(Slip(Kind.BLANK, number, ""),))
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        return Line(notes=(Slip(Kind.SYNTAX, number, shown(body), f"no JSON object: {error}"),))
    if not isinstance(data, dict):
        return Line(notes=(Slip(Kind.SYNTAX, number, shown(body), "no JSON object"),))
    if "refmath" in data or "end" in data:
        return Line(notes=(_note(data, number, body),))
    return _case(data, number, body, subject, kinds)


def _case(data: dict[str, Any], number: int, body: bytes, subject: Subject, kinds: list[Kind]) -> Line:
    names = [column.name for column in subject.columns]
    missing = [name for name in names if not isinstance(data.get(name), str)]
    if missing:
        return Line(notes=(Slip(Kind.FIELDS, number, shown(body), f"no text for {', '.join(missing)}"),))
    found = read_fields([data[name].encode("ascii", "replace") for name in names], number, body, subject, kinds)
    return Line(found.values, found.notes, {name: value for name, value in data.items() if name not in names})


def _note(data: dict[str, Any], number: int, body: bytes) -> Header | End | Slip:
    try:
        return from_data(data) if "refmath" in data else read_end(data["end"])
    except (RefmathError, AttributeError) as error:
        return Slip(Kind.SYNTAX, number, shown(body), f"a header that cannot be used: {error}")
