"""What an expression gave, as a person reads it, and as JSON.

Flags are those of the operations; what rounding the literals raised stands beside each literal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from conformance.report.codes import code_span, field_spans
from conformance.report.data import Data, code_data, datum_data, flags_data
from conformance.report.explanation import NOTE, WIDE, code_line
from conformance.report.operands import shortened
from conformance.report.operation import answer_text, operation_data, operation_lines
from conformance.report.screen import Line, Piece, Span, noted, row
from formats import Number
from formats.context import Answer, Step
from formats.evaluation import Evaluation, Traced
from formats.explain_operation import explain_step
from formats.wording import code_short, short_text
from refmath.datum import NaN
from refmath.flags import Flags

MOST_LITERALS = 8
"""The literals that are told to have been rounded, where no trace is asked for."""


@dataclass(frozen=True, slots=True)
class Given:
    """A name and its value."""

    name: str
    text: str
    """The value as it was typed."""
    number: Number
    step: Step | None
    """How it was rounded; None where it was given as a code."""


def evaluation_lines(found: Evaluation, given: Sequence[Given], traced: bool) -> list[Line]:
    """The result, and the literals that are none of the format; or every step."""
    flags = operation_flags(found.steps)
    result = code_line(found.answer.format, found.answer.code, flags) if isinstance(found.answer, Number) else _answer(found.answer, flags)
    if traced:
        blocks = [[_given(one) for one in given], *(_step(at, one) for at, one in enumerate(found.steps, 1)), result]
        return [line for block in blocks if block for line in ([], *block)][1:]
    notes = [(one.text, one.step) for one in given if one.step is not None] + [(one.text, one.step) for one in found.steps]
    return [*result, *_rounded(notes)]


def operation_flags(steps: Iterable[Traced]) -> Flags:
    """What the operations raised."""
    return reduce(or_, (one.step.flags for one in steps if one.step.op is not None), Flags.NONE)


def _answer(answer: bool | str, flags: Flags) -> list[Line]:
    return noted(row("result", Span(answer_text(answer), "strong")), f"flags: {flags}", NOTE)


def _rounded(notes: Sequence[tuple[str, Step]]) -> list[Line]:
    """The literals that were rounded, each once."""
    texts = list(dict.fromkeys(rounded_literal(text, step) for text, step in notes if is_rounded(step)))
    more = [row("", f"and {len(texts) - MOST_LITERALS:,} more literals; --trace shows all")] if len(texts) > MOST_LITERALS else []
    return [*(row("" if at else "rounded", text) for at, text in enumerate(texts[:MOST_LITERALS])), *more]


def is_rounded(step: Step) -> bool:
    """Whether a step is a literal that is none of its format."""
    return step.op is None and isinstance(step.result, Number) and not isinstance(step.exact, NaN) and step.result.datum != step.exact


def rounded_literal(text: str, step: Step) -> str:
    """That a literal is none of its format, and what became of it."""
    assert isinstance(step.result, Number)
    fmt, code = step.result.format, step.result.code
    flags = f" ({step.flags})" if step.flags else ""
    return f"{shortened(text)} is not a value of {fmt.name}; {step.projection.rounding.value} makes it {code_short(fmt, code)} {short_text(fmt, code)}{flags}"


def _given(one: Given) -> Line:
    if one.step is not None and is_rounded(one.step):
        return row("given", f"{one.name}: {rounded_literal(one.text, one.step)}")
    return row("given", f"{one.name} = ", *_code(one.number))


def _code(x: Number) -> list[Piece]:
    fields = [*field_spans(x.format, x.code), "  "] if x.format.width <= WIDE else []
    return [code_span(x.format, x.code), "  ", *fields, Span(short_text(x.format, x.code), "strong")]


def _step(at: int, one: Traced) -> list[Line]:
    """One step: a literal in a line where it is exact, else the whole reasoning."""
    step, label = one.step, f"step {at}"
    if step.op is None:
        assert isinstance(step.result, Number)
        if not is_rounded(step):
            return [row(label, f"{shortened(one.text)} = ", *_code(step.result))]
        return [row(label, f"{shortened(one.text)}, a literal, is rounded into {step.result.format.name}"), *operation_lines(explain_step(step))]
    call = f"{step.op.name}({', '.join(map(_operand, step.operands))})"
    return [*noted(row(label, f"{shortened(one.text)}: ", Span(call, "strong")), step.op.clause, NOTE), *operation_lines(explain_step(step))]


def _operand(x: Number | int) -> str:
    return shortened(hex(x) if x.bit_length() > 128 else str(x)) if isinstance(x, int) else short_text(x.format, x.code)


def evaluation_data(found: Evaluation, given: Sequence[Given], traced: bool) -> Data:
    """The same as JSON data."""
    literals = reduce(or_, (one.step.flags for one in found.steps if one.step.op is None), Flags.NONE)
    data: Data = {
        "names": {
            one.name: {"text": shortened(one.text), **_number(one.number), "flags": flags_data(one.step.flags if one.step else Flags.NONE)} for one in given
        },
        "result": _value(found.answer),
        "flags": flags_data(operation_flags(found.steps)),
        "literal_flags": flags_data(literals),
    }
    return {**data, "steps": [_step_data(one) for one in found.steps]} if traced else data


def _number(x: Number) -> Data:
    return {"format": x.format.name, **code_data(x.format, x.code)}


def _value(x: Answer) -> Data | bool | str:
    return _number(x) if isinstance(x, Number) else x


def _step_data(one: Traced) -> Data:
    operands = [str(x) if isinstance(x, int) and x.bit_length() < 10_000 else hex(x) if isinstance(x, int) else _number(x) for x in one.step.operands]
    written = None if one.step.written is None else datum_data(one.step.written)
    return {"text": one.text, "written": written, "operands": operands, **operation_data(explain_step(one.step))}
