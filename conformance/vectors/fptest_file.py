"""The cases of one subject in the syntax of IBM's FPgen suite, see ``conformance.vectors.fptest``: written where that can express them, and read again.

The suite's formats are binary32, binary64 and binary128, and its NaNs have neither sign nor payload: a NaN is written as Q or S and read as the least of its
kind. Nothing is trapped.
"""

import re
from collections.abc import Iterator

from conformance.vectors import fptest
from conformance.vectors.block import Block, from_rows
from conformance.vectors.header import Header
from conformance.vectors.lines import LineWriter
from conformance.vectors.scan import MAX_LINE, Item
from conformance.vectors.slips import Kind, Slip, shown
from conformance.vectors.streams import Pieces
from conformance.vectors.subject import Subject
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, ieee
from refmath.datum import Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.flags import Flags

WIDTHS = (32, 64, 128)
SYMBOLS = {name: symbol for symbol, (name, _) in fptest.OPERATIONS.items() if name not in fptest.OWN}
FROM_INTEGER = "cif"
MODES = {mode: symbol for symbol, mode in fptest.ROUNDINGS.items()}
WORD_TEXTS = {long: short for short, long in (*fptest.CLASSES.items(), *fptest.RELATIONS.items())}
BATCH = 4096
_CASE = re.compile(rb"[bd](?:32|64|128)(?:[bd](?:32|64|128))?[^ ]+ .*->.*")


def is_case(line: bytes) -> bool:
    """Whether a line looks like a case of the suite."""
    return _CASE.match(line) is not None


def head(subject: Subject) -> str:
    """What every line of a subject starts with. ``RefmathError`` where the syntax cannot express it."""
    if subject.operation not in SYMBOLS:
        raise RefmathError(f"The syntax fptest has no {subject.operation}; use testfloat, jsonl, csv or parquet.")
    if subject.how.rounding not in MODES:
        raise RefmathError(f"The syntax fptest has no rounding {subject.how.rounding.value}; use testfloat, jsonl, csv or parquet.")
    source, target, symbol = subject.formats[0], subject.target, SYMBOLS[subject.operation]
    floats = {*(subject.formats[:1] if subject.operation == "scaleb" else subject.formats), target}
    if symbol == "cfi":
        floats.remove(target)
    if symbol == "cff" and is_integer(source) and not is_integer(target):
        floats.remove(source)
        symbol = FROM_INTEGER
    for f in floats:
        if f.width not in WIDTHS or f != ieee(f.width):
            raise RefmathError(f"The syntax fptest has binary32, binary64 and binary128, not {f.name}; use testfloat, jsonl, csv or parquet.")
    if symbol == "cff":
        return f"b{source.width}b{target.width}cff {MODES[subject.how.rounding]}"
    if len(floats) > 1:
        raise RefmathError("The syntax fptest has one format for all operands and the result, but for conversions; use testfloat, jsonl, csv or parquet.")
    return f"b{floats.pop().width}{symbol} {MODES[subject.how.rounding]}"


def is_integer(f: Format) -> bool:
    """Whether a format has integers alone, which are written as decimal digits."""
    return isinstance(f, Fixed) and not f.fraction_bits


def start(header: Header) -> bytes:
    """The header: lines before the first case."""
    head(header.subject)
    return f"Floating point tests: {header.subject.shown}\n{'-' * 27}\n\n".encode()


def lines(writer: LineWriter, block: Block) -> bytes:
    """The lines of a block."""
    subject = writer.shape.subject
    begin = head(subject)
    return "".join([_line(subject, begin, row) for row in block.rows()]).encode()


def _line(subject: Subject, begin: str, row: tuple[int, ...]) -> str:
    *operands, result, flags = row
    texts = [number_text(f, code) for f, code in zip(subject.formats, operands, strict=True)]
    found = number_text(subject.to, result) if subject.to is not None else WORD_TEXTS[subject.words[result]] if subject.words else f"0x{result}"
    letters = "".join(letter for letter, flag in fptest.FLAGS.items() if Flags(flags) & flag)
    return f"{begin} {' '.join(texts)} -> {found} {letters}\n"


