"""The definition of the fixed-point family: ``formats.fixed`` computes it, this states it."""

import sympy

from formats.fixed import Fixed
from formats.symbolic import Case, Definition, Field, Parameter, Where, natural

S, T = natural("S T")
N = sympy.Symbol("n", integer=True, positive=True)
F = sympy.Symbol("f", integer=True)
TWO = sympy.Integer(2)


def definition(x: Fixed) -> Definition:
    """What the codes of a fixed-point format stand for."""
    unit = TWO**-F
    half = TWO ** (N - 1)
    fields = (Field(S, sympy.Integer(1), "sign"), Field(T, N - 1, "trailing bits")) if x.signed else (Field(T, N, "all bits"),)
    value = unit * (T - half * S) if x.signed else unit * T
    return Definition(
        name=x.name,
        width=x.width,
        fields=fields,
        parameters=(Parameter(N, x.width, "bits"), Parameter(F, x.fraction_bits, "fraction bits")),
        where=(),
        cases=(Case(sympy.true, value, "two's complement" if x.signed else "unsigned"),),
        extremes=(
            Where(sympy.Symbol("x_max"), unit * ((half if x.signed else TWO**N) - 1), "greatest"),
            Where(sympy.Symbol("x_low"), -unit * (half - int(x.symmetric)) if x.signed else sympy.Integer(0), "lowest"),
            Where(sympy.Symbol("x_min"), unit, "least positive"),
        ),
    )
