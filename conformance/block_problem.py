"""The problem that a claim about blocks poses.

A case is a block; in a format with a scale for the whole tensor, or one that is a single block, it is a tensor. Its result is a row of *words*: the code of the
tensor scale where there is one, those of the scales, those of the elements; or, of a function that gives back values, their codes alone.
"""

from dataclasses import replace

import numpy as np

from conformance.block_choices import axes, deviations, suites
from conformance.block_engine import ROUNDED_LOG2, Engine
from conformance.block_quirks import LEAST, QUIRKS, SHIFTS, SIGNED_ZERO, flushed, summed_with_zero, underflows, values_above
from conformance.block_result import BlockResult, decoded, one_nan
from conformance.blocks import BlockClaim, Model
from conformance.budget import Budget
from conformance.cases.blocks import block_cases
from conformance.claims import Codes, Draws
from conformance.problem import Cases, Operands, Problem
from formats.arrays import convert
from formats.family import Format
from formats.floats import Float
from formats.stepwise import BINARY32
from refmath.datum import Finite, Infinity
from refmath.rounding import Rounding


def block_problem(claim: BlockClaim, budget: Budget) -> Problem[Model]:
    """The problem that a claim about blocks poses; where elements are drawn, results are either neighbour: rows of words, twice."""
    drawn = claim.draws is not Draws.NONE
    cases = _taken(
        claim,
        block_cases(
            rounded_by(Model(claim.block), NEAREST).fmt if drawn else claim.block, claim.operands[0], claim.whole, budget.seed, budget.samples, claim.most
        ),
    )
    codes = cases.operands[0]
    base = Model(claim.block)
    engines: dict[str, Engine] = {}

    def evaluate(model: Model, operands: Operands) -> Codes:
        if drawn:
            return np.stack([one(rounded_by(model, mode), operands) for mode in NEIGHBOURS], axis=1)
        return one(model, operands)

    def one(model: Model, operands: Operands) -> Codes:
        if "axis" in model.quirks:
            return _across(claim, model, codes, operands[1], engines)
        return words(claim, model, operands[0], engines)

    return Problem(
        cases,
        evaluate(base, cases.operands),
        base,
        evaluate,
        axes(claim),
        deviations(claim),
        EXAMINED if not claim.whole else EXAMINED // 3,
        PAIRS,
        lambda operands: False,
        suites=suites(claim),
    )


NEAREST = Rounding.NEAREST_EVEN
NEIGHBOURS = (Rounding.TOWARD_ZERO, Rounding.AWAY_FROM_ZERO)
"""The modes that give the two results between which is drawn."""


def rounded_by(model: Model, mode: Rounding) -> Model:
    """The same with elements rounded by a mode that draws nothing."""
    return replace(model, fmt=replace(model.fmt, policy=replace(model.fmt.policy, rounding=mode, bits=0)))


def _taken(claim: BlockClaim, cases: Cases) -> Cases:
    """The cases without blocks that the function documents to refuse; zeros take their place, so that whole tiles remain."""
    source = claim.operands[0]
    assert isinstance(source, Float)
    rows = cases.operands[0]
    magnitudes = rows & rows.dtype.type((1 << (source.width - 1)) - 1)
    infinite = magnitudes == rows.dtype.type(source.infinity()) if source.has_infinity else np.zeros(rows.shape, bool)
    refused = np.zeros(len(rows), bool)
    if "infinity" in claim.refuses:
        refused |= infinite.any(axis=1)
    if "nan" in claim.refuses:
        refused |= ((magnitudes > rows.dtype.type(source.greatest())) & ~infinite).any(axis=1)
    return replace(cases, operands=(np.where(refused[:, None], rows.dtype.type(0), rows), cases.operands[1]))


EXAMINED = 60
"""Blocks of each kind, right and wrong, on which explanations are tried."""
PAIRS = 4


