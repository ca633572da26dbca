"""What a person types for an operand, by the rule of ``formats.literals``; a value, where a format is given, is first rounded into it."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from formats import Format, Projection
from formats.literals import HEXADECIMAL, is_code, nan_of, parse_code, written_as
from refmath.datum import Datum, NaN
from refmath.errors import RefmathError, quote
from refmath.flags import Flags
from refmath.text import parse_datum

MAX_FILE = 256 << 20
"""The greatest file of operands, in bytes."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand, read."""

    text: str
    """As it was typed."""
    datum: Datum
    """What is operated on: the meaning of the code where there is one."""
    code: int | None
    """The code in the source format; None without one."""
    written: Datum
    """What the text denotes, before it was rounded into the source format."""
    flags: Flags = Flags.NONE
    """What that first rounding raised."""

    @property
    def rounded(self) -> bool:
        """Whether the value that was typed is none of the source format."""
        return not isinstance(self.written, NaN) and self.written != self.datum


def read(text: str, source: Format | None) -> Operand:
    """The operand that a text denotes, as a value of ``source`` where that is given."""
    if source is None:
        if is_code(text):
            remedy = f"{text.strip()}p0 for the number" if HEXADECIMAL.fullmatch(text.strip()) and len(text) < 40 else "a number as such"
            raise RefmathError(f"{quote(text)} is a code, and no format says what it means: give --from FORMAT, or write {remedy}.")
        written = parse_datum(text)
        return Operand(text, written, None, written)
    code = parse_code(text, source)
    if code is not None:
        datum = source.decode(code)
        return Operand(text, datum, code, datum)
    written = parse_datum(text)
    code, flags = _into(source, written, text)
    return Operand(text, source.decode(code), code, written, flags)


def _into(source: Format, written: Datum, text: str) -> tuple[int, Flags]:
    if isinstance(written, NaN) and not source.has_nan:
        raise RefmathError(f"{quote(text)}: {source.name} has no NaN; give a number.")
    return written_as(source, written, source.default)


def projected(operand: Operand, source: Format | None, target: Format, how: Projection) -> Datum:
    """What is projected into ``target``: the operand's datum, after the policies for operands."""
    if source is not None and operand.code is not None:
        return source.operand(operand.code, how.operands)
    if isinstance(operand.datum, NaN) and target.has_nan:
        return nan_of(target, operand.datum)
    return operand.datum


def expand(texts: Iterable[str]) -> Iterator[str]:
    """The operands of a command line: ``-`` stands for the lines of the standard input, ``@FILE`` for those of a file.

    Empty lines and what follows a ``#`` are left out.
    """
    for text in texts:
        if text == "-":
            yield from _lines(sys.stdin)
        elif text.startswith("@"):
            yield from _file(text[1:])
        else:
            yield text


def _file(name: str) -> Iterator[str]:
    path = Path(name)
    try:
        if path.is_file() and path.stat().st_size > MAX_FILE:
            raise RefmathError(f"{quote(name)} is larger than {MAX_FILE >> 20} MiB; split it.")
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            yield from _lines(lines)
    except (OSError, ValueError) as error:
        if isinstance(error, RefmathError):
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RefmathError(f"Cannot read {quote(name)}: {reason}.") from error


def _lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        body = line.partition("#")[0].strip()
        if body:
            yield body


def read_values(texts: Iterable[str]) -> list[Datum]:
    """Values, exactly: as typed, or several in a text or line, parted by spaces or commas; ``@FILE`` and ``-`` as in ``expand``."""
    return [parse_datum(word) for text in expand(texts) for word in text.replace(",", " ").split()]
