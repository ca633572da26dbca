"""What a header says of a format: its parameters, the fields of its codes, its special codes, all by their names in capitals."""

import re
from dataclasses import dataclass

from gmpy2 import mpq

from conformance.numbers import brief
from formats.characteristics import extremes
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import text
from formats.posit import Posit
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.flags import Flags
from refmath.wording import datum_text

EXTREMES = {"greatest": "MAX_FINITE", "lowest": "LOWEST_FINITE"}
"""The names of the extremes that are not their words in capitals."""

KEYWORDS = frozenset({"integer"})
"""Names of fields that SystemVerilog has taken."""


@dataclass(frozen=True)
class Parameter:
    """A number of the definition."""

    name: str
    value: int
    about: str


@dataclass(frozen=True)
class Code:
    """A code with a name."""

    name: str
    code: int
    about: str
    """Its value."""


@dataclass(frozen=True)
class Field:
    """A field of every code, the most significant first."""

    name: str
    bits: int


@dataclass(frozen=True)
class Facts:
    """Everything that a header says."""

    identifier: str
    title: str
    """The format in words, for a comment."""
    width: int
    parameters: tuple[Parameter, ...]
    fields: tuple[Field, ...]
    """Empty where the fields of a code depend on the code."""
    codes: tuple[Code, ...]
    flags: tuple[Parameter, ...]
    nan_from: int | None
    """Where NaNs are all codes of this magnitude code and above, the magnitude code; None where the NaN is one code, or there is none."""


def facts(fmt: Format) -> Facts:
    """What there is to say of a format."""
    flags = tuple(Parameter(str(flag).upper().replace(" ", "_"), int(flag), "") for flag in Flags if flag)
    name = text(fmt)
    return Facts(identifier(name), f"{name}, {fmt.width} bits", fmt.width, _parameters(fmt), _fields(fmt), _codes(fmt), flags, nan_from(fmt))


def identifier(name: str) -> str:
    """A name that both languages take: letters, digits and underscores."""
    found = re.sub(r"\W+", "_", name.replace("-", "minus_")).strip("_").lower()
    return f"{found}_bits" if found in KEYWORDS else found if found[:1].isalpha() else f"f_{found}"


def _parameters(fmt: Format) -> tuple[Parameter, ...]:
    found = [Parameter("WIDTH", fmt.width, "bits of a code")]
    match fmt:
        case Float():
            emax = (fmt.greatest() >> fmt.trailing) - fmt.bias if fmt.trailing or not fmt.subnormals else fmt.greatest() - fmt.bias
            found += [
                Parameter("EXPONENT_BITS", fmt.exponent_bits, "width of the exponent field"),
                Parameter("TRAILING_BITS", fmt.trailing, "width of the trailing significand field"),
                Parameter("PRECISION", fmt.precision, "significand bits, the leading one included"),
                Parameter("BIAS", fmt.bias, "subtracted from the exponent field"),
                Parameter("EMIN", fmt.emin, "exponent of the least binade of full precision"),
                Parameter("EMAX", emax, "exponent of the greatest finite number"),
            ]
        case Fixed():
            found.append(Parameter("FRACTION_BITS", fmt.fraction_bits, "bits behind the binary point"))
        case Posit():
            found.append(Parameter("ES", fmt.es, "exponent bits at most"))
    flags = (("HAS_SIGN", fmt.signed), ("HAS_INFINITY", fmt.has_infinity), ("HAS_NAN", fmt.has_nan), ("HAS_NEGATIVE_ZERO", fmt.has_negative_zero))
    return (*found, *(Parameter(name, int(value), "1: yes") for name, value in flags))


def _fields(fmt: Format) -> tuple[Field, ...]:
    """Of families whose codes all have the same fields."""
    if not isinstance(fmt, Float | Fixed):
        return ()
    return tuple(Field(identifier(name), len(digits)) for name, digits in fmt.fields(0) if digits)


def _codes(fmt: Format) -> tuple[Code, ...]:
    named = [("ZERO", fmt.zero())] if fmt.has_zero else []
    named += [("NEGATIVE_ZERO", fmt.zero(True))] if fmt.has_negative_zero else []
    ordinal, exact = fmt.code_below(mpq(1), 0)
    named += [("ONE", fmt.join(False, ordinal))] if exact and fmt.least <= ordinal <= fmt.greatest() else []
    named += [("POSITIVE_INFINITY", fmt.infinity())] if fmt.has_infinity else []
    named += [("NEGATIVE_INFINITY", fmt.infinity(True))] if fmt.has_infinity and fmt.signed else []
    named += [("NAR" if isinstance(fmt.decode(fmt.nan()), NotAReal) else "NAN", fmt.nan())] if fmt.has_nan else []
    named += [(EXTREMES.get(one.name, one.name.upper().replace(" ", "_")), one.code) for one in extremes(fmt)]
    return tuple(Code(name, code, _about(fmt, code)) for name, code in named)


def _about(fmt: Format, code: int) -> str:
    datum = fmt.decode(code)
    if isinstance(datum, NaN | NotAReal):
        return "not a real number" if isinstance(datum, NotAReal) else "the NaN that operations deliver"
    return brief(fmt, code) if isinstance(datum, Finite) else datum_text(datum) if isinstance(datum, Infinity) else ""


def nan_from(fmt: Format) -> int | None:
    """The least magnitude code of a NaN, of formats that have NaNs of both signs above the finite numbers."""
    if not isinstance(fmt, Float) or not fmt.has_nan or fmt.explicit_integer_bit:
        return None
    first = fmt.greatest() + 1 + fmt.has_infinity
    return first if first < 1 << (fmt.width - fmt.signed) else None
