"""The operations: exact function, special cases, flags; one chapter a file. ``OPERATIONS`` is the table of all, ``find`` looks a name up."""

from refmath.operations import (
    activation,
    arithmetic,
    classification,
    comparison,
    exponential,
    half_turns,
    hyperbolic,
    integral,
    logarithm,
    minmax,
    power,
    sign,
    special,
    trigonometric,
)
from refmath.operations.environment import Dialect, Environment, parse_dialect
from refmath.operations.operation import Kind, NaNRule, Operation, apply
from refmath.operations.table import index, look_up

CHAPTERS = (
    arithmetic,
    sign,
    minmax,
    comparison,
    classification,
    integral,
    exponential,
    logarithm,
    trigonometric,
    half_turns,
    hyperbolic,
    power,
    special,
    activation,
)
"""The chapters, in the order of the standard."""

OPERATIONS: dict[str, Operation] = {op.name: op for chapter in CHAPTERS for op in chapter.OPERATIONS}
"""Every operation by its canonical name."""

_INDEX = index(OPERATIONS.values())


def find(name: str) -> Operation:
    """The operation of that name or alias. ``RefmathError``, with suggestions, where there is none."""
    return look_up(name, _INDEX)


__all__ = ["OPERATIONS", "Dialect", "Environment", "Kind", "NaNRule", "Operation", "apply", "find", "parse_dialect"]
