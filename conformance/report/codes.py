"""How codes look: their digits, their fields in colour, what they mean."""

from conformance.report.screen import Piece, Span, Style
from formats import Format
from formats.wording import code_text, short_text
from refmath.datum import Finite
from refmath.reals import Real
from refmath.wording import hexadecimal_text

FIELD_STYLES: dict[str, Style] = {
    "direction": "warn",
    "characteristic": "exponent",
    "mantissa": "significand",
    "sign": "sign",
    "exponent": "exponent",
    "integer": "exponent",
    "regime": "warn",
    "significand": "significand",
    "fraction": "significand",
}
"""The colour of a field, by its name."""


def code_span(fmt: Format, code: int) -> Span:
    """A code's hexadecimal digits."""
    return Span(code_text(fmt, code), "code")


def field_spans(fmt: Format, code: int) -> list[Piece]:
    """The bit fields of a code, parted by spaces, each in its colour."""
    return _parted([(digits, FIELD_STYLES.get(name, "")) for name, digits in fmt.fields(code)], " ")


def field_names(fmt: Format, code: int) -> list[Piece]:
    """The names of the fields of a code, in the colours of the fields."""
    return _parted([(name, FIELD_STYLES.get(name, "")) for name, _ in fmt.fields(code)], " \N{MIDDLE DOT} ")


def _parted(items: list[tuple[str, Style]], separator: str) -> list[Piece]:
    pieces: list[Piece] = []
    for text, style in items:
        pieces += [separator] * bool(pieces) + [Span(text, style)]
    return pieces


def hexadecimal_of(fmt: Format, code: int) -> str:
    """The value of a code as a hexadecimal float; empty for what is no number or has none."""
    datum = fmt.decode(code)
    if not isinstance(datum, Finite) or isinstance(datum.value, Real):
        return ""
    return ("-0x0p+0" if datum.negative else "0x0p+0") if not datum.value else hexadecimal_text(datum.value) or ""


def meaning(fmt: Format, code: int) -> list[Piece]:
    """A code and what it means, in short: ``0x2b 0.34375``."""
    return [code_span(fmt, code), " ", short_text(fmt, code)]
