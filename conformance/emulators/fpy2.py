"""fpy2: rounding in its contexts: IEEE floats, floats of every encoding of specials, fixed point, powers of two, and those with parameters of any size; with random bits, too.

Its rounding mode RTE, toward even, is none of ours and of no standard.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import version
from typing import Any

from fpy2.number import (
    OV,
    RM,
    EFloatContext,
    ExpContext,
    FixedContext,
    Float,
    IEEEContext,
    MPBFixedContext,
    MPBFloatContext,
    MPFixedContext,
    MPFloatContext,
    MPSFloatContext,
    RealFloat,
    SMFixedContext,
)
from fpy2.number.context.efloat import EFloatNanKind

from conformance.claims import Claim, Draws, Shapes
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.fpy2_operations import Which, operations, value
from conformance.emulators.held import Arrays
from conformance.emulators.scalars import MODES, MOST, SOURCE, conversion, decoding, encoding
from formats.family import Format
from formats.fixed import Fixed
from formats.float_parameters import default_bias
from formats.floats import Float as FloatFormat
from formats.notation import parse
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.rounding import Rounding

ROUNDINGS = MODES | {"RTO": Rounding.TO_ODD}
IEEE = ("ocp_e5m2", "ieee_e4m3", "binary16", "bfloat16", "tf32", "binary32", "binary64")
EXTENDED = {
    "ocp_e4m3": EFloatNanKind.MAX_VAL,
    "e4m3fnuz": EFloatNanKind.NEG_ZERO,
    "e5m2fnuz": EFloatNanKind.NEG_ZERO,
    "e2m1": EFloatNanKind.NONE,
    "e3m2": EFloatNanKind.NONE,
    "e2m3": EFloatNanKind.NONE,
    "e4m3(specials=reserved)": EFloatNanKind.IEEE_754,
    "binary8p4sf": EFloatNanKind.NEG_ZERO,
} | {f"binary8p{p}se": EFloatNanKind.NEG_ZERO for p in range(1, 8)}
"""Where the NaN of a format is; those of P3109 have infinities, too, where their names end in e."""
FIXED = ("q4.4", "q8.8", "int8", "uint8")
SIGN_AND_MAGNITUDE = "q4.4(symmetric=yes)"
OVERFLOW = {"OVERFLOW": Overflow.IEEE, "SATURATE": Overflow.SATURATE_PROPAGATE}
FIXED_OVERFLOW = {"WRAP": Overflow.WRAP, "SATURATE": Overflow.SATURATE_FINITE}
ARITHMETIC_ONLY = ("e4m3(specials=reserved)", "binary8p4sf", *(f"binary8p{p}se" for p in (1, 2, 5, 6, 7)))
"""Formats in which functions are not tried: they are computed as in the others."""
WIDELY = ("RNE", "RTZ")
"""Modes in which operands are of a wider format than results, too."""
ODD, EVEN = ("binary8p1se",), ("RNE", "RTO")
"""All significands of one bit are odd: to even IEEE 754 (4.3.1) takes the greater neighbour and P3109 the even code, and fpy2 says to follow neither."""
UNDOCUMENTED = ("overflow",)
"""No standard says what overflows to odd."""
DRAWN = {"RTZ": Rounding.STOCHASTIC_A, "RNE": Rounding.STOCHASTIC_C}
"""How the operand is rounded to as many bits as are drawn, before those are added."""
BITS = 8


def float_calls() -> Iterator[Call]:
    """Floats and powers of two, in every mode."""
    for mode, rounding in ROUNDINGS.items():
        for overflow, policy in OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.NAN)
            silent = UNDOCUMENTED if rounding is Rounding.TO_ODD else ()
            for fmt, words, make in contexts():
                if fmt.name in ODD and mode in EVEN:
                    continue
                called = f"{words}, RM.{mode}, OV.{overflow}).round(x)"
                function = _rounded(make(RM[mode], OV[overflow]))
                yield conversion("fpy2", fmt, how, called, f"{mode}, {overflow}", function, silent=silent)


Made = Callable[..., Any]


def contexts() -> Iterator[tuple[Format, str, Made]]:
    """Each float format, and how its context is made."""
    for name in IEEE:
        fmt = _float(name)
        size = fmt.exponent_bits, fmt.width
        yield fmt, f"IEEEContext({size[0]}, {size[1]}", lambda *more, size=size, **named: IEEEContext(*size, *more, **named)
    for name, kind in EXTENDED.items():
        fmt = _float(name)
        size = fmt.exponent_bits, fmt.width
        offset = default_bias(fmt.exponent_bits) - fmt.bias
        parts = (*size, fmt.has_infinity, kind, offset)
        words = f"EFloatContext({size[0]}, {size[1]}, {fmt.has_infinity}, {kind.name}, {offset}"
        yield fmt, words, lambda *more, parts=parts, **named: EFloatContext(*parts, *more, **named)
    yield parse("e8m0"), "ExpContext(8, 0", lambda *more: ExpContext(8, 0, *more)


def fixed_calls() -> Iterator[Call]:
    """Fixed point in two's complement, and with a sign and a magnitude."""
    for mode, rounding in ROUNDINGS.items():
        for overflow, policy in FIXED_OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
            silent = UNDOCUMENTED if rounding is Rounding.TO_ODD else ()
            for grid, words, make in grids(overflow):
                called, function = f"{words}, RM.{mode}, OV.{overflow}).round(x)", _rounded(make(RM[mode], OV[overflow]))
                yield conversion("fpy2", grid, how, called, f"{mode}, {overflow}", function, refuses=("nan", "infinity"), silent=silent)


