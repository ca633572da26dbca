"""Arithmetic on arrays of short codes with results in posits of at most 16 bits and es <= 10: operands by a table of float64 values, results by an odd float64.

The values of formats of 16 bits have significands of at most 21 bits and exponents far within float64's. Products are then exact. A sum is rounded to odd: where TwoSum leaves
a rest, the sum becomes the neighbour whose last bit is odd, which lies on the same side of every threshold of a shorter format as the exact sum does. A quotient is cut to 32
bits and a root to 26, so that the rest, x - q y or x - r r, is exact in float64; its sign says on which side the exact value lies. Zero is 0, NaR is NaN.
"""

import numpy as np
from numba.cpython.unsafe.numbers import leading_zeros

from refmath.kernels.compiling import inline, kernel
from refmath.kernels.scalar import NONE, ONE, U
from refmath.kernels.word_arithmetic import ADD, MULTIPLY, SQRT, SUBTRACT
from refmath.kernels.words import Rule, Word

I = np.int64  # noqa: E741
MAGNITUDE = U((1 << 63) - 1)
FRACTION = U((1 << 52) - 1)
LONG, SHORT = U((1 << 64) - (1 << 21)), U((1 << 64) - (1 << 27))
"""What a quotient and a root keep of their bits."""
CHUNK = 512
"""Elements whose values are gathered before they are computed with: the loop that computes has no table to look into, and becomes vector code."""


@inline
def odd(bits: np.uint64, rest: float) -> np.uint64:
    """The bits of a float64 moved to the odd neighbour on the side of a nonzero rest, unless they are odd already."""
    moved = U(rest != 0.0) & (bits & ONE ^ ONE)
    inwards = U(rest < 0.0) ^ (bits >> U(63))
    return bits + moved - U(2) * (moved & inwards)


@inline
def plus(x: float, y: float) -> np.uint64:
    """x + y rounded to odd."""
    total = x + y
    y1 = total - x
    return odd(np.float64(total).view(np.uint64), (x - (total - y1)) + (y - y1))


@inline
def over(x: float, y: float) -> np.uint64:
    """x / y rounded to odd; y is not zero."""
    bits = np.float64(x / y).view(np.uint64) & LONG
    rest = x - U(bits).view(np.float64) * y
    return odd(bits, rest if y > 0.0 else -rest)


@inline
def root(x: float) -> np.uint64:
    """The square root rounded to odd; x >= 0."""
    bits = np.float64(np.sqrt(x)).view(np.uint64) & SHORT
    cut = U(bits).view(np.float64)
    return odd(bits, x - cut * cut)


@inline
def posit_string(bits: np.uint64, to: Word) -> tuple[np.uint64, bool]:
    """The string of the magnitude of a float64 as ``words.string_of`` has it, without a branch, for es <= 10.

    The exponent of a float64, one added to its bias so that it is a multiple of 2^es, ends in the exponent bits of the posit, and they stand beside the fraction already.
    """
    es = to.es
    moved = (bits & MAGNITUDE) + (ONE << U(52))
    k = I(moved >> U(52 + es)) - I(1024 >> es)
    body = moved << U(12 - es)
    low = U(k) >> U(63)
    cut = U(min(k ^ -I(low), I(61)) + I(2))
    prefix = low | ((low - ONE) & U(0xFFFFFFFFFFFFFFFE))
    return (prefix << (U(64) - cut)) | (body >> cut), body << (U(64) - cut) != NONE


@inline
def takum_string(bits: np.uint64) -> tuple[np.uint64, bool]:
    """The same of takums; 2^-255 <= |x| < 2^255."""
    magnitude = bits & MAGNITUDE
    c = I(magnitude >> U(52)) - I(1023)
    minus = U(c >> I(63))
    m = U(-c if c < 0 else c + 1)
    r = U(63) - U(leading_zeros(m))
    place = (m - (ONE << r)) ^ (minus & ((ONE << r) - ONE))
    head = (U(8) + (r ^ minus)) << U(60) | place << (U(60) - r)  # 8 + r, or 7 - r
    body = magnitude << U(12)
    cut = r + U(4)
    return head | body >> cut, body << (U(64) - cut) != NONE


