"""Operations whose overflow is an error, on arrays: with saturation instead, and where a range flag is raised the reference tells what it has to say."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from formats import array_operations, word_arrays
from formats.arithmetic import Bound, BoundCode, bind
from formats.array_layout import Codes
from formats.tables import Flags
from refmath.flags import INVALID, OVERFLOW
from refmath.overflow import Overflow

ABOUT = "its kernel is exact here, and nothing may overflow"
NOT_MINE = "its overflow is no error"

ENGINES = (array_operations, word_arrays)


def why_not(bound: Bound | BoundCode) -> str:
    """Why an operation is not computed in this way; empty where it is."""
    if bound.how.overflow is not Overflow.ERROR:
        return NOT_MINE
    if isinstance(bound, BoundCode):
        return "neighbours of codes raise no flag where they leave the range"
    saturated = saturating(bound)
    return "" if any(not engine.why_not(saturated) for engine in ENGINES) else "with saturation instead it has no kernel either"


def operate(bound: Bound | BoundCode, operands: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Results and flags of flat arrays; ``RefmathError`` for the first that lies out of range."""
    saturated = saturating(bound)
    engine = next(engine for engine in ENGINES if not engine.why_not(saturated))
    out, flags = engine.operate(saturated, operands, random)
    for at in np.flatnonzero(flags & (OVERFLOW | INVALID)).tolist():
        out[at], flags[at] = bound(*(int(codes[at]) for codes in operands), random=int(random[min(at, len(random) - 1)]))[:2]
    return out, flags


@lru_cache(maxsize=1024)
def saturating(bound: Bound | BoundCode) -> Bound | BoundCode:
    """The same operation with saturation."""
    return bind(bound.op, bound.formats, bound.to, replace(bound.how, overflow=Overflow.SATURATE_FINITE), bound.dialect)
