"""What happens beyond the greatest finite value, by name.

A policy looks at a value that was rounded as if the exponent range had no end (round first, test the range second) and decides
what is delivered. It knows only what the format has on that side; which code that is, is the format's business.

Sources: IEEE 754-2019 clause 7.4 (ieee); OCP OFP8 1.0 (saturate_finite and its opposite); P3109 interim report v4.0 section
4.7 and the working group's model after it (saturate_finite, saturate_propagate, SatNone); Standard for Posit Arithmetic (2022)
section 6.5 (posit).
"""

from enum import Enum

from refmath.errors import RefmathError, quote
from refmath.rounding import Rounding


class Overflow(Enum):
    """An overflow policy; the value is its canonical name."""

    IEEE = "ieee"
    """Infinity or the greatest finite value, by rounding mode; NaN where the format has no infinity, and the greatest finite value where it has neither."""
    SATURATE_FINITE = "saturate_finite"
    """The greatest finite value, for infinities too."""
    SATURATE_PROPAGATE = "saturate_propagate"
    """The greatest finite value, but an infinite operand stays infinite where the format can say so."""
    TO_NAN = "to_nan"
    """NaN for every finite value out of range; an infinite operand stays infinite where the format can say so, else NaN."""
    WRAP = "wrap"
    """The rounded code loses the bits that do not fit; an infinite operand goes as under `ieee`."""
    SATNONE_4_0 = "satnone_4.0"
    """P3109 SatNone as interim report v4.0 has it."""
    SATNONE_4_0_3 = "satnone_4.0.3"
    """P3109 SatNone as the drafts after v4.0 have it."""
    POSIT = "posit"
    """The greatest finite value, but an infinite operand gives NaR (or NaN where the format has one)."""
    ERROR = "error"
    """No code at all: an error."""


ALIASES = {
    "saturate": Overflow.SATURATE_FINITE, "sat": Overflow.SATURATE_FINITE, "satfinite": Overflow.SATURATE_FINITE, "clamp": Overflow.SATURATE_FINITE,
    "satpropagate": Overflow.SATURATE_PROPAGATE, "nan": Overflow.TO_NAN, "infinity": Overflow.IEEE, "inf": Overflow.IEEE,
    "satnone": Overflow.SATNONE_4_0_3, "ovfinf": Overflow.SATNONE_4_0,
    "refuse": Overflow.ERROR, "raise": Overflow.ERROR, "trap": Overflow.ERROR,
}  # fmt: skip


def parse_overflow(text: str) -> Overflow:
    """The overflow policy that ``text`` names."""
    name = text.strip().lower().replace("-", "_")
    for policy in Overflow:
        if name == policy.value:
            return policy
    if name in ALIASES:
        return ALIASES[name]
    names = ", ".join(policy.value for policy in Overflow)
    raise RefmathError(f"{quote(text)} is not an overflow policy; use one of {names}.")


class Outcome(Enum):
    """What is delivered for a value out of range."""

    LIMIT = "the finite value nearest to it"
    INFINITY = "infinity"
    NAN = "NaN"
    WRAP = "the low bits of its code"
    ERROR = "an error"


def directed_inwards(mode: Rounding, negative: bool) -> bool:
    """Whether the mode never rounds a value of this sign away from zero beyond the greatest: it delivers the greatest instead."""
    match mode:
        case Rounding.TOWARD_ZERO | Rounding.TO_ODD:
            return True
        case Rounding.TOWARD_POSITIVE:
            return negative
        case Rounding.TOWARD_NEGATIVE:
            return not negative
        case _:
            return False


def resolve(policy: Overflow, mode: Rounding, *, infinite: bool, negative: bool, signed: bool, has_infinity: bool, extended: bool, has_nan: bool) -> Outcome:
    """What ``policy`` delivers for a value beyond the finite range of a format.

    ``infinite``: the operand is an infinity, not a finite value out of range. ``negative``: on which side. ``signed``: the
    format has negative values. ``has_infinity``: it has an infinity on that side; ``extended``: on any side.
    """
    infinity_or_limit = Outcome.INFINITY if has_infinity else Outcome.LIMIT
    infinity_or_nan = Outcome.INFINITY if has_infinity else Outcome.NAN if has_nan else Outcome.LIMIT
    match policy:
        case Overflow.IEEE:
            if not infinite and directed_inwards(mode, negative):
                return Outcome.LIMIT
            return infinity_or_nan
        case Overflow.SATURATE_FINITE:
            return Outcome.LIMIT
        case Overflow.SATURATE_PROPAGATE:
            return infinity_or_limit if infinite else Outcome.LIMIT
        case Overflow.TO_NAN:
            return Outcome.INFINITY if infinite and has_infinity else Outcome.NAN
        case Overflow.WRAP:
            if infinite:
                return infinity_or_nan
            return Outcome.WRAP
        case Overflow.SATNONE_4_0:
            return _satnone_4_0(mode, infinite, negative, signed, extended)
        case Overflow.SATNONE_4_0_3:
            return _satnone_4_0_3(mode, infinite, negative, signed, extended)
        case Overflow.POSIT:
            return Outcome.NAN if infinite else Outcome.LIMIT
        case Overflow.ERROR:
            return Outcome.ERROR


def _satnone_4_0(mode: Rounding, infinite: bool, negative: bool, signed: bool, extended: bool) -> Outcome:
    """P3109 interim report v4.0 section 4.7, SatNone; the first match wins, as there."""
    if negative:
        beyond = Outcome.NAN if not signed else Outcome.INFINITY if extended else Outcome.LIMIT
        inwards = not infinite and mode in (Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE)
    else:
        beyond = Outcome.INFINITY if extended else Outcome.LIMIT
        odd = mode is Rounding.TO_ODD and not signed and extended
        inwards = not infinite and (odd or mode in (Rounding.TOWARD_ZERO, Rounding.TOWARD_NEGATIVE))
    return Outcome.LIMIT if inwards else beyond


def _satnone_4_0_3(mode: Rounding, infinite: bool, negative: bool, signed: bool, extended: bool) -> Outcome:
    """P3109 SatNone after v4.0: finite values directed inwards saturate, the finite domain otherwise gives NaN."""
    directed = (Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE if negative else Rounding.TOWARD_NEGATIVE)
    if not infinite and mode in directed:
        return Outcome.LIMIT
    if not extended:
        return Outcome.NAN
    return Outcome.NAN if negative and not signed else Outcome.INFINITY
