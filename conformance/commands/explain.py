"""``refmath explain``: why a result is what it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import click
from click.shell_completion import CompletionItem

from conformance.commands.arguments import FORMAT, Command, dialect_option, json_option, projection, projection_options, random_bits
from conformance.operands import Operand, projected, read
from conformance.report.explanation import explanation_data, explanation_lines
from conformance.report.operands import operand_data, operand_lines, shortened
from conformance.report.operation import operation_data, operation_line, operation_lines
from conformance.report.screen import Line, row, show, show_json
from formats import Format, Projection, parse
from formats.arithmetic import Bound, BoundCode, bind
from formats.explain import Explanation, attempt, explain
from formats.explain_operation import OperationExplanation, explain_code_operation, explain_operation
from formats.literals import is_code
from formats.operations import OPERATIONS, AnyOperation, CodeOperation, find_operation
from formats.special_cases import operand_names
from formats.wording import code_text, short_text
from refmath.datum import Datum
from refmath.errors import RefmathError
from refmath.operations import Dialect, Kind, Operation

UNLIMITED_BITS = 64
"""The random bits that are drawn for a mode without a number of its own."""

HELP = """Explain a result like a teacher: the special case that the operands are, or the exact value between its two neighbours, what is kept and what is cut
off, the rule that decided and where it stands, the flags, and what every other rounding mode would give.

OPERATION is convert, add, fma, exp, or any other; 'refmath operations' lists them. A VALUE is a decimal, a hexadecimal float, a fraction or a power of two of any
length; a CODE is 0x2b, 0b00101011 or its bit fields "0 0101 011", and needs a format. Operands are of --from, given once for all or once for each, or else of
--format; a VALUE is first rounded into that format. Without both, operands are taken exactly. The result is of --to, else of --format, else as the operands are.

\b
Examples:
  refmath explain convert 0x1.1p-6 --to e4m3fn
  refmath explain convert 1.0009766 --from binary32 --to e4m3fn
  refmath explain convert 0x3c01 --from binary16 --to e5m2 --rounding rto
  refmath explain convert 0.3 --to e2m1 --rounding stochastic_a --bits 8 --random 200
  refmath explain fma 1.25 0x3c 2^-9 --format e5m2 --rounding rtp
  refmath explain multiply 0x2b 3 --from e4m3fn --from e5m2 --to bf16
  refmath explain exp 1 --to binary32
  refmath explain pow -8 1/3 --format binary16
"""


class OperationType(click.ParamType[AnyOperation]):
    """An operation, by any of its names."""

    name = "operation"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> AnyOperation:
        return find_operation(value) if isinstance(value, str) else value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name, help=op.about) for name, op in OPERATIONS.items() if name.startswith(incomplete.lower())]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained."""

    op: AnyOperation
    operands: tuple[Operand, ...]
    sources: tuple[Format | None, ...]
    """The format of each operand; None where it is taken exactly."""
    target: Format | None
    """The format of the result; None where it is no number."""
    how: Projection
    random: int
    dialect: Dialect | None


@click.command("explain", cls=Command, help=HELP)
@click.argument("operation", type=OperationType())
@click.argument("operands", nargs=-1, metavar="VALUE|CODE...")
@click.option("--format", "fmt", type=FORMAT, metavar="FORMAT", help="The format of operands and result.")
@click.option("--from", "froms", type=FORMAT, multiple=True, metavar="FORMAT", help="The format of the operands: once for all, or once for each.")
@click.option("--to", "to", type=FORMAT, metavar="FORMAT", help="The format of the result.")
@dialect_option
@projection_options
@json_option
def command(
    operation: AnyOperation,
    operands: tuple[str, ...],
    fmt: Format | None,
    froms: tuple[Format, ...],
    to: Format | None,
    dialect: Dialect | None,
    as_json: bool,
    **options: Any,
) -> None:
    if len(operands) != operation.arity:
        plural = "s" if operation.arity > 1 else ""
        raise RefmathError(f"{operation.name} takes {operation.arity} operand{plural}, not {len(operands)}; quote bit fields that are parted by spaces.")
    sources = source_formats(operation, operands, froms, fmt)
    target = result_format(operation, sources, to or fmt)
    how = projection(next((f for f in (target, *sources) if f is not None), parse("binary64")), options, compares=True)
    drawn = random_bits(options)
    if not isinstance(drawn, int):
        how = how if how.bits else replace(how, bits=UNLIMITED_BITS)
        drawn = drawn.getrandbits(how.bits)
    read_operands = tuple(read(text, source) for text, source in zip(operands, sources, strict=True))
    question = Question(operation, read_operands, sources, target, how, drawn, dialect)
    if operation is OPERATIONS["convert"] and dialect is None:
        _conversion(question, as_json)
    else:
        _operation(question, as_json)


