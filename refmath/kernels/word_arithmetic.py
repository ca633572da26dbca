"""Arithmetic on arrays of posits and linear takums of at most 32 bits.

64 bits hold what rounding looks at. Sums: both magnitudes have their leading bit at bit 61 (the product of a multiply-add too: its factors have two low zero bits each, so that
nothing is lost); of the lesser one only bits that go below bit 0 are lost, to the sticky bit, and where the operands cancel by more than one bit there are none. Products are
exact. A quotient and a root have 31 fraction bits and a sticky bit; a word of 32 bits has 29 and a guard bit. Stochastic modes look further down: for them a second step adds
30 bits (``fine``).
"""

import numpy as np

from refmath.kernels.compiling import inline, kernel
from refmath.kernels.scalar import NONE, ONE, U
from refmath.kernels.words import Rule, Word, decode_word, round_word, stochastic_up

I = np.int64  # noqa: E741
ADD, SUBTRACT, MULTIPLY, DIVIDE, SQRT, CONVERT, ROUND = range(7)


@inline
def add(negative1: bool, sig1: np.uint64, exp1: int, negative2: bool, sig2: np.uint64, exp2: int) -> tuple[bool, np.uint64, int, bool]:
    """The sum: sign, sig, exp, sticky. The exponent of a zero is below all others."""
    swap = NONE - U(exp2 > exp1 or (exp2 == exp1 and sig2 > sig1))
    difference = (sig1 ^ sig2) & swap
    high, low = sig1 ^ difference, sig2 ^ difference
    distance = U(min(abs(exp1 - exp2), 63))
    lost = low & ((ONE << distance) - ONE) != NONE
    unlike = U(negative1 != negative2)
    shifted = (low >> distance) + (unlike & U(lost))
    sig = high + ((shifted ^ (NONE - unlike)) + unlike)
    return (U(negative1) ^ ((U(negative1) ^ U(negative2)) & swap)) != NONE, sig, max(exp1, exp2), lost


@inline
def divide(sig1: np.uint64, exp1: int, sig2: np.uint64, exp2: int, fine: bool) -> tuple[np.uint64, int, bool]:
    """The quotient: sig, exp, sticky."""
    dividend = sig1 << U(32)
    quotient = dividend // sig2
    rest = dividend - quotient * sig2
    if fine:
        dividend = rest << U(30)
        low = dividend // sig2
        return (quotient << U(30)) | low, exp1 - exp2 - 62, dividend != low * sig2
    return quotient, exp1 - exp2 - 32, rest != NONE


@inline
def sqrt(sig: np.uint64, exp: int, fine: bool) -> tuple[np.uint64, int, bool]:
    """The square root: sig, exp, sticky."""
    shift = 32 - (exp & 1)
    square = sig << U(shift)
    root = U(np.sqrt(np.float64(square)))
    root -= root >> U(32)
    root -= U(root * root > square)
    root += U(square - root * root > root + root)
    rest = square - root * root
    if fine:
        double = root + root
        dividend = rest << U(30)
        low = dividend // double
        left = (dividend - low * double) << U(30)
        return (root << U(30)) + low - U(left < low * low), ((exp - shift) >> 1) - 30, left != low * low
    return root, (exp - shift) >> 1, rest != NONE


@inline
def integral(negative: bool, sig: np.uint64, exp: int, rule: Rule, random: np.uint64) -> np.uint64:
    """The integer that sig 2^exp rounds to, exp < 0."""
    below = -exp
    if below < 64:
        kept, fraction, lost = sig >> U(below), sig << U(64 - below), False
    else:
        under = U(min(below - 64, 63))
        kept, fraction = NONE, sig >> under
        lost = fraction << under != sig
    if rule.mode < 0:
        guard, beyond = fraction >> U(63), fraction << ONE != NONE or lost
        return kept + (rule.ups >> ((kept & ONE) | (guard << ONE) | (U(beyond) << U(2)) | (U(negative) << U(3))) & ONE)
    return kept + stochastic_up(fraction, lost, 1, rule, random) if fraction != NONE or lost else kept


@kernel
def binary(op: int, xs: np.ndarray, ys: np.ndarray, f: Word, g: Word, to: Word, rule: Rule, random: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
    """x + y, x - y, x y or x / y of words of ``f`` and ``g``, as words of ``to`` in ``out``, flags in ``flags``. ``random`` holds R, one or one each."""
    last = len(random) - 1
    for i in range(len(xs)):
        negative1, sig1, exp1, nar1 = decode_word(U(xs[i]), f)
        negative2, sig2, exp2, nar2 = decode_word(U(ys[i]), g)
        if op <= SUBTRACT:
            negative, sig, exp, sticky = add(negative1, sig1 << U(30), exp1 - 30, negative2 != (op == SUBTRACT), sig2 << U(30), exp2 - 30)
        else:
            negative = negative1 != negative2
            if op == MULTIPLY:
                sig, exp, sticky = sig1 * sig2, exp1 + exp2, False
            else:
                nar2 = nar2 or sig2 == NONE
                sig, exp, sticky = divide(sig1, exp1, sig2 | U(sig2 == NONE), exp2, rule.mode >= 0)
        if sig == NONE or nar1 or nar2:
            out[i], flags[i] = (ONE << U(to.width - 1) if nar1 or nar2 else NONE), 0
        else:
            out[i], flags[i] = round_word(negative, sig, exp, sticky, to, rule, random[min(i, last)])


@kernel
def unary(op: int, xs: np.ndarray, f: Word, to: Word, inner: Rule, rule: Rule, random: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
    """sqrt(x), x itself, or the integer that x rounds to by ``inner``."""
    last = len(random) - 1
    for i in range(len(xs)):
        negative, sig, exp, nar = decode_word(U(xs[i]), f)
        sticky = False
        if op == SQRT:
            nar = nar or negative
            sig, exp, sticky = sqrt(sig | U(nar), exp, rule.mode >= 0)
        elif op == ROUND and exp < 0:
            sig, exp = integral(negative, sig, exp, inner, random[min(i, last)]), 0
        if sig == NONE or nar:
            out[i], flags[i] = (ONE << U(to.width - 1) if nar else NONE), 0
        else:
            out[i], flags[i] = round_word(negative, sig, exp, sticky, to, rule, random[min(i, last)])


@kernel
def fused(
    xs: np.ndarray, ys: np.ndarray, zs: np.ndarray, f: Word, g: Word, h: Word, to: Word, rule: Rule, random: np.ndarray, out: np.ndarray, flags: np.ndarray
) -> None:
    """x y + z, rounded once."""
    last = len(random) - 1
    for i in range(len(xs)):
        negative1, sig1, exp1, nar1 = decode_word(U(xs[i]), f)
        negative2, sig2, exp2, nar2 = decode_word(U(ys[i]), g)
        negative3, sig3, exp3, nar3 = decode_word(U(zs[i]), h)
        nar = nar1 or nar2 or nar3
        two = sig1 * sig2
        shift = U(2) - (two >> U(63) ^ ONE)
        exp = exp1 + exp2 + I(shift)
        negative, sig, exp, sticky = add(negative1 != negative2, two >> shift, exp, negative3, sig3 << U(30), exp3 - 30)
        if sig == NONE or nar:
            out[i], flags[i] = (ONE << U(to.width - 1) if nar else NONE), 0
        else:
            out[i], flags[i] = round_word(negative, sig, exp, sticky, to, rule, random[min(i, last)])
