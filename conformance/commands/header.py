"""``refmath header``: a format as a SystemVerilog package or a C header."""

from pathlib import Path

import click

from conformance.commands.arguments import FORMAT, Command
from conformance.exits import Exit
from formats import Format
from refmath.errors import RefmathError, quote

HELP = """Write a format for hardware and C: its parameters, the fields of its codes, its special codes, the flags.

\b
Examples:
  refmath header e4m3fn                                SystemVerilog, on the standard output
  refmath header posit16 --language c -o posit16.h
  refmath header 'e5m6(bias=20)' -o e5m6_pkg.sv
"""
LANGUAGES = ("systemverilog", "c")
SUFFIXES = {".sv": "systemverilog", ".svh": "systemverilog", ".h": "c"}


@click.command("header", cls=Command, help=HELP)
@click.argument("fmt", metavar="FORMAT", type=FORMAT)
@click.option("--language", type=click.Choice(LANGUAGES), help="Usually systemverilog, or as the suffix of FILE says.")
@click.option("-o", "--output", metavar="FILE", help="Where to, instead of the standard output.")
def command(fmt: Format, language: str | None, output: str | None) -> int:
    from conformance.headers.c import header
    from conformance.headers.systemverilog import package

    chosen = language or SUFFIXES.get(Path(output).suffix if output else ".sv", "systemverilog")
    text = package(fmt) if chosen == "systemverilog" else header(fmt)
    if output is None:
        click.echo(text, nl=False)
        return Exit.AGREES
    try:
        Path(output).write_text(text)
    except OSError as error:
        raise RefmathError(f"{quote(output)} cannot be written: {error.strerror}.") from error
    return Exit.AGREES
