"""One claim, start to end: choose operands, run the emulator, compare with the reference, explain what differs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.cases.conversions import Cases, conversion_cases
from conformance.claims import Adapter, Claim, Codes
from conformance.compare import differ
from conformance.conversions import Model, deviations, evaluate, policies
from conformance.diagnose import Explanation, explain
from conformance.layouts import Layout, layouts
from conformance.numbers import number
from conformance.verdict import Counterexample, Status, Verdict
from formats.arrays import convert, dtype, has_engine
from formats.family import Format
from formats.fixed import Fixed
from formats.notation import text
from formats.projection import Projection
from refmath.datum import Finite
from refmath.flags import INVALID
from refmath.reals import Real, floor_log2
from refmath.text import hexadecimal

SHOWN = 5
"""Counterexamples kept in a verdict."""
EXAMINED = 4000
"""Cases of each kind (right and wrong) on which explanations are tried."""
PAIRS = 6
"""Of the best single deviations, how many are tried two at a time."""


@dataclass(frozen=True)
class Budget:
    """How much to try."""

    samples: int = 16384
    """Random operands where the source is too wide for all."""
    points: int = 1 << 18
    """Values and thresholds of the target that are visited."""
    thorough_layouts: bool = True
    seed: int = 1
    spot_checks: int = 64
    """Cases of each claim for which the array engine is held to the scalar reference."""


QUICK = Budget(samples=2048, points=4096, thorough_layouts=False)
"""For a first look."""
STANDARD = Budget()


class NonsenseError(Exception):
    """What an emulator returned is no result: the sentence says why."""


def check(claim: Claim, adapter: Adapter, budget: Budget) -> Verdict:
    """The verdict on a claim. Exceptions of the emulator become the verdict that it failed to run."""
    started = time.perf_counter()
    source, target = claim.operands[0], claim.result
    cases = conversion_cases(source, target, budget.seed, budget.samples, budget.points)
    plain: dict[str, object] = {
        "emulator": claim.emulator,
        "operation": claim.operation,
        "operands": tuple(text(fmt) for fmt in claim.operands),
        "result": text(target),
        "call": claim.call,
        "variant": claim.variant,
        "device": claim.device,
        "cases": len(cases.codes),
        "exhaustive": cases.exhaustive,
        "plan": cases.plan,
        "seed": budget.seed,
        "rounding": claim.projection.rounding.value,
    }
    try:
        found = _compare(claim, adapter, cases, budget)
    except NonsenseError as error:
        found = {"status": Status.FAILED, "error": str(error)}
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0][:200]
        found = {"status": Status.FAILED, "error": f"{claim.call} raised {type(error).__name__}: {first}"}
    return Verdict(**plain, **found, seconds=time.perf_counter() - started)  # type: ignore[arg-type]


def _compare(claim: Claim, adapter: Adapter, cases: Cases, budget: Budget) -> dict[str, object]:
    source, target = claim.operands[0], claim.result
    expected = _expected(source, target, claim.projection, budget.seed, budget.samples, budget.points)
    confirm(claim, cases.codes, expected, budget.spot_checks)
    got, views, results = _outputs(claim, adapter, cases.codes, expected, budget)
    wrong = differ(target, got, expected)
    indices = np.nonzero(wrong)[0]
    dependent, shown = _check_layouts(claim, cases.codes, got, views, results)
    found: dict[str, object] = {"layouts": len(views), "layout_dependent": tuple(dependent), "mismatches": len(indices)}
    if not len(indices):
        status = Status.DIFFERS if dependent else Status.AGREES
        return found | {"status": status, "counterexamples": tuple(shown)}
    explanation = _explain(claim, cases.codes, got, wrong, source, target)
    permitted = evaluate(explanation.permitted, cases.codes, source, target)
    defects = np.nonzero(differ(target, got, permitted))[0]
    modelled = evaluate(explanation.model, cases.codes, source, target)
    unexplained = int(np.count_nonzero(differ(target, got, modelled)))
    held_to = permitted if len(defects) else expected
    policies_found, deviations_found = explanation.policies, explanation.deviations
    if len(defects) and _undefined_only(claim, cases.codes[defects]):
        policies_found, deviations_found = (*policies_found, f"{len(defects):,} results out of range follow no rule"), ()
        defects, unexplained = defects[:0], 0
    status = Status.DIFFERS if len(defects) or dependent else Status.POLICY
    picked = simplest(source, cases.codes, defects if len(defects) else indices)
    confirm(claim, cases.codes[picked], expected[picked], SHOWN)
    examples = [counterexample(claim, int(cases.codes[i]), int(got[i]), int(held_to[i])) for i in picked]
    return found | {
        "status": status,
        "policies": policies_found,
        "deviations": deviations_found if len(defects) else (),
        "unexplained": unexplained,
        "where": _where(source, cases.codes[np.nonzero(differ(target, got, modelled))[0] if unexplained else defects]),
        "defects": len(defects),
        "counterexamples": tuple(shown + examples)[:SHOWN],
    }


@lru_cache(maxsize=8)
def _expected(source: Format, target: Format, how: Projection, seed: int, samples: int, points: int) -> Codes:
    """What the reference gives on the operands of a plan; several emulators meet the same plan."""
    return evaluate(Model(how), conversion_cases(source, target, seed, samples, points).codes, source, target)


def confirm(claim: Claim, codes: Codes, expected: Codes, count: int) -> None:
    """Recompute some cases by the scalar reference. The array engine is a claim like any other; a difference here is our own error."""
    step = max(1, len(codes) // count)
    for code, out in zip(codes[::step].tolist(), expected[::step].tolist(), strict=True):
        again = claim.result.round(claim.operands[0].operand(code, claim.projection.operands), claim.projection)
        assert again == out, f"the engines disagree on {claim.title} at {code:#x}: {out:#x} and {again:#x}"


def _run(claim: Claim, adapter: Adapter, calls: list[Codes]) -> list[Codes]:
    """What the emulator returns, each with the shape and type that it must have."""
    results = adapter.run(claim, [(codes.copy() if codes.flags.c_contiguous else codes,) for codes in calls])
    if not isinstance(results, list) or len(results) != len(calls):
        raise NonsenseError(f"{claim.call} answered {len(calls)} calls with something other than {len(calls)} arrays.")
    wanted = dtype(claim.result)
    for codes, out in zip(calls, results, strict=True):
        if not isinstance(out, np.ndarray):
            raise NonsenseError(f"{claim.call} returned {type(out).__name__}, not an array of codes.")
        if out.shape != codes.shape:
            raise NonsenseError(f"{claim.call} returned shape {out.shape} for operands of shape {codes.shape}.")
        if out.dtype != wanted:
            raise NonsenseError(f"{claim.call} returned {out.dtype}, where codes of {text(claim.result)} are {wanted}.")
        top = int(out.max()) if out.size else 0
        if top >= claim.result.codes:
            raise NonsenseError(f"{claim.call} returned {top:#x}, which is no code of {text(claim.result)} ({claim.result.width} bits).")
    return results


def _outputs(claim: Claim, adapter: Adapter, codes: Codes, expected: Codes, budget: Budget) -> tuple[Codes, list[Layout], list[Codes]]:
    """Results of the long array, the layouts, and their results. Where shapes are compiled, all are one call; else the layouts look at mismatches."""
    if adapter.compiles:
        views = layouts(len(codes), np.zeros(0, np.int64), budget.thorough_layouts, adapter.views, budget.seed)
        got, *results = _run(claim, adapter, [codes, *(view.arrange(codes) for view in views)])
        return got, views, results
    (got,) = _run(claim, adapter, [codes])
    interesting = np.nonzero(differ(claim.result, got, expected))[0][:1000]
    views = layouts(len(codes), interesting, budget.thorough_layouts, adapter.views, budget.seed)
    return got, views, _run(claim, adapter, [view.arrange(codes) for view in views])


def _check_layouts(claim: Claim, codes: Codes, got: Codes, views: list[Layout], results: list[Codes]) -> tuple[list[str], list[Counterexample]]:
    """The layouts whose results differ from those of the long array, with an example of each."""
    dependent, shown = [], []
    for view, out in zip(views, results, strict=True):
        before = got[view.picks]
        changed = np.nonzero(differ(claim.result, out.reshape(-1), before))[0]
        if len(changed):
            dependent.append(view.name)
            i = int(changed[0])
            shown.append(counterexample(claim, int(codes[view.picks[i]]), int(out.reshape(-1)[i]), int(before[i]), view.name))
    return dependent, shown


def _few(source: Format, target: Format) -> int:
    """How many cases of a kind to examine: fewer where the scalar reference has to do it."""
    return EXAMINED if has_engine(source) and has_engine(target) else EXAMINED // 40


def _examined(wrong: NDArray[np.bool_], most: int) -> NDArray[np.int64]:
    """Evenly chosen indices of wrong and right cases."""
    chosen = []
    for kind in (wrong, ~wrong):
        indices = np.nonzero(kind)[0]
        chosen.append(indices[:: max(1, len(indices) // most)])
    return np.concatenate(chosen)


def _counter(codes: Codes, got: Codes, source: Format, target: Format) -> Callable[[Model], int]:
    def count(model: Model) -> int:
        return int(np.count_nonzero(differ(target, got, evaluate(model, codes, source, target))))

    return count


def _where(source: Format, codes: Codes) -> str:
    """What operands have in common: their kind, their sign, the least and greatest magnitude."""
    if not len(codes):
        return ""
    some = [*codes[:: max(1, len(codes) // 500)].tolist(), int(codes[-1])]
    kinds = sorted({source.classify(code) for code in some})
    found = [(abs(datum.value), datum.negative) for datum in map(source.decode, some) if isinstance(datum, Finite) and not isinstance(datum.value, Real)]
    signs = {negative for _, negative in found}
    parts = [f"{' or '.join(kinds)} operands"]
    if len(signs) == 1 and source.signed:
        parts.append("negative" if True in signs else "positive")
    if len(found) == len(some) and len(found) > 1:
        low, high = min(value for value, _ in found), max(value for value, _ in found)
        if low < high < 4 * low:
            parts.append(f"{hexadecimal(low) or low} <= |x| <= {hexadecimal(high) or high}")
    return ", ".join(parts)


def _undefined_only(claim: Claim, codes: Codes) -> bool:
    """Whether no standard and no library defines a result for any of these operands: a float out of an integer's range."""
    if not isinstance(claim.result, Fixed) or isinstance(claim.operands[0], Fixed):
        return False
    _, flags = convert(codes, claim.operands[0], claim.result, claim.projection)
    return bool(np.all(flags & INVALID))


