"""What a person types for an operand: a code of a format, or a value.

The rule, in this order:

1. ``0x`` and hexadecimal digits, or ``0b`` and binary digits, without sign, point or exponent, is a **code**: ``0x2b``, ``0b0_0101_011``.
2. Groups of 0 and 1 parted by spaces or underscores, as long as the fields of the format, are a **code**: ``"0 0101 011"``.
3. Everything else is a **value**: ``43``, ``-1.5e-3``, ``0x1.8p-3``, ``3/4``, ``2^-9``, ``inf``, ``nan``, ``snan``, ``nan(0x12)``.

A code needs the format that it is a code of. A value, where a format is given, is first rounded into it.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from formats import Format, Projection
from formats.wording import code_text, fields_text
from refmath.datum import Datum, NaN
from refmath.errors import RefmathError, quote
from refmath.flags import Flags
from refmath.text import parse_datum

MAX_FILE = 256 << 20
"""The greatest file of operands, in bytes."""

_HEXADECIMAL = re.compile(r"0x[0-9a-f](?:_?[0-9a-f])*", re.ASCII | re.IGNORECASE)
_BINARY = re.compile(r"0b[01](?:_?[01])*", re.ASCII | re.IGNORECASE)
_GROUPS = re.compile(r"[01]+(?:[ _][01]+)+", re.ASCII)
_THOUSANDS = re.compile(r"[01]{1,3}(?:_[01]{3})+", re.ASCII)


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


def is_code(text: str) -> bool:
    """Whether a text is written as a code, whatever the format."""
    body = text.strip()
    return bool(_HEXADECIMAL.fullmatch(body) or _BINARY.fullmatch(body) or _is_fields(body))


def _is_fields(body: str) -> bool:
    """Groups of bits, but not a number whose digits are parted into thousands."""
    return bool(_GROUPS.fullmatch(body)) and (body[0] == "0" or not _THOUSANDS.fullmatch(body))


def parse_code(text: str, fmt: Format) -> int | None:
    """The code of ``fmt`` that a text is written as; None for a text that is a value.

    Errors: ``RefmathError`` for a code wider than the format, and for groups of bits that are not its fields.
    """
    body = text.strip()
    if _HEXADECIMAL.fullmatch(body):
        return _in_range(text, int(body.replace("_", ""), 16), fmt)
    if _BINARY.fullmatch(body):
        return _in_range(text, int(body.replace("_", ""), 2), fmt)
    if not _GROUPS.fullmatch(body):
        return None
    digits = re.sub("[ _]", "", body)
    code = int(digits, 2)
    if len(digits) == fmt.width and fields_text(fmt, code) == " ".join(re.split("[ _]", body)):
        return code
    if not _is_fields(body):
        return None
    if len(digits) == fmt.width:
        raise RefmathError(f"{quote(text)} are not parted as the bit fields of {fmt.name} are: write {quote(fields_text(fmt, code))}.")
    raise RefmathError(f"{quote(text)} has {len(digits):,} bits; a code of {fmt.name} has {fmt.width}, such as {quote(fields_text(fmt, fmt.limit()))}.")


def _in_range(text: str, code: int, fmt: Format) -> int:
    if code >= fmt.codes:
        last = code_text(fmt, fmt.codes - 1) if fmt.width <= 256 else f"2^{fmt.width} - 1"
        raise RefmathError(f"{quote(text)} is wider than a code of {fmt.name}, which has {fmt.width} bits: give one from 0x0 to {last}.")
    return code


def read(text: str, source: Format | None) -> Operand:
    """The operand that a text denotes, as a value of ``source`` where that is given."""
    if source is None:
        if is_code(text):
            remedy = f"{text.strip()}p0 for the number" if _HEXADECIMAL.fullmatch(text.strip()) and len(text) < 40 else "a number as such"
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
    if isinstance(written, NaN):
        if not source.has_nan:
            raise RefmathError(f"{quote(text)}: {source.name} has no NaN; give a number.")
        return source.nan(nan_of(source, written)), Flags.NONE
    return source.project(written)


def nan_of(fmt: Format, written: NaN) -> NaN:
    """A NaN as it was typed, with its payload as an integer in as many bits as the format has for it."""
    usual = fmt.decode(fmt.nan())
    if not isinstance(usual, NaN):
        return written
    if written.payload >> usual.payload_bits:
        raise RefmathError(f"The payload {written.payload:#x} does not fit a NaN of {fmt.name}, which has {usual.payload_bits} bits for it.")
    signalling_payload = 1 if written.signalling and not written.payload and usual.payload_bits else written.payload
    return replace(written, payload=signalling_payload, payload_bits=usual.payload_bits)


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
        with path.open(encoding="utf-8", errors="replace") as lines:
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
