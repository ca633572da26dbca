"""``refmath serve``: answer a simulator."""

import sys

import click

from conformance.commands.arguments import Command
from refmath.errors import RefmathError

HELP = """Answer requests line by line, for a simulator or any other program that asks for results as it goes.

\b
  open m f16_mul rounding=minMag      ok m a:16 b:16 result:16 flags:5
  m 3C00 C000                         C000 00
  open d fma e4m3fn e4m3fn binary32 to=binary32
  batch d 1000                        and 1000 lines of operands: 1000 lines of results
  close m                             ok
  version                             ok refmath 0.1.0 protocol 1
  quit

\b
Examples:
  refmath serve --stdio < requests.txt

A request that is wrong is answered by a line that starts with error. Answers are flushed at once. spec/vector-files.md defines the protocol.
"""


@click.command("serve", cls=Command, help=HELP)
@click.option("--stdio", is_flag=True, help="Requests on the standard input, answers on the standard output.")
def command(stdio: bool) -> None:
    from conformance.vectors.serve import serve

    if not stdio:
        raise RefmathError("How? Requests come on the standard input and are answered on the standard output: give --stdio.")
    serve(sys.stdin.buffer, sys.stdout.buffer)
