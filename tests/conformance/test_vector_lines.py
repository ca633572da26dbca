"""The kernels that write and read lines do what formatting and parsing one line after another does, for every width; so do the readers around every slip."""

import random

import numpy as np
import pytest

from conformance.vectors.block import Block, from_rows
from conformance.vectors.lines import LineReader, LineWriter
from conformance.vectors.scan import CAREFUL, MAX_LINE, WINDOW, Item
from conformance.vectors.slips import Kind, Slip
from conformance.vectors.subject import Subject, make
from conformance.vectors.testfloat import read, shape
from formats import parse
from refmath.kernels.hexlines import BAD, LOWER, read_column, write_column
from refmath.rounding import Rounding


def rows_of(items: list[Item]) -> list[tuple[int, ...]]:
    """The cases among some items."""
    return [row for item in items if isinstance(item, Block) for row in item.rows()]


def kinds_of(items: list[Item]) -> dict[Kind, int]:
    """How many lines have each kind of slip."""
    found: dict[Kind, int] = {}
    for item in items:
        if isinstance(item, Slip):
            found[item.kind] = found.get(item.kind, 0) + item.count
    return found


def line_of(subject: Subject, row: tuple[int, ...]) -> str:
    """The line of a case, by the operator %."""
    return " ".join(f"{value:0{column.digits}X}" for value, column in zip(row, subject.columns, strict=True)) + "\n"


def random_rows(subject: Subject, count: int, seed: int) -> list[tuple[int, ...]]:
    """Cases whose columns are random; results need not be right."""
    rng = random.Random(seed)
    limits = [len(subject.words) if subject.words and column.name == "result" else 1 << column.bits for column in subject.columns]
    return [tuple(rng.randrange(limit) for limit in limits) for _ in range(count)]


@pytest.mark.parametrize("digits", range(1, 17))
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.uint64])
def test_a_column_is_the_hexadecimal_digits_of_its_values(digits: int, kind: type[np.unsignedinteger]) -> None:
    """Written as by Python's format, read back as by int; a digit that is none and a lower-case digit are marked in their line alone."""
    bits = min(4 * digits, np.dtype(kind).itemsize * 8)
    rng = random.Random(digits)
    values = np.array([0, 2**bits - 1, *(rng.getrandbits(bits) for _ in range(50))], kind)
    stride, offset = digits + 5, 3
    out = np.full(len(values) * stride, ord("."), np.uint8)
    write_column(values, digits, offset, stride, out)
    assert bytes(out).decode() == "".join(f"...{int(value):0{digits}X}.." for value in values)
    back, marks = np.zeros_like(values), np.zeros(len(values), np.uint8)
    read_column(out, digits, offset, stride, back, marks)
    assert (back == values).all() and not marks.any()
    out[stride + offset], out[2 * stride + offset + digits - 1] = ord("g"), ord("e")
    read_column(out, digits, offset, stride, back, marks)
    assert list(np.nonzero(marks)[0]) == [1, 2] and (marks[1], marks[2]) == (BAD, LOWER)


SUBJECTS = [
    make("add", [parse("binary16")]),
    make("fma", [parse("e4m3fn"), parse("e5m2"), parse("binary32")], parse("bfloat16")),
    make("multiply", [parse("binary128")]),
    make("sqrt", [parse("x87_extended")]),
    make("add", [parse("e2m3")]),
    make("add", [parse("posit(11, 2)")]),
    make("compare", [parse("binary64")]),
    make("class", [parse("binary8p3se")]),
    make("is_nan", [parse("e5m2")]),
    make("scaleb", [parse("binary32")]),
    make("to_integer", [parse("binary16")], parse("uint64")),
    make("convert", [parse("binary32")], parse("e5m2"), {"rounding": Rounding.STOCHASTIC_A, "bits": 9}),
]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.shown)
def test_lines_round_trip_in_pieces_of_any_size(subject: Subject) -> None:
    """What is written is what the operator % writes, and is read again wherever the pieces of the file end."""
    rows = random_rows(subject, 300, 1)
    text = "".join(line_of(subject, row) for row in rows).encode()
    assert bytes(LineWriter(shape(subject))(from_rows(subject, rows, list(range(300))))) == text
    for size in (1, 7, 64, 1000, len(text)):
        items = list(read([text[at : at + size] for at in range(0, len(text), size)], subject))
        assert rows_of(items) == rows and not kinds_of(items)
        assert [int(n) for item in items if isinstance(item, Block) and item.lines is not None for n in item.lines] == list(range(1, 301))


def test_the_buffer_of_a_writer_serves_shorter_and_longer_blocks() -> None:
    """Blocks of growing and shrinking length are each written whole."""
    subject = SUBJECTS[0]
    writer = LineWriter(shape(subject))
    for count in (5, 50, 3, 200, 1):
        rows = random_rows(subject, count, count)
        assert bytes(writer(from_rows(subject, rows, list(range(count))))).decode() == "".join(line_of(subject, row) for row in rows)


def test_a_reader_stops_at_the_first_slip() -> None:
    """The lines before it are read, with their bytes counted."""
    subject = SUBJECTS[0]
    rows = random_rows(subject, 100, 3)
    lines = [line_of(subject, row).encode() for row in rows]
    for bad in (0, 1, 50, 99):
        broken = [*lines]
        broken[bad] = broken[bad].replace(b" ", b"_", 1)
        parsed = LineReader(shape(subject))(b"".join(broken), 1)
        assert (0 if parsed.block is None else len(parsed.block)) == bad
        assert parsed.used == bad * len(lines[0])


