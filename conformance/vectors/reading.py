"""Opening a file of cases: which syntax it has, what it says of itself, and what is in it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from conformance.vectors import parquet
from conformance.vectors.header import Header, read_sidecar
from conformance.vectors.scan import End, Item
from conformance.vectors.slips import Slip
from conformance.vectors.streams import pieces
from conformance.vectors.subject import Subject
from conformance.vectors.syntaxes import PARQUET, SYNTAXES, named, of_file, of_text
from refmath.errors import RefmathError, quote


@dataclass(frozen=True)
class Opened:
    """A file of cases."""

    name: str
    syntax: str
    header: Header | None
    """What the file, or its sidecar, says of it."""
    parts: Iterator[bytes | Slip]
    """All its bytes."""

    def items(self, subject: Subject) -> Iterator[Item]:
        """What is in it, the cases read as those of a subject."""
        if self.syntax == PARQUET:
            with parquet.sought(self.name, self.parts) as stream:
                yield from parquet.read(stream, subject)
            return
        yield from SYNTAXES[self.syntax].read(self.parts, subject)
        if self.header is not None and not SYNTAXES[self.syntax].holds_header:
            yield End(self.header.count, None if self.syntax == "fptest" else self.header.sha256)


def open_cases(name: str, syntax: str | None = None) -> Opened:
    """Open a file, ``-`` being the standard input. ``syntax``: where it is not the one that its name, or else its first bytes, tell."""
    parts = pieces(name)
    first = next(parts, b"")
    start = first if isinstance(first, bytes) else b""
    found = named(syntax) if syntax else of_file(name) or of_text(start)
    everything: Iterator[bytes | Slip] = chain([first], parts) if first else parts
    header = read_sidecar(name)
    if header is None and found != PARQUET:
        header = SYNTAXES[found].header_in(start.partition(b"\n")[0])
    if header is None and found == PARQUET:
        with parquet.sought(name, everything) as stream:
            header = parquet.header_of(parquet.file_in(stream))
            everything = iter([stream.getvalue()]) if isinstance(stream, io.BytesIO) else everything
    return Opened(name, found, header, everything)


def subject_of(opened: Opened, stated: Subject | None) -> Subject:
    """What the cases of a file compute. ``RefmathError`` where neither the command nor the file says so."""
    if stated is not None:
        return stated
    if opened.header is None:
        where = "the standard input" if opened.name == "-" else quote(opened.name)
        raise RefmathError(f"Nothing says what the cases of {where} compute: name the operation, as in 'refmath verify add --format binary16 FILE'.")
    return opened.header.subject
