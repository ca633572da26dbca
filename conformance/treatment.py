"""What a conversion was seen to do with data that its target has no plain place for: overflow, infinities, NaNs, zeros, negative values.

A verdict names policies only where they differ from what a claim is first held to; this says what happened in every case.
"""

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.compare import is_nan
from formats.arrays import convert, engine_for
from formats.family import Format
from formats.floats import Float
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.flags import OVERFLOW
from refmath.overflow import Overflow
from refmath.rounding import Rounding

# Toward zero, what overflows does so in every mode; what rounding does at the edge is not the question here.
PROBE = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.MAGNITUDE)


def treatment(source: Format, target: Format, codes: Codes, got: Codes) -> tuple[str, ...]:
    """For each kind of operand that the target has no plain place for, what its results were."""
    if not isinstance(target, Float) or engine_for(source, target, PROBE) != "array":
        return ()
    if target.has_infinity and target.has_nan and target.has_zero and target.signed:
        return ()
    magnitude, flags = convert(codes, source, target, PROBE)
    nan, infinite = is_nan(source, codes), _infinite(source, codes)
    finite = ~(nan | infinite)
    negative = np.asarray(codes >> codes.dtype.type(source.width - 1) != 0) & source.signed
    zero = np.isin(codes, np.array(_zeros(source), dtype=codes.dtype)) if source.has_zero else np.zeros(len(codes), dtype=bool)
    beyond = finite & (flags & OVERFLOW != 0)
    kinds: dict[str, NDArray[np.bool_]] = {}
    if target.signed:
        kinds["overflow"], kinds["infinity"] = beyond, infinite
    else:
        kinds["overflow"], kinds["infinity"] = beyond & ~negative, infinite & ~negative
        kinds["a negative value"] = finite & negative & ~zero
    if not target.has_zero:
        kinds["zero"] = zero
    if not target.has_nan:
        kinds["NaN"] = nan
    words = ((kind, _outcome(target, got[where], magnitude[where])) for kind, where in kinds.items() if where.any())
    return tuple(f"{kind} gives {outcome}" for kind, outcome in words)


def _infinite(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    if not fmt.has_infinity:
        return np.zeros(len(codes), dtype=bool)
    return np.isin(codes, np.array([fmt.infinity(), fmt.infinity(fmt.signed)], dtype=codes.dtype))


def _zeros(fmt: Format) -> list[int]:
    return [fmt.zero(), fmt.zero(True)]


def _outcome(target: Format, got: Codes, magnitude: Codes) -> str:
    """What all results have in common."""
    if is_nan(target, got).all():
        return "NaN"
    names: dict[str, list[int]] = {"the greatest value": [target.limit(), target.limit(True) if target.signed else target.limit()]}
    if target.has_infinity:
        names["infinity"] = [target.infinity(), target.infinity(target.signed)]
    if target.has_zero:
        names["0"] = [target.zero()]
        names["-0"] = [target.zero(True)]
        names["0 or -0"] = _zeros(target)
    else:
        names["the least value"] = [target.join(False, target.least)]
    for name, codes in names.items():
        if np.isin(got, np.array(codes, dtype=got.dtype)).all():
            return name
    if not target.signed and ((got == magnitude) | (got == magnitude + magnitude.dtype.type(1))).all():
        return "its magnitude"
    return "no uniform result"
