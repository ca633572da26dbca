"""The engines that compute on arrays, and which of them is exact for an operation: kernels, tables, thresholds, and the scalar reference last."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from formats import array_operations, extended_arrays, reference_arrays, run_arrays, strict_arrays, tables, word_arrays
from formats.arithmetic import Bound, BoundCode
from formats.array_layout import Codes
from refmath.errors import RefmathError, quote

Runner = Callable[[Bound | BoundCode, tuple[Codes, ...], Codes], tuple[Codes, NDArray[np.uint8]]]
"""Result codes and flags of flat arrays of operand codes and of R, one for all or one each."""

ENGINES = ("array", "table", "reference")
"""Compiled kernels; tables of all results or of the runs of a conversion, built once by the reference; the reference itself, one element at a time, in several
processes where that takes long."""
COMPILED = (
    ("array", array_operations),
    ("array", word_arrays),
    ("table", tables),
    ("array", extended_arrays),
    ("table", run_arrays),
    ("array", strict_arrays),
)
"""The engines beside the reference, the first choice first.

Each has ``why_not``, its objection to an operation, ``operate``, ``ABOUT``, what it does, and ``NOT_MINE``, its objection to what it is not made for.
"""


def engine_of(bound: Bound | BoundCode) -> tuple[str, str]:
    """Which engine runs an operation, and why, in words."""
    for name, engine in COMPILED:
        if not engine.why_not(bound):
            return name, engine.ABOUT
    return "reference", _objections(bound, None)


def runner(bound: Bound | BoundCode, which: str | None) -> Runner:
    """The function that computes results and flags: by the engine that is named, or by the first that is exact."""
    if which == "reference":
        return reference_arrays.operate
    run: Runner | None = next((engine.operate for name, engine in COMPILED if which in (None, name) and not engine.why_not(bound)), None)
    if run is None and which is not None:
        reason = _objections(bound, which) if which in ENGINES else f"use one of {', '.join(ENGINES)}"
        raise RefmathError(f"The engine {quote(which)} does not run {bound.op.name} here: {reason}.")
    return run or reference_arrays.operate


def _objections(bound: Bound | BoundCode, wanted: str | None) -> str:
    """What the engines, or those of a name, have against an operation; of those that are made for other operations nothing, as long as another has something to say."""
    found = {engine.why_not(bound): engine.NOT_MINE for name, engine in COMPILED if wanted in (None, name)}
    return "; ".join([text for text, not_mine in found.items() if text != not_mine] or found)
