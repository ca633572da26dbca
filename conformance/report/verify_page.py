"""What ``refmath verify`` found, as a person reads it and as JSON."""

from collections.abc import Sequence
from typing import Any

from conformance.report.data import Data, flags_data
from conformance.report.dot_page import dot_lines
from conformance.report.operation import operation_line, operation_lines
from conformance.report.screen import Line, Span, Style, noted, plain, row, show, show_json
from conformance.vectors.causes import cause
from conformance.vectors.dot_subject import DotSubject
from conformance.vectors.fptest import OWN, Case
from conformance.vectors.fptest_file import WORD_TEXTS, number_text
from conformance.vectors.fptest_verify import ERRATUM, SuiteVerdict, WrongCase
from conformance.vectors.slips import Kind, Slip
from conformance.vectors.subject import Subject
from conformance.vectors.verify import Verdict, Wrong
from formats.arithmetic import Bound, BoundCode
from formats.explain_operation import OperationExplanation, explain_code_operation, explain_operation
from refmath.datum import Datum, Finite
from refmath.errors import RefmathError
from refmath.flags import Flags

INDENT = "  "
AnyVerdict = Verdict | SuiteVerdict


def show_verdicts(found: Sequence[tuple[str, AnyVerdict]], errors: int, explained: int, as_json: bool) -> None:
    """Print the verdicts on some files."""
    if as_json:
        show_json([verdict_data(name, verdict, errors) for name, verdict in found])
        return
    for at, (name, verdict) in enumerate(found):
        if at:
            show([[""]])
        if len(found) > 1:
            show([[Span(name, "strong")]])
        show(verdict_lines(verdict, errors, explained))


def verdict_lines(verdict: AnyVerdict, errors: int, explained: int) -> list[Line]:
    """The wrong cases, the slips, then the counts."""
    lines: list[Line] = []
    if isinstance(verdict, Verdict):
        lines.append([Span(verdict.subject.shown, "strong")])
        for at, wrong in enumerate(verdict.first[:errors]):
            lines += _wrong_lines(verdict.subject, wrong, at < explained)
    else:
        for at, bad in enumerate(verdict.first[:errors]):
            lines += _suite_lines(bad, at < explained)
        lines += _errata(verdict)
    if verdict.wrong > len(verdict.first[:errors]):
        lines.append([Span(f"... and {verdict.wrong - len(verdict.first[:errors]):,} more", "dim")])
    return [*lines, *_slip_lines(verdict), *_cause(verdict), *_counts(verdict)]


def case_text(subject: Subject, wrong: Wrong, result: int, flags: int) -> str:
    """A case as TestFloat text."""
    random = [wrong.random] if subject.random_bits else []
    values = [*wrong.operands, *random, result, flags]
    return " ".join(f"{value:0{column.digits}X}" for value, column in zip(values, subject.columns, strict=True))


def _wrong_lines(subject: Subject, wrong: Wrong, explain: bool) -> list[Line]:
    what = "wrong result" if wrong.result_is_wrong else "wrong flags"
    if wrong.result_is_wrong and wrong.flags != wrong.expected_flags:
        what = "wrong result and flags"
    said, meant = Flags(wrong.flags), Flags(wrong.expected_flags)
    notes = f"{what}: {said} instead of {meant}" if what == "wrong flags" else what
    lines: list[Line] = [
        row(f"line {wrong.line:,}", "  ", Span(case_text(subject, wrong, wrong.result, wrong.flags), "code"), "   ", Span(notes, "bad")),
        row("expected", "  ", Span(case_text(subject, wrong, wrong.expected, wrong.expected_flags), "code")),
    ]
    return lines + (_indented(explanation(subject, wrong)) if explain else [])


def _indented(lines: Sequence[Line]) -> list[Line]:
    return [[INDENT, *line] for line in lines]


def explanation(subject: Subject, wrong: Wrong) -> list[Line]:
    """Why the result of a case is what it is."""
    if isinstance(subject, DotSubject):
        return dot_lines(subject, wrong)
    try:
        told = explained(subject.bound, wrong.operands, wrong.random)
    except RefmathError as error:
        return [[str(error)]]
    return [*operation_line(subject.op), *operation_lines(told)]


def explained(bound: Bound | BoundCode, codes: tuple[int, ...], random: int = 0) -> OperationExplanation:
    """The explanation of an operation on codes."""
    if isinstance(bound, BoundCode):
        return explain_code_operation(bound, codes[0])
    operands = tuple(f.operand(code, bound.how.operands) for f, code in zip(bound.formats, codes, strict=True) if f is not None)
    return explain_operation(bound, operands, random)


def _suite_lines(bad: WrongCase, explain: bool) -> list[Line]:
    case = bad.case
    result = "#" if case.result is None else datum_text(case, case.result)
    what = "wrong result" if bad.result_is_wrong else "wrong flags"
    lines: list[Line] = [
        row(f"line {case.line:,}", "  ", Span(f"{case.operation} {case.source.name} -> {result} {case.flags}", "code"), "   ", Span(what, "bad")),
        row("expected", "  ", Span(f"{datum_text(case, bad.expected)} {bad.expected_flags}", "code")),
    ]
    return lines + (_indented(_suite_explanation(case)) if explain and not case.traps else [])


