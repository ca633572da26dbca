"""What an operation must know besides its operands: the dialect of special cases, and the rounding where a result depends on it.

Two standards answer differently where mathematics does not answer: IEEE 754-2019 has signed zeros, infinities at poles, and flags (clauses
6.3, 7 and 9.2.1); P3109 (interim report v4.0, section 4.9 on) has one zero, NaN at most poles, and no flags. Posits (2022) know neither
infinities nor NaNs: whatever is no real is NaR.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from gmpy2 import mpq

from refmath.datum import NEGATIVE_ZERO, ZERO, Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError, quote
from refmath.flags import DIVIDE_BY_ZERO, INVALID
from refmath.reals import Exact, is_negative
from refmath.rounding import Rounding


class Dialect(Enum):
    """Whose special cases hold; the value is the canonical name."""

    IEEE754 = "ieee754"
    P3109 = "p3109"
    POSIT = "posit"


def parse_dialect(text: str) -> Dialect:
    """The dialect that ``text`` names."""
    name = text.strip().lower().replace(" ", "").replace("-", "")
    for dialect in Dialect:
        if name in (dialect.value, dialect.value.replace("754", "")):
            return dialect
    raise RefmathError(f"{quote(text)} is not a dialect of special cases; use one of {', '.join(dialect.value for dialect in Dialect)}.")


@dataclass(frozen=True, slots=True)
class Environment:
    """The circumstances of an operation."""

    dialect: Dialect = Dialect.IEEE754
    """Whose special cases hold."""
    rounding: Rounding = Rounding.NEAREST_EVEN
    """It decides the sign of an exact zero sum, and which integer ``round_to_integral`` gives."""
    bits: int = 0
    """The number of random bits, where ``round_to_integral`` rounds stochastically."""
    random: int = 0
    """Those bits."""
    zero_times_infinity_signals: bool = False
    """Whether fma(0, infinity, quiet NaN) raises invalid: IEEE 754-2019 clause 7.2 leaves that to the implementation."""


Outcome: TypeAlias = tuple[Datum, int]
"""The exact result of an operation, and the flags that its special cases raise."""

ONE = Finite(mpq(1), False)


def number(value: Exact) -> Outcome:
    """An exact result as it is; an exact zero is +0."""
    return Finite(value, is_negative(value)), 0


def signed(value: Exact, negative: bool) -> Outcome:
    """An exact result of a known sign, which an exact zero keeps."""
    return Finite(value, negative), 0


def zero(negative: bool = False) -> Outcome:
    """A zero with a sign."""
    return (NEGATIVE_ZERO if negative else ZERO), 0


def infinity(negative: bool = False) -> Outcome:
    """An infinity that is exact."""
    return Infinity(negative), 0


def invalid() -> Outcome:
    """No result is useful: IEEE 754-2019 clause 7.2."""
    return NaN(), INVALID


def pole(env: Environment, negative: bool) -> Outcome:
    """An infinite result of finite operands: IEEE 754-2019 clause 7.3; NaN in P3109 sections 4.9 and 4.10 (x / 0, Recip, RSqrt, TanPi)."""
    return (Infinity(negative), DIVIDE_BY_ZERO) if env.dialect is Dialect.IEEE754 else (NaN(), 0)


def logarithmic_pole(negative: bool) -> Outcome:
    """The same where P3109 too has an infinity: Log, Log2 and LogOnePlus at the end of their domain, ArcTanh at +-1."""
    return Infinity(negative), DIVIDE_BY_ZERO
