"""Functions that make blocks and draw by themselves which neighbour each element becomes.

On the cases of any claim about blocks every element must be one of two: what is expected has both, as rows of words that are stacked. How often an element is
which, is counted in blocks that are made for it: their first lane settles the scale, the others lie at chosen fractions of chosen gaps of the elements under that scale,
and each block is made many times. ``conformance.distribution`` judges the counts.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.block_engine import Engine
from conformance.block_problem import NEIGHBOURS, block_codes, rounded_by, words
from conformance.blocks import BlockClaim, Model
from conformance.budget import Budget
from conformance.claims import Codes
from conformance.distribution import REPEATS, Point, counted, points
from conformance.verdict import Status
from formats.arrays import dtype
from formats.block import greatest_element
from formats.block_quantize import element_format
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Finite, rational
from refmath.overflow import Overflow
from refmath.reals import power_of_two
from refmath.rounding import Rounding

BINADES = (0, -13, 8)
"""Of the greatest value of a block, beside those of the greatest element."""
DOWN = Projection(Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE)


def held(got: Codes, expected: Codes) -> Codes:
    """One row of words for each case: of two neighbours that which was delivered, or else the one toward zero."""
    return expected if expected.ndim == 2 else np.where(got == expected[:, 1], expected[:, 1], expected[:, 0])


def unequal(got: Codes, expected: Codes) -> NDArray[np.bool_]:
    """Which cases are not what is expected."""
    return np.asarray((got != held(got, expected)).any(axis=1))


def judged(claim: BlockClaim, model: Model, found: dict[str, Any], run: Callable[[Codes], Codes], budget: Budget) -> dict[str, Any]:
    """The fields of a verdict, with what the counts say; ``run`` gives the words of blocks, ``model`` the neighbours that they have."""
    repeats = REPEATS if budget.thorough_layouts else REPEATS // 4
    tried: list[Point] = []
    ups: list[int] = []
    strays = 0
    for binade in BINADES:
        lanes = _lanes(claim, model, binade)
        for row, some in _rows(claim, model, binade, lanes):
            low, high = (_words(claim, model, row[None], mode)[0] for mode in NEIGHBOURS)
            got = _repeated(claim, row, run, repeats)
            strays += int(np.count_nonzero((got != low) & (got != high)))
            for at, point in enumerate(some, len(low) - len(row) + 1):
                if low[at] != high[at] and np.isin(got[:, at], [low[at], high[at]]).all():
                    tried.append(point)
                    ups.append(int(np.count_nonzero(got[:, at] == high[at])))
    if strays and not found["mismatches"]:
        words = f"{strays:,} words of blocks that are made many times are neither neighbour"
        found = found | {"status": Status.DIFFERS, "deviations": (*found.get("deviations", ()), words)}
    if not tried:
        return found
    told = counted(claim, element_format(claim.block.element, claim.block.policy.integers), tried, ups, repeats, found)
    told["statistics"] = f"{len(tried)} elements, {repeats:,} draws each: {told['statistics']}"
    return told | {"where": found["where"]} if found.get("where") else told


def _words(claim: BlockClaim, model: Model, rows: Codes, mode: Rounding) -> Codes:
    plain = replace(model, quirks=tuple(quirk for quirk in model.quirks if quirk != "axis"))
    return words(claim, rounded_by(plain, mode), rows, {})


def _top(claim: BlockClaim, binade: int) -> int:
    """The code of the greatest value of a block."""
    source = claim.operands[0]
    return source.round(greatest_element(claim.block.element) * power_of_two(binade), DOWN)


def _lanes(claim: BlockClaim, model: Model, binade: int) -> tuple[Point, ...]:
    """Operands inside gaps of the elements, under the scale that the greatest value gives."""
    source, fmt = claim.operands[0], model.fmt
    assert isinstance(source, Float)
    row = np.full((1, fmt.count or 1), _top(claim, binade), dtype(source))
    made = block_codes(claim, rounded_by(model, Rounding.TOWARD_ZERO), row, source, {source.name: Engine(source)})
    if made.scales is None:
        return ()
    data = [fmt.scale.decode(int(made.scales.reshape(-1)[0]))]
    data += [fmt.tensor.decode(int(np.asarray(made.tensor).reshape(-1)[0]))] if fmt.tensor is not None else []
    unit = mpq(1)
    for datum in data:
        unit *= rational(datum) if isinstance(datum, Finite) else 0
    found = points(source, element_format(fmt.element, fmt.policy.integers), unit=unit) if unit else ()
    limit = rational(source.decode(row[0, 0].item()))  # type: ignore[arg-type]
    return tuple(point for point in found if abs(rational(source.decode(point.code))) <= limit)  # type: ignore[arg-type]


def _rows(claim: BlockClaim, model: Model, binade: int, lanes: tuple[Point, ...]) -> list[tuple[Codes, tuple[Point, ...]]]:
    """Blocks with the operands in them; as few tensors as will do where a block is a tensor."""
    size = (model.fmt.count or len(lanes) + 1) - 1
    found = []
    for start in range(0, len(lanes), max(size, 1)):
        some = lanes[start : start + size]
        row = np.full(size + 1, _top(claim, binade), dtype(claim.operands[0]))
        row[1 : len(some) + 1] = [point.code for point in some]
        found.append((row, some))
    return found


def _repeated(claim: BlockClaim, row: Codes, run: Callable[[Codes], Codes], repeats: int) -> Codes:
    """The words of a block that is made so often. A tensor that is one block holds its lanes so often instead."""
    if claim.block.size or claim.block.tensor is not None:
        return run(np.tile(row, (repeats, 1)))
    whole = run(np.tile(row, repeats)[None])[0]
    head = len(whole) - repeats * len(row)
    return np.concatenate([np.tile(whole[:head], (repeats, 1)), whole[head:].reshape(repeats, len(row))], axis=1)
