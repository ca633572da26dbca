"""The page of a code: its fields, what it means and how, its neighbours, its place in the format, where else its value is exact."""

from gmpy2 import mpq

from conformance.report.codes import code_span, field_names, field_spans, meaning
from conformance.report.data import Data, code_data, elsewhere, number_data
from conformance.report.screen import LABEL, Line, Piece, Span, listing, noted, row
from formats import Fixed, Float, Format
from formats.catalogue import FLOATS, INTEGERS
from formats.characteristics import extremes, roles
from formats.rules import magnitude_text
from formats.shortest import shortest
from formats.wording import IDENTIFIED, code_text, short_text
from refmath.datum import Finite, NaN
from refmath.errors import RefmathError
from refmath.reals import Real
from refmath.wording import datum_text, power_text

NOTE = 62
"""The column where the class and the ulp stand."""
WIDE = 64
"""Formats wider than this are shown without their derivation."""


def code_lines(fmt: Format, code: int) -> list[Line]:
    """Everything about a code, for a terminal."""
    head = [Span(fmt.name.ljust(LABEL - 1), "strong"), " ", code_span(fmt, code), "   ", *field_spans(fmt, code), "      ", *field_names(fmt, code)]
    lines: list[Line] = [head, *noted(row("value", Span(_value(fmt, code), "strong")), _class(fmt, code), NOTE)]
    if derived := derivation(fmt, code):
        lines.append(row("reads", derived))
    lines += _decimal(fmt, code) + _neighbours(fmt, code)
    if found := roles(fmt, code):
        lines.append(row("role", f"{' and '.join(f'the {name} value' for name in found)} of {fmt.name}"))
    if isinstance(fmt.decode(code), Finite):
        lines += [_extremes(fmt), *_also(fmt, code)]
    return lines


def _value(fmt: Format, code: int) -> str:
    datum = fmt.decode(code)
    return datum_text(datum) if not isinstance(datum, NaN) or code != fmt.nan() else f"{datum_text(datum)}, the canonical one"


def _class(fmt: Format, code: int) -> str:
    return "" if isinstance(fmt, Fixed) else fmt.classify(code)


def derivation(fmt: Format, code: int) -> str:
    """How the fields of a finite code make its value; empty where there is nothing to say, or too much."""
    datum = fmt.decode(code)
    found = fmt.magnitude(code)
    if found is None or not isinstance(datum, Finite) or not datum.value or fmt.width > WIDE:
        return ""
    sign, ordinal = "-" if found[0] else "", found[1]
    match fmt:
        case Float():
            e, t = ordinal >> fmt.trailing, ordinal & ((1 << fmt.trailing) - 1)
            part = f"{t}/{1 << fmt.trailing}"
            if e == 0 and fmt.subnormals:
                return f"{sign}{part} x 2^(1 - {fmt.bias})" if fmt.trailing else f"{sign}2^(1 - {fmt.bias})"
            return f"{sign}(1 + {part}) x 2^({e} - {fmt.bias})" if fmt.trailing else f"{sign}2^({e} - {fmt.bias})"
        case Fixed() if fmt.fraction_bits:
            return f"{sign}{ordinal} x 2^{-fmt.fraction_bits}"
        case _:
            return ""


def _decimal(fmt: Format, code: int) -> list[Line]:
    """The shortest decimal that identifies the code, where it is not the value itself."""
    if not isinstance(fmt.decode(code), Finite) or fmt.width > IDENTIFIED:
        return []
    short = shortest(fmt, code)
    return [] if short in _value(fmt, code).split(" ") else [row("decimal", f"{short}   is the shortest that identifies the code")]


def _neighbours(fmt: Format, code: int) -> list[Line]:
    if fmt.magnitude(code) is None:
        return []
    below, above = fmt.next_down(code), fmt.next_up(code)
    pieces: list[Piece] = []
    for there, missing in ((below, "none below"), (above, "none above")):
        pieces += ["   " if pieces else "", *(meaning(fmt, there) if there is not None else [missing])]
    step = ulp(fmt, code)
    return noted(row("neighbours", *pieces), f"ulp {power_text(step) or magnitude_text(step)}" if step is not None else "", NOTE)


def ulp(fmt: Format, code: int) -> mpq | None:
    """The ulp of a finite code; None where it has none, or an irrational one."""
    try:
        return fmt.ulp(code)
    except RefmathError:
        return None


def _extremes(fmt: Format) -> Line:
    """The ends of the range, and the least magnitude above zero."""
    pieces: list[Piece] = []
    for extreme in extremes(fmt):
        if extreme.name in ("greatest", "least subnormal", "least positive", "lowest"):
            pieces += ["   " if pieces else "", f"{extreme.name} ", code_span(fmt, extreme.code), f" {_power_or_short(fmt, extreme.code)}"]
    return row("extremes", *pieces)


def _power_or_short(fmt: Format, code: int) -> str:
    value = fmt.exact(code)
    power = None if isinstance(value, Real) or value >= 1 else power_text(value)
    return power or short_text(fmt, code)


def _also(fmt: Format, code: int) -> list[Line]:
    others = [named.format for named in (*FLOATS, *INTEGERS)]
    found = elsewhere(fmt, code, others)
    if not found:
        return [row("also", "exact in no other of the common formats")]
    names = [f"{other.name} {code_text(other, there)}" for other, there in found if other.width <= WIDE] or [other.name for other, _ in found]
    return listing("also", [f"exact in {names[0]}", *names[1:]])


def code_page_data(fmt: Format, code: int) -> Data:
    """The same as JSON data."""
    below, above = (fmt.next_down(code), fmt.next_up(code)) if fmt.magnitude(code) is not None else (None, None)
    step = ulp(fmt, code)
    others = [named.format for named in (*FLOATS, *INTEGERS)]
    return {
        "format": fmt.name,
        **code_data(fmt, code),
        "reads": derivation(fmt, code) or None,
        "below": None if below is None else code_data(fmt, below),
        "above": None if above is None else code_data(fmt, above),
        "ulp": None if step is None else number_data(step),
        "roles": list(roles(fmt, code)),
        "also": {other.name: code_text(other, there) for other, there in elsewhere(fmt, code, others)},
    }
