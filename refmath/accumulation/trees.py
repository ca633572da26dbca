"""The tree of a sum: which partial sums it forms. A leaf is the position of a summand; a node is a sum that is rounded once.

A node of many children is a fused group. Hardware that aligns its terms loses what lies below the least kept bit of the greatest, ``(0 1 2 3)``; a group that is summed
exactly and then rounded, ``{0 1 2 3}``, loses nothing of that kind. For two children there is no difference.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from refmath.accumulation.orders import Step
from refmath.errors import RefmathError, quote

MAX_DEPTH = 200
"""How deep a written tree may be nested."""


@dataclass(frozen=True, slots=True)
class Node:
    """A partial sum."""

    children: "tuple[Tree, ...]"
    exact: bool = False
    """Whether the sum of more than two children is exact before it is rounded."""


Tree: TypeAlias = int | Node


def node(children: Iterable[Tree], exact: bool = False) -> Tree:
    """The node of these children; a single child stands for itself."""
    found = tuple(children)
    return found[0] if len(found) == 1 else Node(found, exact and len(found) > 2)


def leaves(tree: Tree) -> list[int]:
    """The summands under a tree, from left to right."""
    found, waiting = [], [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Node):
            waiting += reversed(here.children)
        else:
            found.append(here)
    return found


def canonical(tree: Tree) -> Tree:
    """The tree with its children in the order of their least summands: sums of two or more do not depend on that order."""
    return _ordered(tree)[1]


def _ordered(tree: Tree) -> tuple[int, Tree]:
    if not isinstance(tree, Node):
        return tree, tree
    found = sorted((_ordered(child) for child in tree.children), key=lambda pair: pair[0])
    return found[0][0], Node(tuple(child for _, child in found), tree.exact)


def from_steps(steps: Iterable[Step], items: Sequence[Tree]) -> Tree:
    """The tree of a plan whose slots are 0, 1, ..., with these items in them."""
    held, last = list(items), 0
    for step in steps:
        last = step[0]
        held[last] = node((held[s] for s in step), exact=True)
    return held[last]


def to_steps(tree: Tree) -> list[Step]:
    """The plan of a tree. ``RefmathError`` for a fused group that is not exact: what it loses is not said by its place."""
    steps: list[Step] = []
    _collect(tree, steps)
    return steps


def _collect(tree: Tree, steps: list[Step]) -> int:
    if not isinstance(tree, Node):
        return tree
    if len(tree.children) != 2 and not tree.exact:
        raise RefmathError(
            f"{quote(text(tree))} is a fused group; write it in braces where it is exact, else give the model aligned(...) that says what it keeps."
        )
    found = tuple(_collect(child, steps) for child in tree.children)
    steps.append(found)
    return found[0]


def text(tree: Tree) -> str:
    """``((0 1) (2 3))``; exact groups in braces."""
    return str(tree) if not isinstance(tree, Node) else f"{'{' if tree.exact else '('}{' '.join(map(text, tree.children))}{'}' if tree.exact else ')'}"


def parse(written: str) -> Tree:
    """The tree that a text denotes: its leaves are 0, 1, ... each once. ``RefmathError`` for anything else."""
    tokens = iter(_tokens(written))
    tree = _read(next(tokens), tokens, written, 0)
    if next(tokens, None) is not None:
        raise RefmathError(f"{quote(written)} goes on after the end of the tree; write one pair of brackets around all of it.")
    found = sorted(leaves(tree))
    if found != list(range(len(found))):
        raise RefmathError(f"{quote(written)} does not name each summand 0 to {len(found) - 1} once; a tree of {len(found)} summands has to.")
    return tree


def _tokens(written: str) -> Iterator[str]:
    spaced = written
    for bracket in "(){}":
        spaced = spaced.replace(bracket, f" {bracket} ")
    tokens = spaced.split()
    if not tokens:
        raise RefmathError("An empty text is not a tree; write one such as ((0 1) (2 3)).")
    yield from tokens


def _read(token: str, tokens: Iterator[str], written: str, depth: int) -> Tree:
    if token.isdecimal() and len(token) < 7:
        return int(token)
    if token not in ("(", "{") or depth >= MAX_DEPTH:
        raise RefmathError(f"{quote(written)} is not a tree: {quote(token)} is out of place; write numbers in nested brackets such as ((0 1) (2 3)).")
    closing = ")" if token == "(" else "}"
    children = []
    while (inner := next(tokens, None)) != closing:
        if inner is None:
            raise RefmathError(f"{quote(written)} is not a tree: a bracket is not closed.")
        children.append(_read(inner, tokens, written, depth + 1))
    if len(children) < 2:
        raise RefmathError(f"{quote(written)} is not a tree: a sum needs at least two summands, and one has {len(children)}.")
    return Node(tuple(children), closing == "}" and len(children) > 2)


def drawing(tree: Tree) -> list[str]:
    """The tree as indented lines, one a node; a node whose children are all summands is one line."""
    lines: list[str] = []
    _draw(tree, "", "", lines)
    return lines


def _draw(tree: Tree, first: str, rest: str, lines: list[str]) -> None:
    if not isinstance(tree, Node) or not any(isinstance(child, Node) for child in tree.children):
        lines.append(first + text(tree))
        return
    lines.append(f"{first}{'{}' if tree.exact else '+'}")
    for at, child in enumerate(tree.children):
        last = at == len(tree.children) - 1
        _draw(child, rest + ("└ " if last else "├ "), rest + ("  " if last else "│ "), lines)
