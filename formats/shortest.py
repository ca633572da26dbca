"""The shortest decimal that identifies a code: what a number is called when it is shown to people.

Of the decimals that nearest-even projection turns back into the code, those with the fewest significant digits, and of
these the one closest to the exact value (the even one of two). It is found by asking the format itself, so that it holds for every
family. The reals that round to a code have no gaps, therefore of n-digit decimals only the two around the exact value count; and
a decimal of n digits is one of n + 1 digits, therefore the least n is found by doubling and bisection.

Source: Steele and White, "How to print floating-point numbers accurately" (1990), whose free-format output this is.
"""

from collections.abc import Callable

from gmpy2 import mpz

from formats.family import Format
from formats.projection import Projection
from refmath.datum import Finite, Infinity, NaN
from refmath.flags import INEXACT
from refmath.overflow import Overflow
from refmath.powers import power, times_power_of_ten
from refmath.reals import Exact, floor_scaled
from refmath.text import floor_log10_bound, write_decimal

NEAREST = Projection(overflow=Overflow.SATURATE_FINITE)

Identifies = Callable[[int, int], bool]
"""Whether the decimal n 10^e, given as (n, e), rounds to the code that is shown."""


def shortest(fmt: Format, code: int) -> str:
    """The shortest decimal that identifies a code of ``fmt``; ``-0``, ``inf``, ``-inf``, ``nan``, ``snan`` or ``nar`` for what is no such number."""
    datum = fmt.decode(code)
    match datum:
        case Finite(value, negative):
            if not value:
                return "-0" if negative else "0"
            digits, exponent = _digits(value, _test(fmt, datum))
            return write_decimal(digits, exponent, negative)
        case Infinity(negative):
            return "-inf" if negative else "inf"
        case NaN(_, signalling):
            return "snan" if signalling else "nan"
        case _:
            return "nar"


def _test(fmt: Format, datum: Finite) -> Identifies:
    target, out_of_range = fmt.round(datum, NEAREST), fmt.range_flags & ~INEXACT

    def identifies(digits: int, exponent: int) -> bool:
        if not digits:
            return False
        code, flags = fmt.project(power(10, exponent, mpz(digits), datum.negative), NEAREST)
        return code == target and not flags & out_of_range

    return identifies


def _digits(x: Exact, identifies: Identifies) -> tuple[int, int]:
    """The least number of digits by doubling and bisection, and the decimal n 10^e that has them, as (n, e)."""
    top = floor_log10_bound(x)
    if floor_scaled(times_power_of_ten(x, -top), 0)[0] >= 10:
        top += 1
    too_few, count = 0, 1
    while (found := _closest(x, top + 1 - count, identifies)) is None:
        too_few, count = count, 2 * count
    while count - too_few > 1:
        middle = (too_few + count) // 2
        better = _closest(x, top + 1 - middle, identifies)
        if better is None:
            too_few = middle
        else:
            count, found = middle, better
    return found, top + 1 - count


def _closest(x: Exact, exponent: int, identifies: Identifies) -> int | None:
    """Of the multiples of 10^exponent around |x| the closest that identifies, as the integer that is multiplied."""
    halves, exact = floor_scaled(times_power_of_ten(x, -exponent), 1)
    below, upper_half = int(halves) >> 1, int(halves) & 1
    if exact and not upper_half:
        return below if identifies(below, exponent) else None
    above_first = upper_half and (not exact or below & 1)
    for n in (below + 1, below) if above_first else (below, below + 1):
        if identifies(n, exponent):
            return n
    return None
