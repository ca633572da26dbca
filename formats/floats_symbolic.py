"""The definition of the float family: ``formats.floats`` computes it, this states it.

Refinement needs no formula of its own: a magnitude code with k refinement bits is a code of the format with precision p + k.

Sources: IEEE 754-2019 clause 3.4; OCP OFP8 1.0 and MX 1.0; P3109 interim report v4.0 section 3.
"""

import sympy
from sympy import And, Eq, Piecewise

from formats.floats import Float, Specials
from formats.symbolic import INFINITY, MINUS_ZERO, NAN, QUIET, SIGNALLING, Case, Definition, Field, Parameter, Where, natural
from refmath.rounding_symbolic import NU, C, X
from refmath.symbolic import Expr, FloorLog2

S, E, J, T, W, K = natural("S E J T w k")
P = sympy.Symbol("p", integer=True, positive=True)
B = sympy.Symbol("b", integer=True)
TWO = sympy.Integer(2)

STEP = TWO ** (1 - P)
"""The weight of the last significand bit of a number in [1, 2)."""
SUBNORMAL = TWO ** (1 - B) * (STEP * T)
NORMAL = TWO ** (E - B) * (1 + STEP * T)
CODE = TWO ** (P - 1) * E + T
ONES = TWO**W - 1
"""The exponent field of all ones."""
LAST = TWO ** (W + P - 1) - 1
"""The magnitude code of all ones."""


def definition(f: Float) -> Definition:
    """What the codes of a float stand for."""
    fields = (
        *([Field(S, sympy.Integer(1), "sign")] if f.signed else []),
        Field(E, W, "exponent field"),
        *([Field(J, sympy.Integer(1), "integer bit")] if f.explicit_integer_bit else []),
        Field(T, P - 1, "trailing significand"),
    )
    cases = (*_specials(f), *(_explicit(f) if f.explicit_integer_bit else _finite(f)))
    return Definition(
        name=f.name,
        width=f.width,
        fields=fields,
        parameters=(Parameter(W, f.exponent_bits, "exponent bits"), Parameter(P, f.precision, "precision"), Parameter(B, f.bias, "bias")),
        where=(Where(C, CODE, "the magnitude code"),) if any(C in case.condition.free_symbols for case in cases) else (),
        cases=cases,
        extremes=(
            Where(sympy.Symbol("x_max"), greatest(f), "greatest"),
            Where(sympy.Symbol("x_nrm"), least_normal(f), "least normal"),
            Where(sympy.Symbol("x_min"), least(f), "least positive"),
        ),
    )


def sign(f: Float) -> Expr:
    """The factor that the sign bit stands for."""
    return (-1) ** S if f.signed else sympy.Integer(1)


def _specials(f: Float) -> list[Case]:
    """Infinities, NaNs and the negative zero: the first cases of a definition."""
    negative = S if f.signed else sympy.Integer(0)
    nan = QUIET(S) if f.signed else NAN
    infinity = sign(f) * INFINITY
    at_minus_zero = Case(And(Eq(S, 1), Eq(C, 0)), NAN, "NaN")
    minus_zero = Case(And(Eq(S, 1), Eq(C, 0)), MINUS_ZERO, "negative zero")
    match f.specials:
        case Specials.IEEE:
            half = TWO ** (P - 2)
            found = [
                Case(And(Eq(E, ONES), Eq(T, 0)), infinity, "infinity"),
                Case(And(Eq(E, ONES), sympy.Ge(T, half)), QUIET(negative, T - half, P - 2), "quiet NaN"),
                Case(Eq(E, ONES), SIGNALLING(negative, T, P - 2), "signalling NaN"),
            ]
        case Specials.RESERVED:
            found = [Case(Eq(E, ONES), nan, "NaN")]
        case Specials.FN:
            found = [Case(Eq(C, LAST), nan, "NaN")]
        case Specials.NONE:
            found = []
        case Specials.FNUZ:
            found = [at_minus_zero]
        case Specials.P3109_EXTENDED if f.signed:
            found = [at_minus_zero, Case(Eq(C, LAST), infinity, "infinity")]
        case Specials.P3109_EXTENDED:
            found = [Case(Eq(C, LAST), NAN, "NaN"), Case(Eq(C, LAST - 1), infinity, "infinity")]
        case Specials.P3109_FINITE:
            found = [at_minus_zero if f.signed else Case(Eq(C, LAST), NAN, "NaN")]
    if f.explicit_integer_bit:
        return [Case(And(E > 0, Eq(J, 0)), SIGNALLING(negative), "invalid"), *found]
    return [*found, minus_zero] if f.has_negative_zero else found


