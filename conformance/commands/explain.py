"""``refmath explain``: why a result is what it is."""

from dataclasses import replace
from typing import Any

import click
from click.shell_completion import CompletionItem

from conformance.commands.arguments import FORMAT, Command, json_option, projection, projection_options, random_bits
from conformance.operands import Operand, projected, read
from conformance.report.explanation import explanation_data, explanation_lines
from conformance.report.operands import operand_data, operand_lines, shortened
from conformance.report.screen import Line, row, show, show_json
from formats import Format
from formats.explain import Explanation, attempt, explain
from formats.wording import code_text, short_text
from refmath.errors import RefmathError, quote

OPERATIONS = {"convert": 1}
"""The operations that can be explained, with their numbers of operands."""
UNLIMITED_BITS = 64
"""The random bits that are drawn for a mode without a number of its own."""

HELP = """Explain a result like a teacher: the exact value between its two neighbours, what is kept and what is cut off,
the rule that decided and where it stands, the flags, and what every other rounding mode would give.

OPERATION is convert. A VALUE is a decimal, a hexadecimal float, a fraction or a power of two of any length; a CODE is 0x2b,
0b00101011 or its bit fields "0 0101 011", and needs --from. A VALUE with --from is first rounded into that format.

\b
Examples:
  refmath explain convert 0x1.1p-6 --to e4m3fn
  refmath explain convert 1.0009766 --from binary32 --to e4m3fn
  refmath explain convert 0x3c01 --from binary16 --to e5m2 --rounding rto
  refmath explain convert 465 --to e4m3fn --overflow saturate_finite
  refmath explain convert 0.3 --to e2m1 --rounding stochastic_a --bits 8 --random 200
"""


class OperationType(click.ParamType[str]):
    """The name of an operation."""

    name = "operation"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value.lower() not in OPERATIONS:
            raise RefmathError(f"{quote(value)} cannot be explained; the operations are {', '.join(OPERATIONS)}: refmath explain convert 0.1 --to binary16.")
        return str(value.lower())

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in OPERATIONS if name.startswith(incomplete.lower())]


@click.command("explain", cls=Command, help=HELP)
@click.argument("operation", type=OperationType())
@click.argument("operands", nargs=-1, metavar="VALUE|CODE...")
@click.option("--from", "source", type=FORMAT, metavar="FORMAT", help="The format of the operand.")
@click.option("--to", "target", type=FORMAT, metavar="FORMAT", required=True, help="The format of the result.")
@projection_options
@json_option
def command(operation: str, operands: tuple[str, ...], source: Format | None, target: Format, as_json: bool, **options: Any) -> None:
    if len(operands) != OPERATIONS[operation]:
        raise RefmathError(f"explain {operation} takes {OPERATIONS[operation]} operand, not {len(operands)}; quote bit fields that are parted by spaces.")
    how = projection(target, options, compares=True)
    drawn = random_bits(options)
    if not isinstance(drawn, int):
        how = how if how.bits else replace(how, bits=UNLIMITED_BITS)
        drawn = drawn.getrandbits(how.bits)
    operand = read(operands[0], source)
    told = explain(target, projected(operand, source, target, how), how, drawn)
    direct = attempt(target, operand.written, how, drawn) if operand.rounded else told.code
    if as_json:
        show_json({"operation": operation, "operand": operand_data(operand, source), **explanation_data(told), "direct": _code(target, direct)})
    else:
        show([*operand_lines(operand, source, how), *explanation_lines(told), *_twice(operand, told, direct)])


def _code(fmt: Format, code: int | None) -> str | None:
    return None if code is None else code_text(fmt, code)


def _twice(operand: Operand, told: Explanation, direct: int | None) -> list[Line]:
    """That the value was rounded twice, where that shows in the result."""
    if direct == told.code:
        return []
    alone = "would be refused" if direct is None else f"would be {code_text(told.format, direct)} {short_text(told.format, direct)}"
    return [row("note", f"rounded twice: {shortened(operand.text)} straight into {told.format.name} {alone}")]
