"""Arrays in, arrays out: conversions and operations on many codes at once, by the engine that is exact.

``operate`` runs an operation on arrays of codes, ``convert`` a conversion; both give result codes and flags of the same shape. The array engine
(``refmath.kernels``) runs wherever its carrier is exact; elsewhere the reference does. ``engine_for_operation`` and ``engine_for`` say which, and why.
Codes are unsigned integers: ``uint8`` to ``uint64`` by the width of the format, Python integers (``object``) beyond 64 bits.
"""

import numpy as np
from numpy.typing import NDArray

from formats import array_operations
from formats.arithmetic import Bound, BoundCode, bind
from formats.array_conversions import convert, convert_codes, draws_of, engine_for, wanted
from formats.array_layout import Codes, as_codes, choices, dtype, has_engine, layout
from formats.engines import ENGINES, engine_of, runner
from formats.family import Format
from formats.operations import find_operation
from formats.projection import Projection
from refmath.errors import RefmathError
from refmath.operations.environment import Dialect
from refmath.operations.operation import Kind

Flags = NDArray[np.uint8]


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
    flat, draws, shape = _prepared(bound, operands, random)
    out, flags = runner(bound, wanted(engine, draws, bound.how))(bound, flat, draws)
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
    return (array_operations.results(bound, flat) if quick else runner(bound, wanted(None, draws, bound.how))(bound, flat, draws)[0]).reshape(shape)


def _prepared(bound: Bound | BoundCode, operands: tuple[Codes, ...], random: Codes | int) -> tuple[tuple[Codes, ...], Codes, tuple[int, ...]]:
    """Operands as flat arrays of valid codes, R for each, and the shape of all."""
    if len(operands) != bound.op.arity:
        raise RefmathError(f"{bound.op.name} takes {bound.op.arity} operand{'s' if bound.op.arity > 1 else ''}, not {len(operands)}.")
    given = [as_codes(x, f) for x, f in zip(operands, bound.formats, strict=True)]
    try:
        codes = np.broadcast_arrays(*given)
    except ValueError:
        shapes = " and ".join(str(x.shape) for x in given)
        raise RefmathError(
            f"Operands of {bound.op.name} of the shapes {shapes} do not go together; give arrays of one shape, or such as NumPy broadcasts."
        ) from None
    shape = codes[0].shape
    return tuple(np.ascontiguousarray(x).reshape(-1) for x in codes), draws_of(random, bound.how, shape), shape


def engine_for_operation(
    op: str,
    formats: Format | tuple[Format, ...],
    to: Format | None = None,
    how: Projection | None = None,
    dialect: Dialect | None = None,
) -> tuple[str, str]:
    """Which engine runs an operation (one of ``ENGINES``), and why, in words."""
    return engine_of(_bind(op, formats, to, how, dialect))


def _bind(name: str, formats: Format | tuple[Format, ...], to: Format | None, how: Projection | None, dialect: Dialect | None) -> Bound | BoundCode:
    op = find_operation(name)
    if op.kind is Kind.WORD:
        raise RefmathError(f"{op.name} answers with a word, not with a code; ask formats.arithmetic.operation for each element.")
    return bind(op, formats if isinstance(formats, tuple) else (formats,), to if op.kind is Kind.NUMBER else None, how, dialect)


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
