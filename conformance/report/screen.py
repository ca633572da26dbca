"""Lines for people. A line is made of spans; a style colours a span on a terminal, and elsewhere the same text stands alone.

``rich`` is loaded only where colour is wanted: it honours ``NO_COLOR`` and what the terminal can do.
"""

import os
import shutil
import sys
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

Style = Literal["", "label", "sign", "exponent", "significand", "strong", "good", "bad", "warn", "dim", "code"]

STYLES: dict[Style, str] = {
    "": "",
    "label": "bold",
    "sign": "red",
    "exponent": "green",
    "significand": "cyan",
    "strong": "bold",
    "good": "bold green",
    "bad": "bold red",
    "warn": "yellow",
    "dim": "dim",
    "code": "magenta",
}
"""What each style looks like."""

LABEL = 11
"""Columns of the label that starts a line."""
PLAIN_WIDTH = 110
"""The width where there is no terminal."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one style."""

    text: str
    style: Style = ""


Piece: TypeAlias = str | Span
Line: TypeAlias = Sequence[Piece]
Cell: TypeAlias = Piece | Line


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in line)


def show(lines: Iterable[Line]) -> None:
    """Print lines on the standard output, with colour where that is a terminal."""
    console = _console() if _coloured() else None
    for line in lines:
        if console is None:
            print(plain(line).rstrip())
        else:
            from rich.text import Text

            parts = [(piece, "") if isinstance(piece, str) else (piece.text, STYLES[piece.style]) for piece in line]
            console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)


def _coloured() -> bool:
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and not os.environ.get("NO_COLOR"))


def _console() -> "Console":
    from rich.console import Console

    return Console(file=sys.stdout, emoji=False, markup=False)


@cache
def width() -> int:
    """The columns that text is wrapped to."""
    return max(60, min(160, shutil.get_terminal_size().columns)) if sys.stdout.isatty() else PLAIN_WIDTH


def show_json(data: Any) -> None:
    """Print data as JSON on the standard output."""
    import json

    print(json.dumps(data, indent=2, ensure_ascii=False))


def row(label: str, *pieces: Piece) -> list[Piece]:
    """A line that starts with a label in its own column."""
    return [Span(f"{label} ".ljust(LABEL), "label"), *pieces]


def noted(line: Line, note: str, column: int) -> list[Line]:
    """A line with a note from ``column`` on, or behind it where it is longer, or on a line of its own where both do not fit."""
    if not note:
        return [line]
    length = len(plain(line))
    if length + 3 + len(note) <= max(width(), column + len(note)):
        return [[*line, " " * max(3, column - length), Span(note, "dim")]]
    return [line, row("", Span(note, "dim"))]


def wrap(items: Sequence[str], room: int, separator: str = ", ") -> list[str]:
    """A list of items in as many texts as it takes for ``room`` columns."""
    texts: list[str] = []
    current = ""
    for item in items:
        longer = current + separator + item if current else item
        if current and len(longer) > room:
            texts.append(current + separator.rstrip())
            current = item
        else:
            current = longer
    return [*texts, current]


def listing(label: str, items: Sequence[str], separator: str = ", ") -> list[Line]:
    """A label and a list of items, wrapped beside it."""
    return [row("" if at else label, text) for at, text in enumerate(wrap(items, width() - LABEL, separator))]


def columns(rows: Sequence[Sequence[Cell]], gap: int = 2, right: Container[int] = ()) -> list[Line]:
    """Rows of cells as aligned lines; the columns named in ``right`` are set flush right."""
    table = [[[cell] if isinstance(cell, str | Span) else list(cell) for cell in cells] for cells in rows]
    widths = [max(len(plain(cell)) for cell in column) for column in zip(*table, strict=True)]
    lines: list[Line] = []
    for cells in table:
        line: list[Piece] = []
        for at, (cell, size) in enumerate(zip(cells, widths, strict=True)):
            pad = " " * (size - len(plain(cell)))
            line += [*([" " * gap] if at else []), *([pad, *cell] if at in right else [*cell, pad])]
        lines.append(line)
    return lines
