"""How far a check of all operands is, on the standard error where that is a terminal: operands, rate, time left, the claim at hand."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def inputs_bar(total: int) -> Iterator[Callable[[int, str], None]]:
    """A function that hears how many of ``total`` operands were visited more, and the title of their claim."""
    if not sys.stderr.isatty() or not total:
        yield lambda count, title: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("checking"), BarColumn(), TextColumn("{task.fields[done]}"), TimeRemainingColumn(), TextColumn("{task.fields[title]}"))
    started = time.perf_counter()
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, title="", done="")
        visited = 0

        def advance(count: int, title: str) -> None:
            nonlocal visited, total
            visited += count
            total = max(total, visited)  # a second pass, where differences have to be explained
            rate = visited / (time.perf_counter() - started)
            bar.update(task, completed=visited, total=total, title=title, done=f"{visited / 1e9:.2f} of {total / 1e9:.2f} G operands  {rate / 1e6:.1f} M/s")

        yield advance
