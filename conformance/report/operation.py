"""The explanation of an operation as a person reads it, and as JSON."""

from conformance.report.data import Data, flags_data
from conformance.report.explanation import NOTE, explanation_data, explanation_lines, step_data, step_lines
from conformance.report.screen import Line, Span, noted, row
from formats import Format
from formats.exactness import exactness_text
from formats.explain_operation import OperationExplanation
from formats.operations import AnyOperation
from refmath.datum import Datum, Finite
from refmath.wording import datum_text


def operation_line(op: AnyOperation) -> list[Line]:
    """What an operation is, and where it is defined."""
    return noted(row("operation", f"{op.name}: {op.about}"), op.clause, NOTE)


def operation_lines(told: OperationExplanation) -> list[Line]:
    """The special case, the exact result, how it was rounded, what other modes give."""
    lines: list[Line] = []
    for step in (told.special, told.integral):
        lines += step_lines(step) if step is not None else []
    if told.projected is not None:
        return lines + explanation_lines(told.projected, exact_text(told.projected.operand, told.projected.format))
    assert isinstance(told.answer, bool | str)
    return lines + noted(row("result", Span(answer_text(told.answer), "strong")), f"flags: {told.flags}", NOTE)


def answer_text(answer: bool | str) -> str:
    """A truth value or a word."""
    return answer if isinstance(answer, str) else "true" if answer else "false"


def exact_text(datum: Datum, fmt: Format) -> str:
    """An exact result that is to be rounded into a format."""
    return exactness_text(datum.value, fmt) if isinstance(datum, Finite) and datum.value else datum_text(datum)


def operation_data(told: OperationExplanation) -> Data:
    """The same as JSON data."""
    data: Data = {
        "operation": None if told.op is None else told.op.name,
        "clause": None if told.op is None else told.op.clause,
        "dialect": told.dialect.value,
        "special": None if told.special is None else step_data(told.special),
        "integer": None if told.integral is None else step_data(told.integral),
    }
    if told.projected is None:
        return {**data, "answer": told.answer, "flags": flags_data(told.flags)}
    return {**data, "answer": None, "exact_text": exact_text(told.projected.operand, told.projected.format), **explanation_data(told.projected)}
