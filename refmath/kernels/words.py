"""Posits and linear takums of at most 32 bits, one word at a time: decoding into the carrier, and rounding out of it.

A word without its sign is the leading piece of an endless string: a prefix for the exponent c, then the fraction (see ``formats.tapered``). Here the string is held in 64
bits, its first bit topmost, so that the kept code is its top n - 1 bits, and guard and round bits are those below; what lies beyond 64 bits is one sticky bit.

The carrier of a finite nonzero word is sig 2^exp with the leading bit of sig at bit 31, and at least two low bits of it are 0; the sig of zero and of NaR is 0,
and their exp lies below all others.

Words meet in random order, so that a branch on their bits is mispredicted every other time, which costs more than all the arithmetic: signs and regimes are selected by masks.
"""

from typing import NamedTuple

import numpy as np
from numba.cpython.unsafe.numbers import leading_zeros

from refmath.kernels.compiling import inline
from refmath.kernels.layout import STOCHASTIC_B, STOCHASTIC_C
from refmath.kernels.scalar import INEXACT, NONE, ONE, U

ALL = U(0xFFFFFFFFFFFFFFFF)
I = np.int64  # noqa: E741
POSIT, TAKUM = 0, 1
FARTHEST = 61
"""Regimes are told apart up to here; a word of 32 bits ends before."""


class Word(NamedTuple):
    """A format of words."""

    family: int
    width: int
    es: int
    """Exponent bits of a posit."""


class Rule(NamedTuple):
    """How an exact result becomes a word."""

    ups: np.uint64
    """Of a mode without random bits: bit 8 negative + 4 sticky + 2 guard + odd says whether the kept code becomes its successor."""
    mode: int
    """One of the stochastic modes, or -1."""
    bits: int
    """The number of random bits."""
    nar: int
    """Where a number out of range becomes NaR: bit 0 a positive one, bit 1 a negative one; else it becomes the one farthest out."""
    range_flags: int


@inline
def decode_word(code: np.uint64, f: Word) -> tuple[bool, np.uint64, int, bool]:
    """Sign, sig and exp of a word, and whether it is NaR."""
    n = f.width
    sign = code >> U(n - 1)
    string = ((code ^ (NONE - sign)) + sign) << U(65 - n)
    nonzero = U(string != NONE)
    if f.family == TAKUM:
        head = string >> U(60)
        above = head >> U(3)
        r = (head ^ (U(7) & (above - ONE))) & U(7)
        rest = string << U(4)
        place = I(rest >> (U(63) - r) >> ONE)
        c = place - 1 + I(ONE << r) if above else place + 1 - I(U(2) << r)
        rest = rest << r
    else:
        ones = string >> U(63)
        below = ones - ONE
        run = I(leading_zeros((string ^ (NONE - ones)) | ONE))
        k = (run ^ I(below)) - I(below) - I(ones)
        rest = string << U(run + 1)
        c = (k << f.es) + I(rest >> U(63 - f.es) >> ONE)
        rest = rest << U(f.es)
    return sign != NONE, (U(0x80000000) | (rest >> U(33))) & (NONE - nonzero), c - 31 - (I(nonzero ^ ONE) << 40), sign > nonzero


@inline
def string_of(c: int, fraction: np.uint64, sticky: bool, to: Word) -> tuple[np.uint64, bool]:
    """The string of (1 + fraction 2^-64) 2^c, and whether bits beyond it are set. Out of the range of words it is all ones, or zeros but for bits beyond the word."""
    if to.family == TAKUM:
        far, near = U(c > 254), U(c < -255)
        sticky = sticky or c > 254 or c < -255
        c = min(max(c, -255), 254)
        above = U(c >= 0)
        m = c + 1 if c >= 0 else -c
        r = U(63 - I(leading_zeros(U(m))))
        place = U(m) - (ONE << r) if c >= 0 else (U(2) << r) - ONE - U(m)
        head = ((U(8) + r if above else U(7) - r) << U(60)) | (place << (U(60) - r))
        cut = r + U(4)
        return ((head | (fraction >> cut)) & (near - ONE)) | (NONE - far), sticky or fraction & ((ONE << cut) - ONE) != NONE
    k = c >> to.es
    sign = k >> 63
    cut = U(min(k ^ sign, FARTHEST) + 2)
    body = (U(c - (k << to.es)) << U(63 - to.es) << ONE) | (fraction >> U(to.es))
    lost = (fraction & ((ONE << U(to.es)) - ONE)) | (body & ((ONE << cut) - ONE))
    prefix = (U(~sign) & (ALL << ONE)) | (U(sign) & ONE)
    return (prefix << (U(64) - cut)) | (body >> cut), sticky or lost != NONE


@inline
def stochastic_up(string: np.uint64, sticky: bool, n: int, rule: Rule, random: np.uint64) -> np.uint64:
    """Whether the kept code becomes its successor by a stochastic mode: its random bits against the bits below the kept ones."""
    fraction = string << U(n - 1) >> U(63 - rule.bits) >> ONE
    next_bits = string << U(n - 1) << U(rule.bits)
    if rule.mode < STOCHASTIC_B:
        return (fraction + random) >> U(rule.bits)
    if rule.mode == STOCHASTIC_B:
        return (U(2) * (fraction + random) + (next_bits >> U(63)) + ONE) >> U(rule.bits + 1)
    if rule.mode == STOCHASTIC_C:
        tie = U(sticky or next_bits << ONE != NONE) | fraction
        return (fraction + ((next_bits >> U(63)) & tie) + random) >> U(rule.bits)
    return U(fraction > random or (fraction == random and (sticky or next_bits != NONE)))


@inline
def round_word(negative: bool, sig: np.uint64, exp: int, sticky: bool, to: Word, rule: Rule, random: np.uint64) -> tuple[np.uint64, int]:
    """The word that sig 2^exp becomes, sig nonzero, and its flags."""
    zeros = I(leading_zeros(sig))
    return round_string(negative, exp + 63 - zeros, sig << U(zeros) << ONE, sticky, to, rule, random)


@inline
def round_string(negative: bool, c: int, fraction: np.uint64, sticky: bool, to: Word, rule: Rule, random: np.uint64) -> tuple[np.uint64, int]:
    """The word that (1 + fraction 2^-64) 2^c becomes, and its flags; saturated at both ends."""
    n = to.width
    string, sticky = string_of(c, fraction, sticky, to)
    kept = string >> U(65 - n)
    beyond = sticky or string << U(n) != NONE
    guard = string >> U(64 - n) & ONE
    sign = U(negative)
    inexact = U(beyond) | guard
    place = (kept & ONE) | (guard << ONE) | (U(beyond) << U(2)) | (sign << U(3))
    up = rule.ups >> place & ONE if rule.mode < 0 else stochastic_up(string, sticky, n, rule, random)
    greatest = (ONE << U(n - 1)) - ONE
    over = U(kept >= greatest) & inexact
    code = min(max(kept + up, ONE), greatest)
    flags = I(inexact | U(kept == NONE)) * INEXACT | I(over) * rule.range_flags
    if over and (rule.nar >> I(sign)) & 1:
        return greatest + ONE, flags
    return ((code ^ (NONE - sign)) + sign) & (ALL >> U(64 - n)), flags