def source_formats(op: AnyOperation, operands: Sequence[str], froms: tuple[Format, ...], fmt: Format | None) -> tuple[Format | None, ...]:
    """The format of each operand. An operand that has to be an integer is one as it stands, unless it is a code or has a format of its own."""
    if len(froms) == op.arity > 1:
        return froms
    if len(froms) > 1:
        raise RefmathError(
            f"--from stands {len(froms)} times for the {op.arity} operand{'s' if op.arity > 1 else ''} of {op.name}; give it once for all, or once for each."
        )
    common = froms[0] if froms else fmt
    integers = op.integers if isinstance(op, Operation) else ()
    return tuple(None if at in integers and not is_code(text) else common for at, text in enumerate(operands))


def result_format(op: AnyOperation, sources: tuple[Format | None, ...], stated: Format | None) -> Format | None:
    """The format of the result; None for a truth value or a word."""
    if op.kind is not Kind.NUMBER:
        return None
    if stated is not None:
        return stated
    found = set(sources) - {None}
    if len(found) != 1:
        of = f"operands of {' and '.join(sorted(f.name for f in found if f))}" if found else "exact operands"
        raise RefmathError(f"{op.name} of {of}, and nothing says which format the result has: give --to FORMAT, or --format FORMAT for operands and result.")
    return found.pop()


def _conversion(asked: Question, as_json: bool) -> None:
    (operand,), (source,), target = asked.operands, asked.sources, asked.target
    assert target is not None
    told = explain(target, projected(operand, source, target, asked.how), asked.how, asked.random)
    direct = attempt(target, operand.written, asked.how, asked.random) if operand.rounded else told.code
    if as_json:
        show_json({"operation": "convert", "operand": operand_data(operand, source), **explanation_data(told), "direct": _code(target, direct)})
    else:
        show([*operand_lines(operand, source, asked.how), *explanation_lines(told), *_twice(operand, told, direct)])


def _operation(asked: Question, as_json: bool) -> None:
    told = _explained(asked, tuple(_datum(asked, operand, source) for operand, source in zip(asked.operands, asked.sources, strict=True)))
    direct = _unrounded(asked) if any(operand.rounded for operand in asked.operands) else told
    given = list(zip(asked.operands, asked.sources, strict=True))
    if as_json:
        exact = None if direct is None or direct.projected is None else code_text(direct.projected.format, direct.projected.code)
        show_json({"operands": [operand_data(*one) for one in given], **operation_data(told), "direct": exact})
        return
    operands = [line for name, one in zip(operand_names(asked.op), given, strict=True) for line in _operand_lines(name, *one, asked.how)]
    show([*operation_line(asked.op), *operands, *operation_lines(told), *_inexact_operands(told, direct)])


def _explained(asked: Question, data: tuple[Datum, ...]) -> OperationExplanation:
    """The explanation of the operation on those operands, whatever their formats."""
    first = next((source for source in asked.sources if source is not None), None)
    if isinstance(asked.op, CodeOperation):
        code = asked.operands[0].code
        if first is None or code is None:
            raise RefmathError(f"{asked.op.name} looks at a code: give its format with --from FORMAT or --format FORMAT.")
        bound = bind(asked.op, (first,), asked.target, asked.how, asked.dialect)
        assert isinstance(bound, BoundCode)
        return explain_code_operation(bound, code)
    if first is not None:
        found = bind(asked.op, asked.sources, asked.target, asked.how, asked.dialect)
        assert isinstance(found, Bound)
        return explain_operation(found, data, asked.random)
    dialect = asked.dialect or (asked.target.dialect if asked.target else Dialect.IEEE754)
    return explain_operation(Bound(asked.op, asked.sources, asked.target, asked.how, dialect), data, asked.random)


def _unrounded(asked: Question) -> OperationExplanation | None:
    """The same of the operands as they were written; None where that is refused."""
    try:
        return _explained(asked, tuple(operand.written for operand in asked.operands))
    except RefmathError:
        return None


def _datum(asked: Question, operand: Operand, source: Format | None) -> Datum:
    return projected(operand, source, asked.target or source or parse("binary64"), asked.how)


def _operand_lines(name: str, operand: Operand, source: Format | None, how: Projection) -> list[Line]:
    if source is None:
        return [row(name, shortened(operand.text))]
    first, *rest = operand_lines(operand, source, how)
    return [row(name, *first[1:]), *rest]


def _inexact_operands(told: OperationExplanation, direct: OperationExplanation | None) -> list[Line]:
    """That rounding the operands shows in the result."""
    if direct is None:
        return [row("note", "the operands were rounded first; exact ones would be refused")]
    if told.projected is None or direct.projected is None or direct.projected.code == told.projected.code:
        return []
    fmt, code = direct.projected.format, direct.projected.code
    return [row("note", f"the operands were rounded first; exact ones would give {code_text(fmt, code)} {short_text(fmt, code)}")]


def _code(fmt: Format, code: int | None) -> str | None:
    return None if code is None else code_text(fmt, code)


def _twice(operand: Operand, told: Explanation, direct: int | None) -> list[Line]:
    """That the value was rounded twice, where that shows in the result."""
    if direct == told.code:
        return []
    alone = "would be refused" if direct is None else f"would be {code_text(told.format, direct)} {short_text(told.format, direct)}"
    return [row("note", f"rounded twice: {shortened(operand.text)} straight into {told.format.name} {alone}")]
