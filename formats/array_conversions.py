"""Conversions of arrays of codes, by the engine that is exact: kernels, look-ups of the runs of a conversion, the reference.

``convert`` is the operation of that name on arrays: where a format is of P3109 or a posit, a NaN that signals raises nothing, and for posits an infinity is a NaR.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from formats import array_operations, reference_arrays, word_arrays
from formats.arithmetic import Bound, BoundCode, bind, conversion_dialect
from formats.array_layout import Codes, as_codes, choices, decode_extended, dtype, has_engine, is_carried, is_resolved, layout
from formats.array_lookup import Lookup, lookup_for, run_lookup
from formats.array_plan import MAX_RANDOM_BITS
from formats.array_run import in_threads, run_in_chunks
from formats.family import Format
from formats.floats import Float
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.datum import Finite
from refmath.errors import RefmathError, quote
from refmath.flags import INVALID
from refmath.operations.environment import Dialect
from refmath.overflow import Outcome, Overflow
from refmath.rounding import check_random

Flags = NDArray[np.uint8]

ENGINES = ("array", "reference")


def draws_of(random: Codes | int, how: Projection, shape: tuple[int, ...]) -> Codes:
    """R for every element, flat: of length 1 where it is one for all; Python integers where they do not fit into the random bits."""
    draws = np.asarray(random, dtype=None if how.bits <= MAX_RANDOM_BITS else object)
    draws = draws.astype(np.uint64 if how.bits <= MAX_RANDOM_BITS and not _misfit(draws, how) else object)
    if draws.ndim == 0:
        return draws.reshape(1)
    try:
        return np.ascontiguousarray(np.broadcast_to(draws, shape)).reshape(-1)
    except ValueError:
        raise RefmathError(f"Random operands of the shape {draws.shape} do not go with results of {shape}; give one for all, or one for each.") from None


def _misfit(draws: Codes, how: Projection) -> str:
    """Why random operands do not go with the random bits of a mode; empty where they do. Results that nothing is drawn for do not need them."""
    try:
        for extreme in (draws.min(), draws.max()) if how.rounding.stochastic and draws.size else ():
            check_random(how.rounding, how.bits, int(extreme))
    except RefmathError as error:
        return str(error)
    return ""


def wanted(engine: str | None, draws: Codes, how: Projection) -> str | None:
    """The engine that is wanted: the reference where random operands do not fit, for it refuses them where one is drawn, and nowhere else."""
    why = _misfit(draws, how)
    if why and engine not in (None, "reference"):
        raise RefmathError(why)
    return "reference" if why else engine


def why_not(source: Format, target: Format, how: Projection) -> str:
    """Why no kernel converts; empty where one does, exactly."""
    if word_arrays.is_direct(source, target, how) or _reads_words(source, target, how):
        return ""
    for f in (source, target):
        if not has_engine(f) and not (f is source and is_carried(f)):
            return f"no kernel {'decodes' if f is source else 'converts into'} {f.name}"
    if how.rounding.stochastic and not (how.rounding.needs_bits and how.bits <= MAX_RANDOM_BITS):
        return f"the kernels hold at most {MAX_RANDOM_BITS} random bits"
    if how.overflow is Overflow.ERROR:
        return "an overflow that is an error is told by the reference"
    return "" if is_resolved(target, how) else "the zero that takes the place of a NaN has no code"


def engine_for(source: Format, target: Format, how: Projection) -> str:
    """``array`` or ``reference``: which engine converts."""
    return "reference" if why_not(source, target, how) else "array"


def convert(
    codes: Codes, source: Format, target: Format, how: Projection | None = None, random: Codes | int = 0, engine: str | None = None
) -> tuple[Codes, Flags]:
    """Codes of ``source`` converted into codes of ``target`` of the same shape, and the flags each raises.

    ``how`` defaults to the target's own projection; ``random`` is R, one for all or one each; ``engine``: ``array`` or ``reference``, the fastest that is exact
    where it is None. Errors: ``RefmathError`` where a result has no code and the projection names no substitute, and for an engine that is not exact here.
    """
    how, shape = how or target.default, np.shape(codes)
    given, draws = as_codes(np.ascontiguousarray(codes).reshape(-1), source), draws_of(random, how, shape)
    engine = wanted(engine, draws, how)
    _check_engine(source, target, how, engine)
    direct = word_arrays.from_floats(source, target, how)
    if direct is not None and engine != "reference":
        out, flags = _directly(direct, given, target, True)
        return out.reshape(shape), flags.reshape(shape)
    flat = _as_read(given, source, target, how)
    found = _by_table(flat, source, target, how) if engine is None else None
    if found is not None:
        out, flags = found
    elif (engine or engine_for(source, target, how)) == "array":
        out, flags = _by_kernel(flat, source, target, how, draws)
    else:
        out, flags = reference_arrays.convert(flat, source, target, how, draws)
    _unhear(flags, flat, source, target)
    return out.astype(dtype(target), copy=False).reshape(shape), flags.reshape(shape)


def convert_codes(codes: Codes, source: Format, target: Format, how: Projection | None = None) -> Codes:
    """The result codes of ``convert`` alone, which is faster where a kernel need not look for flags; no stochastic mode."""
    how, shape = how or target.default, np.shape(codes)
    given = as_codes(np.ascontiguousarray(codes).reshape(-1), source)
    direct = word_arrays.from_floats(source, target, how)
    if direct is not None:
        return _directly(direct, given, target, False)[0].reshape(shape)
    flat = _as_read(given, source, target, how)
    if _is_quick(source, target, how) and array_operations.codes_alone(bound := _conversion(source, target, how)):
        return array_operations.results(bound, (flat,)).reshape(shape)
    table = None if _refuses(target, how) else _table(source, target, how, len(flat))
    if table is None:
        return convert(codes, source, target, how)[0]
    out = np.empty(len(flat), dtype(target))
    run_lookup(table, flat, out, None)
    return out.reshape(shape)


def _as_read(codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Codes with a NaN in place of infinities, where these are NaR in the dialect of the conversion and something else by the overflow policy."""
    if not (isinstance(source, Float) and source.has_infinity and conversion_dialect(source, target) is Dialect.POSIT):
        return codes
    if all(target.outcome(True, negative, how) is Outcome.NAN for negative in (False, True)):
        return codes
    infinite = (codes == source.infinity()) | (codes == source.infinity(source.signed))
    return np.where(infinite, codes.dtype.type(source.nan()), codes) if infinite.any() else codes


