"""Why a dot product is what it is: its model, the exact sum and what that rounds to, and the models that give what was got instead."""

from conformance.report.screen import Line, Span, row
from conformance.vectors.causes import other_models
from conformance.vectors.dot_subject import DotSubject
from conformance.vectors.verify import Wrong
from formats.accumulate import Sum
from formats.wording import code_text, short_text
from refmath.errors import RefmathError


def dot_lines(subject: DotSubject, wrong: Wrong) -> list[Line]:
    """The lines of one wrong case."""
    exact = subject.under("exact", wrong.operands)
    lines: list[Line] = [
        row("model", "  ", f"{subject.model} = {subject.accumulation.notation()}"),
        row("expected", "  ", _code(subject, wrong.expected)),
        row("got", "  ", _code(subject, wrong.result)),
        row("exact sum", "  ", f"rounds to {_code(subject, exact.code)}"),
    ]
    names = [name for name, other in other_models(subject) if (found := _under(subject, other.model, wrong)) is not None and found.code == wrong.result]
    return [*lines, row("others", "  ", Span(f"{', '.join(names)}: these models give what was got", "strong"))] if names else lines


def _under(subject: DotSubject, model: str, wrong: Wrong) -> Sum | None:
    """What another model makes of the case; None where it cannot sum it."""
    try:
        return subject.under(model, wrong.operands)
    except RefmathError:
        return None


def _code(subject: DotSubject, code: int) -> str:
    return f"{code_text(subject.result, code)}  {short_text(subject.result, code)}"
