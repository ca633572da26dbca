"""Running kernels over arrays: in chunks, by as many threads as this process may use, each chunk in the types that kernels take."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from formats.array_layout import Codes

CHUNK = 1 << 15
"""Elements a kernel gets at once where they are converted for it: few enough for the second-level cache."""
SHARE = 1 << 17
"""Elements worth a thread of their own."""


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="refmath")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)


def processors() -> int:
    """How many threads this process may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[int, int], None], count: int, step: int = CHUNK) -> None:
    """Call ``work(start, stop)`` for all of ``count`` elements, ``step`` at most at a time."""
    workers = min(processors(), max(1, count // SHARE))

    def share(start: int, stop: int) -> None:
        for at in range(start, stop, max(step, 1)):
            work(at, min(at + step, stop))

    if workers == 1:
        share(0, count)
        return
    edges = [count * k // workers for k in range(workers + 1)]
    for done in [_threads(workers).submit(share, a, b) for a, b in itertools.pairwise(edges)]:
        done.result()


def part(random: Codes, start: int, stop: int) -> Codes:
    """R of some elements: one for all, or one each."""
    return random if len(random) == 1 else random[start:stop]


def run_in_chunks(kernel: Callable[[tuple[Codes, ...], Codes, Codes, Codes], None], given: tuple[Codes, ...], random: Codes, out: Codes, flags: Codes) -> None:
    """Call ``kernel(operands, R, results, flags)`` for chunks of all elements, codes as kernels for any format take them: in ``uint64``."""

    def work(start: int, stop: int) -> None:
        chunk = tuple(codes[start:stop].astype(np.uint64) for codes in given)
        found = np.empty(stop - start, np.uint64)
        kernel(chunk, part(random, start, stop), found, flags[start:stop])
        out[start:stop] = found

    in_threads(work, len(out))
