"""Memory files for Verilog's ``$readmemh``: a case is one word, its fields parted by ``_``; or, as fields, one word each.

Everything behind ``//`` is a comment. The first line holds the header, ``// refmath {...}``, and the last one what is known only then, ``// end {...}``.
"""

import json
import re
from collections.abc import Iterator

from conformance.vectors.careful import is_text, read_fields, split, without_end
from conformance.vectors.header import Header, read_header
from conformance.vectors.lines import Shape, separated
from conformance.vectors.scan import End, Item, Line, scan
from conformance.vectors.slips import Kind, Slip, shown
from conformance.vectors.streams import Pieces
from conformance.vectors.subject import Subject
from refmath.errors import RefmathError

HEADER, END = b"// refmath ", b"// end "
_COMMENT = re.compile(rb"//.*|/\*.*?\*/")
_ADDRESS = re.compile(rb"@[0-9A-Fa-f_]+")


def shape(subject: Subject) -> Shape:
    """How its lines look, one word a case."""
    return separated(subject, b"_")


def spaced(subject: Subject) -> Shape:
    """How its lines look, one word a field."""
    return separated(subject, b" ")


def start(header: Header) -> bytes:
    """The first line."""
    return HEADER + header.json().encode() + b"\n"


def finish(header: Header) -> bytes:
    """The last line."""
    return END + json.dumps({"count": header.count, "sha256": header.sha256}).encode() + b"\n"


def header_in(line: bytes) -> Header | None:
    """The header that a first line holds."""
    return read_header(line[len(HEADER) :].decode("utf-8", "replace")) if line.startswith(HEADER) else None


def read(pieces: Pieces, subject: Subject) -> Iterator[Item]:
    """The cases, the headers and the slips of a file of either kind, in order."""
    return scan(pieces, shape(subject), lambda line, number: _read_line(line, number, subject))


def read_spaced(pieces: Pieces, subject: Subject) -> Iterator[Item]:
    """The same, faster where every field is a word."""
    return scan(pieces, spaced(subject), lambda line, number: _read_line(line, number, subject))


def _read_line(line: bytes, number: int, subject: Subject) -> Line:
    if line.startswith((HEADER, END)):
        return Line(notes=(_note(line, number),))
    kinds: list[Kind] = []
    body = without_end(line, kinds)
    if not is_text(body):
        return Line(notes=(Slip(Kind.NOT_TEXT, number, shown(body)),))
    words = _COMMENT.sub(b"", body).strip()
    if not words:
        return Line(notes=() if body.strip() else (Slip(Kind.BLANK, number, ""),))
    if _ADDRESS.match(words):
        return Line(notes=(Slip(Kind.SYNTAX, number, shown(body), "an address; cases stand one after another"),))
    separator = b"_" if b"_" in words else b" "
    return read_fields(split(words, separator, kinds), number, body, subject, kinds)


def _note(line: bytes, number: int) -> Header | End | Slip:
    try:
        found = header_in(line)
        return found if found is not None else read_end(json.loads(line[len(END) :]))
    except (RefmathError, ValueError, AttributeError) as error:
        return Slip(Kind.SYNTAX, number, shown(line), f"a header that cannot be used: {error}")


def read_end(data: dict[str, object]) -> End:
    """What the last line says."""
    count, digest = data.get("count"), data.get("sha256")
    return End(count if isinstance(count, int) else None, digest if isinstance(digest, str) else None)
