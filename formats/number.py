"""Numbers: codes that know their format, and calculate.

``bfloat16(1.5)`` makes one of a value, ``bfloat16.from_code(0x3fc0)`` of a code. A number is immutable, prints as the shortest decimal that identifies its code, and
compares and hashes exactly, across formats and with Python's numbers: 1.0 of bfloat16 equals 1.0 of binary32, 1 and Fraction(1), and a NaN equals nothing.

Operators round once each, in the current arithmetic context (see ``formats.context``). An int, Fraction, Decimal, mpq or float beside a number stands for the number of
the same format that equals it, and is refused where there is none. ``%`` is fmod; ``**`` is pow, and pown for an integral exponent. Order is IEEE 754's signalling one: a NaN
operand raises invalid in the context. Equality raises nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gmpy2 import mpq, mpz

from formats.family import Format
from formats.literals import datum_of
from formats.shortest import shortest
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import OPERATIONS, Dialect, Environment, apply
from refmath.operations.comparison import EQUAL, relation
from refmath.reals import Exact, Real
from refmath.wording import special_text

NOT_A_REAL_HASH = hash("NaR")
PYTHON_NUMBERS = (int, Fraction, Decimal, float, type(mpq()), type(mpz()))
"""The types of Python's numbers that may stand beside a number."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number:
    """A code of a format, as the number that it means."""

    format: Format
    code: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", self.format.check_code(self.code))

    @property
    def datum(self) -> Datum:
        """What the code means."""
        return self.format.decode(self.code)

    @property
    def exact(self) -> Exact:
        """The exact value of a finite number; ``RefmathError`` for any other."""
        return self.format.exact(self.code)

    def __str__(self) -> str:
        datum = self.datum
        return special_text(datum) if isinstance(datum, NaN) else shortest(self.format, self.code)

    def __repr__(self) -> str:
        return f"{self.format.name}({str(self)!r})"

    def __hash__(self) -> int:
        match self.datum:
            case Finite(value, _):
                return hash(value)
            case Infinity(negative):
                return hash(float("-inf" if negative else "inf"))
            case NaN():
                return object.__hash__(self)
            case _:
                return NOT_A_REAL_HASH

    def __bool__(self) -> bool:
        datum = self.datum
        return not isinstance(datum, Finite) or bool(datum.value)

    def __float__(self) -> float:
        return self.format.to_float(self.code)

    def __int__(self) -> int:
        return int(rational(self))

    def as_integer_ratio(self) -> tuple[int, int]:
        """The value as a fraction in lowest terms; ``RefmathError`` for what is no rational number."""
        value = rational(self)
        return int(value.numerator), int(value.denominator)

    def __eq__(self, other: object) -> bool:
        there = _datum(other)
        return NotImplemented if there is None else relation(self.datum, there) == EQUAL

    def __lt__(self, other: object) -> bool:
        return _ordered("compare_signaling_less", self, other)

    def __le__(self, other: object) -> bool:
        return _ordered("compare_signaling_less_equal", self, other)

    def __gt__(self, other: object) -> bool:
        return _ordered("compare_signaling_greater", self, other)

    def __ge__(self, other: object) -> bool:
        return _ordered("compare_signaling_greater_equal", self, other)

    def __neg__(self) -> "Number":
        return _operate("negate", self)

    def __pos__(self) -> "Number":
        return self

    def __abs__(self) -> "Number":
        return _operate("abs", self)

    def __add__(self, other: object) -> "Number":
        return _operate("add", self, other)

    def __radd__(self, other: object) -> "Number":
        return _operate("add", other, self)

    def __sub__(self, other: object) -> "Number":
        return _operate("subtract", self, other)

    def __rsub__(self, other: object) -> "Number":
        return _operate("subtract", other, self)

    def __mul__(self, other: object) -> "Number":
        return _operate("multiply", self, other)

    def __rmul__(self, other: object) -> "Number":
        return _operate("multiply", other, self)

    def __truediv__(self, other: object) -> "Number":
        return _operate("divide", self, other)

    def __rtruediv__(self, other: object) -> "Number":
        return _operate("divide", other, self)

    def __mod__(self, other: object) -> "Number":
        return _operate("fmod", self, other)

    def __rmod__(self, other: object) -> "Number":
        return _operate("fmod", other, self)

    def __pow__(self, other: object) -> "Number":
        return _operate("pown" if isinstance(other, int) else "pow", self, other)

    def __rpow__(self, other: object) -> "Number":
        return _operate("pow", other, self)


def rational(x: Number) -> mpq:
    """The value of a number that is rational; ``RefmathError`` for any other."""
    value = x.exact
    if isinstance(value, Real):
        raise RefmathError(f"{x} of {x.format.name} is irrational; convert it into another format first.")
    return value


def _datum(x: object) -> Datum | None:
    """The datum that stands beside a number in a comparison; None for what has no place there."""
    if isinstance(x, Number):
        return x.datum
    return datum_of(x) if isinstance(x, PYTHON_NUMBERS) else None


def _ordered(name: str, x: Number, y: object) -> bool:
    there = _datum(y)
    if there is None:
        return NotImplemented  # type: ignore[no-any-return]
    formats = [z.format for z in (x, y) if isinstance(z, Number)]
    flagged = all(fmt.dialect is Dialect.IEEE754 for fmt in formats)
    answer, flags = apply(OPERATIONS[name], Environment(Dialect.IEEE754 if flagged else Dialect.P3109), (x.datum, there))
    if flags:
        from formats.context import current

        current().record(Flags(flags))
    return answer is True


def _operate(name: str, *operands: Any) -> Number:
    """An operation in the current context."""
    if not all(isinstance(x, (Number, *PYTHON_NUMBERS)) for x in operands):
        return NotImplemented  # type: ignore[no-any-return]
    from formats.context import current

    result = current().apply(name, *operands)
    assert isinstance(result, Number)
    return result
