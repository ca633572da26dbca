"""The definition of the posit family, in the fields as they stand: ``formats.posit`` computes it, this states it.

Source: Standard for Posit Arithmetic (2022) section 3.3, with es for its constant 2.
"""

import sympy
from sympy import Eq, Max, Mod, Piecewise, floor

from formats.posit import Posit
from formats.symbolic import NAR, Case, Definition, Field, Parameter, Where, natural
from refmath.symbolic import FloorLog2

S, W, X, M, E, K = natural("S W x m e k")
N, ES = sympy.symbols("n es", integer=True, nonnegative=True)
R = sympy.Symbol("r", integer=True)
F = sympy.Symbol("f", real=True)
TWO = sympy.Integer(2)


def definition(x: Posit) -> Definition:
    """What the words of a posit format stand for."""
    half = TWO ** (N - 2)
    tail = Mod(W, TWO**M) * TWO ** (ES - M)
    return Definition(
        name=x.name,
        width=x.width,
        fields=(Field(S, sympy.Integer(1), "sign"), Field(W, N - 1, "regime, exponent and fraction")),
        parameters=(Parameter(N, x.width, "bits"), Parameter(ES, x.es, "exponent bits")),
        where=(
            Where(X, Piecewise((W, half > W), (TWO ** (N - 1) - 1 - W, True)), "W with its leading run made zeros"),
            Where(K, N - 1 - FloorLog2(2 * X + 1), "the length of that run"),
            Where(R, Piecewise((-K, half > W), (K - 1, True)), "the regime"),
            Where(M, Max(N - 2 - K, 0), "the bits after the run and the bit that ends it"),
            Where(E, floor(tail), "the exponent: the first es of those bits, missing ones being 0"),
            Where(F, tail - E, "the fraction: the rest"),
        ),
        cases=(
            Case(Eq(W, 0) & Eq(S, 0), sympy.Integer(0), "zero"),
            Case(Eq(W, 0), NAR, "not a real"),
            Case(sympy.true, (1 - 3 * S + F) * TWO ** ((1 - 2 * S) * (TWO**ES * R + E + S)), "a real number"),
        ),
        extremes=(
            Where(sympy.Symbol("maxPos"), TWO ** (TWO**ES * (N - 2)), "greatest"),
            Where(sympy.Symbol("minPos"), TWO ** (-(TWO**ES) * (N - 2)), "least positive"),
        ),
    )
