"""Sums by blocks of so many terms: each block by one model, the sums of the blocks by another, or each block added to the sum so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from refmath.accumulation.model import Model, call
from refmath.accumulation.ordered import Sequential, check_positive
from refmath.accumulation.terms import Accumulator, Term
from refmath.accumulation.trees import Tree
from refmath.datum import Datum


@dataclass(frozen=True)
class Blocked(Model):
    """Blocks of ``size`` terms, the last one shorter where they do not come out even."""

    size: int
    inner: Model = field(default_factory=Sequential)
    """How the terms of a block are summed."""
    outer: Model | None = field(default_factory=Sequential)
    """How the sums of the blocks, and c, are summed; None where each block takes the sum so far as its c."""
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        check_positive("blocked", "size", self.size)

    def combine(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        blocks = [terms[at : at + self.size] for at in range(0, len(terms), self.size)]
        if self.outer is not None:
            return self.outer.combine([into.held(self.inner.combine(block, None, into)) for block in blocks], c, into)
        for block in blocks:
            c = into.held(self.inner.combine(block, c, into))
        assert c is not None
        return c.value

    def tree(self, items: Sequence[Tree], c: Tree | None = None) -> Tree:
        blocks = [items[at : at + self.size] for at in range(0, len(items), self.size)]
        if self.outer is not None:
            return self.outer.tree([self.inner.tree(block) for block in blocks], c)
        for block in blocks:
            c = self.inner.tree(block, c)
        assert c is not None
        return c

    def notation(self) -> str:
        inner = "" if self.inner == Sequential() else f"inner={self.inner}"
        outer = "outer=chain" if self.outer is None else "" if self.outer == Sequential() else f"outer={self.outer}"
        return call("blocked", str(self.size), inner, outer)
