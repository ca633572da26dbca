"""``refmath convert``: values or codes into a format."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click

from conformance.commands.arguments import FORMAT, Command, json_option, projection, projection_options, random_bits
from conformance.operands import Operand, expand, projected, read
from conformance.report.codes import code_span, field_spans
from conformance.report.data import Data, code_data, flags_data
from conformance.report.operands import operand_data, shortened
from conformance.report.screen import Cell, Line, Span, columns, plain, show, show_json
from formats import Format, Projection
from formats.literals import is_code
from formats.wording import short_text
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.rounding import RandomSource

HELP = """Convert values or codes into a format: what was given, the code it becomes, its fields, its value, the flags.

A VALUE is a decimal, a hexadecimal float (0x1.8p-3), a fraction (3/4), a power (2^-9), inf or nan; without --from it is taken
exactly, with --from it is first rounded into that format. A CODE is 0x2b, 0b00101011 or its bit fields "0 0101 011", and needs
--from. @FILE stands for the lines of a file, - for those of the standard input.

\b
Examples:
  refmath convert 0.1 -1.5 3/4 --to bfloat16
  refmath convert 0x2b "0 0101 011" --from e4m3fn --to binary16
  refmath convert 1e9 --to e4m3fn --overflow saturate_finite
  refmath convert 0.3 --to e2m1 --rounding stochastic_a --bits 8 --random 200
  refmath convert @values.txt --to binary8p4se --json
"""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion; ``code`` is None where it failed, and ``error`` says why."""

    text: str
    operand: Operand | None
    code: int | None
    flags: Flags
    error: str = ""


@click.command("convert", cls=Command, help=HELP)
@click.argument("operands", nargs=-1, required=True, metavar="VALUE|CODE...")
@click.option("--from", "source", type=FORMAT, metavar="FORMAT", help="The format of the operands.")
@click.option("--to", "target", type=FORMAT, metavar="FORMAT", required=True, help="The format of the results.")
@projection_options
@json_option
def command(operands: tuple[str, ...], source: Format | None, target: Format, as_json: bool, **options: Any) -> None:
    how = projection(target, options)
    done = convert_all(expand(operands), source, target, how, random_bits(options))
    if as_json:
        show_json({"from": None if source is None else source.name, "to": target.name, "conversions": [_data(one, source, target) for one in done]})
    else:
        show(_lines(done, source, target))
    failed = [one for one in done if one.error]
    if failed:
        several = f"{len(failed):,} of {len(done):,} operands failed; the first: " if len(done) > 1 else ""
        raise RefmathError(several + failed[0].error)


def convert_all(texts: Iterable[str], source: Format | None, target: Format, how: Projection, random: int | RandomSource) -> list[Conversion]:
    """Convert each operand; one that fails does not keep the others from being converted."""
    done = []
    for text in texts:
        try:
            operand = read(text, source)
            code, flags = target.project(projected(operand, source, target, how), how, random)
        except RefmathError as error:
            done.append(Conversion(text, None, None, Flags.NONE, str(error)))
        else:
            done.append(Conversion(text, operand, code, flags))
    return done


def _lines(done: list[Conversion], source: Format | None, target: Format) -> list[Line]:
    rows = [_row(one, source, target) for one in done if one.operand is not None]
    if not rows:
        return []
    used = [
        any(plain([cell]) for cell in column if isinstance(cell, str | Span)) or not isinstance(column[0], str | Span) for column in zip(*rows, strict=True)
    ]
    return columns([[cell for cell, kept in zip(cells, used, strict=True) if kept] for cells in rows])


def _row(one: Conversion, source: Format | None, target: Format) -> list[Cell]:
    """As typed, the source code with its value, the result's code, fields and value, the flags; what is not known is empty."""
    assert one.operand is not None and one.code is not None
    note = str(one.flags) if one.flags else "exact" if one.operand.datum == target.decode(one.code) else ""
    result: list[Cell] = [code_span(target, one.code), field_spans(target, one.code), Span(short_text(target, one.code), "strong"), Span(note, "dim")]
    if source is None or one.operand.code is None:
        return [shortened(one.text), "", "", "", "->", *result]
    typed = "" if is_code(one.text) else shortened(one.text)
    sign = "\N{ALMOST EQUAL TO}" if one.operand.rounded else "=" if typed else ""
    return [typed, sign, code_span(source, one.operand.code), short_text(source, one.operand.code), "->", *result]


def _data(one: Conversion, source: Format | None, target: Format) -> Data:
    if one.operand is None or one.code is None:
        return {"text": shortened(one.text), "error": one.error}
    return {"operand": operand_data(one.operand, source), "result": code_data(target, one.code), "flags": flags_data(one.flags)}