def _explain(claim: Claim, codes: Codes, got: Codes, wrong: NDArray[np.bool_], source: Format, target: Format) -> Explanation[Model]:
    """Tried on a selection of the cases; where that leaves cases of the whole unexplained, tried again with those among it."""
    picks = _examined(wrong, _few(source, target))
    pairs = PAIRS if has_engine(source) and has_engine(target) else 0
    for _ in range(3):
        count = _counter(codes[picks], got[picks], source, target)
        found = explain(Model(claim.projection), policies(source, target), deviations(source, target), count, pairs)
        left = np.nonzero(differ(target, got, evaluate(found.model, codes, source, target)))[0]
        missed = np.setdiff1d(left, picks)
        if found.unexplained or not len(missed):
            break
        picks = np.union1d(picks, missed[:: max(1, len(missed) // _few(source, target))])
    return found


def simplest(fmt: Format, codes: Codes, indices: NDArray[np.int64], count: int = SHOWN) -> list[int]:
    """Indices of the simplest operands: finite ones of few significant bits near 1 first."""
    few = indices if len(indices) <= 4000 else np.unique(np.concatenate([indices[:1000], indices[:: len(indices) // 2000], indices[_roundest(codes[indices])]]))
    return sorted((int(i) for i in few), key=lambda i: _complexity(fmt, int(codes[i])))[:count]


def _roundest(codes: Codes) -> NDArray[np.int64]:
    """The codes with the most trailing zero bits."""
    if codes.dtype == object:
        return np.arange(min(1000, len(codes)))
    return np.argsort(codes & (~codes + codes.dtype.type(1)), kind="stable")[-1000:]


def _complexity(fmt: Format, code: int) -> tuple[int, int, int, int]:
    datum = fmt.decode(code)
    if not isinstance(datum, Finite):
        return (2, 0, 0, code)
    if isinstance(datum.value, Real) or not datum.value:
        return (0, 0, 0, int(datum.negative))
    bits = int(abs(datum.value.numerator).bit_length())
    return (1, bits, abs(floor_log2(datum.value)), int(datum.negative))


def counterexample(claim: Claim, operand: int, got: int, expected: int, layout: str = "") -> Counterexample:
    """A case in words."""
    source, target = claim.operands[0], claim.result
    datum = source.decode(operand)
    remark = ""
    if isinstance(datum, Finite) and not isinstance(datum.value, Real):
        remark = _position(target, datum.value, datum.negative)
    return Counterexample((number(source, operand),), number(target, got), number(target, expected), remark, layout)


def _position(target: Format, value: mpq, negative: bool) -> str:
    """Where an exact value lies among the codes of the target."""
    if not value:
        return ""
    refined, equal = target.code_below(value, 1, negative)
    below, exact = refined >> 1, equal and not refined & 1
    if below > target.greatest(negative) or (below == target.greatest(negative) and not exact):
        return "beyond the greatest finite value"
    if exact:
        return "exactly a value of the target"
    if below < target.least and not target.has_zero:
        return "below the least value"
    pair = f"0x{target.join(negative, below):x} and 0x{target.join(negative, below + 1):x}"
    if refined & 1 and equal:
        return f"the tie between {pair}"
    return f"just {'above' if refined & 1 else 'below'} the tie between {pair}" if _near_tie(value, target, refined) else f"between {pair}"


def _near_tie(value: mpq, target: Format, refined: int) -> bool:
    """Whether a value is within 2^-8 of a step of the midpoint."""
    kept = refined >> 1
    lo, hi = target.value(kept), target.value(kept + 1)  # of magnitudes
    assert not isinstance(lo, Real) and not isinstance(hi, Real)
    return bool(abs(2 * abs(value) - lo - hi) * 256 < 2 * (hi - lo))
