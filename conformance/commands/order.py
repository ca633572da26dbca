"""``refmath order``: in which order a library sums, and which model its sums equal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from conformance.commands.arguments import FORMAT, INTEGER, Command
from conformance.exits import Exit
from formats import Format

HELP = """Find the order in which the sums and dot products of a library are taken, and the model of accumulation that they equal.

EMULATOR is numpy, torch or jax, all that are installed where none is named, or module:function of your own (the function takes the device and returns a Library, see
conformance/emulators/sums.py). A function is probed with summands that cancel, which shows the tree of its partial sums; then
models are held to it on random operands, and each but the one that it equals is refuted by a case. -v shows the trees and the cases; spec/accumulation.md says what the
models mean.

\b
Examples:
  refmath order numpy
  refmath order torch --function dot --length 16 --length 64 -v
  refmath order jax --format bfloat16 --json
  refmath order torch --device cuda --function matmul --format binary16 --length 16 --model h100
"""
KNOWN = ("numpy", "torch", "jax")
MAX_CASES = 100_000


@click.command("order", cls=Command, help=HELP)
@click.argument("emulators", nargs=-1, metavar="[EMULATOR]...")
@click.option("--function", "functions", multiple=True, metavar="NAME", help="Only this function, such as dot or numpy.dot; may be repeated.")
@click.option("--format", "of", type=FORMAT, multiple=True, metavar="FORMAT", help="The format of the operands (default binary32); may be repeated.")
@click.option(
    "--length", "-n", "lengths", type=INTEGER, multiple=True, metavar="N", help="How many summands, up to 64 (default 8, 16, 33 and 64); may be repeated."
)
@click.option(
    "--model", "models", multiple=True, metavar="MODEL", help="Hold the functions to this model too; the exit status is 1 where one equals none of those named."
)
@click.option("--device", default="cpu", metavar="DEVICE", help="cpu (default) or cuda.")
@click.option("--cases", type=INTEGER, default=100, metavar="N", help="Random operands for each function and length (default 100).")
@click.option("--seed", type=INTEGER, default=1, metavar="SEED", help="Their seed (default 1).")
@click.option("--time-limit", type=INTEGER, default=120, metavar="SECONDS", help="For one function and length (default 120).")
@click.option("--verbose", "-v", is_flag=True, help="The trees, and a counterexample to every model that is refuted.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; the schema is in spec/accumulation.md.")
def command(
    emulators: tuple[str, ...], of: tuple[Format, ...], lengths: tuple[int, ...], models: tuple[str, ...], as_json: bool, verbose: bool, **options: Any
) -> int:
    from conformance.orders import LENGTHS, Request, ask
    from conformance.report.order_page import page
    from conformance.report.screen import show, show_json
    from formats.notation import text
    from refmath.accumulation import parse_model

    given = tuple(str(parse_model(model)) for model in models)
    _check(lengths, options)
    names = _present(emulators)
    answers, failed = [], len(names) < len(dict.fromkeys(emulators))
    for at, name in enumerate(names):
        formats = tuple(text(f) for f in of) or ("binary32",)
        request = Request(name, options["device"], options["functions"], formats, lengths or LENGTHS, given, options["cases"], options["seed"])
        with _status() as report:
            answer = ask(request, float(options["time_limit"]), report)
        answers.append(answer)
        if not as_json:
            show([*([[]] if at else []), *page(answer, verbose)])
        if answer.interrupted:
            break
    if as_json:
        keys = ("library", "description", "found", "error")
        show_json({"schema": "refmath-order/1", "libraries": [{key: getattr(answer, key) for key in keys} for answer in answers]})
    if answers and answers[-1].interrupted:
        click.echo(f"refmath: interrupted; {sum(len(answer.found) for answer in answers):,} answers were complete, theirs are above.", err=True)
        return Exit.INTERRUPTED
    if failed or any(answer.error or any("error" in one for one in answer.found) for answer in answers):
        return Exit.FAILED
    return Exit.DIFFERS if given and not all(_equals(one, given) for answer in answers for one in answer.found) else Exit.AGREES


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """What is being asked, on one line of the standard error that is gone afterwards, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda title: None
        return
    try:
        yield lambda title: click.echo(f"\r\x1b[Kprobing {title}", nl=False, err=True)
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def _equals(one: dict[str, Any], models: tuple[str, ...]) -> bool:
    """Whether a function equals one of the models."""
    return any(candidate["model"] in models for candidate in one["equal"])


def _check(lengths: tuple[int, ...], options: dict[str, Any]) -> None:
    """``RefmathError`` for numbers that nothing can be asked with."""
    from refmath.accumulation.probe import MAX_SUMMANDS
    from refmath.errors import RefmathError

    for n in lengths:
        if not 1 <= n <= MAX_SUMMANDS:
            raise RefmathError(f"--length {n} is impossible; give a number of summands from 1 to {MAX_SUMMANDS}.")
    if not 1 <= options["cases"] <= MAX_CASES:
        raise RefmathError(f"--cases {options['cases']} is impossible; give a number from 1 to {MAX_CASES:,}.")
    if options["device"] not in ("cpu", "cuda"):
        raise RefmathError(f"{options['device']!r} is not a device; use cpu or cuda.")
    if not options["time_limit"]:
        raise RefmathError("--time-limit 0 leaves no time for an answer; give a number of seconds.")


def _present(emulators: tuple[str, ...]) -> list[str]:
    """The libraries that are named, or all, that are installed; each that is not is named on the standard error."""
    from conformance.emulators import missing
    from refmath.errors import RefmathError, quote

    for name in emulators:
        if name not in KNOWN and ":" not in name:
            raise RefmathError(f"{quote(name)} has no sums that are known here; use {', '.join(KNOWN)}, or module:function for a library of your own.")
    wanted = list(dict.fromkeys(emulators)) or [name for name in KNOWN if missing(name) is None]
    for name in wanted:
        if why := missing(name):
            click.echo(f"refmath: {why}", err=True)
    return [name for name in wanted if missing(name) is None]
