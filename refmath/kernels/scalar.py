"""One element of the pipeline: decoding into an exact carrier, and projecting out of it.

The carrier of a finite magnitude is sig * 2^exp with a 64-bit sig, plus a sticky bit for anything below.
"""

import numpy as np
from numba.cpython.unsafe.numbers import leading_zeros

from refmath.kernels.compiling import inline
from refmath.kernels.layout import (
    AWAY_FROM_ZERO,
    FIXED,
    NEAREST_AWAY,
    NEAREST_EVEN,
    NEAREST_NEGATIVE,
    NEAREST_ODD,
    NEAREST_POSITIVE,
    NEAREST_ZERO,
    STOCHASTIC_A,
    STOCHASTIC_B,
    STOCHASTIC_C,
    TO_ODD,
    TOWARD_NEGATIVE,
    TOWARD_POSITIVE,
    Choices,
    Layout,
)

ZERO, FINITE, INFINITE, NAN, SIGNALLING = 0, 1, 2, 3, 4
"""Kinds of data."""
INEXACT, UNDERFLOW, OVERFLOW, DIVIDE_BY_ZERO, INVALID = 1, 2, 4, 8, 16

Carrier = tuple[int, bool, np.uint64, int]
"""An operand: kind, sign, sig and exp."""
Result = tuple[int, bool, np.uint64, int, bool, int]
"""A result: the same, a sticky bit, and the flags of its special cases."""

U = np.uint64
ONE = U(1)
NONE = U(0)


@inline
def bit_length(x: np.uint64) -> int:
    """Bits of x > 0."""
    return 64 - np.int64(leading_zeros(x))


@inline
def mask(bits: int) -> np.uint64:
    """The low ``bits`` bits, 0 to 64 of them."""
    return U(0xFFFFFFFFFFFFFFFF) if bits >= 64 else (ONE << U(bits)) - ONE


@inline
def decode(code: np.uint64, f: Layout, flush: int) -> tuple[int, bool, np.uint64, int]:
    """Kind, sign, sig and exp of a code; a NaN has its payload, left-aligned, in sig."""
    negative = f.signed != 0 and (code >> U(f.width - 1)) & ONE != NONE
    if f.family == FIXED:
        magnitude = (NONE - code) & mask(f.width) if negative else code
        return (FINITE if magnitude else ZERO), negative, magnitude, -f.trailing
    rest = code & mask(f.width - f.signed)
    m = f.trailing
    if rest > U(f.greatest) or (negative and rest == NONE and f.has_zero and not f.has_negative_zero):
        if f.has_infinity and rest == U(f.greatest) + ONE:
            return INFINITE, negative, NONE, 0
        if f.quiet_bit:
            payload = rest & (U(f.quiet_bit) - ONE)
            kind = NAN if rest & U(f.quiet_bit) else SIGNALLING
            return kind, negative, payload << U(65 - m) if m > 1 else NONE, 0
        return NAN, negative and (f.has_negative_zero or not f.has_zero), NONE, 0
    e = np.int64(rest >> U(m))
    t = rest & mask(m)
    if e == 0 and f.subnormals:
        if t == NONE or flush:
            return ZERO, negative and (flush != 2 or t == NONE), NONE, 0
        return FINITE, negative, t, f.emin - m
    if rest == NONE and f.has_zero:
        return ZERO, negative, NONE, 0
    return FINITE, negative, t | (ONE << U(m)), e - f.subnormals + f.emin - m


