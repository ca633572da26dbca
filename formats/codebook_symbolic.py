"""The definition of a codebook, its list: ``formats.codebook`` computes it, this states it."""

import sympy
from sympy import Eq

from formats.codebook import Codebook
from formats.symbolic import MINUS_ZERO, Case, Definition, Field, Where, natural
from refmath.datum import NEGATIVE_ZERO, Finite
from refmath.symbolic import Expr

(INDEX,) = natural("i,")


def definition(x: Codebook) -> Definition:
    """What the codes of a codebook stand for."""
    last = len(x.data) - 1
    return Definition(
        name=x.name,
        width=x.width,
        fields=(Field(INDEX, sympy.Integer(x.width), "index"),),
        parameters=(),
        where=(),
        cases=tuple(Case(sympy.true if i == last else Eq(INDEX, i), _value(datum), f"value {i}") for i, datum in enumerate(x.data)),
        extremes=(Where(sympy.Symbol("x_max"), _rational(x.ascending[-1]), "greatest"), Where(sympy.Symbol("x_low"), _rational(x.ascending[0]), "lowest")),
    )


def _value(datum: Finite) -> Expr:
    return MINUS_ZERO if datum == NEGATIVE_ZERO else _rational(datum.value)


def _rational(x: Expr) -> Expr:
    return sympy.Rational(int(x.numerator), int(x.denominator))
