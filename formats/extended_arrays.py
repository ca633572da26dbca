"""Conversions of arrays of x87's extended precision, whose stored integer bit no kernel decodes: they are decoded here, and a kernel projects."""

import numpy as np

from formats.arithmetic import Bound, BoundCode
from formats.array_layout import Codes, choices, decode_extended, dtype, has_engine, is_carried, is_resolved, layout
from formats.array_operations import Flags, with_substitute, without_nan
from formats.array_plan import MAX_RANDOM_BITS
from formats.floats import Float
from formats.projection import AbsentNaN
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.rounding import Rounding

ABOUT = "its operands are decoded for a kernel that is exact here"
NOT_MINE = "only conversions of extended precision are decoded beforehand"


def why_not(bound: Bound | BoundCode) -> str:
    """Why a conversion is not computed in this way; empty where it is."""
    source, to, how = bound.formats[0], bound.to, bound.how
    if bound.op.name != "convert" or source is None or to is None or not is_carried(source) or bound.dialect is Dialect.POSIT:
        return NOT_MINE
    if not has_engine(to):
        return f"no kernel converts into {to.name}"
    if how.rounding is Rounding.STOCHASTIC or how.bits > MAX_RANDOM_BITS:
        return f"the kernels hold at most {MAX_RANDOM_BITS} random bits"
    if how.overflow is Overflow.ERROR:
        return "an overflow that is an error is told by the reference"
    return "" if is_resolved(to, how) else "the zero that takes the place of a NaN has no code"


def operate(bound: Bound | BoundCode, operands: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Results and flags for a flat array of valid source codes; ``random`` holds R, one for all or one each."""
    from refmath.kernels.convert import convert_decoded
    from refmath.kernels.scalar import NAN, SIGNALLING

    source, to = bound.formats[0], bound.to
    assert isinstance(source, Float) and to is not None
    if not to.has_nan and bound.how.absent_nan is AbsentNaN.REFUSE:
        return without_nan(
            lambda choice: operate(with_substitute(bound, choice), operands, random),
            lambda at: bound(int(operands[0][at]), random=int(random[min(at, len(random) - 1)])),
        )
    kinds, negatives, sigs, exps = decode_extended(operands[0], source, bound.how.operands)
    if bound.dialect is not Dialect.IEEE754:  # which has no flags that a signalling NaN could raise
        kinds = np.where(kinds == SIGNALLING, NAN, kinds)
    out, flags = np.empty(len(kinds), np.uint64), np.empty(len(kinds), np.uint8)
    convert_decoded(kinds, negatives, sigs, exps, layout(to), choices(to, bound.how), random, out, flags)
    return out.astype(dtype(to), copy=False), flags