@inline
def round_up(kept_odd: bool, guard: bool, sticky: bool, fraction: np.uint64, negative: bool, mode: int, bits: int, random: np.uint64) -> bool:
    """Whether the kept code becomes its successor; ``fraction`` holds the bits that a stochastic mode compares."""
    if mode == NEAREST_EVEN:
        return guard and (sticky or kept_odd)
    if mode == NEAREST_AWAY:
        return guard
    if mode == NEAREST_ZERO:
        return guard and sticky
    if mode == NEAREST_ODD:
        return guard and (sticky or not kept_odd)
    if mode == NEAREST_POSITIVE:
        return guard and (sticky or not negative)
    if mode == NEAREST_NEGATIVE:
        return guard and (sticky or negative)
    if not guard and not sticky:
        return False
    if mode == TOWARD_POSITIVE:
        return not negative
    if mode == TOWARD_NEGATIVE:
        return negative
    if mode == AWAY_FROM_ZERO:
        return True
    if mode == TO_ODD:
        return not kept_odd
    if mode in (STOCHASTIC_A, STOCHASTIC_C):
        return fraction + random >= ONE << U(bits)
    if mode == STOCHASTIC_B:
        return fraction + U(2) * random + ONE >= U(2) << U(bits)
    return False


@inline
def stochastic_fraction(rest: np.uint64, r: int, sticky: bool, mode: int, bits: int) -> np.uint64:
    """floor(nu 2^N), floor(nu 2^(N + 1)) or RNITE(nu 2^N) for the modes A, B, C, where nu = (rest + sticky) 2^-r."""
    n = bits + (mode != STOCHASTIC_A)
    if n >= r:
        fraction = rest << U(n - r)
        below = sticky
    elif r - n >= 64:
        fraction = NONE
        below = sticky or rest != NONE
    else:
        fraction = rest >> U(r - n)
        below = sticky or (rest & mask(r - n)) != NONE
    if mode == STOCHASTIC_C:
        half = fraction >> ONE
        fraction = half + (fraction & ONE) * U(below or (half & ONE) != NONE)
    return fraction


@inline
def join(negative: bool, code: np.uint64, f: Layout) -> np.uint64:
    """The code of a sign and a magnitude code, low bits only where it is too wide."""
    if f.family == FIXED:
        return ((NONE - code) if negative else code) & mask(f.width)
    code &= mask(f.width - f.signed)
    return code | (ONE << U(f.width - 1)) if negative and f.signed else code


@inline
def beyond(outcome: int, negative: bool, code: np.uint64, f: Layout, c: Choices) -> np.uint64:
    """The code delivered for a value out of range."""
    if outcome == 0:
        return U(f.negative_limit) if negative else U(f.limit)
    if outcome == 1:
        return U(f.negative_infinity) if negative else U(f.infinity)
    if outcome == 2:
        return U(c.invalid_negative) if negative else U(c.invalid)
    return join(negative, code, f)


@inline
def located(sig: np.uint64, exp: int, f: Layout) -> tuple[np.uint64, np.uint64, int, bool, bool]:
    """Where sig 2^exp lies: the magnitude code below it; the bits of sig below that code, and their number r.

    Then whether it is far beyond all codes, and whether the code below it is that of a zero which the format lacks.
    """
    top, m = exp + bit_length(sig) - 1, f.trailing
    absent = False
    if f.family == FIXED:
        r = -(exp + m)
        base = NONE
        far = top + m >= 64
    else:
        low = max(top, f.emin)
        r = low - m - exp
        base = U(low - f.emin) << U(m)
        far = low - f.emin > np.int64(U(f.greatest) >> U(m)) + 1
        if not f.subnormals:
            absent = top < f.emin
            if absent:
                r = f.emin - exp
            else:
                base -= ONE << U(m)
    if r <= 0:
        return base + (sig << U(-r) if -r < 64 else NONE), NONE, 1, far, absent
    if r < 64:
        return base + (sig >> U(r)), sig & mask(r), r, far, absent
    return base, sig, r, far, absent


@inline
def dropped(rest: np.uint64, r: int, sticky: bool, c: Choices) -> tuple[bool, bool, np.uint64]:
    """What rounding sees of the r bits below a code: the guard bit, whether anything lies below it, and the bits that a stochastic mode compares."""
    guard = 0 < r <= 64 and (rest >> U(r - 1)) & ONE != NONE
    below = sticky or (rest != NONE if r > 64 else r > 1 and (rest & mask(r - 1)) != NONE)
    return guard, below, stochastic_fraction(rest, r, sticky, c.mode, c.bits) if STOCHASTIC_A <= c.mode <= STOCHASTIC_C else NONE


