"""Equality of codes by policy: NaNs by class or by bits; everything else by bits."""

from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from formats.family import Format
from formats.floats import Float, Specials
from formats.tapered import Tapered
from refmath.datum import NaN, NotAReal


class Equality(Enum):
    """When two codes count as equal."""

    NAN_CLASS = "nan_class"
    """Any NaN equals any NaN."""
    BITS = "bits"


ONE_NAN = (Specials.FNUZ, Specials.P3109_EXTENDED, Specials.P3109_FINITE)
"""The layouts with one NaN."""


@lru_cache(maxsize=256)
def _nan_table(fmt: Format) -> NDArray[np.bool_]:
    return np.array([isinstance(fmt.decode(code), NaN | NotAReal) for code in fmt], dtype=bool)


def is_nan(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    """Which codes are NaNs."""
    if not fmt.has_nan:
        return np.zeros(np.shape(codes), dtype=bool)
    if isinstance(fmt, Float) and fmt.has_negative_zero and not fmt.explicit_integer_bit:
        magnitudes = codes & codes.dtype.type((1 << (fmt.width - fmt.signed)) - 1)
        return np.asarray(magnitudes > codes.dtype.type(fmt.greatest() + fmt.has_infinity))
    if isinstance(fmt, Tapered) or (isinstance(fmt, Float) and fmt.specials in ONE_NAN):
        return np.asarray(codes == codes.dtype.type(fmt.nan()))
    if fmt.width <= 8:
        return _nan_table(fmt)[codes]
    flat = [isinstance(fmt.decode(int(code)), NaN | NotAReal) for code in np.ravel(codes)]
    return np.array(flat, dtype=bool).reshape(np.shape(codes))


def differ(fmt: Format, got: Codes, expected: Codes, equality: Equality = Equality.NAN_CLASS) -> NDArray[np.bool_]:
    """Where two arrays of codes differ."""
    unequal = np.asarray(got != expected)
    if equality is Equality.NAN_CLASS and unequal.any():
        unequal &= ~(is_nan(fmt, got) & is_nan(fmt, expected))
        if isinstance(fmt, Float) and fmt.explicit_integer_bit:
            for i in np.nonzero(unequal)[0]:  # one number may have two encodings
                unequal[i] = fmt.decode(int(got[i])) != fmt.decode(int(expected[i]))
    return unequal


def zeros_apart(fmt: Format, got: Codes, expected: Codes) -> NDArray[np.bool_]:
    """Where two arrays have zeros of different signs."""
    if not fmt.has_negative_zero:
        return np.zeros(np.shape(got), dtype=bool)
    zero, other = got.dtype.type(fmt.zero()), got.dtype.type(fmt.zero(True))
    return np.asarray(((got == zero) & (expected == other)) | ((got == other) & (expected == zero)))


SPECIAL = -1
MOST = (1 << 63) - 1
"""The greatest distance that is told."""


def distances(fmt: Format, got: Codes, expected: Codes) -> NDArray[np.int64]:
    """The number of finite values stepped over between each result and the right one, P3109's kappa of one case (section 4.4).

    ``SPECIAL`` where that is no number: NaN or infinity on one side only, or the wrong sign of a zero.
    """
    if isinstance(fmt, Float) and fmt.width <= 64 and not fmt.explicit_integer_bit:
        return _distances_of_floats(fmt, got.astype(np.uint64), expected.astype(np.uint64))
    places = [(ordinal(fmt, one), ordinal(fmt, other)) for one, other in zip(got.tolist(), expected.tolist(), strict=True)]
    steps = [SPECIAL if here is None or there is None or here == there else min(abs(here - there), MOST) for here, there in places]
    return np.array([0 if one == other else step for step, one, other in zip(steps, got.tolist(), expected.tolist(), strict=True)], dtype=np.int64)


def _distances_of_floats(fmt: Float, got: NDArray[np.uint64], expected: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The same from magnitude codes: their difference, or across zero their sum."""
    (one, here, finite), (other, there, also) = _places(fmt, got), _places(fmt, expected)
    apart = np.where(one == other, np.maximum(here, there) - np.minimum(here, there), here + there)
    steps = np.minimum(apart, np.uint64(MOST)).astype(np.int64)
    return np.where(got == expected, 0, np.where(finite & also & (steps != 0), steps, SPECIAL))


def _places(fmt: Float, codes: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.uint64], NDArray[np.bool_]]:
    """Sign and magnitude code, and whether the datum is finite."""
    magnitudes = codes & np.uint64((1 << (fmt.width - fmt.signed)) - 1)
    negative = codes >> np.uint64(fmt.width - 1) != 0 if fmt.signed else np.zeros(len(codes), dtype=bool)
    finite = magnitudes <= np.uint64(fmt.greatest())
    if fmt.has_zero and not fmt.has_negative_zero:
        finite &= ~(negative & (magnitudes == 0))
    return negative, magnitudes, finite


def mismatch_class(fmt: Format, got: Codes, expected: Codes) -> str:
    """What P3109's kappa is where it is no number (section 4.4): ``nan`` where NaN is on one side only, else ``inf`` where an infinity is; else empty."""
    if (is_nan(fmt, got) != is_nan(fmt, expected)).any():
        return "nan"
    infinities = [fmt.infinity(negative) for negative in {False, fmt.signed}] if fmt.has_infinity else []
    return "inf" if infinities and ((np.isin(got, infinities) | np.isin(expected, infinities)) & (got != expected)).any() else ""


def ordinal(fmt: Format, code: int) -> int | None:
    """The place of a finite value on the line of all finite values, both zeros at 0; None for any other datum."""
    found = fmt.magnitude(code)
    return None if found is None else -found[1] if found[0] else found[1]
