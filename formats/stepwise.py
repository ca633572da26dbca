"""Arithmetic step by step in binary32, as programs compute it: each operator exact, then rounded to nearest even.

Where the definition of a method is a program, its intermediate roundings are part of the definition. The operands and results here are data, so that a
step that overflows or is invalid goes on as an infinity or a NaN, as it does in the program.
"""

from gmpy2 import mpq

from formats.floats import ieee
from refmath.datum import Datum, Finite, Infinity, NaN, finite
from refmath.operations.arithmetic import divide, multiply
from refmath.operations.environment import Environment
from refmath.reals import Real

BINARY32 = ieee(32)
ENVIRONMENT = Environment()
ONE = finite(mpq(1))
GREATEST = finite(mpq(BINARY32.exact(BINARY32.limit())))
"""FLT_MAX."""


def rounded(x: Datum) -> Datum:
    """x as a binary32 number."""
    return BINARY32.decode(BINARY32.round(x))


def times(x: Datum, y: Datum) -> Datum:
    """x y, rounded."""
    return NaN() if isinstance(x, NaN) or isinstance(y, NaN) else rounded(multiply(ENVIRONMENT, x, y)[0])


def over(x: Datum, y: Datum) -> Datum:
    """x / y, rounded."""
    return NaN() if isinstance(x, NaN) or isinstance(y, NaN) else rounded(divide(ENVIRONMENT, x, y)[0])


def at_most(x: Datum, bound: Datum) -> Datum:
    """The lesser of a datum and a finite bound; a NaN stays."""
    return bound if not isinstance(x, NaN) and below(bound, x) else x


def at_least(x: Datum, bound: Datum) -> Datum:
    """The greater of a datum and a finite bound; a NaN stays."""
    return bound if not isinstance(x, NaN) and below(x, bound) else x


def below(x: Datum, y: Datum) -> bool:
    """x < y, for data of which at most one is infinite and none is a NaN."""
    if isinstance(x, Infinity):
        return x.negative
    if isinstance(y, Infinity):
        return not y.negative
    assert isinstance(x, Finite) and isinstance(y, Finite)
    assert not isinstance(x.value, Real) and not isinstance(y.value, Real)
    return bool(x.value < y.value)
