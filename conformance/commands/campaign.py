"""``refmath campaign``: long checks that no interruption spoils."""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import click

from conformance.commands.arguments import INTEGER, Decorated
from conformance.exits import Exit
from conformance.report.progress import Advance, progress
from conformance.report.results import check_writable, lines, status, write_json, write_junit
from conformance.report.screen import Span, show, show_json
from refmath.errors import RefmathError

HELP = """Check many claims, for hours if need be, and keep what is found in a ledger that no interruption spoils.

PLAN is a TOML file that names emulators, operations, formats and budgets (examples/campaign.toml). The work is cut into shards; each adds its outcome to
the ledger, an SQLite file, in one transaction. However a campaign ends, 'resume' goes on, and the ledger in the end is the one of an undisturbed
run. spec/ledger.md says what is in it.

\b
Examples:
  refmath campaign start nightly.toml --jobs 8
  refmath campaign status nightly.toml
  refmath campaign resume nightly.toml --scheduler tcp://10.0.0.1:8786
  refmath campaign report nightly.toml --json report.json --junit report.xml --parquet tables
"""


@click.group("campaign", help=HELP, no_args_is_help=True)
def command() -> None:
    pass


def ledger_option(function: Decorated) -> Decorated:
    """The plan, and the ledger where it is not beside it."""
    option = click.option("--ledger", metavar="FILE", help="The ledger (default: beside the plan, its name with .ledger).")
    return click.argument("plan", metavar="PLAN")(option(function))