@inline
def word_of(string: np.uint64, lost: bool, bits: np.uint64, nar: bool, to: Word, rule: Rule) -> tuple[np.uint64, np.uint64]:
    """The word that a float64 becomes whose string is given, and its flags, without a branch. ``rule`` is of a mode without random bits."""
    n, zero = to.width, bits & MAGNITUDE == NONE
    kept = string >> U(65 - n)
    guard = string >> U(64 - n) & ONE
    beyond = U((string << U(n) != NONE) | lost)
    sign = bits >> U(63)
    up = rule.ups >> ((kept & ONE) | (guard << ONE) | (beyond << U(2)) | (sign << U(3))) & ONE
    greatest = (ONE << U(n - 1)) - ONE
    inexact = beyond | guard
    over = NONE - (U(kept >= greatest) & inexact)
    flags = (inexact | U(kept == NONE)) | (over & U(rule.range_flags))
    code = min(max(kept + up, ONE), greatest)
    signed = ((code ^ (NONE - sign)) + sign) & (U(0xFFFFFFFFFFFFFFFF) >> U(64 - n))
    number = (U(nar) | U(zero)) - ONE
    far = over & (NONE - (U(rule.nar) >> sign & ONE)) & number
    return ((signed & number) & ~far) | ((greatest + ONE) & ((NONE - U(nar)) | far)), flags & number


@inline
def posit_of(bits: np.uint64, nar: bool, to: Word, rule: Rule) -> tuple[np.uint64, np.uint64]:
    """The posit of an odd float64, and its flags."""
    string, lost = posit_string(bits, to)
    return word_of(string, lost, bits, nar, to, rule)


@kernel
def binary(op: int, xs: np.ndarray, ys: np.ndarray, f: np.ndarray, g: np.ndarray, to: Word, rule: Rule, out: np.ndarray, flags: np.ndarray) -> None:
    """x + y, x - y, x y or x / y of codes whose values are in the tables ``f`` and ``g``; results in ``out`` and ``flags``."""
    x, y = np.empty(CHUNK), np.empty(CHUNK)
    for start in range(0, len(xs), CHUNK):
        m = min(CHUNK, len(xs) - start)
        codes, raised = out[start : start + m], flags[start : start + m]
        for j in range(m):
            x[j], y[j] = f[xs[start + j]], g[ys[start + j]]
        if op == ADD:
            for j in range(m):
                codes[j], raised[j] = posit_of(plus(x[j], y[j]), x[j] + y[j] != x[j] + y[j], to, rule)
        elif op == SUBTRACT:
            for j in range(m):
                codes[j], raised[j] = posit_of(plus(x[j], -y[j]), x[j] - y[j] != x[j] - y[j], to, rule)
        elif op == MULTIPLY:
            for j in range(m):
                codes[j], raised[j] = posit_of(np.float64(x[j] * y[j]).view(np.uint64), x[j] * y[j] != x[j] * y[j], to, rule)
        else:
            for j in range(m):
                divisor = y[j] if y[j] != 0.0 else 1.0
                codes[j], raised[j] = posit_of(over(x[j], divisor), x[j] != x[j] or not abs(y[j]) > 0.0, to, rule)


@kernel
def unary(op: int, xs: np.ndarray, f: np.ndarray, to: Word, rule: Rule, out: np.ndarray, flags: np.ndarray) -> None:
    """sqrt(x), or x itself."""
    x = np.empty(CHUNK)
    for start in range(0, len(xs), CHUNK):
        m = min(CHUNK, len(xs) - start)
        codes, raised = out[start : start + m], flags[start : start + m]
        for j in range(m):
            x[j] = f[xs[start + j]]
        if op == SQRT:
            for j in range(m):
                codes[j], raised[j] = posit_of(root(abs(x[j])), not x[j] >= 0.0, to, rule)
        else:
            for j in range(m):
                codes[j], raised[j] = posit_of(np.float64(x[j]).view(np.uint64), x[j] != x[j], to, rule)


@kernel
def fused(
    xs: np.ndarray, ys: np.ndarray, zs: np.ndarray, f: np.ndarray, g: np.ndarray, h: np.ndarray, to: Word, rule: Rule, out: np.ndarray, flags: np.ndarray
) -> None:
    """x y + z, rounded once."""
    x, y, z = np.empty(CHUNK), np.empty(CHUNK), np.empty(CHUNK)
    for start in range(0, len(xs), CHUNK):
        m = min(CHUNK, len(xs) - start)
        codes, raised = out[start : start + m], flags[start : start + m]
        for j in range(m):
            x[j], y[j], z[j] = f[xs[start + j]], g[ys[start + j]], h[zs[start + j]]
        for j in range(m):
            total = x[j] * y[j] + z[j]
            codes[j], raised[j] = posit_of(plus(x[j] * y[j], z[j]), total != total, to, rule)
