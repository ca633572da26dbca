"""What ``refmath order`` shows: for each function the model that it equals, by length; on request the trees, and what refutes every other model."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from conformance.orders import Answer
from conformance.report.screen import Line, Span, Style, wrap
from conformance.report.screen import width as screen_width

INDENT = "  "
NAME = 20
"""Columns of the name of a function."""
SHOWN_OPERANDS = 4
DRAWN = 40
"""The columns of a drawing of a tree; a deeper one is written in brackets."""


def page(answer: Answer, verbose: bool) -> list[Line]:
    """Everything about one library."""
    lines: list[Line] = [[Span(answer.description, "strong")]]
    for (call, of), results in groupby(answer.found, key=lambda one: (one["call"], one["of"])):
        lines += [[], [Span(call.ljust(NAME), "label"), of], *_function(list(results), verbose)]
    if answer.error:
        lines += [[], [Span(f"{answer.library}: {answer.error}.", "bad")]]
    return lines


def _function(results: Sequence[dict[str, Any]], verbose: bool) -> list[Line]:
    """The answers about one function on one format: lengths of the same answer together."""
    lines: list[Line] = []
    for text, some in groupby(results, key=_verdict):
        same = list(some)
        lengths = f"n = {', '.join(str(one['n']) for one in same)}"
        lines += _wrapped(f"{lengths:<{NAME - 2}}", text, "strong" if same[0].get("equal") else "warn")
        for one in same:
            lines += _details(one) if verbose else []
    refuted = sum(len(one.get("rejected", ())) for one in results)
    if refuted and not verbose:
        lines.append([INDENT, " " * (NAME - 2), Span(f"{refuted:,} other models are refuted: -v shows how, and the trees", "dim")])
    return lines


def _verdict(one: dict[str, Any]) -> str:
    """What a function of a length equals."""
    if "error" in one:
        return str(one["error"])
    equal = [candidate["text"] for candidate in one["equal"]]
    if equal:
        also = f"; on these operands the same as {', '.join(equal[1:3])}{' and others' if len(equal) > 3 else ''}" if len(equal) > 1 else ""
        return f"{equal[0]}{also}"
    return f"none of the models that were tried{': ' + one['why_not'] if one['why_not'] else ', though its order is known'}"


def _details(one: dict[str, Any]) -> list[Line]:
    """The tree of a function, and a counterexample to every model that it is not."""
    if "error" in one:
        return []
    lines: list[Line] = [[INDENT * 2, Span(f"n = {one['n']}, {one['cases']:,} cases", "dim")]]
    if one["tree"] is None:
        lines += _wrapped("    no tree", one["why_not"], "warn")
    else:
        drawn = one["drawing"] if max(map(len, one["drawing"])) <= DRAWN else wrap(one["tree"].split(" "), screen_width() - NAME, " ")
        lines += [[INDENT * 3, line] for line in drawn]
    for refuted in one["rejected"]:
        terms = [_term(operand) for operand in refuted["operands"]]
        shown = ", ".join(terms[:SHOWN_OPERANDS]) + (f" and {len(terms) - SHOWN_OPERANDS} more" if len(terms) > SHOWN_OPERANDS else "")
        text = f"gives {refuted['expected']['hexadecimal']}, the function {refuted['got']['hexadecimal']}, for {shown}"
        lines += _wrapped(f"    not {refuted['text']}:", text, "")
    return lines


def _term(operand: dict[str, Any]) -> str:
    """A summand of a counterexample."""
    at, x, y = operand["at"], operand["x"], operand["y"]
    return f"x{at} = {x['hexadecimal']}" + (f", y{at} = {y['hexadecimal']}" if y is not None else "")


def _wrapped(label: str, text: str, style: Style) -> list[Line]:
    """A label and a text; a text too long for the line goes on below."""
    parts = [part for line in wrap(text.split(" "), screen_width() - NAME, " ") for part in _cut(line)]
    if len(label) > NAME - 2:
        return [[INDENT, label], *_beside([""] * len(parts), parts, style)]
    return _beside([INDENT + label] + [""] * (len(parts) - 1), parts, style)


def _beside(labels: Sequence[str], parts: Sequence[str], style: Style) -> list[Line]:
    """Labels in their column, and beside each a part of a text."""
    return [[label.ljust(NAME), Span(part, style)] for label, part in zip(labels, parts, strict=True)]


def _cut(text: str) -> list[str]:
    """A text without spaces to break at, in lines of the screen's width."""
    room = screen_width() - NAME
    return [text[at : at + room] for at in range(0, max(len(text), 1), room)]
