"""fxpmath: numbers of binary64 and integers into ``Fxp`` by every rounding and overflow option, and its arithmetic."""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
from fxpmath import Fxp

from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from formats.arrays import dtype
from formats.fixed import Fixed, fixed
from formats.notation import parse, text
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

CODES = Arrays("numpy", "codes")
DOUBLES = Arrays("numpy", "float64")
BINARY16, BINARY64 = parse("binary16"), parse("binary64")
ROUNDINGS = {
    "around": Rounding.NEAREST_EVEN,
    "floor": Rounding.TOWARD_NEGATIVE,
    "ceil": Rounding.TOWARD_POSITIVE,
    "fix": Rounding.TOWARD_ZERO,
    "trunc": Rounding.TOWARD_ZERO,
    "nearest_posinf": Rounding.NEAREST_POSITIVE,
    "nearest_neginf": Rounding.NEAREST_NEGATIVE,
    "nearest_zero": Rounding.NEAREST_ZERO,
    "nearest_away": Rounding.NEAREST_AWAY,
}
OVERFLOWS = {"saturate": Overflow.SATURATE_FINITE, "wrap": Overflow.WRAP}
TARGETS = (fixed(4, 4), fixed(4, 4, signed=False), fixed(8, 8), fixed(10, -2), fixed(-2, 10), fixed(12, 20))
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
}
SIGNS = {"add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y"}


def kind(fmt: Fixed) -> dict[str, Any]:
    """What names a format in the library."""
    return {"signed": fmt.signed, "n_word": fmt.width, "n_frac": fmt.fraction_bits}


def codes_of(found: Any, fmt: Fixed, shape: tuple[int, ...]) -> Codes:
    """The codes of a number of the library, which has to be of a format."""
    assert (found.signed, found.n_word, found.n_frac) == (fmt.signed, fmt.width, fmt.fraction_bits), f"the result is {found.dtype}"
    raw = [int(x) & (fmt.codes - 1) for x in np.asarray(found.raw()).reshape(-1).tolist()]
    return np.array(raw, dtype=object).astype(dtype(fmt)).reshape(shape)


def number(codes: Codes, fmt: Fixed) -> Any:
    """Codes as a number of the library."""
    flat = codes.reshape(-1).astype(np.int64)
    signed = np.where(flat >> (fmt.width - 1) != 0, flat - fmt.codes, flat) if fmt.signed else flat
    return Fxp(signed, raw=True, **kind(fmt))


def conversions() -> Iterator[Call]:
    """``Fxp(x, rounding=, overflow=)`` of every binary16 number; numbers of 2^63 and more, which change how their whole array is treated, in one format only."""
    for rounding, mode in ROUNDINGS.items():
        for overflow, policy in OVERFLOWS.items():
            for target in TARGETS:
                source = BINARY64 if rounding == "around" and target == TARGETS[0] else BINARY16
                how = Projection(rounding=mode, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
                words = f"Fxp(x, rounding={rounding!r}, overflow={overflow!r})"
                claim = Claim("fxpmath", "convert", (source,), target, how, words, f"{rounding}, {overflow}", refuses=("nan", "infinity"))
                yield Call(claim, _of_floats(target, rounding, overflow), DOUBLES, CODES)


def _of_floats(target: Fixed, rounding: str, overflow: str) -> Callable[[Codes], Codes]:
    def function(values: Codes) -> Codes:
        flat = np.ascontiguousarray(values).reshape(-1)
        return codes_of(Fxp(flat, rounding=rounding, overflow=overflow, **kind(target)), target, values.shape)

    return function


def arithmetic() -> Iterator[Call]:
    """+ - * /, each into the format that the library gives the result."""
    for x, y in ((fixed(4, 4), fixed(4, 4)), (fixed(3, 5), fixed(6, 2)), (fixed(8, 8), fixed(4, 12))):
        one = np.ones(1, np.uint64)
        for operation, function in OPERATIONS.items():
            found = function(number(one, x), number(one, y))
            result = fixed(found.n_word - found.n_frac, found.n_frac, found.signed)
            how = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
            claim = Claim("fxpmath", operation, (x, y), result, how, f"{SIGNS[operation]} of {text(x)} and {text(y)}", "arithmetic")
            yield Call(claim, _computed(function, x, y, result), CODES)


def _computed(function: Callable[[Any, Any], Any], x: Fixed, y: Fixed, result: Fixed) -> Callable[[Codes, Codes], Codes]:
    return lambda a, b: codes_of(function(number(a, x), number(b, y)), result, a.shape)


class Fixedpoint(Calls):
    """Its numbers are built from flat arrays, so that views do not matter."""

    views = ()


def adapter(device: str) -> Fixedpoint:
    """The adapter."""
    return Fixedpoint("fxpmath", version("fxpmath"), [*conversions(), *arithmetic()])
