"""Exact arithmetic: data, reals that narrow on demand, rounding modes, overflow policies, flags.

This package knows nothing of encodings; ``formats`` builds number formats on it, and ``conformance`` checks others against both.
"""

from refmath._siblings import check_siblings
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal, finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow, parse_overflow
from refmath.reals import Exact, Irrational, Real
from refmath.rounding import Rounding, parse_rounding, round_code
from refmath.underflow import Subnormals, Tininess

check_siblings()

__version__ = "0.1.0"

__all__ = [
    "Datum",
    "Exact",
    "Finite",
    "Flags",
    "Infinity",
    "Irrational",
    "NaN",
    "NotAReal",
    "Overflow",
    "Real",
    "RefmathError",
    "Rounding",
    "Subnormals",
    "Tininess",
    "finite",
    "parse_overflow",
    "parse_rounding",
    "round_code",
]
