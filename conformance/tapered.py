"""How posits, and other formats whose steps change with the size of a number, are known to be rounded wrongly: defects of the last step of an operation or a conversion."""

from collections.abc import Callable, Sequence

import numpy as np

from conformance.claims import Codes
from formats.arrays import dtype
from formats.family import Format
from refmath.datum import Finite
from refmath.reals import Exact, Real, compare

KEPT = (1, 8, 16, 24, 30)
"""How many bits beyond the last one of a result a defective implementation may keep."""
DEFECTS = {
    "by_value": "rounds to the nearest by value, not by bit string",
    "underflow": "numbers below the least positive value become zero",
    **{f"keeps_{k}": f"what lies more than {k} bits beyond the last one is lost" for k in KEPT},
}

Finish = Callable[[Format, Exact, bool], int | None]
"""The code of an exact result by its magnitude and sign; None where the defect does not meet it."""


def finished(defect: str, fmt: Format, exact: Sequence[object], right: Codes) -> Codes:
    """Results with a defect of the last step: of each exact result, where it is a number that is no zero, else the right code."""
    out = right.copy().reshape(-1)
    for i, datum in enumerate(exact):
        if isinstance(datum, Finite) and (isinstance(datum.value, Real) or datum.value):
            code = _code(defect, fmt, datum.value if isinstance(datum.value, Real) else abs(datum.value), datum.negative)
            if code is not None:
                out[i] = code
    return np.asarray(out.reshape(right.shape), dtype(fmt))


def _code(defect: str, fmt: Format, x: Exact, negative: bool) -> int | None:
    if defect == "underflow":
        return fmt.zero() if compare(x, fmt.value(fmt.least)) < 0 else None
    if defect == "by_value":
        return _by_value(fmt, x, negative)
    kept = int(defect.removeprefix("keeps_"))
    refined, _ = fmt.code_below(x, kept, negative)
    below, rest, half = refined >> kept, refined & ((1 << kept) - 1), 1 << (kept - 1)
    up = rest > half or (rest == half and below & 1)
    return _saturated(fmt, below + up, negative)


def _by_value(fmt: Format, x: Exact, negative: bool) -> int | None:
    below, exact = fmt.code_below(x, 0, negative)
    if exact or below >= fmt.greatest(negative) or below < fmt.least:
        return None
    low, high = fmt.value(below), fmt.value(below + 1)
    assert not isinstance(low, Real) and not isinstance(high, Real)
    side = compare(x, (low + high) / 2)
    up = side > 0 or (side == 0 and bool(below & 1))
    return _saturated(fmt, below + up, negative)


def _saturated(fmt: Format, code: int, negative: bool) -> int:
    return fmt.join(negative, max(fmt.least, min(code, fmt.greatest(negative))))
