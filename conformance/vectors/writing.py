"""Writing a file of cases: in any syntax, compressed by the suffix of its name, with a header in it or beside it, and with its twin of known errors."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import IO

from conformance.vectors import columns, parquet, testfloat
from conformance.vectors.block import Block
from conformance.vectors.header import Header, write_sidecar
from conformance.vectors.lines import LineWriter
from conformance.vectors.streams import compression, sink
from conformance.vectors.syntaxes import PARQUET, SYNTAXES
from refmath.errors import RefmathError


class Tally:
    """Passes blocks on, counts their cases, and sums them up as TestFloat text."""

    def __init__(self, header: Header, sums: bool) -> None:
        self.header, self.count = header, 0
        self.digest = hashlib.sha256() if sums else None
        self.writer = LineWriter(testfloat.shape(header.subject))

    def add(self, block: Block) -> memoryview | None:
        """Take a block; its lines as TestFloat text, where they are summed up."""
        self.count += len(block)
        if self.digest is None:
            return None
        text = self.writer(block)
        self.digest.update(text)
        return text

    def ended(self) -> Header:
        """The header of all that was taken."""
        return self.header.ended(self.count, self.digest.hexdigest()) if self.digest is not None else self.header


def check(header: Header, name: str) -> None:
    """``RefmathError`` where a file of that name cannot hold such cases."""
    syntax = SYNTAXES.get(header.syntax)
    columns.check(header.subject, header.extra)
    if header.extra and syntax is not None and not syntax.holds_extra:
        raise RefmathError(f"The syntax {header.syntax} has no room for further columns; use jsonl, csv or parquet, or leave out --columns.")
    if syntax is None and compression(name):
        raise RefmathError(f"Parquet compresses its columns itself; name the file without {compression(name)}.")


def write(name: str, header: Header, blocks: Iterable[Block], beside: bool = True) -> Header:
    """Write cases into a file, ``-`` being the standard output, and what its header is in the end. ``beside``: whether a sidecar is written where it is needed."""
    check(header, name)
    syntax = SYNTAXES.get(header.syntax)
    needs_sidecar = beside and name != "-" and syntax is not None and not syntax.holds_header
    with sink(name) as out:
        tally = Tally(header, needs_sidecar or syntax is None or syntax.holds_header)
        if header.syntax == PARQUET:
            parquet.write(out, header.subject, _counted(blocks, tally), tally.ended)
        else:
            _write_lines(out, header, blocks, tally)
    ended = tally.ended()
    if needs_sidecar:
        write_sidecar(name, ended)
    return ended


def _write_lines(out: IO[bytes], header: Header, blocks: Iterable[Block], tally: Tally) -> None:
    syntax = SYNTAXES[header.syntax]
    writer = LineWriter(syntax.shape(header.subject))
    out.write(syntax.start(header))
    for block in blocks:
        text = tally.add(block)
        out.write(text if text is not None and syntax.name == "testfloat" else syntax.lines(writer, block))
    out.write(syntax.finish(tally.ended()))


def _counted(blocks: Iterable[Block], tally: Tally) -> Iterator[Block]:
    for block in blocks:
        tally.add(block)
        yield block
