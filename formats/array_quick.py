"""Where binary64 is an exact carrier, and formats and projections as its kernels see them: see ``refmath.kernels.quick``."""

from functools import lru_cache
from typing import Any

import numpy as np

from formats.arithmetic import Bound, BoundCode
from formats.array_layout import Codes, choices, layout
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.projection import NaNs, Negatives, Projection
from refmath.flags import INVALID
from refmath.operations.environment import Dialect
from refmath.overflow import Outcome
from refmath.rounding import Rounding, round_code
from refmath.underflow import Subnormals, Tininess

U = np.uint64
REACH = 250
"""Exponents of operands and results stay so near to 0 that no product or quotient leaves the range of binary64, nor what a sum loses."""
WRAPPED = list(Outcome).index(Outcome.WRAP)
QUICK = {"add": 26, "subtract": 26, "multiply": 26, "divide": 25, "sqrt": 24, "fma": 26, "convert": 53}
"""Operations with such a kernel, and the longest significand of an operand."""
LONGEST_RESULT = {"divide": 25, "sqrt": 24}
LONGEST = 50


def is_quick(bound: Bound | BoundCode) -> bool:
    """Whether an operation that the array engine computes has a kernel on binary64 that is exact."""
    to, how, name = bound.to, bound.how, bound.op.name
    if isinstance(to, Fixed):
        return name == "convert" and all(unpacks(f, QUICK[name], name) for f in bound.formats) and _fits_fixed(to, how)
    if name not in QUICK or not isinstance(to, Float) or not all(unpacks(f, QUICK[name], name) for f in bound.formats):
        return False
    near = abs(to.emin) < REACH and to.emin - to.trailing > -REACH and to.emin + (to.greatest() >> to.trailing) < REACH
    plain = to.subnormals and to.signed and _has_one_nan(to, how) and to.trailing >= 1 and to.precision <= LONGEST_RESULT.get(name, LONGEST) and to.width <= 32
    kept = not how.nans.keeps and how.results is Subnormals.KEEP and how.operands is Subnormals.KEEP
    first = bound.formats[0]
    dialect = bound.dialect is Dialect.IEEE754 or not to.has_negative_zero or (name == "convert" and first is not None and not first.has_negative_zero)
    wrapped = WRAPPED in (choices(to, how).overflow, choices(to, how).overflow_negative)
    fused = name != "fma" or how.nans is NaNs.CANONICAL
    return near and plain and kept and dialect and fused and not wrapped and not how.rounding.stochastic


def _has_one_nan(to: Format, how: Projection) -> bool:
    """Whether one code stands for all NaNs."""
    return to.has_nan or bool(choices(to, how).nan == choices(to, how).nan_negative)


def _one_way(to: Format, how: Projection) -> bool:
    """Whether one code stands for all NaNs, and what is negative in a format without a sign is out of range like all else."""
    return _has_one_nan(to, how) and (to.signed or how.negatives is Negatives.OVERFLOW)


def _fits_fixed(to: Fixed, how: Projection) -> bool:
    """Whether every result of a conversion into fixed point is a step, a limit, or one code for all NaNs."""
    if to.width > 32 or abs(to.fraction_bits) > REACH or how.rounding.stochastic or how.operands is not Subnormals.KEEP:
        return False
    c = choices(to, how)
    return _one_way(to, how) and max(c.overflow, c.overflow_negative) < WRAPPED


def unpacks(f: Format | None, longest: int, name: str) -> bool:
    """Whether binary64 holds the operands of a kernel, which have significands of at most so many bits."""
    if not isinstance(f, Float) or not f.subnormals or f.explicit_integer_bit or f.precision > longest or f.trailing < 1:
        return False
    if name == "convert" and f.width == 64:
        return f.exponent_bits == 11 and f.bias == 1023
    return f.width <= 32 and f.emin - f.trailing > -REACH and f.emin + (f.greatest() >> f.trailing) < REACH and f.emin > -REACH


@lru_cache(maxsize=1024)
def unpacking(f: Float) -> Any:
    """A format of operands."""
    from refmath.kernels.quick import Unpacking

    m, magnitude_bits = f.trailing, f.width - f.signed
    special_zero = f.specials in (Specials.FNUZ, Specials.P3109_EXTENDED, Specials.P3109_FINITE) and f.signed
    return Unpacking(
        sign=U(1 << (f.width - 1) if f.signed else 0),
        sign_shift=U(64 - f.width),
        magnitude=U((1 << magnitude_bits) - 1),
        shift=U(52 - m),
        rebias=U((1023 + f.emin - 1) << 52),
        least_normal=U(1 << m),
        step=2.0 ** (f.emin - m),
        infinity=U(f.greatest() + 1 if f.has_infinity else (1 << 63)),
        greatest=U(f.greatest() + f.has_infinity),
        nan=U(f.nan() if special_zero else (1 << 64) - 1),  # without such a code, one that is a NaN of binary64 and none of any other format
        quiet=U(1 << (m - 1) if f.specials is Specials.IEEE else (1 << 64) - 1),
    )