def _finite(f: Float) -> list[Case]:
    """The finite values; a format without subnormal numbers may still make a zero of the code 0."""
    normal = Case(sympy.true, sign(f) * NORMAL, "normal")
    if f.subnormals:
        return [Case(Eq(E, 0), sign(f) * SUBNORMAL, "zero, subnormal"), normal]
    return [Case(Eq(C, 0), sympy.Integer(0), "zero"), normal] if f.has_zero else [normal]


def _explicit(f: Float) -> list[Case]:
    """The finite values where the integer bit is stored: E = 0 with J = 1 is the pseudo-denormal, equal to the code with E = 1."""
    minus_zero = Case(And(Eq(S, 1), Eq(E, 0), Eq(J, 0), Eq(T, 0)), MINUS_ZERO, "negative zero")
    return [
        *([minus_zero] if f.has_negative_zero else []),
        Case(Eq(E, 0), sign(f) * TWO ** (1 - B) * (J + STEP * T), "zero, subnormal"),
        Case(sympy.true, sign(f) * NORMAL, "normal"),
    ]


# Magnitudes.


def magnitude(f: Float) -> Expr:
    """The value of the nonzero magnitude code with fields E and T."""
    return Piecewise((SUBNORMAL, Eq(E, 0)), (NORMAL, True)) if f.subnormals else NORMAL


def refined(f: Float) -> tuple[tuple[Where, ...], Expr]:
    """The value of the code c with k refinement bits, after what E and T are in it: the magnitude with p + k for p.

    Below the least value of a format without subnormal numbers the gap is divided evenly.
    """
    unit = TWO ** (P - 1 + K)
    fields = (Where(E, sympy.floor(C / unit), "exponent field"), Where(T, sympy.Mod(C, unit), "refined significand"))
    value = magnitude(f).subs(P, P + K)
    if f.subnormals:
        return fields, value
    part = C * TWO**-K
    below = (part * least(f), part < 1) if f.has_zero else ((1 + part) * least(f), C < 0)
    return fields, Piecewise(below, (value, True))


def position() -> tuple[Where, ...]:
    """Where a real x != 0 lies among the codes of a float with subnormal numbers: P3109 section 4.7, and the code that it keeps.

    IEEE 754-2019 clause 4.3 is the case of an exponent range without end.
    """
    e, q, s = sympy.symbols("e Q s", real=True)
    return (
        Where(e, sympy.Max(FloorLog2(sympy.Abs(X)), 1 - B), "the exponent of x, no less than that of the least normal value"),
        Where(q, e + 1 - P, "the exponent of the last place"),
        Where(s, sympy.Abs(X) * TWO**-q, "|x| in units of the last place"),
        Where(NU, s - sympy.floor(s), "the position of |x| in its gap"),
        Where(C, sympy.floor(s) + TWO ** (P - 1) * (e + B - 1), "the kept code"),
    )


# Closed forms of the characteristic values.


def least(f: Float) -> Expr:
    """The least positive value."""
    if f.subnormals:
        return TWO ** (1 - B) * STEP
    return TWO**-B * (1 + STEP) if f.has_zero else TWO**-B


def least_normal(f: Float) -> Expr:
    """The least normal value."""
    return TWO ** (1 - B) if f.subnormals else least(f)


def above_greatest(f: Float) -> Expr:
    """How many magnitude codes beyond the greatest finite one the fields can still hold."""
    match f.specials:
        case Specials.IEEE | Specials.RESERVED:
            return TWO ** (P - 1)
        case Specials.FNUZ | Specials.NONE:
            return sympy.Integer(0)
        case Specials.FN:
            return sympy.Integer(1)
        case Specials.P3109_EXTENDED:
            return sympy.Integer(1 if f.signed else 2)
        case Specials.P3109_FINITE:
            return sympy.Integer(0 if f.signed else 1)


def greatest(f: Float) -> Expr:
    """The greatest finite value of a format with at least two exponent bits, by precision."""

    def binade(below: int) -> Expr:
        return TWO ** (ONES - below - B)

    match above_greatest(f):
        case 0:
            return binade(0) * (2 - STEP)
        case 1:
            return Piecewise((binade(1), Eq(P, 1)), (binade(0) * (2 - TWO ** (2 - P)), True))
        case 2:
            return Piecewise((binade(2), Eq(P, 1)), (binade(1) * (2 - STEP), Eq(P, 2)), (binade(0) * (2 - 3 * STEP), True))
        case _:
            return binade(1) * (2 - STEP)
