"""Codes in a line of text: as hexadecimal digits, as bit fields, as the decimal that identifies them."""

from formats.family import Format
from formats.shortest import shortest
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.wording import ALMOST, decimal_text, special_text

LONGEST = 24
"""Characters of the longest code that a sentence holds whole."""
EXACT = 12
"""Characters of the longest exact decimal that is preferred to the shortest identifying one."""
IDENTIFIED = 128
"""Beyond this width the identifying decimal is longer than anyone reads."""


def code_text(fmt: Format, code: int) -> str:
    """A code as hexadecimal digits of the format's width: ``0x2b``."""
    return f"0x{code:0{-(-fmt.width // 4)}x}"


def code_short(fmt: Format, code: int) -> str:
    """The same for a sentence: the middle of a very long one is left out."""
    text = code_text(fmt, code)
    return text if len(text) <= LONGEST else f"{text[:10]}...{text[-8:]}"


def fields_text(fmt: Format, code: int) -> str:
    """A code as its bit fields: ``0 0101 011``."""
    return " ".join(digits for _, digits in fmt.fields(code))


def short_text(fmt: Format, code: int) -> str:
    """What a code means, in short: an exact decimal where that is short, else the shortest one that identifies the code; a special by name."""
    match fmt.decode(code):
        case Finite(value, negative) if not value:
            return "-0" if negative else "0"
        case Finite(value, _):
            written, exact = decimal_text(value)
            if exact and len(written) <= EXACT:
                return written
            return shortest(fmt, code) if fmt.width <= IDENTIFIED else ALMOST + written
        case Infinity() | NaN() | NotAReal() as special:
            return special_text(special)


def nan_word(fmt: Format) -> str:
    """What the format calls what is no number."""
    return "NaR" if fmt.has_nan and isinstance(fmt.decode(fmt.nan()), NotAReal) else "NaN"
