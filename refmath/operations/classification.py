"""Predicates of one datum: IEEE 754-2019 clause 5.7.2; P3109 section 4.10. They raise nothing, whatever the datum.

Those that look at the encoding (normal, subnormal, canonical) belong to formats.
"""

from collections.abc import Callable

from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.operations.environment import Environment
from refmath.operations.operation import Kind, NaNRule, Operation
from refmath.operations.sign import sign
from refmath.reals import Real


def is_zero(x: Datum) -> bool:
    """A zero of either sign."""
    return isinstance(x, Finite) and not x.value


def is_one(x: Datum) -> bool:
    """The number one."""
    return isinstance(x, Finite) and not isinstance(x.value, Real) and x.value == 1


def is_finite(x: Datum) -> bool:
    """A number, not infinite."""
    return isinstance(x, Finite)


def is_infinite(x: Datum) -> bool:
    """An infinity."""
    return isinstance(x, Infinity)


def is_nan(x: Datum) -> bool:
    """A NaN or NaR."""
    return isinstance(x, NaN | NotAReal)


def is_signaling(x: Datum) -> bool:
    """A signalling NaN."""
    return isinstance(x, NaN) and x.signalling


def _operation(name: str, test: Callable[[Datum], bool], about: str, *aliases: str) -> Operation:
    def function(env: Environment, x: Datum) -> tuple[bool, int]:
        return test(x), 0

    return Operation(name, 1, function, "IEEE 754-2019 5.7.2", f"whether x is {about}", aliases, Kind.PREDICATE, NaNRule.OWN)


OPERATIONS = (
    _operation("is_sign_minus", sign, "negative, a zero and a NaN by their sign bit", "signbit"),
    _operation("is_zero", is_zero, "a zero"),
    _operation("is_one", is_one, "one"),
    _operation("is_finite", is_finite, "a number that is not infinite", "isfinite"),
    _operation("is_infinite", is_infinite, "infinite", "isinf"),
    _operation("is_nan", is_nan, "NaN or NaR", "isnan", "is_nar"),
    _operation("is_signaling", is_signaling, "a signalling NaN", "is_signalling"),
)
