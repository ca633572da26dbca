"""Conversions of arrays of wide codes into short formats of any family, by thresholds: codebooks, takums, logarithmic numbers, posits.

Rounding is monotone, so that over the codes of the source in ascending order the result is constant from one threshold to the next (``formats.thresholds``). The reference
computes it once for each run, as a function of R for stochastic modes (``formats.tables``); an element is looked up among the thresholds. Codes without a result are marked,
and refused where they occur. Elements that are few beside the thresholds are the reference's, until the thresholds are there.
"""

import numpy as np
from numpy.typing import NDArray

from formats import reference_arrays
from formats.arithmetic import Bound, BoundCode
from formats.array_layout import Codes, as_codes
from formats.array_run import in_threads, part
from formats.codebook import Codebook
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.logarithmic import Logarithmic
from formats.posit import Posit
from formats.tables import WORTHWHILE, Flags, Table, gathered, refuse, steps
from formats.takum import Takum
from formats.thresholds import thresholds
from refmath.overflow import Overflow
from refmath.rounding import refinement

ABOUT = "its thresholds are looked up"
NOT_MINE = "only conversions have thresholds"

MOST_BITS = 17
"""Bits of a code of the target, refined: so many thresholds are computed at most."""
CHUNK = 1 << 14
MOST_KEPT = 64


def why_not(bound: Bound | BoundCode) -> str:
    """Why a conversion is not looked up; empty where it is."""
    source, to, how = bound.formats[0], bound.to, bound.how
    if bound.op.name != "convert" or source is None or to is None:
        return NOT_MINE
    if not _in_order(source):
        return f"codes of {source.name} are in no order that has thresholds"
    if not isinstance(to, Codebook | Posit | Takum | Logarithmic):
        return f"{to.name} is no target of thresholds"
    if how.overflow is Overflow.WRAP or (how.rounding.stochastic and not how.bits):
        return "results that are wrapped, and unlimited random bits, have no thresholds"
    if to.width + refinement(how.rounding, how.bits) > MOST_BITS:
        return f"{to.name} has too many thresholds"
    return ""


def _in_order(f: Format) -> bool:
    words = isinstance(f, Fixed | Takum | Posit) and not (isinstance(f, Takum) and f.logarithmic)
    return f.width <= 64 and (words or (isinstance(f, Float) and not f.explicit_integer_bit))


def operate(bound: Bound | BoundCode, operands: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Results and flags for a flat array of valid source codes; ``random`` holds R, one for all or one each."""
    (codes,) = operands
    found = runs_for(bound, len(codes))
    if found is None:
        return reference_arrays.operate(bound, operands, random)
    starts, table = found
    out, flags = np.empty(len(codes), table.codes.dtype), np.empty(len(codes), np.uint8)

    def work(start: int, stop: int) -> None:
        index = np.searchsorted(starts, codes[start:stop].astype(starts.dtype), "right") - 1
        out[start:stop], flags[start:stop] = table.at(index, part(random, start, stop))

    in_threads(work, len(codes), CHUNK)
    refuse(bound, operands, random, flags)
    return out, flags


def runs_for(bound: Bound | BoundCode, count: int) -> tuple[NDArray[np.unsignedinteger], Table] | None:
    """The runs of a conversion; None where they are not worth computing for ``count`` codes."""
    found = _kept.get(bound)
    if found is None:
        assert bound.to is not None
        if count * WORTHWHILE < 1 << bound.to.width + refinement(bound.how.rounding, bound.how.bits):
            return None
        if len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        found = _kept[bound] = runs(bound)
    return found


_kept: dict[Bound | BoundCode, tuple[NDArray[np.unsignedinteger], Table]] = {}


def runs(bound: Bound | BoundCode) -> tuple[NDArray[np.unsignedinteger], Table]:
    """Where each run begins, and the results of the runs."""
    source, to, how = bound.formats[0], bound.to, bound.how
    assert source is not None and to is not None
    starts = thresholds(source, to, False, refinement(how.rounding, how.bits))
    assert starts is not None
    most = (1 << how.bits) - 1 if how.rounding.stochastic else 0
    return as_codes(starts, source), gathered([steps(bound, (code,), most) for code in starts.tolist()], bound)
