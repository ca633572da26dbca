"""The characteristics of a format: how many codes mean what, its extremes, its special codes.

Everything is derived from what every family provides, without looking at each code, so that it is the same work for 4 bits
as for 4096. P3109 section 4.16 and IEEE 754-2019 table 3.5 name most of it.
"""

from dataclasses import dataclass
from itertools import pairwise

from gmpy2 import mpq, mpz

from formats.family import Format
from formats.floats import Float
from refmath.datum import Finite, Infinity, NaN
from refmath.flags import Flags
from refmath.reals import Real


@dataclass(frozen=True, slots=True)
class Counts:
    """How many codes of a format mean what."""

    zeros: int
    subnormal: int
    normal: int
    infinities: int
    rest: int
    """NaNs and NaR; of x87 also the codes that are not canonical, of symmetric integers the code that is not used."""

    @property
    def finite(self) -> int:
        """Codes of finite numbers."""
        return self.zeros + self.subnormal + self.normal


def count(fmt: Format) -> Counts:
    """The census of a format's codes; a canonical code each."""
    sides = [False, True] if fmt.signed else [False]
    zeros = (1 + fmt.has_negative_zero) if fmt.has_zero else 0
    least, normal_from = fmt.least, fmt.least if fmt.least_normal is None else fmt.least_normal
    nonzero = sum(max(0, fmt.greatest(side) - least + 1) for side in sides)
    normal = sum(max(0, fmt.greatest(side) - max(normal_from, least) + 1) for side in sides)
    infinities = len(sides) if fmt.has_infinity else 0
    return Counts(zeros, nonzero - normal, normal, infinities, fmt.codes - zeros - nonzero - infinities)


@dataclass(frozen=True, slots=True)
class Extreme:
    """A code with a role in its format."""

    name: str
    code: int


def extremes(fmt: Format) -> tuple[Extreme, ...]:
    """The codes at the ends of the finite range and where subnormal numbers begin and end, from the greatest down."""
    found = [Extreme("greatest", fmt.limit())]
    if fmt.least_normal is not None and fmt.least < fmt.least_normal:
        if fmt.least_normal <= fmt.greatest():
            found.append(Extreme("least normal", fmt.join(False, fmt.least_normal)))
            found.append(Extreme("greatest subnormal", fmt.join(False, fmt.least_normal - 1)))
        found.append(Extreme("least subnormal", fmt.join(False, fmt.least)))
    elif fmt.least <= fmt.greatest():
        found.append(Extreme("least positive", fmt.join(False, fmt.least)))
    if fmt.signed:
        found.append(Extreme("lowest", fmt.limit(True)))
    return tuple(found)


def roles(fmt: Format, code: int) -> tuple[str, ...]:
    """What is special about a finite code: the names of the extremes that it is, of either sign."""
    found = fmt.magnitude(code)
    if found is None:
        return ()
    negative, ordinal = found
    names = [extreme.name for extreme in extremes(fmt) if extreme.code == code]
    if negative and fmt.least_normal is not None and not names:
        mirror = fmt.join(False, ordinal)
        names = [f"negative of the {extreme.name}" for extreme in extremes(fmt) if extreme.code == mirror]
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive codes, ``first`` to ``last``, that mean the same kind of thing."""

    kind: str
    first: int
    last: int


def special_codes(fmt: Format) -> tuple[Run, ...]:
    """The codes of zeros, infinities, NaNs and NaR, as runs in ascending order.

    Kinds change only at the codes named here, so one code of each stretch between two of them tells of the whole stretch.
    """
    if isinstance(fmt, Float) and fmt.explicit_integer_bit:
        return _with_integer_bit(fmt)
    ends = {0, fmt.codes}
    marks = [fmt.limit(), fmt.limit(True), fmt.join(False, fmt.least)]
    if fmt.has_zero:
        marks += [fmt.zero(), fmt.zero(True)]
    if fmt.has_infinity:
        marks += [fmt.infinity()] + ([fmt.infinity(True)] if fmt.signed else [])
    if fmt.has_nan:
        marks += [fmt.nan(), fmt.nan(NaN(True))]
    ends |= {mark + step for mark in marks for step in (0, 1)} | {fmt.codes >> 1}
    merged: list[Run] = []
    for start, stop in pairwise(sorted(end for end in ends if end <= fmt.codes)):
        kind = kind_of(fmt, start)
        if merged and merged[-1].kind == kind and merged[-1].last == start - 1:
            merged[-1] = Run(kind, merged[-1].first, stop - 1)
        else:
            merged.append(Run(kind, start, stop - 1))
    return tuple(run for run in merged if run.kind != "finite")


def kind_of(fmt: Format, code: int) -> str:
    """Whether a code is a ``zero``, ``finite`` otherwise, ``infinity``, ``quiet NaN``, ``signalling NaN``, ``NaN`` or ``NaR``; with its sign."""
    datum = fmt.decode(code)
    match datum:
        case Finite(value, negative):
            return ("-zero" if negative else "zero") if not value else "finite"
        case Infinity(negative):
            return "-infinity" if negative else "infinity"
        case NaN(_, signalling, _, payload_bits):
            return "signalling NaN" if signalling else "quiet NaN" if payload_bits and _tells_apart(fmt) else "NaN"
        case _:
            return "NaR"


def _tells_apart(fmt: Format) -> bool:
    """Whether the format has signalling NaNs beside quiet ones."""
    quiet = fmt.decode(fmt.nan(NaN(payload=1, payload_bits=1, signalling=True)))
    return isinstance(quiet, NaN) and quiet.signalling


def _with_integer_bit(fmt: Float) -> tuple[Run, ...]:
    """x87: the integer bit splits each exponent, so the runs are named by hand; the codes without it at E > 0 are invalid."""
    found = []
    for negative in (False, True):
        sign, name = fmt.zero(negative), "-" if negative else ""
        infinity = fmt.infinity(negative)
        half = 1 << (fmt.trailing - 1)
        end = infinity | ((1 << fmt.trailing) - 1)
        found += [Run(f"{name}zero", sign, sign), Run(f"{name}infinity", infinity, infinity)]
        found += [Run("signalling NaN", infinity + 1, infinity + half - 1), Run("quiet NaN", infinity + half, end)]
    return tuple(found)


def unit_ulp(fmt: Format) -> mpq | None:
    """The distance from 1 to the next greater value; None where 1 is no value of the format or has no successor."""
    code, flags = fmt.project(mpq(1))
    if flags or fmt.exact(code) != 1 or fmt.next_up(code) is None:
        return None
    above = fmt.exact(fmt.next_up(code) or 0)
    return None if isinstance(above, Real) else above - 1


def decimal_digits(precision: int) -> tuple[int, int]:
    """For p significand bits: how many decimal digits survive the way in and out, and how many always identify a value.

    The greatest d with 10^d < 2^(p - 1), and the least d with 10^(d - 1) > 2^p (Matula); no power of two but 1 is a power of ten.
    """
    return len((mpz(1) << (precision - 1)).digits()) - 1, len((mpz(1) << precision).digits()) + 1


def exact_in(fmt: Format, datum: Finite) -> int | None:
    """The code of a finite datum in a format that has it exactly, with the sign of its zero; None elsewhere."""
    found, flags = fmt.project(datum)
    if flags != Flags.NONE:
        return None
    return found if fmt.decode(found) == datum else None
