"""Arrays in, arrays out: conversions and operations on many codes at once, by the engine that is exact.

``operate`` runs an operation on arrays of codes, ``convert`` a conversion; both give result codes and flags of the same shape. The array engine
(``refmath.kernels``) runs wherever its carrier is exact; elsewhere the reference does. ``engine_for_operation`` and ``engine_for`` say which, and why.
Codes are unsigned integers: ``uint8`` to ``uint64`` by the width of the format, Python integers (``object``) beyond 64 bits.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from formats import array_operations, reference_arrays, run_arrays, strict_arrays, tables, word_arrays
from formats.arithmetic import Bound, BoundCode, bind
from formats.array_layout import Codes, as_codes, choices, decode_extended, dtype, has_engine, is_carried, is_resolved, layout
from formats.array_lookup import Lookup, lookup_for, run_lookup
from formats.array_plan import MAX_RANDOM_BITS
from formats.array_run import run_in_chunks
from formats.family import Format
from formats.floats import Float
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError, quote
from refmath.operations.environment import Dialect
from refmath.operations.operation import Kind
from refmath.overflow import Overflow
from refmath.rounding import check_random

Flags = NDArray[np.uint8]

Runner = Callable[[Bound | BoundCode, tuple[Codes, ...], Codes], tuple[Codes, Flags]]
"""Result codes and flags of flat arrays of operand codes and of R, one for all or one each."""

ENGINES = ("array", "table", "reference")
"""Compiled kernels; tables of all results, built once; the scalar reference, one element at a time, in several processes where that takes long."""
COMPILED = (("array", array_operations), ("array", word_arrays), ("table", tables), ("array", run_arrays), ("array", strict_arrays))
"""The engines beside the reference, the first choice first. Each has ``why_not``, its objection to an operation, ``operate``, and ``ABOUT``, what it does."""


def operate(
    op: str,
    formats: Format | tuple[Format, ...],
    operands: tuple[Codes, ...],
    to: Format | None = None,
    projection: Projection | None = None,
    dialect: Dialect | None = None,
    random: Codes | int = 0,
    engine: str | None = None,
) -> tuple[Codes, Flags]:
    """Result codes of an operation on arrays of operand codes, which are broadcast together, and the flags that each raises.

    ``formats``: one for each operand, or one for all. ``to``, ``projection``, ``dialect``: as for ``formats.arithmetic.operation``. Results of predicates are 0
    and 1, in ``uint8``. ``random``: R of a stochastic mode, one for all or one each. ``engine``: one of ``ENGINES``; the fastest that is exact where it is
    None. Errors: ``RefmathError`` for operands that are no codes, an operation that answers with a word, a result without a code, and an engine that is not
    exact here.
    """
    bound = _bind(op, formats, to, projection, dialect)
    run = _runner(bound, engine)
    flat, draws, shape = _prepared(bound, operands, random)
    out, flags = run(bound, flat, draws)
    return out.reshape(shape), flags.reshape(shape)


def operate_codes(
    op: str,
    formats: Format | tuple[Format, ...],
    operands: tuple[Codes, ...],
    to: Format | None = None,
    projection: Projection | None = None,
    dialect: Dialect | None = None,
    random: Codes | int = 0,
) -> Codes:
    """The result codes of ``operate`` alone, which is faster where a kernel need not look for flags."""
    bound = _bind(op, formats, to, projection, dialect)
    flat, draws, shape = _prepared(bound, operands, random)
    quick = not array_operations.why_not(bound) and array_operations.codes_alone(bound)
    return (array_operations.results(bound, flat) if quick else _runner(bound, None)(bound, flat, draws)[0]).reshape(shape)


def _prepared(bound: Bound | BoundCode, operands: tuple[Codes, ...], random: Codes | int) -> tuple[tuple[Codes, ...], Codes, tuple[int, ...]]:
    """Operands as flat arrays of valid codes, R for each, and the shape of all."""
    if len(operands) != bound.op.arity:
        raise RefmathError(f"{bound.op.name} takes {bound.op.arity} operand{'s' if bound.op.arity > 1 else ''}, not {len(operands)}.")
    codes = np.broadcast_arrays(*(as_codes(x, f) for x, f in zip(operands, bound.formats, strict=True)))
    shape = codes[0].shape
    return tuple(np.ascontiguousarray(x).reshape(-1) for x in codes), _draws(random, bound.how, shape), shape


def engine_for_operation(
    op: str,
    formats: Format | tuple[Format, ...],
    to: Format | None = None,
    how: Projection | None = None,
    dialect: Dialect | None = None,
) -> tuple[str, str]:
    """Which engine runs an operation (one of ``ENGINES``), and why, in words."""
    return _engine_of(_bind(op, formats, to, how, dialect))


def _bind(name: str, formats: Format | tuple[Format, ...], to: Format | None, how: Projection | None, dialect: Dialect | None) -> Bound | BoundCode:
    op = find_operation(name)
    if op.kind is Kind.WORD:
        raise RefmathError(f"{op.name} answers with a word, not with a code; ask formats.arithmetic.operation for each element.")
    return bind(op, formats if isinstance(formats, tuple) else (formats,), to if op.kind is Kind.NUMBER else None, how, dialect)


def _engine_of(bound: Bound | BoundCode) -> tuple[str, str]:
    objections = []
    for name, engine in COMPILED:
        why_not = engine.why_not(bound)
        if not why_not:
            return name, engine.ABOUT
        objections.append(why_not)
    return "reference", "; ".join(dict.fromkeys(objections))


def _runner(bound: Bound | BoundCode, wanted: str | None) -> Runner:
    """The function that computes results and flags: by the engine wanted, or by the first that is exact."""
    if wanted == "reference":
        return reference_arrays.operate
    run: Runner | None = next((engine.operate for name, engine in COMPILED if wanted in (None, name) and not engine.why_not(bound)), None)
    if run is None and wanted is not None:
        objections = [engine.why_not(bound) for name, engine in COMPILED if name == wanted] or [f"use one of {', '.join(ENGINES)}"]
        raise RefmathError(f"The engine {quote(wanted)} does not run {bound.op.name} here: {'; '.join(objections)}.")
    return run or reference_arrays.operate


def _draws(random: Codes | int, how: Projection, shape: tuple[int, ...]) -> Codes:
    """R for every element, flat: of length 1 where it is one for all. ``RefmathError`` for what does not fit into the random bits."""
    draws = np.asarray(random, dtype=None if how.bits <= MAX_RANDOM_BITS else object)
    if how.rounding.stochastic and draws.size:
        for extreme in (draws.min(), draws.max()):
            check_random(how.rounding, how.bits, int(extreme))
    draws = draws.astype(np.uint64) if how.bits <= MAX_RANDOM_BITS else draws
    return draws.reshape(1) if draws.ndim == 0 else np.ascontiguousarray(np.broadcast_to(draws, shape)).reshape(-1)


def engine_for(source: Format, target: Format, how: Projection) -> str:
    """``array`` or ``reference``: which engine converts."""
    bits_fit = not how.rounding.stochastic or (how.rounding.needs_bits and how.bits <= MAX_RANDOM_BITS)
    delivers = how.overflow is not Overflow.ERROR and is_resolved(target, how)
    return "array" if (has_engine(source) or is_carried(source)) and has_engine(target) and bits_fit and delivers else "reference"


def convert(
    codes: Codes, source: Format, target: Format, how: Projection | None = None, random: Codes | int = 0, engine: str | None = None
) -> tuple[Codes, Flags]:
    """Codes of ``source`` converted into codes of ``target`` of the same shape, and the flags each raises.

    ``how`` defaults to the target's own projection; ``random`` is R, one for all or one each. Errors: ``RefmathError`` where a
    result has no code and the projection names no substitute.
    """
    how = how or target.default
    flat, draws, shape = np.ascontiguousarray(codes).reshape(-1), _draws(random, how, np.shape(codes)), np.shape(codes)
    table = _table(source, target, how, len(flat), True) if engine is None else None
    if table is not None:
        out, flags = np.empty(len(flat), dtype(target)), np.empty(len(flat), np.uint8)
        run_lookup(table, as_codes(flat, source), out, flags)
    elif (engine or engine_for(source, target, how)) != "array":
        out, flags = _by_reference(flat, source, target, how, draws)
    else:
        out, flags = _by_kernel(flat, source, target, how, draws)
    return out.astype(dtype(target), copy=False).reshape(shape), flags.reshape(shape)


def convert_codes(codes: Codes, source: Format, target: Format, how: Projection | None = None) -> Codes:
    """The result codes of ``convert`` alone, which is faster where a kernel need not look for flags; no stochastic mode."""
    how = how or target.default
    flat = np.ascontiguousarray(codes).reshape(-1)
    if _is_quick(source, target, how) and array_operations.codes_alone(bound := _conversion(source, target, how)):
        return array_operations.results(bound, (as_codes(flat, source),)).reshape(np.shape(codes))
    table = _table(source, target, how, len(flat), False)
    if table is None:
        return convert(codes, source, target, how)[0]
    out = np.empty(len(flat), dtype(target))
    run_lookup(table, as_codes(flat, source), out, None)
    return out.reshape(np.shape(codes))


def _is_quick(source: Format, target: Format, how: Projection) -> bool:
    plain = has_engine(source) and has_engine(target) and how.overflow is not Overflow.ERROR and is_resolved(target, how)
    return plain and array_operations.is_quick(_conversion(source, target, how))


def _table(source: Format, target: Format, how: Projection, count: int, flagged: bool) -> Lookup | None:
    """The table of a conversion that has no faster kernel, where there is one and it is worth making."""
    return None if _is_quick(source, target, how) else lookup_for(source, target, how, count, engine_for(source, target, how), flagged)


def _conversion(source: Format, target: Format, how: Projection) -> Bound | BoundCode:
    return bind(find_operation("convert"), (source,), target, how, Dialect.IEEE754)


def _by_kernel(codes: Codes, source: Format, target: Format, how: Projection, random: Codes) -> tuple[Codes, Flags]:
    from refmath.kernels import convert as kernel

    if how.absent_nan is AbsentNaN.REFUSE and not target.has_nan:
        return array_operations.without_nan(
            lambda choice: _by_kernel(codes, source, target, replace(how, absent_nan=choice), random),
            lambda at: target.project(source.operand(int(codes[at]), how.operands), how, int(random[min(at, len(random) - 1)])),
        )
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes), np.uint8)
    if is_carried(source):
        assert isinstance(source, Float)
        found = np.empty(len(codes), np.uint64)
        kernel.convert_decoded(*decode_extended(codes, source, how.operands), layout(target), choices(target, how), random, found, flags)
        return found, flags
    given = (as_codes(codes, source),)
    if array_operations.is_quick(bound := _conversion(source, target, how)):
        return array_operations.operate(bound, given, random)
    here, there, c = layout(source), layout(target), choices(target, how)
    run_in_chunks(lambda chunk, draws, found, raised: kernel.convert(*chunk, here, there, c, draws, found, raised), given, random, out, flags)
    return out, flags


def _by_reference(codes: Codes, source: Format, target: Format, how: Projection, random: Codes) -> tuple[Codes, Flags]:
    out, flags = np.empty(len(codes), dtype(target)), np.empty(len(codes), np.uint8)
    for i, code in enumerate(codes.tolist()):
        out[i], flags[i] = target.project(source.operand(code, how.operands), how, int(random[min(i, len(random) - 1)]))
    return out, flags


__all__ = [
    "ENGINES",
    "Codes",
    "Flags",
    "choices",
    "convert",
    "convert_codes",
    "dtype",
    "engine_for",
    "engine_for_operation",
    "has_engine",
    "layout",
    "operate",
    "operate_codes",
]
