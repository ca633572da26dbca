"""What a code can mean.

A datum is a finite number (a zero has a sign; any other is an exact real), an infinity, a NaN, or a posit's NaR. Data are
plain immutable values; what arithmetic does with them is the business of ``refmath.operations``.
"""

from dataclasses import dataclass
from typing import TypeAlias

from gmpy2 import mpq

from refmath.reals import Exact, Real, is_negative


@dataclass(frozen=True, slots=True)
class Finite:
    """A finite number; ``negative`` is its sign, which matters of itself only for a zero."""

    value: Exact
    negative: bool


@dataclass(frozen=True, slots=True)
class Infinity:
    """Plus or minus infinity."""

    negative: bool


@dataclass(frozen=True, slots=True)
class NaN:
    """A NaN: IEEE 754-2019 clause 6.2. ``payload`` is the trailing significand without its quiet bit, in ``payload_bits`` bits.

    Where ``payload_bits`` is 0 the payload is an integer of no stated width, as clause 9.7 and text have it.
    """

    negative: bool = False
    signalling: bool = False
    payload: int = 0
    payload_bits: int = 0


@dataclass(frozen=True, slots=True)
class NotAReal:
    """NaR, the one exceptional datum of posits and takums."""


Datum: TypeAlias = Finite | Infinity | NaN | NotAReal

ZERO = Finite(mpq(0), False)
NEGATIVE_ZERO = Finite(mpq(0), True)


def finite(value: Exact) -> Finite:
    """The finite datum of an exact real; a rational zero becomes +0."""
    return Finite(value, is_negative(value))


def rational(datum: Finite) -> mpq:
    """The value of a finite datum that is known to be rational."""
    assert not isinstance(datum.value, Real)
    return datum.value
