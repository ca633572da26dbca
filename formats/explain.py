"""Why a projection delivers what it delivers: an exact result between its neighbours, the rule that decided, what others would give.

``explain`` decides nothing itself: the code and the flags are those of ``Format.project``, the cut is that of ``code_below``, and
every "what if" is the same projection with one choice changed. It takes any exact result, of a conversion or of any other
operation, and returns plain data; how that looks is settled elsewhere.
"""

from dataclasses import dataclass, replace

from gmpy2 import mpq

from formats.family import Format, Source
from formats.gap import Gap, Position, find_gap
from formats.projection import Negatives, Projection
from formats.rules import (
    Step,
    beyond,
    flush_rule,
    infinite_rule,
    nan_rule,
    negative_rule,
    overflow_rule,
    rounding_rule,
    underflow_rule,
    vanished_rule,
    zero_rule,
)
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal, finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow
from refmath.reals import Real, negate
from refmath.rounding import DETERMINISTIC, Rounding, refinement, round_code
from refmath.underflow import Subnormals, Tininess

DRAWN_BITS = 8
"""The number of random bits of the stochastic modes that are shown for comparison, where the projection states none."""
STOCHASTIC = (Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C)


@dataclass(frozen=True, slots=True)
class Alternative:
    """What another choice would give."""

    choice: str
    code: int | None
    """None where the projection refuses."""


