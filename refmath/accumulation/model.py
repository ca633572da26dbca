"""What a model of accumulation is: a function of exact terms, an optional addend c and a format to accumulate in.

Everything that decides a result bit for bit is a parameter of the model, its order included. A model has a text, which ``notation`` reads back.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from refmath.accumulation.terms import Accumulator, Term
from refmath.accumulation.trees import Tree, canonical
from refmath.datum import ZERO, Datum


class Model(ABC):
    """How a sum is taken. Subclasses are frozen dataclasses; a ``name`` that they may have is no part of what they mean."""

    name: str

    @abstractmethod
    def combine(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        """The sum of at least one term, and of c where there is one, as a datum of the format."""

    @abstractmethod
    def tree(self, items: Sequence[Tree], c: Tree | None = None) -> Tree:
        """Which partial sums are formed of at least one item, and where c comes in."""

    @abstractmethod
    def notation(self) -> str:
        """The text with all parameters that are not as usual."""

    def accumulate(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        """As ``combine``; of no terms the sum is c, or +0 where there is none."""
        if terms:
            return self.combine(terms, c, into)
        return ZERO if c is None else into.round(into.take(c))

    def order(self, n: int) -> Tree:
        """The tree of a sum of n >= 1 terms, its children in the order of their least terms."""
        return canonical(self.tree(range(n)))

    def __str__(self) -> str:
        return self.name or self.notation()


def call(head: str, *options: str) -> str:
    """``head(option, ...)``, without brackets where there is no option."""
    given = ", ".join(option for option in options if option)
    return f"{head}({given})" if given else head
