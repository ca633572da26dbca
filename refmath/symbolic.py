"""Definitions as sympy expressions: printed for people, evaluated exactly.

``evaluator`` walks an expression once and returns a function of its symbols on Python integers and ``mpq``. It is exact by construction:
each kind of node that it knows maps integers and rationals to integers and rationals, or to powers of e and 2 with rational exponents
(``refmath.exponentials``), and it refuses every other kind, so that nothing can be approximated on the way. sympy is slow to import: nothing imports this module
until a definition is asked for.
"""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

import sympy
from gmpy2 import mpq
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from refmath.exponentials import power_of_e, rational_power_of_two
from refmath.reals import power_of_two, rational_floor_log2

Expr: TypeAlias = Any
"""A sympy expression or condition."""
Value: TypeAlias = Any
"""An ``int``, an ``mpq``, a sum of powers of e and 2, or a ``bool``."""
Evaluator: TypeAlias = Callable[[Mapping[str, Value]], Value]
"""From the values of symbols, by name, to that of an expression."""


class FloorLog2(sympy.Function):  # type: ignore[misc]
    """floor(log2(x)) of a positive rational."""

    nargs = 1

    def _latex(self, printer: Any) -> str:
        x = printer._print(self.args[0])
        if self.args[0].is_Add:
            x = rf"\left({x}\right)"
        return rf"\left\lfloor \log_2 {x} \right\rfloor"

    def _sympystr(self, printer: Any) -> str:
        return f"floor(log2({printer._print(self.args[0])}))"


