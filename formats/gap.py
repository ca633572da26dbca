"""The gap that an exact value lies in: its two neighbours in a format, and what is cut off.

Magnitudes are looked at in code space, as rounding does: the kept code is the neighbour toward zero, the first refinement bit
the guard, and sticky whether anything follows it.
"""

from dataclasses import dataclass
from enum import Enum

from gmpy2 import mpq

from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from refmath.reals import Exact, Real, negate
from refmath.rounding import Kept, split

REST_BITS = 16
"""How many bits after the guard are shown."""
SHOWN_BITS = 48
"""How many kept significand bits are shown; of more, the middle is left out."""


class Position(Enum):
    """Where a value lies between its neighbours; the value is the phrase for it."""

    EXACT = "on the neighbour"
    BELOW_HALF = "less than half way"
    HALF = "half way exactly"
    ABOVE_HALF = "more than half way"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One end of a gap."""

    ordinal: int
    """Its magnitude code, one beyond the greatest where the range ends."""
    code: int | None
    """Its code; None where the format has no such value."""
    value: Exact
    """Its value; as if the range went on, where the format has no such value."""
    even: bool
    """Whether its code is even: IEEE 754's even significand."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a nonzero value lies between its neighbour toward zero and the one away from it."""

    near: Neighbour
    far: Neighbour
    kept: Kept
    rest: str
    """The bits after the guard, as many as are of interest; they end in ``...`` where more follow."""
    position: Position
    share: mpq | None
    """How much of the gap lies between the near neighbour and the value, from 0 to less than 1; None where irrational, and of gaps that are not refined evenly."""
    significand: str
    """The kept bits with their binary point, or as bit fields where the family has no point."""
    exponent: int | None
    """The power of two that the significand is multiplied with; None where there is none."""


def find_gap(fmt: Format, x: Exact, negative: bool) -> Gap | None:
    """The gap of a nonzero value; None where it lies more than one step beyond the greatest value."""
    refined, exact = fmt.code_below(x, 1 + REST_BITS, negative)
    kept = split(refined, 1 + REST_BITS, exact)
    if kept.code > max(fmt.greatest(negative), fmt.least - 1):
        return None
    near, far = neighbour(fmt, kept.code, negative), neighbour(fmt, kept.code + 1, negative)
    significand, exponent = _significand(fmt, kept.code, negative)
    middle = fmt.value(2 * kept.code + 1, 1, negative)
    share = _share(x, near, far, negate(middle) if negative else middle)
    return Gap(near, far, kept, _rest(refined, exact), _position(kept), share, significand, exponent)


def neighbour(fmt: Format, ordinal: int, negative: bool) -> Neighbour:
    """The value of a magnitude code, which may lie one step outside the range at either end."""
    even = (ordinal ^ fmt.parity[negative]) % 2 == 0
    if ordinal < fmt.least and not fmt.spans_zero:
        return Neighbour(ordinal, fmt.zero(negative) if fmt.has_zero else None, mpq(0), even)
    value = fmt.value(ordinal, 0, negative)
    code = fmt.join(negative, ordinal) if ordinal <= fmt.greatest(negative) else None
    return Neighbour(ordinal, code, negate(value) if negative else value, even)


def _position(kept: Kept) -> Position:
    if kept.guard:
        return Position.ABOVE_HALF if kept.sticky else Position.HALF
    return Position.BELOW_HALF if kept.sticky else Position.EXACT


def _rest(refined: int, exact: bool) -> str:
    digits = f"{refined & ((1 << REST_BITS) - 1):0{REST_BITS}b}"
    return digits.rstrip("0") if exact else f"{digits}..."


def _share(x: Exact, near: Neighbour, far: Neighbour, middle: Exact) -> mpq | None:
    """``middle``: the value at which the bit after the kept ones begins; where a gap is refined evenly, and nowhere else, it lies half way."""
    if isinstance(x, Real) or isinstance(near.value, Real) or isinstance(far.value, Real) or isinstance(middle, Real):
        return None
    if 2 * middle != near.value + far.value:
        return None
    return (x - near.value) / (far.value - near.value)


def _significand(fmt: Format, ordinal: int, negative: bool) -> tuple[str, int | None]:
    """The bits of a magnitude code as a person writes them, and the exponent they are scaled with."""
    match fmt:
        case Float() if ordinal < fmt.least and not fmt.subnormals:
            return "0", None
        case Float():
            e, t = ordinal >> fmt.trailing, ordinal & ((1 << fmt.trailing) - 1)
            normal = e > 0 or not fmt.subnormals
            digits = f"{t:0{fmt.trailing}b}" if fmt.trailing else ""
            return f"{int(normal)}.{_short(digits)}", (e - fmt.bias if normal else fmt.emin)
        case Fixed():
            digits = f"{ordinal:0{max(fmt.fraction_bits, 0) + 1}b}"
            cut = len(digits) - max(fmt.fraction_bits, 0)
            return f"{_short(digits[:cut])}.{_short(digits[cut:])}", max(-fmt.fraction_bits, 0) or None
        case _:
            return " ".join(digits for _, digits in fmt.fields(fmt.join(False, ordinal))), None


def _short(digits: str) -> str:
    return digits if len(digits) <= SHOWN_BITS else f"{digits[: SHOWN_BITS // 2]}...{digits[-SHOWN_BITS // 2 :]}"
