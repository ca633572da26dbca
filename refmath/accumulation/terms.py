"""What a sum adds: exact terms with the exponents by which hardware aligns them, and the format that partial sums are rounded into.

A term is an exact datum, most often a product that has not been rounded. Its *exponent* is what an aligning adder compares: of a number x of a format whose least
exponent is emin, e = max(floor(log2 |x|), emin), so that subnormal numbers share e = emin; of a product the sum of its factors' exponents, which may be one less than
floor(log2) of the product. Formats are not known here: whoever decodes codes says emin.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from gmpy2 import mpq

from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError
from refmath.flags import INVALID
from refmath.operations.arithmetic import product, total
from refmath.operations.environment import Environment
from refmath.operations.operation import quieted
from refmath.reals import Real, rational_floor_log2
from refmath.rounding import Rounding

MPQ = type(mpq())


@dataclass(frozen=True, slots=True)
class Operand:
    """A number of some format, exactly, with its exponent."""

    datum: Datum
    exponent: int
    """max(floor(log2 |x|), emin); of a zero or of what is no number it is not looked at."""


@dataclass(frozen=True, slots=True)
class Term:
    """One exact summand."""

    value: Datum
    exponent: int
    """The sum of the exponents of its factors, those of its scales included."""
    scale: int = 0
    """The part of the exponent that comes from block scales."""
    flags: int = 0
    """What multiplying raised."""


def exponent_of(x: Datum, emin: int | None) -> int:
    """The exponent of a number of a format whose least exponent is emin; None where the format has none."""
    if not isinstance(x, Finite) or isinstance(x.value, Real) or not x.value:
        return emin or 0
    e = rational_floor_log2(abs(x.value))
    return e if emin is None else max(e, emin)


def single(x: Operand) -> Term:
    """The summand that is one number."""
    return Term(quieted(x.datum) if isinstance(x.datum, NaN) else x.datum, x.exponent, 0, signals(x.datum))


def multiplied(x: Operand, y: Operand, scales: Sequence[Operand] = ()) -> Term:
    """The summand x y times its scales, exactly."""
    value, flags, exponent = x.datum, signals(x.datum), x.exponent
    for factor in (y, *scales):
        value, more = exact_product(value, factor.datum)
        flags, exponent = flags | more, exponent + factor.exponent
    return Term(value, exponent, sum(factor.exponent for factor in scales), flags)


def signals(x: Datum) -> int:
    """The flag of a signalling NaN."""
    return INVALID if isinstance(x, NaN) and x.signalling else 0


def exact_product(x: Datum, y: Datum) -> tuple[Datum, int]:
    """x y as a datum, and its flags: NaR wins, then the first NaN; zero times infinity is invalid."""
    if isinstance(x, NotAReal) or isinstance(y, NotAReal):
        return NotAReal(), 0
    for operand in (x, y):
        if isinstance(operand, NaN):
            return quieted(operand), signals(x) | signals(y)
    result = product(x, y)
    return (NaN(), INVALID) if result is None else (result, 0)


def exact_sum(environment: Environment, data: Iterable[Datum]) -> tuple[Datum, int]:
    """The sum of data as a datum, and its flags: NaR wins, then the first NaN; infinities of unlike sign are invalid; an exact zero as IEEE 754-2019 clause 6.3."""
    terms = list(data)
    if any(isinstance(x, NotAReal) for x in terms):
        return NotAReal(), 0
    nans = [x for x in terms if isinstance(x, NaN)]
    if nans:
        return quieted(nans[0]), max(signals(x) for x in nans)
    return total(environment, *terms)


def rational_value(x: Datum) -> mpq:
    """The value of a finite term. ``RefmathError`` for one that is irrational: only rational terms can be aligned."""
    assert isinstance(x, Finite)
    if isinstance(x.value, Real):
        raise RefmathError("A term that is irrational has no digits to align; use the model exact, sequential or pairwise.")
    return x.value


Rounder = Callable[[Datum, Rounding | None], tuple[Datum, int]]
"""Rounds a datum into a format, in its own mode or in the mode given; the result as a datum, and the flags."""


@dataclass
class Accumulator:
    """The format that partial sums are held in, as a model sees it. It gathers the flags of all its roundings."""

    rounder: Rounder
    emin: int | None = None
    """The least exponent of the format; None where it has none."""
    environment: Environment = field(default_factory=Environment)
    """Whose special cases hold, and the rounding that decides the sign of a zero sum."""
    flags: int = 0
    """The exceptions raised so far."""

    def round(self, x: Datum, mode: Rounding | None = None) -> Datum:
        """x rounded into the format."""
        result, flags = self.rounder(x, mode)
        self.flags |= flags
        return result

    def deliver(self, x: NaN) -> Datum:
        """A NaN that is no operand's, as it is; what the format has instead where it has none."""
        rounded = self.round(x)
        return x if isinstance(rounded, NaN) else rounded

    def add(self, x: Datum, y: Datum) -> Datum:
        """x + y, rounded into the format."""
        if type(x) is Finite and type(y) is Finite and type(x.value) is MPQ and type(y.value) is MPQ:
            value = x.value + y.value  # type: ignore[operator]
            if value:
                return self.round(Finite(value, value < 0))
        return self.round(self.sum((x, y)))

    def sum(self, data: Iterable[Datum]) -> Datum:
        """The exact sum of data, not rounded."""
        result, flags = exact_sum(self.environment, data)
        self.flags |= flags
        return result

    def take(self, term: Term) -> Datum:
        """The exact value of a term; what multiplying raised counts as raised here."""
        self.flags |= term.flags
        return term.value

    def held(self, x: Datum) -> Term:
        """A partial sum as a term of a later sum."""
        return Term(x, exponent_of(x, self.emin))


def infinite_beyond(x: Datum, exponent: int) -> Datum:
    """x, or an infinity of its sign where |x| >= 2^exponent."""
    if isinstance(x, Finite) and not isinstance(x.value, Real) and x.value and rational_floor_log2(abs(x.value)) >= exponent:
        return Infinity(x.negative)
    return x
