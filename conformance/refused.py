"""Operands that an emulator documents to refuse: its claims do not speak of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Claim, Codes
from conformance.compare import differ, is_nan
from conformance.problem import Operands
from formats.arithmetic import operation
from formats.arrays import convert, operate
from formats.family import Format
from formats.fixed import Fixed
from formats.projection import Projection
from refmath.datum import Finite
from refmath.flags import INVALID, OVERFLOW
from refmath.overflow import Overflow, directed_inwards
from refmath.rounding import Rounding

KINDS = ("nan", "infinity", "negative", "unused", "overflow", "out of range", "beyond", "no number", "zero divisor")
"""Operands of which any is a NaN; an infinity; has a minus sign; is a code that no result has, such as the lowest of a symmetric range. Numbers as exact results that overflow and that the mode does not bring back; that overflow; that are
greater than the greatest value. Operations on operands without a number as the result: NaN or an infinity. A second operand that is zero."""


def refused(claim: Claim, operands: Operands) -> NDArray[np.bool_]:
    """Which operands are of a kind that the emulator refuses."""
    found = np.zeros(len(operands[0]), dtype=bool)
    for kind in claim.refuses:
        match kind:
            case "nan":
                found |= _any(is_nan, claim, operands)
            case "infinity":
                found |= _any(_infinite, claim, operands)
            case "negative":
                found |= _any(_negative, claim, operands)
            case "unused":
                found |= _any(_unused, claim, operands)
            case "overflow" | "out of range" | "beyond":
                found |= _overflows(claim, operands, kind)
            case "no number":
                found |= _without_number(claim, operands)
            case "zero divisor":
                zeros = [claim.operands[1].zero(), claim.operands[1].zero(True)]
                found |= np.isin(operands[1], np.array(zeros, operands[1].dtype))
    return found


def _any(test: Callable[[Format, Codes], NDArray[np.bool_]], claim: Claim, operands: Operands) -> NDArray[np.bool_]:
    """Operands of which one at least is of a kind. There may be fewer than the claim has: random bits are of none."""
    return np.asarray(np.logical_or.reduce([test(fmt, codes) for fmt, codes in zip(claim.operands, operands, strict=False)]))


def _overflows(claim: Claim, operands: Operands, kind: str) -> NDArray[np.bool_]:
    """Operands that are finite and whose result overflows; those that the mode brings back are none of the kind ``overflow``."""
    how = replace(claim.projection, bits=0, rounding=Rounding.AWAY_FROM_ZERO if kind == "beyond" else claim.projection.rounding)
    if claim.operation == "convert":
        flags = convert(operands[0], claim.operands[0], claim.result, how)[1]
        negative = _negative(claim.operands[0], operands[0])
    else:
        nearest, flags = operate(claim.operation, claim.operands, operands, claim.result, replace(how, overflow=Overflow.SATURATE_FINITE))
        negative = _negative(claim.result, nearest)
    over = flags & (INVALID if isinstance(claim.result, Fixed) else OVERFLOW) != 0
    over &= ~_any(is_nan, claim, operands) & ~_any(_infinite, claim, operands)
    if kind == "overflow":
        over &= ~np.where(negative, *(directed_inwards(claim.projection.rounding, sign) for sign in (True, False)))
    return np.asarray(over)


def _without_number(claim: Claim, operands: Operands) -> NDArray[np.bool_]:
    """Operands on which an operation has no number as its exact result: the reference says so, one by one."""
    exact = operation(claim.operation, *claim.operands, to=claim.result, projection=claim.projection)
    rows = zip(*(codes.tolist() for codes in operands), strict=True)
    return np.array([not isinstance(exact(*row).exact, Finite) for row in rows], dtype=bool)


def _unused(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    """Which codes convert into others of their own format."""
    return differ(fmt, convert(codes, fmt, fmt, Projection(overflow=Overflow.SATURATE_PROPAGATE))[0], codes)


def _infinite(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    if not fmt.has_infinity:
        return np.zeros(len(codes), dtype=bool)
    return np.isin(codes, np.array([fmt.infinity(), fmt.infinity(fmt.signed)], dtype=codes.dtype))


def _negative(fmt: Format, codes: Codes) -> NDArray[np.bool_]:
    """Which codes have a minus sign and are no NaNs."""
    if not getattr(fmt, "signed", True):
        return np.zeros(len(codes), dtype=bool)
    return np.asarray(~is_nan(fmt, codes) & (codes >> codes.dtype.type(fmt.width - 1) != 0))
