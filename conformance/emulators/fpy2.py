"""fpy2: rounding and operations in its contexts: IEEE floats, floats of every encoding of specials, fixed point, powers of two; with random bits of the caller's, too.

Of its overflow modes ``ASSERT`` raises and ``WRAP`` is for fixed point. Its rounding mode RTE, toward even, is none of ours and of no standard.
"""

import math
import random
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

from fpy2 import ops
from fpy2.number import OV, RM, EFloatContext, ExpContext, FixedContext, IEEEContext, SMFixedContext
from fpy2.number.context.efloat import EFloatNanKind

from conformance.claims import Claim, Draws, Shapes
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.held import Arrays
from conformance.emulators.scalar_operations import ARITHMETIC, FUNCTIONS, SELECTIONS, SUMS_AND_PRODUCTS, operation
from conformance.emulators.scalars import MODES, MOST, SOURCE, conversion
from formats.family import Format
from formats.fixed import Fixed
from formats.float_parameters import default_bias
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

IEEE = ("ocp_e5m2", "ieee_e4m3", "binary16", "bfloat16", "binary32")
EXTENDED = {
    "ocp_e4m3": EFloatNanKind.MAX_VAL,
    "e4m3fnuz": EFloatNanKind.NEG_ZERO,
    "e5m2fnuz": EFloatNanKind.NEG_ZERO,
    "e2m1": EFloatNanKind.NONE,
    "e3m2": EFloatNanKind.NONE,
    "e2m3": EFloatNanKind.NONE,
}
"""Formats without infinities, and where their NaN is."""
FIXED = ("q4.4", "q8.8", "int8", "uint8")
OVERFLOW = {"OVERFLOW": Overflow.IEEE, "SATURATE": Overflow.SATURATE_PROPAGATE}
FIXED_OVERFLOW = {"WRAP": Overflow.WRAP, "SATURATE": Overflow.SATURATE_FINITE}
DRAWN = {"RTZ": Rounding.STOCHASTIC_A, "RNE": Rounding.STOCHASTIC_C}
"""How the operand is rounded to as many bits as are drawn, before those are added."""
BITS = 8


def float_calls() -> Iterator[Call]:
    """Floats and powers of two, in every mode."""
    for mode, rounding in (MODES | {"RTO": Rounding.TO_ODD}).items():
        for overflow, policy in OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO)
            silent = ("overflow",) if rounding is Rounding.TO_ODD else ()  # no standard says what overflows to odd
            for fmt, words, make, refuses in contexts(overflow):
                called = f"{words}, RM.{mode}, OV.{overflow}).round(x)"
                function = _rounded(make(RM[mode], OV[overflow]))
                yield conversion("fpy2", fmt, how, called, f"{mode}, {overflow}", function, refuses=refuses, silent=silent)


Made = Callable[..., Any]


def contexts(overflow: str) -> Iterator[tuple[Format, str, Made, tuple[str, ...]]]:
    """Each format, how its context is made, and what that is documented not to take."""
    for name in IEEE:
        fmt = _float(name)
        size = fmt.exponent_bits, fmt.width
        yield fmt, f"IEEEContext({size[0]}, {size[1]}", lambda *more, size=size, **named: IEEEContext(*size, *more, **named), ()
    for name, kind in EXTENDED.items():
        fmt = _float(name)
        size = fmt.exponent_bits, fmt.width
        offset = default_bias(fmt.exponent_bits) - fmt.bias
        parts = (*size, False, kind, offset)
        # What a format without the NaN or infinity that is due gets, is documented to be an error.
        lost = () if fmt.has_nan else ("nan", "infinity", *(("overflow",) if overflow == "OVERFLOW" else ()))
        words = f"EFloatContext({size[0]}, {size[1]}, False, {kind.name}, {offset}"
        yield fmt, words, lambda *more, parts=parts, **named: EFloatContext(*parts, *more, **named), lost
    yield parse("e8m0"), "ExpContext(8, 0", lambda *more: ExpContext(8, 0, *more), ("negative",)


