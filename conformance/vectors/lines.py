"""Cases as lines of hexadecimal fields of fixed width: written into one buffer per block, and read out of one, without a look at single lines.

Columns of up to 64 bits go through the kernels of ``refmath.kernels.hexlines``; wider ones are read by them in pieces of 64 bits, and written one by one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.vectors.block import Block, block_of
from conformance.vectors.subject import Column, Subject, column_dtype

Bytes = NDArray[np.uint8]
Buffer = bytes | memoryview

WIDEST = 64
"""Bits of the widest column that the kernels handle."""
DIGITS = WIDEST // 4
"""Hexadecimal digits of a piece of a wider one."""


@dataclass(frozen=True)
class Shape:
    """How the lines of a subject look: fields, and between them always the same text."""

    subject: Subject
    texts: tuple[bytes, ...]
    """What stands before each field, and behind the last, newline included."""

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The fields of a line."""
        return self.subject.columns

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where each field starts in its line."""
        at, offsets = 0, []
        for text, column in zip(self.texts, self.columns, strict=False):
            at += len(text)
            offsets.append(at)
            at += column.digits
        return tuple(offsets)

    @cached_property
    def stride(self) -> int:
        """Bytes of a line."""
        return sum(map(len, self.texts)) + sum(column.digits for column in self.columns)

    @cached_property
    def blank(self) -> bytes:
        """A line whose digits are all 0."""
        parts = [part for text, column in zip(self.texts, self.columns, strict=False) for part in (text, b"0" * column.digits)]
        return b"".join(parts) + self.texts[-1]

    @cached_property
    def fixed(self) -> tuple[tuple[int, int], ...]:
        """Where a line has a byte that never changes, and which."""
        digits = {offset + at for offset, column in zip(self.offsets, self.columns, strict=True) for at in range(column.digits)}
        return tuple((at, byte) for at, byte in enumerate(self.blank) if at not in digits)

    @cached_property
    def template(self) -> str:
        """A line for the operator ``%``."""
        fields = [f"%0{column.digits}X" for column in self.columns]
        texts = [text.decode().replace("%", "%%") for text in self.texts]
        return "".join(text + field for text, field in zip(texts, fields, strict=False)) + texts[-1]

    @property
    def narrow(self) -> bool:
        """Whether every column is one for the kernels as it stands."""
        return all(column.bits <= WIDEST for column in self.columns)

    @property
    def regular(self) -> bool:
        """Whether every column is one for the kernels in pieces of whole digits: a wide one has no digit that its bits do not fill."""
        return all(column.bits <= WIDEST or column.bits % 4 == 0 for column in self.columns)


def separated(subject: Subject, separator: bytes) -> Shape:
    """The shape of fields with a separator between them."""
    return Shape(subject, (b"", *[separator] * (len(subject.columns) - 1), b"\n"))


class LineWriter:
    """Turns blocks into lines. The buffer is used again for the next block: write it away first."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._buffer: Bytes = np.empty(0, np.uint8)

    def __call__(self, block: Block) -> memoryview:
        """The lines of a block."""
        if not self.shape.narrow:
            return memoryview("".join([self.shape.template % row for row in block.rows()]).encode())
        from refmath.kernels.hexlines import write_column

        size = len(block) * self.shape.stride
        if len(self._buffer) < size:
            self._buffer = np.frombuffer(bytearray(self.shape.blank * len(block)), np.uint8)
        for column, offset, values in zip(self.shape.columns, self.shape.offsets, block.columns, strict=True):
            write_column(np.ascontiguousarray(values), column.digits, offset, self.shape.stride, self._buffer)
        return memoryview(self._buffer)[:size]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Parsed:
    """What the kernels read at the start of some text."""

    block: Block | None
    """The lines before the first that is not as it has to be; None where there is none."""
    used: int = 0
    """The bytes that they take."""
    lower: tuple[int, int] = (0, 0)
    """How many of them have lower-case digits, and the first of these, from 0."""


class LineReader:
    """Reads lines as long as they are as they have to be."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def __call__(self, text: Buffer, first: int) -> Parsed:
        """The cases of the whole lines at the start of ``text``, up to the first that has a slip; ``first`` is the number of the first line."""
        count = len(text) // self.shape.stride
        if not count or not self.shape.regular:
            return Parsed(None)
        columns, marks = self._columns(np.frombuffer(text, np.uint8), count)
        bad = marks >= 0x80
        good = int(np.argmax(bad)) if bad.any() else count
        if not good:
            return Parsed(None)
        lines = np.arange(first, first + good, dtype=np.int64)
        block = block_of(self.shape.subject, tuple(values[:good] for values in columns), lines)
        lower = np.count_nonzero(marks[:good])
        return Parsed(block, good * self.shape.stride, (int(lower), int(np.argmax(marks[:good] != 0))))

    def _columns(self, text: Bytes, count: int) -> tuple[list[Codes], Bytes]:
        """The values of every column, and the marks of every line."""
        from refmath.kernels.hexlines import read_constant, read_limit

        stride, marks, columns = self.shape.stride, np.zeros(count, np.uint8), []
        for column, offset in zip(self.shape.columns, self.shape.offsets, strict=True):
            values = self._column(text, column, offset, marks)
            limit = len(self.shape.subject.words) if self.shape.subject.words and column.name == "result" else 1 << column.bits
            if limit < 1 << 4 * column.digits:
                read_limit(values, limit, marks)
            columns.append(values)
        for at, byte in self.shape.fixed:
            read_constant(text, byte, at, stride, marks)
        return columns, marks

    def _column(self, text: Bytes, column: Column, offset: int, marks: Bytes) -> Codes:
        """The values of one column: of a wide one in pieces, the lowest first, put together as Python integers."""
        from refmath.kernels.hexlines import read_column

        pieces = []
        for end in range(column.digits, 0, -DIGITS):
            begin = max(0, end - DIGITS)
            values = np.empty(len(marks), column_dtype(4 * (end - begin)) if column.bits > WIDEST else column_dtype(column.bits))
            read_column(text, end - begin, offset + begin, self.shape.stride, values, marks)
            pieces.append(values)
        if len(pieces) == 1:
            return pieces[0]
        whole = pieces[-1].astype(object)
        for lower in reversed(pieces[:-1]):
            whole = (whole << WIDEST) + lower.astype(object)
        return whole
