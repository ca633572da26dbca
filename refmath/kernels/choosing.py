"""Order: relations, minimum and maximum in every version, clamping."""

import numpy as np

from refmath.kernels.arithmetic import lower, special
from refmath.kernels.codes import BY_MAGNITUDE, EQUAL, FINITE_FIRST, GREATER, LESS, UNORDERED
from refmath.kernels.compiling import inline
from refmath.kernels.scalar import FINITE, INFINITE, INVALID, NAN, SIGNALLING, ZERO, Carrier, Result

U = np.uint64
NONE = U(0)
I = np.int64  # noqa: E741


@inline
def compared(x: Carrier, y: Carrier) -> int:
    """The sign of x - y of data that are not NaN."""
    if x[0] == ZERO and y[0] == ZERO:
        return I(0)
    if x[0] == ZERO:
        return I(1) if y[1] else I(-1)
    if y[0] == ZERO or x[1] != y[1]:
        return I(-1) if x[1] else I(1)
    outward = I(x[0] == INFINITE) - I(y[0] == INFINITE) if x[0] == INFINITE or y[0] == INFINITE else I(lower(y, x)) - I(lower(x, y))
    return -outward if x[1] else outward


@inline
def ordered(x: Carrier, y: Carrier) -> int:
    """The same, -0 below +0."""
    found = compared(x, y)
    return I(y[1]) - I(x[1]) if found == 0 and x[0] == ZERO else found


@inline
def relation(x: Carrier, y: Carrier) -> int:
    """The relation that holds."""
    if x[0] >= NAN or y[0] >= NAN:
        return I(UNORDERED)
    found = compared(x, y)
    return I(LESS) if found < 0 else I(GREATER) if found > 0 else I(EQUAL)


@inline
def absolute(x: Carrier) -> Carrier:
    """|x|."""
    return x[0], False, x[2], x[3]


@inline
def first(x: Carrier, y: Carrier, greatest: bool, by_magnitude: bool) -> bool:
    """Whether x is the lesser, or the greater, of two data that are not NaN."""
    if by_magnitude:
        found = ordered(absolute(x), absolute(y))
        if found != 0:
            return found > 0 if greatest else found < 0
    found = ordered(x, y)
    return found >= 0 if greatest else found <= 0


@inline
def chosen(x: Carrier, y: Carrier, greatest: bool, argument: int) -> Result:
    """The minimum or maximum, where NaNs that win at once are dealt with; of two NaNs a NaN."""
    flags = I(INVALID) if x[0] == SIGNALLING or y[0] == SIGNALLING else I(0)
    if x[0] >= NAN and y[0] >= NAN:
        return special(NAN, False, flags)
    if argument == FINITE_FIRST and (x[0] <= FINITE) != (y[0] <= FINITE):
        take = x[0] <= FINITE
    elif x[0] >= NAN or y[0] >= NAN:
        take = x[0] < NAN
    else:
        take = first(x, y, greatest, argument & BY_MAGNITUDE != 0)
    return (x[0], x[1], x[2], x[3], False, flags) if take else (y[0], y[1], y[2], y[3], False, flags)


@inline
def clamped(x: Carrier, low: Carrier, high: Carrier) -> Result:
    """x, but not below low and not above high; invalid where the bounds are in the wrong order."""
    if compared(low, high) > 0:
        return special(NAN, False, INVALID)
    if not first(x, low, True, False):
        x = low
    if not first(x, high, False, False):
        x = high
    return x[0], x[1], x[2], x[3], False, I(0)


@inline
def place(x: Carrier, trailing: int) -> tuple[int, int]:
    """Where a datum lies among NaNs: 0 for a number; beyond them on the side of its sign, quiet ones outermost, and by payload."""
    if x[0] < NAN:
        return I(0), I(0)
    side = I(-1) if x[1] else I(1)
    payload = I(x[2] >> U(65 - trailing)) if trailing > 1 else I(0)
    return side * (I(1) if x[0] == SIGNALLING else I(2)), side * payload


@inline
def in_order(x: Carrier, y: Carrier, trailing1: int, trailing2: int, ieee: bool) -> bool:
    """Whether x is not after y in the order of all data."""
    if not ieee:
        return x[0] >= NAN or (y[0] < NAN and ordered(x, y) <= 0)
    if x[0] < NAN and y[0] < NAN:
        return ordered(x, y) <= 0
    a, b = place(x, trailing1), place(y, trailing2)
    return a[0] < b[0] or (a[0] == b[0] and a[1] <= b[1])
