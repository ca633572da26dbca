"""What an operation is, and how one is applied to data: operand rules, the exact function, then the dialect's view of the result."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gmpy2 import mpq

from refmath.datum import ZERO, Datum, Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError
from refmath.flags import INVALID
from refmath.operations.environment import Dialect, Environment
from refmath.reals import Real


class Kind(Enum):
    """What an operation delivers."""

    NUMBER = "number"
    PREDICATE = "predicate"
    """True or false."""
    WORD = "word"
    """One of a few words: a class, a relation."""


class NaNRule(Enum):
    """What NaN operands do."""

    ALL = "all"
    """Any NaN operand makes the result NaN: IEEE 754-2019 clause 6.2.3."""
    SIGNALLING = "signalling"
    """A signalling NaN does; quiet ones are the function's own business."""
    OWN = "own"
    """All are the function's own business."""
    SIGN = "sign"
    """The operation acts on the sign of a NaN too, keeps all else of it, and raises nothing: IEEE 754-2019 clause 5.5.1."""


Rational = Callable[..., mpq]

Answer = tuple[Datum | bool | str, int]
"""What an operation answers, and the flags that it raises."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on data, independent of formats."""

    name: str
    arity: int
    function: Callable[..., tuple[Any, int]]
    """(environment, operands...) to the exact result and the flags of its special cases."""
    clause: str
    """Where it is defined."""
    about: str
    """What it is, in a line."""
    aliases: tuple[str, ...] = ()
    kind: Kind = Kind.NUMBER
    nans: NaNRule = NaNRule.ALL
    integers: tuple[int, ...] = ()
    """The positions of operands that must be integers."""
    rounds: bool = False
    """Whether the function itself rounds, by the environment."""
    rational: Rational | None = None
    """The same function on rationals alone, right wherever its result is not zero; what raises ``ZeroDivisionError`` is a special case."""
    dyadic: Callable[..., Real | None] | None = None
    """The same function on pairs (n, e) of n 2^e, see ``refmath.dyadic``; None of it where the function itself has to say."""
    logarithmic: Callable[..., Real | None] | None = None
    """The same on powers of 2, or of e, see ``refmath.logarithms``; likewise."""


def apply(op: Operation, env: Environment, operands: tuple[Datum, ...]) -> Answer:
    """The exact result of an operation on data, and the flags that its special cases raise.

    Errors: ``RefmathError`` for operands of the wrong number, or that are no integers where integers are needed.
    """
    check_arity(op, len(operands))
    if env.dialect is not Dialect.IEEE754:
        operands = tuple(plain(x) for x in operands)
    number = op.kind is Kind.NUMBER
    special = [x for x in operands if type(x) is not Finite]
    if special and number and any(isinstance(x, NotAReal) for x in special):
        return NotAReal(), 0
    if special and op.nans in (NaNRule.ALL, NaNRule.SIGNALLING):
        nans = [x for x in special if isinstance(x, NaN)]
        signalling = any(x.signalling for x in nans)
        if signalling or (nans and op.nans is NaNRule.ALL):
            return quieted(nans[0]), INVALID if signalling else 0
    for position in op.integers:
        check_integer(op, operands[position])
    result, flags = op.function(env, *operands)
    if env.dialect is Dialect.IEEE754:
        return result, flags
    return (seen(result, env.dialect) if number else result), 0


def plain(x: Datum) -> Datum:
    """An operand without what only IEEE 754 tells apart: -0 is 0, every NaN is the NaN."""
    if type(x) is Finite:
        return ZERO if x.negative and not x.value else x
    return NaN() if isinstance(x, NaN) else x


def seen(x: Datum, dialect: Dialect) -> Datum:
    """A result in a dialect without negative zero and, for posits, without infinities and NaNs."""
    if dialect is Dialect.POSIT and isinstance(x, Infinity | NaN):
        return NotAReal()
    return plain(x)


def quieted(x: NaN) -> NaN:
    """A NaN operand as a result."""
    return NaN(x.negative, False, x.payload, x.payload_bits) if x.signalling else x


def check_arity(op: Operation, count: int) -> None:
    """``RefmathError`` for a wrong number of operands."""
    if count != op.arity:
        raise RefmathError(f"{op.name} takes {op.arity} operand{'s' if op.arity > 1 else ''}, not {count}.")


def integer(x: Datum) -> int:
    """The value of an operand that is known to be an integer."""
    assert isinstance(x, Finite) and not isinstance(x.value, Real)
    return int(x.value)


def check_integer(op: Operation, x: Datum) -> None:
    """``RefmathError`` for an operand that is no integer where one is needed."""
    if isinstance(x, Finite) and not isinstance(x.value, Real) and x.value.denominator == 1:
        return
    shown = (
        x.value if isinstance(x, Finite) and not isinstance(x.value, Real) else "an infinity" if isinstance(x, Infinity) else "a number that is not rational"
    )
    raise RefmathError(f"{op.name} needs an integer as its second operand, not {shown}.")
