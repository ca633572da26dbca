"""The definition of the takum family, in the fields as they stand: ``formats.takum`` computes it, this states it.

Source: L. Hunhold, "Beating Posits at Their Own Game: Takum Arithmetic" (2024), definitions 1 to 3.
"""

import sympy
from sympy import And, Eq, Mod, Piecewise, exp, floor

from formats.symbolic import NAR, Case, Definition, Field, Parameter, Where, natural
from formats.takum import LONGEST_PREFIX, Takum
from refmath.symbolic import Expr

S, D, R, C, M, W, T, r, p = natural("S D R C M W T r p")
N = sympy.Symbol("n", integer=True, positive=True)
c = sympy.Symbol("c", integer=True)
m, LOG = sympy.symbols("m l", real=True)
ONE, TWO = sympy.Integer(1), sympy.Integer(2)


def definition(x: Takum) -> Definition:
    """What the words of a takum format stand for."""
    linear = ((1 - 3 * S) + m) * TWO ** ((1 - 2 * S) * (c + S))
    logarithmic = (1 - 2 * S) * exp(LOG / 2)
    short = x.width <= LONGEST_PREFIX
    fields = _short_fields() if short else _fields()
    zero = Eq(W, 0) if short else And(Eq(D, 0), Eq(R, 0), Eq(C, 0), Eq(M, 0))
    return Definition(
        name=x.name,
        width=x.width,
        fields=fields,
        parameters=(Parameter(N, x.width, "bits"),),
        where=(
            *(_unpacked() if short else ()),
            Where(r, _bits(), "the bits of C"),
            Where(p, (LONGEST_PREFIX if short else N - 1) - 4 - r, "the bits of the mantissa"),
            *(_unpacked_tail() if short else ()),
            Where(c, Piecewise((TWO**r - 1 + C, Eq(D, 1)), (-(TWO ** (r + 1)) + 1 + C, True)), "the characteristic"),
            Where(m, M * TWO**-p, "the mantissa"),
            *([Where(LOG, (1 - 2 * S) * (c + m), "the logarithm to base sqrt(e)")] if x.logarithmic else []),
        ),
        cases=(
            Case(And(zero, Eq(S, 0)), sympy.Integer(0), "zero"),
            Case(zero, NAR, "not a real"),
            Case(sympy.true, logarithmic if x.logarithmic else linear, "a real number"),
        ),
        extremes=(),
    )


def _bits() -> Expr:
    """R where D is 1, 7 - R where it is 0."""
    return 7 - R + D * (2 * R - 7)


def _fields() -> tuple[Field, ...]:
    return (
        Field(S, ONE, "sign"),
        Field(D, ONE, "direction"),
        Field(R, sympy.Integer(3), "regime"),
        Field(C, _bits(), "characteristic bits"),
        Field(M, N - 5 - _bits(), "mantissa bits"),
    )


def _short_fields() -> tuple[Field, ...]:
    return Field(S, ONE, "sign"), Field(W, N - 1, "the rest, which may end within any field")


def _unpacked() -> tuple[Where, ...]:
    return (
        Where(T, W * TWO ** (LONGEST_PREFIX + 1 - N), "the rest, zeros appended to 11 bits"),
        Where(D, floor(T / TWO**10), "the direction"),
        Where(R, Mod(floor(T / TWO**7), 8), "the regime"),
    )


def _unpacked_tail() -> tuple[Where, ...]:
    return (
        Where(C, Mod(floor(T / TWO**p), TWO**r), "the characteristic bits"),
        Where(M, Mod(T, TWO**p), "the mantissa bits"),
    )
