"""How an operand looks: what was typed, the code that it is, and whether it had to be rounded to be one."""

from conformance.operands import Operand
from conformance.report.codes import code_span, field_spans
from conformance.report.data import Data, code_data, datum_data
from conformance.report.screen import Line, row
from formats import Format, Projection
from formats.wording import code_text, short_text
from refmath.datum import Finite
from refmath.underflow import Subnormals
from refmath.wording import decimal_text

SHOWN = 40
"""Characters of an operand that are shown."""
WIDE = 64
"""Formats wider than this are shown without their fields."""


def shortened(text: str) -> str:
    """An operand as it was typed, its middle left out where it is long, control characters made visible."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text.strip())
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 18]}...{shown[-6:]} ({len(text.strip()):,} characters)"


def operand_lines(operand: Operand, source: Format | None, how: Projection) -> list[Line]:
    """The operand in its source format; nothing without one."""
    if source is None or operand.code is None:
        return []
    code = operand.code
    fields = [*field_spans(source, code), "  "] if source.width <= WIDE else []
    given = [rounded_text(operand, source)] if operand.rounded else [f"{source.name} ", code_span(source, code), "  ", *fields, short_text(source, code)]
    lines: list[Line] = [row("operand", *given)]
    if how.operands is not Subnormals.KEEP and source.is_subnormal(code):
        lines.append(row("", f"{how.operands.value}: it is subnormal, and subnormal operands count as zero"))
    return lines


def rounded_text(operand: Operand, source: Format) -> str:
    """That a value is none of the source format, and what it was rounded to."""
    assert operand.code is not None
    datum = operand.datum
    value, exact = decimal_text(datum.value) if isinstance(datum, Finite) else (short_text(source, operand.code), True)
    made = f"{code_text(source, operand.code)}{f' {value}' if exact else ''}"
    return f"{shortened(operand.text)} is not a value of {source.name}; {source.default.rounding.value} makes it {made}"


def operand_data(operand: Operand, source: Format | None) -> Data:
    """The operand as JSON data."""
    return {
        "text": operand.text if len(operand.text) <= 10_000 else shortened(operand.text),
        "format": None if source is None else source.name,
        "written": datum_data(operand.written),
        "rounded": operand.rounded,
        **({} if source is None or operand.code is None else {"source": code_data(source, operand.code)}),
    }
