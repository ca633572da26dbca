"""Posits and takums as integers: words in two's complement are ordered as what they stand for, NaR below all.

So comparisons, minima and maxima, neighbours and signs of words of one format are those of integers, in the dialect of posits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from formats.arithmetic import Bound, BoundCode
from formats.array_layout import Codes, dtype
from formats.posit import Posit
from formats.takum import Takum


def function(bound: Bound | BoundCode) -> Callable[[tuple[Codes, ...]], Codes] | None:
    """The operation on words of one format as integers in two's complement; None where it is none of these."""
    f = bound.formats[0]
    if f is None or not isinstance(f, Posit | Takum) or f.width > 64 or any(g != f for g in bound.formats) or (bound.to is not None and bound.to != f):
        return None
    by_integers = _named(bound.op.name)
    if by_integers is None:
        return None
    shift = 8 * dtype(f).itemsize - f.width

    def run(operands: tuple[Codes, ...]) -> Codes:
        signed = [(codes << np.asarray(shift, codes.dtype)).view(f"i{codes.dtype.itemsize}") for codes in operands]
        result = by_integers(np.asarray(1 << shift, signed[0].dtype) if shift < 63 else np.asarray(-1 << 63), *signed)
        if bound.to is None:
            return np.asarray(result, np.uint8)
        found: Codes = np.asarray(result).view(dtype(f)) >> np.asarray(shift, dtype(f))
        return found

    return run


def _named(name: str) -> Callable[..., Any] | None:
    """A function of the unit of words shifted to the top of their type, and of the words."""
    for prefix in ("compare_quiet_", "compare_signaling_"):
        if name.startswith(prefix):
            return RELATIONS.get(name.removeprefix(prefix))
    return FUNCTIONS.get(name)


def _lesser(unit: Any, x: Any, y: Any) -> Any:
    return np.minimum(x, y)


def _greater(unit: Any, x: Any, y: Any) -> Any:
    nar = np.iinfo(x.dtype).min
    return np.where((x == nar) | (y == nar), nar, np.maximum(x, y))


def _by_magnitude(unit: Any, x: Any, y: Any, sign: int) -> Any:
    """The operand of lesser (sign 1) or greater (-1) magnitude; of equal ones the lesser or greater. NaR, whose magnitude wraps to itself, wins as the least."""
    nar = np.iinfo(x.dtype).min
    a, b = np.abs(x), np.abs(y)
    chosen = np.where(a == b, np.minimum(x, y) if sign > 0 else np.maximum(x, y), np.where((a < b) == (sign > 0), x, y))
    return np.where((x == nar) | (y == nar), nar, chosen)


RELATIONS: dict[str, Callable[..., Any]] = {
    "equal": lambda unit, x, y: x == y,
    "not_equal": lambda unit, x, y: x != y,
    "greater": lambda unit, x, y: x > y,
    "greater_equal": lambda unit, x, y: x >= y,
    "less": lambda unit, x, y: x < y,
    "less_equal": lambda unit, x, y: x <= y,
    "not_greater": lambda unit, x, y: x <= y,
    "less_unordered": lambda unit, x, y: x < y,
    "not_less": lambda unit, x, y: x >= y,
    "greater_unordered": lambda unit, x, y: x > y,
    "unordered": lambda unit, x, y: np.zeros(x.shape, bool),
    "ordered": lambda unit, x, y: np.ones(x.shape, bool),
}
"""What each predicate says of words: NaR is ordered."""

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("minimum", "minimum_number", "min_num", "minimum_finite"), _lesser),
    **dict.fromkeys(("maximum", "maximum_number", "max_num", "maximum_finite"), _greater),
    **{name: lambda unit, x, y: _by_magnitude(unit, x, y, 1) for name in ("minimum_magnitude", "minimum_magnitude_number", "min_num_mag")},
    **{name: lambda unit, x, y: _by_magnitude(unit, x, y, -1) for name in ("maximum_magnitude", "maximum_magnitude_number", "max_num_mag")},
    "negate": lambda unit, x: -x,
    "abs": lambda unit, x: np.abs(x),
    "next_up": lambda unit, x: x + unit,
    "next_down": lambda unit, x: x - unit,
}
"""Operations with a word as their result."""
