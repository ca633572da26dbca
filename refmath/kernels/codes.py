"""What the kernels call operations by: plain integers, and the rules that hold for special data."""

from typing import NamedTuple

ADD, SUBTRACT, MULTIPLY, DIVIDE, COPYSIGN, SCALEB, FMA, FAA, FMM, CLAMP = range(10)
SQRT, RECIPROCAL, ABS, NEGATE, SIGN, CONVERT, ROUND, ROUND_EXACT, LOGB, ILOGB = range(10, 20)
MINIMUM, MAXIMUM = 20, 21
"""What the argument says of them: one of the next four, plus ``BY_MAGNITUDE``."""
ANY_NAN, NUMBER, NUMBER_2008, FINITE_FIRST, BY_MAGNITUDE = 0, 1, 2, 3, 4
COMPARE, TOTAL_ORDER, TOTAL_ORDER_MAGNITUDE = 22, 23, 24
LESS, EQUAL, GREATER, UNORDERED = 1, 2, 4, 8
"""Relations, which the argument of ``COMPARE`` joins; ``SIGNALS`` makes any NaN invalid."""
SIGNALS = 16
NEXT_UP, NEXT_DOWN = 25, 26
IS_SIGN_MINUS, IS_ZERO, IS_ONE, IS_FINITE, IS_INFINITE, IS_NAN, IS_SIGNALING, IS_NORMAL, IS_SUBNORMAL, IS_CANONICAL = range(27, 37)


class Rules(NamedTuple):
    """An operation, and what holds for its special data."""

    op: int
    argument: int
    """Which minimum, which relations; of ``ROUND`` its mode, or -1 for that of the projection."""
    ieee: int
    """1: IEEE 754, with signed zeros, poles and flags; 0: P3109."""
    keeps_nan: int
    """1: a NaN operand keeps its sign and payload."""
    signalling_first: int
    """1: of several NaNs the first signalling one is delivered."""
    addend_first: int
    """1: of several NaNs that of the addend of an fma comes first."""
    negative_default: int
    """1: the NaN of an invalid operation is negative."""
    zero_times_infinity: int
    """1: fma(0, infinity, quiet NaN) is invalid."""
    acts_on_nan: int
    """1: a sign operation within one format, which keeps all else of a NaN."""
    invalid_range: int
    """1: what is out of range raises invalid alone."""
