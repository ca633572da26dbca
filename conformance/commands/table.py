"""``refmath table``: the codes of a format and what they mean."""

from pathlib import Path

import click

from conformance.commands.arguments import FORMAT, Command
from conformance.operands import read
from conformance.report.screen import show
from conformance.report.tables import WRITERS, text_lines
from formats import Format
from refmath.errors import RefmathError, quote

HELP = """List the codes of a format: code, fields, value as hexadecimal float and as the shortest decimal that identifies it, class.

\b
Examples:
  refmath table e2m1
  refmath table e4m3fn --format latex
  refmath table bfloat16 --format csv --output bfloat16.csv
  refmath table binary32 --from 1 --to 0x3f800010
"""
MOST = 1 << 20
"""The longest table that is listed without being asked for by a range."""


@click.command("table", cls=Command, help=HELP)
@click.argument("fmt", type=FORMAT, metavar="FORMAT")
@click.option("--from", "first", metavar="CODE|VALUE", help="The first code; 0 otherwise.")
@click.option("--to", "last", metavar="CODE|VALUE", help="The last code, which is listed too; the greatest otherwise.")
@click.option("--format", "kind", type=click.Choice(list(WRITERS), case_sensitive=False), default="text", help="How the table is written.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json; the schema is in spec/cli-json.md.")
@click.option("--output", "-o", metavar="FILE", help="Write into a file.")
def command(fmt: Format, first: str | None, last: str | None, kind: str, as_json: bool, output: str | None) -> None:
    codes = _range(fmt, first, last)
    kind = "json" if as_json else kind.lower()
    if output is not None:
        _write(output, kind, fmt, codes)
    elif kind == "text":
        show(text_lines(fmt, codes))
    else:
        for line in WRITERS[kind](fmt, codes):
            print(line)


def _range(fmt: Format, first: str | None, last: str | None) -> range:
    if first is None and last is None and fmt.codes > MOST:
        count = f"{fmt.codes:,}" if fmt.width <= 64 else f"2^{fmt.width}"
        raise RefmathError(f"{fmt.name} has {count} codes; choose some with --from CODE and --to CODE.")
    low, high = (default if text is None else read(text, fmt).code for text, default in ((first, 0), (last, fmt.codes - 1)))
    assert low is not None and high is not None
    if low > high:
        raise RefmathError(f"The first code {low:#x} comes after the last, {high:#x}; swap --from and --to (negative values have the greater codes).")
    return range(low, high + 1)


def _write(name: str, kind: str, fmt: Format, codes: range) -> None:
    try:
        with Path(name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in WRITERS[kind](fmt, codes))
    except (OSError, ValueError) as error:
        if isinstance(error, RefmathError):
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RefmathError(f"Cannot write {quote(name)}: {reason}; give a file that can be written.") from error
