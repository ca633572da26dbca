"""What standards and implementations of block formats decide differently, each as a choice with a name.

The first choice of each is what the OCP MX specification says, or recommends in its section 6.3, wherever it says anything. ``standard_policy`` tells what the
others take instead.
"""

from dataclasses import dataclass
from enum import Enum

from gmpy2 import mpq

from formats.projection import AbsentNaN
from formats.quantizer import Division
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import MAX_RANDOM_BITS, Rounding


class ScaleRule(Enum):
    """How the scale of a block follows from amax, the greatest magnitude in it. emax is the exponent of the greatest element of the format."""

    FLOOR = "floor"
    """2^(floor(log2 amax) - emax): OCP MX 6.3."""
    CEIL = "ceil"
    """2^(ceil(log2 amax) - emax)."""
    EVEN = "even"
    """2^(floor(log2 r) - emax), r being amax rounded to the precision of the elements.

    A tie that would change the binade lies above an odd significand, so that ties to even and away give the same scale."""
    RCEIL = "rceil"
    """2^ceil(log2(amax / greatest element)): no element saturates, and none of half the size would do."""
    RATIO = "ratio"
    """amax / greatest element, rounded into the scale format."""
    MAX_ABS = "max_abs"
    """amax, rounded into the scale format: P3109 section 5."""


class Logarithm(Enum):
    """How the exponent rules take log2."""

    EXACT = "exact"
    """Not rounded."""
    BINARY32 = "binary32"
    """log2 of a binary32 number rounded to binary32: an integer k already for numbers just below 2^k."""


class SmallScale(Enum):
    """What becomes of a scale below the range of its format, and of that of a block of zeros."""

    LEAST = "least"
    """The least positive scale."""
    LEAST_NORMAL = "least_normal"
    """The least normal scale, in place of subnormal ones too."""
    ONE = "one"
    """1, where the scale rounds to zero."""
    ZERO = "zero"
    """Zero, where the scale rounds to zero and the format has one."""


class NaNLane(Enum):
    """What a NaN among the values does."""

    BLOCK = "block"
    """The scale is NaN, and with it every element."""
    ELEMENT = "element"
    """Only its own element is NaN; amax is that of the others."""


class InfiniteLane(Enum):
    """What an infinity among the values does."""

    BLOCK = "block"
    """The scale is NaN, and with it every element."""
    ELEMENT = "element"
    """Its own element is infinite, or what overflow gives; amax is that of the finite values."""
    OVERFLOW = "overflow"
    """amax is infinite, so that the scale overflows."""
    EXPONENT = "exponent"
    """amax is 2^128, as reading the exponent field of a binary32 infinity gives it."""


class Integers(Enum):
    """The range of elements that are two's complement integers."""

    TWOS_COMPLEMENT = "twos_complement"
    """All of it, the most negative one included."""
    SYMMETRIC = "symmetric"
    """Nothing rounds to the most negative one; its code still means what it says."""


class Order(Enum):
    """By which steps scales and elements are computed."""

    EXACT = "exact"
    """As the other choices say; a tensor scale is amax / (greatest element x target), and each quotient is exact before it is rounded once."""
    TRANSFORMER_ENGINE = "transformer_engine"
    """Every operator rounded to binary32, in the order of TransformerEngine."""
    TORCHAO = "torchao"
    """Every operator rounded to binary32, in the order of torchao."""
    GRAPHCORE = "graphcore"
    """Every operator rounded to binary32, in the order of Graphcore's two-level UE5M3."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Every choice between the values of a block and its codes."""

    order: Order = Order.EXACT
    """An order that rounds every step has its own formulas in place of ``rule``, ``log2``, ``ratio`` and ``division``; it heeds all else."""
    rule: ScaleRule = ScaleRule.FLOOR
    log2: Logarithm = Logarithm.EXACT
    ratio: Division = Division.EXACT
    """How amax is divided by the greatest element: for ``rceil`` and ``ratio``."""
    scale_rounding: Rounding = Rounding.NEAREST_EVEN
    """How the scale is rounded into its format."""
    scale_overflow: Overflow = Overflow.SATURATE_FINITE
    """What a scale beyond the range of its format becomes: OCP MX 6.3 has the greatest one."""
    target: mpq | None = None
    """The block scale that a tensor scale aims at for the greatest value of the tensor; None for the greatest of the format."""
    zero_block: SmallScale = SmallScale.LEAST
    """The scale of a block of zeros."""
    small_scale: SmallScale = SmallScale.LEAST
    """What a scale below the range becomes."""
    nan: NaNLane = NaNLane.BLOCK
    infinity: InfiniteLane = InfiniteLane.BLOCK
    division: Division = Division.EXACT
    """How a value is divided by its scale."""
    rounding: Rounding = Rounding.NEAREST_EVEN
    """How elements are rounded."""
    bits: int = 0
    """The number of random bits for each element, where ``rounding`` is stochastic."""
    overflow: Overflow = Overflow.SATURATE_FINITE
    """What elements beyond the range become."""
    absent_nan: AbsentNaN = AbsentNaN.REFUSE
    """What a NaN becomes in elements without one."""
    integers: Integers = Integers.TWOS_COMPLEMENT

    def __post_init__(self) -> None:
        if self.scale_rounding.stochastic:
            raise RefmathError(
                f"A scale is not rounded by {self.scale_rounding.value}; random bits are drawn for elements only: choose another scale_rounding."
            )
        if self.target is not None and not self.target > 0:
            raise RefmathError(f"target={self.target} is impossible; the scale that is aimed at is positive.")
        if not 0 <= self.bits <= MAX_RANDOM_BITS:
            raise RefmathError(f"bits={self.bits} is no number of random bits; give an integer from 0 to {MAX_RANDOM_BITS}.")


MX = Policy()
"""OCP MX 6.3: floor, clamped, elements to nearest even and saturating."""
SHARED_EXPONENT = Policy(rule=ScaleRule.RCEIL)
"""Block floating point: the least shared exponent with which the greatest value does not saturate."""
ONE_LEVEL = Policy(rule=ScaleRule.RATIO)
"""A scale with a significand of its own."""
TRANSFORMER_ENGINE = Policy(order=Order.TRANSFORMER_ENGINE, rule=ScaleRule.RATIO, zero_block=SmallScale.ZERO, small_scale=SmallScale.ZERO)
TORCHAO = Policy(order=Order.TORCHAO, rule=ScaleRule.RATIO, zero_block=SmallScale.LEAST_NORMAL, small_scale=SmallScale.LEAST_NORMAL)
GRAPHCORE = Policy(order=Order.GRAPHCORE, rule=ScaleRule.RATIO, target=mpq(448), zero_block=SmallScale.ONE, small_scale=SmallScale.ONE)
"""The three orders, each with what its formulas make of small scales."""
