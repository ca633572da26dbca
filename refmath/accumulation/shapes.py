"""Names for trees: which model of two operands at a time has the order that a probe found."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from refmath.accumulation import trees
from refmath.accumulation.blocked import Blocked
from refmath.accumulation.exact import Exact
from refmath.accumulation.model import Model
from refmath.accumulation.ordered import Fold, Given, Lanes, Ordered, Pairwise, Sequential, Tail
from refmath.accumulation.trees import Node, Tree

WIDTHS = (2, 4, 8, 16, 32)
"""The lanes that vector units and unrolled loops have."""
LEAVES = (1, 2, 4, 8, 16)


def shapes(n: int) -> Iterator[Model]:
    """Models of rounded sums that n summands may follow, simple ones first; those that are the same for n summands are all there."""
    simple: tuple[Ordered, ...] = (Sequential(), Sequential(reverse=True), *(Pairwise(leaf) for leaf in LEAVES if leaf < n), Fold())
    across: tuple[Ordered, ...] = (Pairwise(), Sequential(), Fold())
    yield from simple
    narrow = [Lanes(width, across=how) for width in WIDTHS for how in across if width < n]
    for tail in Tail:
        yield from (Lanes(width, across=how, tail=tail) for width in WIDTHS for how in across if width < n)
    for tail in Tail:
        yield from (Lanes(width, across=how, tail=tail) for width in WIDTHS for how in narrow if how.width < width < n)
    for size in range(2, n):
        yield from (Blocked(size, inner, outer) for inner in (Sequential(), Pairwise()) for outer in (Sequential(), Pairwise(), Fold()))


def exact_shapes(n: int) -> Iterator[Model]:
    """Models with groups of summands that are summed exactly, likewise."""
    yield Exact()
    outers: tuple[Model | None, ...] = (Sequential(), None, Pairwise(), Fold())
    for size in range(2, n):
        yield from (Blocked(size, Exact(), outer) for outer in outers)
        yield from (Blocked(size, inner, Exact()) for inner in (Sequential(), Pairwise()))


def named(found: Iterable[tuple[int, Tree]]) -> Model | None:
    """The first model that has each of these trees at its number of summands; None where there is none."""
    wanted = {n: trees.canonical(tree) for n, tree in found}
    groups = [here for tree in wanted.values() for here in _fused(tree)]
    if not wanted or not all(here.exact for here in groups):
        return None
    order = sorted(wanted, reverse=True)
    tried = exact_shapes(order[0]) if groups else shapes(order[0])
    return next((model for model in tried if all(model.order(n) == wanted[n] for n in order)), None)


def with_fma(model: Model) -> Model | None:
    """The model with products added unrounded; None where that is no choice of it."""
    match model:
        case Sequential() | Pairwise() | Fold() | Lanes() | Given():
            return replace(model, fma=True, name="")
        case Blocked() if (inner := with_fma(model.inner)) is not None:
            return replace(model, inner=inner, name="")
        case _:
            return None


def _fused(tree: Tree) -> Iterator[Node]:
    """The nodes of more than two children."""
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Node):
            waiting += here.children
            if len(here.children) > 2:
                yield here