def delivered(to: Format, how: Projection, outcome: int, negative: bool) -> tuple[Any, int]:
    """The code and flags of what is out of range."""
    f, c = layout(to), choices(to, how)
    limit, infinity, nan = (f.negative_limit, f.negative_infinity, c.invalid_negative) if negative else (f.limit, f.infinity, c.invalid)
    return ((limit, f.range_flags), (infinity, 0), (nan, INVALID))[outcome]


@lru_cache(maxsize=1024)
def fixed_packing(to: Fixed, how: Projection, dialect: Dialect) -> Any:
    """Fixed point under a projection."""
    from refmath.kernels.quick import FixedPacking

    f, c = layout(to), choices(to, how)
    return FixedPacking(
        unit=1023 - to.fraction_bits,
        up=U(_goes_up(how.rounding)),
        greatest=f.greatest,
        greatest_negative=f.greatest_negative,
        mask=U(to.codes - 1),
        overflow=delivered(to, how, c.overflow, False)[0],
        overflow_negative=delivered(to, how, c.overflow_negative, True)[0],
        infinite=delivered(to, how, c.infinite, False)[0],
        infinite_negative=delivered(to, how, c.infinite_negative, True)[0],
        nan=c.nan,
        ieee=U((1 << 64) - 1 if dialect is Dialect.IEEE754 else 0),
    )


@lru_cache(maxsize=1024)
def packing(to: Float, how: Projection, dialect: Dialect) -> Any:
    """A format of results under a projection: codes of special data as the kernels for any format have them."""
    from refmath.kernels.quick import Packing

    f, c = layout(to), choices(to, how)

    infinite, infinite_negative = delivered(to, how, c.infinite, False), delivered(to, how, c.infinite_negative, True)
    return Packing(
        least_exponent=1023 + to.emin,
        trailing=to.trailing,
        up=U(_goes_up(how.rounding)),
        greatest=f.greatest,
        greatest_negative=f.greatest_negative,
        sign=U(1 << (to.width - 1) if to.signed else 0),
        overflow=delivered(to, how, c.overflow, False)[0],
        overflow_negative=delivered(to, how, c.overflow_negative, True)[0],
        infinite=infinite[0],
        infinite_negative=infinite_negative[0],
        infinite_flags=U(infinite[1]),
        infinite_negative_flags=U(infinite_negative[1]),
        nan=c.nan,
        nan_flags=U(0 if to.has_nan else INVALID),
        zeros=c.vanished_negative,
        zero_sum=U((1 << 63) if how.rounding is Rounding.TOWARD_NEGATIVE else 0),
        ieee=U((1 << 64) - 1 if dialect is Dialect.IEEE754 else 0),
        pole=float("inf") if dialect is Dialect.IEEE754 else float("nan"),
        tiny_after=how.tininess is Tininess.AFTER,
        ones=U((1 << to.precision) - 1),
    )


@lru_cache(maxsize=32)
def _goes_up(mode: Rounding) -> int:
    """The mode as a table, by the reference: two refinement bits stand for guard and sticky."""
    up = 0
    for index in range(16):
        negative, odd, guard, sticky = bool(index & 8), index >> 2 & 1, index >> 1 & 1, index & 1
        rounded, _ = round_code(odd << 1 | guard, 1, not sticky, negative, mode)
        up |= (rounded - odd) << index
    return up


def run_quick(bound: Bound | BoundCode, given: tuple[Codes, ...], out: Codes, flags: Codes | None) -> None:
    """The kernel of an operation for which ``is_quick`` holds, on arrays of codes in their own types; no flags where None stands for them.

    A kernel is compiled for a type of operands and one of results: operands of several types are taken in the widest.
    """
    from refmath.kernels import quick

    name, kind = bound.op.name, max((codes.dtype for codes in given), key=lambda dtype: dtype.itemsize)
    given = tuple(codes.astype(kind, copy=False) for codes in given)
    formats = tuple(unpacking(f) for f in bound.formats if isinstance(f, Float))
    if isinstance(bound.to, Fixed):
        quick.convert_to_fixed(*given, *formats, fixed_packing(bound.to, bound.how, bound.dialect), out, flags)
        return
    assert isinstance(bound.to, Float)
    c = packing(bound.to, bound.how, bound.dialect)
    if name in ("add", "subtract"):
        quick.add(*given, *formats, c, U((1 << 63) if name == "subtract" else 0), out, flags)
    else:
        getattr(quick, name)(*given, *formats, c, out, flags)