@dataclass(frozen=True, slots=True)
class Draws:
    """What a stochastic mode would give: so many of its draws go away from zero."""

    mode: Rounding
    bits: int
    """N: a draw is one of 2^N."""
    away: int
    code_away: int | None
    code_toward: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one projection."""

    format: Format
    projection: Projection
    random: int
    operand: Datum
    gap: Gap | None
    """The neighbours; None for a zero, an infinity, a NaN, and beyond the range."""
    steps: tuple[Step, ...]
    """The reasoning, in the order of the projection: round, then test the range, then encode."""
    code: int
    flags: Flags
    modes: tuple[Alternative, ...]
    """The other deterministic modes, where the result depends on the mode."""
    draws: tuple[Draws, ...]
    """The stochastic modes, where the result depends on the mode."""
    policies: tuple[Alternative, ...]
    """The other overflow policies, where the operand lies beyond the range."""


def explain(fmt: Format, x: Source, projection: Projection | None = None, random: int = 0) -> Explanation:
    """Explain what ``fmt.project(x, projection, random)`` delivers. Raises what that raises."""
    how = projection or fmt.default
    code, flags = fmt.project(x, how, random)
    datum = x if isinstance(x, Finite | Infinity | NaN | NotAReal) else finite(x if isinstance(x, Real) else mpq(x))
    case = _Case(fmt, how, random, datum, code, flags)
    match datum:
        case NaN():
            return case.told((nan_rule(fmt, how, datum, code),))
        case NotAReal():
            return case.told((nan_rule(fmt, how, NaN(), code),))
        case Infinity(negative):
            return _infinite(case, negative)
        case Finite(value, negative) if not value and not fmt.spans_zero:
            return case.told((zero_rule(fmt, how, negative, code),))
        case Finite():
            return _finite(case, datum)


@dataclass(frozen=True, slots=True)
class _Case:
    """One projection that is being explained."""

    fmt: Format
    how: Projection
    random: int
    datum: Datum
    code: int
    flags: Flags

    def told(self, steps: tuple[Step, ...], gap: Gap | None = None, by_mode: bool = False, out_of_range: bool = False) -> Explanation:
        """The explanation, with the alternatives that matter."""
        modes = tuple(self.tried(mode.value, replace(self.how, rounding=mode)) for mode in DETERMINISTIC if mode is not self.how.rounding) if by_mode else ()
        draws = tuple(_draws(self, mode) for mode in STOCHASTIC) if by_mode else ()
        others = (policy for policy in Overflow if policy is not self.how.overflow) if out_of_range else ()
        policies = tuple(self.tried(policy.value, replace(self.how, overflow=policy)) for policy in others)
        return Explanation(self.fmt, self.how, self.random, self.datum, gap, steps, self.code, self.flags, modes, draws, policies)

    def tried(self, choice: str, how: Projection) -> Alternative:
        return Alternative(choice, attempt(self.fmt, self.datum, how, self.random))


def attempt(fmt: Format, datum: Datum, how: Projection, random: int = 0) -> int | None:
    """The code that a projection delivers; None where it refuses."""
    try:
        return fmt.round(datum, how, random)
    except RefmathError:
        return None


def _infinite(case: _Case, negative: bool) -> Explanation:
    if negative and not case.fmt.signed and case.how.negatives is not Negatives.OVERFLOW:
        return case.told((negative_rule(case.fmt, case.how, case.code),))
    steps = (infinite_rule(case.fmt, negative), overflow_rule(case.fmt, case.how, case.code, negative, True))
    return case.told(steps, out_of_range=True)


def _finite(case: _Case, datum: Finite) -> Explanation:
    fmt, how = case.fmt, case.how
    first: tuple[Step, ...] = ()
    if datum.negative and not fmt.signed:
        if how.negatives is not Negatives.MAGNITUDE:
            return _unsigned(case)
        first = (negative_rule(fmt, how, case.code),)
        datum = Finite(negate(datum.value), False)
    gap = find_gap(fmt, datum.value, datum.negative)
    if gap is None:
        steps = (beyond(fmt, None, datum.negative), overflow_rule(fmt, how, case.code, datum.negative, False))
        return case.told(first + steps, by_mode=True, out_of_range=True)
    if gap.position is Position.EXACT:
        return case.told((*first, *_exact(case, gap)), gap)
    ordinal = _rounded(fmt, datum, how, case.random)
    rounded = (rounding_rule(fmt, gap, how, datum.negative, _own_draws(case, datum)), *_range(case, gap, datum, ordinal))
    out = ordinal > fmt.greatest(datum.negative) and ordinal >= fmt.least
    return case.told(first + rounded, gap, by_mode=True, out_of_range=out)


def _unsigned(case: _Case) -> Explanation:
    """A negative value in a format that has none."""
    if case.how.negatives is Negatives.OVERFLOW:
        steps = (beyond(case.fmt, None, True), overflow_rule(case.fmt, case.how, case.code, True, False))
        return case.told(steps, out_of_range=True)
    return case.told((negative_rule(case.fmt, case.how, case.code),))


def _exact(case: _Case, gap: Gap) -> list[Step]:
    """A value that the format has: nothing is rounded, but a subnormal one may be flushed."""
    if case.code != gap.near.code:
        return [flush_rule(case.fmt, case.how, case.code)]
    return [Step("rule", f"{case.fmt.name} has this value exactly: nothing to round, the same in every mode")]


def _rounded(fmt: Format, datum: Finite, how: Projection, random: int) -> int:
    """The magnitude code that the value rounds to as if the range went on."""
    extra = refinement(how.rounding, how.bits)
    refined, exact = fmt.code_below(datum.value, extra, datum.negative)
    return round_code(refined, extra, exact, datum.negative, how.rounding, how.bits, random, fmt.parity[datum.negative])[0]


def _range(case: _Case, gap: Gap, datum: Finite, ordinal: int) -> tuple[Step, ...]:
    """What happens after rounding: overflow, flushing, underflow, a zero that the format lacks."""
    fmt, how = case.fmt, case.how
    if ordinal > fmt.greatest(datum.negative) and ordinal >= fmt.least:
        return (beyond(fmt, gap, datum.negative), overflow_rule(fmt, how, case.code, datum.negative, False))
    kept = attempt(fmt, datum, replace(how, results=Subnormals.KEEP), case.random)
    if kept != case.code:
        return (flush_rule(fmt, how, case.code),)
    steps: list[Step] = []
    if ordinal < fmt.least and not (fmt.has_zero and fmt.underflows_to_zero):
        steps.append(vanished_rule(fmt, case.code))
    other = Tininess.BEFORE if how.tininess is Tininess.AFTER else Tininess.AFTER
    flags = fmt.project(datum, replace(how, tininess=other), case.random)[1]
    if Flags.UNDERFLOW in case.flags | flags:
        steps.append(underflow_rule(fmt, how, case.flags, flags))
    return tuple(steps)


def _own_draws(case: _Case, datum: Finite) -> tuple[int, int, int] | None:
    """Of a stochastic projection: the number of random bits, how many draws go away from zero, the draw."""
    if not case.how.rounding.stochastic:
        return None
    return case.how.bits, count_away(case.fmt, datum, case.how.rounding, case.how.bits), case.random


def _draws(case: _Case, mode: Rounding) -> Draws:
    bits = case.how.bits or DRAWN_BITS
    how = replace(case.how, rounding=mode, bits=bits)
    datum = case.datum
    assert isinstance(datum, Finite)
    if datum.negative and not case.fmt.signed:
        datum = Finite(negate(datum.value), False)
    away = count_away(case.fmt, datum, mode, bits)
    return Draws(mode, bits, away, attempt(case.fmt, datum, how, (1 << bits) - 1), attempt(case.fmt, datum, how, 0))


def count_away(fmt: Format, datum: Finite, mode: Rounding, bits: int) -> int:
    """How many of the 2^bits draws round a nonzero value away from zero.

    They are a run of draws at one end, as every stochastic mode compares the draw with the position in the gap; so the run's length is found by bisection.
    """
    extra = refinement(mode, bits)
    refined, exact = fmt.code_below(datum.value, extra, datum.negative)

    def away(random: int) -> bool:
        return round_code(refined, extra, exact, datum.negative, mode, bits, random)[0] > refined >> extra

    total = 1 << bits
    first = away(0)
    if away(total - 1) == first:
        return total if first else 0
    low, high = 0, total - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if away(middle) == first else (low, middle)
    return low + 1 if first else total - high