@inline
def grown(rest: np.uint64, r: int, guard: bool, sticky: bool, negative: bool, f: Layout, c: Choices, random: np.uint64) -> bool:
    """Whether a magnitude in the step below the least normal value still rounds to it with an exponent range without end: there is one significand bit more.

    That bit is the guard bit; it is the parity of the code too, except at precision 1, where the code below the least normal one is 0.
    """
    odd = guard and not (f.trailing == 0 and f.has_zero)
    guard1, below1, fraction1 = dropped(rest & mask(r - 1), r - 1, sticky, c)
    return guard and round_up(odd, guard1, below1, fraction1, negative, c.mode, c.bits, random)


@inline
def finite(negative: bool, sig: np.uint64, exp: int, sticky: bool, f: Layout, c: Choices, random: np.uint64) -> tuple[np.uint64, int]:
    """The code of a nonzero number, and its flags."""
    kept, rest, r, far, absent = located(sig, exp, f)
    guard, below, fraction = dropped(rest, r, sticky, c)
    odd = (kept & ONE) != NONE or absent
    up = round_up(odd, guard, below, fraction, negative, c.mode, c.bits, random)
    inexact = INEXACT if guard or below else 0

    # Range.
    if absent:
        nonzero = up
        code = NONE
    else:
        code = kept + U(up)
        nonzero = code != NONE or far or not f.has_zero or up
    greatest = U(f.greatest_negative) if negative else U(f.greatest)
    empty = negative and not f.signed
    if nonzero and (empty or far or (kept > greatest and not absent) or code > greatest or (up and code == NONE and not absent)):
        outcome = c.overflow_negative if negative else c.overflow
        return beyond(outcome, negative, code, f, c), f.range_flags

    # Underflow.
    tiny = False
    if absent or kept < U(f.least_normal):
        tiny = True
        if code == U(f.least_normal) and up and not c.tininess_before:
            tiny = not grown(rest, r, guard, sticky, negative, f, c, random)
        if tiny and c.results:
            return U(c.vanished_negative) if negative and c.results == 1 else U(c.vanished), UNDERFLOW | INEXACT | (0 if f.has_zero else c.vanished_flags)
    if not nonzero:
        return (U(c.underflowed_negative) if negative else U(c.underflowed)), c.underflowed_flags
    return join(negative, code, f), inexact | (UNDERFLOW if tiny and inexact else 0)


@inline
def not_a_number(kind: int, negative: bool, payload: np.uint64, f: Layout, c: Choices) -> tuple[np.uint64, int]:
    """The code that a NaN becomes, its payload left-aligned, and its flags."""
    flags = INVALID if kind == SIGNALLING or not f.has_nan else 0
    if c.propagate and f.quiet_bit:
        payload = payload >> U(65 - f.trailing) if f.trailing > 1 else NONE
        return join(negative, U(f.greatest) + ONE + U(f.quiet_bit) + payload, f), flags
    return (U(c.nan_negative) if negative else U(c.nan)), flags


@inline
def project(kind: int, negative: bool, sig: np.uint64, exp: int, sticky: bool, f: Layout, c: Choices, random: np.uint64) -> tuple[np.uint64, int]:
    """The code that an exact result becomes, and its flags."""
    if kind >= NAN:
        return not_a_number(kind, negative, sig, f, c)
    if kind == ZERO:
        return (U(c.vanished_negative) if negative else U(c.vanished)), (0 if f.has_zero else c.vanished_flags)
    if negative and not f.signed and c.negatives:
        if c.negatives == 1:
            return U(f.negative_limit), f.range_flags
        if c.negatives == 2:
            return U(c.invalid_negative), INVALID
        negative = False
    if kind == INFINITE:
        outcome = c.infinite_negative if negative else c.infinite
        return beyond(outcome, negative, NONE, f, c), 0 if outcome == 1 else INVALID if outcome == 2 else f.range_flags
    return finite(negative, sig, exp, sticky, f, c, random)
