"""titanfp: numbers rounded into a context of IEEE floats, posits and fixed point; operations of floats and posits.

A NaN cannot be made of a float (gmpy2 raises), so that conversions are tried on numbers and infinities. Of its overflow modes of fixed point it supports ``INFINITY`` only.
"""

from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from math import isnan
from typing import Any

from titanfp.arithmetic import fixed, ieee754, posit
from titanfp.titanic.ops import OF, RM

from conformance.emulators.calls import Call, Calls
from conformance.emulators.scalar_operations import ARITHMETIC, FUNCTIONS, SELECTIONS, operation
from conformance.emulators.scalars import MODES, conversion
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.posit import Posit
from formats.projection import AbsentNaN, Projection

FLOATS = ("ocp_e5m2", "ieee_e4m3", "ieee_e3m4", "binary16", "bfloat16", "tf32", "binary32")
POSITS = ("posit8", "posit16", "posit8(es=0)", "posit16(es=1)", "posit32")
FIXED = ("q4.4", "q8.8", "int8", "int16")


def rounded(kind: Any, context: Any, x: float) -> float:
    """A float rounded into a context."""
    return float(kind(x, ctx=context))


def calls() -> Iterator[Call]:
    for name in FLOATS:
        fmt = parse(name)
        assert isinstance(fmt, Float)
        for mode, rounding in MODES.items():
            context = ieee754.ieee_ctx(fmt.exponent_bits, fmt.width, getattr(RM, mode))
            words = f"ieee754.Float(x, ctx=ieee_ctx({fmt.exponent_bits}, {fmt.width}, RM.{mode}))"
            yield conversion("titanfp", fmt, Projection(rounding=rounding), words, mode, partial(rounded, ieee754.Float, context), refuses=("nan",))
    for name in POSITS:
        fmt = parse(name)
        assert isinstance(fmt, Posit)
        words = f"posit.Posit(x, ctx=posit_ctx({fmt.es}, {fmt.width}))"
        function = partial(rounded, posit.Posit, posit.posit_ctx(fmt.es, fmt.width))
        yield conversion("titanfp", fmt, fmt.default, words, "RNE", function, refuses=("nan",))
    for name in FIXED:
        fmt = parse(name)
        for mode, rounding in MODES.items():
            scale = -getattr(fmt, "fraction_bits", 0)
            context = fixed.fixed_ctx(scale, fmt.width, getattr(RM, mode), OF.INFINITY)
            words = f"fixed.Fixed(x, ctx=fixed_ctx({scale}, {fmt.width}, RM.{mode}))"
            how = Projection(rounding=rounding, absent_nan=AbsentNaN.ZERO)
            # Out of range it gives an infinity, as OF.INFINITY says, which is no value of the format; and its words have a sign beside their bits.
            yield conversion("titanfp", fmt, how, words, mode, partial(rounded, fixed.Fixed, context), refuses=("nan", "infinity", "beyond"))


def operations() -> Iterator[Call]:
    """Arithmetic and functions of floats in every mode, and of posits. Those of fixed point give infinities out of range, which no operand tells beforehand."""
    for name in FLOATS:
        fmt = parse(name)
        assert isinstance(fmt, Float)
        for mode, rounding in MODES.items():
            context = ieee754.ieee_ctx(fmt.exponent_bits, fmt.width, getattr(RM, mode))
            words = f"ctx=ieee_ctx({fmt.exponent_bits}, {fmt.width}, RM.{mode})"
            yield from _operations(fmt, Projection(rounding=rounding), ARITHMETIC | SELECTIONS | FUNCTIONS, words, mode, ieee754.Float, context)
    for name in POSITS:
        posits = parse(name)
        assert isinstance(posits, Posit)
        words = f"ctx=posit_ctx({posits.es}, {posits.width})"
        yield from _operations(posits, posits.default, ARITHMETIC | FUNCTIONS, words, "RNE", posit.Posit, posit.posit_ctx(posits.es, posits.width))


def _operations(fmt: Format, how: Projection, names: dict[str, str], words: str, variant: str, kind: Any, context: Any) -> Iterator[Call]:
    for name, theirs in names.items():
        method = THEIRS.get(theirs, theirs)
        yield operation("titanfp", name, fmt, how, f"{kind.__name__}.{method}(..., {words})", variant, partial(operated, method, kind, context))


THEIRS = {"exp": "exp_"}


def operated(method: str, kind: Any, context: Any, *operands: float) -> float:
    """What a method gives on numbers of a context; a NaN is made as such."""
    first, *others = (kind(isnan=True, ctx=context) if isnan(x) else kind(x, ctx=context) for x in operands)
    return float(getattr(first, method)(*others, ctx=context))


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("titanfp", version("titanfp"), [*calls(), *operations()])
