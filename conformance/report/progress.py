"""How far long work is, on the standard error: a bar with rate and time left on a terminal, elsewhere a line now and then, or nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[str, bool], None]
"""Hears the title of a piece of work, and whether it is done by that or only went on."""
EVERY = 10.0
"""Seconds between two plain lines."""


@contextmanager
def progress(total: int, noun: str, done: int = 0, plain: bool = False) -> Iterator[Advance]:
    """A function that hears of the work. ``done`` of ``total`` were done before."""
    if sys.stderr.isatty() and total > 1:
        with _bar(total, noun, done) as advance:
            yield advance
    elif plain:
        yield _lines(total, noun, done)
    else:
        yield lambda title, done: None


def duration(seconds: float) -> str:
    """A time to wait: ``0:07``, ``12:30``, ``1:02:30``."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def pace(done: int, left: int, seconds: float) -> str:
    """Rate and time left, when some are done after some time."""
    if not done or seconds <= 0:
        return "rate unknown yet"
    rate = done / seconds
    return f"{rate:.1f}/s, {duration(left / rate)} left" if rate >= 0.1 else f"{rate * 60:.1f}/min, {duration(left / rate)} left"


def _lines(total: int, noun: str, before: int) -> Advance:
    started = spoken = time.monotonic()
    count = 0

    def advance(title: str, done: bool) -> None:
        nonlocal count, spoken
        count += done
        now = time.monotonic()
        if now >= spoken + EVERY:
            spoken = now
            tempo = pace(count, total - before - count, now - started)
            print(f"{before + count:,} of {total:,} {noun}, {tempo}{'' if done else f'; {title}'}", file=sys.stderr, flush=True)

    return advance


@contextmanager
def _bar(total: int, noun: str, before: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    parts = (
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{noun}  {{task.fields[pace]}}  {{task.fields[title]}}"),
    )
    started = time.monotonic()
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=before, title="", pace="")

        def advance(title: str, done: bool) -> None:
            count = int(bar.tasks[0].completed) + done
            bar.update(task, completed=count, title=title, pace=pace(count - before, total - count, time.monotonic() - started))

        yield advance
