"""A projection: every choice made between an exact result and the code that is delivered.

Round, then saturate, then encode. The rounding mode and the overflow policy come first; the other fields settle what
standards leave open or formats lack, so that no difference between two implementations is a silent choice.
"""

from dataclasses import dataclass
from enum import Enum

from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess


class NaNs(Enum):
    """Which NaN is delivered for a NaN operand, and for an invalid operation."""

    CANONICAL = "canonical"
    """The format's canonical quiet NaN."""
    PROPAGATE = "propagate"
    """A quiet NaN that keeps sign and the leading payload bits of the first NaN operand (IEEE 754-2019 clause 6.2.3)."""
    X86 = "x86"
    """As SSE does: that of the first NaN operand; where no operand is NaN, the default NaN, which is negative."""
    ARM = "arm"
    """As ARM does (FPCR.DN = 0): that of the first signalling operand, else of the first quiet one, fma looking at the addend first; the default NaN is positive."""
    RISCV = "riscv"
    """As RISC-V does: the canonical NaN; fma raises invalid for 0 times infinity even beside a quiet NaN."""

    @property
    def keeps(self) -> bool:
        """Whether sign and payload of a NaN operand survive."""
        return self in (NaNs.PROPAGATE, NaNs.X86, NaNs.ARM)


class AbsentNaN(Enum):
    """What is delivered for a NaN where the format has none."""

    REFUSE = "refuse"
    """Nothing: an error."""
    ZERO = "zero"
    """Its zero, +0 where it has two."""
    NEGATIVE_ZERO = "negative_zero"
    """Its negative zero."""
    SIGNED_ZERO = "signed_zero"
    """A zero of the sign of the operand."""
    OPPOSITE_ZERO = "opposite_zero"
    """A zero of the opposite sign."""
    GREATEST = "greatest"
    """The greatest finite value."""
    LOWEST = "lowest"
    """The lowest finite value."""
    SIGNED_GREATEST = "signed_greatest"
    """The finite value farthest out on the side of the operand's sign."""

    @property
    def is_zero(self) -> bool:
        """Whether it is a zero."""
        return self in (AbsentNaN.ZERO, AbsentNaN.NEGATIVE_ZERO, AbsentNaN.SIGNED_ZERO, AbsentNaN.OPPOSITE_ZERO)


class AbsentZero(Enum):
    """What is delivered for a zero where the format has none."""

    LEAST = "least"
    """The least positive value."""
    NAN = "nan"
    """NaN, for a nonzero value that rounds to zero too."""
    NAN_IF_EXACT = "nan_if_exact"
    """NaN for a zero; a nonzero value that rounds to zero becomes the least value."""


class Negatives(Enum):
    """What an unsigned format makes of a nonzero negative value."""

    OVERFLOW = "overflow"
    """It lies beyond the range: the overflow policy decides."""
    LIMIT = "limit"
    """The value of the format nearest to it."""
    NAN = "nan"
    """NaN."""
    MAGNITUDE = "magnitude"
    """Its absolute value."""


@dataclass(frozen=True, slots=True)
class Projection:
    """How an exact result becomes a code of a format."""

    rounding: Rounding = Rounding.NEAREST_EVEN
    """The rounding mode."""
    bits: int = 0
    """The number of random bits of a stochastic mode; 0 with ``Rounding.STOCHASTIC`` draws as many as decide."""
    overflow: Overflow = Overflow.IEEE
    """What happens beyond the greatest finite value."""
    tininess: Tininess = Tininess.AFTER
    """When the underflow flag looks at a result."""
    results: Subnormals = Subnormals.KEEP
    """What becomes of a tiny result."""
    operands: Subnormals = Subnormals.KEEP
    """What becomes of a subnormal operand."""
    nans: NaNs = NaNs.CANONICAL
    """Which NaN is delivered."""
    absent_nan: AbsentNaN = AbsentNaN.REFUSE
    """What a NaN becomes in a format without one."""
    absent_zero: AbsentZero = AbsentZero.LEAST
    """What a zero becomes in a format without one."""
    negatives: Negatives = Negatives.OVERFLOW
    """What a negative value becomes in an unsigned format."""


DEFAULT = Projection()
"""Nearest even, IEEE overflow, everything kept."""
