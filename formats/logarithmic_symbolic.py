"""The definition of logarithmic numbers: ``formats.logarithmic`` computes it, this states it."""

import sympy
from sympy import And, Eq, Piecewise

from formats.logarithmic import Logarithmic
from formats.symbolic import MINUS_ZERO, Case, Definition, Field, Parameter, Where, natural

S, L, F = natural("S L f")
M = sympy.Symbol("m", integer=True, positive=True)
LOG = sympy.Symbol("l", real=True)
TWO = sympy.Integer(2)


def definition(x: Logarithmic) -> Definition:
    """What the codes of a logarithmic format stand for."""
    half = TWO ** (M + F - 1)
    return Definition(
        name=x.name,
        width=x.width,
        fields=(Field(S, sympy.Integer(1), "sign"), Field(L, M + F, "logarithm")),
        parameters=(Parameter(M, x.integer_bits, "integer bits of the logarithm"), Parameter(F, x.fraction_bits, "fraction bits of the logarithm")),
        where=(Where(LOG, Piecewise((L, half > L), (L - TWO ** (M + F), True)) * TWO**-F, "the logarithm, in two's complement"),),
        cases=(
            Case(And(Eq(L, half), Eq(S, 0)), sympy.Integer(0), "zero"),
            Case(Eq(L, half), MINUS_ZERO, "negative zero"),
            Case(sympy.true, (1 - 2 * S) * TWO**LOG, "a power of two"),
        ),
        extremes=(
            Where(sympy.Symbol("x_max"), TWO ** (TWO ** (M - 1) - TWO**-F), "greatest"),
            Where(sympy.Symbol("x_min"), TWO ** (TWO**-F - TWO ** (M - 1)), "least positive"),
        ),
    )
