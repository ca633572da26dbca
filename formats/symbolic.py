"""What a format means, as one sympy object: printed for people, evaluated exactly, stated in proofs.

A ``Definition`` cuts a code into named fields, most significant first, and says which datum they stand for, as cases over the
fields and the parameters of the family; the first case whose condition holds applies. A finite datum is a real expression; the
others are symbols: ``-0``, ``Inf`` (with its sign as a factor), ``NaN``, ``NaR``, and ``qNaN(s, d, n)`` and ``sNaN(s, d, n)`` for NaNs with sign
s and a payload d of n bits.

A family returns its definition from ``Format.definition``, which imports this module only then: sympy is slow to load, and
milliseconds slow to rewrite an expression, so that it defines and prints and never computes in a loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from gmpy2 import mpq

from refmath.datum import NEGATIVE_ZERO, Datum, Infinity, NaN, NotAReal, finite
from refmath.reals import Real
from refmath.symbolic import Evaluator, Expr, evaluator, latex, text

MINUS_ZERO = sympy.Symbol("-0")
INFINITY = sympy.Symbol("Inf")
NAN = sympy.Symbol("NaN")
NAR = sympy.Symbol("NaR")
QUIET = sympy.Function("qNaN")
SIGNALLING = sympy.Function("sNaN")

WORDS: dict[Any, Datum] = {MINUS_ZERO: NEGATIVE_ZERO, NAN: NaN(), NAR: NotAReal()}
"""The symbols that are data by themselves."""


def natural(names: str) -> Any:
    """Symbols for integers >= 0, as ``sympy.symbols`` gives them."""
    return sympy.symbols(names, integer=True, nonnegative=True)


@dataclass(frozen=True)
class Field:
    """A run of bits of a code, read as an integer."""

    symbol: Expr
    width: Expr
    """Bits, an expression in parameters and earlier fields."""
    meaning: str


@dataclass(frozen=True)
class Parameter:
    """A number that distinguishes the formats of a family, with its value in one of them."""

    symbol: Expr
    value: int | mpq
    meaning: str


@dataclass(frozen=True)
class Where:
    """An abbreviation: a symbol for an expression in fields, parameters and earlier abbreviations."""

    symbol: Expr
    expression: Expr
    meaning: str


@dataclass(frozen=True)
class Case:
    """What the fields stand for where a condition on them holds."""

    condition: Expr
    datum: Expr
    meaning: str


@dataclass(frozen=True)
class Definition:
    """The definition of a format."""

    name: str
    width: int
    """Bits of a code."""
    fields: tuple[Field, ...]
    parameters: tuple[Parameter, ...]
    where: tuple[Where, ...]
    cases: tuple[Case, ...]
    """The first whose condition holds applies; the condition of the last is true."""
    extremes: tuple[Where, ...]
    """Closed forms of the characteristic values, in parameters."""

    def piecewise(self) -> Expr:
        """The datum as one sympy ``Piecewise`` over fields and parameters, abbreviations written out."""
        return sympy.Piecewise(*((self._expand(case.datum), self._expand(case.condition)) for case in self.cases))

    def _expand(self, expression: Expr) -> Expr:
        for where in reversed(self.where):
            expression = expression.subs(where.symbol, where.expression)
        return expression

    def instance(self) -> "Definition":
        """The same with the values of the parameters put in."""
        values = {parameter.symbol: parameter.value for parameter in self.parameters}
        return replace(
            self,
            fields=tuple(replace(field, width=sympy.sympify(field.width).subs(values)) for field in self.fields),
            parameters=(),
            where=tuple(replace(where, expression=where.expression.subs(values)) for where in self.where),
            cases=tuple(Case(case.condition.subs(values), case.datum.subs(values), case.meaning) for case in self.cases),
            extremes=tuple(replace(where, expression=where.expression.subs(values)) for where in self.extremes),
        )

    # Evaluation, exact.

    @cached_property
    def _values(self) -> dict[str, int]:
        return {parameter.symbol.name: parameter.value for parameter in self.parameters}

    @cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(
            tuple((field.symbol.name, evaluator(sympy.sympify(field.width))) for field in self.fields),
            tuple((where.symbol.name, evaluator(where.expression)) for where in self.where),
            tuple((evaluator(case.condition), _datum(case.datum)) for case in self.cases),
        )

    def split(self, code: int) -> dict[str, int]:
        """The fields of a code, by the names of their symbols."""
        values: dict[str, int] = dict(self._values)
        found, left = {}, self.width
        for name, width in self._compiled.fields:
            left -= width(values)
            values[name] = found[name] = code >> left & ((1 << width(values)) - 1)
        assert left == 0, f"the fields of {self.name} do not fill its {self.width} bits"
        return found

    def datum(self, fields: Mapping[str, int]) -> Datum:
        """What the fields stand for."""
        values: dict[str, Any] = {**self._values, **fields}
        for name, expression in self._compiled.where:
            values[name] = expression(values)
        return next(datum(values) for condition, datum in self._compiled.cases if condition(values))  # type: ignore[no-any-return]

    def decode(self, code: int) -> Datum:
        """What a code stands for: ``Format.decode``, from the definition alone."""
        return self.datum(self.split(code))

    # Print.

    def text(self) -> str:
        """The definition in lines of plain text."""
        fields = ", ".join(f"{field.symbol} ({_bits(field.width)})" for field in self.fields)
        values = ", ".join(f"{parameter.symbol} = {parameter.value}" for parameter in self.parameters)
        lines = [f"fields  {fields}", *([f"with    {values}"] if values else [])]
        lines += [f"where   {where.symbol} = {text(where.expression)}, {where.meaning}" for where in self.where]
        last = "otherwise" if len(self.cases) > 1 else ""
        rows = [(text(case.datum), last if case.condition == sympy.true else f"if {text(case.condition)}", case.meaning) for case in self.cases]
        first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
        return "\n".join([*lines, *(f"  {datum:{first}}  {condition:{second}}  {meaning}" for datum, condition, meaning in rows)])

    def latex(self) -> str:
        """The cases as LaTeX for mathematics mode."""
        rows = (rf"{latex(case.datum)} & {'' if case.condition == sympy.true else latex(case.condition)} & \text{{{case.meaning}}}" for case in self.cases)
        body = " \\\\\n".join(rows)
        return f"\\left\\{{\\begin{{array}}{{lll}}\n{body}\n\\end{{array}}\\right."


@dataclass(frozen=True)
class _Compiled:
    fields: tuple[tuple[str, Evaluator], ...]
    where: tuple[tuple[str, Evaluator], ...]
    cases: tuple[tuple[Evaluator, Evaluator], ...]


def _bits(width: Expr) -> str:
    printed = text(sympy.sympify(width))
    return f"{printed} bit{'' if printed == '1' else 's'}"


def _datum(expression: Expr) -> Evaluator:
    """An exact function of fields and parameters to a ``Datum``."""
    if expression in WORDS:
        word = WORDS[expression]
        return lambda values: word
    if expression.has(INFINITY):
        sign = evaluator(expression.subs(INFINITY, 1))
        return lambda values: Infinity(sign(values) < 0)
    if expression.func in (QUIET, SIGNALLING):
        return _nan(expression)
    real = evaluator(expression)

    def value(values: Mapping[str, int]) -> Datum:
        exact = real(values)
        return finite(exact if isinstance(exact, Real) else mpq(exact))

    return value


def _nan(expression: Expr) -> Evaluator:
    signalling = expression.func == SIGNALLING
    negative, payload, bits = map(evaluator, (*expression.args, *(sympy.S.Zero,) * (3 - len(expression.args))))
    return lambda values: NaN(bool(negative(values)), signalling, payload(values), bits(values))
