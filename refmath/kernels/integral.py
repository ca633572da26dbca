"""Integers and exponents of carriers."""

import numpy as np

from refmath.kernels.arithmetic import special
from refmath.kernels.compiling import inline
from refmath.kernels.layout import STOCHASTIC_A, STOCHASTIC_C
from refmath.kernels.scalar import (
    DIVIDE_BY_ZERO,
    FINITE,
    INEXACT,
    INFINITE,
    INVALID,
    NAN,
    ZERO,
    Carrier,
    Result,
    bit_length,
    mask,
    round_up,
    stochastic_fraction,
)

U = np.uint64
NONE, ONE = U(0), U(1)
I = np.int64  # noqa: E741


@inline
def integral(x: Carrier, mode: int, bits: int, random: np.uint64) -> Result:
    """The integer that x rounds to, with its sign, and inexact where it differs."""
    if x[0] != FINITE or x[3] >= 0:
        return x[0], x[1], x[2], x[3], False, I(0)
    r = -x[3]
    kept = x[2] >> U(r) if r < 64 else NONE
    rest = x[2] & mask(r) if r < 64 else x[2]
    if rest == NONE:
        return x[0], x[1], kept, I(0), False, I(0)
    guard = r <= 64 and (rest >> U(r - 1)) & ONE != NONE
    sticky = rest != NONE if r > 64 else rest & mask(r - 1) != NONE
    fraction = stochastic_fraction(rest, r, False, mode, bits) if STOCHASTIC_A <= mode <= STOCHASTIC_C else NONE
    kept += U(round_up(kept & ONE != NONE, guard, sticky, fraction, x[1], mode, bits, random))
    return I(FINITE if kept != NONE else ZERO), x[1], kept, I(0), False, I(INEXACT)


@inline
def exponent(x: Carrier, integer: bool) -> Result:
    """The exponent of x; of zero and infinity an infinity, or invalid where an integer is wanted."""
    if x[0] == INFINITE:
        return special(NAN, False, INVALID) if integer else special(INFINITE, False, 0)
    if x[0] == ZERO:
        return special(NAN, False, INVALID) if integer else special(INFINITE, True, DIVIDE_BY_ZERO)
    found = x[3] + bit_length(x[2]) - 1
    return I(FINITE if found != 0 else ZERO), found < 0, U(abs(found)), I(0), False, I(0)
