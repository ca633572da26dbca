"""Formats and projections as the array engine sees them: plain integers, every policy resolved by the reference itself."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.datum import Finite, NaN
from refmath.errors import RefmathError
from refmath.overflow import Outcome
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

Codes = NDArray[Any]
"""Codes as unsigned integers; Python integers (``object``) beyond 64 bits."""

_SUBNORMALS = list(Subnormals)
_OUTCOMES = list(Outcome)
_ROUNDINGS = list(Rounding)
_NEGATIVES = list(Negatives)


def dtype(fmt: Format) -> np.dtype[Any]:
    """The NumPy type that holds codes of a format."""
    for bits in (8, 16, 32, 64):
        if fmt.width <= bits:
            return np.dtype(f"u{bits // 8}")
    return np.dtype(object)


def has_engine(fmt: Format) -> bool:
    """Whether the array engine handles a format."""
    if isinstance(fmt, Fixed):
        return fmt.width <= 64 and abs(fmt.fraction_bits) < 1 << 20
    if not isinstance(fmt, Float):
        return False
    return fmt.width <= 64 and (fmt.subnormals or fmt.trailing == 0) and not fmt.explicit_integer_bit and fmt.exponent_bits <= 24 and abs(fmt.bias) < 1 << 25


def is_carried(fmt: Format) -> bool:
    """Whether the array engine's carrier holds the data of a format whose codes it cannot hold: x87's, of 64 significand bits."""
    return isinstance(fmt, Float) and fmt.explicit_integer_bit and fmt.precision <= 64 and fmt.exponent_bits <= 24


@lru_cache(maxsize=4096)
def layout(fmt: Format) -> Any:
    """A format as the kernels see it."""
    from refmath.kernels.layout import FIXED, FLOAT, Layout

    fixed = isinstance(fmt, Fixed)
    assert isinstance(fmt, Float | Fixed)
    # Without trailing bits nothing but zero lies below the least power of two, with subnormal numbers or without.
    bare = isinstance(fmt, Float) and fmt.has_zero and fmt.trailing == 0
    return Layout(
        family=FIXED if fixed else FLOAT,
        width=fmt.width,
        signed=int(fmt.signed),
        trailing=fmt.fraction_bits if isinstance(fmt, Fixed) else fmt.trailing,
        emin=0 if isinstance(fmt, Fixed) else 1 - fmt.bias if bare else fmt.emin,
        subnormals=int(isinstance(fmt, Fixed) or fmt.subnormals or bare),
        has_zero=int(fmt.has_zero),
        has_negative_zero=int(fmt.has_negative_zero),
        has_infinity=int(fmt.has_infinity),
        has_nan=int(fmt.has_nan),
        quiet_bit=np.uint64(1 << (fmt.trailing - 1) if isinstance(fmt, Float) and fmt.specials is Specials.IEEE else 0),
        greatest=np.uint64(fmt.greatest()),
        greatest_negative=np.uint64(max(fmt.greatest(True), 0)),
        least_normal=np.uint64(fmt.least_normal or 0),
        zero=np.uint64(fmt.zero() if fmt.has_zero else 0),
        negative_zero=np.uint64(fmt.zero(True) if fmt.has_zero else 0),
        nan=np.uint64(fmt.nan() if fmt.has_nan else 0),
        negative_nan=np.uint64(fmt.nan(NaN(True)) if fmt.has_nan else 0),
        infinity=np.uint64(fmt.infinity() if fmt.has_infinity else 0),
        negative_infinity=np.uint64(fmt.infinity(True) if fmt.has_infinity and fmt.signed else 0),
        limit=np.uint64(fmt.limit()),
        negative_limit=np.uint64(fmt.limit(True)),
        range_flags=fmt.range_flags,
    )


@lru_cache(maxsize=4096)
def choices(fmt: Format, how: Projection) -> Any:
    """A projection into a format as the kernels see it: its policies resolved by the reference itself."""
    from refmath.kernels.layout import Choices

    substitute = how if how.absent_nan is not AbsentNaN.REFUSE or fmt.has_nan else replace(how, absent_nan=AbsentNaN.GREATEST)
    toward_zero = replace(substitute, rounding=Rounding.TOWARD_ZERO, bits=0, results=Subnormals.KEEP)
    tiny = mpq(fmt.value(fmt.least)) / 4
    return Choices(
        mode=_ROUNDINGS.index(how.rounding),
        bits=how.bits,
        tininess_before=int(how.tininess is Tininess.BEFORE),
        results=_SUBNORMALS.index(how.results),
        operands=_SUBNORMALS.index(how.operands),
        propagate=int(how.nans.keeps),
        overflow=_OUTCOMES.index(fmt.outcome(False, False, how)),
        overflow_negative=_OUTCOMES.index(fmt.outcome(False, True, how)),
        infinite=_OUTCOMES.index(fmt.outcome(True, False, how)),
        infinite_negative=_OUTCOMES.index(fmt.outcome(True, True, how)),
        nan=np.uint64(fmt.round(NaN(False), substitute)),
        nan_negative=np.uint64(fmt.round(NaN(True), substitute)),
        invalid=np.uint64(fmt.nan() if fmt.has_nan else fmt.round(NaN(False), substitute)),
        invalid_negative=np.uint64(fmt.nan() if fmt.has_nan else fmt.round(NaN(True), substitute)),
        vanished=np.uint64(fmt.round(Finite(mpq(0), False), substitute)),
        vanished_negative=np.uint64(fmt.round(Finite(mpq(0), True), substitute)),
        vanished_flags=int(fmt.project(Finite(mpq(0), False), substitute)[1]),
        underflowed=np.uint64(fmt.round(tiny, toward_zero)),
        underflowed_negative=np.uint64(fmt.round(-tiny, replace(toward_zero, negatives=Negatives.OVERFLOW))),
        underflowed_flags=int(fmt.project(tiny, toward_zero)[1]),
        negatives=_NEGATIVES.index(how.negatives),
    )


@lru_cache(maxsize=4096)
def is_resolved(fmt: Format, how: Projection) -> bool:
    """Whether ``choices`` has all codes: it has none where a zero stands for a NaN, and the format has neither."""
    return fmt.has_nan or fmt.has_zero or not how.absent_nan.is_zero


def decode_extended(codes: Codes, source: Float, flush: Subnormals) -> tuple[Codes, Codes, Codes, Codes]:
    """Kinds, signs, sigs and exps of codes with a stored integer bit, as ``refmath.kernels.scalar.decode`` gives them."""
    from refmath.kernels.scalar import FINITE, INFINITE, NAN, SIGNALLING, ZERO

    m = source.trailing
    stored = (codes & ((1 << (m + 1)) - 1)).astype(np.uint64)
    head = (codes >> (m + 1)).astype(np.uint64)
    negatives = head >> np.uint64(source.exponent_bits) != 0
    exponents = (head & np.uint64((1 << source.exponent_bits) - 1)).astype(np.int64)
    integer, fraction = stored >> np.uint64(m) != 0, stored & np.uint64((1 << m) - 1)
    special, quiet = exponents == (1 << source.exponent_bits) - 1, np.uint64(1 << (m - 1))
    kinds = np.where(stored == 0, ZERO, FINITE)
    kinds = np.where(special & integer, np.where(fraction == 0, INFINITE, np.where(fraction & quiet != 0, NAN, SIGNALLING)), kinds)
    invalid = (exponents > 0) & ~integer
    kinds = np.where(invalid, SIGNALLING, kinds)
    payloads = np.where(invalid, np.uint64(0), (fraction & (quiet - np.uint64(1))) << np.uint64(65 - m))
    sigs = np.where(kinds >= NAN, payloads, stored)
    if flush is not Subnormals.KEEP:
        subnormal = (exponents == 0) & ~integer & (stored != 0)
        kinds = np.where(subnormal, ZERO, kinds)
        negatives &= ~subnormal | (flush is Subnormals.SIGNED_ZERO)
    return kinds, negatives, sigs, np.maximum(exponents, 1) - source.bias - m


def as_codes(operand: Any, fmt: Format | None) -> Codes:
    """An array of codes, in the type that holds them; where ``fmt`` is None, integers as they stand. ``RefmathError`` for anything else."""
    array = np.asarray(operand)
    if fmt is None:
        if array.dtype.kind not in "iuO":
            raise RefmathError(f"An operand that has to be an integer is given as {array.dtype}; give an array of integers.")
        return array
    if array.dtype.kind not in "iuO":
        raise RefmathError(f"Codes of {fmt.name} are unsigned integers, not {array.dtype}; to convert values, see Format.from_float.")
    kind = dtype(fmt)
    if array.size and (array.dtype != kind or fmt.width < 8 * kind.itemsize):
        for extreme in (array.min(), array.max()):
            fmt.check_code(extreme)
    return array.astype(kind, copy=False)