SPOILT = {
    "crlf": (lambda line: line.replace("\n", "\r\n"), Kind.CARRIAGE_RETURN, True),
    "double space": (lambda line: line.replace(" ", "  ", 1), Kind.SPACES, True),
    "leading space": (lambda line: " " + line, Kind.SPACES, True),
    "trailing space": (lambda line: line.replace("\n", " \n"), Kind.SPACES, True),
    "tab": (lambda line: line.replace(" ", "\t", 1), Kind.TAB, True),
    "comma": (lambda line: line.replace(" ", ",", 1), Kind.COMMA, True),
    "comma and space": (lambda line: line.replace(" ", ", ", 1), Kind.COMMA, True),
    "underscore": (lambda line: line.replace(" ", "_", 1), Kind.UNDERSCORE, True),
    "prefix": (lambda line: "0x" + line, Kind.PREFIX, True),
    "lower case": (lambda line: line[:-4].replace("A", "a").replace("B", "b") + line[-4:], Kind.LOWER_CASE, True),
    "one-digit flags": (lambda line: line[:-3] + line[-2:], Kind.SHORT_FLAGS, True),
    "blank": (lambda line: "\n", Kind.BLANK, False),
    "short field": (lambda line: line[1:], Kind.WIDTH, False),
    "long field": (lambda line: "0" + line, Kind.WIDTH, False),
    "missing field": (lambda line: "0123 0123 00\n", Kind.OTHER_FUNCTION, False),
    "one field": (lambda line: "0123456789\n", Kind.FIELDS, False),
    "many fields": (lambda line: "1 2 3 4 5 6 7\n", Kind.FIELDS, False),
    "no digit": (lambda line: "G" + line[1:], Kind.DIGITS, False),
    "minus": (lambda line: "-" + line[1:], Kind.DIGITS, False),
    "flags out of range": (lambda line: line[:-3] + "20\n", Kind.RANGE, False),
    "another function": (lambda line: "00000000 00000000 00000000 00\n", Kind.OTHER_FUNCTION, False),
    "its name": (lambda line: "f16_add " + line, Kind.NAME, True),
    "another name": (lambda line: "f16_mul " + line, Kind.OTHER_FUNCTION, False),
    "control bytes": (lambda line: "\x00\x01\x02" + line[3:], Kind.NOT_TEXT, False),
    "not ascii": (lambda line: "\xff\xfe" + line[2:], Kind.NOT_TEXT, False),
    "huge": (lambda line: "0" * (MAX_LINE + 5) + "\n", Kind.TOO_LONG, False),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
@pytest.mark.parametrize("where", [0, 7, CAREFUL + 100, -1], ids=["first", "early", "late", "last"])
def test_no_slip_is_passed_over(name: str, where: int) -> None:
    """A slip is reported with its line; what can be read is read; every other line is."""
    spoil, kind, readable = SPOILT[name]
    subject = SUBJECTS[0]
    rows = [(0xABCD, 0x0BAD, 0xBABA, flags & 0x1F) for flags in range(CAREFUL + 300)]
    rows = [(*row[:3], row[3] & 15) for row in rows]
    lines = [line_of(subject, row) for row in rows]
    at = where % len(lines)
    lines[at] = spoil(lines[at])
    text = "".join(lines).encode("latin-1")
    for size in (97, 1 << 12, len(text)):
        items = list(read([text[start : start + size] for start in range(0, len(text), size)], subject))
        slips = [item for item in items if isinstance(item, Slip)]
        assert slips[0].kind is kind or any(slip.kind is kind for slip in slips), slips
        assert {slip.line for slip in slips} == {at + 1}
        assert kind.readable or len(slips) == 1
        expected = rows if readable else rows[:at] + rows[at + 1 :]
        assert sorted(rows_of(items)) == sorted(expected)


def test_a_missing_last_newline() -> None:
    """The last line is read, and the slip reported."""
    subject = SUBJECTS[0]
    items = list(read([b"0000 3C00 3C00 00\n0000 3C00 3C00 00"], subject))
    assert len(rows_of(items)) == 2 and kinds_of(items) == {Kind.NO_NEWLINE: 1}


@pytest.mark.parametrize("spoil", ["crlf", "lower case"])
def test_slips_of_all_lines_are_counted_fast(spoil: str) -> None:
    """A file all of whose lines end in CRLF, or are in lower case, is read by the kernels, and every line counted."""
    subject = SUBJECTS[0]
    rows = [(0xABCD, 0x0BAD, 0xBABA, 5)] * (3 * WINDOW // 18)
    text = SPOILT[spoil][0](line_of(subject, rows[0])).encode() * len(rows)
    items = list(read([text], subject))
    assert rows_of(items) == rows and kinds_of(items) == {SPOILT[spoil][1]: len(rows)}
    assert len(items) < 20


def test_garbage_of_any_kind_is_counted() -> None:
    """Random bytes: as many slips or cases as lines, whatever they are."""
    rng = random.Random(5)
    for alphabet in (bytes(range(256)), b"0123456789ABCDEFabcdef \n\r\t,_x", b"\n", b"\x00"):
        text = bytes(rng.choice(alphabet) for _ in range(20000))
        items = list(read([text], SUBJECTS[0]))
        lines = text.count(b"\n") + (not text.endswith(b"\n"))
        unread = {item.line for item in items if isinstance(item, Slip) and (not item.kind.readable or item.kind is Kind.BLANK)}
        assert len(rows_of(items)) + len(unread) == lines
