"""Worked cases of what the standards leave open: each row is computed, so that the page cannot say what the code does not do."""

from dataclasses import dataclass, field
from typing import Any

from formats import AbsentNaN, AbsentZero, Format, NaNs, Negatives, Projection, parse
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.text import parse_datum
from refmath.underflow import Subnormals, Tininess
from spec.markdown import INFINITY, MINUS, number, table


@dataclass(frozen=True)
class Case:
    """An operand, the format that it goes into, and the axes that differ from the default of the format."""

    operand: str
    target: str
    axes: dict[str, Any] = field(default_factory=dict)


UP, DOWN, ZERO = ({"rounding": mode} for mode in (Rounding.TOWARD_POSITIVE, Rounding.TOWARD_NEGATIVE, Rounding.TOWARD_ZERO))

GROUPS: dict[str, tuple[Case, ...]] = {
    "Round first, test the range second": (
        Case("464", "ocp_e4m3"),
        Case("465", "ocp_e4m3"),
        Case("465", "ocp_e4m3", {"overflow": Overflow.SATURATE_FINITE}),
        Case("65520", "binary16"),
        Case("65520", "binary16", ZERO),
        Case("65536", "binary16", ZERO),
        Case("65536", "binary16", {"rounding": Rounding.TO_ODD}),
        Case("-65520", "binary16", UP),
        Case("300", "int8"),
        Case("300", "int8", {"overflow": Overflow.WRAP}),
        Case("10", "e2m1", {"overflow": Overflow.WRAP}),
    ),
    "An infinity, in a format without one": (
        Case("inf", "ocp_e4m3"),
        Case("inf", "ocp_e4m3", {"overflow": Overflow.SATURATE_FINITE}),
        Case("inf", "ocp_e4m3", {"overflow": Overflow.SATURATE_PROPAGATE}),
        Case("inf", "e2m1"),
        Case("-inf", "e2m1"),
        Case("inf", "int8"),
        Case("inf", "binary8p4sf"),
        Case("inf", "binary8p4sf(revision=4.0)"),
    ),
    "A NaN": (
        Case("snan", "binary16"),
        Case("-nan(0x155)", "binary16", {"nans": NaNs.PROPAGATE}),
        Case("-nan", "ocp_e4m3", {"nans": NaNs.PROPAGATE}),
        Case("-nan", "e4m3fnuz", {"nans": NaNs.PROPAGATE}),
        Case("nan", "e2m1"),
        Case("nan", "e2m1", {"absent_nan": AbsentNaN.GREATEST}),
        Case("-nan", "e2m1", {"absent_nan": AbsentNaN.SIGNED_ZERO}),
        Case("nan", "int8", {"absent_nan": AbsentNaN.ZERO}),
    ),
    "A zero": (
        Case("-0", "binary16"),
        Case("-0", "e4m3fnuz"),
        Case("-0", "uint8"),
        Case("0", "e8m0"),
        Case("0", "e8m0", {"absent_zero": AbsentZero.NAN}),
    ),
    "A negative value, in a format without them": (
        Case("-1", "ue4m3"),
        Case("-1", "ue4m3", ZERO),
        Case("-1", "ue4m3", {"overflow": Overflow.SATURATE_FINITE}),
        Case("-1", "ue4m3", {"negatives": Negatives.LIMIT}),
        Case("-1", "ue4m3", {"negatives": Negatives.NAN}),
        Case("-1", "ue4m3", {"negatives": Negatives.MAGNITUDE}),
        Case("-2^-20", "ue4m3"),
        Case("-2^-20", "ue4m3", DOWN),
        Case("-1", "e8m0"),
        Case("-inf", "ue4m3"),
        Case("-1", "uint8"),
        Case("-1", "uint8", {"overflow": Overflow.WRAP}),
        Case("-1", "binary8p4uf"),
        Case("-1", "binary8p4uf(revision=4.0)"),
    ),
    "Below the least normal value": (
        Case("2^-25", "binary16"),
        Case("-2^-25", "binary16"),
        Case("-2^-15", "binary16", {"results": Subnormals.SIGNED_ZERO}),
        Case("-2^-15", "binary16", {"results": Subnormals.POSITIVE_ZERO}),
        Case("0x0.ffep-14", "binary16"),
        Case("0x0.fffp-14", "binary16"),
        Case("0x0.fffp-14", "binary16", {"tininess": Tininess.BEFORE}),
        Case("0x0.fffp-14", "binary16", {"tininess": Tininess.BEFORE, "results": Subnormals.SIGNED_ZERO}),
        Case("2^-129", "e8m0"),
        Case("2^-128", "e8m0", UP),
        Case("0.3", "int8"),
    ),
}
"""The cases, by what they show."""


def choices() -> str:
    """One table a group."""
    return "\n\n".join(f"**{title}**\n\n{table(('operand', 'into', 'axes', 'delivers', 'flags'), map(_row, cases))}" for title, cases in GROUPS.items())


def _row(case: Case) -> tuple[str, ...]:
    fmt = parse(case.target)
    how = Projection(**{"overflow": fmt.default.overflow} | case.axes)
    axes = ", ".join(f"`{name}={value.value}`" for name, value in case.axes.items())
    delivered, flags = deliver(fmt, parse_datum(case.operand), how)
    return f"`{case.operand}`", f"`{case.target}`", axes, delivered, flags


def deliver(fmt: Format, operand: Datum, how: Projection) -> tuple[str, str]:
    """What a projection delivers, and its flags, in words."""
    try:
        code, flags = fmt.project(operand, how)
    except RefmathError:
        return "an error", ""
    return f"{meaning(fmt.decode(code))} `0x{code:0{(fmt.width + 3) // 4}x}`", str(flags) if flags != Flags.NONE else ""


def meaning(datum: Datum) -> str:
    """A datum in a cell."""
    match datum:
        case Finite(value, negative) if not value:
            return f"{MINUS}0" if negative else "0"
        case Finite(value, _):
            return number(value)
        case Infinity(negative):
            return f"{MINUS if negative else '+'}{INFINITY}"
        case NaN(negative, signalling, payload, bits):
            words = f"{MINUS if negative else ''}{'signalling ' if signalling else ''}NaN"
            return f"{words}, payload {payload:#x}" if bits and payload else words
        case _:
            return "NaR"
