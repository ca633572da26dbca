"""Codes at wanted places: nearest to a number, of an exponent, of a short significand, of either sign."""

from gmpy2 import mpq

from conformance.cases.scene import bottom, top
from conformance.cases.stream import Draws
from formats.family import Format
from formats.projection import AbsentNaN, AbsentZero, Negatives, Projection
from refmath.datum import Finite
from refmath.overflow import Overflow
from refmath.reals import Exact, Real, power_of_two

NEAR = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, absent_zero=AbsentZero.LEAST, negatives=Negatives.MAGNITUDE)
"""Rounding to the nearest operand, whatever it is."""
FAR = 1 << 16
"""Exponents beyond which no operand is aimed at."""


def near(f: Format, x: mpq) -> int:
    """The code of the value nearest to x."""
    return f.round(Finite(x, x < 0), NEAR)


def beside(f: Format, x: mpq, draws: Draws) -> int:
    """The code nearest to x, or a neighbour of it."""
    code = near(f, x)
    match draws.below(4):
        case 0:
            moved = f.next_up(code)
        case 1:
            moved = f.next_down(code)
        case _:
            moved = code
    return code if moved is None else moved


def value(f: Format, code: int) -> mpq | None:
    """The value of the code of a finite number, to 80 bits where it is irrational; None for any other."""
    datum = f.decode(code)
    if not isinstance(datum, Finite):
        return None
    return rational(datum.value)


def rational(x: Exact) -> mpq:
    """x, to 80 bits where it is irrational."""
    if not isinstance(x, Real):
        return x
    k = 80 - x.floor_log2()
    found = mpq(x.floor_scaled(k)[0]) * power_of_two(-k)
    return -found if x.negative else found


def finite_code(f: Format, draws: Draws) -> int:
    """The code of any finite number but zero."""
    while True:
        negative = f.signed and bool(draws.below(2))
        greatest = f.greatest(negative)
        if greatest >= f.least:
            return f.join(negative, draws.between(f.least, greatest))
        if f.greatest() < f.least and not f.signed:
            return f.zero()


def at(f: Format, e: int, draws: Draws) -> int:
    """The code of a number of exponent e, of either sign, any significand."""
    return near(f, signed(f, (1 + mpq(draws.getrandbits(60), 1 << 60) * mpq(4095, 4096)) * power_of_two(e), draws))


def short(f: Format, e: int, bits: int, draws: Draws) -> int:
    """The code of a number of exponent e whose significand has at most ``bits`` bits."""
    odd = (1 << (bits - 1)) | draws.getrandbits(max(bits - 1, 0)) if bits > 1 else 1
    return near(f, signed(f, odd * power_of_two(e - bits + 1), draws))


def signed(f: Format, x: mpq, draws: Draws) -> mpq:
    """x, or -x where the format has it."""
    return -x if f.signed and draws.below(2) else x


def exponent_in(f: Format, draws: Draws, low: int | None = None, high: int | None = None) -> int:
    """An exponent that the format has, within bounds."""
    first, last = max(bottom(f), -FAR if low is None else low), min(top(f), FAR if high is None else high)
    return draws.between(first, last) if first <= last else (first if low is not None and low > top(f) else last)
