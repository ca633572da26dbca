"""What a person writes for a number of a format: a code of it, or a value.

The rule, in this order:

1. ``0x`` and hexadecimal digits, or ``0b`` and binary digits, without sign, point or exponent, is a **code**: ``0x2b``, ``0b0_0101_011``.
2. Groups of 0 and 1 parted by spaces or underscores, as long as the fields of the format, are a **code**: ``"0 0101 011"``.
3. Everything else is a **value**: ``43``, ``-1.5e-3``, ``0x1.8p-3``, ``3/4``, ``2^-9``, ``inf``, ``nan``, ``snan``, ``nan(0x12)``.

A code needs the format that it is a code of. A value is rounded into the format.
"""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from gmpy2 import mpq, mpz

from formats.family import Format
from formats.projection import Projection
from formats.wording import code_text, fields_text
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal, finite
from refmath.errors import RefmathError, quote
from refmath.flags import Flags
from refmath.reals import Real
from refmath.rounding import RandomSource
from refmath.text import parse_datum

MPQ, MPZ = type(mpq()), type(mpz())

HEXADECIMAL = re.compile(r"0x[0-9a-f](?:_?[0-9a-f])*", re.ASCII | re.IGNORECASE)
BINARY = re.compile(r"0b[01](?:_?[01])*", re.ASCII | re.IGNORECASE)
_GROUPS = re.compile(r"[01]+(?:[ _][01]+)+", re.ASCII)
_THOUSANDS = re.compile(r"[01]{1,3}(?:_[01]{3})+", re.ASCII)


def is_code(text: str) -> bool:
    """Whether a text is written as a code, whatever the format."""
    body = text.strip()
    return bool(HEXADECIMAL.fullmatch(body) or BINARY.fullmatch(body) or _is_fields(body))


def _is_fields(body: str) -> bool:
    """Groups of bits, but not a number whose digits are parted into thousands."""
    return bool(_GROUPS.fullmatch(body)) and (body[0] == "0" or not _THOUSANDS.fullmatch(body))


def parse_code(text: str, fmt: Format) -> int | None:
    """The code of ``fmt`` that a text is written as; None for a text that is a value.

    Errors: ``RefmathError`` for a code wider than the format, and for groups of bits that are not its fields.
    """
    body = text.strip()
    if HEXADECIMAL.fullmatch(body):
        return _in_range(text, int(body.replace("_", ""), 16), fmt)
    if BINARY.fullmatch(body):
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


def nan_of(fmt: Format, written: NaN) -> NaN:
    """A NaN as it was typed, with its payload as an integer in as many bits as the format has for it."""
    usual = fmt.decode(fmt.nan())
    if not isinstance(usual, NaN):
        return written
    if written.payload >> usual.payload_bits:
        raise RefmathError(f"The payload {written.payload:#x} does not fit a NaN of {fmt.name}, which has {usual.payload_bits} bits for it.")
    signalling_payload = 1 if written.signalling and not written.payload and usual.payload_bits else written.payload
    return replace(written, payload=signalling_payload, payload_bits=usual.payload_bits)


def written_as(fmt: Format, written: Datum, how: Projection, random: int | RandomSource = 0) -> tuple[int, Flags]:
    """The code that a value becomes where it is written down: a NaN as it stands, signalling or not, anything else projected."""
    if isinstance(written, NaN) and fmt.has_nan:
        return fmt.nan(nan_of(fmt, written)), Flags.NONE
    return fmt.project(written, how, random)


def datum_of(value: object) -> Datum | None:
    """What a value of Python denotes, exactly: a datum, an exact real, an int, Fraction, Decimal, mpq or mpz, or a float as the binary64 number
    that it is; None for anything else."""
    match value:
        case Finite() | Infinity() | NaN() | NotAReal():
            return value
        case Real():
            return finite(value)
        case int() | Fraction() | MPQ() | MPZ():
            return finite(mpq(value.numerator, value.denominator))
        case Decimal() if value.is_nan():
            return NaN(value.is_signed(), value.is_snan())
        case Decimal():
            return parse_datum(str(value))
        case float():
            return _float(value)
        case _:
            return None


def _float(x: float) -> Datum:
    if x != x:
        return NaN()
    negative = str(x)[0] == "-"
    return Infinity(negative) if x in (float("inf"), float("-inf")) else Finite(mpq(Fraction(x)), negative)
