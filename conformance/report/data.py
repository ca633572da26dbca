"""Numbers, codes and formats as JSON data: the pieces that spec/cli-json.md describes."""

from typing import Any

from formats import Format
from formats.characteristics import exact_in
from formats.shortest import shortest
from formats.wording import IDENTIFIED, code_text
from refmath.datum import Datum, Finite
from refmath.flags import Flags
from refmath.reals import Exact, Real
from refmath.text import fraction, hexadecimal
from refmath.wording import decimal_text, exact_text, special_text

MAX_BITS = 1 << 14
"""The longest number, in bits of numerator and denominator, that is written out."""

Data = dict[str, Any]


def number_data(x: Exact) -> Data:
    """A number: exactly where that is possible in little space, and as a decimal."""
    written, exact = decimal_text(x)
    if isinstance(x, Real):
        return {"exact": None, "hexadecimal": None, "decimal": written, "decimal_is_exact": exact}
    small = x.numerator.bit_length() + x.denominator.bit_length() <= MAX_BITS
    return {
        "exact": fraction(x) if small else exact_text(x),
        "hexadecimal": hexadecimal(x) if small else None,
        "decimal": written,
        "decimal_is_exact": exact,
    }


def datum_data(datum: Datum) -> Data:
    """What a code or an operand means: a number with its sign, or a special by name."""
    if isinstance(datum, Finite):
        return {"kind": "finite", "negative": datum.negative, **number_data(datum.value)}
    return {"kind": special_text(datum)}


def code_data(fmt: Format, code: int) -> Data:
    """A code with what it means."""
    return {
        "code": code_text(fmt, code),
        "fields": dict(fmt.fields(code)),
        "class": fmt.classify(code),
        "shortest": shortest(fmt, code) if fmt.width <= IDENTIFIED else None,
        "datum": datum_data(fmt.decode(code)),
    }


def flags_data(flags: Flags) -> list[str]:
    """Flags by name, in the order of IEEE 754."""
    return [] if not flags else str(flags).split(", ")


def elsewhere(fmt: Format, code: int, others: list[Format]) -> list[tuple[Format, int]]:
    """The formats that have the value of a finite code exactly, each with its code there."""
    datum = fmt.decode(code)
    if not isinstance(datum, Finite) or isinstance(datum.value, Real):
        return []
    pairs = ((other, exact_in(other, datum)) for other in others if other != fmt)
    return [(other, there) for other, there in pairs if there is not None]
