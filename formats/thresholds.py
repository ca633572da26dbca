"""Where the result of a conversion can change, over the codes of its source in ascending order.

Rounding looks at two things only: the greatest code of the target, refined by one bit, that is not above the magnitude, and whether it
is equal. So between two neighbouring refined codes (a value of the target and a midpoint) nothing can change, whatever the mode and the
policies; it can change at a refined code, just above it, at the ends of the source's signs, specials and subnormal numbers, and,
for the underflow flag alone, beside the number below the target's least normal one that an exponent range without end would have.
``thresholds`` finds the source codes of all these places by ``code_below`` on the source's own grid: nothing is sampled or searched.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from formats.codebook import Codebook
from formats.family import Format
from formats.floats import Float, Specials
from formats.logarithmic import Logarithmic
from refmath.reals import Exact, power_of_two

MOST = 1 << 19
"""The most refined codes of a target that are visited."""


@lru_cache(maxsize=64)
def thresholds(source: Format, target: Format, unlimited: bool = True, extra: int = 1) -> NDArray[np.uint64] | None:
    """Ascending source codes, the first 0: from each to the next, code and flags of every deterministic conversion are the same.

    ``extra``: of every conversion that looks at so many refinement bits. NaNs that keep their payload are the exception. ``unlimited``: also beyond the greatest value of the target, where only results that wrap
    tell codes apart. Of a source of at most 16 bits whose codes are in no order, every code. None where there is no such table: no order, more
    than 64 bits, more than ``MOST`` places.
    """
    scattered = isinstance(source, Codebook) or (isinstance(source, Float) and source.explicit_integer_bit)
    found = None if scattered or source.width > 64 else _ordered(source, target, unlimited, extra)
    if found is None and source.width <= 16:
        return np.arange(source.codes, dtype=np.uint64)
    return None if found is None else np.array(sorted(code for code in found if code < source.codes), dtype=np.uint64)


def _ordered(source: Format, target: Format, unlimited: bool, extra: int) -> set[int] | None:
    """The thresholds of a source whose codes are in the order of their values, by piece; None where they are not."""
    found = {0, *_specials(source)}
    for negative in (False, True)[: 1 + source.signed]:
        low, high = _ends(source, negative)
        if high < low:
            continue
        places = _places(source, target, negative, low, high, unlimited, extra)
        if places is None:
            return None
        cuts = sorted({low, high, high + 1, *places, *(half for half in (source.codes >> 1, source.codes >> 2) if low < half <= high)})
        for start, stop in pairwise(cuts):
            first, last = source.join(negative, start), source.join(negative, stop - 1)
            if abs(last - first) != stop - 1 - start:
                return None
            found |= {min(first, last), max(first, last) + 1}
    return found


def _ends(fmt: Format, negative: bool) -> tuple[int, int]:
    """The least and the greatest magnitude code on one side, zeros included."""
    low = int(negative and fmt.has_zero and not fmt.has_negative_zero)
    return low, fmt.greatest(negative)


def _specials(fmt: Format) -> Iterator[int]:
    """Codes at which the class of what is no number changes: infinities, NaNs, the quiet among them."""
    if not isinstance(fmt, Float):
        return
    for sign in (0, 1 << (fmt.width - 1))[: 1 + fmt.signed]:
        for step in (1, 2):
            yield sign + fmt.greatest() + step
        if fmt.specials is Specials.IEEE:
            yield sign + fmt.greatest() + 1 + (1 << (fmt.trailing - 1))


def _places(source: Format, target: Format, negative: bool, low: int, high: int, unlimited: bool, extra: int) -> set[int] | None:
    """Magnitude codes of the source from which on, up to the next of them, the same code of the target results."""
    first = max(low, source.least)
    if first > high:
        return set()
    found = {first, *((source.least_normal,) if source.least_normal is not None and low < source.least_normal <= high else ())}
    least, greatest = source.value(first, 0, negative), source.value(high, 0, negative)
    for side in {negative, negative and target.signed}:  # an unsigned target may see a magnitude
        points = _points(target, side, least, greatest, unlimited, extra)
        if points is None:
            return None
        for point in points:
            code, equal = source.code_below(point, 0, negative)
            found |= {code, code + 1} if equal else {code + 1}
    return {code for code in found if low <= code <= high}


def _points(target: Format, negative: bool, least: Exact, greatest: Exact, unlimited: bool, extra: int) -> list[Exact] | None:
    """The magnitudes from ``least`` to ``greatest`` where rounding into the target can change; None where they are too many."""
    below, equal = target.code_below(least, extra, negative)
    above, _ = target.code_below(greatest, extra, negative)
    if unlimited and isinstance(target, Logarithmic):
        return None  # its codes far out of range are not in the order of the values, and what wraps shows them
    if not unlimited:
        above = min(above, (max(target.greatest(), target.greatest(negative)) + 2 << extra) - 1)
    if above - below > MOST:
        return None
    values = [target.value(code, extra, negative) for code in range(below + (not equal), above + 1)]
    return values + _underflow(target)


def _underflow(target: Format) -> list[Exact]:
    """The number below the least normal one with an exponent range without end, and the midpoint between the two."""
    if not isinstance(target, Float) or target.least_normal is None:
        return []
    m = target.trailing + 1
    normal, _ = target.code_unbounded(target.value(target.least_normal), 1)
    return [((1 << m) + code % (1 << m)) * power_of_two((code >> m) - target.bias - m) for code in (normal - 2, normal - 1)]
