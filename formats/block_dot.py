"""Dot products of blocks: X(A) X(B) sum(Pi(A) Pi(B)) of OCP MX 6.1, and the sum of those over several blocks, 6.2.

The specification leaves order and internal precision to the implementation. So a dot product is always that of a *model* of accumulation
(``refmath.accumulation``), and of a choice where the scales come in; the model ``exact`` rounds once, and then the choice makes no difference.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

from formats.accumulate import Sum, Work, least_exponent
from formats.arithmetic import operation
from formats.block import Block, scaled
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
from refmath.accumulation.model import Model
from refmath.accumulation.terms import Operand, Term, exponent_of, multiplied
from refmath.errors import RefmathError
from refmath.flags import Flags


class ScalesIn(Enum):
    """Where the scales of two blocks come in."""

    TERMS = "terms"
    """Each product is multiplied by them, exactly, before the model sums: as matrix units do that add the exponents of the scales to those of the products."""
    SUMS = "sums"
    """The sum of each pair of blocks, rounded by the model, is multiplied by them and rounded; those of several pairs are then added one after another."""


def dot(
    a: Block | Sequence[Block],
    b: Block | Sequence[Block],
    to: Format | str,
    model: Model | str = "exact",
    scales: ScalesIn = ScalesIn.TERMS,
    projection: Projection | None = None,
) -> Sum:
    """The dot product of two blocks, or of two vectors of blocks, as a code of ``to`` and the flags raised.

    Errors: ``RefmathError`` for vectors and blocks of unlike length.
    """
    xs, ys = [a] if isinstance(a, Block) else list(a), [b] if isinstance(b, Block) else list(b)
    if len(xs) != len(ys) or not xs:
        raise RefmathError(f"{len(xs):,} blocks and {len(ys):,} have no dot product; give two vectors with the same number of blocks, at least one.")
    target = parse(to) if isinstance(to, str) else to
    work = Work(model, xs[0].format.element, target, None, projection, 0)
    if scales is ScalesIn.TERMS:
        return work.sum([term for x, y in zip(xs, ys, strict=True) for term in products(x, y)], None)
    return _after(work, zip(xs, ys, strict=True), target, projection or target.default)


def _after(work: Work, pairs: Iterable[tuple[Block, Block]], target: Format, how: Projection) -> Sum:
    """The sum of each pair by the model, then scaled and rounded, then added to the sum so far."""
    add = operation("add", target, projection=how)
    total, flags = None, Flags.NONE
    for x, y in pairs:
        inner = work.sum(products(x, y, scaling=False), None)
        value = target.decode(inner.code)
        for factor in factors(x, y):
            value = scaled(value, factor.datum)
        code, more = target.project(value, how)
        flags |= inner.flags | more
        if total is None:
            total = code
        else:
            total, more, _ = add(total, code)
            flags |= more
    assert total is not None
    return Sum(total, flags)


def products(a: Block, b: Block, scaling: bool = True) -> list[Term]:
    """The terms of the dot product of two blocks, with their scales or without."""
    if len(a.elements) != len(b.elements):
        raise RefmathError(f"Blocks of {len(a.elements)} and {len(b.elements)} elements have no dot product; give blocks of the same length.")
    pair = factors(a, b) if scaling else []
    return [multiplied(operand(a.format.element, x), operand(b.format.element, y), pair) for x, y in zip(a.elements, b.elements, strict=True)]


def factors(a: Block, b: Block) -> list[Operand]:
    """The scales of two blocks, those of their tensors included."""
    found = []
    for block in (a, b):
        found.append(operand(block.format.scale, block.scale))
        if block.format.tensor is not None and block.tensor is not None:
            found.append(operand(block.format.tensor, block.tensor))
    return found


def operand(fmt: Format, code: int) -> Operand:
    """A code as an operand of a product."""
    datum = fmt.decode(code)
    return Operand(datum, exponent_of(datum, least_exponent(fmt)))