def _unhear(flags: Flags, codes: Codes, source: Format, target: Format) -> None:
    """Take back the invalid of operands that are no numbers, where the dialect of the conversion does not know it: of NaNs that signal, for posits of infinities."""
    dialect = conversion_dialect(source, target)
    if dialect in (Dialect.IEEE754, source.dialect) or not isinstance(source, Float):
        return
    raised = np.flatnonzero(flags & INVALID)
    some = codes[raised]
    if some.dtype == object or source.explicit_integer_bit:
        special = np.array([not isinstance(source.decode(code), Finite) for code in some.tolist()], bool)
    else:
        special = some & some.dtype.type((1 << (source.width - source.signed)) - 1) > some.dtype.type(source.greatest())
    if source.has_infinity and dialect is not Dialect.POSIT:
        special &= (some != source.infinity()) & (some != source.infinity(source.signed))
    flags[raised[special]] &= ~np.uint8(INVALID)


def _check_engine(source: Format, target: Format, how: Projection, engine: str | None) -> None:
    if engine not in (None, *ENGINES):
        raise RefmathError(f"{quote(str(engine))} is not an engine for conversions; use {' or '.join(ENGINES)}.")
    if engine == "array" and (objection := why_not(source, target, how)):
        raise RefmathError(f"The engine 'array' does not convert {source.name} into {target.name} here: {objection}.")


