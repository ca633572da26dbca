"""The rules of a projection in words, each with its clause: why a value went where it went."""

from dataclasses import dataclass

from formats.family import Format
from formats.floats import Float
from formats.gap import Gap, Neighbour, Position
from formats.posit import Posit
from formats.projection import AbsentNaN, AbsentZero, Negatives, Projection
from formats.tapered import Tapered
from formats.wording import code_short, nan_word, short_text
from refmath.datum import Finite, Infinity, NaN
from refmath.flags import Flags
from refmath.overflow import Overflow, directed_inwards
from refmath.reals import Exact, Real
from refmath.rounding import Rounding
from refmath.underflow import Tininess
from refmath.wording import decimal_text, power_text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a reasoning."""

    kind: str
    """What it is about, in a word: rule, overflow, underflow, zero, infinity, nan, negative."""
    text: str
    clause: str = ""
    """Where the rule stands; empty where no standard has it."""


def value_text(x: Neighbour) -> str:
    """The value of a neighbour, as short as it is exact."""
    return magnitude_text(x.value)


def magnitude_text(x: Exact) -> str:
    """A number as short as it is exact: 448, 0.125, 2^-14."""
    text, exact = decimal_text(x)
    if (exact and len(text) <= SHORT) or isinstance(x, Real):
        return text
    return power_text(x) or text


def place(fmt: Format, x: Neighbour) -> str:
    """A neighbour by its code, or by its value where it has none."""
    if x.code is not None:
        return code_short(fmt, x.code)
    return value_text(x)


SHORT = 8
"""Characters of a decimal that is preferred to a power of two."""

P3109_ROUND = "P3109 4.0 section 4.7"

STANDARD_NAMES: dict[Rounding, tuple[str, str]] = {
    Rounding.NEAREST_EVEN: ("IEEE 754-2019 4.3.1", "NearestTiesToEven"),
    Rounding.NEAREST_AWAY: ("IEEE 754-2019 4.3.1", "NearestTiesToAway"),
    Rounding.NEAREST_ZERO: ("IEEE 754-2019 9.5", ""),
    Rounding.TOWARD_ZERO: ("IEEE 754-2019 4.3.2", "TowardZero"),
    Rounding.TOWARD_POSITIVE: ("IEEE 754-2019 4.3.2", "TowardPositive"),
    Rounding.TOWARD_NEGATIVE: ("IEEE 754-2019 4.3.2", "TowardNegative"),
    Rounding.TO_ODD: (P3109_ROUND, "ToOdd"),
    Rounding.STOCHASTIC_A: (P3109_ROUND, "StochasticA"),
    Rounding.STOCHASTIC_B: (P3109_ROUND, "StochasticB"),
    Rounding.STOCHASTIC_C: (P3109_ROUND, "StochasticC"),
}
"""Where a rounding mode is defined: in general, and its name in P3109. The modes that are missing stand in no standard."""


def clause_of(fmt: Format, mode: Rounding) -> str:
    """Where the rounding mode is defined, in the standard of the format if that has it."""
    general, p3109 = STANDARD_NAMES.get(mode, ("", ""))
    if isinstance(fmt, Posit):
        return "Posit Standard (2022) section 4" if mode is Rounding.NEAREST_EVEN else ""
    if isinstance(fmt, Float) and fmt.revision and p3109:
        return f"P3109 {fmt.revision} section 4.7, {p3109}"
    return general if general != P3109_ROUND else f"{general}, {p3109}"


def rounding_rule(fmt: Format, gap: Gap, how: Projection, negative: bool, draws: tuple[int, int, int] | None) -> Step:
    """Why an inexact value became the one neighbour and not the other.

    ``draws``: the number N of random bits, how many of the 2^N draws go away from zero, and the draw R that was used.
    """
    mode = how.rounding
    near, far = place(fmt, gap.near), place(fmt, gap.far)
    if mode.nearest:
        text = _tie(mode, gap, negative, near, far) if gap.position is Position.HALF else _nearer(gap, near, far)
    elif mode.stochastic:
        assert draws is not None
        text = _by_chance(mode, near, far, *draws)
    else:
        text = _directed(mode, gap, negative, near, far)
    return Step("rule", f"{mode.value}: {text}", clause_of(fmt, mode))


def _nearer(gap: Gap, near: str, far: str) -> str:
    return f"{gap.position.value}, so the nearer neighbour, {near if gap.position is Position.BELOW_HALF else far}"


def _tie(mode: Rounding, gap: Gap, negative: bool, near: str, far: str) -> str:
    even, odd = (near, far) if gap.near.even else (far, near)
    above, below = (near, far) if negative else (far, near)
    match mode:
        case Rounding.NEAREST_EVEN:
            return f"a tie goes to the even code, {even}"
        case Rounding.NEAREST_ODD:
            return f"a tie goes to the odd code, {odd}"
        case Rounding.NEAREST_AWAY:
            return f"a tie goes away from zero, to {far}"
        case Rounding.NEAREST_ZERO:
            return f"a tie goes toward zero, to {near}"
        case Rounding.NEAREST_POSITIVE:
            return f"a tie goes up, to {above}"
        case Rounding.NEAREST_NEGATIVE:
            return f"a tie goes down, to {below}"
        case _:
            raise AssertionError(mode)


def _directed(mode: Rounding, gap: Gap, negative: bool, near: str, far: str) -> str:
    match mode:
        case Rounding.TOWARD_ZERO:
            return f"never away from zero, so {near}"
        case Rounding.AWAY_FROM_ZERO:
            return f"always away from zero, so {far}"
        case Rounding.TOWARD_POSITIVE:
            return f"always the greater neighbour, {near if negative else far}"
        case Rounding.TOWARD_NEGATIVE:
            return f"always the lesser neighbour, {far if negative else near}"
        case Rounding.TO_ODD:
            return f"an inexact value goes to the odd code, {far if gap.near.even else near}"
        case _:
            raise AssertionError(mode)


def _by_chance(mode: Rounding, near: str, far: str, bits: int, up: int, random: int) -> str:
    total = 1 << bits
    if up in (0, total):
        return f"every one of the {power_of_two_text(bits)} draws gives {far if up else near}"
    end = up if mode is Rounding.STOCHASTIC else total - up
    away, which = (random < end, "R <") if mode is Rounding.STOCHASTIC else (random >= end, "R >=")
    whether = "is one of them" if away else f"is none of them, so {near}"
    return f"{bounded(up)} of the {power_of_two_text(bits)} draws go away from zero, to {far}: {which} {bounded(end)}; R = {bounded(random)} {whether}"


def power_of_two_text(bits: int) -> str:
    """2^bits, written out while that is short."""
    return str(1 << bits) if bits <= 16 else f"2^{bits}"


def bounded(n: int) -> str:
    """An integer, in hexadecimal where it is long, its middle left out where it is very long."""
    if n < 1 << 40:
        return f"{n:,}"
    digits = f"{n:#x}"
    return digits if len(digits) <= 40 else f"{digits[:20]}...{digits[-8:]}"


OVERFLOW_CLAUSES = {
    Overflow.IEEE: "IEEE 754-2019 7.4",
    Overflow.SATURATE_FINITE: "P3109 4.0 section 4.7, SatFinite",
    Overflow.SATURATE_PROPAGATE: "P3109 4.0 section 4.7, SatPropagate",
    Overflow.SATNONE_4_0: "P3109 4.0 section 4.7, SatNone",
    Overflow.SATNONE_4_0_3: "P3109 4.0.3 section 4.7, SatNone",
    Overflow.POSIT: "Posit Standard (2022) section 6.5",
}
"""Where an overflow policy is defined; the others stand in no standard."""


def beyond(fmt: Format, gap: Gap | None, negative: bool) -> Step:
    """That a value lies beyond the range, and how that was found: round first, test the range second."""
    if negative and not fmt.signed:
        return Step("overflow", f"{fmt.name} has no negative values: it lies beyond the range")
    end = f"the {'lowest' if negative else 'greatest'} finite value, {code_short(fmt, fmt.limit(negative))} {short_text(fmt, fmt.limit(negative))}"
    if gap is None:
        return Step("overflow", f"it lies beyond {end}" + ("" if isinstance(fmt, Tapered) else ", by more than one step"))
    return Step("overflow", f"rounded as if the range went on, it is {value_text(gap.far)}, one step beyond {end}")


def overflow_rule(fmt: Format, how: Projection, code: int, negative: bool, infinite: bool) -> Step:
    """What the overflow policy made of a value beyond the range, and why."""
    datum = fmt.decode(code)
    side = not negative or fmt.signed
    infinity = fmt.has_infinity and side
    word = "minus infinity" if negative and fmt.has_infinity else "infinity"
    end = f"the value nearest to it, {code_short(fmt, code)}"
    if how.overflow is Overflow.WRAP and not infinite:
        text = f"only the low {fmt.width} bits of its code are kept, which are {code_short(fmt, code)}"
    elif isinstance(datum, Infinity):
        text = f"an infinite operand stays {word}" if infinite else f"a value out of range becomes {word}"
    elif isinstance(datum, Finite) and not fmt.has_nan and how.absent_nan is not AbsentNaN.REFUSE and how.overflow is Overflow.TO_NAN:
        text = f"NaN, which {fmt.name} has not; absent_nan={how.absent_nan.value} puts {code_short(fmt, code)} in its place"
    elif isinstance(datum, Finite):
        text = _limit_reason(fmt, how, negative, infinite, infinity, end)
    else:
        text = _nan_reason(fmt, how, infinite, infinity, word)
    clause = "" if how.overflow is Overflow.IEEE and not fmt.has_infinity else OVERFLOW_CLAUSES.get(how.overflow, "")
    return Step("policy", f"{how.overflow.value}: {text}", clause)


def _limit_reason(fmt: Format, how: Projection, negative: bool, infinite: bool, infinity: bool, end: str) -> str:
    inwards = not infinite and directed_inwards(how.rounding, negative)
    if how.overflow in (Overflow.IEEE, Overflow.SATNONE_4_0, Overflow.SATNONE_4_0_3):
        if inwards and (infinity or fmt.has_nan):
            return f"{how.rounding.value} never rounds outwards past the last finite value, so {end}"
        lacks = "neither infinity nor NaN" if not fmt.has_nan else "no infinity"
        return f"{fmt.name} has {lacks}, so {end}"
    return f"whatever is out of range becomes {end}"


def _nan_reason(fmt: Format, how: Projection, infinite: bool, infinity: bool, word: str) -> str:
    if how.overflow in (Overflow.TO_NAN, Overflow.POSIT) and (not infinite or infinity):
        return f"whatever is out of range becomes {nan_word(fmt)}"
    return f"{fmt.name} has no {word}, so {nan_word(fmt)} takes its place"


def infinite_rule(fmt: Format, negative: bool) -> Step:
    """That the operand is an infinity."""
    return Step(
        "infinity", f"the operand is {'minus ' if negative else ''}infinity, which no rounding changes; the overflow policy decides", "IEEE 754-2019 6.1"
    )


def nan_rule(fmt: Format, how: Projection, nan: NaN, code: int) -> Step:
    """What becomes of a NaN."""
    if not fmt.has_nan:
        return Step("nan", f"{fmt.name} has no NaN; absent_nan={how.absent_nan.value} puts {code_short(fmt, code)} {short_text(fmt, code)} in its place")
    if nan_word(fmt) == "NaR":
        return Step("nan", f"what is no real is NaR, {code_short(fmt, code)}", "Posit Standard (2022) section 6.5" if isinstance(fmt, Posit) else "")
    what = "the canonical one" if not how.nans.keeps else "a quiet one with its sign and the leading bits of its payload"
    first = "a signalling NaN raises invalid" if nan.signalling else "a NaN stays a NaN"
    clause = f"P3109 {fmt.revision} section 4.7" if isinstance(fmt, Float) and fmt.revision else "IEEE 754-2019 6.2"
    return Step("nan", f"{first}; nans={how.nans.value}: {what}, {code_short(fmt, code)}", clause)


def zero_rule(fmt: Format, how: Projection, negative: bool, code: int) -> Step:
    """What becomes of a zero."""
    if not fmt.has_zero:
        what = "the least value" if how.absent_zero is AbsentZero.LEAST else "NaN"
        return Step("zero", f"{fmt.name} has no zero; absent_zero={how.absent_zero.value} puts {what}, {code_short(fmt, code)}, in its place")
    if negative and not fmt.has_negative_zero:
        return Step("zero", f"{fmt.name} has one zero only, so -0 becomes 0")
    return Step("zero", "a zero keeps its sign; nothing to round" if fmt.has_negative_zero else "a zero is a zero; nothing to round", "IEEE 754-2019 6.3")


def negative_rule(fmt: Format, how: Projection, code: int) -> Step:
    """What an unsigned format makes of a negative value, where the overflow policy is not asked."""
    match how.negatives:
        case Negatives.MAGNITUDE:
            text = "its magnitude is taken"
        case Negatives.LIMIT:
            text = f"the value nearest to it, {code_short(fmt, code)}, takes its place"
        case Negatives.NAN:
            text = (
                f"NaN, {code_short(fmt, code)}, takes its place"
                if fmt.has_nan
                else f"NaN is due; absent_nan={how.absent_nan.value} gives {code_short(fmt, code)}"
            )
        case Negatives.OVERFLOW:
            text = "it lies beyond the range, and the overflow policy decides"
    return Step("negative", f"{fmt.name} has no negative values; negatives={how.negatives.value}: {text}")


def underflow_rule(fmt: Format, how: Projection, flags: Flags, other: Flags) -> Step:
    """Why underflow was raised or not, where a result is near the least normal value."""
    assert fmt.least_normal is not None
    least = magnitude_text(fmt.value(fmt.least_normal))
    here, there = ("after", "before") if how.tininess is Tininess.AFTER else ("before", "after")
    raised, otherwise = Flags.UNDERFLOW in flags, Flags.UNDERFLOW in other
    if raised:
        text = f"tiny {here} rounding, below the least normal value {least}, and inexact: underflow"
        text += "" if otherwise else f"; looked at {there} rounding it would be none"
    else:
        text = f"no underflow: {here} rounding it reaches the least normal value {least}; looked at {there} rounding it would be tiny"
    return Step("underflow", text, "IEEE 754-2019 7.5")


def flush_rule(fmt: Format, how: Projection, code: int) -> Step:
    """That a tiny result was flushed."""
    return Step("flush", f"{how.results.value}: the result is tiny, and tiny results become zero, {code_short(fmt, code)} {short_text(fmt, code)}")


def vanished_rule(fmt: Format, code: int) -> Step:
    """What takes the place of a zero that a nonzero value rounds to, or may not round to."""
    if not fmt.underflows_to_zero:
        return Step(
            "underflow",
            f"in {fmt.name} nothing but zero rounds to zero: the least value, {code_short(fmt, code)}, is delivered",
            "Posit Standard (2022) section 4",
        )
    return Step("zero", f"it would round to zero, which {fmt.name} has not: {code_short(fmt, code)} takes its place")
