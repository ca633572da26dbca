"""The definition of the quire: ``formats.quire`` computes it, this states it.

Source: Standard for Posit Arithmetic (2022) section 3.4, with es for its constant 2 and any width.
"""

import sympy
from sympy import And, Eq

from formats.quire import Quire
from formats.symbolic import NAR, Case, Definition, Field, Parameter, Where, natural

S, T = natural("S T")
N, W = sympy.symbols("n w", integer=True, positive=True)
(ES,) = natural("es,")
TWO = sympy.Integer(2)


def definition(x: Quire) -> Definition:
    """What the words of a quire stand for."""
    step = TWO ** (-2 * TWO**ES * (N - 2))
    half = TWO ** (W - 1)
    return Definition(
        name=x.name,
        width=x.width,
        fields=(Field(S, sympy.Integer(1), "sign"), Field(T, W - 1, "carry, integer and fraction")),
        parameters=(Parameter(N, x.posit.width, "bits of the posit"), Parameter(ES, x.posit.es, "its exponent bits"), Parameter(W, x.width, "bits")),
        where=(),
        cases=(Case(And(Eq(S, 1), Eq(T, 0)), NAR, "not a real"), Case(sympy.true, step * (T - half * S), "a multiple of the square of minPos")),
        extremes=(Where(sympy.Symbol("x_max"), step * (half - 1), "greatest"), Where(sympy.Symbol("x_min"), step, "least positive")),
    )
