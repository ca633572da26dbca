"""The definition of affine integers: ``formats.affine`` computes it, this states it."""

import sympy
from sympy import Piecewise

from formats.affine import Affine
from formats.symbolic import Case, Definition, Field, Parameter, Where, natural

(Q,) = natural("Q,")
N = sympy.Symbol("n", integer=True, positive=True)
Z = sympy.Symbol("z", integer=True)
q = sympy.Symbol("q", integer=True)
s = sympy.Symbol("s", positive=True)
TWO = sympy.Integer(2)


def definition(x: Affine) -> Definition:
    """What the codes of an affine format stand for."""
    half = TWO ** (N - 1)
    low, high = ((1 - half if x.codes_as.symmetric else -half), half - 1) if x.codes_as.signed else (sympy.Integer(0), TWO**N - 1)
    integer = Piecewise((Q, half > Q), (Q - TWO**N, True)) if x.codes_as.signed else Q
    return Definition(
        name=x.name,
        width=x.width,
        fields=(Field(Q, N, "all bits"),),
        parameters=(Parameter(N, x.width, "bits"), Parameter(s, x.scale, "scale"), Parameter(Z, x.zero_point, "zero point")),
        where=(Where(q, integer, "the integer"),),
        cases=(Case(sympy.true, s * (q - Z), "affine"),),
        extremes=(Where(sympy.Symbol("x_max"), s * (high - Z), "greatest"), Where(sympy.Symbol("x_low"), s * (low - Z), "lowest")),
    )
