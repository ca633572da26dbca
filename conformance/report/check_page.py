"""What ``refmath check`` shows: for each emulator every conversion at a glance, then what was found, the simplest case of each.

Claims with the same finding stand together: a library that rounds twice does so in a dozen conversions at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from conformance.claims import SUMS
from conformance.report.screen import LABEL, Line, Piece, Span, Style, columns, row, wrap
from conformance.report.sums_page import sums
from conformance.verdict import BlockCase, Counterexample, Number, Status, Verdict

GLYPHS: dict[Status, tuple[str, Style]] = {
    Status.AGREES: ("=", "good"),
    Status.POLICY: ("p", "warn"),
    Status.APPROXIMATE: ("~", "warn"),
    Status.DIFFERS: ("X", "bad"),
    Status.FAILED: ("?", "bad"),
}
SHORT = {
    "binary16": "b16", "binary32": "b32", "binary64": "b64", "x87_extended": "x87", "bfloat16": "bf16", "ocp_e4m3": "e4m3", "ocp_e5m2": "e5m2",
    "e4m3fnuz": "43uz", "e5m2fnuz": "52uz", "e4m3b11fnuz": "43b1", "ieee_e3m4": "i3m4", "ieee_e4m3": "i4m3",
}  # fmt: skip
ROOM = 100
MANY = 3
"""More variants than these are counted and not named."""


def short(name: str) -> str:
    """A name for a narrow column."""
    return SHORT.get(name) or name.replace("uint", "u").replace("int", "i")


def page(description: str, verdicts: Sequence[Verdict], verbose: bool) -> list[Line]:
    """Everything about one emulator."""
    lines: list[Line] = [[Span(description, "strong"), f"   {len(verdicts):,} claim{'' if len(verdicts) == 1 else 's'}: ", *_tally(verdicts)]]
    totals = [verdict for verdict in verdicts if verdict.operation in SUMS]
    verdicts = [verdict for verdict in verdicts if verdict.operation not in SUMS]
    by_variant: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_variant[verdict.variant].append(verdict)
    first: dict[str, Status] = {}
    for variant, some in by_variant.items():
        statuses = {verdict.title: verdict.status for verdict in some}
        if first and statuses == first:
            lines += [[], row(variant, "the same verdicts throughout")]
        else:
            title = variant if len(by_variant) > 1 else ""
            conversions = [verdict for verdict in some if verdict.operation == "convert"]
            blocks = [verdict for verdict in some if verdict.operation == "quantize"]
            others = [verdict for verdict in some if verdict.operation not in ("convert", "quantize")]
            for part, cells in ((conversions, _by_formats), (blocks, _by_target), (others, _by_operation)):
                lines += [[], *_matrix(part, cells, title)] if part else []
        first = first or statuses
    if verbose and verdicts:
        lines += [[], *_every(verdicts)]
    for status in (Status.DIFFERS, Status.FAILED, Status.POLICY):
        found = _groups([verdict for verdict in verdicts if verdict.status is status])
        if found and status is Status.POLICY and not verbose:
            lines.append([])
        for group in found:
            brief = status is Status.POLICY and not verbose
            lines += _finding(group, brief, len(by_variant)) if brief else [[], *_finding(group, brief, len(by_variant))]
    return lines + _treatments(verdicts) + _remarks(verdicts, len(by_variant)) + ([[], *sums(totals, verbose)] if totals else [])


def _treatments(verdicts: Sequence[Verdict]) -> list[Line]:
    """What each target that lacks something was seen to get in its place, over all sources that agree on it."""
    seen: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    lines = _block_treatments(verdicts)
    for verdict in verdicts:
        for text in verdict.treatment if verdict.operation != "quantize" else ():
            seen[verdict.result][text].append(verdict.operands[0])
    for target, texts in seen.items():
        kinds: dict[str, list[str]] = defaultdict(list)
        for text in texts:
            kinds[text.split(" gives ")[0]].append(text)
        words = []
        for choices in kinds.values():
            usual = max(choices, key=lambda text: len(set(texts[text])))
            words.append(usual)
            words += [f"{text} (from {', '.join(dict.fromkeys(texts[text]))})" for text in choices if text != usual]
        for at, line in enumerate(wrap(words, ROOM, "; ")):
            lines.append([Span(("" if at or lines else "TREATS").ljust(LABEL), "label"), Span(("" if at else f"{target} ").ljust(13), "dim"), line])
    return [[], *lines] if lines else []


def _block_treatments(verdicts: Sequence[Verdict]) -> list[Line]:
    """What becomes of NaNs, infinities and zeros in blocks, for all formats in which it is the same."""
    seen: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for verdict in verdicts:
        if verdict.operation == "quantize" and verdict.treatment:
            seen[verdict.treatment][verdict.result] = None
    lines: list[Line] = []
    for texts, results in seen.items():
        lines += [row("" if lines or at else "TREATS", text) for at, text in enumerate(wrap(texts, ROOM, "; "))]
        lines += [row("", Span(text, "dim")) for text in wrap([f"in {next(iter(results))}", *list(results)[1:]], ROOM)]
    return lines


def _remarks(verdicts: Sequence[Verdict], variants: int) -> list[Line]:
    """What the emulator does beside its results, each with the claims of which it was seen."""
    seen: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        for text in verdict.remarks:
            seen[text].append(verdict)
    lines: list[Line] = []
    for text, some in seen.items():
        lines += [[], [Span("REMARK".ljust(LABEL), "warn"), Span(text, "strong")], *(row("", Span(title, "dim")) for title in _titles(some, variants))]
    return lines


def summary(verdicts: Sequence[Verdict], seconds: float) -> Line:
    """The last line: the tally, the size of the work, the time."""
    cases = sum(verdict.cases for verdict in verdicts)
    return [*_tally(verdicts), f"     {_count(cases)} cases in {_duration(seconds)}"]


def legend() -> Line:
    """What the signs in the tables mean."""
    pieces: list[Piece] = []
    for status, (glyph, style) in GLYPHS.items():
        pieces += [Span(glyph, style), f" {status.value}   "]
    return pieces


def _tally(verdicts: Sequence[Verdict]) -> list[Piece]:
    words = {
        Status.AGREES: "agree",
        Status.POLICY: "agree under a named policy",
        Status.APPROXIMATE: "approximate",
        Status.DIFFERS: "differ",
        Status.FAILED: "failed to run",
    }
    pieces: list[Piece] = []
    for status, text in words.items():
        number = sum(verdict.status is status for verdict in verdicts)
        if not number and status is Status.APPROXIMATE:
            continue
        style = GLYPHS[status][1] if number else ""
        pieces += [" · " if pieces else "", Span(f"{number:,} {text}", style)]
    return pieces


Cell = tuple[str, str]


def _by_formats(verdict: Verdict) -> Cell:
    return verdict.operands[0], verdict.result


def _by_target(verdict: Verdict) -> Cell:
    return verdict.result, verdict.operands[0]


def _by_operation(verdict: Verdict) -> Cell:
    return verdict.operation, verdict.operands[0]


def _matrix(verdicts: Sequence[Verdict], cell: Callable[[Verdict], Cell], title: str) -> list[Line]:
    """Sources or operations down, targets or formats across, a sign for each verdict; of a function that approximates the steps it is off."""
    marks = {cell(verdict): _mark(verdict) for verdict in verdicts}
    down = list(dict.fromkeys(row for row, _ in marks))
    order = {name: at for at, name in enumerate(dict.fromkeys([*down, *(column for _, column in marks)]))}
    across = sorted(dict.fromkeys(column for _, column in marks), key=order.__getitem__)
    rows: list[list[Piece]] = [[Span(title, "label"), *(Span(short(name), "dim") for name in across)]]
    rows += [[name, *(marks.get((name, column), Span(" ")) for column in across)] for name in down]
    return columns(rows, gap=1, right=range(1, len(across) + 1))


def _mark(verdict: Verdict) -> Span:
    glyph, style = GLYPHS[verdict.status]
    return Span(f"{glyph}{verdict.kappa}" if verdict.status is Status.APPROXIMATE and verdict.kappa < 1000 else glyph, style)


def _every(verdicts: Sequence[Verdict]) -> list[Line]:
    """One line a claim."""
    rows: list[list[Piece]] = []
    for verdict in verdicts:
        _, style = GLYPHS[verdict.status]
        what = "; ".join((*verdict.policies, *verdict.deviations, *verdict.remarks)) or verdict.error or verdict.statistics
        rows.append([verdict.title, Span(verdict.status.value, style), f"{verdict.plan}, {verdict.layouts} layouts", verdict.variant, what])
    return columns(rows)


def _groups(verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    """Claims with the same finding, the most common first."""
    groups: dict[tuple[object, ...], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        failure = verdict.error.split(" raised ")[-1].split(" returned ")[-1] if verdict.error else ""
        policies = tuple(text for text in verdict.policies if not text[0].isdigit()) if not verdict.deviations else ()
        key = (policies, verdict.deviations, bool(verdict.unexplained), bool(verdict.layout_dependent), failure)
        groups[key].append(verdict)
    return sorted(groups.values(), key=len, reverse=True)


def _finding(group: Sequence[Verdict], brief: bool, variants: int) -> list[Line]:
    """What several claims have in common, and unless ``brief`` the simplest case of the first."""
    lead = group[0]
    _, style = GLYPHS[lead.status]
    words = {Status.POLICY: "POLICY", Status.DIFFERS: "DIFFERS", Status.FAILED: "FAILED"}[lead.status]
    lines: list[Line] = []
    for at, text in enumerate(wrap([_why(group)], ROOM, "; ")):
        lines.append([Span((words if not at else "").ljust(LABEL), style), Span(text, "strong")])
    lines += [row("", Span(text, "dim")) for text in _titles(group, variants)]
    if lead.status is Status.FAILED or brief:
        return lines
    if lead.status is Status.DIFFERS:
        wrong = sum(verdict.defects for verdict in group)
        off = max((verdict.kappa for verdict in group if verdict.operation != "convert"), default=0)
        steps = f"; up to {off:,} steps off" if off else ""
        raised = sum(verdict.raised for verdict in group)
        raises = f"{raised:,} raise; " if raised and raised < wrong else ""
        lines.append(row("", f"{wrong:,} of {sum(verdict.cases for verdict in group):,} cases; {raises}{_share(group)}{steps}"))
        lines += [row("", f"{share.cases:>9,}  {share.deviation}") for share in lead.shares] if len(group) == 1 else []
        if lead.unexplained and lead.where:
            lines.append(row("", f"the unexplained: {lead.where}"))
    example = next((verdict for verdict in group if verdict.counterexamples), None)
    return lines + (_example(example, example.counterexamples[0]) if example else [])


def _why(group: Sequence[Verdict]) -> str:
    lead = group[0]
    if lead.status is Status.FAILED:
        return lead.error
    parts = list(lead.deviations)
    if lead.layout_dependent:
        names = list(dict.fromkeys(name for verdict in group for name in verdict.layout_dependent))
        where = f", {lead.layout_where}" if lead.layout_where else ""
        parts.append(f"results depend on the layout ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''}){where}")
    if lead.status is Status.POLICY or not parts:
        parts += [text for text in lead.policies if not text[0].isdigit() or lead.status is Status.POLICY]
    if lead.unexplained and not lead.deviations:
        parts.append("differences remain that no known deviation explains")
    return "; ".join(parts)


def _share(group: Sequence[Verdict]) -> str:
    left = sum(verdict.unexplained for verdict in group)
    if not left:
        return "explains all of them" if group[0].deviations else "nothing else differs"
    return f"{left:,} of them unexplained"


def _titles(group: Sequence[Verdict], variants: int) -> list[str]:
    """The claims of a group: one source to many, or many to one; a claim that not all of ``variants`` share says which do."""
    seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for verdict in group:
        source = ", ".join(verdict.operands) if verdict.operation in ("convert", "quantize") else verdict.title.removeprefix(verdict.operation + " ")
        seen[verdict.operation, source, verdict.result].add(verdict.variant)
    targets: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (name, source, result), found in seen.items():
        mark = "" if len(found) == variants else f" ({len(found)} of {variants} variants)" if len(found) > MANY else f" ({'; '.join(sorted(found))} only)"
        plain = name in ("convert", "quantize")
        left, right = (source, result) if plain else (name, source)
        targets["->" if plain else ":", left].append(right + mark)
    merged: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (sign, left), found_right in targets.items():
        merged[sign, tuple(found_right)].append(left)
    texts: list[str] = []
    for (sign, rights), lefts in merged.items():
        head = f"{', '.join(lefts)}{' -> ' if sign == '->' else ': '}{rights[0]}"
        texts += wrap([head, *rights[1:]], ROOM)
    return texts


def _example(verdict: Verdict, case: Counterexample) -> list[Line]:
    where = f"   in layout {case.layout}" if case.layout else ""
    if case.block is not None:
        return _block_example(verdict, case, case.block, where)
    notes = [_exactly(operand) for operand in case.operands]
    notes[0] += f"   {verdict.title}{where}"
    label = "  worst" if verdict.status is Status.APPROXIMATE else "  simplest"
    given: list[list[Piece]] = [[Span("" if at else label, "label"), operand.code, operand.value, notes[at]] for at, operand in enumerate(case.operands)]
    table: list[list[Piece]] = [
        *given,
        [Span("  got", "label"), Span(case.got.code, "bad"), *((case.got.value, "") if case.got.code else ("", Span(case.got.value, "bad")))],
        [Span("  expected", "label"), Span(case.expected.code, "good"), case.expected.value, case.remark],
    ]
    return columns(table)


def _block_example(verdict: Verdict, case: Counterexample, block: BlockCase, where: str) -> list[Line]:
    """A block: its amax, its first value that went wrong, and what became of both under which scale."""

    given: list[list[Piece]] = [
        [Span("  simplest", "label"), "amax", block.amax.code, block.amax.value, f"{_exactly(block.amax)}   {verdict.title}{where}"],
        ["", f"lane {block.place}", case.operands[0].code, case.operands[0].value, _exactly(case.operands[0])],
    ]
    if block.scale_got is not None and block.scale_expected is not None:
        styles: tuple[Style, Style] = ("bad", "good") if block.scale_got != block.scale_expected else ("", "")
        for number, label, style in ((block.scale_got, "  got", styles[0]), (block.scale_expected, "  expected", styles[1])):
            given.append([Span(label, "label"), "scale", Span(number.code, style), number.hexadecimal or number.value, ""])
            found = case.got if label == "  got" else case.expected
            styled: Style = "" if case.got == case.expected else "bad" if label == "  got" else "good"
            given.append(["", "element", Span(found.code, styled), found.value, case.remark if label != "  got" else _exactly(found)])
    else:
        given.append([Span("  got", "label"), "value", Span(case.got.code, "bad"), case.got.value, _exactly(case.got)])
        given.append([Span("  expected", "label"), "value", Span(case.expected.code, "good"), case.expected.value, case.remark])
    return columns(given)


def _exactly(number: Number) -> str:
    return f"= {number.hexadecimal}" if number.hexadecimal and len(number.hexadecimal) < 40 else ""


def _count(number: int) -> str:
    return f"{number / 1e6:,.1f} M" if number >= 1_000_000 else f"{number:,}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
