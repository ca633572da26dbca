"""Sums that lose nothing before the end: exact then one rounding, and the quire, an accumulator of stated size."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from refmath.accumulation.model import Model, call
from refmath.accumulation.terms import Accumulator, Term, rational_value
from refmath.accumulation.trees import Tree, node
from refmath.datum import Datum, Finite, NotAReal, finite
from refmath.errors import RefmathError
from refmath.reals import power_of_two, scale

MAX_BITS = 1 << 24


@dataclass(frozen=True)
class Exact(Model):
    """The exact sum of all terms and c, rounded once."""

    name: str = field(default="", compare=False)

    def combine(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        return into.round(into.sum(into.take(term) for term in (*terms, *(() if c is None else (c,)))))

    def tree(self, items: Sequence[Tree], c: Tree | None = None) -> Tree:
        return node((*(() if c is None else (c,)), *items), exact=True)

    def notation(self) -> str:
        return "exact"


@dataclass(frozen=True)
class Quire(Model):
    """A fixed-point accumulator in two's complement, rounded once at the end.

    c first, then the terms in their order. A partial sum that does not fit makes the result NaR (NaN in formats without it) for good, as the posit standard has it, even
    where later terms would bring it back. Source: Standard for Posit Arithmetic (2022) sections 3.2 and 5.11.
    """

    bits: int | None = None
    """Its width; None where the format of the result says it, as posits do."""
    fraction: int | None = None
    """It counts in steps of 2^-fraction."""
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if (self.bits is None) != (self.fraction is None):
            raise RefmathError("quire: bits and fraction go together; give both, or neither for the quire of a posit.")
        if self.bits is not None and not 2 <= self.bits <= MAX_BITS:
            raise RefmathError(f"quire: bits = {self.bits} is impossible; give an integer from 2 to {MAX_BITS:,}.")
        if self.fraction is not None and abs(self.fraction) > MAX_BITS:
            raise RefmathError(f"quire: fraction = {self.fraction} is impossible; give an integer up to {MAX_BITS:,} in magnitude.")

    def combine(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        if self.bits is None or self.fraction is None:
            raise RefmathError("Only posits say how wide their quire is; for other formats state it, for example quire(bits=640, fraction=298).")
        everything = [into.take(term) for term in (*(() if c is None else (c,)), *terms)]
        if not all(isinstance(x, Finite) for x in everything):
            return into.round(into.sum(everything))
        steps = self._count(everything)
        return into.round(NotAReal() if steps is None else finite(steps * power_of_two(-self.fraction)))

    def _count(self, data: list[Datum]) -> int | None:
        """The sum in steps; None once a partial sum did not fit."""
        assert self.bits is not None and self.fraction is not None
        total, limit = 0, 1 << (self.bits - 1)
        for x in data:
            steps = scale(rational_value(x), self.fraction)
            if steps.denominator != 1:
                raise RefmathError(f"A term is no multiple of 2^{-self.fraction}, in which this quire counts; give it more fraction bits.")
            total += int(steps)
            if not -limit < total < limit:
                return None
        return total

    def tree(self, items: Sequence[Tree], c: Tree | None = None) -> Tree:
        return Exact().tree(items, c)

    def notation(self) -> str:
        return "quire" if self.bits is None else call("quire", f"bits={self.bits}", f"fraction={self.fraction}")
