"""Dot products of arrays of codes, row by row, by any model of accumulation: aligned groups by a kernel, other models by the scalar ones.

``dots("h100", "binary16", xs, ys, to="binary32", c=cs)`` takes arrays of (rows, k) codes and gives, of each row, the code and the flags that ``formats.accumulate.dot`` gives.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formats.accumulate import Codes as Row
from formats.accumulate import Scales, dot
from formats.array_layout import Codes, as_codes, choices, dtype, has_engine, layout
from formats.array_run import in_threads
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import parse
from formats.projection import Projection
from formats.word_arrays import rule
from refmath.accumulation.aligned import ONES, Aligned, NaNResult, When
from refmath.accumulation.model import Model
from refmath.accumulation.notation import parse as parse_model
from refmath.datum import NaN
from refmath.errors import RefmathError, quote
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

Flags = NDArray[np.uint8]

ROWS = 1 << 12
"""Rows a kernel gets at once."""
CARRIED = 62
"""Bits of a sum that the kernel holds beside the sign."""
NOWHERE = -(1 << 40)


@dataclass(frozen=True)
class BlockScales:
    """Block scales of two arrays: arrays of (rows, blocks) codes, one for each block of so many elements of a row."""

    format: Format
    xs: Codes
    ys: Codes
    block: int


def dots(
    model: Model | str,
    of: Format | str | tuple[Format | str, Format | str],
    xs: Codes,
    ys: Codes,
    to: Format | str | None = None,
    c: Codes | None = None,
    scales: BlockScales | None = None,
    projection: Projection | None = None,
    engine: str | None = None,
) -> tuple[Codes, Flags]:
    """The dot products of the rows of two arrays of codes, of (rows, k), with addends ``c`` of (rows,) codes of the result format where they are given.

    Codes and flags of (rows,). ``to``: the format of the sums; that of the first operands where it is not stated. ``engine``: "array" or "reference"; the first where it is
    exact. Errors: ``RefmathError`` for arrays of other shapes, for what are no codes, for what the model cannot sum, and for an engine that is not exact here.
    """
    f, g = (_format(one) for one in (of if isinstance(of, tuple) else (of, of)))
    target, bound = _format(to) if to is not None else f, parse_model(model) if isinstance(model, str) else model
    how = projection or target.default
    a, b = as_codes(xs, f), as_codes(ys, g)
    if a.ndim != 2 or a.shape != b.shape:
        raise RefmathError(f"Arrays of {_shape(a)} and {_shape(b)} codes have no dot products by rows; give both the shape (rows, k).")
    addends = as_codes(c, target) if c is not None else np.empty(0, dtype(target))
    if c is not None and addends.shape != a.shape[:1]:
        raise RefmathError(f"{_shape(addends)} addends do not go with {a.shape[0]:,} rows; give one for each.")
    _check_scales(scales, a.shape)
    objection = why_not(bound, f, g, target, how, a.shape[1], scales)
    if engine not in (None, "array", "reference"):
        raise RefmathError(f"{quote(engine)} is not an engine for dot products; use array or reference.")
    if engine == "array" and objection:
        raise RefmathError(f"The array engine does not take these dot products: {objection}.")
    if objection or engine == "reference":
        return _by_reference(bound, (f, g), a, b, target, addends, scales, how, range(len(a)))
    return _by_kernel(bound, f, g, a, b, target, addends, scales, how)


def why_not(model: Model, f: Format, g: Format, to: Format, how: Projection, k: int, scales: BlockScales | None = None) -> str:
    """Why the kernel does not take the dot products of k products; empty where it does, exactly."""
    if not isinstance(model, Aligned):
        return f"only aligned groups have a kernel, and {model} is none"
    if not k:
        return "there are no products"
    for one in (f, g, to, *(() if scales is None else (scales.format,))):
        if not isinstance(one, Float | Fixed) or not has_engine(one):
            return f"no kernel decodes {one.name}"
    if not isinstance(to, Float) or to.dialect is not Dialect.IEEE754 or not to.has_nan:
        return f"the kernel sums into floats of IEEE 754 that have a NaN, not into {to.name}"
    if how.rounding.stochastic or how.overflow in (Overflow.ERROR, Overflow.WRAP):
        return "random bits, and an overflow that wraps or is an error, are the reference's"
    if model.presum > 1 and scales is not None and scales.block % model.presum:
        return f"blocks of {scales.block} have parts of sums of {model.presum}"
    return _too_wide(model, f, g, to, k, scales)


def _too_wide(model: Model, f: Format, g: Format, to: Format, k: int, scales: BlockScales | None) -> str:
    """Why 64 bits do not hold the significands or the sums."""
    assert isinstance(model, Aligned)
    bits = _precision(f) + _precision(g)
    above, terms = 2, min(model.group or k, k)
    if model.presum > 1:
        low, high = _spread(f, g)
        above = max(high + bits + model.presum.bit_length(), 0)
        bits += high - low + model.presum.bit_length()
        terms = -(-terms // model.presum)
    if scales is not None:
        bits, above = bits + 2 * _precision(scales.format), above + 2
    least = max((x for x in (model.fraction, model.sum_fraction, model.c_fraction) if model.c is When.LATE or x == model.fraction), default=0)
    if bits > CARRIED or max(bits, above + least + (terms + 1).bit_length() + 2, _precision(to) + 2) > CARRIED:
        return f"sums of {model} need more bits than the carrier has"
    return ""


def _precision(f: Format) -> int:
    return f.precision if isinstance(f, Float) else f.width


def _spread(f: Format, g: Format) -> tuple[int, int]:
    """The exponents of the last bits of the least and of the greatest product."""

    def ends(x: Format) -> tuple[int, int]:
        if isinstance(x, Fixed):
            return -x.fraction_bits, -x.fraction_bits
        assert isinstance(x, Float)
        return x.emin - x.trailing, x.emin + (x.greatest() >> x.trailing) - x.trailing

    (low1, high1), (low2, high2) = ends(f), ends(g)
    return low1 + low2, high1 + high2


@lru_cache(maxsize=256)
def plan(model: Aligned, f: Format, g: Format, s: Format | None, to: Format, how: Projection, k: int) -> Any:
    """A model as the kernel sees it."""
    from refmath.kernels.aligned import Plan

    def emin(x: Format | None) -> int:
        return x.emin if isinstance(x, Float) else NOWHERE

    return Plan(
        group=min(model.group or k, k),
        presum=model.presum,
        interleave=model.interleave,
        fraction=model.fraction,
        keep=_ups(model.keep),
        final=_ups(model.final),
        cuts=int(model.final_fraction is not None),
        final_fraction=model.final_fraction or 0,
        final_emin=model.final_emin,
        zero=_or(model.zero, NOWHERE),
        least=_or(model.least, NOWHERE),
        limit=_or(model.limit, -NOWHERE),
        late=int(model.c is When.LATE),
        sum_fraction=model.sum_fraction,
        c_fraction=model.c_fraction,
        c_range=_or(model.c_range, -2 * NOWHERE),
        flush=list(Subnormals).index(how.operands),
        nan=np.uint64(to.nan(ONES if model.nan is NaNResult.ONES else NaN())),
        grid=_spread(f, g)[0],
        emin1=emin(f),
        emin2=emin(g),
        emin_scale=emin(s),
        emin=emin(to),
    )


def _ups(mode: Rounding) -> Any:
    """What a mode does, as ``formats.word_arrays.rule`` tells it."""
    return rule(parse("posit8"), Projection(rounding=mode, overflow=Overflow.POSIT)).ups


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _by_kernel(
    model: Model, f: Format, g: Format, xs: Codes, ys: Codes, to: Format, c: Codes, scales: BlockScales | None, how: Projection
) -> tuple[Codes, Flags]:
    from refmath.kernels import aligned

    assert isinstance(model, Aligned)
    s = None if scales is None else scales.format
    made = plan(model, f, g, s, to, how, xs.shape[1])
    mode = model.final if model.final_fraction is None else Rounding.NEAREST_EVEN
    formats, into = (layout(f), layout(g), layout(s or f)), (layout(to), choices(to, replace(how, rounding=mode, bits=0)))
    scaling = [np.zeros((len(xs), 1), np.uint8)] * 2 if scales is None else [scales.xs, scales.ys]
    out, flags = np.empty(len(xs), dtype(to)), np.empty(len(xs), np.uint8)

    def work(start: int, stop: int) -> None:
        a, b, s1, s2, addends = (x[start:stop].astype(np.uint64) for x in (xs, ys, *scaling, c))
        given, found = aligned.Factors(a, b, s1, s2, 0 if scales is None else scales.block, *formats), np.empty(stop - start, np.uint64)
        aligned.dots(given, addends, *into, made, found, flags[start:stop])
        out[start:stop] = found

    in_threads(work, len(out), ROWS)
    undecided = np.flatnonzero(flags & aligned.UNDECIDED)
    if len(undecided):
        out[undecided], flags[undecided] = _by_reference(model, (f, g), xs, ys, to, c, scales, how, undecided.tolist())
    return out, flags


def _by_reference(
    model: Model, of: tuple[Format, Format], xs: Codes, ys: Codes, to: Format, c: Codes, scales: BlockScales | None, how: Projection, rows: "range | list[int]"
) -> tuple[Codes, Flags]:
    out, flags = np.empty(len(rows), dtype(to)), np.empty(len(rows), np.uint8)
    for at, row in enumerate(rows):
        own = None if scales is None else Scales(scales.format, _row(scales.xs, row), _row(scales.ys, row), scales.block)
        addend = int(c[row]) if len(c) else None
        out[at], flags[at] = dot(model, of, _row(xs, row), _row(ys, row), to, addend, scales=own, projection=how)
    return out, flags


def _row(codes: Codes, row: int) -> Row:
    found: list[int] = codes[row].tolist()
    return found


def _check_scales(scales: BlockScales | None, shape: tuple[int, ...]) -> None:
    if scales is None:
        return
    if scales.block < 1:
        raise RefmathError(f"A block of {scales.block} elements is impossible; give an integer from 1 up.")
    wanted = (shape[0], -(-shape[1] // scales.block))
    for codes in (scales.xs, scales.ys):
        if as_codes(codes, scales.format).shape != wanted:
            raise RefmathError(f"Scales of the shape {_shape(codes)} do not go with blocks of {scales.block} elements; give {wanted[0]:,} x {wanted[1]:,}.")


def _shape(codes: Codes) -> str:
    return " x ".join(f"{n:,}" for n in np.shape(codes)) or "1"


def _format(f: Format | str) -> Format:
    return parse(f) if isinstance(f, str) else f