def fixed_calls() -> Iterator[Call]:
    """Fixed point in two's complement, and with a sign and a magnitude."""
    refuses = ("nan", "infinity")
    for mode, rounding in (MODES | {"RTO": Rounding.TO_ODD}).items():
        for overflow, policy in FIXED_OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
            silent = ("overflow",) if rounding is Rounding.TO_ODD else ()
            for name in FIXED:
                grid = parse(name)
                assert isinstance(grid, Fixed)
                parts = (grid.signed, -grid.fraction_bits, grid.width)
                words = f"FixedContext({', '.join(map(str, parts))}, RM.{mode}, OV.{overflow}).round(x)"
                function = _rounded(FixedContext(*parts, RM[mode], OV[overflow]))
                yield conversion("fpy2", grid, how, words, f"{mode}, {overflow}", function, refuses=refuses, silent=silent)
        how = Projection(rounding=rounding, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
        function = _rounded(SMFixedContext(-4, 8, RM[mode], OV.SATURATE))
        words = f"SMFixedContext(-4, 8, RM.{mode}, OV.SATURATE).round(x)"
        yield conversion("fpy2", parse("q4.4(symmetric=yes)"), how, words, f"{mode}, SATURATE, sign and magnitude", function, refuses=refuses)


class Given(random.Random):
    """A source of random bits that gives those that it was told."""

    bits = 0

    def getrandbits(self, k: int, /) -> int:
        return self.bits


def stochastic_calls() -> Iterator[Call]:
    """Floats by random bits, bit for bit."""
    for mode, rounding in DRAWN.items():
        how = Projection(rounding=rounding, bits=BITS, overflow=Overflow.SATURATE_PROPAGATE, absent_nan=AbsentNaN.ZERO)
        for fmt, words, make, refuses in contexts("SATURATE"):
            if fmt.name == "e8m0":  # its context draws nothing
                continue
            if fmt.has_nan and not fmt.has_infinity:
                refuses = (*refuses, "infinity")  # what becomes of them is not documented; the claims above find it out
            given = Given()
            context = make(RM[mode], OV.SATURATE, BITS, rng=given)
            called = f"{words}, RM.{mode}, OV.SATURATE, num_randbits={BITS}, rng=...).round(x)"
            more: dict[str, Any] = {"refuses": refuses, "draws": Draws.GIVEN, "shapes": Shapes.ONE, "tries": MOST}
            claim = Claim("fpy2", "convert", (SOURCE, parse(f"uint{BITS}")), fmt, how, called, f"{mode}, stochastic", **more)
            yield Call(claim, each(_drawn(context, given)), Arrays("numpy", "float64"))


def operation_calls() -> Iterator[Call]:
    """Arithmetic in every mode and overflow mode, functions in every mode; results rounded once, as its engines say."""
    for mode, rounding in (MODES | {"RTO": Rounding.TO_ODD}).items():
        silent = ("overflow",) if rounding is Rounding.TO_ODD else ()
        for overflow, policy in OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO)
            for fmt, words, make, lost in contexts(overflow):
                if fmt.name == "e8m0" or "overflow" in lost:  # it has neither zero nor negative results; those raise what is due
                    continue
                names = ARITHMETIC if fmt.has_nan else SUMS_AND_PRODUCTS
                names = names | SELECTIONS | FUNCTIONS | {"exp10": "exp10"} if fmt.has_nan and overflow == "OVERFLOW" else names
                yield from _operations(fmt, how, names, f"{words}, RM.{mode}, OV.{overflow})", f"{mode}, {overflow}", make(RM[mode], OV[overflow]), silent)
        for overflow, policy in FIXED_OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
            for name in FIXED:
                grid = parse(name)
                assert isinstance(grid, Fixed)
                parts = (grid.signed, -grid.fraction_bits, grid.width)
                context = FixedContext(*parts, RM[mode], OV[overflow])
                words = f"FixedContext({', '.join(map(str, parts))}, RM.{mode}, OV.{overflow})"
                yield from _operations(grid, how, SUMS_AND_PRODUCTS, words, f"{mode}, {overflow}", context, silent)


def _operations(fmt: Format, how: Projection, names: dict[str, str], words: str, variant: str, context: Any, silent: tuple[str, ...]) -> Iterator[Call]:
    for name, theirs in names.items():
        yield operation("fpy2", name, fmt, how, f"ops.{theirs}(..., ctx={words})", variant, _operated(getattr(ops, theirs), context), silent=silent)


def _operated(function: Callable[..., Any], context: Any) -> Callable[..., float]:
    return lambda *operands: _value(function(*operands, ctx=context))


def _rounded(context: Any) -> Callable[[float], float]:
    return lambda x: _value(context.round(x))


def _drawn(context: Any, given: Given) -> Callable[[float, float], float]:
    def function(x: float, bits: float) -> float:
        given.bits = int(bits)
        return _value(context.round(x))

    return function


def _value(x: Any) -> float:
    """What ``float(x)`` is, read off: fpy2 rounds into binary64 for it, which takes as long as the rounding that is tested."""
    if x.isnan or x.isinf:
        return float(x)
    return math.copysign(math.ldexp(x.c, x.exp), -1 if x.s else 1)


def _float(name: str) -> Float:
    fmt = parse(name)
    assert isinstance(fmt, Float)
    return fmt


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("fpy2", version("fpy2"), [*float_calls(), *fixed_calls(), *stochastic_calls(), *operation_calls()])