def _is_quick(source: Format, target: Format, how: Projection) -> bool:
    plain = has_engine(source) and has_engine(target) and how.overflow is not Overflow.ERROR and is_resolved(target, how)
    return plain and array_operations.is_quick(_conversion(source, target, how))


def _table(source: Format, target: Format, how: Projection, count: int) -> Lookup | None:
    """The table of a conversion that has no faster kernel, where there is one and it is worth making."""
    if word_arrays.is_direct(source, target, how) or _is_quick(source, target, how):
        return None
    return lookup_for(source, target, how, count, engine_for(source, target, how))


def _by_table(codes: Codes, source: Format, target: Format, how: Projection) -> tuple[Codes, Flags] | None:
    """Results by that table; None where there is none."""
    if _refuses(target, how):
        if _table(source, target, replace(how, absent_nan=AbsentNaN.GREATEST), len(codes)) is None:
            return None
        return _without_nan(lambda other: convert(codes, source, target, other), codes, source, target, how, np.zeros(1, np.uint64))
    table = _table(source, target, how, len(codes))
    if table is None:
        return None
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes), np.uint8)
    run_lookup(table, codes, out, flags)
    return out, flags


def _refuses(target: Format, how: Projection) -> bool:
    """Whether a NaN is an error."""
    return how.absent_nan is AbsentNaN.REFUSE and not target.has_nan


def _without_nan(
    run: Callable[[Projection], tuple[Codes, Flags]], codes: Codes, source: Format, target: Format, how: Projection, random: Codes
) -> tuple[Codes, Flags]:
    """What ``run`` gives under a projection with a substitute for NaNs; ``RefmathError``, by the reference, where a result is one."""
    return array_operations.without_nan(
        lambda choice: run(replace(how, absent_nan=choice)),
        lambda at: target.project(source.operand(int(codes[at]), how.operands), how, int(random[min(at, len(random) - 1)])),
    )


def _conversion(source: Format, target: Format, how: Projection) -> Bound | BoundCode:
    return bind(find_operation("convert"), (source,), target, how, Dialect.IEEE754)


def _word_conversion(source: Format, target: Format, how: Projection) -> Bound | BoundCode:
    return bind(find_operation("convert"), (source,), target, how, Dialect.POSIT)


def _reads_words(source: Format, target: Format, how: Projection) -> bool:
    """Whether posits or takums become another format by a kernel: they have nothing of which a dialect could see more or less."""
    return word_arrays.is_word(source) and not word_arrays.why_not(_word_conversion(source, target, how))


def _directly(direct: Callable[[Codes, Codes, Flags | None], None], codes: Codes, target: Format, flagged: bool) -> tuple[Codes, Flags]:
    """Results of a kernel that takes codes in their own types."""
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes) if flagged else 0, np.uint8)
    in_threads(lambda start, stop: direct(codes[start:stop], out[start:stop], flags[start:stop] if flagged else None), len(codes), max(len(codes), 1))
    return out, flags


def _by_kernel(codes: Codes, source: Format, target: Format, how: Projection, random: Codes) -> tuple[Codes, Flags]:
    from refmath.kernels import convert as kernel

    if _reads_words(source, target, how):
        return word_arrays.operate(_word_conversion(source, target, how), (codes,), random)
    if _refuses(target, how):
        return _without_nan(lambda other: _by_kernel(codes, source, target, other, random), codes, source, target, how, random)
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes), np.uint8)
    if is_carried(source):
        assert isinstance(source, Float)
        found = np.empty(len(codes), np.uint64)
        kernel.convert_decoded(*decode_extended(codes, source, how.operands), layout(target), choices(target, how), random, found, flags)
        return found, flags
    if array_operations.is_quick(bound := _conversion(source, target, how)):
        return array_operations.operate(bound, (codes,), random)
    here, there, c = layout(source), layout(target), choices(target, how)
    run_in_chunks(lambda chunk, draws, found, raised: kernel.convert(*chunk, here, there, c, draws, found, raised), (codes,), random, out, flags)
    return out, flags