def words(claim: BlockClaim, model: Model, rows: Codes, engines: dict[str, Engine]) -> Codes:
    """What a model makes of blocks of source codes, a row each. ``engines``: what has been computed, by source."""
    source = claim.operands[0]
    if model.first is not None:
        rows, source = convert(rows, source, model.first)[0], model.first
    if "operands_flushed" in model.quirks:
        rows = flushed(rows, source)
    found = result_words(claim, block_codes(claim, model, rows, source, engines), len(rows))
    if "summed" in model.quirks and source == claim.gives == BINARY32 and model.fmt.tensor is None:
        found = summed_with_zero(model.fmt, rows, found)
    kind = next((quirk for quirk in model.quirks if quirk in SIGNED_ZERO), None)
    if kind is not None and claim.gives is not None:
        sign = rows.dtype.type(1 << (source.width - 1))
        negative = rows >= sign if kind == SIGNED_ZERO[0] else rows > sign
        if "zero_quotient" in model.quirks and isinstance(source, Float):
            plain = replace(model, quirks=tuple(quirk for quirk in model.quirks if quirk not in LEAST))
            negative &= ~underflows(model.fmt, rows, source, block_codes(claim, plain, rows, source, engines))
        return np.where(negative & (found == claim.gives.zero()), np.uint64(claim.gives.zero(True)), found)
    return found


def result_words(claim: BlockClaim, made: BlockResult, count: int) -> Codes:
    """A result as rows of words. Under a scale that is a NaN elements mean nothing, and are made zeros; NaNs of values are made one NaN."""
    fmt, elements = claim.block, made.elements.reshape(count, -1).astype(np.uint64)
    if claim.gives is not None:
        values = elements if made.scales is None else decoded(fmt, claim.gives, made, count)
        return one_nan(values, claim.gives)
    assert made.scales is not None
    scales = made.scales.reshape(count, -1).astype(np.uint64)
    if fmt.scale.has_nan:
        known = {code: isinstance(fmt.scale.decode(code), Finite | Infinity) for code in np.unique(scales).tolist()}
        lost = np.array([not known[code] for code in scales.reshape(-1).tolist()], bool).reshape(scales.shape)
        if lost.any():
            size = fmt.count or elements.shape[1]
            elements = np.where(np.repeat(lost, size, axis=1)[:, : elements.shape[1]], np.uint64(0), elements)
            scales = np.where(lost, np.uint64(fmt.scale.nan()), scales)
    if fmt.element.has_nan:
        elements = one_nan(elements, fmt.element)
    tensor = [] if made.tensor is None else [np.broadcast_to(np.asarray(made.tensor, np.uint64).reshape(-1, 1), (count, 1))]
    return np.concatenate([*tensor, scales, elements], axis=1)


def block_codes(claim: BlockClaim, model: Model, rows: Codes, source: Format, engines: dict[str, Engine]) -> BlockResult:
    """Scales and elements, by the reference and the quirk."""
    fmt = model.fmt
    assert isinstance(source, Float)
    engine = engines.setdefault(source.name, Engine(source))
    shift = next((SHIFTS[quirk] for quirk in model.quirks if quirk in SHIFTS), 0)
    scales, elements, tensor = engine.quantize(fmt, rows, claim.whole, shift, "rounded_thresholds" in model.quirks)
    made = BlockResult(elements, scales, tensor)
    for name, quirk in QUIRKS.items():  # in an order of their own: what decides the code of a zero comes last
        made = quirk(fmt, rows, source, made) if name in model.quirks else made
    least = next((LEAST[quirk] for quirk in model.quirks if quirk in LEAST), None)
    if least is None or claim.gives is None:
        return made
    return values_above(claim.gives, fmt, rows, source, made, least, 0 if shift == ROUNDED_LOG2 else shift)


def _across(claim: BlockClaim, model: Model, codes: Codes, index: Codes, engines: dict[str, Engine]) -> Codes:
    """Blocks along the wrong axis: those of k rows, in the order in which an emulator gets all rows, taken downward."""
    size = codes.shape[1]
    tiles = np.unique(index // size)
    plain = Model(model.fmt)
    rows = np.concatenate([codes[tile * size : (tile + 1) * size].T for tile in tiles.tolist()])
    made = block_codes(claim, plain, rows, claim.operands[0], engines)
    elements = np.concatenate([tile.T for tile in np.split(made.elements, len(tiles))])
    all_words = result_words(claim, BlockResult(elements, made.scales, made.tensor), len(rows))
    place = {tile: at for at, tile in enumerate(tiles.tolist())}
    return np.asarray(all_words[[place[i // size] * size + i % size for i in index.tolist()]])