def number_text(f: Format, code: int) -> str:
    """A code in the syntax of the suite."""
    datum = f.decode(code)
    match datum:
        case NaN():
            return "S" if datum.signalling else "Q"
        case Infinity(negative):
            return f"{'-' if negative else '+'}Inf"
        case Finite(value, negative) if not isinstance(f, Float):
            return f"{int(value):+d}"  # type: ignore[arg-type]
        case Finite(value, negative) if not value:
            return f"{'-' if negative else '+'}Zero"
    assert isinstance(f, Float)
    exponent, fraction = (code >> f.trailing) & ((1 << f.exponent_bits) - 1), code & ((1 << f.trailing) - 1)
    sign = "-" if code >> (f.width - 1) else "+"
    return f"{sign}{int(exponent > 0)}.{fraction:0{-(-f.trailing // 4)}X}P{max(exponent, 1) - f.bias}"


def cases(pieces: Pieces) -> Iterator[fptest.Case | Slip]:
    """The cases of a file of any operations, and its slips, in order."""
    number = 0
    stop: list[Slip] = []
    found = fptest.read(_lines(pieces, stop))
    for item in found:
        number = item.line
        yield item if isinstance(item, fptest.Case) else Slip(_kind(item.reason), item.line, shown(item.text.encode("utf-8", "replace")), item.reason)
    for slip in stop:
        yield Slip(slip.kind, number, slip.text, slip.reason)


def _kind(reason: str) -> Kind:
    return Kind.UNKNOWN if any(part in reason for part in ("the operation", "decimal formats")) else Kind.SYNTAX


def _lines(pieces: Pieces, stop: list[Slip]) -> Iterator[str]:
    """The lines of a file; one that is too long is cut, so that it is no case."""
    rest = b""
    for piece in pieces:
        if isinstance(piece, Slip):
            stop.append(piece)
            break
        *whole, rest = (rest + piece).split(b"\n")
        yield from (_decoded(line) for line in whole)
        rest = rest[: 2 * MAX_LINE]
    if rest:
        yield _decoded(rest)


def _decoded(line: bytes) -> str:
    return line[:MAX_LINE].decode("ascii", "backslashreplace") + ("\n" if len(line) <= MAX_LINE else " too long\n")


def read(pieces: Pieces, subject: Subject) -> Iterator[Item]:
    """The cases of one subject in blocks, and the slips; cases of any other operation, format, rounding or with traps are slips."""
    begin = head(subject)
    waiting: list[tuple[fptest.Case, tuple[int, ...]]] = []
    for item in cases(pieces):
        found = item if isinstance(item, Slip) else _found(subject, item, begin)
        if isinstance(item, fptest.Case) and isinstance(found, tuple):
            waiting.append((item, found))
        if isinstance(found, Slip) or len(waiting) == BATCH:
            yield from _blocks(subject, waiting)
            waiting = []
        if isinstance(found, Slip):
            yield found
    yield from _blocks(subject, waiting)


def _found(subject: Subject, case: fptest.Case, begin: str) -> tuple[int, ...] | Slip:
    """The columns of a case, or why it has none."""
    if not belongs(case, subject):
        return Slip(Kind.OTHER_FUNCTION, case.line, "", f"a case of {case.operation} on {case.source.name}, not of {begin}")
    try:
        return _row(subject, case)
    except RefmathError as error:
        return Slip(Kind.RANGE, case.line, "", str(error))


def belongs(case: fptest.Case, subject: Subject) -> bool:
    """Whether a case is one of a subject, untrapped."""
    if case.operation == "from_integer":
        same = subject.operation == "convert" and is_integer(subject.formats[0]) and case.target == subject.target
    else:
        same = case.operation == subject.operation and case.source == subject.formats[0] and case.target in (subject.target, subject.formats[0])
    return same and case.rounding is subject.how.rounding and not case.traps and case.result is not None


def _blocks(subject: Subject, waiting: list[tuple[fptest.Case, tuple[int, ...]]]) -> Iterator[Block]:
    if waiting:
        yield from_rows(subject, [row for _, row in waiting], [case.line for case, _ in waiting])


def _row(subject: Subject, case: fptest.Case) -> tuple[int, ...]:
    operands = [f.encode(x) for f, x in zip(subject.formats, case.operands, strict=True)]
    result = case.result
    if isinstance(result, str):
        code = subject.words.index(result)
    elif isinstance(result, bool):
        code = int(result)
    else:
        assert subject.to is not None and result is not None
        code = subject.to.encode(result)
    return (*operands, code, int(case.flags))
