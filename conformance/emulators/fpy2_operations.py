"""fpy2's operations on numbers, each rounded once into a context: arithmetic, selections, rounding to integers, functions, comparisons, and what is true of a number."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fpy2 import ops
from fpy2.number import Float

from conformance.emulators.calls import Call
from conformance.emulators.scalar_operations import ARITHMETIC, COMPARE, COMPARISONS, FUNCTIONS, INTEGRAL, SELECTIONS, operation
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
from refmath.rounding import Rounding

OTHERS = SELECTIONS | INTEGRAL | {"round_to_integral_nearest_away": "roundint", "logb": "logb"}
WIDE = parse("binary32")
TESTS = {"is_nan": "isnan", "is_infinite": "isinf", "is_finite": "isfinite", "is_sign_minus": "signbit", "is_normal": "isnormal"}
NEIGHBOURS = {"next_up": "next_up", "next_down": "next_down"}


@dataclass(frozen=True)
class Which:
    """Which operations of a context are claimed beside arithmetic."""

    first: bool = True
    """Whether it is the first of the overflow modes of its format, in which all others are."""
    functions: bool = True
    """Whether functions are among them."""
    wide: bool = False
    """Whether arithmetic is tried on operands of a wider format, too."""


def operations(fmt: Format, how: Projection, words: str, variant: str, context: Any, which: Which, **more: Any) -> Iterator[Call]:
    """Those of a context; in rounding to nearest also what no mode changes. ``more``: what else the claims say."""
    functions = FUNCTIONS | {"exp10": "exp10"} if which.functions else {}
    for name, theirs in (ARITHMETIC | (OTHERS | functions if which.first else {})).items():
        yield operation("fpy2", name, fmt, how, f"ops.{theirs}(..., ctx={words})", variant, _operated(getattr(ops, theirs), context), **more)
    if which.wide:
        for name, theirs in ARITHMETIC.items():
            called = f"ops.{theirs}(..., ctx={words})"
            yield operation("fpy2", name, fmt, how, called, f"{variant}, binary32 operands", _operated(getattr(ops, theirs), context), operands=WIDE, **more)
    if which.first and how.rounding is Rounding.NEAREST_EVEN:
        unused = tuple(kind for kind in more["refuses"] if kind == "unused")
        for name, sign in COMPARISONS.items():
            called = f"Float.from_float(x) {sign} Float.from_float(y)"
            yield operation("fpy2", name, fmt, how, called, variant, _compared(COMPARE[sign]), refuses=unused)
        for name, theirs in TESTS.items():
            called = f"ops.{theirs}({words}.round(x))"
            yield operation("fpy2", name, fmt, how, called, variant, _tested(getattr(ops, theirs), context), refuses=unused)
        for name, theirs in NEIGHBOURS.items() if fmt.has_infinity else ():
            called = f"{words}.round(x).{theirs}(allow_inf=True)"
            yield operation("fpy2", name, fmt, how, called, variant, _neighbour(theirs, context), refuses=("nan", "infinity"))


def _operated(function: Callable[..., Any], context: Any) -> Callable[..., float]:
    return lambda *operands: value(function(*operands, ctx=context))


def _compared(relation: Callable[[Any, Any], bool]) -> Callable[[float, float], bool]:
    return lambda x, y: relation(Float.from_float(x), Float.from_float(y))


def _tested(test: Callable[[Any], bool], context: Any) -> Callable[[float], bool]:
    return lambda x: test(context.round(x))


def _neighbour(method: str, context: Any) -> Callable[[float], float]:
    return lambda x: value(getattr(context.round(x), method)(allow_inf=True))


def value(x: Any) -> float:
    """What ``float(x)`` is, read off: fpy2 rounds into binary64 for it, which takes as long as the rounding that is tested."""
    if x.isnan or x.isinf:
        return float(x)
    return math.copysign(math.ldexp(x.c, x.exp), -1 if x.s else 1)
