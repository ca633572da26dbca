"""The one way from an exact result to a code: round, then saturate, then encode.

Every family shares this walk. It asks the format for the refined code below the result, rounds that as an integer, compares it with
the greatest and least codes, and follows the policies of the projection where it lies outside. Flags come from the same integers.

Sources: IEEE 754-2019 clauses 4.3 and 7.4 to 7.6; P3109 interim report v4.0 section 4.7; OCP OFP8 1.0.
"""

from fractions import Fraction
from typing import TYPE_CHECKING

from gmpy2 import mpq, mpz

from formats.projection import AbsentNaN, AbsentZero, Negatives, Projection
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError
from refmath.extremes import Huge
from refmath.flags import INEXACT, INVALID, UNDERFLOW
from refmath.overflow import Outcome
from refmath.reals import Exact, Real, negate
from refmath.rounding import RandomSource, Rounding, check_random, refinement, round_code
from refmath.underflow import Subnormals, Tininess

if TYPE_CHECKING:
    from formats.family import Format

MPQ = type(mpq())
MPZ = type(mpz())

Source = Exact | Datum | Fraction | int
"""What can be projected: an exact real, a datum, or a number of Python that is exact. Never a float."""

Result = tuple[int, int]
"""A code and the flags raised, as the bits of ``refmath.flags``."""


def project(f: "Format", x: Source, how: Projection, random: int | RandomSource) -> Result:
    """The code of ``f`` that ``x`` becomes, and the flags."""
    if type(x) is MPQ:
        return finite(f, x, x < 0, how, random)  # type: ignore[operator]
    match x:
        case Finite(value, negative):
            return finite(f, value, negative, how, random)
        case Infinity(negative):
            return _infinite(f, negative, how)
        case NaN():
            return _not_a_number(f, x, how)
        case NotAReal():
            return _not_a_number(f, NaN(), how)
        case Real():
            return finite(f, x, x.negative, how, random)
        case int() | Fraction() | MPZ():
            exact = mpq(x.numerator, x.denominator)
            return finite(f, exact, exact < 0, how, random)
    raise TypeError(f"{type(x).__name__} is not exact; use from_float to say that a float is meant")


def finite(f: "Format", x: Exact, negative: bool, how: Projection, random: int | RandomSource) -> Result:
    """The same of a finite number whose sign is known."""
    if not x and not f.spans_zero:
        return _zero(f, negative, how)
    if negative and not f.signed and how.negatives is not Negatives.OVERFLOW:
        return finite(f, negate(x), False, how, random) if how.negatives is Negatives.MAGNITUDE else _below_range(f, how)
    mode, bits, extra = how.rounding, how.bits, 1
    if mode.stochastic:
        bits, random = draw(f, x, negative, mode, bits, random)
        extra = refinement(mode, bits)
    refined, exact = f.code_below(x, extra, negative)
    code, inexact = round_code(refined, extra, exact, negative, mode, bits, random, f.parity[negative])  # type: ignore[arg-type]
    if code > f.greatest(negative) and code >= f.least:
        if isinstance(x, Huge) and f.outcome(False, negative, how) is Outcome.WRAP:
            raise RefmathError(f"The number is too large to be wrapped into {f.name}; choose another overflow policy.")
        return _out_of_range(f, code, negative, how)
    normal = f.least_normal
    if normal is None or refined >= normal << extra:
        if code < f.least:
            return _vanished(f, negative, how, 0)
        return f.join(negative, code), INEXACT if inexact else 0
    tiny = code < normal or how.tininess is Tininess.BEFORE or not _carried(f, x, extra, negative, how.rounding, bits, random)  # type: ignore[arg-type]
    if tiny and how.results is not Subnormals.KEEP:
        flushed, flags = _zero(f, negative and how.results is Subnormals.SIGNED_ZERO, how)
        return flushed, flags | UNDERFLOW | INEXACT
    if code < f.least:
        return _vanished(f, negative, how, UNDERFLOW)
    return f.join(negative, code), (INEXACT | UNDERFLOW if tiny else INEXACT) if inexact else 0


def _carried(f: "Format", x: Exact, extra: int, negative: bool, mode: Rounding, bits: int, random: int) -> bool:
    """Whether x, just below the least normal value, becomes it when rounded with an exponent range without end."""
    assert f.least_normal is not None
    refined, exact = f.code_unbounded(x, extra, negative)
    return round_code(refined, extra, exact, negative, mode, bits, random, f.parity[negative])[0] >= f.least_normal


