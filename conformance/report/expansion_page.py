"""The page of a multi-component format, and of a value in it: its components, what they add up to, whether they are normalised, what is lost."""

from collections.abc import Sequence

from gmpy2 import mpq

from conformance.report.codes import code_span, field_spans
from conformance.report.data import Data, code_data, datum_data, number_data
from conformance.report.screen import Cell, Line, Span, columns, row
from formats.expansion import Codes, Expansion, is_normalised, nearest, normalise, value
from formats.expansion_notation import expansion_text
from formats.literals import is_code, parse_code
from formats.notation import text
from formats.wording import short_text
from refmath.datum import Datum, Finite, rational
from refmath.errors import RefmathError, quote
from refmath.text import parse_datum
from refmath.wording import datum_text, decimal_text


def format_lines(f: Expansion) -> list[Line]:
    """What the format is."""
    p = f.component.precision
    return [
        [Span(expansion_text(f), "strong"), f"   {f.count} components of {text(f.component)}, the greatest first; a value is their exact sum"],
        [],
        row("bits", f"{f.count * f.component.width}, {f.component.width} each"),
        row("precision", f"{f.count * p} bits at least where no component underflows; more where components have gaps between them"),
        row("rounding", f"{f.rounding.value} in every operation on components"),
        row("range", f"that of {text(f.component)}: up to {short_text(f.component, f.component.limit())}"),
    ]


def format_data(f: Expansion) -> Data:
    """The same as JSON data."""
    return {"format": expansion_text(f), "component": text(f.component), "count": f.count, "rounding": f.rounding.value, "width": f.count * f.component.width}


def read_components(f: Expansion, operands: Sequence[str]) -> tuple[Codes, Datum | None]:
    """Component codes as given, or those of a value, and that value. ``RefmathError`` for a mixture."""
    if operands and all(is_code(word) for word in operands):
        codes = [parse_code(word, f.component) for word in operands]
        return f.check([code for code in codes if code is not None]), None
    if len(operands) != 1:
        raise RefmathError(f"{quote(' '.join(operands))}: give one value, or {f.count} codes of {text(f.component)}.")
    datum = parse_datum(operands[0])
    if not isinstance(datum, Finite):
        first = f.component.round(datum, f.arithmetic.how)
        return (first, *[f.component.zero()] * (f.count - 1)), datum
    if not datum.value:  # zeros of one sign add up to a zero of that sign
        return (f.component.round(datum, f.arithmetic.how),) * f.count, datum
    return nearest(f, datum.value), datum


def value_lines(f: Expansion, codes: Codes, given: Datum | None) -> list[Line]:
    """What components mean."""
    whole = value(f, codes)
    rows: list[list[Cell]] = [
        [Span(f"{at}", "dim"), code_span(f.component, code), field_spans(f.component, code), short_text(f.component, code)] for at, code in enumerate(codes)
    ]
    lines: list[Line] = [[Span(expansion_text(f), "strong"), f"   {f.count} components of {text(f.component)}"], [], *columns(rows), []]
    lines.append(row("value", Span(datum_text(whole), "strong")))
    lines.append(row("normalised", "yes" if is_normalised(f, codes) else _not_normalised(f, codes)))
    if given is not None and isinstance(given, Finite) and isinstance(whole, Finite):
        lost = rational(given) - rational(whole)
        lines.append(row("lost", _number(lost) if lost else "nothing: the value is exact"))
    return lines


def _not_normalised(f: Expansion, codes: Codes) -> str:
    if not isinstance(value(f, codes), Finite):
        return "no: not every component is a number"
    return f"no: its normalised components are {' '.join(str(code_span(f.component, code).text) for code in normalise(f, codes))}"


def _number(x: mpq) -> str:
    written, exact = decimal_text(x)
    return f"{'' if exact else 'about '}{written}"


def value_data(f: Expansion, codes: Codes, given: Datum | None) -> Data:
    """The same as JSON data."""
    whole = value(f, codes)
    data = {**format_data(f), "components": [code_data(f.component, code) for code in codes], "value": datum_data(whole), "normalised": is_normalised(f, codes)}
    if isinstance(given, Finite) and isinstance(whole, Finite):
        data["lost"] = number_data(rational(given) - rational(whole))
    return data
