"""Which order a function sums in, found from outside.

Summand i is +M, summand j is -M, all others are u, with M so great that M + n u rounds to M. What was added to a partial sum that holds M is lost; so the result counts the
summands that met the sum after M had cancelled. The others, with i and j, are the summands *used up* by the pair: in a tree of rounded sums those of the least subtree that
holds both. From the counts of all pairs the tree follows, from the top down: the summands that i and j use up altogether at the root are on different sides of it.

A fused group that aligns its terms to M loses all of its u: a node of many children. A group that is summed exactly loses none: there a pair uses up only the two children
that hold it. Those children are found by asking which of the summands are lost, one at a time.

After FPRev (Xie, Gao, Wang, Xu, Cheng: revealing floating-point accumulation orders), which has the counts and the fused groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from refmath.accumulation import trees
from refmath.accumulation.trees import Node, Tree, canonical, node
from refmath.errors import RefmathError

MAX_SUMMANDS = 64

Box: TypeAlias = Callable[[Sequence[int]], int | None]
"""The function that is probed: of summands that are M (2), u (1), nothing (0) or -M (-2) the sum divided by u; None where that is no integer or no number."""

BIG, UNIT, NOTHING = 2, 1, 0


@dataclass(frozen=True)
class Probed:
    """What a probe found."""

    tree: Tree
    """The order of the summands."""
    calls: int
    """How often the function was called."""


@dataclass
class _Questions:
    """The answers of a function, each asked once."""

    box: Box
    n: int
    calls: int = 0
    known: dict[tuple[int, int], int] = field(default_factory=dict)

    def ask(self, i: int, j: int, units: Sequence[int]) -> int:
        """How many of these units survive with M at i and -M at j."""
        summands = [NOTHING] * self.n
        for k in units:
            summands[k] = UNIT
        summands[i], summands[j] = BIG, -BIG
        self.calls += 1
        found = self.box(summands)
        if found is None or not 0 <= found <= len(units):
            raise RefmathError(
                f"With M at {i} and -M at {j} the result is {'no multiple of u' if found is None else f'{found} u'}, which no sum of rounded sums gives: "
                "the function does something else, or M is too small or too great for its format."
            )
        return found

    def used(self, i: int, j: int) -> int:
        """How many summands the pair uses up."""
        pair = (min(i, j), max(i, j))
        if pair not in self.known:
            self.known[pair] = self.n - self.ask(*pair, [k for k in range(self.n) if k not in pair])
        return self.known[pair]

    def used_up(self, i: int, j: int, among: Sequence[int]) -> frozenset[int]:
        """Which summands the pair uses up."""
        return frozenset((i, j)) | {k for k in among if k not in (i, j) and not self.ask(i, j, [k])}


def probe(box: Box, n: int) -> Probed:
    """The order in which a function sums n summands, 1 <= n <= 64; checked against every pair of them.

    Errors: ``RefmathError`` for another n, and for a function whose results no tree gives.
    """
    if not 1 <= n <= MAX_SUMMANDS:
        raise RefmathError(f"The order of {n} summands cannot be probed; give a number from 1 to {MAX_SUMMANDS}.")
    questions = _Questions(box, n)
    tree = canonical(_tree(questions, list(range(n))))
    _check(questions, tree)
    return Probed(tree, questions.calls)


def _tree(questions: _Questions, summands: list[int]) -> Tree:
    """The subtree of these summands, which are all that are under one node."""
    if len(summands) == 1:
        return summands[0]
    children: list[list[int]] = []
    exact = False
    rest = summands
    while rest:
        child, whole = _child(questions, rest[0], summands)
        exact = exact or not whole
        if not child <= set(rest):
            raise _no_tree(f"{rest[0]} shares a partial sum with {sorted(child)}, of which some are elsewhere")
        children.append(sorted(child))
        rest = [k for k in rest if k not in child]
    if len(children) == 1:
        raise _no_tree(f"the summands {summands} have no last addition")
    return node((_tree(questions, child) for child in children), exact)


def _child(questions: _Questions, i: int, summands: list[int]) -> tuple[set[int], bool]:
    """The summands under the same child of the node as i, and whether a pair of different children uses up all that are under the node."""
    others = [j for j in summands if j != i]
    if max(questions.used(i, j) for j in others) >= len(summands):
        return {i, *(j for j in others if questions.used(i, j) < len(summands))}, True
    found = {j: questions.used_up(i, j, summands) for j in others}
    greatest = [used for used in found.values() if not any(used < other for other in found.values())]
    return set(frozenset.intersection(*greatest)), False


def _check(questions: _Questions, tree: Tree) -> None:
    """``RefmathError`` where a pair uses up another number of summands than the tree says."""
    for (i, j), expected in expected_counts(tree).items():
        if questions.used(i, j) != expected:
            raise _no_tree(f"the summands {i} and {j} use up {questions.used(i, j)} where {trees.text(tree)} uses up {expected}")


def expected_counts(tree: Tree) -> dict[tuple[int, int], int]:
    """How many summands each pair uses up in a tree."""
    found: dict[tuple[int, int], int] = {}
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        if not isinstance(here, Node):
            continue
        waiting += here.children
        sides = [trees.leaves(child) for child in here.children]
        whole = sum(map(len, sides))
        for at, left in enumerate(sides):
            for right in sides[at + 1 :]:
                used = len(left) + len(right) if here.exact else whole
                found |= {(min(i, j), max(i, j)): used for i in left for j in right}
    return found


def _no_tree(why: str) -> RefmathError:
    return RefmathError(f"No tree of sums gives the results of this function: {why}.")
