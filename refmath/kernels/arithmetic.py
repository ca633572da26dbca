"""Sums, products, quotients and roots of carriers, exact but for a sticky bit.

An operand is (kind, negative, sig, exp), as ``scalar.decode`` gives it, without NaNs; a result has a sticky bit and the flags of its special cases besides.
"""

import numpy as np

from refmath.kernels.compiling import inline
from refmath.kernels.scalar import DIVIDE_BY_ZERO, FINITE, INFINITE, INVALID, NAN, ZERO, Carrier, Result, bit_length
from refmath.kernels.wide import carried, normalised, product, total, zeros_above

U = np.uint64
NONE, ONE = U(0), U(1)
I = np.int64  # noqa: E741


@inline
def special(kind: int, negative: bool, flags: int) -> Result:
    """A result that is no nonzero number."""
    return I(kind), negative, NONE, I(0), False, I(flags)


@inline
def plus(x: Carrier, y: Carrier, toward_negative: bool) -> Result:
    """x + y; an exact zero of unlike signs is +0, or -0 toward negative."""
    if x[0] == INFINITE or y[0] == INFINITE:
        if x[0] == INFINITE and y[0] == INFINITE and x[1] != y[1]:
            return special(NAN, False, INVALID)
        return special(INFINITE, x[1] if x[0] == INFINITE else y[1], 0)
    if x[0] == ZERO and y[0] == ZERO:
        return special(ZERO, x[1] if x[1] == y[1] else toward_negative, 0)
    if y[0] == ZERO:
        return I(FINITE), x[1], x[2], x[3], False, I(0)
    if x[0] == ZERO:
        return I(FINITE), y[1], y[2], y[3], False, I(0)
    hi1, lo1, exp1 = normalised(NONE, x[2], x[3])
    hi2, lo2, exp2 = normalised(NONE, y[2], y[3])
    return finished(total(x[1], hi1, lo1, exp1, y[1], hi2, lo2, exp2), toward_negative)


@inline
def finished(found: tuple[bool, np.uint64, np.uint64, int, bool], toward_negative: bool) -> Result:
    """A sum as a result."""
    negative, hi, lo, exp, sticky = found
    if (hi | lo) == NONE:
        return special(ZERO, toward_negative, 0)
    sig, exp, sticky = carried(hi, lo, exp, sticky)
    return I(FINITE), negative, sig, exp, sticky, I(0)


@inline
def times(x: Carrier, y: Carrier) -> Result:
    """x y."""
    negative = x[1] != y[1]
    if x[0] == FINITE and y[0] == FINITE:
        hi, lo = product(x[2], y[2])
        sig, exp, sticky = carried(hi, lo, x[3] + y[3], False)
        return I(FINITE), negative, sig, exp, sticky, I(0)
    if x[0] == ZERO or y[0] == ZERO:
        return special(NAN, False, INVALID) if x[0] == INFINITE or y[0] == INFINITE else special(ZERO, negative, 0)
    return special(INFINITE, negative, 0)


@inline
def plus_product(x: Carrier, y: Carrier, z: Carrier, toward_negative: bool) -> Result:
    """x y + z."""
    if x[0] != FINITE or y[0] != FINITE:
        first = times(x, y)
        return first if first[0] == NAN else plus((first[0], first[1], first[2], first[3]), z, toward_negative)
    negative = x[1] != y[1]
    hi, lo = product(x[2], y[2])
    if z[0] == INFINITE:
        return special(INFINITE, z[1], 0)
    if z[0] == ZERO:
        sig, exp, sticky = carried(hi, lo, x[3] + y[3], False)
        return I(FINITE), negative, sig, exp, sticky, I(0)
    hi1, lo1, exp1 = normalised(hi, lo, x[3] + y[3])
    hi2, lo2, exp2 = normalised(NONE, z[2], z[3])
    return finished(total(negative, hi1, lo1, exp1, z[1], hi2, lo2, exp2), toward_negative)


@inline
def lower(x: Carrier, y: Carrier) -> bool:
    """Whether the magnitude of x is less, for finite nonzero x and y."""
    top1, top2 = x[3] + bit_length(x[2]), y[3] + bit_length(y[2])
    return top1 < top2 or (top1 == top2 and x[2] << U(64 - bit_length(x[2])) < y[2] << U(64 - bit_length(y[2])))


