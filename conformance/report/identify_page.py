"""What ``refmath identify`` shows: the format, the projection, the evidence, the exceptions; on request the case that refutes each alternative."""

from dataclasses import asdict
from typing import Any

from conformance.identify import Identification, Refuted
from conformance.report.screen import Line, Piece, Span, columns, listing, row
from conformance.verdict import Counterexample, Number

NEAREST = 3
"""Alternatives that are shown: those that the fewest cases refute."""


def page(found: Identification, verbose: bool) -> list[Line]:
    """Everything about one function."""
    head: list[Line] = [[Span(found.call, "strong"), f"   of {found.source}"], []]
    if found.error:
        return [*head, row("failed", Span(found.error, "bad"))]
    lines = [*head, row("format", Span(found.format, "strong"), _fixed(found)), row("rounding", Span(found.rounding, "strong"))]
    lines += listing("policies", found.policies, "; ") if found.policies else []
    lines += listing("but", found.deviations, "; ") if found.deviations else []
    lines.append(row("match", _match(found)))
    lines += listing("beside", found.remarks, "; ") if found.remarks else []
    lines += listing("as well", found.same) if found.same else []
    lines += listing("undecided", found.undecided, "; ") if found.undecided else []
    for at, case in enumerate(found.examples if verbose else found.examples[:1]):
        lines += _case("exception" if not at else "", case, "the answer gives")
    shown = found.refuted if verbose else found.refuted[:NEAREST]
    for at, one in enumerate(shown):
        lines += _refuted(one, not at)
    if len(found.refuted) > len(shown):
        lines.append(row("", Span(f"{len(found.refuted) - len(shown):,} more are refuted: -v shows each with its case", "dim")))
    return lines


def _fixed(found: Identification) -> str:
    stays, count = found.fixed
    if not count:
        return "   every result is one of its values"
    return f"   every result is one of its values; {'all' if stays == count else f'{stays:,} of'} {count:,} of them come out of themselves"


def _match(found: Identification) -> Span:
    if not found.exceptions:
        return Span(f"all {found.cases:,} cases", "good")
    return Span(f"the nearest: {found.exceptions:,} of {found.cases:,} cases are exceptions", "warn")


def _refuted(one: Refuted, first: bool) -> list[Line]:
    head: list[Line] = [[], row("refuted" if first else "", f"{one.words}   ", Span(f"by {one.cases:,} cases", "dim"))]
    return head + _case("", one.case, "it would give")


def _case(label: str, case: Counterexample, otherwise: str) -> list[Line]:
    (operand,) = case.operands
    table: list[list[Piece]] = [
        [Span(f"  {label or 'simplest'}".ljust(19), "label"), operand.code, operand.value, _exactly(operand)],
        [Span("  comes out", "label"), Span(case.got.code, "good"), case.got.value, ""],
        [Span(f"  {otherwise}", "label"), Span(case.expected.code, "bad"), case.expected.value, case.remark],
    ]
    return columns(table)


def _exactly(number: Number) -> str:
    return f"= {number.hexadecimal}" if number.hexadecimal and len(number.hexadecimal) < 40 else ""


def data(found: Identification) -> dict[str, Any]:
    """As JSON data; ``spec/report.md`` documents it."""
    return {"schema": "refmath-identify/1", **asdict(found)}
