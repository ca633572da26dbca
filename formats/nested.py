"""Nested integers: an l-bit integer inside an h-bit one, W_l = clamp(round(W_h / 2^(h - l))).

In terms of formats the l-bit integers are fixed point of the same range with h - l fraction bits fewer, and narrowing is projection
into them. Going through h bits rounds twice: where the first rounding lands on the middle between two l-bit values, the second no
longer knows on which side of it the number was. How ties go is not said in print; every rounding mode is possible, the floor
variant (the leading l bits of the word) is ``toward_negative``.
"""

from dataclasses import replace
from itertools import pairwise

from gmpy2 import mpq

from formats.fixed import Fixed, fixed
from formats.projection import Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.reals import Exact
from refmath.rounding import Rounding

CLAMPED = Projection(overflow=Overflow.SATURATE_FINITE)
"""Nearest even, clamped."""


def nested(high: Fixed, bits: int) -> Fixed:
    """The format of the ``bits``-bit integers inside those of ``high``: same range, coarser step."""
    if not 1 <= bits <= high.width:
        raise RefmathError(f"{bits} bits do not fit into {high.name}; give 1 to {high.width}.")
    fraction = high.fraction_bits - (high.width - bits)
    return fixed(bits - fraction, fraction, high.signed, high.symmetric)


def narrow(code: int, high: Fixed, bits: int, how: Projection = CLAMPED) -> int:
    """The code of W_l for the code of W_h."""
    return nested(high, bits).round(high.exact(code), how)


def two_step(x: Exact, high: Fixed, bits: int, first: Projection = CLAMPED, second: Projection = CLAMPED) -> int:
    """The l-bit code of a number that is rounded to h bits and then to l."""
    return narrow(high.round(x, first), high, bits, second)


def direct(x: Exact, high: Fixed, bits: int, how: Projection = CLAMPED) -> int:
    """The l-bit code of a number that is rounded once."""
    return nested(high, bits).round(x, how)


def share_that_differs(low: mpq, end: mpq, high: Fixed, bits: int, rounding: Rounding = Rounding.NEAREST_EVEN) -> mpq:
    """The share of the numbers from ``low`` to ``end`` for which two steps differ from one, each with this rounding.

    Exact: both are constant between multiples of half the finer step, where the numbers of measure zero are.
    """
    how = replace(CLAMPED, rounding=rounding)
    half = high.value(1) / 2
    marks = sorted({low, end, *(k * half for k in range(int(low // half) + 1, int(-(-end // half))))})
    differing = mpq(0)
    for start, stop in pairwise(marks):
        middle = (start + stop) / 2
        if two_step(middle, high, bits, how, how) != direct(middle, high, bits, how):
            differing += stop - start
    return differing / (end - low)
