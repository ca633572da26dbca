"""``refmath eval``: the value of an expression, rounded at every step."""

import re
from collections.abc import Iterable
from typing import Any

import click

from conformance.commands.arguments import FORMAT, Command, dialect_option, json_option, policies, projection, projection_options, random_bits
from conformance.report.evaluation import Given, evaluation_data, evaluation_lines
from conformance.report.explanation import projection_data
from conformance.report.screen import show, show_json
from formats import Context, Format, Number
from formats.evaluation import evaluate
from formats.expression import SPECIALS, parse_expression
from formats.literals import parse_code
from refmath.errors import RefmathError, quote
from refmath.operations import Dialect

HELP = """Evaluate an expression: every operation is computed exactly and rounded once, in the mode and by the policies of the options.

Numbers are decimals, hexadecimal floats, powers such as 2^-9, inf and nan; they are first rounded into the format, which the result says where it changed them.
0x3c and 0b0101 are codes of the format. Operators, loosest first: < <= > >= == !=, + -, * / % (fmod), signs, ^ or **. Every operation is a function by any of its names;
'refmath operations' lists them. --trace shows the exact value, the rounding and the flags of every step.

\b
Examples:
  refmath eval "fma(1.1, x, 2^-9)" --format e5m2 --let x=0x3c --rounding rtp --trace
  refmath eval "(1/3) * 3 == 1" --format binary16
  refmath eval "x * x + y" --format e4m3fn --to binary32 --let x=1.125 --let y=-1
  refmath eval "exp(x) / (1 + exp(x))" --format bf16 --let x=-3.5 --json
  refmath eval "0/0" --format e2m1 --absent-nan zero
"""

_NAME = re.compile(r"[a-z_]\w*", re.ASCII | re.IGNORECASE)


class ExpressionCommand(Command):
    """A command whose operand may start with any minus: ``-x`` is no option."""

    def is_operand(self, arg: str) -> bool:
        return not arg.startswith("--") and arg not in {name for option in self.params for name in option.opts} and arg != "-h"


@click.command("eval", cls=ExpressionCommand, help=HELP)
@click.argument("expression")
@click.option("--format", "fmt", type=FORMAT, metavar="FORMAT", required=True, help="The format of literals, codes and results.")
@click.option("--to", "target", type=FORMAT, metavar="FORMAT", help="The format of the results of operations, if another.")
@click.option("--let", "lets", multiple=True, metavar="NAME=VALUE|CODE", help="The value of a name; repeatable.")
@click.option("--trace", is_flag=True, help="Show every step: exact value, rounding, flags.")
@dialect_option
@projection_options
@json_option
def command(
    expression: str, fmt: Format, target: Format | None, lets: tuple[str, ...], trace: bool, dialect: Dialect | None, as_json: bool, **options: Any
) -> None:
    how = projection(target or fmt, options)
    context = Context(target, dialect=dialect, random=random_bits(options), trace=True, **policies(options))
    program = parse_expression(expression)
    given = named(lets, fmt, context)
    found = evaluate(program, fmt, {one.name: one.number for one in given}, context)
    if as_json:
        show_json(
            {
                "expression": expression,
                "format": fmt.name,
                "to": (target or fmt).name,
                "projection": projection_data(how),
                **evaluation_data(found, given, trace),
            }
        )
    else:
        show(evaluation_lines(found, given, trace))


def named(lets: Iterable[str], fmt: Format, context: Context) -> list[Given]:
    """The values that ``--let`` gives names. ``RefmathError`` for what is no name, or stands twice."""
    given: dict[str, Given] = {}
    for text in lets:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not _NAME.fullmatch(name):
            raise RefmathError(f"--let {quote(text)} gives no name a value; write --let NAME=VALUE, such as --let x=0x3c.")
        if name.lower() in SPECIALS:
            raise RefmathError(f"--let {quote(text)}: {name} is a value already; choose another name.")
        if name in given:
            raise RefmathError(f"--let gives {name} two values, {quote(given[name].text)} and {quote(value)}; give one.")
        code = parse_code(value, fmt)
        number = context.number(fmt, value) if code is None else Number(fmt, code)
        given[name] = Given(name, value, number, context.steps[-1] if code is None else None)
    return list(given.values())
