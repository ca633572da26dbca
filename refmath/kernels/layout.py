"""What a kernel knows of a format and of a projection: plain integers."""

from typing import NamedTuple

import numpy as np

FLOAT, FIXED = 0, 1
"""Families that the kernels decode."""

NEAREST_EVEN, NEAREST_AWAY, NEAREST_ZERO, NEAREST_ODD, TOWARD_ZERO, TOWARD_POSITIVE, TOWARD_NEGATIVE, AWAY_FROM_ZERO, TO_ODD = range(9)
STOCHASTIC_A, STOCHASTIC_B, STOCHASTIC_C, STOCHASTIC = range(9, 13)
NEAREST_POSITIVE, NEAREST_NEGATIVE = range(13, 15)
"""Rounding modes, in the order of ``refmath.rounding.Rounding``."""


class Layout(NamedTuple):
    """A format: where its codes lie and what they mean. Codes are 64 bits or fewer."""

    family: int
    width: int
    signed: int
    trailing: int
    """Trailing significand bits of a float, fraction bits of fixed point."""
    emin: int
    """Exponent of the least binade of full precision."""
    subnormals: int
    has_zero: int
    has_negative_zero: int
    has_infinity: int
    has_nan: int
    quiet_bit: np.uint64
    """The bit that tells a quiet NaN, 0 where all NaNs are quiet."""
    greatest: np.uint64
    """Magnitude codes of the finite values farthest out."""
    greatest_negative: np.uint64
    least_normal: np.uint64
    """0 where nothing is called subnormal."""
    zero: np.uint64
    """Codes of special data; ``limit`` as ``Format.limit`` has it."""
    negative_zero: np.uint64
    nan: np.uint64
    negative_nan: np.uint64
    infinity: np.uint64
    negative_infinity: np.uint64
    limit: np.uint64
    negative_limit: np.uint64
    range_flags: int


class Choices(NamedTuple):
    """A projection; a code of special data already stands for every policy on data that the format lacks."""

    mode: int
    bits: int
    tininess_before: int
    results: int
    """Tiny results: 0 kept, 1 zero of their sign, 2 positive zero."""
    operands: int
    """Subnormal operands, likewise."""
    propagate: int
    """1: NaNs keep sign and leading payload bits."""
    overflow: int
    """What a finite value above the range becomes: 0 limit, 1 infinity, 2 NaN, 3 wrapped code."""
    overflow_negative: int
    infinite: int
    """What an infinity becomes, likewise."""
    infinite_negative: int
    nan: np.uint64
    """The code for a NaN, the substitute where the format has none."""
    nan_negative: np.uint64
    invalid: np.uint64
    """The code for a NaN that an operation makes, the substitute where the format has none."""
    invalid_negative: np.uint64
    vanished: np.uint64
    """The code for a zero, the substitute where the format has none."""
    vanished_negative: np.uint64
    vanished_flags: int
    underflowed: np.uint64
    """The code for a nonzero value that rounds to zero."""
    underflowed_negative: np.uint64
    underflowed_flags: int
    negatives: int
    """Nonzero negative values in an unsigned format: 0 as overflow, 1 limit, 2 NaN, 3 magnitude."""
