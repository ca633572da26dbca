"""From a plan to cases with results: by the array engine in this process, by the reference in several, in the order of the plan either way."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from conformance.cases.plan import Chunk, Plan
from conformance.claims import Codes
from conformance.vectors import columns
from conformance.vectors.block import Block
from conformance.vectors.subject import Subject
from formats.workers import importable_main

SLICE = 2048
"""Cases that a process computes at a time."""

Results = tuple[Codes, NDArray[np.uint8], dict[str, list[Any]]]
"""Result codes, flags, and the columns that need the exact result."""
T = TypeVar("T")
R = TypeVar("R")


def is_slow(subject: Subject, chosen: tuple[str, ...] = ()) -> bool:
    """Whether the reference computes the cases one by one."""
    return bool({"exact", "intermediate"} & set(chosen)) or subject.by_reference


def blocks(subject: Subject, plan: Plan, chosen: tuple[str, ...] = (), jobs: int | None = None) -> Iterator[Block]:
    """The cases of a plan, with results and the columns that are chosen."""
    chunks = plan.chunks()
    if not is_slow(subject, chosen):
        for chunk in chunks:
            yield _block(plan, chunk, chosen, compute((subject, chosen, chunk.operands, chunk.random)))
        return
    pieces = chain.from_iterable(map(slices, chunks))
    work = ((piece, (subject, chosen, piece.operands, piece.random)) for piece in pieces)
    for piece, results in ordered(compute, work, jobs or processors()):
        yield _block(plan, piece, chosen, results)


def compute(task: tuple[Subject, tuple[str, ...], tuple[Codes, ...], Codes | None]) -> Results:
    """Results of some operands."""
    subject, chosen, operands, random = task
    result, flags = subject.evaluate(operands, random)
    return result, flags, columns.computed(subject, chosen, operands, random)


def slices(chunk: Chunk) -> Iterator[Chunk]:
    """A chunk in small parts."""
    for start in range(0, len(chunk), SLICE):
        part = slice(start, start + SLICE)
        yield Chunk(
            tuple(column[part] for column in chunk.operands),
            None if chunk.random is None else chunk.random[part],
            None if chunk.tasks is None else chunk.tasks[part],
        )


def _block(plan: Plan, chunk: Chunk, chosen: tuple[str, ...], results: Results) -> Block:
    result, flags, extra = results
    further = dict(extra)
    if "model" in chosen:
        further["model"] = [plan.name] * len(chunk)
    if "task" in chosen:
        further["task"] = [""] * len(chunk) if chunk.tasks is None else [plan.tasks[task] for task in chunk.tasks.tolist()]
    return Block(chunk.operands, chunk.random, result, flags, {name: further[name] for name in columns.names(chosen)})


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered(function: Callable[[T], R], work: Iterable[tuple[Any, T]], jobs: int) -> Iterator[tuple[Any, R]]:
    """Each label with what the function makes of its task, in order; in ``jobs`` processes where there is more than one task, and never many ahead."""
    rest = iter(work)
    first = list(islice(rest, 2))
    if len(first) < 2 or jobs < 2:
        yield from ((label, function(task)) for label, task in chain(first, rest))
        return
    pool = ProcessPoolExecutor(jobs, get_context("spawn"))  # a process that is forked from one with threads may hang
    waiting: deque[tuple[Any, Future[R]]] = deque()
    try:
        for label, task in chain(first, rest):
            with importable_main():
                waiting.append((label, pool.submit(function, task)))
            if len(waiting) > 2 * jobs:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
        pool.shutdown(wait=True)
