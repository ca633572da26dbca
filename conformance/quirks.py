"""Known defects of the last step of a conversion, each on top of a step that may have defects itself."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from conformance.cases.places import rational
from conformance.chopping import QUIRKS as CHOPPING
from conformance.chopping import unlimited
from conformance.compare import is_nan
from conformance.posit_integers import QUIRKS as POSIT_INTEGERS
from conformance.rounded_logarithms import QUIRKS as LOGARITHMS
from conformance.tapered import DEFECTS, finished
from formats.arrays import Codes, convert, convert_codes
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import AbsentNaN, Projection
from refmath.datum import Infinity
from refmath.flags import OVERFLOW
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

NEAREST = (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO, Rounding.NEAREST_ODD)

Step = Callable[[Codes, Format, Format, Projection], Codes]
"""How codes of one format become codes of another."""


def rounded(codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """As the reference has it."""
    return convert_codes(codes, source, target, how)


def _no_carry(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Rounding up to the next binade leaves the exponent as it was."""
    out = step(codes, source, target, how)
    if not isinstance(target, Float):
        return out
    cut = step(codes, source, target, replace(how, rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE))
    trailing = out.dtype.type((1 << target.trailing) - 1)
    carried = (out & trailing == 0) & (out == cut + out.dtype.type(1))
    return np.where(carried, cut & ~trailing, out)


def _early_overflow(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Whatever exceeds the greatest finite value overflows, even where it would be rounded down to it."""
    out = step(codes, source, target, how)
    outward = step(codes, source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO))
    beyond = step(codes, source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO, overflow=Overflow.WRAP))
    kept = step(codes, source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO, overflow=Overflow.SATURATE_FINITE))
    return np.where(beyond != kept, outward, out)


def _least_gap_up(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Everything between the least value and the next goes up."""
    out = step(codes, source, target, how)
    cut = step(codes, source, target, replace(how, rounding=Rounding.TOWARD_ZERO))
    away = step(codes, source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO))
    return np.where((cut == out.dtype.type(target.least)) & (away == out.dtype.type(target.least + 1)), away, out)


