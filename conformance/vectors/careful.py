"""Reading one line of hexadecimal fields with care: what it says, and every slip that it has."""

import re
from functools import cache

from conformance.vectors.functions import function, function_name, is_function, names
from conformance.vectors.scan import Line
from conformance.vectors.slips import Kind, Slip, shown
from conformance.vectors.subject import Subject

_HEX = re.compile(rb"[0-9A-Fa-f]+")
_REPAIRS = ((b"\t", Kind.TAB), (b",", Kind.COMMA), (b"_", Kind.UNDERSCORE))


def read_line(line: bytes, number: int, subject: Subject, separator: bytes = b" ") -> Line:
    """What a line says that has its fields apart by one separator."""
    kinds: list[Kind] = []
    body = without_end(line, kinds)
    if not body.strip():
        return Line(notes=(Slip(Kind.BLANK, number, ""),))
    if not is_text(body):
        return Line(notes=(Slip(Kind.NOT_TEXT, number, shown(body)),))
    name, _, rest = body.strip().partition(b" ")
    if is_function(name.decode()):
        if name.decode() != function_name(subject):
            return Line(notes=(Slip(Kind.OTHER_FUNCTION, number, shown(body), f"a case of {name.decode()}"),))
        kinds.append(Kind.NAME)
        return read_fields(split(rest, separator, kinds), number, body, subject, kinds)
    return read_fields(split(body, separator, kinds), number, body, subject, kinds)


def read_fields(fields: list[bytes], number: int, body: bytes, subject: Subject, kinds: list[Kind]) -> Line:
    """What the fields of a line say; ``kinds``: the slips that it is known to have."""
    fields = normal(fields, kinds)
    problem = _problem(fields, subject, kinds)
    if problem is not None:
        return Line(notes=(Slip(problem[0], number, shown(body), problem[1]),))
    values = tuple(int(field, 16) for field in fields)
    for value, column in zip(values, subject.columns, strict=True):
        if value >> column.bits or (subject.words and column.name == "result" and value >= len(subject.words)):
            return Line(notes=(Slip(Kind.RANGE, number, shown(body), f"{column.name} is {value:X}, which is none of its values"),))
    return Line(values, tuple(Slip(kind, number, shown(body)) for kind in kinds))


def is_text(body: bytes) -> bool:
    """Whether a line is printable, tabs included."""
    return not any((byte < 32 and byte != 9) or byte > 126 for byte in body)


def without_end(line: bytes, kinds: list[Kind]) -> bytes:
    """A line without its newline."""
    if not line.endswith(b"\n"):
        kinds.append(Kind.NO_NEWLINE)
        return line
    body = line[:-1]
    if body.endswith(b"\r"):
        kinds.append(Kind.CARRIAGE_RETURN)
        return body[:-1]
    return body


def split(body: bytes, separator: bytes, kinds: list[Kind]) -> list[bytes]:
    """The fields of a line, however they are parted."""
    for mark, kind in _REPAIRS:
        if mark in body and mark != separator:
            kinds.append(kind)
            body = body.replace(mark, separator)
    if separator != b" " and b" " in body:
        kinds.append(Kind.SPACES)
        body = body.replace(b" ", separator)
    exact = body.split(separator)
    fields = [field for field in exact if field]
    if len(fields) != len(exact) and Kind.SPACES not in kinds:
        kinds.append(Kind.SPACES)
    return fields


def normal(fields: list[bytes], kinds: list[Kind]) -> list[bytes]:
    """Fields without a prefix."""
    if any(field[:2] in (b"0x", b"0X") for field in fields):
        kinds.append(Kind.PREFIX)
        fields = [field[2:] if field[:2] in (b"0x", b"0X") else field for field in fields]
    if any(field != field.upper() for field in fields):
        kinds.append(Kind.LOWER_CASE)
    return fields


def _problem(fields: list[bytes], subject: Subject, kinds: list[Kind]) -> tuple[Kind, str] | None:
    """Why the fields are not those of a case; None where they are."""
    columns = subject.columns
    for at, field in enumerate(fields):
        if not _HEX.fullmatch(field):
            return Kind.DIGITS, f"field {at + 1}, {field[:20].decode('ascii', 'replace')!r}, is not hexadecimal"
    widths = tuple(len(field) for field in fields)
    wanted = tuple(column.digits for column in columns)
    if widths == wanted:
        return None
    if widths == (*wanted[:-1], 1):
        kinds.append(Kind.SHORT_FLAGS)
        return None
    if widths in known_widths():
        on = " and ".join(dict.fromkeys(f.name for f in subject.formats))
        return Kind.OTHER_FUNCTION, f"its fields are those of {known_widths()[widths]}, not of {subject.operation} on {on}"
    if len(widths) != len(wanted):
        return Kind.FIELDS, f"{len(widths)} field{'s' if len(widths) > 1 else ''} instead of {len(wanted)}: {', '.join(column.name for column in columns)}"
    at = next(at for at in range(len(wanted)) if widths[at] != wanted[at])
    return Kind.WIDTH, f"field {at + 1}, {columns[at].name}, has {widths[at]} digits instead of {wanted[at]}"


@cache
def known_widths() -> dict[tuple[int, ...], str]:
    """The digits of the fields of TestFloat's functions, with the first function that has them."""
    found: dict[tuple[int, ...], str] = {}
    for name in names():
        found.setdefault(tuple(column.digits for column in function(name, {}).columns), name)
    return found
