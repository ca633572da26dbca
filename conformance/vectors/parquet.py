"""Parquet: a column for each column of the cases, unsigned integers of 8, 16, 32 or 64 bits; hexadecimal texts where they are wider.

The key ``refmath`` of the file's metadata holds the header. Further columns hold texts, those of ``INTEGERS`` 64-bit integers. Needs ``pyarrow``.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from conformance.claims import Codes
from conformance.vectors.block import Block, block_of
from conformance.vectors.header import Header, read_header
from conformance.vectors.lines import WIDEST
from conformance.vectors.scan import End, Item
from conformance.vectors.slips import Kind, Slip
from conformance.vectors.streams import opened
from conformance.vectors.subject import Column, Subject, column_dtype
from refmath.errors import RefmathError, quote

KEY = b"refmath"
MAGIC = b"PAR1"
ROWS = 1 << 16
INTEGERS = ("sign", "exponent", "guard", "sticky")
"""Further columns that hold integers; any other holds texts."""


def _library() -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise RefmathError("Parquet needs pyarrow; install it with: pip install 'refmath[vectors]'.") from error
    return pyarrow


def write(out: IO[bytes], subject: Subject, blocks: Iterable[Block], ended: Callable[[], Header]) -> None:
    """Write a file. ``ended`` gives the header as it is once every block has been taken."""
    arrow = _library()
    writer = None
    for block in blocks:
        table = _table(arrow, subject, block)
        if writer is None:
            writer = arrow.parquet.ParquetWriter(out, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is None:
        writer = arrow.parquet.ParquetWriter(out, _table(arrow, subject, _empty(subject)).schema, compression="zstd")
    writer.add_key_value_metadata({KEY.decode(): ended().json()})
    writer.close()


def _empty(subject: Subject) -> Block:
    return block_of(subject, tuple(np.empty(0, column_dtype(column.bits)) for column in subject.columns))


def _table(arrow: Any, subject: Subject, block: Block) -> Any:
    names = [column.name for column in subject.columns]
    columns = [_packed(arrow, column, values) for column, values in zip(subject.columns, block.columns, strict=True)]
    further = [arrow.array(_further(name, values), arrow.int64() if name in INTEGERS else arrow.string()) for name, values in block.extra.items()]
    return arrow.table([*columns, *further], names=[*names, *block.extra])


def _further(name: str, values: list[Any]) -> list[Any]:
    """The values of a further column: integers, or texts."""
    return values if name in INTEGERS else [value if isinstance(value, str | None) else json.dumps(value) for value in values]


def _packed(arrow: Any, column: Column, values: Codes) -> Any:
    if column.bits <= WIDEST:
        return arrow.array(values)
    return arrow.array([f"{value:0{column.digits}X}" for value in values.tolist()])


def file_in(stream: IO[bytes]) -> Any:
    """The file in a stream that can be sought. ``RefmathError`` where it is none."""
    arrow = _library()
    try:
        file = arrow.parquet.ParquetFile(stream)
        file.schema_arrow.names  # noqa: B018 (names that are no text fail here)
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RefmathError(f"This is no Parquet file that can be read: {error}.") from error
    return file


def header_of(file: Any) -> Header | None:
    """The header of a file."""
    found = (file.metadata.metadata or {}).get(KEY)
    return None if found is None else read_header(found.decode("utf-8", "replace"))


def read(stream: IO[bytes], subject: Subject) -> Iterator[Item]:
    """The cases and the slips of a file, in order; lines are rows, from 1."""
    arrow, file = _library(), file_in(stream)
    header = header_of(file)
    names = [column.name for column in subject.columns]
    missing = [name for name in names if name not in file.schema_arrow.names]
    if missing:
        raise RefmathError(f"The Parquet file has no column {quote(missing[0])}; its columns are {', '.join(file.schema_arrow.names)}.")
    row = 1
    try:
        for batch in file.iter_batches(batch_size=ROWS):
            yield from _items(batch, subject, row)
            row += batch.num_rows
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        yield Slip(Kind.CUT_OFF, row, "", f"the Parquet file is damaged ({error})")
        return
    if header is not None:
        yield End(header.count, header.sha256)


def _items(batch: Any, subject: Subject, row: int) -> Iterator[Item]:
    """A block of the rows that can be used, and slips for the others."""
    count = batch.num_rows
    good, columns = np.ones(count, bool), []
    for column in subject.columns:
        values, usable = _unpacked(batch.column(column.name), column, len(subject.words) if column.name == "result" else 0)
        columns.append(values)
        good &= usable
    for at in np.nonzero(~good)[0].tolist():
        yield Slip(Kind.RANGE, row + at, "", "a row with a value that is missing or that does not fit its column")
    lines = np.arange(row, row + count, dtype=np.int64)
    names = {column.name for column in subject.columns}
    extra = {name: batch.column(name).filter(good).to_pylist() for name in batch.schema.names if name not in names}
    yield block_of(subject, tuple(values[good] for values in columns), lines[good], extra)


def _unpacked(array: Any, column: Column, words: int) -> tuple[Codes, Any]:
    """The values of a column, and which of them are values."""
    limit = words or 1 << column.bits
    found, usable = np.zeros(len(array), column_dtype(column.bits)), np.zeros(len(array), bool)
    for at, value in enumerate(array.to_pylist()) if column.bits > WIDEST or array.null_count or not _is_unsigned(array) else ():
        number = _number(value)
        if number is not None and 0 <= number < limit:
            found[at], usable[at] = number, True
    if column.bits <= WIDEST and not array.null_count and _is_unsigned(array):
        raw = array.to_numpy(zero_copy_only=False)
        usable = raw < limit if limit < 1 << WIDEST else np.ones(len(raw), bool)
        found = np.where(usable, raw, 0).astype(found.dtype)
    return found, usable


def _is_unsigned(array: Any) -> bool:
    return str(array.type).startswith("uint")


def _number(value: object) -> int | None:
    if isinstance(value, int):
        return value
    try:
        return int(value, 16) if isinstance(value, str) else None
    except ValueError:
        return None


@contextmanager
def sought(name: str, pieces: Iterable[bytes | Slip]) -> Iterator[IO[bytes]]:
    """A file that can be sought: the one of that name, or of the standard input all that is there, in memory."""
    if name != "-":
        with opened(name) as stream:
            yield stream
        return
    yield io.BytesIO(b"".join(piece for piece in pieces if isinstance(piece, bytes)))
