"""Equality of codes by policy: NaNs by class or by bits; everything else by bits."""

from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from formats.family import Format
from formats.floats import Float
from refmath.datum import NaN, NotAReal


class Equality(Enum):
    """When two codes count as equal."""

    NAN_CLASS = "nan_class"
    """Any NaN equals any NaN."""
    BITS = "bits"


@lru_cache(maxsize=256)
def _nan_table(fmt: Format) -> NDArray[np.bool_]:
    return np.array([isinstance(fmt.decode(code), NaN | NotAReal) for code in fmt], dtype=bool)


def is_nan(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    """Which codes are NaNs."""
    if not fmt.has_nan:
        return np.zeros(np.shape(codes), dtype=bool)
    if fmt.width <= 8:
        return _nan_table(fmt)[codes]
    if isinstance(fmt, Float) and fmt.has_negative_zero and not fmt.explicit_integer_bit:
        magnitudes = codes & codes.dtype.type((1 << (fmt.width - fmt.signed)) - 1)
        return np.asarray(magnitudes > codes.dtype.type(fmt.greatest() + fmt.has_infinity))
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
