"""How far long work is, on the standard error: a bar with rate and time left on a terminal, elsewhere a line now and then, or nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Advance(Protocol):
    """Hears of work as it goes on."""

    def __call__(self, title: str, done: bool, load: tuple[int, int] | None = None) -> None:
        """The title of a piece of work, and whether it is done by that or only went on.

        ``load``: where pieces are of different sizes, how many equal steps were done, and how many are left; the time left is told from these.
        """


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
        yield _silent


def _silent(title: str, done: bool, load: tuple[int, int] | None = None) -> None:
    """No one looks."""


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


class Tempo:
    """Rate and time left since the first step came."""

    def __init__(self) -> None:
        self.first, self.started = -1, 0.0

    def words(self, done: int, left: int, now: float) -> str:
        """When so many steps are done, and so many left."""
        if self.first < 0:
            self.first, self.started = done, now
        return pace(done - self.first, left, now - self.started)


def _lines(total: int, noun: str, before: int) -> Advance:
    spoken, tempo = time.monotonic(), Tempo()
    count = 0

    def advance(title: str, done: bool, load: tuple[int, int] | None = None) -> None:
        nonlocal count, spoken
        count += done
        now = time.monotonic()
        words = tempo.words(*(load or (count, total - before - count)), now)
        if now >= spoken + EVERY:
            spoken = now
            print(f"{before + count:,} of {total:,} {noun}, {words}{'' if done else f'; {title}'}", file=sys.stderr, flush=True)

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
    tempo = Tempo()
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=before, title="", pace="")

        def advance(title: str, done: bool, load: tuple[int, int] | None = None) -> None:
            count = int(bar.tasks[0].completed) + done
            bar.update(task, completed=count, title=title, pace=tempo.words(*(load or (count - before, total - count)), time.monotonic()))

        yield advance


@contextmanager
def operands_progress(total: int) -> Iterator[Callable[[int, str], None]]:
    """The same, on a terminal, for a check of all operands: hears how many of ``total`` were visited more, and the title of their claim."""
    if not sys.stderr.isatty():
        yield lambda count, title: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(TextColumn("checking"), BarColumn(), TextColumn("{task.fields[pace]}"), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, pace="the standard plan first")
        count = Count(total)

        def advance(more: int, title: str) -> None:
            words = count.add(more, time.monotonic())
            bar.update(task, completed=count.done, total=count.total, pace=f"{words}  {title}")

        yield advance


class Count:
    """Operands visited, with the rate since the first of them came."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.first, self.started = total, 0, 0, 0.0

    def add(self, more: int, now: float) -> str:
        """How far it is, in words, when ``more`` were visited by ``now``; beyond the total another pass has begun, to verify an explanation."""
        if not self.done:
            self.first, self.started = more, now
        self.done += more
        self.total = max(self.total, self.done)
        far = f"{self.done / 1e9:.2f} of {self.total / 1e9:.2f} G operands"
        if now <= self.started:
            return far
        rate = (self.done - self.first) / (now - self.started)
        return f"{far}  {rate / 1e6:.0f} M/s, {duration((self.total - self.done) / rate)} left"
