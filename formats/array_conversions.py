"""Conversions of arrays of codes: the operation ``convert`` by the engine that is exact, and for many codes by look-ups of the runs of the conversion."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from formats import array_operations, word_arrays
from formats.arithmetic import Bound, BoundCode, bind
from formats.array_layout import Codes, as_codes, dtype
from formats.array_lookup import Lookup, lookup_for, run_lookup
from formats.array_plan import MAX_RANDOM_BITS
from formats.array_run import in_threads
from formats.engines import engine_of, runner
from formats.family import Format
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.rounding import check_random

Flags = NDArray[np.uint8]


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


def engine_for(source: Format, target: Format, how: Projection) -> str:
    """Which of ``formats.engines.ENGINES`` converts."""
    return engine_of(_conversion(source, target, how))[0]


def convert(
    codes: Codes, source: Format, target: Format, how: Projection | None = None, random: Codes | int = 0, engine: str | None = None
) -> tuple[Codes, Flags]:
    """Codes of ``source`` converted into codes of ``target`` of the same shape, and the flags each raises.

    ``how`` defaults to the target's own projection; ``random`` is R, one for all or one each; ``engine``: one of ``formats.engines.ENGINES``, the fastest that
    is exact where it is None. Errors: ``RefmathError`` where a result has no code and the projection names no substitute, and for an engine that is not exact here.
    """
    how, shape = how or target.default, np.shape(codes)
    given, draws = as_codes(np.ascontiguousarray(codes).reshape(-1), source), draws_of(random, how, shape)
    bound, engine = _conversion(source, target, how), wanted(engine, draws, how)
    found = _by_table(given, source, target, how) if engine is None else None
    out, flags = found or runner(bound, engine)(bound, (given,), draws)
    return out.reshape(shape), flags.reshape(shape)


def convert_codes(codes: Codes, source: Format, target: Format, how: Projection | None = None) -> Codes:
    """The result codes of ``convert`` alone, which is faster where a kernel need not look for flags; no stochastic mode."""
    how, shape = how or target.default, np.shape(codes)
    given = as_codes(np.ascontiguousarray(codes).reshape(-1), source)
    direct = word_arrays.from_floats(source, target, how)
    if direct is not None:
        return _directly(direct, given, target).reshape(shape)
    bound = _conversion(source, target, how)
    if not array_operations.why_not(bound) and array_operations.codes_alone(bound):
        return array_operations.results(bound, (given,)).reshape(shape)
    table = None if _refuses(target, how) else _table(source, target, how, len(given))
    if table is None:
        return convert(codes, source, target, how)[0]
    out = np.empty(len(given), dtype(target))
    run_lookup(table, given, out, None)
    return out.reshape(shape)


def _conversion(source: Format, target: Format, how: Projection) -> Bound | BoundCode:
    return bind(find_operation("convert"), (source,), target, how, None)


def _table(source: Format, target: Format, how: Projection, count: int) -> Lookup | None:
    """The table of a conversion that has no faster kernel, where there is one and it is worth making."""
    bound = _conversion(source, target, how)
    kernels = not array_operations.why_not(bound) or not word_arrays.why_not(bound)
    if word_arrays.is_direct(source, target, how) or (kernels and array_operations.is_quick(bound)):
        return None
    return lookup_for(source, target, how, count, "array" if kernels else "reference")


def _by_table(codes: Codes, source: Format, target: Format, how: Projection) -> tuple[Codes, Flags] | None:
    """Results by that table; None where there is none."""
    if _refuses(target, how):
        if _table(source, target, replace(how, absent_nan=AbsentNaN.GREATEST), len(codes)) is None:
            return None
        return array_operations.without_nan(
            lambda choice: convert(codes, source, target, replace(how, absent_nan=choice)),
            lambda at: target.project(source.operand(int(codes[at]), how.operands), how, 0),
        )
    table = _table(source, target, how, len(codes))
    if table is None:
        return None
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes), np.uint8)
    run_lookup(table, codes, out, flags)
    return out, flags


def _refuses(target: Format, how: Projection) -> bool:
    """Whether a NaN is an error."""
    return how.absent_nan is AbsentNaN.REFUSE and not target.has_nan


def _directly(direct: word_arrays.Direct, codes: Codes, target: Format) -> Codes:
    """The codes that a kernel gives which takes codes in their own types."""
    out = np.empty(len(codes), dtype(target))
    in_threads(lambda start, stop: direct(codes[start:stop], out[start:stop], None), len(codes), max(len(codes), 1))
    return out
