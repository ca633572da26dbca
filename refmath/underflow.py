"""What happens below the least normal value: when a result counts as tiny, and what becomes of subnormal numbers.

Source: IEEE 754-2019 clause 7.5. Flushing is what processors call FTZ (results) and DAZ (operands).
"""

from enum import Enum


class Tininess(Enum):
    """When underflow looks at a result: before rounding, or after rounding with an exponent range without end."""

    BEFORE = "before"
    """The exact result is below the least normal value."""
    AFTER = "after"
    """The result, rounded with an exponent range without end, is below it."""


class Subnormals(Enum):
    """What becomes of a subnormal number."""

    KEEP = "keep"
    """It stays."""
    SIGNED_ZERO = "signed_zero"
    """It becomes a zero of its own sign."""
    POSITIVE_ZERO = "positive_zero"
    """It becomes +0."""
