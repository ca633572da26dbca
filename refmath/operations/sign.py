"""Sign operations: IEEE 754-2019 clause 5.5.1; P3109 section 4.9. They act on NaNs too, keep their payload, and raise nothing.

The posit standard (2022) adds ``sign``, section 5.2.
"""

from dataclasses import replace

from gmpy2 import mpq

from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.operations.environment import Dialect, Environment, Outcome
from refmath.operations.operation import NaNRule, Operation
from refmath.reals import is_negative, negate


def with_sign(x: Datum, negative: bool) -> Outcome:
    """x with that sign."""
    match x:
        case Finite(value, _):
            return Finite(negate(value) if value and is_negative(value) != negative else value, negative), 0
        case Infinity():
            return Infinity(negative), 0
        case NaN():
            return replace(x, negative=negative), 0
        case _:
            return x, 0


def sign(x: Datum) -> bool:
    """Whether the sign of a datum is minus."""
    return isinstance(x, Finite | Infinity | NaN) and x.negative


def copied(env: Environment, x: Datum) -> Outcome:
    """x as it is, a signalling NaN too."""
    return x, 0


def absolute(env: Environment, x: Datum) -> Outcome:
    """x with the sign plus."""
    return with_sign(x, False)


def negation(env: Environment, x: Datum) -> Outcome:
    """x with the other sign."""
    return with_sign(x, not sign(x))


def copysign(env: Environment, x: Datum, y: Datum) -> Outcome:
    """x with the sign of y; in P3109 a NaN as y makes it NaN."""
    if isinstance(y, NaN) and env.dialect is not Dialect.IEEE754:
        return y, 0
    return with_sign(x, sign(y))


def signum(env: Environment, x: Datum) -> Outcome:
    """1 or -1 by the sign of x; a zero is itself."""
    if isinstance(x, Finite) and not x.value:
        return x, 0
    return Finite(mpq(-1 if sign(x) else 1), sign(x)), 0


OPERATIONS = (
    Operation("copy", 1, copied, "IEEE 754-2019 5.5.1", "x itself, a signalling NaN too", nans=NaNRule.SIGN),
    Operation("abs", 1, absolute, "IEEE 754-2019 5.5.1", "|x|", ("absolute", "fabs"), nans=NaNRule.SIGN),
    Operation("negate", 1, negation, "IEEE 754-2019 5.5.1", "-x", ("neg", "negation"), nans=NaNRule.SIGN),
    Operation("copysign", 2, copysign, "IEEE 754-2019 5.5.1", "x with the sign of y", ("copy_sign",), nans=NaNRule.SIGN),
    Operation("sign", 1, signum, "Posit Standard (2022) 5.2", "1, 0 or -1", ("signum", "sgn")),
)
