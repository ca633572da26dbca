"""Arrays in, arrays out: conversion of many codes at once, by the engine that is exact.

The array engine (``refmath.kernels``) runs wherever its 64-bit carrier holds codes and significands; elsewhere the reference does.
Codes are unsigned integers: ``uint8`` to ``uint64`` by the width of the format, Python integers (``object``) beyond 64 bits.
"""

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
from refmath.overflow import Outcome, Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

Codes = NDArray[Any]

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


def engine_for(source: Format, target: Format, how: Projection) -> str:
    """``array`` or ``reference``: which engine converts."""
    bits_fit = not how.rounding.stochastic or (how.rounding.needs_bits and how.bits <= 61)
    delivers = how.overflow is not Overflow.ERROR
    return "array" if (has_engine(source) or is_carried(source)) and has_engine(target) and bits_fit and delivers else "reference"


def convert(
    codes: Codes, source: Format, target: Format, how: Projection | None = None, random: Codes | int = 0, engine: str | None = None
) -> tuple[Codes, NDArray[np.uint8]]:
    """Codes of ``source`` converted into codes of ``target`` of the same shape, and the flags each raises.

    ``how`` defaults to the target's own projection; ``random`` is R, one for all or one each. Errors: ``RefmathError`` where a
    result has no code and the projection names no substitute.
    """
    how = how or target.default
    chosen = engine or engine_for(source, target, how)
    flat = np.ascontiguousarray(codes).reshape(-1)
    draws = np.broadcast_to(np.asarray(random, dtype=np.uint64 if how.bits <= 64 else object).reshape(-1), flat.shape if np.ndim(random) else (1,))
    if chosen == "array":
        out, flags = _by_kernel(flat, source, target, how, draws)
    else:
        out, flags = _by_reference(flat, source, target, how, draws)
    shape = np.shape(codes)
    return out.astype(dtype(target)).reshape(shape), flags.reshape(shape)


def _by_kernel(codes: Codes, source: Format, target: Format, how: Projection, random: Codes) -> tuple[Codes, NDArray[np.uint8]]:
    from refmath.kernels import convert as kernel

    if how.absent_nan is AbsentNaN.REFUSE and not target.has_nan:
        _refuse_nan(codes, source, target, how)
    out, flags = np.empty(len(codes), np.uint64), np.empty(len(codes), np.uint8)
    draws = np.ascontiguousarray(random, dtype=np.uint64)
    if is_carried(source):
        assert isinstance(source, Float)
        kernel.convert_decoded(*decode_extended(codes, source, how.operands), layout(target), choices(target, how), draws, out, flags)
        return out, flags
    wide = codes.astype(np.uint64)
    if source.width < 64 and len(wide) and int(wide.max()) >> source.width:
        raise RefmathError(f"{int(wide.max()):#x} is not a code of {source.name}, which has {source.width} bits.")
    kernel.convert(wide, layout(source), layout(target), choices(target, how), draws, out, flags)
    return out, flags


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


def _by_reference(codes: Codes, source: Format, target: Format, how: Projection, random: Codes) -> tuple[Codes, NDArray[np.uint8]]:
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes), np.uint8)
    for i, code in enumerate(codes.tolist()):
        out[i], flags[i] = target.project(source.operand(code, how.operands), how, int(random[min(i, len(random) - 1)]))
    return out, flags


def _refuse_nan(codes: Codes, source: Format, target: Format, how: Projection) -> None:
    """``RefmathError`` where a code would need the NaN that the target lacks: found by the substitute that no finite value shares."""
    one, _ = _by_kernel(codes, source, target, replace(how, absent_nan=AbsentNaN.GREATEST), np.zeros(1, np.uint64))
    two, _ = _by_kernel(codes, source, target, replace(how, absent_nan=AbsentNaN.ZERO), np.zeros(1, np.uint64))
    if (differing := np.nonzero(one != two)[0]).size:
        target.project(source.decode(int(codes[differing[0]])), how)


@lru_cache(maxsize=4096)
def layout(fmt: Format) -> Any:
    """A format as the kernels see it."""
    from refmath.kernels.layout import FIXED, FLOAT, Layout

    fixed = isinstance(fmt, Fixed)
    assert isinstance(fmt, Float | Fixed)
    return Layout(
        family=FIXED if fixed else FLOAT,
        width=fmt.width,
        signed=int(fmt.signed),
        trailing=fmt.fraction_bits if isinstance(fmt, Fixed) else fmt.trailing,
        emin=0 if isinstance(fmt, Fixed) else fmt.emin,
        subnormals=int(isinstance(fmt, Fixed) or fmt.subnormals or (fmt.has_zero and fmt.trailing == 0)),
        has_zero=int(fmt.has_zero),
        has_negative_zero=int(fmt.has_negative_zero),
        has_infinity=int(fmt.has_infinity),
        has_nan=int(fmt.has_nan),
        quiet_bit=np.uint64(1 << (fmt.trailing - 1) if isinstance(fmt, Float) and fmt.specials is Specials.IEEE else 0),
        explicit_integer_bit=0,
        greatest=np.uint64(fmt.greatest()),
        greatest_negative=np.uint64(max(fmt.greatest(True), 0)),
        least_normal=np.uint64(fmt.least_normal or 0),
        zero=np.uint64(fmt.zero() if fmt.has_zero else 0),
        negative_zero=np.uint64(fmt.zero(True) if fmt.has_zero else 0),
        nan=np.uint64(fmt.nan() if fmt.has_nan else 0),
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


__all__ = ["Codes", "choices", "convert", "dtype", "engine_for", "has_engine", "layout"]
