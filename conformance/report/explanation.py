"""An explanation as a person reads it, and as JSON."""

from collections.abc import Sequence

from gmpy2 import mpq

from conformance.report.codes import code_span, field_spans
from conformance.report.data import Data, code_data, datum_data, flags_data, number_data
from conformance.report.screen import LABEL, Cell, Line, Span, columns, noted, row, width, wrap
from formats import Format, Projection
from formats.explain import Alternative, Explanation
from formats.gap import Gap, Neighbour, Position
from formats.rules import Step, bounded, power_of_two_text, value_text
from formats.wording import code_short, code_text, short_text
from refmath.flags import Flags
from refmath.reals import Real
from refmath.text import rounded_decimal
from refmath.wording import ALMOST, datum_text, hexadecimal_text

NOTE = 66
"""The column where clauses and flags stand."""
SHARE_BITS = 40
"""Bits of the greatest denominator of a share that is written as a fraction."""
WIDE = 64
"""Formats wider than this are shown without their fields."""


def explanation_lines(told: Explanation, exact: str = "") -> list[Line]:
    """The exact result, the gap, the rules, the result, and what other choices give. ``exact``: the first of these in words, where more is known."""
    lines: list[Line] = [row("exact", Span(exact or datum_text(told.operand), "strong"))]
    if told.gap is not None:
        lines += _gap_lines(told.format, told.gap)
    for step in told.steps:
        lines += step_lines(step)
    return lines + code_line(told.format, told.code, told.flags) + _others(told)


def step_lines(step: Step) -> list[Line]:
    """One step of a reasoning, with its clause."""
    return noted(row(step.kind, step.text), step.clause, NOTE)


def _gap_lines(fmt: Format, gap: Gap) -> list[Line]:
    if gap.position is Position.EXACT:
        return []
    ends = columns([_neighbour(fmt, gap.near), _neighbour(fmt, gap.far)])
    return [row("between", *ends[0]), row("    and", *ends[1]), _position(gap)]


def _neighbour(fmt: Format, end: Neighbour) -> list[Cell]:
    hexadecimal = "" if isinstance(end.value, Real) else hexadecimal_text(end.value) or ""
    parity = Span("even", "dim") if end.even else ""
    if end.code is None:
        absent = "beyond the range" if end.value else "no zero here"
        return [Span("none", "dim"), Span(absent, "dim"), hexadecimal, value_text(end), parity]
    if fmt.width > WIDE:
        return [code_span(fmt, end.code), "", hexadecimal, "", parity]
    return [code_span(fmt, end.code), field_spans(fmt, end.code), hexadecimal, short_text(fmt, end.code), parity]


def _position(gap: Gap) -> Line:
    share = "" if gap.share is None or gap.position is Position.HALF else f"{_share(gap)} of the gap, "
    rest = f" ({gap.rest})" if gap.kept.sticky else ""
    scale = "" if gap.exponent is None else f"   x 2^{gap.exponent}"
    bits = f"kept {gap.significand} | guard {gap.kept.guard} | sticky {int(gap.kept.sticky)}{rest}"
    return row("position", f"{share}{gap.position.value}:   ", Span(bits, "significand"), Span(scale, "dim"))


def _share(gap: Gap) -> str:
    """The share of the gap as a fraction where that is short, else as a decimal that does not round to an end or to the middle."""
    assert gap.share is not None
    written = str(gap.share) if gap.share.denominator.bit_length() <= SHARE_BITS else ""
    if written:
        return written
    near = rounded_decimal(gap.share, 3)
    if near == "0.5":
        return f"just {'below' if gap.share < mpq(1, 2) else 'above'} 1/2"
    return "just below 1" if near == "1" else f"{ALMOST}{near}"


def code_line(fmt: Format, code: int, flags: Flags, label: str = "result") -> list[Line]:
    """A result: its code, its fields, its value, and the flags."""
    fields = [*field_spans(fmt, code), "  "] if fmt.width <= WIDE else []
    line = row(label, code_span(fmt, code), "  ", *fields, Span(short_text(fmt, code), "strong"))
    return noted(line, f"flags: {flags}", NOTE)


