"""Minimum and maximum, in every sense that a standard gives them.

- ``minimum``, ``maximum``: a NaN operand wins; -0 is less than +0 (IEEE 754-2019 clause 9.6).
- ``..._number``: a number wins over a NaN (clause 9.6); a signalling NaN raises invalid and still loses.
- ``..._magnitude``, ``..._magnitude_number``: by magnitude first, by value where magnitudes are equal (clause 9.6).
- ``min_num``, ``max_num`` and their ``..._mag`` forms: IEEE 754-2008 clause 5.3.1, where a number wins over a quiet NaN only. That standard leaves
  open which zero is chosen; here it is -0 for the minimum, as RISC-V and ARM have it.
- ``minimum_finite``, ``maximum_finite``: P3109 section 4.10, where a finite number wins over an infinity, and that over NaN.
- ``clamp``: P3109 section 4.10; NaN where the bounds are in the wrong order.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath import algebra
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.flags import INVALID
from refmath.operations.environment import Environment, Outcome, invalid
from refmath.operations.operation import NaNRule, Operation, quieted
from refmath.operations.sign import absolute, sign
from refmath.reals import Exact

Choice = Callable[[Datum, Datum], Datum]


def order(x: Datum, y: Datum) -> int:
    """The sign of x - y of data that are not NaN; -0 is below +0."""
    (a, p), (b, q) = key(x), key(y)
    if a != b:
        return -1 if a < b else 1
    by_value = algebra.compare(p, q)
    return by_value or sign(y) - sign(x)


def key(x: Datum) -> tuple[int, Exact]:
    """(-1, 0 or 1, value): what is infinite lies beyond every value; NaR, the least of posits, below them."""
    match x:
        case Finite(value, _):
            return 0, value
        case Infinity(negative):
            return -1 if negative else 1, mpq(0)
        case _:
            return -2, mpq(0)


def lesser(x: Datum, y: Datum) -> Datum:
    """The lesser of two data that are not NaN."""
    return x if order(x, y) <= 0 else y


def greater(x: Datum, y: Datum) -> Datum:
    """The greater of two data that are not NaN."""
    return x if order(x, y) >= 0 else y


def by_magnitude(choice: Choice) -> Choice:
    """The choice by magnitude, and by value where magnitudes are equal."""

    def choose(x: Datum, y: Datum) -> Datum:
        a, b = absolute(Environment(), x)[0], absolute(Environment(), y)[0]
        return choice(x, y) if order(a, b) == 0 else x if choice(a, b) is a else y

    return choose


def plain(choice: Choice) -> Callable[[Environment, Datum, Datum], Outcome]:
    """The operation on data of which none is NaN."""
    return lambda env, x, y: (choice(x, y), 0)


def number(choice: Choice) -> Callable[[Environment, Datum, Datum], Outcome]:
    """The operation in which a number wins over any NaN."""

    def operation(env: Environment, x: Datum, y: Datum) -> Outcome:
        flags = INVALID if any(isinstance(z, NaN) and z.signalling for z in (x, y)) else 0
        numbers = [z for z in (x, y) if not isinstance(z, NaN)]
        if not numbers:
            assert isinstance(x, NaN)
            return quieted(x), flags
        return choice(numbers[0], numbers[-1]), flags

    return operation


def finite(choice: Choice) -> Callable[[Environment, Datum, Datum], Outcome]:
    """The operation in which a finite number wins over an infinity, and that over NaN."""

    def operation(env: Environment, x: Datum, y: Datum) -> Outcome:
        finites = [z for z in (x, y) if isinstance(z, Finite)]
        if len(finites) == 1:
            return finites[0], INVALID if any(isinstance(z, NaN) and z.signalling for z in (x, y)) else 0
        return number(choice)(env, x, y)

    return operation


def clamp(env: Environment, x: Datum, low: Datum, high: Datum) -> Outcome:
    """x, but not below low and not above high."""
    if order(low, high) > 0 and not _equal_zeros(low, high):
        return invalid()
    return lesser(greater(x, low), high), 0


def _equal_zeros(x: Datum, y: Datum) -> bool:
    return isinstance(x, Finite) and isinstance(y, Finite) and not x.value and not y.value


def _family(word: str, short: str, choice: Choice) -> tuple[Operation, ...]:
    """The operations of one direction."""
    magnitude = by_magnitude(choice)
    new, old = "IEEE 754-2019 9.6", "IEEE 754-2008 5.3.1"
    wins = "a number wins over NaN"
    return (
        Operation(f"{word}", 2, plain(choice), new, f"the {word}; a NaN operand wins", (short,)),
        Operation(f"{word}_number", 2, number(choice), new, f"the {word}; {wins}", nans=NaNRule.OWN),
        Operation(f"{word}_magnitude", 2, plain(magnitude), new, f"the operand of {word} magnitude"),
        Operation(f"{word}_magnitude_number", 2, number(magnitude), new, f"the operand of {word} magnitude; {wins}", nans=NaNRule.OWN),
        Operation(f"{short}_num", 2, number(choice), old, f"the {word}; {wins} unless it signals", (f"f{short}",), nans=NaNRule.SIGNALLING),
        Operation(f"{short}_num_mag", 2, number(magnitude), old, f"the operand of {word} magnitude; {wins} unless it signals", nans=NaNRule.SIGNALLING),
        Operation(f"{word}_finite", 2, finite(choice), "P3109 4.10", f"the {word}; a finite number wins over an infinity", nans=NaNRule.OWN),
    )


OPERATIONS = (
    *_family("minimum", "min", lesser),
    *_family("maximum", "max", greater),
    Operation("clamp", 3, clamp, "P3109 4.10", "x, but not below y and not above z", ("clip",)),
)
