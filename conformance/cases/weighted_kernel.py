"""The weighted distribution for codes of at most 64 bits, compiled. ``weighted`` says what it draws."""

import numpy as np

from conformance.cases.stream import FIRST, GOLDEN, SECOND
from refmath.kernels.compiling import inline, kernel

U = np.uint64
ONE = U(1)
LOW16 = U(0xFFFF)


@inline
def word(key: np.uint64, n: int) -> np.uint64:
    """The n-th word of a key."""
    z = key + U(n + 1) * U(GOLDEN)
    z = (z ^ (z >> U(30))) * U(FIRST)
    z = (z ^ (z >> U(27))) * U(SECOND)
    return z ^ (z >> U(31))


@inline
def pick(choice: np.uint64, shift: int, n: int) -> np.uint64:
    """A number below n from 16 bits of a word."""
    return (((choice >> U(shift)) & LOW16) * U(n)) >> U(16)


@kernel
def floats(
    out: np.ndarray,
    key: np.uint64,
    start: int,
    fields: np.ndarray,
    patterns: np.ndarray,
    masks: np.ndarray,
    offsets: np.ndarray,
    width: int,
    trailing: int,
    signed: int,
    integer_bit: int,
) -> None:
    """Codes of a float into ``out``. Both sides of every choice are computed: a branch that no processor can foresee costs more."""
    m, ones = U(trailing), (ONE << U(trailing)) - ONE
    for i in range(len(out)):
        n = 2 * (start + i)
        choice, free = word(key, n), word(key, n + 1)
        kind = choice & U(7)
        simple = (patterns[pick(choice, 16, len(patterns))] + patterns[pick(choice, 32, len(patterns))]) & ones
        which = pick(choice, 48, len(masks))
        spread = ((free >> m) & masks[which]) + offsets[which]
        listed = fields[pick(choice, 48, len(fields))]
        significand = free & ones if kind & U(3) == U(3) else simple
        field = listed if kind < U(4) else spread
        code = significand | (field << (m + U(integer_bit)))
        if integer_bit and field != U(0):
            code |= ONE << m
        out[i] = code | (((choice >> U(3)) & U(signed)) << U(width - 1))


@kernel
def numbers(out: np.ndarray, key: np.uint64, start: int, patterns: np.ndarray, masks: np.ndarray, offsets: np.ndarray, width: int) -> None:
    """Words into ``out``."""
    ones = U(0xFFFFFFFFFFFFFFFF) >> U(64 - width)
    for i in range(len(out)):
        n = 2 * (start + i)
        choice = word(key, n)
        which = pick(choice, 48, len(masks))
        spread = (word(key, n + 1) & masks[which]) + offsets[which]
        total = patterns[pick(choice, 16, len(patterns))] + patterns[pick(choice, 32, len(patterns))] + patterns[pick(choice, 48, len(patterns))]
        out[i] = (spread if choice & ONE else total) & ones