def draw(f: "Format", x: Exact, negative: bool, mode: Rounding, bits: int, random: int | RandomSource) -> tuple[int, int]:
    """The number of random bits and their value: as given, or drawn from a source.

    Without a number of bits, ``stochastic`` draws as many as decide, so that it rounds away with the probability nu exactly.
    """
    if isinstance(random, int):
        check_random(mode, bits, random)
        return bits, random
    if bits or mode is not Rounding.STOCHASTIC:
        check_random(mode, bits, 0)
        return bits, random.getrandbits(bits)
    bits, drawn = 64, random.getrandbits(64)
    while True:
        refined, exact = f.code_below(x, bits, negative)
        if exact or refined & ((1 << bits) - 1) != drawn:
            return bits, drawn
        bits, drawn = bits + 64, drawn << 64 | random.getrandbits(64)


def _zero(f: "Format", negative: bool, how: Projection) -> Result:
    if f.has_zero:
        return f.zero(negative), 0
    if how.absent_zero is AbsentZero.LEAST:
        return f.join(negative and f.signed, f.least), INEXACT
    return _no_nan_or(f, how, negative, INVALID)


def _vanished(f: "Format", negative: bool, how: Projection, flags: int) -> Result:
    """A nonzero value that rounds to zero, or across it where no zero lies between the signs."""
    if f.spans_zero:
        return f.join(not negative, f.least), INEXACT
    if f.underflows_to_zero and (f.has_zero or how.absent_zero is AbsentZero.NAN):
        code, more = _zero(f, negative, how)
        return code, flags | more | INEXACT
    return f.join(negative and f.signed, f.least), flags | INEXACT


def _below_range(f: "Format", how: Projection) -> Result:
    """A negative value, or minus infinity, in an unsigned format that does not treat it as an overflow."""
    assert how.negatives is Negatives.LIMIT or how.negatives is Negatives.NAN
    return (f.limit(True), f.range_flags) if how.negatives is Negatives.LIMIT else _no_nan_or(f, how, True, INVALID)


def _infinite(f: "Format", negative: bool, how: Projection) -> Result:
    if negative and not f.signed and how.negatives is not Negatives.OVERFLOW:
        return _infinite(f, False, how) if how.negatives is Negatives.MAGNITUDE else _below_range(f, how)
    match f.outcome(True, negative, how):
        case Outcome.INFINITY:
            return f.infinity(negative), 0
        case Outcome.NAN:
            return _no_nan_or(f, how, negative, INVALID)
        case Outcome.ERROR:
            raise RefmathError(f"{f.name} has no infinity and the overflow policy allows no substitute; choose another policy.")
        case _:
            return f.limit(negative), f.range_flags


def _out_of_range(f: "Format", code: int, negative: bool, how: Projection) -> Result:
    match f.outcome(False, negative, how):
        case Outcome.LIMIT:
            return f.limit(negative), f.range_flags
        case Outcome.INFINITY:
            return f.infinity(negative), f.range_flags
        case Outcome.NAN:
            return _no_nan_or(f, how, negative, f.range_flags)
        case Outcome.WRAP:
            return f.wrap(negative, code), f.range_flags
        case Outcome.ERROR:
            raise RefmathError(f"The result lies beyond the {'least' if negative else 'greatest'} value of {f.name}; choose another overflow policy.")


def _not_a_number(f: "Format", nan: NaN, how: Projection) -> Result:
    if not f.has_nan:
        return _no_nan_or(f, how, nan.negative, INVALID)
    quiet = NaN(nan.negative, False, nan.payload, nan.payload_bits) if how.nans.keeps else None
    return f.nan(quiet), INVALID if nan.signalling else 0


def _no_nan_or(f: "Format", how: Projection, negative: bool, flags: int) -> Result:
    """The NaN, or what takes its place in a format without one."""
    if f.has_nan:
        return f.nan(), flags
    if how.absent_nan is AbsentNaN.REFUSE or (how.absent_nan.is_zero and not f.has_zero):
        choices = ", ".join(choice.value for choice in AbsentNaN if choice is not AbsentNaN.REFUSE and (f.has_zero or not choice.is_zero))
        lacking, place = ("no NaN", "its place") if f.has_zero else ("neither a NaN nor a zero", "the place of a NaN")
        raise RefmathError(f"{f.name} has {lacking} to deliver; say what takes {place} with absent_nan: {choices}.")
    match how.absent_nan:
        case AbsentNaN.ZERO:
            return f.zero(), flags
        case AbsentNaN.NEGATIVE_ZERO:
            return f.zero(True), flags
        case AbsentNaN.SIGNED_ZERO:
            return f.zero(negative), flags
        case AbsentNaN.OPPOSITE_ZERO:
            return f.zero(not negative), flags
        case AbsentNaN.GREATEST:
            return f.limit(), flags
        case AbsentNaN.LOWEST:
            return f.limit(True), flags
        case AbsentNaN.SIGNED_GREATEST:
            return f.limit(negative), flags
