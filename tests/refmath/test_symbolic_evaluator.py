"""The exact evaluator and the printers of sympy expressions, on expressions small enough to read."""

import subprocess
import sys
from fractions import Fraction

import pytest
import sympy
from gmpy2 import mpq
from hypothesis import given, settings
from hypothesis import strategies as st

from refmath.symbolic import FloorLog2, NearestInteger, evaluator, latex, text

X, Y = sympy.symbols("x y", real=True)
INTEGERS = st.integers(-9, 9)
RATIONALS = st.fractions(min_value=-9, max_value=9, max_denominator=64)


def leaves() -> st.SearchStrategy[sympy.Expr]:
    """Symbols and small rationals."""
    return st.one_of(st.sampled_from([X, Y]), RATIONALS.map(lambda q: sympy.Rational(q.numerator, q.denominator)))


def grown(children: st.SearchStrategy[sympy.Expr]) -> st.SearchStrategy[sympy.Expr]:
    """Sums, products, powers, roundings, remainders and choices of expressions."""
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        st.tuples(children, st.integers(0, 3)).map(lambda p: p[0] ** p[1]),
        children.map(sympy.floor),
        children.map(sympy.ceiling),
        children.map(sympy.Abs),
        st.tuples(children, st.integers(1, 5)).map(lambda p: sympy.Mod(p[0], p[1])),
        pairs.map(lambda p: sympy.Max(*p)),
        pairs.map(lambda p: sympy.Min(*p)),
        st.tuples(children, children, children).map(lambda p: sympy.Piecewise((p[0], p[1] < p[2]), (p[1], True))),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(leaves(), grown, max_leaves=5), RATIONALS, RATIONALS)
def test_value_is_what_sympy_substitutes(expression: sympy.Expr, x: Fraction, y: Fraction) -> None:
    """The evaluator gives the rational that sympy's own substitution gives."""
    expected = expression.subs({X: sympy.Rational(x.numerator, x.denominator), Y: sympy.Rational(y.numerator, y.denominator)})
    assert expected.is_Rational
    assert evaluator(expression)({"x": mpq(x), "y": mpq(y)}) == mpq(int(expected.p), int(expected.q))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (sympy.Eq(X, Y), lambda x, y: x == y),
        (sympy.Ne(X, Y), lambda x, y: x != y),
        (X < Y, lambda x, y: x < y),
        (X <= Y, lambda x, y: x <= y),
        (X > Y, lambda x, y: x > y),
        (X >= Y, lambda x, y: x >= y),
        (sympy.And(X > 0, Y > 0), lambda x, y: x > 0 and y > 0),
        (sympy.Or(X > 0, Y > 0), lambda x, y: x > 0 or y > 0),
        (sympy.Not(sympy.And(X > 0, Y > 0)), lambda x, y: not (x > 0 and y > 0)),
    ],
)
def test_conditions_are_those_of_rationals(condition: sympy.Basic, holds: object) -> None:
    """Relations and connectives mean what they mean on Fractions."""
    evaluate = evaluator(condition)
    for x in (-1, 0, 1):
        for y in (-1, 0, 1):
            assert bool(evaluate({"x": x, "y": y})) == holds(x, y)  # type: ignore[operator]


def test_powers_of_two_are_rational_for_every_integer_exponent() -> None:
    """2^n is the exact rational, also for the negative n for which Python's own power is a float."""
    power = evaluator(sympy.Integer(2) ** sympy.Symbol("n", integer=True))
    assert [power({"n": n}) for n in (-1074, -1, 0, 1, 1024)] == [mpq(1, 2**1074), mpq(1, 2), 1, 2, 2**1024]


def test_a_node_without_an_exact_meaning_is_refused() -> None:
    """What could only be approximated never gets a value: logarithms, roots, floats."""
    for expression in (sympy.log(X), sympy.Float(1.5) + X):
        with pytest.raises(AssertionError):
            evaluator(expression)({"x": 2})
    with pytest.raises(AssertionError):
        evaluator(sympy.Pow(X, sympy.Rational(1, 2), evaluate=False))({"x": 3})


def test_nearest_integer_breaks_ties_to_even() -> None:
    """RNITE of quarter steps around 0, 1 and 2, by hand."""
    nearest = evaluator(NearestInteger(X))
    quarters = {-3: -1, -2: 0, -1: 0, 0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 1, 6: 2, 7: 2, 9: 2, 10: 2, 11: 3}
    assert {n: nearest({"x": mpq(n, 4)}) for n in quarters} == quarters


def test_floor_log2_is_the_exponent_of_the_leading_bit() -> None:
    """floor(log2) of rationals at, just above and just below powers of two."""
    log = evaluator(FloorLog2(X))
    for e in (-1100, -1, 0, 1, 1100):
        power = mpq(2) ** e
        assert [log({"x": x}) for x in (power, power * mpq(1023, 1024), power * mpq(2047, 1024))] == [e, e - 1, e]


@pytest.mark.parametrize(
    ("expression", "plain", "typeset"),
    [
        (sympy.Integer(2) ** (X - Y), "2^(x - y)", "2^{x - y}"),
        (1 + X * Y, "1 + x*y", "1 + x y"),
        (X + 1 - Y, "x + 1 - y", "x + 1 - y"),
        (sympy.And(sympy.Eq(X, 1), Y >= 2), "x = 1 and y >= 2", r"x = 1 \wedge y \geq 2"),
        (sympy.Or(X > 1, sympy.And(sympy.Eq(X, 1), Y > 0)), "x > 1 or (x = 1 and y > 0)", r"x > 1 \vee \left(x = 1 \wedge y > 0\right)"),
        (FloorLog2(sympy.Abs(X)), "floor(log2(|x|))", r"\left\lfloor \log_2 \left|{x}\right| \right\rfloor"),
        (NearestInteger(X), "RNITE(x)", r"\operatorname{RNITE}\left(x\right)"),
        (sympy.Mod(X, 2), "x mod 2", r"x \bmod 2"),
        (sympy.Mod(X + Y, 2), "(x + y) mod 2", r"\left(x + y\right) \bmod 2"),
    ],
)
def test_print_is_what_a_standard_would_write(expression: sympy.Basic, plain: str, typeset: str) -> None:
    """Text and LaTeX use powers, equalities and connectives of mathematics, terms in a readable order."""
    assert text(expression) == plain
    assert latex(expression) == typeset


def test_sympy_is_loaded_only_when_asked_for() -> None:
    """Importing the packages and parsing a format leave sympy alone; asking for a definition loads it."""
    program = (
        "import sys, refmath, formats; f = formats.parse('binary16'); before = 'sympy' in sys.modules; f.definition(); print(before, 'sympy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]
