"""Two-word integers: a magnitude is (hi, lo) * 2^exp, at most 126 bits, normalised to bit 125; what is shifted out is told by a sticky bit."""

import numpy as np
from numba.cpython.unsafe.numbers import leading_zeros

from refmath.kernels.compiling import inline

U = np.uint64
NONE, ONE = U(0), U(1)
HALF = U(0xFFFFFFFF)
I = np.int64  # noqa: E741


@inline
def shifted_left(hi: np.uint64, lo: np.uint64, n: int) -> tuple[np.uint64, np.uint64]:
    """(hi, lo) 2^n, 0 <= n < 128, its low 128 bits."""
    if n >= 64:
        return lo << U(n - 64), NONE
    if n == 0:
        return hi, lo
    return (hi << U(n)) | (lo >> U(64 - n)), lo << U(n)


@inline
def shifted_right(hi: np.uint64, lo: np.uint64, n: int) -> tuple[np.uint64, np.uint64, bool]:
    """(hi, lo) 2^-n, n >= 0, and whether nonzero bits went."""
    if n == 0:
        return hi, lo, False
    if n < 64:
        return hi >> U(n), (lo >> U(n)) | (hi << U(64 - n)), lo << U(64 - n) != NONE
    if n == 64:
        return NONE, hi, lo != NONE
    if n < 128:
        return NONE, hi >> U(n - 64), (lo != NONE) or (hi << U(128 - n)) != NONE
    return NONE, NONE, (hi | lo) != NONE


@inline
def zeros_above(hi: np.uint64, lo: np.uint64) -> int:
    """Leading zero bits of (hi, lo) > 0."""
    return I(leading_zeros(hi)) if hi != NONE else I(64) + I(leading_zeros(lo))


@inline
def product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """a b of two words."""
    a1, a0, b1, b0 = a >> U(32), a & HALF, b >> U(32), b & HALF
    low, mid1, mid2, high = a0 * b0, a1 * b0, a0 * b1, a1 * b1
    mid = (low >> U(32)) + (mid1 & HALF) + (mid2 & HALF)
    return high + (mid1 >> U(32)) + (mid2 >> U(32)) + (mid >> U(32)), (mid << U(32)) | (low & HALF)


@inline
def normalised(hi: np.uint64, lo: np.uint64, exp: int) -> tuple[np.uint64, np.uint64, int]:
    """A magnitude > 0 with its leading bit at 125; the lowest bit stands for what is lost of more than 126 bits."""
    zeros = zeros_above(hi, lo)
    if zeros >= 2:
        hi, lo = shifted_left(hi, lo, zeros - 2)
    else:
        hi, lo, lost = shifted_right(hi, lo, 2 - zeros)
        lo |= U(lost)
    return hi, lo, exp + 2 - zeros


@inline
def total(
    negative1: bool, hi1: np.uint64, lo1: np.uint64, exp1: int, negative2: bool, hi2: np.uint64, lo2: np.uint64, exp2: int
) -> tuple[bool, np.uint64, np.uint64, int, bool]:
    """Sign, magnitude, exponent and sticky bit of the sum of two normalised numbers; a zero magnitude where they cancel."""
    if exp2 > exp1 or (exp2 == exp1 and (hi2 > hi1 or (hi2 == hi1 and lo2 > lo1))):
        negative1, hi1, lo1, exp1, negative2, hi2, lo2, exp2 = negative2, hi2, lo2, exp2, negative1, hi1, lo1, exp1
    hi2, lo2, sticky = shifted_right(hi2, lo2, exp1 - exp2)
    if negative1 == negative2:
        lo = lo1 + lo2
        hi = hi1 + hi2 + U(lo < lo1)
    else:
        lo = lo1 - lo2
        hi = hi1 - hi2 - U(lo1 < lo2)
        if sticky:
            hi -= U(lo == NONE)
            lo -= ONE
    return negative1, hi, lo, exp1, sticky


@inline
def carried(hi: np.uint64, lo: np.uint64, exp: int, sticky: bool) -> tuple[np.uint64, int, bool]:
    """The carrier of a magnitude > 0: its 64 leading bits, their exponent, and a sticky bit for the rest."""
    zeros = zeros_above(hi, lo)
    hi, lo = shifted_left(hi, lo, zeros)
    return hi, exp + 64 - zeros, sticky or lo != NONE