def grids(overflow: str) -> Iterator[tuple[Format, str, Made]]:
    """Each fixed point format and how its context is made. What a sign and a magnitude wrap around to, is for no standard to say."""
    for name in FIXED:
        grid = parse(name)
        assert isinstance(grid, Fixed)
        parts = (grid.signed, -grid.fraction_bits, grid.width)
        words = f"FixedContext({', '.join(map(str, parts))}"
        yield grid, words, lambda *more, parts=parts, **named: FixedContext(*parts, *more, **named)
    if overflow != "WRAP":
        yield parse(SIGN_AND_MAGNITUDE), "SMFixedContext(-4, 8", lambda *more, **named: SMFixedContext(-4, 8, *more, **named)


def checked_calls() -> Iterator[Call]:
    """Contexts that raise where a number overflows, and those that say what NaN and infinity become."""
    how = Projection(overflow=Overflow.SATURATE_PROPAGATE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
    floats = ((fmt, words, make, ()) for fmt, words, make in contexts() if fmt.name not in ("e8m0", *ODD))
    fixed = ((grid, words, make, ("nan", "infinity")) for grid, words, make in grids("SATURATE"))
    for fmt, words, make, refuses in (*floats, *fixed):
        for overflow in ("ASSERT", "OVERFLOW") if isinstance(fmt, Fixed) else ("ASSERT",):
            called, function = f"{words}, RM.RNE, OV.{overflow}).round(x)", _rounded(make(RM.RNE, OV[overflow]))
            yield conversion("fpy2", fmt, how, called, f"RNE, {overflow}", function, refuses=(*refuses, "out of range"))
        if not fmt.has_infinity:
            yield _replacing(fmt, how, words, make)


def _replacing(fmt: Format, how: Projection, words: str, make: Made) -> Call:
    """The call of a context that says what becomes of a NaN, where the format has none, and of infinities.

    Floats without a NaN refuse a value for infinities, which become the greatest one without it; and one value with either sign is all that can be said.
    """
    named, told = {}, []
    refuses = ("infinity",) if fmt.greatest() != fmt.greatest(True) else ()
    if not fmt.has_nan:
        named["nan_value"] = Float.from_int(0)
        told.append("nan_value=0")
    if not refuses and (isinstance(fmt, Fixed) or fmt.has_nan):
        named["inf_value"] = Float.from_rational(Fraction(str(fmt.exact(fmt.greatest()))))
        told.append(f"inf_value={float(named['inf_value'])}")
    called = f"{words}, RM.RNE, OV.SATURATE, {', '.join(told)}).round(x)"
    how = replace(how, overflow=Overflow.SATURATE_FINITE)
    return conversion("fpy2", fmt, how, called, f"RNE, SATURATE, {' and '.join(named)}", _rounded(make(RM.RNE, OV.SATURATE, **named)), refuses=refuses)


BINARY16, BINARY32 = parse("binary16"), parse("binary32")


def general_calls() -> Iterator[Call]:
    """Contexts with parameters of any size: where they know no bound, into formats that hold all that comes from a narrow source."""
    exact, refuses = Projection(absent_nan=AbsentNaN.ZERO), ("nan", "infinity")
    for mode, rounding in ROUNDINGS.items():
        how, rm = replace(exact, rounding=rounding), RM[mode]
        more: dict[str, Any] = {"silent": UNDOCUMENTED if rounding is Rounding.TO_ODD else ()}
        for name, words, unbounded in (
            ("e9m7", "MPFloatContext(8", MPFloatContext(8, rm)),
            ("e9m10(bias=15)", "MPSFloatContext(11, -14", MPSFloatContext(11, -14, rm)),
        ):
            yield conversion("fpy2", parse(name), how, f"{words}, RM.{mode}).round(x)", mode, _rounded(unbounded), source=BINARY32)
        function = _rounded(MPFixedContext(-5, rm))
        yield conversion("fpy2", parse("q17.4"), how, f"MPFixedContext(-5, RM.{mode}).round(x)", mode, function, source=BINARY16, refuses=refuses)
        for overflow, policy in OVERFLOW.items():
            for name, top, infinite in (("ieee_e4m3", 240, True), ("ocp_e4m3", 448, False)):
                words = f"MPBFloatContext(4, -6, {top}, RM.{mode}, OV.{overflow}, enable_inf={infinite}).round(x)"
                bounded = MPBFloatContext(4, -6, RealFloat.from_int(top), rm, OV[overflow], enable_inf=infinite)
                over = ("out of range" if mode == "RTO" else "overflow",) if overflow == "OVERFLOW" else ()
                lost = () if infinite else ("infinity", *over)
                yield conversion("fpy2", parse(name), replace(how, overflow=policy), words, f"{mode}, {overflow}, MPB", _rounded(bounded), refuses=lost, **more)
        for overflow, policy in FIXED_OVERFLOW.items():
            ends = RealFloat(c=127, exp=-4), RealFloat(s=True, c=128, exp=-4)
            context = MPBFixedContext(-5, ends[0], rm, OV[overflow], neg_maxval=ends[1])
            words = f"MPBFixedContext(-5, 127/16, RM.{mode}, OV.{overflow}, neg_maxval=-8).round(x)"
            how = replace(how, overflow=policy, negatives=Negatives.OVERFLOW)
            yield conversion("fpy2", parse("q4.4"), how, words, f"{mode}, {overflow}, MPB", _rounded(context), refuses=refuses, **more)


def coded() -> Iterator[Call]:
    """Codes of every context that has them to numbers, and numbers to codes."""
    fixed = (each for each in grids("SATURATE") if each[0].name != SIGN_AND_MAGNITUDE)
    for fmt, words, make in (*contexts(), *fixed):
        context = make(RM.RNE, OV.SATURATE)
        yield decoding("fpy2", fmt, f"{words}).decode(i)", _decoded(context))
        called = f"{words}, RM.RNE, OV.SATURATE).encode(context.round(x))"
        yield encoding("fpy2", fmt, called, _encoded(context))


class Given(random.Random):
    """A source of random bits that gives those that it was told."""

    bits = 0

    def getrandbits(self, k: int, /) -> int:
        return self.bits


def stochastic_calls() -> Iterator[Call]:
    """Floats and fixed point by random bits, bit for bit."""
    for mode, rounding in DRAWN.items():
        how = Projection(rounding=rounding, bits=BITS, overflow=Overflow.SATURATE_PROPAGATE, absent_nan=AbsentNaN.ZERO)
        how = replace(how, negatives=Negatives.OVERFLOW)
        floats = ((fmt, words, make, ()) for fmt, words, make in contexts() if fmt.name not in ("e8m0", *ODD))  # the context of e8m0 draws nothing
        fixed = ((grid, words, make, ("nan", "infinity")) for grid, words, make in grids("SATURATE"))
        for fmt, words, make, refuses in (*floats, *fixed):
            if fmt.has_nan and not fmt.has_infinity:
                refuses = (*refuses, "infinity")  # what becomes of them is not documented; the claims above find it out
            given = Given()
            context = make(RM[mode], OV.SATURATE, BITS, rng=given)
            called = f"{words}, RM.{mode}, OV.SATURATE, num_randbits={BITS}, rng=...).round(x)"
            more: dict[str, Any] = {"refuses": refuses, "draws": Draws.GIVEN, "shapes": Shapes.ONE, "tries": MOST}
            claim = Claim("fpy2", "convert", (SOURCE, parse(f"uint{BITS}")), fmt, how, called, f"{mode}, stochastic", **more)
            yield Call(claim, each(_drawn(context, given)), Arrays("numpy", "float64"))


def operation_calls() -> Iterator[Call]:
    """Operations in every context, rounding and overflow mode; but to odd among powers of two, of which none is even."""
    for mode, rounding in ROUNDINGS.items():
        silent = UNDOCUMENTED if rounding is Rounding.TO_ODD else ()
        for overflow, policy in OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.NAN)
            for fmt, words, make in contexts():
                if (fmt.name in ODD and mode in EVEN) or (fmt.name == "e8m0" and mode == "RTO"):
                    continue
                called, variant = f"{words}, RM.{mode}, OV.{overflow})", f"{mode}, {overflow}"
                which = Which(overflow == "OVERFLOW", fmt.name not in ARITHMETIC_ONLY, mode in WIDELY and fmt.name not in ("e8m0", "binary32", "binary64"))
                more = {"refuses": (), "silent": silent, "documented": ("ieee_754",) if fmt.dialect is Dialect.P3109 else ()}
                yield from operations(fmt, how, called, variant, make(RM[mode], OV[overflow]), which, **more)
        for overflow, policy in FIXED_OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
            for grid, words, make in grids(overflow):
                called, variant = f"{words}, RM.{mode}, OV.{overflow})", f"{mode}, {overflow}"
                which = Which(overflow == "WRAP" or grid.name == SIGN_AND_MAGNITUDE, wide=mode in WIDELY and overflow == "SATURATE")
                refuses = ("unused", "no number") if grid.name == SIGN_AND_MAGNITUDE else ("no number",)
                yield from operations(grid, how, called, variant, make(RM[mode], OV[overflow]), which, refuses=refuses, silent=silent)


def _rounded(context: Any) -> Callable[[float], float]:
    return lambda x: value(context.round(x))


def _decoded(context: Any) -> Callable[[int], float]:
    return lambda code: value(context.decode(code))


def _encoded(context: Any) -> Callable[[float], int]:
    return lambda x: int(context.encode(context.round(x)))


def _drawn(context: Any, given: Given) -> Callable[[float, float], float]:
    def function(x: float, bits: float) -> float:
        given.bits = int(bits)
        return value(context.round(x))

    return function


def _float(name: str) -> FloatFormat:
    fmt = parse(name)
    assert isinstance(fmt, FloatFormat)
    return fmt


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls(
        "fpy2", version("fpy2"), [*float_calls(), *fixed_calls(), *checked_calls(), *general_calls(), *coded(), *stochastic_calls(), *operation_calls()]
    )