def _half_goes_up(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The operand next below half the least value counts as that half: half a step was added in the operand's own precision, which rounds up there."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float):
        return out
    magnitudes = codes & codes.dtype.type((1 << (source.width - source.signed)) - 1)
    after = np.where(magnitudes < codes.dtype.type(source.greatest()), codes + codes.dtype.type(1), codes)
    up, down = (step(after, source, target, replace(how, rounding=mode)) for mode in (Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO))
    zeros = np.array([target.zero(), target.zero(True)] if target.has_zero else [], dtype=out.dtype)
    meant = (codes == magnitudes) | getattr(target, "signed", True)
    return np.where(meant & (up != down) & np.isin(down, zeros), up, out)


def _infinite_in_every_mode(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """What overflows after rounding becomes what it becomes in the modes that go away from zero."""
    out = step(codes, source, target, how)
    over = convert(codes, source, target, how)[1] & OVERFLOW != 0
    return np.where(over, step(codes, source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO)), out)


def _overflow_of_nearest(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """What overflows when it is rounded to nearest becomes what it becomes in the modes that go away from zero, whatever the mode."""
    out = step(codes, source, target, how)
    over = convert(codes, source, target, replace(how, rounding=Rounding.NEAREST_AWAY))[1] & OVERFLOW != 0
    return np.where(over, step(codes, source, target, replace(how, rounding=Rounding.AWAY_FROM_ZERO)), out)


def _tie_gives_least(below: bool, step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The tie between zero and the least value goes up; or, not ``below``, that between the least value and the next goes down."""
    out = step(codes, source, target, how)
    if how.rounding not in NEAREST:
        return out
    up, down = (step(codes, source, target, replace(how, rounding=mode)) for mode in (Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO))
    least = [target.join(sign, target.least) for sign in {False, getattr(target, "signed", True)}]
    return np.where((up != down) & np.isin(up if below else down, np.array(least, dtype=out.dtype)), up if below else down, out)


def _even_made_odd(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """A value that is exact, and whose code is even, becomes the next one away from zero."""
    out = step(codes, source, target, how)
    finite = (out & out.dtype.type((1 << (target.width - target.signed)) - 1)) <= out.dtype.type(target.greatest())
    exact = finite & (convert(codes, source, target, replace(how, rounding=Rounding.TO_ODD))[1] == 0)
    zero = np.isin(out, np.array([target.zero(), target.zero(True)] if target.has_zero else [], dtype=out.dtype))
    return np.where(exact & ~zero & (out & out.dtype.type(1) == 0), out + out.dtype.type(1), out)


def _binade_beyond_vanishes(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Operands in the binade above the greatest value become zero: their exponent is that of the infinities, and looks neither normal nor out of range."""
    out = step(codes, source, target, how)
    if not isinstance(target, Float) or target.specials is not Specials.IEEE or target.width > 62:
        return out
    wider = Float(f"{target.name} and a bit", target.exponent_bits + 1, target.precision, target.bias, Specials.IEEE)
    cut = convert(codes, source, wider, Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.IEEE))[0]
    exponents = (cut & cut.dtype.type((1 << wider.width - 1) - 1)) >> cut.dtype.type(target.trailing)
    return np.where(exponents == (1 << target.exponent_bits) - 1, out.dtype.type(target.zero()), out)


def _nan_bits(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The bits of a NaN are cut or rounded like those of a number: a payload may be lost, or carry into the sign."""
    out = step(codes, source, target, how)
    nan = is_nan(source, codes)
    if not nan.any() or not cuts_bits(source, target):
        return out
    cut = np.uint64(source.width - target.width)
    bits = codes[nan].astype(np.uint64)
    if how.rounding is not Rounding.TOWARD_ZERO:
        even = np.uint64(1) - (bits >> cut & np.uint64(1))
        bits = bits + (np.uint64(1) << cut - np.uint64(1)) - (np.uint64(0) if how.rounding is Rounding.NEAREST_AWAY else even)
    out = out.copy()
    out[nan] = (bits >> cut & np.uint64(target.codes - 1)).astype(out.dtype)
    return out


def _nan_as_number(signed: bool, step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """A NaN is the number that its bits would be in a format without NaNs, beyond all others; rounded up by a carry out of its code it is a zero of the other sign, or +0."""
    out = step(codes, source, target, how)
    nan = is_nan(source, codes)
    if not nan.any() or not isinstance(source, Float) or not isinstance(target, Float) or source.specials is not Specials.IEEE or source.explicit_integer_bit:
        return out
    endless = replace(source, name=f"{source.name} without specials", specials=Specials.NONE)
    out = out.copy()
    out[nan] = step(codes[nan], endless, target, how)
    cut = source.trailing - target.trailing
    if cut > 0 and how.rounding is not Rounding.TOWARD_ZERO and target.has_zero:
        sign = codes >> codes.dtype.type(source.width - 1) != 0
        last = (codes & codes.dtype.type((1 << source.width - 1) - 1)) >> codes.dtype.type(cut - 1) == (1 << source.width - cut) - 1
        out[nan & last] = np.where(sign[nan & last], target.zero(), target.zero(signed and target.has_negative_zero))
    return out


def _subnormals_as_normal(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The leading bit of a subnormal operand is taken to be 1, as that of every other is."""
    if not isinstance(source, Float) or not source.subnormals or not source.trailing or source.explicit_integer_bit:
        return step(codes, source, target, how)
    out = step(codes, source, target, how)
    magnitudes = codes & codes.dtype.type((1 << (source.width - source.signed)) - 1)
    subnormal = (magnitudes > 0) & (magnitudes < codes.dtype.type(1 << source.trailing))
    if subnormal.any():
        out = out.copy()
        out[subnormal] = step(codes[subnormal], replace(source, name=f"{source.name} without subnormals", subnormals=False), target, how)
    return out


def _least_normal_or_zero(tie: Rounding, step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Below the least normal value there is only zero: what is rounded to the full precision is rounded again, to the nearer of the two, a tie by ``tie``."""
    out = step(codes, source, target, how)
    if not isinstance(target, Float) or not target.subnormals or not target.trailing:
        return out
    top = out.dtype.type((1 << (target.width - target.signed)) - 1)
    least = out.dtype.type(1 << target.trailing)
    below = (out & top) < least
    full = unlimited(target)
    once = step(codes[below], source, full, how)
    coarse = Float(f"{target.name} of one bit", target.exponent_bits + 1, 1, target.bias, Specials.NONE, target.signed)
    again = Projection(rounding=tie if how.rounding in NEAREST else how.rounding, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
    rough = convert_codes(once, full, coarse, again)
    up = rough & rough.dtype.type((1 << (coarse.width - coarse.signed)) - 1) != 0
    out = out.copy()
    out[below] = np.where(up, out[below] & ~top | least, out[below] & ~top)
    return out


def _subnormal_then_least(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """What is rounded to nearest among subnormal numbers becomes the least normal number where it is at least half of that, else zero."""
    out = step(codes, source, target, how)
    if not isinstance(target, Float) or not target.subnormals or not target.trailing or how.rounding not in NEAREST:
        return out
    kept = step(codes, source, target, replace(how, results=Subnormals.KEEP))
    sizes, least = kept & kept.dtype.type((1 << (target.width - target.signed)) - 1), kept.dtype.type(1 << target.trailing)
    rough = np.where(sizes >= least >> 1, kept - sizes + least, kept - sizes)
    return np.where(sizes < least, rough, out)


def cuts_bits(source: Format, target: Format) -> bool:
    """Whether a code of the target is the head of a code of the source, as with binary32 and bfloat16."""
    if not (isinstance(source, Float) and isinstance(target, Float)):
        return False
    same = source.exponent_bits == target.exponent_bits and source.bias == target.bias and source.specials is target.specials is Specials.IEEE
    return same and target.trailing < source.trailing and source.width <= 32


def _half_goes_down(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The positive operand next above half the least value counts as that half: half a step was added in the operand's own precision and taken away again."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or not target.has_zero:
        return out
    before = np.where((codes == 0) | is_nan(source, codes), codes, codes - codes.dtype.type(1))
    up, down = (step(before, source, target, replace(how, rounding=mode)) for mode in (Rounding.NEAREST_AWAY, Rounding.NEAREST_ZERO))
    positive = codes >> codes.dtype.type(source.width - 1) == 0
    return np.where(positive & (up != down) & (down == out.dtype.type(target.zero())), down, out)


FAR = 10**5
"""The error with which some search for the nearest of several values begins."""


def _far_becomes_zero(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Whatever is farther than that from every value becomes zero."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or not target.has_zero:
        return out
    out = out.copy()
    for negative in {False, source.signed and target.signed}:
        last = source.round(abs(rational(target.exact(target.limit(negative)))) + FAR, Projection(rounding=Rounding.AWAY_FROM_ZERO))
        sign = codes >> codes.dtype.type(source.width - 1) != 0 if source.signed else np.zeros(len(codes), dtype=bool)
        sizes = codes & codes.dtype.type((1 << source.width - source.signed) - 1)
        out[(sign == negative) & (sizes >= codes.dtype.type(last)) & ~is_nan(source, codes)] = target.zero()
    return out


def _greatest_is_infinite(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The finite values farthest out are taken for infinities."""
    out = step(codes, source, target, how)
    for negative in {False, source.signed}:
        out[codes == codes.dtype.type(source.limit(negative))] = target.round(Infinity(negative), how)
    return out


def _sign_added(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Bits are cut off and the sign bit is added in their place: to negative numbers that are exact, too, but for zeros and what is less than half a step of floats."""
    if isinstance(target, Float) and not target.signed:
        return step(codes, source, target, how)
    negative = codes >> codes.dtype.type(source.width - 1) != 0
    if isinstance(target, Fixed) and isinstance(source, Fixed) and (wide := _room(source, target)) is not None:
        cut = rounded(codes, source, wide, Projection(rounding=Rounding.TOWARD_NEGATIVE))
        return step(np.where(negative, (cut + cut.dtype.type(1)) & cut.dtype.type(wide.codes - 1), cut), wide, target, how)
    cut = step(codes, source, target, replace(how, rounding=Rounding.TOWARD_NEGATIVE if isinstance(target, Fixed) else Rounding.TOWARD_ZERO))
    kept = [target.infinity(True)] if target.has_infinity else []
    vanished = np.isin(
        step(codes, source, target, replace(how, rounding=Rounding.NEAREST_AWAY)), [target.zero(True)] if isinstance(target, Float) and target.has_zero else []
    )
    top = cut.dtype.type(target.codes - 1)
    return np.where(negative & ~is_nan(source, codes) & ~np.isin(cut, kept) & ~vanished, (cut + cut.dtype.type(1)) & top, cut)


def _room(source: Fixed, target: Fixed) -> Fixed | None:
    """The grid of ``target`` with room for every value of ``source`` and one step more; None where a kernel would not hold it."""
    width = max(source.width - source.fraction_bits, target.width - target.fraction_bits) + target.fraction_bits + 2
    return Fixed(f"{width} bits", width, target.fraction_bits) if 1 < width <= 62 else None


def _negative_zero_lost(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Every zero is positive."""
    out = step(codes, source, target, how)
    if not target.has_negative_zero:
        return out
    return np.where(out == out.dtype.type(target.zero(True)), out.dtype.type(target.zero()), out)


def _last_step(defect: str, step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """A defect of ``conformance.tapered``."""
    exact = [source.operand(code, how.operands) for code in codes.reshape(-1).tolist()]
    return finished(defect, target, exact, step(codes, source, target, how))


QUIRKS: dict[str, Callable[..., Codes]] = {
    **CHOPPING,
    **POSIT_INTEGERS,
    **{defect: partial(_last_step, defect) for defect in DEFECTS},
    "no_carry": _no_carry,
    "early_overflow": _early_overflow,
    "least_gap_up": _least_gap_up,
    "half_goes_up": _half_goes_up,
    "sign_added": _sign_added,
    "half_goes_down": _half_goes_down,
    "nan_bits": _nan_bits,
    "nan_as_number": partial(_nan_as_number, True),
    "nan_as_number_or_zero": partial(_nan_as_number, False),
    "subnormals_as_normal": _subnormals_as_normal,
    "least_normal_or_zero": partial(_least_normal_or_zero, Rounding.NEAREST_AWAY),
    "zero_or_least_normal": partial(_least_normal_or_zero, Rounding.NEAREST_ZERO),
    "subnormal_then_least": _subnormal_then_least,
    "binade_beyond_vanishes": _binade_beyond_vanishes,
    **LOGARITHMS,
    "even_made_odd": _even_made_odd,
    "overflow_of_nearest": _overflow_of_nearest,
    "tie_up_to_least": partial(_tie_gives_least, True),
    "tie_down_to_least": partial(_tie_gives_least, False),
    "infinite_in_every_mode": _infinite_in_every_mode,
    "far_becomes_zero": _far_becomes_zero,
    "greatest_is_infinite": _greatest_is_infinite,
    "negative_zero_lost": _negative_zero_lost,
}
