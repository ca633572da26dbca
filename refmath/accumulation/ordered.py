"""Sums of two at a time, each rounded: in sequence, in halves, by folding, in lanes as vector units have them, or by any tree.

``fma`` says that a product which is added to a partial sum is not rounded before: round(x y + s). Two products are added as fma(x1, y1, round(x0 y0)): the first is rounded,
as fma(x0, y0, 0) does it. Without fma every product is rounded. A summand that is one number is rounded too, which changes nothing in its own format.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from refmath.accumulation import orders, trees
from refmath.accumulation.model import Model, call
from refmath.accumulation.orders import Step
from refmath.accumulation.terms import Accumulator, Term
from refmath.accumulation.trees import Tree
from refmath.datum import Datum
from refmath.errors import RefmathError


class Addend(Enum):
    """When c is added."""

    FIRST = "first"
    """The sum starts with it."""
    LAST = "last"
    """The sum of the terms is added to it, with a rounding of its own."""


class Tail(Enum):
    """What becomes of the terms that do not fill all lanes."""

    AFTER = "after"
    """They are added in sequence to the sum of the lanes."""
    LANES = "lanes"
    """They go into the first lanes."""


class Ordered(Model):
    """A sum whose additions each round."""

    fma: bool

    @abstractmethod
    def steps(self, slots: Sequence[int]) -> list[Step]:
        """The plan over these slots, of which there is at least one."""

    def plan(self, n: int, with_c: bool) -> list[Step]:
        """The plan over slots 0 to n - 1 and, with c, slot n."""
        slots = range(n)
        steps = self.steps(slots)
        return [*steps, (orders.target(steps, slots), n)] if with_c else steps

    def combine(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        held = [into.take(term) for term in terms]
        fresh = [True] * len(held)
        if c is not None:
            held.append(into.round(into.take(c)))
            fresh.append(False)
        last = 0
        for step in self.plan(len(terms), c is not None):
            last = step[0]
            held[last] = self._step(step, held, fresh, into)
            fresh[last] = False
        return into.round(held[last]) if fresh[last] else held[last]

    def _step(self, step: Step, held: list[Datum], fresh: list[bool], into: Accumulator) -> Datum:
        """The rounded sum of the slots of a step; ``fresh`` marks products that have not been rounded yet."""
        if len(step) == 1:
            return into.round(held[step[0]])
        if len(step) > 2:
            return into.round(into.sum(held[s] if not fresh[s] or self.fuses(s) else into.round(held[s]) for s in step))
        i, j = step
        exact_y = fresh[j] and self.fuses(j)
        exact_x = fresh[i] and self.fuses(i) and not exact_y
        x = held[i] if exact_x or not fresh[i] else into.round(held[i])
        y = held[j] if exact_y or not fresh[j] else into.round(held[j])
        return into.add(x, y)

    def fuses(self, slot: int) -> bool:
        """Whether the product in a slot is added unrounded where it is added to a partial sum."""
        return self.fma

    def tree(self, items: Sequence[Tree], c: Tree | None = None) -> Tree:
        return trees.from_steps(self.plan(len(items), c is not None), [*items, *(() if c is None else (c,))])

    def _fma(self) -> str:
        return "fma" if self.fma else ""


@dataclass(frozen=True)
class Sequential(Ordered):
    """One after the other: ((c + t0) + t1) + ..., or from the last to the first."""

    fma: bool = False
    """Whether each product is added unrounded."""
    reverse: bool = False
    """Whether it starts with the last term."""
    c: Addend = Addend.FIRST
    name: str = field(default="", compare=False)

    def steps(self, slots: Sequence[int]) -> list[Step]:
        return orders.in_sequence(slots[::-1] if self.reverse else slots)

    def plan(self, n: int, with_c: bool) -> list[Step]:
        if with_c and self.c is Addend.FIRST:
            terms = range(n)
            return orders.in_sequence([n, *(reversed(terms) if self.reverse else terms)])
        return super().plan(n, with_c)

    def notation(self) -> str:
        return call("sequential", self._fma(), "reverse" if self.reverse else "", "c=last" if self.c is Addend.LAST else "")


@dataclass(frozen=True)
class Pairwise(Ordered):
    """Halves of halves; up to ``leaf`` terms are taken in sequence. c is added last."""

    leaf: int = 1
    fma: bool = False
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        check_positive("pairwise", "leaf", self.leaf)

    def steps(self, slots: Sequence[int]) -> list[Step]:
        return orders.in_halves(slots, self.leaf)

    def notation(self) -> str:
        return call("pairwise", f"leaf={self.leaf}" if self.leaf != 1 else "", self._fma())


@dataclass(frozen=True)
class Fold(Ordered):
    """The upper half of the terms is added to the lower half, and so on, as registers are reduced. c is added last."""

    fma: bool = False
    name: str = field(default="", compare=False)

    def steps(self, slots: Sequence[int]) -> list[Step]:
        return orders.by_folding(slots)

    def notation(self) -> str:
        return call("fold", self._fma())


@dataclass(frozen=True)
class Lanes(Ordered):
    """Term i goes to lane i mod width, each lane in sequence from zero; then the lanes are combined. c is added last."""

    width: int
    """How many lanes there are."""
    fma: bool = False
    across: Ordered = field(default_factory=Pairwise)
    """How the lanes are combined."""
    tail: Tail = Tail.AFTER
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        check_positive("lanes", "width", self.width)

    def steps(self, slots: Sequence[int]) -> list[Step]:
        full = len(slots) - len(slots) % self.width if self.tail is Tail.AFTER else len(slots)
        lanes = slots[: min(self.width, full)]
        if not lanes:
            return orders.in_sequence(slots)
        steps: list[Step] = [(lane,) for lane in lanes]
        steps += [(lanes[i % self.width], slots[i]) for i in range(self.width, full)]
        steps += self.across.steps(lanes)
        last = orders.target(steps, lanes)
        return [*steps, *((last, s) for s in slots[full:])]

    def notation(self) -> str:
        across = "" if self.across == Pairwise() else f"across={self.across}"
        return call("lanes", str(self.width), self._fma(), across, "tail=lanes" if self.tail is Tail.LANES else "")


@dataclass(frozen=True)
class Given(Ordered):
    """The order of a tree, for exactly as many terms as it has leaves. c is added last."""

    shape: Tree
    fma: bool = False
    rounded: tuple[int, ...] = ()
    """Terms whose products are rounded in spite of fma, ascending."""
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        trees.to_steps(self.shape)
        strangers = [k for k in self.rounded if k not in trees.leaves(self.shape)]
        if strangers or list(self.rounded) != sorted(set(self.rounded)):
            raise RefmathError(f"tree: rounded = {' '.join(map(str, self.rounded))} has to name leaves of the tree, each once and ascending.")
        if self.rounded and not self.fma:
            raise RefmathError("tree: rounded says which products are rounded in spite of fma; without fma all are, so leave it out.")

    def fuses(self, slot: int) -> bool:
        return self.fma and slot not in self.rounded

    def steps(self, slots: Sequence[int]) -> list[Step]:
        n = len(trees.leaves(self.shape))
        if n != len(slots):
            raise RefmathError(f"This tree is of {n:,} terms and was given {len(slots):,}; give as many as it has leaves.")
        return [tuple(slots[s] for s in step) for step in trees.to_steps(self.shape)]

    def notation(self) -> str:
        rounded = f"rounded={' '.join(map(str, self.rounded))}" if self.rounded else ""
        return call("tree", trees.text(self.shape), self._fma(), rounded)


def check_positive(model: str, parameter: str, value: int) -> None:
    """``RefmathError`` for a size that is not positive."""
    if value < 1:
        raise RefmathError(f"{model}: {parameter} = {value} is impossible; give an integer from 1 up.")
