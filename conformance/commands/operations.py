"""``refmath operations``: what can be computed."""

import click

from conformance.commands.arguments import Command, json_option
from conformance.report.screen import Cell, Span, columns, show, show_json
from formats.operations import OPERATIONS, AnyOperation
from formats.special_cases import operand_names
from refmath.errors import RefmathError, quote

HELP = """List the operations: name, operands, what each is, where it is defined, and the other names that it answers to. TEXT selects those in which it occurs.

\b
Examples:
  refmath operations
  refmath operations minimum
  refmath operations exp --json
"""


@click.command("operations", cls=Command, help=HELP)
@click.argument("text", nargs=-1, metavar="[TEXT]")
@json_option
def command(text: tuple[str, ...], as_json: bool) -> None:
    wanted = " ".join(text).lower()
    found = [op for op in OPERATIONS.values() if wanted in " ".join((op.name, op.about, *op.aliases)).lower()]
    if not found:
        raise RefmathError(f"No operation has {quote(wanted)} in its names or description; 'refmath operations' lists all.")
    if as_json:
        show_json(
            [
                {"name": op.name, "operands": op.arity, "about": op.about, "clause": op.clause, "aliases": list(op.aliases), "result": op.kind.value}
                for op in found
            ]
        )
    else:
        show(columns([_row(op) for op in found]))


def _row(op: AnyOperation) -> list[Cell]:
    operands = f"({', '.join(operand_names(op))})"
    return [Span(op.name, "strong"), operands, op.about, Span(op.clause, "dim"), Span(", ".join(op.aliases), "dim")]
