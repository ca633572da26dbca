"""Operands that an emulator documents to refuse: its claims do not speak of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Claim, Codes
from conformance.compare import is_nan
from conformance.problem import Operands
from formats.arrays import convert
from formats.family import Format
from formats.fixed import Fixed
from refmath.flags import INVALID, OVERFLOW
from refmath.overflow import directed_inwards
from refmath.rounding import Rounding

KINDS = ("nan", "infinity", "overflow", "beyond", "negative", "zero divisor")
"""Of conversions NaNs; infinities; finite values that overflow and that the mode does not bring back; all finite values greater than the greatest; whatever has a minus sign.
Of operations a second operand that is zero."""


def refused(claim: Claim, operands: Operands) -> NDArray[np.bool_]:
    """Which operands are of a kind that the emulator refuses."""
    source, codes = claim.operands[0], operands[0]
    found = np.zeros(len(codes), dtype=bool)
    if not claim.refuses:
        return found
    nan, infinite, negative = is_nan(source, codes), _infinite(source, codes), _negative(source, codes)
    for kind in claim.refuses:
        match kind:
            case "nan":
                found |= nan
            case "infinity":
                found |= infinite
            case "negative":
                found |= negative & ~nan
            case "overflow":
                brought_back = np.where(negative, *(directed_inwards(claim.projection.rounding, sign) for sign in (True, False)))
                found |= _overflows(claim, codes, claim.projection.rounding) & ~nan & ~infinite & ~brought_back
            case "zero divisor":
                zeros = [claim.operands[1].zero(), claim.operands[1].zero(True)]
                found |= np.isin(operands[1], np.array(zeros, operands[1].dtype))
            case "beyond":
                found |= _overflows(claim, codes, Rounding.AWAY_FROM_ZERO) & ~nan & ~infinite
    return found


def _overflows(claim: Claim, codes: Codes, rounding: Rounding) -> NDArray[np.bool_]:
    flags = convert(codes, claim.operands[0], claim.result, replace(claim.projection, rounding=rounding, bits=0))[1]
    return np.asarray(flags & (INVALID if isinstance(claim.result, Fixed) else OVERFLOW) != 0)


def _infinite(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    if not fmt.has_infinity:
        return np.zeros(len(codes), dtype=bool)
    return np.isin(codes, np.array([fmt.infinity(), fmt.infinity(fmt.signed)], dtype=codes.dtype))


def _negative(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    if not getattr(fmt, "signed", True):
        return np.zeros(len(codes), dtype=bool)
    return np.asarray(codes >> codes.dtype.type(fmt.width - 1) != 0)
