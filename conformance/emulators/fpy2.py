"""fpy2: rounding in its contexts: IEEE floats, floats of every encoding of specials, fixed point, powers of two.

Of its overflow modes ``ASSERT`` raises and ``WRAP`` is for fixed point. Its rounding mode RTE, toward even, is none of ours and of no standard.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from fpy2.number import OV, RM, EFloatContext, ExpContext, FixedContext, IEEEContext
from fpy2.number.context.efloat import EFloatNanKind

from conformance.claims import Claim
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.held import Arrays
from formats.family import Format
from formats.fixed import Fixed
from formats.float_parameters import default_bias
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

MODES = {
    "RNE": Rounding.NEAREST_EVEN,
    "RNA": Rounding.NEAREST_AWAY,
    "RTP": Rounding.TOWARD_POSITIVE,
    "RTN": Rounding.TOWARD_NEGATIVE,
    "RTZ": Rounding.TOWARD_ZERO,
    "RAZ": Rounding.AWAY_FROM_ZERO,
    "RTO": Rounding.TO_ODD,
}
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
SOURCE = parse("binary64")
OVERFLOW = {"OVERFLOW": Overflow.IEEE, "SATURATE": Overflow.SATURATE_PROPAGATE}
FIXED_OVERFLOW = {"WRAP": Overflow.WRAP, "SATURATE": Overflow.SATURATE_FINITE}


def calls() -> Iterator[Call]:
    for mode, rounding in MODES.items():
        for overflow, policy in OVERFLOW.items():
            how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO)
            variant = f"{mode}, {overflow}"
            for name in IEEE:
                fmt = _float(name)
                words = f"IEEEContext({fmt.exponent_bits}, {fmt.width}, RM.{mode}, OV.{overflow}).round(x)"
                yield call(fmt, how, words, variant, IEEEContext(fmt.exponent_bits, fmt.width, RM[mode], OV[overflow]))
            for name, kind in EXTENDED.items():
                fmt = _float(name)
                offset = default_bias(fmt.exponent_bits) - fmt.bias
                context = EFloatContext(fmt.exponent_bits, fmt.width, False, kind, offset, RM[mode], OV[overflow])
                words = f"EFloatContext({fmt.exponent_bits}, {fmt.width}, False, {kind.name}, {offset}, RM.{mode}, OV.{overflow}).round(x)"
                # What a format without the NaN or infinity that is due gets, is documented to be an error.
                lost = () if fmt.has_nan else ("nan", "infinity", *(("overflow",) if overflow == "OVERFLOW" else ()))
                yield call(fmt, how, words, variant, context, lost)
            words = f"ExpContext(8, 0, RM.{mode}, OV.{overflow}).round(x)"
            yield call(parse("e8m0"), how, words, variant, ExpContext(8, 0, RM[mode], OV[overflow]), ("negative",))
        for overflow, policy in FIXED_OVERFLOW.items():
            for name in FIXED:
                grid = parse(name)
                assert isinstance(grid, Fixed)
                context = FixedContext(grid.signed, -grid.fraction_bits, grid.width, RM[mode], OV[overflow])
                words = f"FixedContext({grid.signed}, {-grid.fraction_bits}, {grid.width}, RM.{mode}, OV.{overflow}).round(x)"
                how = Projection(rounding=rounding, overflow=policy, absent_nan=AbsentNaN.ZERO, negatives=Negatives.OVERFLOW)
                yield call(grid, how, words, f"{mode}, {overflow}", context, ("nan", "infinity"))


def _float(name: str) -> Float:
    fmt = parse(name)
    assert isinstance(fmt, Float)
    return fmt


def call(fmt: Format, how: Projection, words: str, variant: str, context: Any, refuses: tuple[str, ...] = ()) -> Call:
    silent = ("overflow",) if how.rounding is Rounding.TO_ODD else ()  # no standard says what overflows to odd
    claim = Claim("fpy2", "convert", (SOURCE,), fmt, how, words, variant, refuses=refuses, silent=silent)
    return Call(claim, each(lambda x: float(context.round(x))), Arrays("numpy", "float64"))


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("fpy2", version("fpy2"), calls())
