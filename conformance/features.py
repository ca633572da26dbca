"""What can be said of a case in a word: the sign, the class and the binade of an operand or of the right result.

Defects live in regions that these words describe: only negative operands, only [2^16, 2^17), only subnormal results.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from formats.family import Format
from formats.floats import Float
from refmath.datum import Finite
from refmath.reals import floor_log2

Labels = NDArray[np.int64]

CLASSES = ("zero", "subnormal", "normal", "infinity", "NaN")
ZERO, SUBNORMAL, NORMAL, INFINITE, NAN = range(5)
NO_BINADE = -(1 << 40)
"""The label of what lies in no binade: zeros and what is not finite."""


class Trait(Enum):
    """What is asked of one datum of a case."""

    SIGN = "sign"
    CLASS = "class"
    BINADE = "binade"

    @property
    def ordered(self) -> bool:
        """Whether neighbouring labels belong together."""
        return self is Trait.BINADE


@dataclass(frozen=True)
class Feature:
    """One trait of the operand at ``place``, or of the right result where that is -1."""

    trait: Trait
    place: int

    def noun(self, arity: int) -> str:
        """What it is a trait of, in the plural."""
        if self.place < 0:
            return "results"
        return "operands" if arity == 1 else f"{('first', 'second', 'third')[self.place]} operands"


def features(arity: int) -> tuple[Feature, ...]:
    """All that is asked, the plainest first."""
    places = (*range(arity), -1)
    return tuple(Feature(trait, place) for trait in Trait for place in places)


@dataclass(frozen=True)
class Traits:
    """The labels of an array of codes."""

    signs: Labels
    classes: Labels
    binades: Labels

    def of(self, trait: Trait) -> Labels:
        """The labels of one trait."""
        match trait:
            case Trait.SIGN:
                return self.signs
            case Trait.CLASS:
                return self.classes
            case Trait.BINADE:
                return self.binades


def traits(fmt: Format, codes: Codes) -> Traits:
    """Sign (1: negative), class and binade (floor of the binary logarithm of the magnitude) of every code."""
    if isinstance(fmt, Float) and fmt.width <= 64 and fmt.trailing and not fmt.explicit_integer_bit and fmt.subnormals and fmt.has_negative_zero:
        return _of_floats(fmt, codes.astype(np.uint64))
    distinct, places = np.unique(codes, return_inverse=True)
    table = np.array([_of_code(fmt, int(code)) for code in distinct], dtype=np.int64).reshape(-1, 3)[places.reshape(-1)]
    return Traits(table[:, 0], table[:, 1], table[:, 2])


def _of_code(fmt: Format, code: int) -> tuple[int, int, int]:
    datum = fmt.decode(code)
    if not isinstance(datum, Finite):
        return int(getattr(datum, "negative", False)), INFINITE if fmt.classify(code) == "infinity" else NAN, NO_BINADE
    if not datum.value:
        return int(datum.negative), ZERO, NO_BINADE
    return int(datum.negative), SUBNORMAL if fmt.is_subnormal(code) else NORMAL, floor_log2(datum.value)


def _of_floats(fmt: Float, codes: NDArray[np.uint64]) -> Traits:
    """The same from the fields of the codes."""
    magnitudes = codes & np.uint64((1 << (fmt.width - fmt.signed)) - 1)
    signs = (codes >> np.uint64(fmt.width - 1)).astype(np.int64) if fmt.signed else np.zeros(len(codes), np.int64)
    exponents = (magnitudes >> np.uint64(fmt.trailing)).astype(np.int64)
    lengths = np.frexp(magnitudes.astype(np.float64))[1].astype(np.int64)  # exact below 2^53, and used for subnormals only
    special = magnitudes > np.uint64(fmt.greatest())
    infinite = special & (magnitudes == np.uint64(fmt.greatest() + 1)) & bool(fmt.has_infinity)
    subnormal = (exponents == 0) & (magnitudes != 0)
    classes = np.select([special & ~infinite, infinite, magnitudes == 0, subnormal], [NAN, INFINITE, ZERO, SUBNORMAL], NORMAL)
    binades = np.where(subnormal, fmt.emin - fmt.trailing + lengths - 1, exponents - 1 + fmt.emin)
    return Traits(signs, classes.astype(np.int64), np.where(special | (magnitudes == 0), NO_BINADE, binades))


def words(feature: Feature, low: int, high: int, open_low: bool, open_high: bool, arity: int) -> str:
    """The cases whose labels lie from ``low`` to ``high``; open ends are those beyond which nothing speaks against it."""
    noun = feature.noun(arity)
    match feature.trait:
        case Trait.SIGN:
            return f"{'negative' if low else 'positive'} {noun}"
        case Trait.CLASS:
            return f"{CLASSES[low]} {noun}"
        case Trait.BINADE:
            if open_high and not open_low:
                return f"{noun} of 2^{low} or more"
            if open_low and not open_high:
                return f"{noun} below 2^{high + 1}"
            return f"{noun} in [2^{low}, 2^{high + 1})"
