"""What a benchmark module hands over, and how contenders are timed beside each other."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

REPEATS = 15


@dataclass(frozen=True)
class Row:
    """One contender at one task: the median time of one item, in seconds."""

    task: str
    contender: str
    seconds: float
    limit: float | None = None
    """What the contender is to stay under, in seconds, where the project set itself a limit."""


def side_by_side(
    task: str,
    contenders: dict[str, Callable[[], object]],
    items: int | dict[str, int],
    limits: dict[str, float] | None = None,
    repeats: int = REPEATS,
    clock: Callable[[], float] = perf_counter,
) -> list[Row]:
    """Rows of contenders that each do ``items`` items a call: as many each, or a number for each.

    They take turns, so that a busy moment of the machine meets all of them; the first turn warms up and does not count. ``clock``: what measures time, such as
    ``time.process_time``, which other processes disturb less.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    counts = items if isinstance(items, dict) else dict.fromkeys(contenders, items)
    gc.disable()
    try:
        for turn in range(repeats + 1):
            for name, call in contenders.items():
                start = clock()
                call()
                if turn:
                    times[name].append((clock() - start) / counts[name])
    finally:
        gc.enable()
    return [Row(task, name, median(taken), (limits or {}).get(name)) for name, taken in times.items()]
