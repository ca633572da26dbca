"""The page of a format: what it is, its layout, its census, its extremes and special codes, its definition."""

from typing import Any

from gmpy2 import mpq

from conformance.report.codes import code_span, field_spans
from conformance.report.data import Data, code_data, number_data
from conformance.report.screen import Cell, Line, Piece, Span, columns, listing, row
from formats import Fixed, Float, Format
from formats.catalogue import CATALOGUE, Named
from formats.characteristics import Run, count, decimal_digits, extremes, special_codes, unit_ulp
from formats.rules import magnitude_text
from formats.wording import code_text, nan_word
from refmath.wording import exact_text, number_text, power_text

WIDE = 32
"""Formats wider than this are listed without their fields."""
CONCRETE = 16
"""Formats up to this width are defined with their numbers put in, wider ones with their parameters."""
SMALL = 1024
"""And so are formats with parameters beyond this, whose powers would not fit a line."""


def named(fmt: Format) -> Named | None:
    """The catalogue's entry for a format."""
    return next((entry for entry in CATALOGUE if entry.format == fmt), None)


def format_lines(fmt: Format) -> list[Line]:
    """Everything about a format, for a terminal."""
    entry = named(fmt)
    lines: list[Line] = [row("format", Span(fmt.name, "strong"), f"   {entry.about}" if entry else "")]
    if entry and entry.aliases:
        lines += listing("aliases", entry.aliases)
    if fmt.notation() != fmt.name:
        lines.append(row("notation", fmt.notation()))
    lines += [_layout(fmt), *_census(fmt), *_values(fmt), *_specials(fmt), *_precision(fmt)]
    lines.append(row("default", f"rounding {fmt.default.rounding.value}, overflow {fmt.default.overflow.value}"))
    return lines + [row("" if at else "definition", text) for at, text in enumerate(definition_text(fmt).splitlines())]


def definition_text(fmt: Format) -> str:
    """The symbolic definition of a format as plain text."""
    definition = fmt.definition()
    small = fmt.width <= CONCRETE and all(abs(parameter.value) <= SMALL for parameter in definition.parameters)
    return (definition.instance() if small else definition).text()


def _layout(fmt: Format) -> Line:
    """The fields with their sizes, or their names alone where the sizes depend on the code."""
    some = [fmt.fields(code) for code in {0, 1, fmt.codes - 1, fmt.codes >> 2, fmt.limit()}]
    longest = max(some, key=len)
    fixed = all([(name, len(digits)) for name, digits in fields] == [(name, len(digits)) for name, digits in longest] for fields in some)
    names = [f"{name} {len(digits)}" if fixed else name for name, digits in longest]
    varying = "" if fixed else ", as long as each code needs"
    return row("layout", f"{fmt.width} bit{'' if fmt.width == 1 else 's'}:  ", " \N{MIDDLE DOT} ".join(names), f"{varying}   {_parameters(fmt)}")


def _parameters(fmt: Format) -> str:
    match fmt:
        case Float():
            return f"bias {fmt.bias}, precision {fmt.precision}"
        case Fixed():
            return f"step {magnitude_text(fmt.value(1))}, " + ("two's complement" if fmt.signed else "unsigned")
        case _:
            return ""


def _census(fmt: Format) -> list[Line]:
    counts = count(fmt)
    parts = [f"{_many(counts.normal)} normal, {_many(counts.subnormal)} subnormal"] if counts.subnormal else []
    parts.append(_some(counts.zeros, "zero", "zeros"))
    rest = "other" if isinstance(fmt, Float) and fmt.explicit_integer_bit else nan_word(fmt) if fmt.has_nan else "unused"
    words = [f"{_many(fmt.codes)}: {_many(counts.finite)} finite ({', '.join(parts)})"]
    words += [
        _some(counts.infinities, "infinity", "infinities"),
        *([] if fmt.has_nan else ["no NaN"]),
        *([f"{_many(counts.rest)} {rest}"] if counts.rest else []),
    ]
    return listing("codes", words)


def _some(n: int, one: str, more: str) -> str:
    return f"no {one}" if n == 0 else f"{n} {one if n == 1 else more}"


def _many(n: int) -> str:
    """A count: written out while it can be read, else by powers of two."""
    if n < 10**9:
        return f"{n:,}"
    return exact_text(mpq(n)) or f"about 2^{n.bit_length() - 1}"


def _values(fmt: Format) -> list[Line]:
    cells: list[list[Cell]] = []
    for extreme in extremes(fmt):
        fields: list[Piece] = field_spans(fmt, extreme.code) if fmt.width <= WIDE else []
        cells.append([extreme.name, [code_span(fmt, extreme.code)], fields, number_text(fmt.exact(extreme.code))])
    return [row("" if at else "values", *line) for at, line in enumerate(columns(cells))]


def _specials(fmt: Format) -> list[Line]:
    cells: list[list[Cell]] = [[run.kind, _codes(fmt, run)] for run in special_codes(fmt)]
    return [row("" if at else "specials", *line) for at, line in enumerate(columns(cells))] or [row("specials", "none: every code is a nonzero number")]


def _codes(fmt: Format, run: Run) -> list[Piece]:
    if run.first == run.last:
        return [code_span(fmt, run.first)]
    return [code_span(fmt, run.first), " to ", code_span(fmt, run.last), f"   {_many(run.last - run.first + 1)} codes"]


def _precision(fmt: Format) -> list[Line]:
    step = unit_ulp(fmt)
    words = [] if step is None else [f"the value after 1 is {magnitude_text(1 + step) if step >= 1 else f'1 + {power_text(step) or magnitude_text(step)}'}"]
    if isinstance(fmt, Float) and fmt.precision > 1:
        survive, identify = decimal_digits(fmt.precision)
        words.append(f"{identify} decimal digits tell normal values apart")
        words += [f"{survive} survive the way in and out"] if survive else []
    return listing("precision", words, "; ") if words else []


def format_data(fmt: Format) -> Data:
    """The same as JSON data."""
    entry, counts, definition = named(fmt), count(fmt), fmt.definition()
    step = unit_ulp(fmt)
    return {
        "name": fmt.name,
        "about": entry.about if entry else None,
        "aliases": list(entry.aliases) if entry else [],
        "notation": fmt.notation(),
        "width": fmt.width,
        "fields": {name: len(digits) for name, digits in fmt.fields(0)},
        "parameters": _parameter_data(fmt),
        "codes": {
            "all": str(fmt.codes),
            "finite": str(counts.finite),
            "normal": str(counts.normal),
            "subnormal": str(counts.subnormal),
            "zeros": counts.zeros,
            "infinities": counts.infinities,
            "rest": str(counts.rest),
        },
        "values": {extreme.name: code_data(fmt, extreme.code) for extreme in extremes(fmt)},
        "specials": [{"kind": run.kind, "first": code_text(fmt, run.first), "last": code_text(fmt, run.last)} for run in special_codes(fmt)],
        "step_after_one": None if step is None else number_data(step),
        "default": {"rounding": fmt.default.rounding.value, "overflow": fmt.default.overflow.value},
        "definition": {"text": definition.text(), "latex": definition.latex()},
    }


def _parameter_data(fmt: Format) -> dict[str, Any]:
    match fmt:
        case Float():
            return {"exponent_bits": fmt.exponent_bits, "precision": fmt.precision, "bias": fmt.bias, "specials": fmt.specials.value, "signed": fmt.signed}
        case Fixed():
            return {"fraction_bits": fmt.fraction_bits, "signed": fmt.signed}
        case _:
            return {"signed": fmt.signed}
