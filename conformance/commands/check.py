"""``refmath check``: emulators held to the reference."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from conformance.commands.arguments import FORMAT, INTEGER, OVERFLOW, ROUNDING, Command
from conformance.exits import Exit
from conformance.report.results import check_writable, lines, status, titles, write_json, write_junit, write_report
from conformance.report.screen import Span, show
from formats import Format
from refmath import __version__
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding

HELP = """Hold emulators to the reference, bit for bit, and say where, how often and why they differ.

EMULATOR is torch, jax, ml_dtypes, numpy or one of the libraries that spec/emulators.md names, all that are installed where none is
named; or a file of claims (TOML) about an emulator of your own; or module:function of an adapter of your own (the function takes the
device and returns an adapter, see conformance/claims.py). A program or a Python function needs no file: --command or --python with
--source and --target, and --operation, --rounding, --overflow where they are not the usual ones. spec/emulators.md is the guide.

\b
Examples:
  refmath check torch ml_dtypes
  refmath check torch --source binary64 --target bfloat16 -v
  refmath check jax --budget quick --json report.json --junit report.xml
  refmath check torch --device cuda
  refmath check --command './my_emulator' --source binary32 --target e4m3fn --rounding rtz
  refmath check --python my_module:to_bfloat16 --arrays float32 --source binary32 --target bfloat16
  refmath check --claims my_emulator.toml
