"""Every operand there is: the check of a claim, beside a loop that only makes the operands and calls the library.

A run takes 2^26 operands, spread over all; the environment variable REFMATH_SCALE gives another power of two, up to 32: all of them, once. Both
contenders meet the same allocator and the same number of threads. Limits are those of the project: a conversion of binary32 into E4M3 through torch at most
1.5 times its loop, and what refmath adds to all pairs of binary16 (oracle and comparison, without the library) under 15 s of two cores.
"""

import ctypes
import os
from collections.abc import Callable
from functools import partial, reduce
from time import process_time

import numpy as np

from benchmarks.measure import Row, side_by_side
from conformance.accounts import Account, accounts, said
from conformance.budget import STANDARD
from conformance.checker import examine
from conformance.claims import Adapter, Claim
from conformance.emulators import load
from conformance.numbering import operands
from conformance.pool import KEPT_MEMORY
from conformance.streaming import CHUNK, differing, expected, size, spans, tally
from conformance.tally import BLOCK, Tally

SCALE = int(os.environ.get("REFMATH_SCALE", "26"))
SHARE = 1.5
"""How many times the loop a check may take."""
PAIRS = 15 * 2 / (1 << 32)
"""Seconds of one core that oracle and comparison may take for a pair."""


def found(emulator: str, operation: str, source: str, result: str) -> tuple[Adapter, Claim]:
    """An emulator and one of its claims."""
    adapter = load(emulator, "cpu")
    return adapter, next(
        claim
        for claim in adapter.claims()
        if (claim.operation, claim.operands[0].name, claim.result.name, claim.variant) == (operation, source, result, "eager")
    )


def ranges(claim: Claim) -> list[tuple[int, int]]:
    """As many operands as the scale says, in ranges that are spread over all."""
    every = spans(claim)
    return every[:: max(1, size(claim) >> SCALE)]


def loop(adapter: Adapter, claim: Claim) -> None:
    """Makes the operands, calls the library, looks at nothing."""
    for first, count in ranges(claim):
        for at in range(first, first + count, CHUNK):
            adapter.run(claim, [operands(claim.operands, at, CHUNK)])


def check(adapter: Adapter, claim: Claim, held_to: tuple[Account, ...]) -> None:
    """Counts exactly what differs from the claim, and from its explanation."""
    total = reduce(Tally.merge, (tally(claim, adapter, held_to, first, count) for first, count in ranges(claim)), Tally())
    assert not total.samples[-1].count, f"{claim.title}: {total.samples[-1].count:,} unexplained"


def compare(claim: Claim) -> None:
    """The oracle and the comparison alone, on results that are right."""
    account = said(claim)
    for first, count in ranges(claim):
        for at in range(first, first + count, BLOCK):
            right = expected(claim, account, at, BLOCK)
            assert not differing(claim, account, at, right, lambda account, right=right: right).any()


def in_cpu_seconds(call: Callable[[], object]) -> float:
    """Seconds of processor time, of all threads."""
    before = process_time()
    call()
    return process_time() - before


def keep_memory() -> None:
    """Tell glibc's allocator what the workers of ``conformance.pool`` are told."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    for parameter, value in ((-3, "MALLOC_MMAP_THRESHOLD_"), (-1, "MALLOC_TRIM_THRESHOLD_"), (-2, "MALLOC_TOP_PAD_")):
        if mallopt is not None:
            mallopt(parameter, int(KEPT_MEMORY[value]))


def run() -> list[Row]:
    """The two tasks, with the times of an operand."""
    keep_memory()
    repeats = 1 if SCALE > 28 else 5
    adapter, claim = found("torch", "convert", "binary32", "ocp_e4m3")
    explanation = examine(claim, adapter, STANDARD).explanation
    held_to = accounts(explanation, claim) if explanation else (said(claim),)
    contenders = {"loop: operands and torch": partial(loop, adapter, claim), "the whole check": partial(check, adapter, claim, held_to)}
    rows = side_by_side(f"2^{SCALE} binary32 into ocp_e4m3", contenders, 1 << SCALE, repeats=repeats)
    rows[1] = Row(rows[1].task, rows[1].contender, rows[1].seconds, SHARE * rows[0].seconds)
    for emulator in ("numpy", "torch"):
        adapter, claim = found(emulator, "add", "binary16", "binary16")
        contenders = {f"loop: operands and {emulator}": partial(loop, adapter, claim), "the whole check": partial(check, adapter, claim, (said(claim),))}
        rows += side_by_side(f"2^{SCALE} pairs of binary16 added by {emulator}", contenders, 1 << SCALE, repeats=repeats)
    times = [in_cpu_seconds(partial(compare, claim)) / (1 << SCALE) for _ in range(repeats + 1)]
    return [*rows, Row("oracle and comparison alone, of one core", "refmath", float(np.median(times[1:])), PAIRS)]