@inline
def plus_both(x: Carrier, y: Carrier, z: Carrier, toward_negative: bool) -> Result:
    """x + y + z of significands of 32 bits: by descending magnitude; where the first lies far out, only the sign of the rest counts beside it."""
    if x[0] != FINITE or y[0] != FINITE or z[0] != FINITE:
        return plus_special(x, y, z, toward_negative)
    if lower(x, y):
        x, y = y, x
    if lower(y, z):
        y, z = z, y
    if lower(x, y):
        x, y = y, x
    hi1, lo1, exp1 = normalised(NONE, x[2], x[3])
    hi2, lo2, exp2 = normalised(NONE, y[2], y[3])
    hi3, lo3, exp3 = normalised(NONE, z[2], z[3])
    if exp1 - exp2 > 80:
        negative, hi, lo, exp, sticky = total(y[1], hi2, lo2, exp2, z[1], hi3, lo3, exp3)
        if (hi | lo) == NONE:
            return I(FINITE), x[1], x[2], x[3], False, I(0)
        hi, lo, exp = normalised(hi, lo, exp)
        return finished(total(x[1], hi1, lo1, exp1, negative, hi, lo | U(sticky), exp), toward_negative)
    negative, hi, lo, exp, sticky = total(x[1], hi1, lo1, exp1, y[1], hi2, lo2, exp2)
    if (hi | lo) == NONE:
        return I(FINITE), z[1], z[2], z[3], False, I(0)
    hi, lo, exp = normalised(hi, lo, exp)
    return finished(total(negative, hi, lo, exp, z[1], hi3, lo3, exp3), toward_negative)


@inline
def plus_special(x: Carrier, y: Carrier, z: Carrier, toward_negative: bool) -> Result:
    """The same where an operand is infinite or zero."""
    if x[0] == INFINITE or y[0] == INFINITE or z[0] == INFINITE:
        positive = (x[0] == INFINITE and not x[1]) or (y[0] == INFINITE and not y[1]) or (z[0] == INFINITE and not z[1])
        negative = (x[0] == INFINITE and x[1]) or (y[0] == INFINITE and y[1]) or (z[0] == INFINITE and z[1])
        return special(NAN, False, INVALID) if positive and negative else special(INFINITE, negative, 0)
    alike = x[1] == y[1] and y[1] == z[1]
    if x[0] == ZERO and y[0] == ZERO and z[0] == ZERO:
        return special(ZERO, x[1] if alike else toward_negative, 0)
    if x[0] == ZERO:
        return plus(y, z, toward_negative)
    return plus(x, z if y[0] == ZERO else y, toward_negative)


@inline
def times_both(x: Carrier, y: Carrier, z: Carrier) -> Result:
    """x y z of significands of 32 bits."""
    negative = (x[1] != y[1]) != z[1]
    if x[0] == FINITE and y[0] == FINITE and z[0] == FINITE:
        two = x[2] * y[2]
        hi, lo = product(two, z[2])
        sig, exp, sticky = carried(hi, lo, x[3] + y[3] + z[3], False)
        return I(FINITE), negative, sig, exp, sticky, I(0)
    zero = x[0] == ZERO or y[0] == ZERO or z[0] == ZERO
    if x[0] == INFINITE or y[0] == INFINITE or z[0] == INFINITE:
        return special(NAN, False, INVALID) if zero else special(INFINITE, negative, 0)
    return special(ZERO, negative, 0)


@inline
def over(x: Carrier, y: Carrier, ieee: bool) -> Result:
    """x / y of significands of 32 bits: 63 bits of the quotient by two steps of long division."""
    negative = x[1] != y[1]
    if y[0] == ZERO:
        if x[0] == ZERO:
            return special(NAN, False, INVALID)
        if ieee:
            return special(INFINITE, negative, 0 if x[0] == INFINITE else DIVIDE_BY_ZERO)
        return special(NAN, False, 0)
    if x[0] == INFINITE:
        return special(NAN, False, INVALID) if y[0] == INFINITE else special(INFINITE, negative, 0)
    if y[0] == INFINITE or x[0] == ZERO:
        return special(ZERO, negative, 0)
    shift1, shift2 = 32 - bit_length(x[2]), 32 - bit_length(y[2])
    divisor = y[2] << U(shift2)
    first = x[2] << U(shift1 + 31)
    high = first // divisor
    second = (first - high * divisor) << U(32)
    low = second // divisor
    sticky = second != low * divisor
    return I(FINITE), negative, (high << U(32)) | low, x[3] - shift1 - y[3] + shift2 - 63, sticky, I(0)


@inline
def root(x: Carrier) -> Result:
    """The square root of a significand of 62 bits, to 60 bits: an integer root of 31 bits, and one step of long division for the rest."""
    if x[0] == ZERO:
        return special(ZERO, x[1], 0)
    if x[1]:
        return special(NAN, False, INVALID)
    if x[0] == INFINITE:
        return special(INFINITE, False, 0)
    shift = zeros_above(NONE, x[2]) - 66
    shift -= (x[3] - shift) & 1
    n = x[2] << U(shift)
    s = U(np.sqrt(np.float64(n)))
    if s * s > n:
        s -= ONE
    if n - s * s > s + s:
        s += ONE
    rest = (n - s * s) << U(30)
    q = rest // (s + s)
    left = (rest - q * (s + s)) << U(30)
    sticky = left != q * q
    if left < q * q:
        q -= ONE
    return I(FINITE), False, (s << U(30)) + q, (x[3] - shift) // 2 - 30, sticky, I(0)
