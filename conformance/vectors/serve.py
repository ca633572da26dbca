"""Answering a simulator, a line for a line: an operation is bound to a handle once, then lines of operands get results and flags.

    open m f16_mul rounding=minMag          ok m a:16 b:16 result:16 flags:5
    m 3C00 C000                             C000 00
    batch m 2                               (nothing yet)
    3C00 3C00                               3C00 00
    0001 0001                               0000 03

``spec/vector-files.md`` defines the protocol. Whatever is wrong with a request is said in one line that starts with ``error``, and the next request is read.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from typing import IO, Any

import numpy as np

from conformance.vectors.dot_subject import DOT, make_dot
from conformance.vectors.functions import function, is_function
from conformance.vectors.subject import Column, Subject, column_dtype, make
from formats.family import Format
from formats.notation import parse
from formats.platforms import parse_platform
from formats.policies import read_policies
from formats.projection import Projection
from refmath import __version__
from refmath.errors import RefmathError, quote
from refmath.operations import parse_dialect

PROTOCOL = 1
MAX_LINE = 1 << 16
MAX_BATCH = 1 << 20
VERBS = ("open", "close", "batch", "version", "quit")
POLICIES = tuple(Projection.__slots__)
OF_DOT = ("model", "length", "scale", "block")
OPTIONS = ("to", "platform", "dialect", "exact", *OF_DOT, *POLICIES)

_HANDLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_FIELD = re.compile(r"(?:0[xX])?[0-9A-Fa-f]+")


class Server:
    """The handles that are open, and the answers to requests."""

    def __init__(self) -> None:
        self.subjects: dict[str, Subject] = {}
        self.over = False
        """Whether the last request was to quit."""

    def answer(self, line: str, more: Callable[[], str | None]) -> list[str]:
        """The lines that answer a request. ``more`` gives further lines, None at the end of the input; a batch takes its operands from it."""
        try:
            return self._answer(line.strip(), more)
        except RefmathError as error:
            return [said(error)]
        except Exception as error:  # a fault of ours must not end a simulation
            return [f"error a fault of refmath, not of the request ({type(error).__name__}: {' '.join(str(error).split())[:200]})"]

    def _answer(self, line: str, more: Callable[[], str | None]) -> list[str]:
        verb, _, rest = line.partition(" ")
        match verb:
            case "open":
                return [self._open(rest)]
            case "close":
                del self.subjects[self._known(rest.strip())]
                return ["ok"]
            case "batch":
                return self._batch(rest.split(), more)
            case "version":
                return [f"ok refmath {__version__} protocol {PROTOCOL}"]
            case "quit":
                self.over = True
                return ["ok"]
        subject = self.subjects[self._known(verb)]
        return answers(subject, [row(subject, rest)])

    def _known(self, handle: str) -> str:
        if handle not in self.subjects:
            opened = f"open are {', '.join(self.subjects)}" if self.subjects else "none is open"
            raise RefmathError(f"{quote(handle)} is neither a request ({', '.join(VERBS)}) nor a handle; {opened}.")
        return handle

    def _open(self, rest: str) -> str:
        try:
            words = shlex.split(rest)
        except ValueError as error:
            raise RefmathError(f"The request cannot be parted into words: {error}.") from error
        if len(words) < 2:
            raise RefmathError("An open request is: open HANDLE OPERATION FORMAT... [NAME=VALUE]...")
        handle, operation, *others = words
        if not _HANDLE.fullmatch(handle) or handle in VERBS:
            raise RefmathError(f"{quote(handle)} cannot be a handle; take a name of letters, digits and _, such as add16.")
        subject = bound(operation, others)
        self.subjects[handle] = subject
        return f"ok {handle} {' '.join(f'{column.name}:{column.bits}' for column in subject.columns)}"

    def _batch(self, words: list[str], more: Callable[[], str | None]) -> list[str]:
        if len(words) != 2 or not words[1].isdecimal() or len(words[1]) > 9 or int(words[1]) > MAX_BATCH:
            raise RefmathError(f"A batch request is: batch HANDLE N, with N up to {MAX_BATCH:,}.")
        lines = list(taken(int(words[1]), more))
        subject = self.subjects[self._known(words[0])]
        rows: list[tuple[int, ...] | str] = []
        for line in lines:
            try:
                rows.append(row(subject, line))
            except RefmathError as error:
                rows.append(said(error))
        missing = int(words[1]) - len(lines)
        return answers(subject, rows) + ([f"error The input ended {missing:,} lines before the end of the batch."] if missing else [])


def taken(count: int, more: Callable[[], str | None]) -> Iterator[str]:
    """So many lines, or those that there are."""
    for _ in range(count):
        line = more()
        if line is None:
            return
        yield line


def said(error: RefmathError) -> str:
    """An error as a line."""
    return f"error {' '.join(str(error).split())}"


def bound(operation: str, words: list[str]) -> Subject:
    """The subject of an open request: formats, then options by name. ``RefmathError`` for a word that is neither."""
    formats = [parse(word) for word in words if word.partition("=")[0] not in OPTIONS]
    options: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in OPTIONS:
            continue
        if name in options or (not equals and name != "exact"):
            raise RefmathError(f"{quote(word)}: give {name}=VALUE, once.")
        options[name] = value
    policies: dict[str, Any] = {name: options[name] for name in POLICIES if name in options}
    if "bits" in policies:
        policies["bits"] = int(policies["bits"]) if policies["bits"].isdecimal() and len(policies["bits"]) < 6 else -1
    stated = read_policies(policies)  # type: ignore[arg-type]
    platform = parse_platform(options["platform"]) if "platform" in options else None
    exact = "exact" in options
    if operation == DOT:
        return _dot(formats, options, stated)
    if useless := [name for name in OF_DOT if name in options]:
        raise RefmathError(f"{useless[0]} belongs to dot, not to {operation}; leave it out.")
    if is_function(operation):
        if formats or "to" in options:
            raise RefmathError(f"{operation} states its formats itself; leave them out.")
        return function(operation, stated, exact or None, platform)
    if not formats:
        raise RefmathError(f"{operation}: in which format? Name the format of its operands, once or for each.")
    to = parse(options["to"]) if "to" in options else None
    dialect = parse_dialect(options["dialect"]) if "dialect" in options else None
    return make(f"{operation}_exact" if exact else operation, formats, to, stated, platform, dialect)


def _dot(formats: list[Format], options: dict[str, Any], stated: dict[str, Any]) -> Subject:
    """The subject of a dot product."""
    if not formats or "to" not in options or "model" not in options or "length" not in options:
        raise RefmathError("An open request of a dot product is: open HANDLE dot FORMAT [FORMAT] to=FORMAT model=MODEL length=K [scale=FORMAT block=N].")
    numbers = {name: options[name] for name in ("length", "block") if name in options}
    for name, text in numbers.items():
        if not text.isdecimal() or len(text) > 5:
            raise RefmathError(f"{name}={quote(text)} is no number of elements; give an integer from 1 up.")
    scale = parse(options["scale"]) if "scale" in options else None
    block = int(numbers["block"]) if "block" in numbers else None
    return make_dot(options["model"], tuple(formats), parse(options["to"]), int(numbers["length"]), scale, block, stated)


def operand_columns(subject: Subject) -> tuple[Column, ...]:
    """The columns of a request: all but result and flags."""
    return subject.columns[:-2]


def row(subject: Subject, text: str) -> tuple[int, ...]:
    """The operands in a line. ``RefmathError`` where they are not those of the subject."""
    columns, fields = operand_columns(subject), text.split()
    if len(fields) != len(columns):
        raise RefmathError(f"{quote(text)} has {len(fields)} operands; {', '.join(column.name for column in columns)} are {len(columns)}.")
    for field, column in zip(fields, columns, strict=True):
        if not _FIELD.fullmatch(field) or len(field) > 4096 or int(field, 16) >> column.bits:
            raise RefmathError(f"{quote(field)} is no value of {column.name}; give up to {column.bits} bits in hexadecimal.")
    return tuple(int(field, 16) for field in fields)


def answers(subject: Subject, rows: list[tuple[int, ...] | str]) -> list[str]:
    """A line for each row: result and flags, or the error that stands in its place."""
    good = [given for given in rows if not isinstance(given, str)]
    found = iter(_results(subject, good))
    return [given if isinstance(given, str) else next(found) for given in rows]


def _results(subject: Subject, rows: list[tuple[int, ...]]) -> list[str]:
    if len(rows) < 2:
        return [_result(subject, given) for given in rows]
    columns = []
    for at, column in enumerate(operand_columns(subject)):
        values = np.empty(len(rows), column_dtype(column.bits))
        values[:] = [given[at] for given in rows]
        columns.append(values)
    random = columns.pop() if subject.random_bits else None
    try:
        result, flags = subject.evaluate(tuple(columns), random)
    except RefmathError:  # of some rows; which ones, the reference says
        return [_result(subject, given) for given in rows]
    return [_written(subject, value, raised) for value, raised in zip(result.tolist(), flags.tolist(), strict=True)]


def _result(subject: Subject, given: tuple[int, ...]) -> str:
    """The answer to one row, by the reference, which is the faster one there."""
    try:
        return _written(subject, *subject.one(given))
    except RefmathError as error:
        return said(error)


def _written(subject: Subject, result: int, flags: int) -> str:
    return f"{result:0{subject.columns[-2].digits}X} {flags:02X}"


def serve(source: IO[bytes], out: IO[bytes]) -> None:
    """Answer requests until the input ends or asks for it; every answer is flushed."""
    server = Server()
    while not server.over:
        line = read_line(source)
        if line is None:
            return
        if line.strip():
            out.write("".join(f"{answer}\n" for answer in server.answer(line, lambda: read_line(source))).encode("ascii", "backslashreplace"))
            out.flush()


def read_line(source: IO[bytes]) -> str | None:
    """The next line; None at the end. Of one that is too long, as much as shows it."""
    line = source.readline(MAX_LINE)
    if not line:
        return None
    while not line.endswith(b"\n") and len(line) >= MAX_LINE and (rest := source.readline(MAX_LINE)):
        line = line[: MAX_LINE - 1] + rest[-1:]
    return "".join(c if c.isprintable() else "?" for c in line.rstrip(b"\r\n").decode("ascii", "replace").replace("\t", " "))
