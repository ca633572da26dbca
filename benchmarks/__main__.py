"""Runs the benchmarks and prints their medians, each beside the first contender of its task.

A benchmark is a module ``benchmarks/bench_*.py`` with a function ``run() -> list[Row]``. Exit status 1 where a limit is missed.
"""

import sys
from importlib import import_module
from itertools import groupby
from pathlib import Path

from benchmarks.measure import Row


def modules(wanted: list[str]) -> list[str]:
    """The names of the benchmarks, without their prefix: all, or those wanted."""
    found = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = [name for name in wanted if name not in found]
    if unknown:
        sys.exit(f"benchmarks: {', '.join(unknown)} is not a benchmark; there are {', '.join(found)}.")
    return wanted or found


def duration(seconds: float) -> str:
    """A time with the unit that fits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.2f} {unit}"
    return f"{seconds * 1e9:.2f} ns"


def table(rows: list[Row]) -> list[str]:
    """The lines of a table: task, contender, median, ratio to the first contender, limit."""
    lines = []
    for task, group in groupby(rows, key=lambda row: row.task):
        contenders = list(group)
        for i, row in enumerate(contenders):
            verdict = "" if row.limit is None else f"{'within' if row.seconds <= row.limit else 'OVER'} {duration(row.limit)}"
            ratio = row.seconds / contenders[0].seconds
            lines.append(f"{task if i == 0 else '':44} {row.contender:34} {duration(row.seconds):>10} {ratio:>7.2f} x   {verdict}".rstrip())
    return lines


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    missed = False
    for name in modules(sys.argv[1:]):
        rows: list[Row] = import_module(f"benchmarks.bench_{name}").run()
        print(f"{name}\n" + "\n".join(f"  {line}" for line in table(rows)) + "\n", flush=True)
        missed |= any(row.limit is not None and row.seconds > row.limit for row in rows)
    sys.exit(int(missed))


if __name__ == "__main__":
    main()
