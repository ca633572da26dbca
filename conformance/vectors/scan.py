"""Reading lines at two speeds: whole stretches by the kernels as long as every byte is as it has to be, and line by line with care around whatever is not.

No line is skipped in silence, whatever is in it, and no more of a file is held than a piece of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conformance.vectors.block import Block, from_rows
from conformance.vectors.header import Header
from conformance.vectors.lines import LineReader, Parsed, Shape
from conformance.vectors.slips import Kind, Slip, shown
from conformance.vectors.streams import Pieces

MAX_LINE = 1 << 16
"""Bytes of the longest line that is looked at."""
CAREFUL = 512
"""Lines that are read with care after one that has a slip, before the kernels try again."""
WINDOW = 1 << 15
"""Bytes that the kernels try after a slip; twice as many after each success."""


@dataclass(frozen=True, slots=True)
class End:
    """What the end of a file says of the whole."""

    count: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says."""

    values: tuple[int, ...] | None = None
    """Its fields; None for a line that is no case."""
    notes: tuple["Slip | Header | End", ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    """Further columns."""


Item: TypeAlias = Block | Slip | Header | End
"""What is found in a file, in order."""
Care: TypeAlias = Callable[[bytes, int], Line]
"""What reads a line, whose number is given, with care."""


def scan(pieces: Pieces, shape: Shape, care: Care) -> Iterator[Item]:
    """What a file holds. ``pieces``: its bytes, in pieces of any size."""
    reader, rest, line, lost, window = LineReader(shape), b"", 1, 0, WINDOW
    for piece in pieces:
        if isinstance(piece, Slip):
            yield from _careful([rest], line, shape, care) if rest else ()
            yield Slip(piece.kind, line, piece.text, piece.reason)
            return
        text = rest + piece
        if lost:
            cut = text.find(b"\n")
            lost, text = lost + (len(text) if cut < 0 else cut), b"" if cut < 0 else text[cut + 1 :]
            if cut < 0:
                rest = b""
                continue
            yield too_long(lost, line)
            line, lost = line + 1, 0
        at, whole = 0, text.rfind(b"\n") + 1
        view = memoryview(text)
        while at < whole:
            end = whole if at + window >= whole else text.index(b"\n", at + window) + 1
            items, used, lines = _next(reader, view[at:end], line, care)
            yield from items
            window = WINDOW if at + used < end else 2 * window
            at, line = at + used, line + lines
        rest = text[whole:]
        if len(rest) > MAX_LINE:
            lost, rest = len(rest), b""
    if lost:
        yield too_long(lost, line)
    if rest:
        yield from _careful([rest], line, shape, care)


def _next(reader: LineReader, text: memoryview, line: int, care: Care) -> tuple[list[Item], int, int]:
    """What is read next of some whole lines, the bytes that it takes, and how many lines those are."""
    parsed = reader(text, line)
    if parsed.block is not None:
        return [parsed.block, *_lower(parsed, text, line, reader.shape.stride)], parsed.used, len(parsed.block)
    if converted := _without_returns(text, reader, line):
        return converted
    lines: list[bytes] = []
    end, start = 0, bytes(text[: CAREFUL * (reader.shape.stride + 80)])
    while len(lines) < CAREFUL and (stop := start.find(b"\n", end) + 1):
        lines.append(start[end:stop])
        end = stop
    if not lines:
        start = bytes(text)
        end = start.index(b"\n") + 1
        lines = [start[:end]]
    return _careful(lines, line, reader.shape, care), end, len(lines)


def _without_returns(text: memoryview, reader: LineReader, line: int) -> tuple[list[Item], int, int] | None:
    """The same for text all of whose lines end in a carriage return and a newline, and have no other slip."""
    stride = reader.shape.stride
    count = len(text) // (stride + 1)
    if not count or bytes(text[stride - 1 : stride + 1]) != b"\r\n":
        return None
    whole = bytes(text[: count * (stride + 1)])
    if whole.count(b"\r\n") != count or whole.count(b"\n") != count:
        return None
    parsed = reader(whole.replace(b"\r\n", b"\n"), line)
    if parsed.block is None:
        return None
    found = len(parsed.block)
    slips = [Slip(Kind.CARRIAGE_RETURN, line, shown(whole[:stride]), count=found), *_lower(parsed, text, line, stride + 1)]
    return [parsed.block, *slips], parsed.used + found, found


def _lower(parsed: Parsed, text: memoryview, line: int, stride: int) -> list[Slip]:
    """That lines have lower-case digits."""
    count, first = parsed.lower
    return [Slip(Kind.LOWER_CASE, line + first, shown(bytes(text[first * stride : (first + 1) * stride])), count=count)] if count else []


def _careful(lines: list[bytes], first: int, shape: Shape, care: Care) -> list[Item]:
    """The cases and the notes of some lines, each read with care; cases come before the header or the end that stands behind them."""
    found: list[Item] = []
    rows: list[Line] = []
    numbers: list[int] = []
    for number, text in enumerate(lines, first):
        line = care(text, number) if len(text) <= MAX_LINE else Line(notes=(too_long(len(text), number),))
        if any(isinstance(note, Header | End) for note in line.notes):
            found += _block(shape, rows, numbers)
            rows, numbers = [], []
        found += line.notes
        if line.values is not None:
            rows.append(line)
            numbers.append(number)
    return [*found, *_block(shape, rows, numbers)]


def _block(shape: Shape, rows: list[Line], numbers: list[int]) -> list[Item]:
    names = dict.fromkeys(name for row in rows for name in row.extra)
    extra = {name: [row.extra.get(name) for row in rows] for name in names}
    return [from_rows(shape.subject, [row.values for row in rows if row.values is not None], numbers, extra)] if rows else []


def too_long(size: int, line: int) -> Slip:
    """That a line is longer than any that is looked at."""
    return Slip(Kind.TOO_LONG, line, "", f"a line of {size:,} bytes; none is longer than {MAX_LINE:,}")
