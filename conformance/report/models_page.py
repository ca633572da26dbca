"""Which plans of cases apply to a format, and what tasks they have."""

from conformance.cases.plan import applicable, plan
from conformance.report.screen import Line, Span, columns, show
from conformance.vectors.subject import Subject, make
from formats import Format
from refmath.errors import RefmathError

USUAL = ("add", "subtract", "multiply", "divide", "sqrt", "fma", "remainder", "round_to_integral", "compare_quiet_equal")
"""The operations that are listed where none is named."""


def show_models(fmt: Format, operations: list[str]) -> None:
    """Print the table of each operation."""
    for at, operation in enumerate(operations or USUAL):
        subject = make(operation, [fmt])
        show([*([[""]] if at else []), [Span(f"{subject.operation} {fmt.name}", "strong")], *model_lines(subject)])


def model_lines(subject: Subject) -> list[Line]:
    """A line a model: cases, tasks, impossible tasks; or why it does not apply."""
    lines: list[list[str | Span]] = [[Span(word, "label") for word in ("plan", "cases", "tasks", "impossible", "")]]
    for name, reason in applicable(subject.operation, subject.formats, subject.target, subject.how):
        lines.append([name, "", "", "", Span(reason, "dim")] if reason is not None else _model(subject, name))
    return list(columns(lines, right=(1, 2, 3)))


def _model(subject: Subject, name: str) -> list[str | Span]:
    try:
        made = plan(name, subject.operation, subject.formats, subject.target, subject.how)
        return [name, f"{made.count:,}", str(len(made.tasks) or ""), str(len(made.impossible) or ""), ""]
    except RefmathError as error:
        return [name, "", "", "", Span(str(error), "dim")]
