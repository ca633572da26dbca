"""The rounding modes, and the one function that rounds.

Finite magnitudes of a scalar format are ordered as their magnitude codes. A code can be *refined*: with k more bits appended,
the new codes subdivide the gaps between the old ones. To round an exact magnitude, its format finds the greatest refined
code that is not above it, and whether that one is equal. From there rounding is a matter of integers: the refinement bits
are the guard and round bits, "not equal" is the sticky bit, and the rounded code is the kept one or its successor. Subnormal
numbers, carries into the next binade and precision 1 need no case of their own, and families differ only in what their
refined codes mean: the arithmetic midpoint for floats and fixed point, the (n+1)-bit posit for posits.

Sources: IEEE 754-2019 clause 4.3; P3109 interim report v4.0 section 4.7 (ToOdd, StochasticA, B, C).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from refmath.errors import RefmathError, quote


class Rounding(Enum):
    """A rounding mode; the value is its canonical name."""

    NEAREST_EVEN = "nearest_even"
    NEAREST_AWAY = "nearest_away"
    NEAREST_ZERO = "nearest_zero"
    NEAREST_ODD = "nearest_odd"
    TOWARD_ZERO = "toward_zero"
    TOWARD_POSITIVE = "toward_positive"
    TOWARD_NEGATIVE = "toward_negative"
    AWAY_FROM_ZERO = "away_from_zero"
    TO_ODD = "to_odd"
    STOCHASTIC_A = "stochastic_a"
    STOCHASTIC_B = "stochastic_b"
    STOCHASTIC_C = "stochastic_c"
    STOCHASTIC = "stochastic"
    NEAREST_POSITIVE = "nearest_positive"
    NEAREST_NEGATIVE = "nearest_negative"

    needs_bits: bool
    """Whether the mode has a number of random bits as a parameter."""
    stochastic: bool
    """Whether the mode consumes random bits."""
    nearest: bool
    """Whether the mode rounds to a nearest value."""

    def __init__(self, text: str) -> None:
        self.stochastic = text.startswith("stochastic")
        self.needs_bits = self.stochastic and text != "stochastic"
        self.nearest = text.startswith("nearest")


DETERMINISTIC = tuple(mode for mode in Rounding if not mode.stochastic)
"""The modes that take no random bits, in the order of their definition."""

ALIASES = {
    "rne": Rounding.NEAREST_EVEN, "ties_to_even": Rounding.NEAREST_EVEN, "nearest_ties_to_even": Rounding.NEAREST_EVEN,
    "near_even": Rounding.NEAREST_EVEN, "nearesttiestoeven": Rounding.NEAREST_EVEN, "roundtiestoeven": Rounding.NEAREST_EVEN, "rn": Rounding.NEAREST_EVEN,
    "rna": Rounding.NEAREST_AWAY, "ties_to_away": Rounding.NEAREST_AWAY, "nearest_ties_to_away": Rounding.NEAREST_AWAY,
    "near_maxmag": Rounding.NEAREST_AWAY, "nearesttiestoaway": Rounding.NEAREST_AWAY, "roundtiestoaway": Rounding.NEAREST_AWAY, "rmm": Rounding.NEAREST_AWAY,
    "rnz": Rounding.NEAREST_ZERO, "ties_to_zero": Rounding.NEAREST_ZERO, "roundtiestozero": Rounding.NEAREST_ZERO,
    "rno": Rounding.NEAREST_ODD, "ties_to_odd": Rounding.NEAREST_ODD,
    "rnp": Rounding.NEAREST_POSITIVE, "ties_to_positive": Rounding.NEAREST_POSITIVE, "ties_up": Rounding.NEAREST_POSITIVE, "half_up": Rounding.NEAREST_POSITIVE,
    "nearest_up": Rounding.NEAREST_POSITIVE,
    "rnn": Rounding.NEAREST_NEGATIVE, "ties_to_negative": Rounding.NEAREST_NEGATIVE, "ties_down": Rounding.NEAREST_NEGATIVE, "half_down": Rounding.NEAREST_NEGATIVE,
    "nearest_down": Rounding.NEAREST_NEGATIVE,
    "rtz": Rounding.TOWARD_ZERO, "rz": Rounding.TOWARD_ZERO, "minmag": Rounding.TOWARD_ZERO, "truncate": Rounding.TOWARD_ZERO, "towardzero": Rounding.TOWARD_ZERO,
    "roundtowardzero": Rounding.TOWARD_ZERO,
    "rtp": Rounding.TOWARD_POSITIVE, "ru": Rounding.TOWARD_POSITIVE, "rup": Rounding.TOWARD_POSITIVE, "max": Rounding.TOWARD_POSITIVE, "ceil": Rounding.TOWARD_POSITIVE,
    "towardpositive": Rounding.TOWARD_POSITIVE, "roundtowardpositive": Rounding.TOWARD_POSITIVE,
    "rtn": Rounding.TOWARD_NEGATIVE, "rd": Rounding.TOWARD_NEGATIVE, "rdn": Rounding.TOWARD_NEGATIVE, "min": Rounding.TOWARD_NEGATIVE, "floor": Rounding.TOWARD_NEGATIVE,
    "towardnegative": Rounding.TOWARD_NEGATIVE, "roundtowardnegative": Rounding.TOWARD_NEGATIVE,
    "raz": Rounding.AWAY_FROM_ZERO, "ra": Rounding.AWAY_FROM_ZERO, "away": Rounding.AWAY_FROM_ZERO,
    "rto": Rounding.TO_ODD, "odd": Rounding.TO_ODD, "toodd": Rounding.TO_ODD, "jamming": Rounding.TO_ODD,
    "stochastica": Rounding.STOCHASTIC_A, "sra": Rounding.STOCHASTIC_A,
    "stochasticb": Rounding.STOCHASTIC_B, "srb": Rounding.STOCHASTIC_B,
    "stochasticc": Rounding.STOCHASTIC_C, "src": Rounding.STOCHASTIC_C,
    "sr": Rounding.STOCHASTIC,
}  # fmt: skip


def parse_rounding(text: str) -> Rounding:
    """The rounding mode that ``text`` names: canonical, a short form (rne), or a standard's own name (roundTiesToEven)."""
    name = text.strip().lower().replace("-", "_").replace(" ", "_")
    for mode in Rounding:
        if name == mode.value:
            return mode
    if name in ALIASES:
        return ALIASES[name]
    names = ", ".join(mode.value for mode in Rounding)
    raise RefmathError(f"{quote(text)} is not a rounding mode; use one of {names} or a short form such as rne, rtz, rtp, rtn.")


