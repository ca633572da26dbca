"""What a family of formats provides, and the projection into it.

A scalar format has finite values, ordered by magnitude as its *magnitude codes* 0, 1, 2, ..., and perhaps zeros, infinities
and NaNs. A family provides the two inverse functions between magnitude codes and exact values,

- ``value(code, extra)``: the exact value of a magnitude code with ``extra`` refinement bits;
- ``code_below(x, extra)``: the greatest such code whose value is not above x > 0, and whether it is equal;

beside its encoding (``decode``, ``join``, the special codes) and its extremes. Everything else stands here, once. The law
that binds the two functions, and that every family is tested by: ``value`` is strictly increasing; ``code_below(value(c, k), k)
== (c, True)``; ``value(c, 0) <= x < value(c + 1, 0)`` for ``c = code_below(x, 0)[0]``; ``value(2 c, k + 1) == value(c, k)``.

A format without a zero has magnitude code 0 for its least value; its gap down to zero is then refined by the negative codes
above -1, and a value that rounds to code -1 would be a zero.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, SupportsIndex

from gmpy2 import mpq

from formats.project import Source, project
from formats.projection import DEFAULT, Projection
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal, finite
from refmath.errors import RefmathError, quote
from refmath.flags import INEXACT, OVERFLOW, Flags
from refmath.logarithms import Power
from refmath.operations.environment import Dialect
from refmath.overflow import Outcome, resolve
from refmath.reals import Exact, Real
from refmath.rounding import RandomSource
from refmath.underflow import Subnormals

if TYPE_CHECKING:
    from formats.number import Number
    from formats.symbolic import Definition


class Format(ABC):
    """A scalar number format: a set of data, each with a code of ``width`` bits."""

    name: str
    """Its canonical name."""
    width: int
    """Bits of a code."""
    signed: bool
    """Whether it has negative values."""
    has_zero: bool
    has_negative_zero: bool
    has_infinity: bool
    """Whether it has an infinity; a signed format then has two."""
    has_nan: bool
    least_normal: int | None
    """The magnitude code of the least normal value; None where nothing is called normal."""
    default: Projection = DEFAULT
    """The projection that its standard prescribes or suggests."""
    underflows_to_zero: ClassVar[bool] = True
    """Whether a nonzero value may round to zero (a posit never does)."""
    spans_zero: bool = False
    """Whether, without a zero, the gap between the least positive and the least negative value is one like any other, in which zero lies."""
    parity: tuple[int, int] = (0, 0)
    """For either sign, 1 where the even magnitude codes are those of odd codes."""
    range_flags: ClassVar[int] = OVERFLOW | INEXACT
    """The flags of a finite value out of range."""

    # What a family provides.

    @abstractmethod
    def value(self, code: int, extra: int = 0, negative: bool = False) -> Exact:
        """The exact magnitude of a magnitude code that carries ``extra`` refinement bits."""

    @abstractmethod
    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        """The greatest magnitude code with ``extra`` refinement bits whose value is not above |x| > 0, and whether it equals it.

        A value beyond the greatest finite one has a code beyond the greatest, as if the encoding went on.
        """

    def code_unbounded(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        """As ``code_below``, in an encoding whose exponents have no least either: where it differs, ``least_normal`` is not None."""
        return self.code_below(x, extra, negative)

    @abstractmethod
    def greatest(self, negative: bool = False) -> int:
        """The magnitude code of the finite value farthest from zero on one side; less than ``least`` where that side is empty."""

    @abstractmethod
    def decode(self, code: int) -> Datum:
        """What a code means. ``RefmathError`` for a code wider than the format."""

    @abstractmethod
    def join(self, negative: bool, code: int) -> int:
        """The code of a sign and a magnitude code."""

    @abstractmethod
    def magnitude(self, code: int) -> tuple[bool, int] | None:
        """The sign and magnitude code of the code of a finite value; None for any other."""

    @abstractmethod
    def infinity(self, negative: bool = False) -> int:
        """The code of an infinity that the format has."""

    @abstractmethod
    def nan(self, like: NaN | None = None) -> int:
        """The code of the canonical NaN, or of the NaN that keeps what fits of ``like``: sign, signalling, leading payload bits."""

    @abstractmethod
    def notation(self) -> str:
        """The text that ``formats.notation.parse`` turns back into this format."""

    @abstractmethod
    def fields(self, code: int) -> list[tuple[str, str]]:
        """The named bit fields of a code, most significant first, each as (name, binary digits)."""

    @abstractmethod
    def definition(self) -> "Definition":
        """What the codes stand for, as a sympy object: see ``formats.symbolic``. Slow; it defines and prints, it does not compute."""

    # What follows from it.

    @property
    def is_dyadic(self) -> bool:
        """Whether every finite value is an integer times a power of two."""
        return False

    def dyadic(self, code: int) -> tuple[int, int] | None:
        """(n, e) of the value n 2^e of a code that is known to be one, where the format is dyadic; None where it is not finite."""
        raise NotImplementedError

    @property
    def logarithm_base(self) -> str | None:
        """The base of which every nonzero value is a power, "2" or "e", where the format is logarithmic."""
        return None

    def power(self, code: int) -> Power | None:
        """The value of a code that is known to be one, where the format is logarithmic; None where it is zero or not finite."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.name

    def __call__(self, value: object) -> "Number":
        """The number of this format that a value becomes, rounded in the current context: see ``formats.number`` and ``Context.number``."""
        from formats.context import current

        return current().number(self, value)

    def from_code(self, code: SupportsIndex) -> "Number":
        """The number of this format that has that code."""
        from formats.number import Number

        return Number(self, code.__index__())

    @property
    def dialect(self) -> Dialect:
        """Whose special cases its operations follow where nothing else is said."""
        return Dialect.IEEE754

    @property
    def codes(self) -> int:
        """How many codes there are: 2^width."""
        return 1 << self.width

    @property
    def least(self) -> int:
        """The magnitude code of the least nonzero value."""
        return 1 if self.has_zero else 0

    def __iter__(self) -> Iterator[int]:
        """All codes, ascending."""
        return iter(range(self.codes))

    def check_code(self, code: SupportsIndex) -> int:
        """``code`` as an int; ``RefmathError`` where it is not a code of this format."""
        number = code.__index__()
        if not 0 <= number < self.codes:
            raise RefmathError(f"{quote(hex(number))} is not a code of {self.name}, which has {self.width} bits: give one from 0x0 to {self.codes - 1:#x}.")
        return number

    def zero(self, negative: bool = False) -> int:
        """The code of a zero; ``RefmathError`` where the format has none. Without a negative zero it is the zero."""
        if not self.has_zero:
            raise RefmathError(f"{self.name} has no zero; choose what takes its place with absent_zero.")
        return self.join(negative and self.has_negative_zero, 0)

    def limit(self, negative: bool = False) -> int:
        """The code of the finite value farthest out on one side: of the least value where a format without negatives has no zero."""
        code = self.greatest(negative)
        if code >= self.least:
            return self.join(negative, code)
        return self.zero() if self.has_zero else self.join(False, 0)

    def encode(self, datum: Datum | mpq) -> int:
        """The code of a datum that the format has exactly; ``RefmathError`` where it has not."""
        if isinstance(datum, NaN) and self.has_nan:
            code = self.nan(datum)
            exact = _same_nan(self.decode(code), datum)
        else:
            code, flags = self.project(datum)
            lost_sign = isinstance(datum, Finite) and not datum.value and datum.negative and not self.has_negative_zero
            exact = not flags and not lost_sign and not (isinstance(datum, NotAReal) and self.decode(code) != datum)
        if not exact:
            raise RefmathError(f"{self.name} has no code for {datum}; project rounds it.")
        return code

    def round(self, x: Source, projection: Projection | None = None, random: int | RandomSource = 0) -> int:
        """The code that ``project`` delivers, without the flags."""
        return self.project(x, projection, random)[0]

    def project(self, x: Source, projection: Projection | None = None, random: int | RandomSource = 0) -> tuple[int, Flags]:
        """The code that an exact result becomes, and the flags that this raises.

        ``random`` is the random operand R of a stochastic mode; with unlimited bits it is a source such as ``random.Random``.
        Errors: ``RefmathError`` for a result that the format has no code for and the projection names no substitute.
        """
        code, flags = project(self, x, projection or self.default, random)
        return code, _FLAGS[flags]

    def wrap(self, negative: bool, code: int) -> int:
        """The code that is left of a magnitude code out of range when only the low bits are kept."""
        return self.join(negative, code) & (self.codes - 1)

    def outcome(self, infinite: bool, negative: bool, how: Projection) -> Outcome:
        """What the overflow policy delivers for a value beyond the range: a finite one, or an infinity."""
        return resolve(
            how.overflow,
            how.rounding,
            infinite=infinite,
            negative=negative,
            signed=self.signed,
            has_infinity=self.has_infinity and (self.signed or not negative),
            extended=self.has_infinity,
            has_nan=self.has_nan,
        )

    def operand(self, code: int, how: Subnormals = Subnormals.KEEP) -> Datum:
        """What a code means as an operand: a subnormal number counts as zero where the policy says so."""
        datum = self.decode(code)
        if how is Subnormals.KEEP or not self.is_subnormal(code):
            return datum
        assert isinstance(datum, Finite)
        return Finite(mpq(0), datum.negative and how is Subnormals.SIGNED_ZERO)

    def is_subnormal(self, code: int) -> bool:
        """Whether the code is of a nonzero number below the least normal one."""
        found = self.magnitude(code)
        return found is not None and self.least_normal is not None and self.least <= found[1] < self.least_normal

    def exact(self, code: int) -> Exact:
        """The exact value of the code of a finite number; ``RefmathError`` for any other."""
        datum = self.decode(code)
        if not isinstance(datum, Finite):
            raise RefmathError(f"{code:#x} of {self.name} is not a finite number.")
        return datum.value

    def classify(self, code: int) -> str:
        """The class of a code in the words of IEEE 754-2019 clause 5.7.2, without the sign."""
        match self.decode(code):
            case Finite(value, _) if not value:
                return "zero"
            case Finite():
                return "subnormal" if self.is_subnormal(code) else "normal"
            case Infinity():
                return "infinity"
            case NaN(_, signalling, _):
                return "signalling NaN" if signalling else "NaN"
            case _:
                return "NaR"

    def next_up(self, code: int) -> int | None:
        """The code of the next greater finite value; None after the greatest and for a code that is not finite."""
        found = self.magnitude(code)
        if found is None:
            return None
        negative, ordinal = found
        if ordinal == 0 and self.has_zero:
            negative = False
        if negative:
            if ordinal == self.least and not self.has_zero:
                return self.join(False, self.least) if self.greatest() >= self.least else None
            return self.zero() if ordinal == 1 and self.has_zero else self.join(True, ordinal - 1)
        return self.join(False, ordinal + 1) if ordinal < self.greatest() else None

    def next_down(self, code: int) -> int | None:
        """The code of the next lesser finite value; None after the lowest and for a code that is not finite."""
        found = self.magnitude(code)
        if found is None:
            return None
        negative, ordinal = found
        if ordinal == 0 and self.has_zero:
            return self.join(True, self.least) if self.greatest(True) >= self.least else None
        if negative:
            return self.join(True, ordinal + 1) if ordinal < self.greatest(True) else None
        if ordinal == self.least:
            if self.has_zero:
                return self.zero()
            return self.join(True, self.least) if self.greatest(True) >= self.least else None
        return self.join(False, ordinal - 1)

    def ulp(self, code: int) -> mpq:
        """The distance from the magnitude of a finite code to the next greater one, as if the range went on."""
        found = self.magnitude(code)
        if found is None:
            raise RefmathError(f"{code:#x} of {self.name} is not a finite number and has no ulp.")
        negative, ordinal = found
        above, here = self.value(ordinal + 1, 0, negative), self.value(ordinal, 0, negative)
        if isinstance(above, Real) or isinstance(here, Real):
            raise RefmathError(f"The values of {self.name} are irrational; it has no ulp.")
        return above - here

    def from_float(self, x: float, projection: Projection | None = None) -> int:
        """The code that a Python float, taken exactly, becomes."""
        if x != x:
            return self.round(NaN(), projection)
        if x in (float("inf"), float("-inf")):
            return self.round(Infinity(x < 0), projection)
        if x == 0:
            return self.round(Finite(mpq(0), str(x)[0] == "-"), projection)
        return self.round(mpq(*x.as_integer_ratio()), projection)

    def to_float(self, code: int) -> float:
        """The Python float nearest to the value of a code; exact wherever binary64 holds it."""
        match self.decode(code):
            case Finite(value, negative):
                if not value:
                    return -0.0 if negative else 0.0
                if isinstance(value, Real):
                    raise RefmathError(f"The value of {code:#x} of {self.name} is irrational; project it into binary64.")
                return _nearest_float(value)
            case Infinity(negative):
                return float("-inf") if negative else float("inf")
            case _:
                return float("nan")


def _nearest_float(x: mpq) -> float:
    """The binary64 number nearest to x, infinite beyond its range."""
    try:
        return int(x.numerator) / int(x.denominator)
    except OverflowError:
        return float("-inf") if x < 0 else float("inf")


def _same_nan(here: Datum, there: NaN) -> bool:
    """Whether two NaNs agree in sign, kind and payload; a payload is a fraction, or an integer where its width is not known."""
    if not isinstance(here, NaN) or (here.negative, here.signalling) != (there.negative, there.signalling):
        return False
    if not there.payload_bits:
        return here.payload == there.payload or not there.payload
    return here.payload << there.payload_bits == there.payload << here.payload_bits


_FLAGS = [Flags(bits) for bits in range(32)]

__all__ = ["Format", "Source", "finite"]
