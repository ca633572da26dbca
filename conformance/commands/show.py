"""``refmath show``: a format, or one of its codes."""

import click

from conformance.commands.arguments import FORMAT, Command, json_option
from conformance.operands import read
from conformance.report.code_page import code_lines, code_page_data
from conformance.report.format_page import format_data, format_lines
from conformance.report.operands import operand_data, rounded_text
from conformance.report.screen import row, show, show_json
from formats import Format

HELP = """Show a format - its layout, census, extremes, special codes, definition - or one of its codes: bit fields, exact value,
decimal, hexadecimal float, class, neighbours, ulp, and the other formats that have the same value.

A CODE is 0x2b, 0b00101011 or its bit fields "0 0101 011". A VALUE (0.3, 0x1.8p-3, 3/4, 2^-9, inf, nan) is rounded into the format.

\b
Examples:
  refmath show e4m3fn
  refmath show e4m3fn 0x2b
  refmath show e4m3fn 0 0101 011
  refmath show bfloat16 0.1
  refmath show "e5m2(bias=20, specials=fn)"
"""


@click.command("show", cls=Command, help=HELP)
@click.argument("fmt", type=FORMAT, metavar="FORMAT")
@click.argument("operand", nargs=-1, metavar="[CODE|VALUE]")
@json_option
def command(fmt: Format, operand: tuple[str, ...], as_json: bool) -> None:
    if not operand:
        if as_json:
            show_json(format_data(fmt))
        else:
            show(format_lines(fmt))
        return
    found = read(" ".join(operand), fmt)
    assert found.code is not None
    if as_json:
        show_json({"operand": operand_data(found, None), **code_page_data(fmt, found.code)})
    else:
        given = [row("", rounded_text(found, fmt))] if found.rounded else []
        show([*given, *code_lines(fmt, found.code)])
