"""Exponents by logarithms that are rounded: just below a power of two they are those of the binade above, whose steps are twice as far apart.

From which operand of a binade on that is so, depends on how the logarithm is computed; three ways are known.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import gmpy2
import numpy as np
from numpy.typing import NDArray

from formats.arrays import Codes, convert, convert_codes
from formats.family import Format
from formats.floats import Float, Specials
from formats.projection import Projection
from refmath.flags import OVERFLOW
from refmath.underflow import Subnormals

Step = Callable[[Codes, Format, Format, Projection], Codes]


@lru_cache(maxsize=8)
def quotient_rounds_up(source: Float) -> NDArray[np.uint64]:
    """The same of log x / log 2, where both logarithms and their quotient are rounded."""
    found = np.full(1 << source.exponent_bits, 1 << source.trailing, np.uint64)
    with gmpy2.context(precision=source.precision):
        two = gmpy2.log(gmpy2.mpfr(2))
        for field in range(1, (1 << source.exponent_bits) - 1):
            above = field - source.bias + 1
            low, high = 1 << source.trailing - 1, 1 << source.trailing  # of the upper half of a binade: the first that rounds up
            while low < high:
                middle = (low + high) // 2
                x = gmpy2.mul_2exp(gmpy2.mpfr((1 << source.trailing) + middle), 1 << 10)
                x = gmpy2.div_2exp(x, (1 << 10) + source.trailing - above + 1)
                low, high = (low, middle) if gmpy2.log(x) / two >= above else (middle + 1, high)
            found[field] = low
    return found


@lru_cache(maxsize=8)
def log2_rounds_up(source: Float) -> NDArray[np.uint64]:
    """For each exponent field, the trailing significand from which log2, rounded in the precision of ``source``, is the exponent of the next binade."""
    found = np.full(1 << source.exponent_bits, 1 << source.trailing, np.uint64)
    with gmpy2.context(precision=4 * source.precision):
        for field in range(1, (1 << source.exponent_bits) - 1):
            above = field - source.bias + 1
            if above:
                size = abs(above)
                gap = gmpy2.mpfr(2) ** (size.bit_length() - source.precision - (above > 0 and size & (size - 1) == 0))
                found[field] = int(gmpy2.ceil(gmpy2.exp2(source.trailing + 1 - gap / 2))) - (1 << source.trailing)
    return found


@lru_cache(maxsize=2)
def polynomial_rounds_up(source: Float) -> NDArray[np.uint64]:
    """The same of a logarithm of binary32 by the polynomial of Cephes, times the rounded reciprocal of log 2."""
    fields = np.arange(1, (1 << source.exponent_bits) - 1, dtype=np.uint32)
    low, high = (np.full(len(fields), 1 << at, np.uint32) for at in (source.trailing - 1, source.trailing))
    above = fields.astype(np.float32) - np.float32(source.bias - 1)
    while (low < high).any():
        middle = (low + high) // np.uint32(2)
        up = _logarithm(fields << np.uint32(source.trailing) | middle) * np.float32(INVERSE) >= above
        low, high = np.where(up | (low >= high), low, middle + np.uint32(1)), np.where(up, middle, high)
    found = np.full(1 << source.exponent_bits, 1 << source.trailing, np.uint64)
    found[1:-1] = low
    return found


INVERSE = 1.4426950408889634
"""1 / log 2."""
FACTORS = tuple(
    np.float32(x)
    for x in (
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
)
"""Of the polynomial for log(1 + x) - x + x^2 / 2 over x^3, the highest first: logf of Cephes."""
COARSE, FINE = np.float32(0.693359375), np.float32(-2.12194440e-4)
"""log 2 in two parts."""


def _logarithm(codes: NDArray[np.uint32]) -> NDArray[np.float32]:
    """log of normal binary32 numbers, every step rounded to binary32: e log 2 + log m, with m from sqrt(1/2) to sqrt(2), as vector code evaluates it."""
    m = (codes & np.uint32(0x7FFFFF) | np.uint32(0x3F000000)).view(np.float32)
    e = (codes >> np.uint32(23)).astype(np.float32) - np.float32(126)
    less = m < np.float32(0.707106781186547524)
    x = np.where(less, m + m, m) - np.float32(1)
    e = np.where(less, e - np.float32(1), e)
    square = x * x
    cube = square * x
    p = FACTORS
    parts = [(p[i] * x + p[i + 1]) * x + p[i + 2] for i in (0, 3, 6)]
    y = ((parts[0] * cube + parts[1]) * cube + parts[2]) * cube + FINE * e
    return np.asarray(x - np.float32(0.5) * square + y + COARSE * e, np.float32)


def _rounded_log2(first: Callable[[Float], NDArray[np.uint64]], step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The exponent is that of a logarithm which was rounded: just below a power of two operands are rounded by the steps of the binade above."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or not isinstance(target, Float) or target.trailing < 2 or source.name not in ("binary32", "binary64"):
        return out
    wide = codes.astype(np.uint64)
    fields = wide >> np.uint64(source.trailing) & np.uint64((1 << source.exponent_bits) - 1)
    above = wide & np.uint64((1 << source.trailing) - 1) >= first(source)[fields]
    least = max(target.emin + source.bias, 1)
    above &= fields >= np.uint64(least - 1)
    if not above.any():
        return out
    theirs, next_power = codes[above], ((wide[above] >> np.uint64(source.trailing)) + np.uint64(1) << np.uint64(source.trailing)).astype(codes.dtype)
    power = step(next_power, source, target, how)
    zeros = np.array([target.zero(), target.zero(True)] if target.has_zero else [], dtype=out.dtype)
    plain, flags = convert(next_power, source, target, how)
    first_beyond = fields[above] == np.uint64(target.emin + (target.greatest() >> target.trailing) - 1 + source.bias)  # its steps reach back into the range
    kept = ~np.isin(power, zeros) & ((flags & OVERFLOW == 0) | (first_beyond & (power == plain)))
    bits = min(target.exponent_bits + 2, 64 - target.precision + 1)
    coarse = replace(
        target,
        name=f"{target.name} less a bit",
        exponent_bits=bits,
        precision=target.precision - 1,
        specials=Specials.IEEE if target.precision > 2 else Specials.NONE,
        revision="",
    )  # and a range that nothing leaves
    normal = convert_codes(step(theirs, source, coarse, how), coarse, target, how)
    grid = np.where(fields[above] >= np.uint64(least), normal, step(theirs, source, target, replace(how, results=Subnormals.KEEP)))
    out = out.copy()
    out[above] = np.where(kept, grid, power)
    return out


def scale_lost(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """The scale 2^(p - 1 - e) of tiny operands is infinite, and their product with its reciprocal NaN; where the reciprocal is subnormal it counts as zero, and so does the product."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or not isinstance(target, Float) or source.name != "binary32" or not target.has_nan or not target.has_zero:
        return out
    wide = codes.astype(np.uint64)
    fields = wide >> np.uint64(source.trailing) & np.uint64((1 << source.exponent_bits) - 1)
    above = wide & np.uint64((1 << source.trailing) - 1) >= polynomial_rounds_up(source)[fields]
    fields = fields.astype(np.int64) + above
    signed = np.where(codes >> codes.dtype.type(source.width - 1) != 0, out.dtype.type(target.zero(True)), out.dtype.type(target.zero()))
    vanishes = fields == target.trailing
    infinite = (fields < target.trailing) & (codes & codes.dtype.type((1 << (source.width - 1)) - 1) != 0)
    return np.where(infinite, out.dtype.type(target.nan()), np.where(vanishes, signed, out))


def nan_rounds_to_zero(step: Step, codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """What is a NaN when it is cut to an integer becomes 0: NaNs, and zeros and subnormal numbers, which count as zero, times an infinite scale."""
    out = step(codes, source, target, how)
    if not isinstance(source, Float) or source.least_normal is None or not target.has_zero:
        return out
    sizes = codes & codes.dtype.type((1 << (source.width - 1)) - 1)
    lost = (sizes < codes.dtype.type(source.least_normal)) | (sizes > codes.dtype.type(source.infinity()))
    return np.where(lost, out.dtype.type(target.zero()), out)


QUIRKS: dict[str, Callable[..., Codes]] = {
    "rounded_log2": partial(_rounded_log2, log2_rounds_up),
    "rounded_quotient": partial(_rounded_log2, quotient_rounds_up),
    "rounded_polynomial": partial(_rounded_log2, polynomial_rounds_up),
    "scale_lost": scale_lost,
    "nan_rounds_to_zero": nan_rounds_to_zero,
}
