"""MPFR as an oracle: a gmpy2 context that computes in an IEEE 754 format, subnormal numbers and flags included."""

import random

import gmpy2
from gmpy2 import mpfr, mpq

from formats.floats import Float
from refmath.flags import Flags
from refmath.rounding import Rounding

MODES = {
    Rounding.NEAREST_EVEN: gmpy2.RoundToNearest,
    Rounding.TOWARD_ZERO: gmpy2.RoundToZero,
    Rounding.TOWARD_POSITIVE: gmpy2.RoundUp,
    Rounding.TOWARD_NEGATIVE: gmpy2.RoundDown,
    Rounding.AWAY_FROM_ZERO: gmpy2.RoundAwayZero,
}
"""The rounding modes that MPFR has."""


def context(f: Float, mode: Rounding) -> gmpy2.context:
    """A context whose numbers are those of an IEEE format."""
    emax = (1 << f.exponent_bits) - 1 - f.bias
    return gmpy2.context(precision=f.precision, emax=emax, emin=f.emin - f.precision + 2, subnormalize=True, round=MODES[mode])


def number(f: Float, code: int) -> mpfr:
    """The value of a code that is no NaN, by its fields."""
    m = f.trailing
    negative, rest = code >> (f.width - 1), code & ((1 << (f.width - 1)) - 1)
    e, t = rest >> m, rest & ((1 << m) - 1)
    if e == (1 << f.exponent_bits) - 1:
        assert t == 0
        return mpfr("-inf") if negative else mpfr("inf")
    significand, e = (t, 1) if e == 0 else (t + (1 << m), e)
    value = gmpy2.mul_2exp(mpfr(significand, f.precision), e) if significand else mpfr(0, f.precision)
    with gmpy2.context(precision=f.precision):
        value = gmpy2.div_2exp(value, f.bias + m)
        return -value if negative else value


def code(f: Float, x: mpfr) -> int:
    """The code of a number of the format; any NaN is the canonical one."""
    top = (1 << f.exponent_bits) - 1 << f.trailing
    if gmpy2.is_nan(x):
        return top | 1 << f.trailing - 1
    sign = int(gmpy2.is_signed(x)) << (f.width - 1)
    if gmpy2.is_infinite(x):
        return sign | top
    if not x:
        return sign
    value = abs(mpq(x))
    low = 1 - f.bias - f.trailing
    exponent = max(gmpy2.get_exp(x) - 1 - f.trailing, low)
    scaled = value / mpq(2) ** exponent
    assert scaled.denominator == 1
    return sign | int(scaled if scaled < 1 << f.trailing else (exponent - low << f.trailing) + scaled)


def flags(c: gmpy2.context) -> Flags:
    """The flags that a context has gathered. Underflow means a tiny inexact result."""
    raised = Flags.NONE
    for is_set, flag in (
        (c.inexact, Flags.INEXACT),
        (c.overflow, Flags.OVERFLOW | Flags.INEXACT),
        (c.divzero, Flags.DIVIDE_BY_ZERO),
        (c.invalid, Flags.INVALID),
    ):
        if is_set:
            raised |= flag
    return raised


def operands(f: Float, rng: random.Random) -> int:
    """A code that is no NaN: at an edge, beside one, of few bits, or any."""
    m, top = f.trailing, (1 << f.exponent_bits) - 1
    edges = (0, 1, (1 << m) - 1, 1 << m, f.bias << m, (f.bias << m) - 1, (f.bias << m) + 1, (top << m) - 1, top << m)
    match rng.randrange(4):
        case 0:
            rest = rng.choice(edges)
        case 1:
            rest = rng.randrange(top << m)
        case 2:
            rest = (rng.randrange(max(0, f.bias - m - 3), min(top, f.bias + m + 3)) << m) | rng.randrange(1 << m)
        case _:
            rest = (rng.randrange(top) << m) | (rng.randrange(4) << (m - 2)) | rng.randrange(3)
    return rest | rng.randrange(2) << (f.width - 1)
