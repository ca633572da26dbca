"""Every operand there is, on a GPU: ranges compared on the device, beside the same ranges compared on the host, of torch and of jax.

Without a GPU there is nothing to measure. A run takes 2^28 operands, spread over all; REFMATH_SCALE gives another power of two, up to 32.
"""

import os
from functools import partial, reduce
from typing import Any

from benchmarks.measure import Row, side_by_side
from conformance.accounts import accounts, said
from conformance.budget import QUICK
from conformance.checker import examine
from conformance.claims import Claim
from conformance.emulators import load
from conformance.streaming import size, spans, tally
from conformance.tally import Tally

SCALE = int(os.environ.get("REFMATH_SCALE", "28"))
TASKS = (
    ("convert", "binary32", "ocp_e5m2"),
    ("convert", "binary32", "ocp_e4m3"),
    ("convert", "binary32", "bfloat16"),
    ("convert", "binary32", "binary16"),
    ("add", "binary16", "binary16"),
    ("multiply", "bfloat16", "bfloat16"),
)


def check(adapter: Any, claim: Claim, held_to: Any, there: bool) -> Tally:
    """The tally of as many ranges as the scale says."""
    adapter.distant = there
    every = spans(claim)
    chosen = every[:: max(1, size(claim) >> SCALE)]
    return reduce(Tally.merge, (tally(claim, adapter, held_to, first, count) for first, count in chosen), Tally())


def run() -> list[Row]:
    """For each library and task the time of an operand."""
    rows = []
    for library in ("torch", "jax"):
        try:
            adapter: Any = load(library, "cuda")
        except RuntimeError as error:
            print(f"  {error}")
            continue
        found = {(claim.operation, claim.operands[0].name, claim.result.name): claim for claim in reversed(adapter.claims()) if claim.variant == "eager"}
        for operation, source, result in TASKS:
            claim = found[operation, source, result]
            explanation = examine(claim, adapter, QUICK).explanation
            held_to = accounts(explanation, claim) if explanation else (said(claim),)
            assert check(adapter, claim, held_to, there=True) == check(adapter, claim, held_to, there=False)
            places = {"compared on the host": False, "compared on the device": True}
            contenders = {place: partial(check, adapter, claim, held_to, there) for place, there in places.items()}
            rows += side_by_side(f"{library}: {operation} {source} -> {result}", contenders, min(1 << SCALE, size(claim)), repeats=3)
    return rows