def _others(told: Explanation) -> list[Line]:
    lines = _groups(told, "others", told.modes, "every other mode")
    if any(draws.code_away != draws.code_toward for draws in told.draws):
        lines += _draw_lines(told)
    return lines + _groups(told, "policies", told.policies, "every other overflow policy")


def _groups(told: Explanation, label: str, alternatives: Sequence[Alternative], everyone: str) -> list[Line]:
    """Alternatives grouped by what they give; the result's own group first."""
    if not alternatives:
        return []
    by_code: dict[int | None, list[str]] = {}
    for alternative in alternatives:
        by_code.setdefault(alternative.code, []).append(alternative.choice)
    if set(by_code) == {told.code}:
        return [row(label, f"{everyone} gives the same")]
    codes = sorted(by_code, key=lambda code: (code is None, code != told.code, code or 0))
    heads = [_given(told.format, code) for code in codes]
    indent = max(len(head) for head in heads) + 2
    lines: list[Line] = []
    for head, code in zip(heads, codes, strict=True):
        for text in wrap(by_code[code], width() - LABEL - indent):
            lines.append(row("" if lines else label, Span(head.ljust(indent), "code"), text))
            head = ""
    return lines


def _given(fmt: Format, code: int | None) -> str:
    if code is None:
        return "refused"
    return f"{code_short(fmt, code)} {short_text(fmt, code)}" if fmt.width <= WIDE else code_short(fmt, code)


def _draw_lines(told: Explanation) -> list[Line]:
    """How many draws of each stochastic mode go away from zero."""
    mixed = next(draws for draws in told.draws if draws.code_away != draws.code_toward)
    away, toward = ("a refusal" if code is None else code_short(told.format, code) for code in (mixed.code_away, mixed.code_toward))
    first, *rest = told.draws
    counts = [f"{bounded(first.away)} of {power_of_two_text(first.bits)} in {first.mode.value}", *(f"{bounded(d.away)} in {d.mode.value}" for d in rest)]
    if told.gap is not None and told.gap.share is not None:
        counts.append(f"{_share(told.gap)} in stochastic")
    return [row("draws", Span(away, "code"), " for ", " \N{MIDDLE DOT} ".join(counts), "; else ", Span(toward, "code"))]


def explanation_data(told: Explanation) -> Data:
    """The same as JSON data."""
    fmt = told.format
    return {
        "format": fmt.name,
        "projection": projection_data(told.projection),
        "random": str(told.random),
        "exact": datum_data(told.operand),
        "gap": _gap_data(fmt, told.gap) if told.gap is not None else None,
        "steps": [step_data(step) for step in told.steps],
        "result": code_data(fmt, told.code),
        "flags": flags_data(told.flags),
        "modes": _choices(fmt, told.modes),
        "stochastic": [
            {"mode": d.mode.value, "bits": d.bits, "draws_away": str(d.away), "away": _code(fmt, d.code_away), "toward": _code(fmt, d.code_toward)}
            for d in told.draws
        ],
        "policies": _choices(fmt, told.policies),
    }


def projection_data(how: Projection) -> Data:
    """Every policy of a projection by name."""
    return {name: value.value if hasattr(value, "value") else value for name, value in ((name, getattr(how, name)) for name in how.__slots__)}


def _gap_data(fmt: Format, gap: Gap) -> Data:
    return {
        "near": {"code": _code(fmt, gap.near.code), **number_data(gap.near.value)},
        "far": {"code": _code(fmt, gap.far.code), **number_data(gap.far.value)},
        "position": gap.position.value,
        "share": None if gap.share is None else number_data(gap.share),
        "kept": gap.significand,
        "guard": gap.kept.guard,
        "sticky": int(gap.kept.sticky),
        "exponent": gap.exponent,
    }


def step_data(step: Step) -> Data:
    """A step of a reasoning as JSON data."""
    return {"kind": step.kind, "text": step.text, "clause": step.clause or None}


def _choices(fmt: Format, alternatives: Sequence[Alternative]) -> dict[str, str | None]:
    return {alternative.choice: _code(fmt, alternative.code) for alternative in alternatives}


def _code(fmt: Format, code: int | None) -> str | None:
    return None if code is None else code_text(fmt, code)
