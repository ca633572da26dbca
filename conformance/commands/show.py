"""``refmath show``: a format, or one of its codes."""

import click

from conformance.commands.arguments import SHOWN, Command, json_option
from conformance.operands import read, read_values
from conformance.report.code_page import code_lines, code_page_data
from conformance.report.format_page import format_data, format_lines
from conformance.report.operands import operand_data, rounded_text
from conformance.report.screen import row, show, show_json
from formats import Format, parse

HELP = """Show a format - its layout, census, extremes, special codes, definition - or one of its codes: bit fields, exact value,
decimal, hexadecimal float, class, neighbours, ulp, and the other formats that have the same value.

A CODE is 0x2b, 0b00101011 or its bit fields "0 0101 011". A VALUE (0.3, 0x1.8p-3, 3/4, 2^-9, inf, nan) is rounded into the format.

A multi-component format, such as expansion(bfloat16, 2), takes a value, or the codes of its components.

With --block the format is a block format, and the values become blocks of it: the scale chosen, elements clipped and flushed, the error of each, beside
other policies or the block formats given with --beside. @FILE stands for the numbers in a file.

\b
Examples:
  refmath show e4m3fn
  refmath show e4m3fn 0x2b
  refmath show e4m3fn 0 0101 011
  refmath show bfloat16 0.1
  refmath show "e5m2(bias=20, specials=fn)"
  refmath show double_double 0.1
  refmath show "expansion(bfloat16, 2)" 0x3f80 0x3b00
  refmath show mxfp4 --block 7 -2.5 0.1 0.004
  refmath show nvfp4 --block 7 -2.5 0.1 0.004 --beside "mxfp4(size=16)"
"""


@click.command("show", cls=Command, help=HELP)
@click.argument("words", type=SHOWN, metavar="FORMAT")
@click.argument("operand", nargs=-1, metavar="[CODE|VALUE...]")
@click.option("--block", is_flag=True, help="FORMAT is a block format, such as mxfp4, nvfp4 or block(e2m1, e8m0, 16); the values become blocks.")
@click.option("--beside", multiple=True, metavar="FORMAT", help="Another block format to set beside it; may be repeated.")
@json_option
def command(words: str, operand: tuple[str, ...], block: bool, beside: tuple[str, ...], as_json: bool) -> None:
    if block or beside or is_block(words):
        show_block(words, operand, beside, as_json)
    elif is_expansion(words):
        show_expansion(words, operand, as_json)
    elif not operand:
        fmt = parse(words)
        if as_json:
            show_json(format_data(fmt))
        else:
            show(format_lines(fmt))
    else:
        show_code(parse(words), " ".join(operand), as_json)


def is_block(words: str) -> bool:
    """Whether a text can only mean a block format."""
    from formats.block_notation import block_names
    from formats.notation import names

    head = words.partition("(")[0].strip().lower()
    return head == "block" or (head in block_names() and head not in names())


def is_expansion(words: str) -> bool:
    """Whether a text means a multi-component format."""
    from formats.expansion_notation import ALIASES, NAMED

    head = words.partition("(")[0].strip().lower().replace("-", "_")
    return head == "expansion" or head in NAMED or head in ALIASES


def show_expansion(words: str, operand: tuple[str, ...], as_json: bool) -> None:
    """The page of a multi-component format, or of a value of it."""
    from conformance.report import expansion_page
    from formats.expansion_notation import parse_expansion

    fmt = parse_expansion(words)
    if operand:
        codes, given = expansion_page.read_components(fmt, operand)
        if as_json:
            show_json(expansion_page.value_data(fmt, codes, given))
        else:
            show(expansion_page.value_lines(fmt, codes, given))
    elif as_json:
        show_json(expansion_page.format_data(fmt))
    else:
        show(expansion_page.format_lines(fmt))


def show_code(fmt: Format, operand: str, as_json: bool) -> None:
    """The page of a code."""
    found = read(operand, fmt)
    assert found.code is not None
    if as_json:
        show_json({"operand": operand_data(found, None), **code_page_data(fmt, found.code)})
    else:
        given = [row("", rounded_text(found, fmt))] if found.rounded else []
        show([*given, *code_lines(fmt, found.code)])


def show_block(words: str, operand: tuple[str, ...], beside: tuple[str, ...], as_json: bool) -> None:
    """The page of a block format, or of values in blocks of it."""
    from conformance.report import block_page
    from formats.block_notation import parse_block

    fmt = parse_block(words)
    if not operand and not beside:
        if as_json:
            show_json(block_page.format_data(fmt))
        else:
            show(block_page.format_lines(fmt))
        return
    values = read_values(operand)
    others = [parse_block(text) for text in beside] or block_page.alternatives(fmt)
    if as_json:
        show_json(block_page.value_data([fmt, *others], values))
    else:
        show(block_page.value_lines([fmt, *others], values))
