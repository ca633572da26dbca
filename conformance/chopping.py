"""Defects of libraries that round a float by arithmetic on it, in its own type: x / 2^e, with e the floor of log2 |x|, less 1, times the steps, rounded to an integer.

Each says to which operand another one amounts, and has the reference round that. Operands are binary32 or binary64.
"""

from collections.abc import Callable

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from formats.arrays import Codes, convert_codes
from formats.family import Format
from formats.floats import Float, Specials
from formats.projection import Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

Step = Callable[[Codes, Format, Format, Projection], Codes]
Mask = NDArray[np.bool_]
TOLERANCE = 1e-6
"""How near to 1/2 a fraction of a step is taken for 1/2; rounded to the type of the operand."""
EXACT = Projection(overflow=Overflow.IEEE)
VALUES = {"binary32": np.float32, "binary64": np.float64}


def chops(source: Format, target: Format) -> bool:
    """Whether such a library could have made a conversion."""
    if not (isinstance(source, Float) and isinstance(target, Float)) or source.name not in VALUES:
        return False
    return target.signed and target.subnormals and 2 <= target.trailing < source.trailing - 2 and target.exponent_bits <= source.exponent_bits


def unlimited(target: Float) -> Float:
    """The precision of ``target`` with an exponent range that no operand leaves."""
    return Float(
        f"{target.name} with unlimited exponent", 16, target.precision, (1 << 15) - 1, Specials.IEEE if target.trailing else Specials.NONE, target.signed
    )


def _sizes(codes: Codes, source: Float) -> Codes:
    """Codes without their signs."""
    return np.asarray(codes & codes.dtype.type((1 << (source.width - 1)) - 1))


def _below(codes: Codes, source: Float, exponent: int) -> Mask:
    """Which operands are below a power of two, and not zero."""
    field, under = exponent + source.bias, source.emin - source.trailing
    power = field << source.trailing if field > 0 else 1 << max(exponent - under, 0)
    sizes = _sizes(codes, source)
    return np.asarray((sizes < codes.dtype.type(power)) & (sizes != 0))


def _through(codes: Codes, source: Float, middle: Float, how: Projection = EXACT) -> Codes:
    """Operands rounded into another format, as operands again."""
    return convert_codes(convert_codes(codes, source, middle, how), middle, source, EXACT)


def less_one(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Below the least normal value x / 2^emin - 1 rounds, to multiples of 2^-p, p that of the operand's type."""
    if not chops(source, target) or not isinstance(source, Float) or not isinstance(target, Float):
        return step(codes, source, target, how)
    small = _below(codes, source, target.emin)
    if how.operands is not Subnormals.KEEP:
        small &= ~_below(codes, source, source.emin)  # those count as zero
    if not small.any() or source.precision + min(target.exponent_bits + 1, source.exponent_bits) >= 64:
        return step(codes, source, target, how)
    grid = Float(f"{source.name} less 1", target.exponent_bits + 1, source.precision + 1, target.bias)
    moved = codes.copy()
    moved[small] = _through(codes[small], source, grid)
    if how.rounding is Rounding.TO_ODD:
        moved = np.where(_sizes(moved, source) == 0, codes, moved)  # -1 is even, and is made odd, too
    return step(moved, source, target, how)


def near_tie(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Within 10^-6 of a step from a tie, an operand is taken for it."""
    if not chops(source, target) or not isinstance(source, Float) or not isinstance(target, Float):
        return step(codes, source, target, how)
    refined = Float(f"{target.name} and its ties", target.exponent_bits + 1, target.precision + 1, target.bias)
    nearest = convert_codes(codes, source, refined, EXACT)
    kind = VALUES[source.name]
    with np.errstate(all="ignore"):
        ties = convert_codes(nearest, refined, source, EXACT)
        x, tie = codes.view(kind), ties.view(kind)
        exponents = np.maximum(np.frexp(tie)[1] - 1, target.emin) - target.trailing
        near = (nearest & nearest.dtype.type(1) != 0) & (np.abs(np.ldexp(x - tie, -exponents)) < kind(TOLERANCE))  # all exact, beside a tie
    return step(np.where(near, ties, codes), source, target, how)


def below_least(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Below the least value operands are first rounded to full precision, as if they were normal."""
    if not chops(source, target) or not isinstance(source, Float) or not isinstance(target, Float):
        return step(codes, source, target, how)
    small = _below(codes, source, target.emin - target.trailing)
    codes = codes.copy()
    codes[small] = _through(codes[small], source, unlimited(target), Projection(rounding=how.rounding))
    return step(codes, source, target, how)


def scale_overflows(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The scale 2^(p - 1 - e) of tiny operands is infinite, and its reciprocal 0: their product is NaN."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or not isinstance(target, Float) or source.name not in VALUES or not target.has_nan:
        return out
    return np.where(_below(codes, source, target.trailing - source.bias), out.dtype.type(target.nan()), out)


def no_logarithm(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The logarithms of 0 and infinity give scales with which their products are NaN."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or not target.has_nan or not source.has_infinity:
        return out
    sizes = _sizes(codes, source)
    return np.where((sizes == 0) | (sizes == codes.dtype.type(source.infinity())), out.dtype.type(target.nan()), out)


def flushed_made_odd(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """What is below the least normal value has the significand 0 and the exponent of 1: made odd, it is a step of 1."""
    out = step(codes, source, target, how)
    if not chops(source, target) or not isinstance(source, Float) or not isinstance(target, Float) or how.results is Subnormals.KEEP:
        return out
    value = mpq(1, 1 << target.trailing)
    negative = codes >> codes.dtype.type(source.width - 1) != 0
    odd = np.where(negative, out.dtype.type(target.round(-value)), out.dtype.type(target.round(value)))
    return np.where(_below(codes, source, target.emin), odd, out)


def minus_zero(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """An operand of -0 becomes 0; what rounds to zero keeps its sign."""
    out = step(codes, source, target, how)
    if not (source.has_negative_zero and target.has_negative_zero):
        return out
    return np.where(codes == codes.dtype.type(source.zero(True)), out.dtype.type(target.zero()), out)


QUIRKS: dict[str, Callable[..., Codes]] = {
    "less_one": less_one,
    "near_tie": near_tie,
    "below_least": below_least,
    "scale_overflows": scale_overflows,
    "no_logarithm": no_logarithm,
    "flushed_made_odd": flushed_made_odd,
    "minus_zero": minus_zero,
}
WORDS = {
    "near_tie": "what is within 10^-6 of a step from a tie counts as the tie",
    "less_one": "subnormal results are rounded twice, first in the operand's type as x / 2^emin - 1",
    "below_least": "below the least value operands are rounded to full precision first",
    "scale_overflows": "tiny operands give NaN: their scale overflows",
    "no_logarithm": "0 and infinity give NaN: they have no logarithm",
    "flushed_made_odd": "what is below the least normal value gives a step of 1: its significand 0 is made odd",
    "minus_zero": "-0 gives 0",
}