MAX_RANDOM_BITS = 4096
"""The greatest number of random bits that a stochastic mode can be given."""


class RandomSource(Protocol):
    """What draws random bits: ``random.Random`` is one."""

    def getrandbits(self, k: int, /) -> int:
        """A uniform integer of k bits."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What rounding sees of a magnitude: the kept code, the first dropped bit, and whether any later one is set."""

    code: int
    guard: int
    sticky: bool


def split(refined: int, extra: int, exact: bool) -> Kept:
    """The kept code, guard and sticky of a refined code with ``extra`` >= 1 refinement bits."""
    rest = refined & ((1 << (extra - 1)) - 1)
    return Kept(refined >> extra, refined >> (extra - 1) & 1, bool(rest) or not exact)


def refinement(mode: Rounding, bits: int) -> int:
    """How many refinement bits ``round_code`` needs: one for guard, or all that the random bits are compared with."""
    if not mode.stochastic:
        return 1
    return bits + (mode is Rounding.STOCHASTIC_B or mode is Rounding.STOCHASTIC_C)


def round_code(refined: int, extra: int, exact: bool, negative: bool, mode: Rounding, bits: int = 0, random: int = 0, odd: int = 0) -> tuple[int, bool]:
    """The rounded magnitude code, and whether the result is inexact.

    ``refined`` is the greatest code with ``extra`` refinement bits that is not above the magnitude, ``exact`` says whether it
    equals it, and ``extra`` is what ``refinement`` asks for. ``random`` holds the random bits R, 0 <= R < 2^bits.
    ``stochastic`` rounds away when nu > R / 2^bits, where nu is the exact position in the gap: as bits grows without limit,
    the probability of rounding away becomes nu itself. ``odd`` is 1 in formats that call the magnitude code 0 odd.
    """
    kept = refined >> extra
    fraction = refined - (kept << extra)
    if exact and not fraction:
        return kept, False
    match mode:
        case Rounding.NEAREST_EVEN:
            return kept + (fraction and (not exact or (kept ^ odd) & 1)), True
        case Rounding.TOWARD_ZERO:
            return kept, True
        case Rounding.NEAREST_AWAY:
            return kept + fraction, True
        case Rounding.NEAREST_ZERO:
            return kept + (fraction and not exact), True
        case Rounding.NEAREST_ODD:
            return kept + (fraction and (not exact or not (kept ^ odd) & 1)), True
        case Rounding.NEAREST_POSITIVE:
            return kept + (fraction and not (exact and negative)), True
        case Rounding.NEAREST_NEGATIVE:
            return kept + (fraction and (negative or not exact)), True
        case Rounding.TOWARD_POSITIVE:
            return kept + (not negative), True
        case Rounding.TOWARD_NEGATIVE:
            return kept + negative, True
        case Rounding.AWAY_FROM_ZERO:
            return kept + 1, True
        case Rounding.TO_ODD:
            return kept + (not (kept ^ odd) & 1), True
        case Rounding.STOCHASTIC_A:
            return kept + (fraction + random >= 1 << bits), True
        case Rounding.STOCHASTIC_B:
            return kept + (fraction + 2 * random + 1 >= 2 << bits), True
        case Rounding.STOCHASTIC_C:
            half, low = fraction >> 1, fraction & 1
            nearest = half + (low and (not exact or half & 1))
            return kept + (nearest + random >= 1 << bits), True
        case Rounding.STOCHASTIC:
            return kept + (fraction > random or (fraction == random and not exact)), True


def check_random(mode: Rounding, bits: int, random: int) -> None:
    """``RefmathError`` where a stochastic mode, its number of random bits and the random operand R do not fit together."""
    if not bits and not mode.needs_bits:
        raise RefmathError("stochastic without a number of random bits draws as many as decide; give it a source of them such as random.Random(1).")
    if not 1 <= bits <= MAX_RANDOM_BITS:
        raise RefmathError(f"{mode.value} cannot use {bits} random bits; give a number of bits from 1 to {MAX_RANDOM_BITS}.")
    if not 0 <= random < 1 << bits:
        raise RefmathError(f"The random operand {random} does not fit into {bits} bits; give one from 0 to 2^{bits} - 1.")
