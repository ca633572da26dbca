"""A claim about blocks, start to end: blocks in, codes of scales and elements out, compared with the reference, and what differs explained."""

from typing import Any, cast

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.block_choices import treatment
from conformance.block_draws import held, judged, unequal
from conformance.block_layouts import BlockLayout, block_layouts
from conformance.block_problem import result_words
from conformance.block_result import BlockResult
from conformance.blocks import BlockAdapter, BlockClaim, Model
from conformance.budget import Budget
from conformance.claims import Adapter, Codes, Draws
from conformance.diagnose import Explanation, explain
from conformance.environment import theirs
from conformance.explanation import ROUNDS, examined, taken
from conformance.numbers import number
from conformance.problem import Operands, Problem
from conformance.running import NonsenseError, first_line
from conformance.verdict import BlockCase, Counterexample, Number, Status
from formats.arrays import dtype
from formats.block import scaled
from formats.family import Format
from formats.notation import text
from refmath.datum import Datum, Finite, Infinity
from refmath.reals import Real
from refmath.text import decimal, fraction, hexadecimal

SHOWN = 5


def compare_blocks(claim: BlockClaim, problem: Problem[Model], adapter: Adapter, budget: Budget) -> dict[str, object]:
    """What is found about a claim: the fields of its verdict. Where elements are drawn, first whether each is a neighbour, then how often it is which."""
    if claim.draws is Draws.NONE:
        return _compared(claim, problem, adapter, budget)[0]
    seed = getattr(adapter, "seed", None)
    if seed is not None:
        seed(budget.seed)
    found, model = _compared(claim, problem, adapter, budget)
    return judged(claim, model, found, lambda rows: _outputs(claim, adapter, rows), budget)


def _compared(claim: BlockClaim, problem: Problem[Model], adapter: Adapter, budget: Budget) -> tuple[dict[str, object], Model]:
    """The fields of a verdict on blocks, and the model that explains them best."""
    rows, expected = problem.cases.operands[0], problem.expected
    got = _outputs(claim, adapter, rows)
    wrong = unequal(got, expected)
    explanation = _explained(problem, got, wrong) if wrong.any() else Explanation(problem.base, problem.base, (), (), 0)
    seen = expected if claim.draws is Draws.NONE else problem.evaluate(explanation.model, problem.cases.operands)
    dependent, shown = _check_layouts(claim, adapter, rows, seen, got, budget)
    found: dict[str, object] = {"layouts": len(block_layouts(claim, rows, budget.seed)), "layout_dependent": dependent, "mismatches": int(wrong.sum())}
    if not wrong.any():
        status = Status.DIFFERS if dependent else Status.AGREES
        return found | {"status": status, "counterexamples": tuple(shown), "treatment": treatment(claim, problem.base)}, problem.base
    permitted = problem.evaluate(explanation.permitted, problem.cases.operands)
    defects = np.nonzero(unequal(got, permitted))[0]
    left = np.nonzero(unequal(got, problem.evaluate(explanation.model, problem.cases.operands)))[0]
    deviations = explanation.deviations
    if deviations and 2 * len(left) >= len(defects):
        deviations, left = (), defects
    held_to = held(got, permitted if len(defects) else expected)
    indices = defects if len(defects) else np.nonzero(wrong)[0]
    order = sorted(indices.tolist()[:4000], key=lambda i: _complexity(claim, rows[i], got[i] != held_to[i]))[:SHOWN]
    examples = [block_counterexample(claim, rows[i], got[i], held_to[i]) for i in order]
    return found | {
        "status": Status.DIFFERS if len(defects) or dependent else Status.POLICY,
        "policies": explanation.policies,
        "treatment": treatment(claim, explanation.model) if 10 * len(left) < len(rows) else (),
        "deviations": deviations if len(defects) else (),
        "unexplained": len(left),
        "defects": len(defects),
        "where": where(claim.operands[0], rows[left if len(left) else defects]),
        "counterexamples": tuple(shown + examples)[:SHOWN],
    }, explanation.model


