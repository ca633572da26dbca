"""Tables of codes, row by row: text, CSV, Markdown, LaTeX, JSON. They stream, so that their length is no matter."""

import json
from collections.abc import Callable, Iterable, Iterator

from conformance.report.codes import code_span, field_spans, hexadecimal_of
from conformance.report.data import code_data
from conformance.report.screen import Line, Span, plain
from formats import Format
from formats.wording import code_text, fields_text, short_text
from refmath.datum import Finite

HEADER = ("code", "fields", "hexadecimal", "decimal", "class")


def cells(fmt: Format, code: int) -> tuple[str, ...]:
    """One row: the code, its fields, its value as hexadecimal float and as the shortest decimal that identifies it, its class."""
    return code_text(fmt, code), fields_text(fmt, code), hexadecimal_of(fmt, code), short_text(fmt, code), fmt.classify(code)


def text_lines(fmt: Format, codes: range) -> Iterator[Line]:
    """Aligned columns."""
    widths = [max(len(name), *(len(cell) for cell in column)) for name, column in zip(HEADER, zip(*_samples(fmt, codes), strict=True), strict=True)]
    yield [Span("  ".join(name.ljust(size) for name, size in zip(HEADER, widths, strict=True)).rstrip(), "label")]
    for code in codes:
        row = cells(fmt, code)
        spans: list[Line] = [[code_span(fmt, code)], field_spans(fmt, code), [row[2]], [Span(row[3], "strong")], [Span(row[4], "dim")]]
        line: list[str | Span] = []
        for cell, size in zip(spans, widths, strict=True):
            line += ["  " if line else "", *cell, " " * (size - len(plain(cell)))]
        yield line


def _samples(fmt: Format, codes: range) -> list[tuple[str, ...]]:
    """The rows that tell how wide the columns are: all of a short table, the longest ones and an even choice of a long one."""
    stride = max(1, len(codes) // 4096)
    chosen = {*codes[::stride], *(code for code in (fmt.limit(True), fmt.limit()) if code in codes)}
    return [cells(fmt, code) for code in chosen]


def csv_lines(fmt: Format, codes: range) -> Iterator[str]:
    """Comma-separated values, each field of the code in a column of its own."""
    yield ",".join(["code", *(name for name, _ in fmt.fields(0)), *HEADER[2:]])
    for code in codes:
        digits = [part for _, part in fmt.fields(code)]
        yield ",".join([code_text(fmt, code), *digits, *cells(fmt, code)[2:]])


def markdown_lines(fmt: Format, codes: range) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(HEADER)} |"
    yield "|---|---|---|---:|---|"
    for code in codes:
        row = cells(fmt, code)
        yield f"| {' | '.join(f'`{cell}`' if cell and at < 3 else cell for at, cell in enumerate(row))} |"


def latex_lines(fmt: Format, codes: range) -> Iterator[str]:
    """A LaTeX ``tabular``, without packages."""
    yield r"\begin{tabular}{lllrl}"
    yield r"\hline"
    yield f"{' & '.join(HEADER)} \\\\"
    yield r"\hline"
    for code in codes:
        row = cells(fmt, code)
        typewriter = [rf"\texttt{{{cell}}}" if cell else "" for cell in row[:3]]
        yield f"{' & '.join([*typewriter, _latex_value(fmt, code, row[3]), row[4]])} \\\\"
    yield r"\hline"
    yield r"\end{tabular}"


def _latex_value(fmt: Format, code: int, text: str) -> str:
    if isinstance(fmt.decode(code), Finite):
        mantissa, e, exponent = text.partition("e")
        return rf"${mantissa} \times 10^{{{exponent}}}$" if e else f"${mantissa}$"
    return {"inf": r"$\infty$", "-inf": r"$-\infty$"}.get(text, text)


def json_lines(fmt: Format, codes: range) -> Iterator[str]:
    """A JSON object with the format's name and its codes, one a line."""
    yield f'{{"format": {json.dumps(fmt.name)}, "codes": ['
    for at, code in enumerate(codes, 1):
        yield json.dumps(code_data(fmt, code), ensure_ascii=False) + ("," if at < len(codes) else "")
    yield "]}"


def plain_lines(fmt: Format, codes: range) -> Iterator[str]:
    """``text_lines`` as plain text."""
    return (plain(line).rstrip() for line in text_lines(fmt, codes))


WRITERS: dict[str, Callable[[Format, range], Iterable[str]]] = {
    "text": plain_lines,
    "csv": csv_lines,
    "markdown": markdown_lines,
    "json": json_lines,
    "latex": latex_lines,
}
"""The kinds of table, by the name that ``--format`` takes."""
