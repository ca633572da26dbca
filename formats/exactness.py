"""What is known of an exact result, in a line: a rational as it is; of any other real enough digits to see where it rounds, and what kind of real it is."""

from math import ceil

from formats.family import Format
from formats.gap import find_gap
from refmath.enclosures import Unproven
from refmath.exponentials import PowerSum
from refmath.extremes import Huge, LongRational, Near, Scaled, Tiny
from refmath.powers import ScaledPower
from refmath.reals import Exact, Irrational, Real, floor_log2, negate
from refmath.wording import ALMOST, LARGEST_LOG2, LEADING_DIGITS, decimal_text, number_text

MOST_DIGITS = 60
FIRST_BITS = 32
SMALL = 1000


def exactness_text(x: Exact, fmt: Format) -> str:
    """A nonzero exact result, as it is to be rounded into ``fmt``."""
    match x:
        case Huge():
            return f"{'below -' if x.negative else 'beyond '}2^(2^60), too large for any format"
        case Tiny():
            return f"between 0 and {'-' if x.negative else ''}2^(-2^60), too small for any format"
        case Near():
            return f"just {'beyond' if x.side > 0 else 'short of'} {_anchor(x)}, by less than 2^{x.gap}"
        case LongRational():
            return f"{_digits(x.leading, fmt)}, a rational number of very many digits"
        case PowerSum():
            return f"{x} {_digits(x, fmt)}, irrational"
        case Unproven():
            return f"{_digits(x, fmt)}, not proven to be irrational"
        case Scaled() if not isinstance(x.x, Real):
            return f"{'' if x.x == 1 else '-' if x.x == -1 else f'{decimal_text(x.x)[0]} x '}2^{x.k}"
        case Scaled(x=Irrational()):
            return f"{_digits(x, fmt)}, {'not proven to be irrational' if isinstance(x.x, Unproven) else 'irrational'}"
        case Irrational():
            return f"{_digits(x, fmt)}, irrational"
        case _:
            return number_text(x)


def _anchor(x: Near) -> str:
    value = negate(x.anchor) if x.negative else x.anchor
    small = not isinstance(value, Real) and value.denominator == 1 and abs(value) < SMALL
    return str(value) if small else number_text(value)


def _digits(x: Real, fmt: Format) -> str:
    return ALMOST + decimal_text(x, telling_digits(x, fmt))[0]


def telling_digits(x: Real, fmt: Format) -> int:
    """How many digits tell a real from its neighbours in a format and from the middle between them: not more than ``MOST_DIGITS``."""
    if isinstance(x, ScaledPower) or abs(x.floor_log2()) > LARGEST_LOG2:
        return LEADING_DIGITS
    gap = find_gap(fmt, x, x.negative)
    if gap is None:
        return LEADING_DIGITS
    near, far = gap.near.value, gap.far.value
    if isinstance(near, Real) or isinstance(far, Real):
        return 2 * LEADING_DIGITS
    bits = FIRST_BITS
    while bits < 4 * MOST_DIGITS:
        rest = fmt.code_below(x, 1 + bits, x.negative)[0] & ((1 << bits) - 1)
        if rest not in (0, (1 << bits) - 1):
            break
        bits *= 2
    run = bits - min(rest, rest ^ ((1 << bits) - 1)).bit_length()
    needed = floor_log2(x) - floor_log2(far - near) + run + 3
    return min(max(LEADING_DIGITS, ceil(needed * 301 / 1000) + 1), MOST_DIGITS)
