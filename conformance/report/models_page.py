"""Which plans of cases apply to an operation on a format; and of one plan, what each task is, how many cases it has, and which are impossible."""

from collections import Counter

from conformance.cases.combined import Combined
from conformance.cases.coverage import Coverage
from conformance.cases.plan import Plan, applicable, plan
from conformance.report.screen import Line, Span, columns, plain, row, show
from conformance.vectors.subject import Subject, make
from formats import Format
from refmath.errors import RefmathError

USUAL = ("add", "subtract", "multiply", "divide", "sqrt", "fma", "remainder", "round_to_integral", "compare_quiet_equal")
"""The operations that are listed where none is named."""
UNSEARCHED = "?"
"""What stands for the tasks not reached where none was looked for."""


def show_models(fmt: Format, operations: list[str]) -> None:
    """Print the table of each operation."""
    unsearched = False
    for at, operation in enumerate(operations or USUAL):
        subject = make(operation, [fmt])
        lines = model_lines(subject)
        unsearched |= any(UNSEARCHED in plain(line).split() for line in lines)
        show([*([[""]] if at else []), [Span(f"{subject.operation} {fmt.name}", "strong")], *lines])
    if unsearched:
        show(
            [
                [""],
                [
                    Span(
                        f"{UNSEARCHED} so many tasks are not searched here: cases and tasks may be fewer; --tasks with the operation and --plan says which",
                        "dim",
                    )
                ],
            ]
        )


def model_lines(subject: Subject) -> list[Line]:
    """A line a plan: cases, tasks, impossible tasks; or why it does not apply."""
    lines: list[list[str | Span]] = [[Span(word, "label") for word in ("plan", "cases", "tasks", "impossible", "not reached", "")]]
    for name, reason in applicable(subject.operation, subject.formats, subject.target, subject.how):
        lines.append([name, "", "", "", "", Span(reason, "dim")] if reason is not None else _model(subject, name))
    return list(columns(lines, right=(1, 2, 3, 4)))


def _model(subject: Subject, name: str) -> list[str | Span]:
    try:
        made = plan(name, subject.operation, subject.formats, subject.target, subject.how)
        if not isinstance(made, Coverage | Combined):
            return [name, f"{made.count:,}", "", "", "", ""]
        size = made.outline
        unreached = UNSEARCHED if size.unreached is None else _number(size.unreached)
        return [name, f"{size.cases:,}", _number(size.tasks), _number(size.impossible), unreached, ""]
    except RefmathError as error:
        return [name, "", "", "", "", Span(str(error), "dim")]


def _number(n: int) -> str:
    return f"{n:,}" if n else ""


def show_tasks(made: Plan) -> None:
    """Print the tasks of a plan."""
    show(task_lines(made))


def task_lines(made: Plan) -> list[Line]:
    """A line a task with its cases, then the impossible tasks with the proof, and those for which the search found nothing."""
    counts: Counter[int] = Counter()
    for chunk in made.chunks():
        if chunk.tasks is not None:
            counts.update(chunk.tasks.tolist())
    rows: list[list[str | Span]] = [[Span("cases", "label"), Span("task", "label")]]
    rows += [[f"{counts[at]:,}", task] for at, task in enumerate(made.tasks)]
    lines = [*columns(rows, right=(0,))] if made.tasks else []
    for label, style, tasks in (("impossible", "dim", made.impossible), ("not reached", "warn", made.unreached)):
        lines += [row(label, " ", task, "  ", Span(reason, "dim" if style == "dim" else "warn")) for task, reason in tasks]
    return [*lines, [Span(f"{made.name}: {made.count:,} cases, {len(made.tasks):,} tasks, {len(made.impossible):,} impossible", "strong")]]