"""
BUDGETS = ("quick", "standard", "exhaustive")


@click.command("check", cls=Command, help=HELP)
@click.argument("emulators", nargs=-1, metavar="[EMULATOR]...")
@click.option("--device", default="cpu", metavar="DEVICE", help="cpu (default) or cuda; for torch also cpu:compile and cuda:compile.")
@click.option(
    "--operation", "operations", multiple=True, metavar="NAME", help="convert and quantize (default), another operation, sum, dot, or all; may be repeated."
)
@click.option("--claims", "files", multiple=True, metavar="FILE", help="A file of claims (TOML) about an emulator of your own; may be repeated.")
@click.option("--command", "program", metavar="COMMAND", help="A program to check: lines of hexadecimal codes in, a line with a code out.")
@click.option("--python", metavar="MODULE:FUNCTION", help="A Python function to check: arrays in, an array out.")
@click.option("--library", metavar="NAME", help="Of the arrays that --python takes: numpy (default), torch or jax; python: one number at a time.")
@click.option("--arrays", metavar="KIND", help="What they hold: codes (default), values, or values in float32, float64, ...")
@click.option("--rounding", "-r", type=ROUNDING, metavar="MODE", help="Of --command and --python: the mode they are held to.")
@click.option("--overflow", type=OVERFLOW, metavar="POLICY", help="Of --command and --python: the overflow policy they are held to.")
@click.option("--source", "sources", type=FORMAT, multiple=True, metavar="FORMAT", help="Only conversions from this format; may be repeated.")
@click.option("--target", "targets", type=FORMAT, multiple=True, metavar="FORMAT", help="Only conversions to this format; may be repeated.")
@click.option(
    "--budget", type=click.Choice(BUDGETS), default="standard", help="How much to try where operands are too many for all; exhaustive: all up to 2^32."
)
@click.option("--seed", type=INTEGER, default=1, metavar="SEED", help="Seed of the random operands (default 1).")
@click.option("--jobs", type=INTEGER, default=0, metavar="N", help="Worker processes (default: one a processor).")
@click.option(
    "--time-limit", type=INTEGER, default=120, metavar="SECONDS", help="For one claim, or 2^24 operands of one; beyond it the emulator hangs (default 120)."
)
@click.option(
    "--memory-limit",
    default="8G",
    metavar="SIZE",
    help="For a worker process and all that it starts: 4G, 512M, or none (default 8G); beyond it the claim fails.",
)
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON ('-': standard output, instead of the page); spec/report.md documents it.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--declaration", "declaration_file", metavar="FILE", help="Write a draft of the declaration that P3109 asks of an implementation, as YAML.")
@click.option("--exit-zero", is_flag=True, help="Exit with status 0 even where emulators differ or fail.")
@click.option("--verbose", "-v", is_flag=True, help="A line for every claim.")
def command(
    emulators: tuple[str, ...],
    device: str,
    operations: tuple[str, ...],
    files: tuple[str, ...],
    program: str | None,
    python: str | None,
    library: str | None,
    arrays: str | None,
    rounding: Rounding | None,
    overflow: Overflow | None,
    sources: tuple[Format, ...],
    targets: tuple[Format, ...],
    budget: str,
    seed: int,
    jobs: int,
    time_limit: int,
    memory_limit: str,
    json_file: str | None,
    junit_file: str | None,
    declaration_file: str | None,
    exit_zero: bool,
    verbose: bool,
) -> int:
    from conformance.budget import EXHAUSTIVE, QUICK, STANDARD
    from conformance.limits import Limits, parse_memory
    from conformance.outside.options import described_by_options, files_of_claims
    from conformance.pool import Task

    check_writable(json_file, junit_file, declaration_file)
    own = described_by_options(
        program, python, {"library": library, "arrays": arrays}, operations, sources, targets, {"rounding": rounding, "overflow": overflow}
    )
    limits = Limits(float(time_limit), parse_memory(memory_limit))
    found, silent = _ask((*emulators, *files_of_claims(files), *own), device, limits)
    wanted = _operations(operations)

    def chosen(claim: Any) -> bool:
        return (wanted is None or claim.operation in wanted) and _chosen(claim.operands[0], sources) and _chosen(claim.result, targets)

    how = replace({"quick": QUICK, "standard": STANDARD, "exhaustive": EXHAUSTIVE}[budget], seed=seed)
    tasks = [Task(listing.name, device, claim, how) for listing in found for claim in listing.claims if chosen(claim)]
    tasks.sort(key=lambda task: (task.claim.operation, task.claim.operands[0].name, task.claim.result.name))
    if not tasks and not silent:
        raise RefmathError("No claim of these emulators fits --operation, --source and --target; leave them out to see what there is.")
    started = time.perf_counter()
    run = _run_exhaustively if budget == "exhaustive" else _run
    verdicts, interrupted = run(tasks, jobs or os.cpu_count() or 1, limits)
    seconds = time.perf_counter() - started
    pages = _pages(found, tasks, verdicts)
    about = {"budget": budget, "seed": seed, "seconds": round(seconds, 3), "interrupted": interrupted}
    _write(pages, about, json_file, junit_file, declaration_file)
    if json_file != "-":
        show([*lines(pages, seconds, verbose), *([[Span(_cut_short(list(verdicts.values()), len(tasks)), "warn")]] if interrupted else [])])
    if interrupted:
        return Exit.INTERRUPTED
    return Exit.AGREES if exit_zero else status(pages, silent)


def _ask(given: Sequence[str], device: str, limits: Any) -> tuple[list[Any], bool]:
    """What the emulators of these names offer, all that are installed where there is no name; and whether any is missing or cannot be asked, which is said."""
    from conformance.emulators import KNOWN, OURS, is_description, missing
    from conformance.outside.options import confirm, title
    from conformance.pool import listings

    names = list(dict.fromkeys(given)) or [name for name in KNOWN if name not in OURS and missing(name) is None]
    for name in filter(is_description, names):
        confirm(name)
    absent = {name: why for name in names if (why := missing(name))}
    for why in absent.values():
        click.echo(f"refmath: {why}", err=True)
    found = listings([(name, device) for name in names if name not in absent], limits)
    for listing in found:
        if listing.error:
            click.echo(f"refmath: {title(listing.name)} cannot be checked: {listing.error}.", err=True)
    sound = [listing for listing in found if not listing.error]
    return sound, bool(absent) or len(sound) < len(found)


def _pages(found: Sequence[Any], tasks: Sequence[Any], verdicts: Mapping[int, Any]) -> dict[str, list[Any]]:
    """The verdicts by the description of their emulator, each in the order of its claims."""
    by_claim = {(tasks[at].emulator, tasks[at].claim): verdict for at, verdict in verdicts.items()}
    names = titles([(listing.description, listing.name, listing.device) for listing in found])
    return {
        title: [by_claim[listing.name, claim] for claim in listing.claims if (listing.name, claim) in by_claim]
        for title, listing in zip(names, found, strict=True)
    }


def _write(pages: Mapping[str, Sequence[Any]], about: Mapping[str, Any], json_file: str | None, junit_file: str | None, declaration_file: str | None) -> None:
    """The files that were asked for."""
    emulators = [{"description": name, "verdicts": [verdict.as_json() for verdict in verdicts]} for name, verdicts in pages.items()]
    write_json(json_file, {"schema": "refmath-check/1", "refmath": __version__, **about, "emulators": emulators})
    write_junit(junit_file, pages)
    if declaration_file:
        from conformance.report.declaration import declaration

        write_report(declaration_file, declaration(pages, __version__))


def _cut_short(verdicts: list[Any], total: int) -> str:
    """What is kept of an interrupted run."""
    partly = [verdict for verdict in verdicts if verdict.plan.endswith("interrupted")]
    more = "".join(f", {verdict.title} on {verdict.plan.removesuffix(', then interrupted')} operands" for verdict in partly)
    return f"interrupted: {len(verdicts) - len(partly):,} of {total:,} claims were checked{more}; theirs are the verdicts above."


def _operations(names: tuple[str, ...]) -> frozenset[str] | None:
    """The operations by their canonical names; None for all."""
    from conformance.claims import claimed_operation

    return None if "all" in names else frozenset(map(claimed_operation, names or ("convert", "quantize")))


def _chosen(fmt: Format, wanted: tuple[Format, ...]) -> bool:
    return not wanted or fmt in wanted


def _run(tasks: list[Any], jobs: int, limits: Any) -> tuple[dict[int, Any], bool]:
    """Verdicts by position, and whether Ctrl-C ended the run early."""
    from conformance.pool import run
    from conformance.report.progress import progress

    verdicts: dict[int, Any] = {}
    with progress(len(tasks), "claims") as advance:

        def report(index: int, verdict: Any) -> None:
            verdicts[index] = verdict
            advance(verdict.title, True)

        try:
            run(tasks, jobs, limits, report)
        except KeyboardInterrupt:
            return verdicts, True
    return verdicts, False


def _run_exhaustively(tasks: list[Any], jobs: int, limits: Any) -> tuple[dict[int, Any], bool]:
    """The same on all operands; claims that have too many are named before, in one sentence each reason."""
    from conformance.exhaustive import exhaust, not_exhausted
    from conformance.pool import Pool
    from conformance.report.progress import operands_progress
    from conformance.streaming import size, streams

    claims = [task.claim for task in tasks]
    for sentence in not_exhausted(claims):
        click.echo(f"refmath: {sentence}", err=True)
    total = sum(size(claim) for claim in claims if streams(claim))
    if not total:
        return _run(tasks, jobs, limits)
    verdicts: dict[int, Any] = {}
    with Pool(jobs, limits) as pool, operands_progress(total) as advance:
        try:
            exhaust(tasks, pool, verdicts.__setitem__, advance)
        except KeyboardInterrupt:
            return verdicts, True
    return verdicts, False
