"""What the reference gives in many modes at once, and kernels held to it: codes and flags."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from full import FULL

from formats import word_arrays
from formats.arithmetic import Bound, BoundCode, bind
from formats.array_layout import dtype
from formats.array_operations import run_general
from formats.array_quick import run_quick
from formats.family import Format
from formats.project import delivered, project
from formats.projection import Negatives, Projection
from refmath.datum import Finite
from refmath.reals import Exact, is_negative
from refmath.rounding import Rounding

MODES = tuple(mode for mode in Rounding if mode is not Rounding.STOCHASTIC)
"""All modes that kernels have."""
SHARED = ("add", "subtract", "multiply", "divide", "fma", "faa", "fmm", "sqrt", "reciprocal", "scaleb", "convert")
"""Operations that no mode changes before the rounding: a finite nonzero result is computed once and projected in each mode."""
ROUNDED = (*SHARED, "round_to_integral", "round_to_integral_exact", "to_integer", "to_integer_exact")
"""The operations whose results are rounded; all others choose among their operands, round in a mode of their own, or answer with a truth value."""
SPECIAL = 8
"""One in so many operands at most has a zero, an infinity or a NaN as its result: more are left out, for they take the longest."""

Codes = tuple[np.ndarray, ...]
"""Operand codes, an array for each operand."""
Answers = tuple[np.ndarray, np.ndarray]
"""Codes and flags."""
AnyBound = Bound | BoundCode
Run = Callable[[AnyBound, Codes, np.ndarray], Answers]
"""A kernel: codes and flags for a bound operation, operands and R."""


def by_general(bound: AnyBound, codes: Codes, random: np.ndarray) -> Answers:
    """The kernels for any formats."""
    out, flags = np.empty(len(codes[0]), np.uint64), np.empty(len(codes[0]), np.uint8)
    run_general(bound, tuple(x.astype(np.uint64) for x in codes), random, out, flags)
    return out, flags


def by_quick(bound: AnyBound, codes: Codes, random: np.ndarray) -> Answers:
    """The kernels on binary64."""
    assert bound.to is not None
    out, flags = np.empty(len(codes[0]), dtype(bound.to)), np.empty(len(codes[0]), np.uint8)
    run_quick(bound, codes, out, flags)
    return out, flags


def by_words(bound: AnyBound, codes: Codes, random: np.ndarray) -> Answers:
    """The kernels for words: those on binary64 where results are short posits and no random bits are drawn."""
    assert not word_arrays.why_not(bound), word_arrays.why_not(bound)
    return word_arrays.operate(bound, codes, random)


def in_modes(bound: AnyBound, bits: Sequence[int], modes: Sequence[Rounding] = MODES) -> list[AnyBound]:
    """The same operation in other modes; the stochastic ones take their number of random bits in turn from ``bits``."""
    hows = [replace(bound.how, rounding=mode, bits=bits[i % len(bits)] if mode.stochastic else 0) for i, mode in enumerate(modes)]
    return [bind(bound.op, bound.formats, bound.to, how, bound.dialect) for how in hows]


def draws_for(bounds: Sequence[AnyBound], count: int, seed: int) -> list[np.ndarray]:
    """R for every element, for each of the bounds: zeros where there are no random bits; the least and the greatest among them."""
    rng, found = np.random.default_rng(seed), []
    for bound in bounds:
        most = (1 << bound.how.bits) - 1
        draws = rng.integers(0, most, count, np.uint64, endpoint=True)
        found.append(np.where(rng.random(count) < 0.1, rng.choice(np.array([0, most], np.uint64), count), draws))
    return found


@dataclass(frozen=True)
class Cases:
    """Operands of an operation, and what is the same in all modes, computed once: the exact result, and its place on the grid of the target."""

    operands: Codes
    which: np.ndarray
    """For each element the number of its exact result among ``values``; negative, -1 - i, where element i, with the same operands, is special."""
    values: list[Exact]
    places: list[tuple[int, bool] | None]
    """The refined code below each value, and whether it is equal; None where a policy has its say first."""
    alike: np.ndarray
    """For each value the first that modes without random bits cannot tell from it: of the same place, where nothing depends on an exponent range without end."""


def cases(bound: AnyBound, operands: Codes) -> Cases:
    """The operands, without special ones beyond one in ``SPECIAL``."""
    rows, shared = list(zip(*(x.tolist() for x in operands), strict=True)), bound.op.name in SHARED
    numbers: dict[Exact, int] = {}
    seen: dict[tuple[int, ...], int] = {}
    kept: list[int] = []
    which: list[int] = []
    for i, row in enumerate(rows):
        exact = bound(*row).exact if shared else None
        if type(exact) is Finite and exact.value:
            which.append(numbers.setdefault(exact.value, len(numbers)))
        elif not shared or row in seen or len(seen) * SPECIAL < len(rows):
            which.append(-1 - seen.setdefault(row, len(kept)))
        else:
            continue
        kept.append(i)
    places = [_place(bound.to, x, bound.how) for x in numbers] if bound.to is not None else []
    normal = (bound.to and bound.to.least_normal) or 0
    first: dict[object, int] = {}
    alike = [
        first.setdefault((place, is_negative(x)) if place and place[0] >= 2 * normal else k, k)
        for k, (x, place) in enumerate(zip(numbers, places, strict=True))
    ]
    return Cases(tuple(x[kept] for x in operands), np.array(which, np.int64), list(numbers), places, np.array(alike, np.int64))


def _place(f: Format, x: Exact, how: Projection) -> tuple[int, bool] | None:
    return None if is_negative(x) and not f.signed and how.negatives is not Negatives.OVERFLOW else f.code_below(x, 1, is_negative(x))


def by_reference(bound: AnyBound, given: Cases, random: np.ndarray) -> Answers:
    """What the reference gives, each distinct result and R projected once."""
    how, to = bound.how, bound.to
    if how.rounding.stochastic:
        keys = given.which << how.bits | random.astype(np.int64) if how.bits < 40 else np.arange(len(given.which))
    else:
        keys = np.where(given.which < 0, given.which, np.append(given.alike, 0)[np.maximum(given.which, 0)])
    _, at, back = np.unique(keys, return_index=True, return_inverse=True)
    found = []
    for k, r in zip(given.which[at].tolist(), random[at].tolist(), strict=True):
        if k < 0:
            found.append(bound(*(int(x[-1 - k]) for x in given.operands), random=r)[:2])
            continue
        assert to is not None
        x, place = given.values[k], given.places[k]
        if place is None or how.rounding.stochastic:
            found.append(project(to, x, how, r))
        else:
            found.append(delivered(to, x, is_negative(x), place[0], 1, place[1], how, 0, 0))
    return np.array([code for code, _ in found], np.uint64)[back], np.array([int(flags) for _, flags in found], np.uint8)[back]


def hold(kernels: Callable[[AnyBound], dict[str, Run]], bounds: Sequence[AnyBound], operands: Codes, seed: int) -> Counter[str]:
    """Every kernel that takes one of the bounds, which differ in mode and random bits alone, gives what the reference gives. How many results of each were compared."""
    held: Counter[str] = Counter()
    taken = [bound for bound in bounds if kernels(bound)]
    if not taken:
        return held
    given = cases(taken[0], operands)
    for bound, random in zip(taken, draws_for(taken, len(given.which), seed), strict=True):
        codes, flags = by_reference(bound, given, random)
        for name, run in kernels(bound).items():
            got, raised = run(bound, given.operands, random)
            wrong = np.flatnonzero((got != codes) | (raised != flags))
            if wrong.size:
                i = wrong[0]
                shown = [hex(int(x[i])) for x in given.operands]
                here = (name, bound.op.name, bound.formats, bound.to, bound.how, bound.dialect, shown, int(random[i]))
                raise AssertionError((*here, hex(int(got[i])), int(raised[i]), hex(int(codes[i])), int(flags[i]), f"{len(wrong)} of {len(codes)}"))
            held[name] += len(codes)
    return held


def tell(what: str, held: Counter[str]) -> None:
    """A line of the record of a full run (``pytest -s``): how many results of each kernel were compared."""
    if FULL:
        print(f"\n{what}: " + ", ".join(f"{number:,} by {name}" for name, number in sorted(held.items())), flush=True)