def _explained(problem: Problem[Model], got: Codes, wrong: NDArray[np.bool_]) -> Explanation[Model]:
    """Tried on a selection of the cases; where that leaves cases of the whole unexplained, tried again with those among it."""
    operands = problem.cases.operands
    picks = examined(wrong, problem.examined)
    for _ in range(ROUNDS):
        some, theirs = taken(operands, picks), got[picks]

        def count(model: Model, some: Operands = some, theirs: Codes = theirs) -> int:
            return int(np.count_nonzero(unequal(theirs, problem.evaluate(model, some))))

        found = explain(problem.base, problem.axes, problem.deviations, count, problem.pairs, suites=problem.suites)
        left = np.nonzero(unequal(got, problem.evaluate(found.model, operands)))[0]
        missed = np.setdiff1d(left, picks)
        if found.unexplained or not len(missed):
            break
        picks = np.union1d(picks, missed[:: max(1, len(missed) // problem.examined)])
    return found


# Running.


def _outputs(claim: BlockClaim, adapter: Adapter, rows: Codes) -> Codes:
    """The words of every case, each in a row of one array, or by a call of its own."""
    if not claim.whole:
        array = np.ascontiguousarray(rows.T) if claim.axis == 0 else rows
        return _words(claim, run_blocks(claim, adapter, [array])[0], len(rows))
    results = run_blocks(claim, adapter, [row[None, :] for row in rows])
    return np.concatenate([result_words(claim, one, 1) for one in results])


def _words(claim: BlockClaim, result: BlockResult, count: int) -> Codes:
    """Words of an array that has one block a row, or a column."""
    elements = result.elements.T if claim.axis == 0 else result.elements
    return result_words(claim, BlockResult(elements, result.scales, result.tensor), count)


def run_blocks(claim: BlockClaim, adapter: Adapter, calls: list[Codes]) -> list[BlockResult]:
    """What the emulator returns, each with the shapes and types that it must have."""
    try:
        with theirs():
            results = cast(BlockAdapter, adapter).quantize(claim, [codes.copy() if codes.flags.c_contiguous else codes for codes in calls])
    except Exception as error:
        raise NonsenseError(f"{claim.call} raised {first_line(error)}") from error
    for codes, result in zip(calls, results, strict=True):
        kind = claim.gives or claim.block.element
        _check_codes(claim, "elements", result.elements, kind, codes.shape)
        if claim.gives is None:
            _check_codes(claim, "scales", result.scales, claim.block.scale, None)
    return results


def _check_codes(claim: BlockClaim, what: str, codes: Any, fmt: Format, shape: tuple[int, ...] | None) -> None:
    if not isinstance(codes, np.ndarray):
        raise NonsenseError(f"{claim.call} returned {type(codes).__name__} for {what}, not an array of codes.")
    if shape is not None and codes.shape != shape:
        raise NonsenseError(f"{claim.call} returned {what} of shape {codes.shape} for values of shape {shape}.")
    if codes.dtype != dtype(fmt):
        raise NonsenseError(f"{claim.call} returned {what} as {codes.dtype}, where codes of {text(fmt)} are {dtype(fmt)}.")
    if codes.size and int(codes.max()) >= fmt.codes:
        raise NonsenseError(f"{claim.call} returned {int(codes.max()):#x}, which is no code of {text(fmt)} ({fmt.width} bits).")


def _check_layouts(
    claim: BlockClaim, adapter: Adapter, rows: Codes, expected: Codes, got: Codes, budget: Budget
) -> tuple[tuple[str, ...], list[Counterexample]]:
    """The layouts whose results differ from those of the long array, with an example of each: where all that changed is right, of the long array."""
    views = block_layouts(claim, rows, budget.seed)
    results = run_blocks(claim, adapter, [view.arrange(rows, claim.axis) for view in views]) if views else []
    dependent, shown = [], []
    for view, result in zip(views, results, strict=True):
        lanes = view.lanes(rows.shape[1])
        again = _as_cases(claim, view, result, got, lanes)
        before = got[view.picks]
        if claim.ragged and view.cut:
            again = np.where(_held_words(lanes, got.shape[1]), again, before)
        right = expected[view.picks]
        if expected.ndim == 3:  # drawn anew: what is a neighbour has not changed
            again = np.where(unequal(again, right)[:, None], again, before)
        changed = np.nonzero(unequal(again, before))[0]
        if len(changed):
            dependent.append(view.name)
            wrong = changed[unequal(again[changed], right[changed])]
            i, words, name = (int(wrong[0]), again, view.name) if len(wrong) else (int(changed[0]), before, "")
            shown.append(block_counterexample(claim, rows[view.picks[i]], words[i], held(words, right)[i], name))
    return tuple(dependent), shown


def _held_words(held: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Which words of the cases are there."""
    heads = np.ones((len(held), width - held.shape[1]), bool)
    return np.concatenate([heads, held], axis=1)


def _as_cases(claim: BlockClaim, view: BlockLayout, result: BlockResult, got: Codes, held: NDArray[np.bool_]) -> Codes:
    """The words of a layout, a case a row; lanes that it does not hold are zeros."""
    elements = result.elements.T if claim.axis == 0 else result.elements
    padded = np.zeros(held.shape, elements.dtype)
    padded[held] = np.ascontiguousarray(elements).reshape(-1)
    scales = result.scales
    if scales is not None and claim.axis == 0:
        scales = scales.reshape(view.row, -1).T
    return result_words(claim, BlockResult(padded, scales, result.tensor), len(view.picks))


# Telling.


def _complexity(claim: BlockClaim, row: Codes, differing: NDArray[np.bool_]) -> tuple[object, ...]:
    """Blocks of finite values, few of them not zero, with an amax of few bits near 1, first."""
    source = claim.operands[0]
    data = [source.decode(code) for code in set(row.tolist())]
    specials = sum(not isinstance(x, Finite) for x in data)
    top = max(map(_magnitude, data))
    bits = 0 if top <= 0 else int(top.numerator.bit_length()) + abs(int(top.denominator.bit_length()) - 1)
    return bool(specials), bits > 60, len(data) if len(data) < 6 else 6, bits, int(differing.sum()), specials


def _magnitude(datum: Datum) -> mpq:
    """|x| of a number, -1 of anything else."""
    return abs(datum.value) if isinstance(datum, Finite) and not isinstance(datum.value, Real) else mpq(-1)


def where(source: Format, rows: Codes) -> str:
    """What blocks have in common: their specials, zeros, and the range of amax."""
    if not len(rows):
        return ""
    some = rows[:: max(1, len(rows) // 300)]
    kinds, tops = set(), []
    for row in some:
        data = [source.decode(code) for code in set(row.tolist())]
        top = max(map(_magnitude, data))
        if any(not isinstance(x, Finite | Infinity) for x in data):
            kinds.add("blocks with a NaN")
        elif any(isinstance(x, Infinity) for x in data):
            kinds.add("blocks with an infinity")
        elif top <= 0:
            kinds.add("blocks of zeros")
        else:
            kinds.add("blocks of numbers")
            tops.append(top)
    words = " or ".join(sorted(kinds))
    return f"{words}, amax from {_decimal(min(tops))} to {_decimal(max(tops))}" if tops else words


def _decimal(x: Any) -> str:
    exact = decimal(x, 7)
    return exact or hexadecimal(x) or str(x)


def block_counterexample(claim: BlockClaim, row: Codes, got: Codes, expected: Codes, layout: str = "") -> Counterexample:
    """A block in words: its amax, both scales, and the first element that differs."""
    source, fmt = claim.operands[0], claim.block
    head = len(got) - len(row)
    differing = np.nonzero(got[head:] != expected[head:])[0]
    magnitudes = [_magnitude(source.decode(code)) for code in row.tolist()]
    at = int(differing[0]) if len(differing) else int(np.argmax(np.array(magnitudes, object)))
    top = max(range(len(row)), key=lambda i: magnitudes[i])
    amax = number(source, int(row[top]) & ((1 << (source.width - 1)) - 1) if magnitudes[top] != -1 else int(row[top]))
    scales: tuple[Number, Number] | None = None
    if head:
        place = (0 if fmt.tensor is None else 1) + (at // fmt.count if fmt.count else 0)
        scales = number(fmt.scale, int(got[place])), number(fmt.scale, int(expected[place]))
    pair = [_element(claim, words, at, head) for words in (got, expected)]
    block = BlockCase(amax, at, None if scales is None else scales[0], None if scales is None else scales[1], _lanes(source, row))
    return Counterexample((number(source, int(row[at])),), pair[0], pair[1], _remark(source, row, len(differing)), layout, block)


def _element(claim: BlockClaim, words: Codes, at: int, head: int) -> Number:
    """An element: its code, and the value that it stands for under its scale."""
    code = int(words[head + at])
    if claim.gives is not None:
        return number(claim.gives, code)
    fmt = claim.block
    plain = number(fmt.element, code)
    place = (0 if fmt.tensor is None else 1) + (at // fmt.count if fmt.count else 0)
    datum = scaled(fmt.scale.decode(int(words[place])), fmt.element.decode(code))
    if fmt.tensor is not None:
        datum = scaled(fmt.tensor.decode(int(words[0])), datum)
    return Number(plain.code, _value(datum), *(_exact(datum)))


def _value(datum: Datum) -> str:
    if isinstance(datum, Infinity):
        return "-inf" if datum.negative else "inf"
    if not isinstance(datum, Finite) or isinstance(datum.value, Real):
        return "nan"
    if not datum.value:
        return "-0.0" if datum.negative else "0.0"
    return _decimal(datum.value)


def _exact(datum: Datum) -> tuple[str, str]:
    if not isinstance(datum, Finite) or isinstance(datum.value, Real):
        return "", ""
    exact = fraction(datum.value)
    return hexadecimal(datum.value) or "", exact if len(exact) <= 80 else ""


def _lanes(source: Format, row: Codes) -> tuple[str, ...]:
    digits = -(-source.width // 4)
    return tuple(f"0x{code:0{digits}x}" for code in row.tolist())


def _remark(source: Format, row: Codes, differing: int) -> str:
    data = [source.decode(code) for code in row.tolist()]
    specials = [name for name, there in (
        ("an infinity", any(isinstance(x, Infinity) for x in data)),
        ("a NaN", any(not isinstance(x, Finite | Infinity) for x in data)),
    ) if there]  # fmt: skip
    found = [f"the block holds {' and '.join(specials)}"] if specials else []
    found.append(f"{differing} of {len(row)} elements differ" if differing else "the elements are the same")
    return ", ".join(found)
