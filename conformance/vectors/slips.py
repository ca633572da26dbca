"""What is wrong with a line of a file, apart from what it says: each kind of slip by name, and whether the line can still be read."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """A kind of slip; the value is how a report calls it."""

    CARRIAGE_RETURN = "a carriage return before the newline"
    SPACES = "more than one space between fields, or spaces at an end"
    TAB = "a tab for a space"
    COMMA = "a comma for a space"
    UNDERSCORE = "an underscore for a space"
    PREFIX = "0x before a field"
    LOWER_CASE = "lower-case digits"
    NAME = "the name of the function before the case"
    SHORT_FLAGS = "a flag field of one digit"
    NO_NEWLINE = "no newline at the end"
    BLANK = "an empty line"
    FIELDS = "a wrong number of fields"
    WIDTH = "a field of the wrong width"
    DIGITS = "a field that is not hexadecimal"
    RANGE = "a value that does not fit its field"
    OTHER_FUNCTION = "a line of another function"
    NOT_TEXT = "bytes that are no text"
    TOO_LONG = "a line that is too long"
    CUT_OFF = "a file that ends before its end"
    COUNT = "a count that its header contradicts"
    SUM = "a SHA-256 that its header contradicts"
    SYNTAX = "a line that is not of this syntax"
    UNKNOWN = "an operation that is not known"

    @property
    def readable(self) -> bool:
        """Whether a line with this slip alone still says what it means."""
        return self in READABLE


READABLE = {
    Kind.CARRIAGE_RETURN, Kind.SPACES, Kind.TAB, Kind.COMMA, Kind.UNDERSCORE, Kind.PREFIX, Kind.LOWER_CASE, Kind.NAME, Kind.SHORT_FLAGS, Kind.NO_NEWLINE, Kind.BLANK,
}  # fmt: skip
"""Slips after which the line is read nevertheless, or has nothing to read."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Slips of one kind: in one line, or in several that follow one another in the file."""

    kind: Kind
    line: int
    """The first line, from 1."""
    text: str
    """The first line itself, cut to what a report shows."""
    reason: str = ""
    """What is wrong there, where the kind does not say it all."""
    count: int = 1
    """How many lines."""

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        return self.reason or self.kind.value


def shown(line: bytes) -> str:
    """A line as a report shows it: printable and short."""
    text = line.rstrip(b"\r\n")[:120].decode("ascii", errors="backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) + ("..." if len(line) > 122 else "")