def work_options(function: Decorated) -> Decorated:
    """Who does the work, and what the exit status tells."""
    options = (
        click.option("--jobs", type=INTEGER, default=0, metavar="N", help="Worker processes on this machine (default: one a processor)."),
        click.option("--scheduler", metavar="ADDRESS", help="Let a Dask cluster work: the address of its scheduler, tcp://host:8786."),
        click.option("--exit-zero", is_flag=True, help="Exit with status 0 even where emulators differ or fail."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("start")
@ledger_option
@work_options
@click.option("--time-limit", type=INTEGER, metavar="SECONDS", help="For one shard, instead of the plan's.")
@click.option("--memory-limit", metavar="SIZE", help="For a worker process and all that it starts, instead of the plan's: 4G, 512M, or none.")
def start_command(plan: str, ledger: str | None, jobs: int, scheduler: str | None, exit_zero: bool, time_limit: int | None, memory_limit: str | None) -> int:
    """Begin a campaign, in a ledger that does not exist yet."""
    from conformance.campaign.coordinator import start
    from conformance.campaign.plan import read_plan
    from conformance.limits import Limits, parse_memory

    file, path = Path(plan), _path(plan, ledger)
    read = read_plan(file)
    seconds = float(time_limit) if time_limit is not None else read.limits.seconds
    limits = Limits(seconds, parse_memory(memory_limit) if memory_limit is not None else read.limits.memory)

    def work(watch: Any) -> None:
        with _runner(jobs, scheduler)(limits) as runner:
            start(read, file, path, limits, runner, watch)

    return _carry_out(work, file, path, exit_zero)


@command.command("resume")
@ledger_option
@work_options
def resume_command(plan: str, ledger: str | None, jobs: int, scheduler: str | None, exit_zero: bool) -> int:
    """Go on with a campaign, from what its ledger has, within the limits that it began with."""
    from conformance.campaign.coordinator import resume
    from conformance.campaign.plan import read_plan

    file, path = Path(plan), _path(plan, ledger)
    read = read_plan(file)
    return _carry_out(lambda watch: resume(read, file, path, _runner(jobs, scheduler), watch), file, path, exit_zero)


@command.command("status")
@ledger_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; spec/ledger.md documents it.")
def status_command(plan: str, ledger: str | None, as_json: bool) -> int:
    """Say how far a campaign is, running or not: shards done, left and failed, the rate, the time left, versions."""
    from conformance.campaign.lock import is_locked
    from conformance.campaign.pages import status_data, status_lines

    with _opened(plan, ledger) as opened:
        data = status_data(opened, is_locked(opened.path))
    if as_json:
        show_json(data)
    else:
        show(status_lines(data))
    return Exit.AGREES


@command.command("report")
@ledger_option
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON ('-': standard output, instead of the page), without timings.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--parquet", "folder", metavar="FOLDER", help="Write verdicts.parquet and counterexamples.parquet into this folder.")
@click.option("--exit-zero", is_flag=True, help="Exit with status 0 even where emulators differ or fail.")
@click.option("--verbose", "-v", is_flag=True, help="A line for every claim.")
def report_command(plan: str, ledger: str | None, json_file: str | None, junit_file: str | None, folder: str | None, exit_zero: bool, verbose: bool) -> int:
    """Show what a campaign found, as 'refmath check' does."""
    from conformance.campaign.pages import pages, report_data, time_spent

    check_writable(json_file, junit_file)
    with _opened(plan, ledger) as opened:
        found = pages(opened)
        left = len(opened.origin.shards) - len(opened.outcomes)
        write_json(json_file, report_data(opened))
        write_junit(junit_file, found)
        if folder is not None:
            from conformance.campaign.parquet import export

            export(opened, Path(folder))
        if json_file != "-":
            unfinished = f"{left:,} of {len(opened.origin.shards):,} shards are still to be done: 'refmath campaign resume' goes on."
            show([*lines(found, time_spent(opened), verbose), *([[Span(unfinished, "warn")]] if left else [])])
    return Exit.AGREES if exit_zero else status(found)


def _path(plan: str, ledger: str | None) -> Path:
    return Path(ledger) if ledger is not None else Path(plan).with_suffix(".ledger")


@contextmanager
def _opened(plan: str, ledger: str | None) -> Iterator[Any]:
    """The ledger of a plan, to read."""
    from conformance.campaign.coordinator import check_plan
    from conformance.campaign.ledger import Ledger
    from conformance.campaign.plan import read_plan

    read = read_plan(Path(plan))
    with Ledger(_path(plan, ledger)) as opened:
        check_plan(opened, read)
        yield opened


def _runner(jobs: int, scheduler: str | None) -> Callable[[Any], AbstractContextManager[Any]]:
    if scheduler is not None:
        if jobs:
            raise RefmathError("--jobs counts processes on this machine, and --scheduler works on a cluster; leave one of them out.")
        from conformance.campaign.cluster import Cluster

        return lambda limits: Cluster(scheduler, limits)
    from conformance.campaign.runners import Local

    return lambda limits: Local(jobs or os.cpu_count() or 1, limits)


def _carry_out(work: Callable[[Any], None], file: Path, path: Path, exit_zero: bool) -> int:
    """Do the work with its progress shown, say what came of it, and give the exit status."""
    from conformance.campaign.coordinator import NoAnswerError
    from conformance.campaign.ledger import Ledger
    from conformance.campaign.pages import pages, time_spent
    from conformance.report.check_page import summary

    with contextlib.ExitStack() as stack:
        advance: Advance | None = None

        def watch(ledger: Ledger, title: str, done: bool, steps: tuple[int, int]) -> None:
            nonlocal advance
            if advance is None:
                advance = stack.enter_context(progress(len(ledger.origin.shards), "shards", len(ledger.outcomes) - done, plain=True))
            advance(title, done, steps)

        try:
            work(watch)
        except NoAnswerError as silent:
            for sentence in silent.args:
                click.echo(f"refmath: {sentence}", err=True)
            return Exit.FAILED
        except KeyboardInterrupt:
            stack.close()
            return _interrupted(file, path)
    with Ledger(path) as ledger:
        found = pages(ledger)
        verdicts = [verdict for some in found.values() for verdict in some]
        show([summary(verdicts, time_spent(ledger)), [f"'refmath campaign report {file}' shows them; the ledger is {path}."]])
    return Exit.AGREES if exit_zero else status(found)


def _interrupted(file: Path, path: Path) -> int:
    from conformance.campaign.ledger import Ledger

    kept = "no ledger was begun"
    if path.exists():
        with Ledger(path) as ledger:
            kept = f"{len(ledger.outcomes):,} of {len(ledger.origin.shards):,} shards are in {path}, 'refmath campaign resume {file}' goes on"
    click.echo(f"refmath: interrupted; {kept}.", err=True)
    return Exit.INTERRUPTED
