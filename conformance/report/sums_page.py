"""What ``refmath check`` shows of functions that sum: for each function and format the model of accumulation that it equals, by length and layout."""

from collections.abc import Sequence
from itertools import groupby

from conformance.report.screen import Line, Piece, Span, columns, width, wrap
from conformance.verdict import Accumulation, Counterexample, Status, Verdict

OTHER = 58
"""Columns beside the model."""


def sums(verdicts: Sequence[Verdict], verbose: bool) -> list[Line]:
    """Verdicts on sums and dot products; a case against the nearest model where none agrees. ``verbose``: trees in full, and models that are the same on all cases."""
    rows: list[list[Piece]] = []
    verdicts = sorted(verdicts, key=lambda one: one.call)
    for call, some in groupby(verdicts, key=lambda one: one.call):
        for at, verdict in enumerate(some):
            rows += _rows("" if at else call, verdict, verbose)
    lines: list[Line] = columns(rows)
    for verdict in verdicts:
        for case in verdict.counterexamples[: None if verbose else 1]:
            lines += [[], *_example(verdict, case)]
    return lines


def _rows(call: str, verdict: Verdict, verbose: bool) -> list[list[Piece]]:
    """A line for each model."""
    head: list[Piece] = [Span(call, "label"), verdict.operands[0]]
    if verdict.status is Status.FAILED:
        return [[*head, "", Span(verdict.error, "bad")]]
    rows: list[list[Piece]] = []
    for _, group in groupby(verdict.models, key=lambda one: (one.layout, one.model if verbose else one.words, bool(one.exceptions))):
        some = list(group)
        layout = f"{some[0].layout}, " if some[0].layout else ""
        lengths = f"{layout}n = {', '.join(str(one.n) for one in some)}"
        for at, part in enumerate(wrap(_words(some, verbose).split(" "), max(40, width() - OTHER), " ")):
            rows.append([*(["", ""] if rows else head), Span("" if at else lengths, "dim"), Span(part, "bad" if some[0].exceptions else "strong")])
    return rows


def _words(some: Sequence[Accumulation], verbose: bool) -> str:
    one = some[0]
    model = one.model if verbose else one.words
    if one.exceptions:
        return f"nearest {model}: {sum(each.exceptions for each in some)} of {sum(each.cases for each in some)} cases differ"
    also = [text for text in one.also if all(text in each.also for each in some)]
    return f"{model} (here the same as {'; '.join(also)})" if verbose and also else model


def _example(verdict: Verdict, case: Counterexample) -> list[Line]:
    """A case that no model explains."""
    factors = 1 + (verdict.operation == "dot")
    title = f"{verdict.call} of {verdict.operands[0]}{f', {case.layout}' if case.layout else ''}"
    table: list[list[Piece]] = []
    for at in range(0, len(case.operands), factors):
        term = case.operands[at : at + factors]
        table.append(
            [Span("" if at else "  simplest", "label"), " x ".join(one.code for one in term), " x ".join(one.hexadecimal or one.value for one in term)]
        )
    table.append([Span("  got", "label"), Span(case.got.code, "bad"), case.got.hexadecimal or case.got.value])
    table.append([Span("  expected", "label"), Span(case.expected.code, "good"), case.expected.hexadecimal or case.expected.value])
    return [[Span(title, "strong")], *columns(table), ["             by ", case.remark]]
