"""Helper processes for long work of the reference: as many as there are processors, and none that run the program that started them."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import current_process, get_context
from typing import TypeVar

PATIENCE = 1.0
"""Seconds that work may take before other processes help."""

T = TypeVar("T")
R = TypeVar("R")


def in_processes(function: Callable[[T], R], items: Sequence[T], seconds: float) -> list[R]:
    """The results of a function for items, in order: by several processes where all of it takes long, by this one where they cannot be had.

    ``seconds``: about how long it takes. What the function raises is raised, for the first of the items that it concerns.
    """
    processes = 1 if current_process().daemon else min(os.cpu_count() or 1, len(items))
    if seconds >= PATIENCE and processes > 1:
        with contextlib.suppress(OSError, BrokenExecutor), ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            with importable_main():
                futures = [pool.submit(function, item) for item in items]
            return [future.result() for future in futures]
    return [function(item) for item in items]


@contextlib.contextmanager
def importable_main() -> Iterator[None]:
    """A spawned process must not run the program that started it again: it needs none of its ``__main__``."""
    main = sys.modules["__main__"]
    saved = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    main.__file__, main.__spec__ = None, None
    try:
        yield
    finally:
        main.__file__, main.__spec__ = saved
