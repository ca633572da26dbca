"""Running the program of an expression on the numbers of a format, in an arithmetic context."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from formats.context import Answer, Context, Step
from formats.expression import Code, Instruction, Integer, Name, Program
from formats.family import Format
from formats.literals import parse_code
from formats.number import Number
from formats.operations import CodeOperation, find_operation
from formats.special_cases import operand_names
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError, quote
from refmath.operations import Operation

Value = Number | bool | str | int


@dataclass(frozen=True, slots=True)
class Traced:
    """One step of an evaluation, and the part of the expression that it is."""

    text: str
    step: Step


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression gave."""

    answer: Answer
    steps: tuple[Traced, ...]
    """Every literal that was rounded and every operation, in order; where the context keeps a trace."""


def evaluate(program: Program, fmt: Format, names: Mapping[str, Number], context: Context) -> Evaluation:
    """The value of an expression whose literals and codes are of ``fmt``, rounded at every step as the context says.

    Errors: ``RefmathError`` for a name without a value, a truth value as an operand, and what the context refuses.
    """
    check_names(program, names)
    stack: list[tuple[Value, Instruction]] = []
    traced: list[str] = []
    for instruction in program.instructions:
        value = _run(program, instruction, fmt, names, context, stack)
        stack.append((value, instruction))
        if not isinstance(instruction.action, Code | Name | Integer):
            traced.append(program.part(instruction))
    ((answer, _),) = stack
    assert isinstance(answer, Number | bool | str)
    steps = context.steps[-len(traced) :] if context.trace and traced else ()
    return Evaluation(answer, tuple(map(Traced, traced, steps)))


def _run(
    program: Program, instruction: Instruction, fmt: Format, names: Mapping[str, Number], context: Context, stack: list[tuple[Value, Instruction]]
) -> Value:
    """The value that an instruction puts on the stack; an operation takes its operands off it."""
    match instruction.action:
        case Finite() | Infinity() | NaN() | NotAReal() as written:
            return context.literal(fmt, written)
        case Code(text):
            code = parse_code(text, fmt)
            assert code is not None
            return Number(fmt, code)
        case Name(text):
            return names[text]
        case Integer(value):
            return value
        case Operation() | CodeOperation() as op:
            operands = stack[-op.arity :]
            del stack[-op.arity :]
            for operand, part in operands:
                if isinstance(operand, bool | str):
                    given = operand if isinstance(operand, str) else "true" if operand else "false"
                    raise RefmathError(f"{quote(program.part(part))} gives {given}, which is no number; {op.name} needs numbers.")
            return context.apply(op, *(operand for operand, _ in operands))


def check_names(program: Program, names: Mapping[str, Number]) -> None:
    """``RefmathError`` for a name that has no value."""
    for instruction in program.instructions:
        if isinstance(instruction.action, Name) and instruction.action.text not in names:
            raise _unknown(instruction.action.text, names)


def _unknown(name: str, names: Mapping[str, Number]) -> RefmathError:
    close = get_close_matches(name[:100], names, n=2)
    if close:
        return RefmathError(f"{quote(name)} has no value; did you mean {' or '.join(close)}?")
    try:
        op = find_operation(name)
    except RefmathError:
        return RefmathError(f"{quote(name)} has no value; give it one ({name[:30]}=1.5), or call an operation by its name.")
    operands = ", ".join(operand_names(op))
    return RefmathError(f"{quote(name)} is an operation; call it with its operands: {op.name}({operands}).")