def _suite_explanation(case: Case) -> list[Line]:
    from formats.arithmetic import operation
    from formats.projection import Projection

    if case.operation in ("scaleb", "to_integer_exact", *OWN):
        return []
    bound = operation(case.operation, case.source, to=case.target, projection=Projection(case.rounding))
    return [*operation_line(bound.op), *operation_lines(explained(bound, case.codes))]


def datum_text(case: Case, x: Datum | bool | str | None) -> str:
    """A result in the syntax of the suite."""
    match x:
        case None:
            return "any result"
        case bool() | str():
            return WORD_TEXTS.get(str(x), str(x))
        case Finite(value, _) if case.operation == "to_integer_exact":
            return f"{int(value):+d}"  # type: ignore[arg-type]
    return number_text(case.target, case.target.encode(x))


def _errata(verdict: SuiteVerdict) -> list[Line]:
    if not verdict.errata:
        return []
    first = verdict.errata[0]
    return [row("erratum", "  ", Span(f"{len(verdict.errata):,} lines, the first is {first.line:,}: {ERRATUM}", "warn"))]


def _slip_lines(verdict: AnyVerdict) -> list[Line]:
    lines: list[Line] = []
    for kind, slips in verdict.slips.items():
        first = slips[0]
        count = verdict.slipped[kind]
        style: Style = "warn" if kind.readable else "bad"
        many = f"{count:,} lines, the first is {first.line:,}" if count > 1 else f"line {first.line:,}"
        lines += noted(row("slip", "  ", Span(f"{many}: {first.sentence}", style)), first.text, 66)
    return lines


def _cause(verdict: AnyVerdict) -> list[Line]:
    found = cause(verdict) if isinstance(verdict, Verdict) else None
    return [row("cause", "  ", Span(found, "strong"), "; that explains every wrong case looked at")] if found else []


def _counts(verdict: AnyVerdict) -> list[Line]:
    if not verdict.cases:
        return [[Span("no case was read", "bad")]]
    right = verdict.cases - verdict.wrong - (len(verdict.errata) if isinstance(verdict, SuiteVerdict) else 0)
    text = f"{verdict.cases:,} cases: {right:,} right, {verdict.wrong:,} wrong"
    if verdict.wrong:
        text += f" ({verdict.wrong_results:,} results, {verdict.wrong_flags:,} flags alone)"
    if isinstance(verdict, SuiteVerdict):
        text += f", {len(verdict.errata):,} known errors of the suite"
        text += f", {verdict.open:,} left open by it" * bool(verdict.open)
        text += f"; tininess {verdict.tininess.value} rounding"
    read = sum(count for kind, count in verdict.slipped.items() if kind.readable)
    tail = f"; {read:,} slips read over" * bool(read) + f"; {verdict.unread:,} not read" * bool(verdict.unread)
    return [[Span(text, "bad" if verdict.wrong else "good"), Span(tail, "bad" if verdict.unread else "warn")]]


def verdict_data(name: str, verdict: AnyVerdict, errors: int) -> Data:
    """A verdict as JSON data."""
    data: Data = {
        "file": name,
        "subject": verdict.subject.shown if isinstance(verdict, Verdict) else None,
        "cases": verdict.cases,
        "wrong_results": verdict.wrong_results,
        "wrong_flags": verdict.wrong_flags,
        "unread": verdict.unread,
        "slips": [_slip_data(kind, verdict.slipped[kind], slips) for kind, slips in verdict.slips.items()],
    }
    if isinstance(verdict, Verdict):
        return {**data, "cause": cause(verdict), "first": [_wrong_data(verdict.subject, wrong) for wrong in verdict.first[:errors]]}
    return {
        **data,
        "tininess": verdict.tininess.value,
        "undelivered": verdict.undelivered,
        "open": verdict.open,
        "known_errors": [case.line for case in verdict.errata],
        "first": [_suite_data(bad) for bad in verdict.first[:errors]],
    }


def _slip_data(kind: Kind, count: int, slips: list[Slip]) -> Data:
    return {"kind": kind.name.lower(), "count": count, "read": kind.readable, "first": [_where(slip) for slip in slips]}


def _where(slip: Slip) -> dict[str, Any]:
    return {"line": slip.line, "text": slip.text, "reason": slip.sentence}


def _wrong_data(subject: Subject, wrong: Wrong) -> Data:
    return {
        "line": wrong.line,
        "got": case_text(subject, wrong, wrong.result, wrong.flags),
        "expected": case_text(subject, wrong, wrong.expected, wrong.expected_flags),
        "result_is_wrong": wrong.result_is_wrong,
        "flags": flags_data(Flags(wrong.flags)),
        "expected_flags": flags_data(Flags(wrong.expected_flags)),
        "explanation": [plain(line).rstrip() for line in explanation(subject, wrong)],
    }


def _suite_data(bad: WrongCase) -> Data:
    case = bad.case
    return {
        "line": case.line,
        "got": None if case.result is None else datum_text(case, case.result),
        "expected": datum_text(case, bad.expected),
        "result_is_wrong": bad.result_is_wrong,
        "flags": flags_data(case.flags),
        "expected_flags": flags_data(bad.expected_flags),
    }
