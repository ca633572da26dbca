"""The definition of rounding: ``refmath.rounding`` computes it, this states it.

A magnitude |x| has a kept code c, the greatest whose value is not above it, and a position nu in the gap above c: the least upper
bound of j 2^-k over the codes with k refinement bits, c 2^k + j, whose value is not above |x|. Rounding delivers c, or c + 1
when the mode says so: x is then rounded *away* from zero. Nothing else is looked at, so that one definition serves every family.

Sources: IEEE 754-2019 clause 4.3; P3109 interim report v4.0 section 4.7.
"""

import sympy
from sympy import And, Eq, Or, Piecewise, floor

from refmath.rounding import Rounding
from refmath.symbolic import Expr, NearestInteger

C = sympy.Symbol("c", integer=True)
R = sympy.Symbol("R", integer=True, nonnegative=True)
N = sympy.Symbol("N", integer=True, positive=True)
X = sympy.Symbol("x", real=True, nonzero=True)
NU = sympy.Symbol("nu", real=True, nonnegative=True)
HALF = sympy.Rational(1, 2)
TWO = sympy.Integer(2)

EVEN = Eq(sympy.Mod(C, 2), 0)
ODD = Eq(sympy.Mod(C, 2), 1)


def away(mode: Rounding) -> Expr:
    """The condition under which ``mode`` rounds to c + 1, on nu, c, the sign of x, and for a stochastic mode R of N random bits."""
    match mode:
        case Rounding.NEAREST_EVEN:
            return nearest(ODD)
        case Rounding.NEAREST_AWAY:
            return NU >= HALF
        case Rounding.NEAREST_ZERO:
            return NU > HALF
        case Rounding.NEAREST_ODD:
            return nearest(EVEN)
        case Rounding.NEAREST_POSITIVE:
            return nearest(X > 0)
        case Rounding.NEAREST_NEGATIVE:
            return nearest(X < 0)
        case Rounding.TOWARD_ZERO:
            return sympy.false
        case Rounding.TOWARD_POSITIVE:
            return And(NU > 0, X > 0)
        case Rounding.TOWARD_NEGATIVE:
            return And(NU > 0, X < 0)
        case Rounding.AWAY_FROM_ZERO:
            return NU > 0
        case Rounding.TO_ODD:
            return And(NU > 0, EVEN)
        case Rounding.STOCHASTIC_A:
            return floor(NU * TWO**N) + R >= TWO**N
        case Rounding.STOCHASTIC_B:
            return floor(NU * TWO ** (N + 1)) + 2 * R + 1 >= TWO ** (N + 1)
        case Rounding.STOCHASTIC_C:
            return NearestInteger(NU * TWO**N) + R >= TWO**N
        case Rounding.STOCHASTIC:
            return NU * TWO**N > R


def nearest(tie: Expr) -> Expr:
    """Away above the middle of the gap, and in the middle where ``tie`` holds."""
    return Or(NU > HALF, And(Eq(NU, HALF), tie))


def rounded(mode: Rounding) -> Expr:
    """The rounded code."""
    return Piecewise((C + 1, away(mode)), (C, True))