class NearestInteger(sympy.Function):  # type: ignore[misc]
    """RNITE of P3109: the integer nearest to x, the even one of two."""

    nargs = 1

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """An integer is nearest to itself."""
        return x if x.is_integer else None

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{RNITE}}\left({printer._print(self.args[0])}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"RNITE({printer._print(self.args[0])})"


def evaluator(expression: Expr) -> Evaluator:
    """An exact function of the symbols of ``expression``."""
    if isinstance(expression, sympy.Symbol):
        name = expression.name
        return lambda values: values[name]
    if isinstance(expression, sympy.Rational):
        number = int(expression) if expression.is_Integer else mpq(int(expression.p), int(expression.q))
        return lambda values: number
    if isinstance(expression, sympy.Piecewise):
        return _piecewise([(evaluator(condition), evaluator(branch)) for branch, condition in expression.args])
    if expression in (sympy.true, sympy.false):
        truth = bool(expression)
        return lambda values: truth
    build = NODES.get(expression.func)
    assert build is not None, f"{expression.func} has no exact meaning here"
    return build(*map(evaluator, expression.args))


def _piecewise(branches: list[tuple[Evaluator, Evaluator]]) -> Evaluator:
    def first_match(values: Mapping[str, Value]) -> Value:
        return next(branch(values) for condition, branch in branches if condition(values))

    return first_match


def _unary(function: Callable[[Value], Value]) -> Callable[[Evaluator], Evaluator]:
    return lambda x: lambda values: function(x(values))


def _binary(function: Callable[[Value, Value], Value]) -> Callable[[Evaluator, Evaluator], Evaluator]:
    return lambda x, y: lambda values: function(x(values), y(values))


def _sum(*terms: Evaluator) -> Evaluator:
    return lambda values: sum(term(values) for term in terms)


def _product(*factors: Evaluator) -> Evaluator:
    def product(values: Mapping[str, Value]) -> Value:
        result = 1
        for factor in factors:
            result *= factor(values)
        return result

    return product


def _power(base: Value, exponent: Value) -> Value:
    """base^exponent for an integer exponent, of any sign, or a rational one of 2."""
    n = int(exponent)
    if base == 2:
        return power_of_two(n) if n == exponent else rational_power_of_two(exponent)
    assert n == exponent, "only integer powers are exact"
    return mpq(base) ** n


def _floor(x: Value) -> int:
    return int(x.numerator // x.denominator)


def _nearest_integer(x: Value) -> int:
    floor = _floor(x)
    twice = 2 * (x - floor)
    return floor + int(twice > 1 or (twice == 1 and floor % 2 == 1))


NODES: dict[Any, Callable[..., Evaluator]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: _binary(_power),
    sympy.exp: _unary(lambda x: power_of_e(mpq(x))),
    sympy.Mod: _binary(lambda x, y: x % y),
    sympy.Abs: _unary(abs),
    sympy.Min: lambda *terms: lambda values: min(term(values) for term in terms),
    sympy.Max: lambda *terms: lambda values: max(term(values) for term in terms),
    sympy.floor: _unary(_floor),
    sympy.ceiling: _unary(lambda x: -_floor(-x)),
    FloorLog2: _unary(lambda x: rational_floor_log2(mpq(x))),
    NearestInteger: _unary(_nearest_integer),
    sympy.Eq: _binary(eq),
    sympy.Ne: _binary(ne),
    sympy.Lt: _binary(lt),
    sympy.Le: _binary(le),
    sympy.Gt: _binary(gt),
    sympy.Ge: _binary(ge),
    sympy.And: lambda *terms: lambda values: all(term(values) for term in terms),
    sympy.Or: lambda *terms: lambda values: any(term(values) for term in terms),
    sympy.Not: _unary(lambda x: not x),
}
"""What each kind of node means on integers and rationals."""


SPELLINGS = {"-0": "-0", "Inf": r"\infty", "NaN": r"\mathrm{NaN}", "NaR": r"\mathrm{NaR}"}
"""How LaTeX spells the symbols that are not variables."""


def _terms(terms: list[Expr]) -> list[Expr]:
    """The terms of a sum as people write them: positive ones first; a number last, but before a single product."""
    pair = len(terms) == 2
    return sorted(terms, key=lambda term: (term.could_extract_minus_sign(), not pair if term.is_number else pair and (term.is_Mul or term.is_Pow)))


def _in_order(expression: Expr) -> list[Expr]:
    """The terms of a conjunction or disjunction, which sympy keeps as a set: alphabetically, the more involved ones last."""
    return sorted(expression.args, key=lambda term: (isinstance(term, sympy.And), term.has(sympy.Mod), str(term)))


class _Text(StrPrinter):  # type: ignore[misc]
    """sympy's text, with ^ for powers, = for equality and words for connectives."""

    def _as_ordered_terms(self, expr: Expr, order: str | None = None) -> list[Expr]:
        return _terms(super()._as_ordered_terms(expr, order))

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:  # noqa: N802
        return str(super()._print_Pow(expr, rational)).replace("**", "^")

    def _print_Abs(self, expr: Expr) -> str:  # noqa: N802
        return f"|{self._print(expr.args[0])}|"

    def _print_Mod(self, expr: Expr) -> str:  # noqa: N802
        return " mod ".join(self.parenthesize(argument, 60) for argument in expr.args)

    def _print_Relational(self, expr: Expr) -> str:  # noqa: N802
        return f"{self._print(expr.lhs)} {'=' if expr.rel_op == '==' else expr.rel_op} {self._print(expr.rhs)}"

    def _print_And(self, expr: Expr) -> str:  # noqa: N802
        return " and ".join(_bracketed(self, term, "({})") for term in _in_order(expr))

    def _print_Or(self, expr: Expr) -> str:  # noqa: N802
        return " or ".join(_bracketed(self, term, "({})") for term in _in_order(expr))


class _Latex(LatexPrinter):  # type: ignore[misc]
    """sympy's LaTeX, with terms and conditions in the order of the text."""

    def _as_ordered_terms(self, expr: Expr, order: str | None = None) -> list[Expr]:
        return _terms(super()._as_ordered_terms(expr, order))

    def _print_Symbol(self, expr: Expr, style: str = "plain") -> str:  # noqa: N802
        return SPELLINGS.get(expr.name) or str(super()._print_Symbol(expr, style))

    def _print_And(self, expr: Expr) -> str:  # noqa: N802
        return r" \wedge ".join(_bracketed(self, term, r"\left({}\right)") for term in _in_order(expr))

    def _print_Or(self, expr: Expr) -> str:  # noqa: N802
        return r" \vee ".join(_bracketed(self, term, r"\left({}\right)") for term in _in_order(expr))


def _bracketed(printer: Any, term: Expr, brackets: str) -> str:
    printed = str(printer._print(term))
    return brackets.format(printed) if isinstance(term, sympy.And | sympy.Or) else printed


def text(expression: Expr) -> str:
    """An expression or condition on one line."""
    return str(_Text().doprint(expression))


def latex(expression: Expr) -> str:
    """An expression or condition as LaTeX for mathematics mode."""
    return str(_Latex().doprint(expression))
