"""What the reference gives in many modes at once, and kernels held to it: codes and flags."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from full import FULL

from formats import word_arrays
from formats.arithmetic import Bound, BoundCode, bind, decoder
from formats.array_layout import dtype
from formats.array_operations import run_general
from formats.array_quick import run_quick
from formats.family import Format
from formats.project import project
from formats.projection import Projection
from refmath.datum import Finite
from refmath.reals import Exact, is_negative
from refmath.rounding import Rounding, round_code

MODES = tuple(mode for mode in Rounding if mode is not Rounding.STOCHASTIC)
"""All modes that kernels have."""
SHARED = ("add", "subtract", "multiply", "divide", "fma", "faa", "fmm", "sqrt", "reciprocal", "scaleb", "convert")
"""Operations that no mode changes before the rounding: a finite nonzero result is computed once and projected in each mode."""
ROUNDED = (*SHARED, "round_to_integral", "round_to_integral_exact", "to_integer", "to_integer_exact")
"""The operations whose results are rounded; all others choose among their operands, round in a mode of their own, or answer with a truth value."""
SPECIAL = 8
"""Of random operands one in so many at most has a zero, an infinity or a NaN as its result: more are left out, for they take the longest."""

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
    """Operands of an operation, and what is the same in all modes, computed once."""

    operands: Codes
    which: np.ndarray
    """For each element the number of its exact result among ``values``; negative, -1 - i, where element i, with the same operands, is special."""
    values: list[Exact]
    places: np.ndarray
    """The place of each value on the grid of the target: bit 0 whether it is no refined code, bit 1 its guard bit, bit 2 whether the code below is odd, bit 3 the sign."""
    inside: np.ndarray
    """Whether a value lies between two normal codes in range, so that every mode delivers one of the two; all others are projected in each mode."""
    alike: np.ndarray
    """For each value the first that no mode without random bits tells from it: it lies between the same refined codes, with an exponent range without end too."""
    below: np.ndarray
    above: np.ndarray
    """The two codes, by the reference."""


def cases(bound: AnyBound, operands: Codes, special: int = 1) -> Cases:
    """The operands, without special ones beyond one in ``special``."""
    rows = list(zip(*(x.tolist() for x in operands), strict=True))
    numbers: dict[Exact, int] = {}
    seen: dict[tuple[int, ...], int] = {}
    kept: list[int] = []
    which: list[int] = []
    exact = exact_results(bound)
    for i, row in enumerate(rows):
        value = exact(row)
        if value:
            which.append(numbers.setdefault(value, len(numbers)))
        elif bound.op.name not in SHARED or row in seen or len(seen) * special < len(rows):
            which.append(-1 - seen.setdefault(row, len(kept)))
        else:
            continue
        kept.append(i)
    found, first = [_place(bound.to, x, bound.how) for x in numbers] if bound.to is not None else [], dict[object, int]()
    columns = np.array([place for place, _ in found] or [(0, False, 0, 0)], np.uint64).T
    alike = np.array([first.setdefault(key, k) for k, (_, key) in enumerate(found)], np.int64)
    chosen = tuple(x[kept] for x in operands)
    return Cases(chosen, np.array(which, np.int64), list(numbers), columns[0].astype(np.int64), columns[1] != 0, alike, columns[2], columns[3])


def exact_results(bound: AnyBound) -> Callable[[tuple[int, ...]], Exact | None]:
    """The finite nonzero result of operand codes before it is rounded; None where it is another, or where modes have a say in it."""
    if not isinstance(bound, Bound) or bound.op.name not in SHARED:
        return lambda row: None
    tables, rational = [decoder(f, bound.how.operands) if f else None for f in bound.formats], bound.op.rational

    def exact(row: tuple[int, ...]) -> Exact | None:
        values = [table[code][1] if table is not None else None for table, code in zip(tables, row, strict=True)]
        if rational is not None and all(value is not None for value in values):
            try:
                return rational(*values)  # type: ignore[arg-type]
            except ZeroDivisionError:
                return None
        found = bound(*row).exact
        return found.value if type(found) is Finite else None

    return exact


def _place(f: Format, x: Exact, how: Projection) -> tuple[tuple[int, bool, int, int], object]:
    """``places``, ``inside``, ``below`` and ``above`` of a value, and what ``alike`` ones have in common."""
    negative = is_negative(x)
    if negative and not f.signed:
        return (0, False, 0, 0), x
    refined, equal = f.code_below(x, 1, negative)
    tiny = f.least_normal is not None and refined < 2 * f.least_normal
    key = refined, equal, negative, f.code_unbounded(x, 1, negative) if tiny else None
    code = refined >> 1
    place = int(not equal) | (refined & 1) << 1 | ((code ^ f.parity[negative]) & 1) << 2 | negative << 3
    if not max(f.least, f.least_normal or 0) <= code < f.greatest(negative):
        return (place, False, 0, 0), key
    return (place, True, project(f, x, replace(how, rounding=Rounding.TOWARD_ZERO, bits=0), 0)[0], f.join(negative, code + 1)), key


@cache
def _ups(mode: Rounding) -> np.ndarray:
    """Whether a mode without random bits takes the code above, by ``places``: what the reference's rounding says."""
    found = []
    for place in range(16):
        inexact, guard, odd, negative = (bool(place >> i & 1) for i in range(4))
        found.append(round_code(2 * odd + guard, 1, not inexact, negative, mode)[0] - odd)
    return np.array(found, bool)


def by_reference(bound: AnyBound, given: Cases, random: np.ndarray) -> Answers:
    """What the reference gives, each distinct result and R projected once."""
    how, to, inside = bound.how, bound.to, np.append(given.inside, False)[np.maximum(given.which, -1)]
    codes, flags = np.zeros(len(given.which), np.uint64), np.zeros(len(given.which), np.uint8)
    if not how.rounding.stochastic:
        at = given.which[inside]
        codes[inside] = np.where(_ups(how.rounding)[given.places[at]], given.above[at], given.below[at])
        flags[inside] = given.places[at] & 3 != 0
        inside = ~inside
    else:
        inside = np.ones(len(given.which), bool)
    rest = np.flatnonzero(inside)
    which = given.which[rest]
    if not how.rounding.stochastic:
        which = np.where(which < 0, which, np.append(given.alike, 0)[np.maximum(which, -1)])
    keys = which << how.bits | random[rest].astype(np.int64) if how.bits < 40 else rest
    _, first, back = np.unique(keys, return_index=True, return_inverse=True)
    found = []
    for k, r in zip(which[first].tolist(), random[rest[first]].tolist(), strict=True):
        assert to is not None or k < 0
        found.append(bound(*(int(x[-1 - k]) for x in given.operands), random=r)[:2] if k < 0 else project(to, given.values[k], how, r))  # type: ignore[arg-type]
    codes[rest], flags[rest] = np.array([code for code, _ in found], np.uint64)[back], np.array([int(raised) for _, raised in found], np.uint8)[back]
    return codes, flags


def hold(kernels: Callable[[AnyBound], dict[str, Run]], bounds: Sequence[AnyBound], operands: Codes, seed: int, special: int = 1) -> Counter[str]:
    """Every kernel that takes one of the bounds, which differ in mode and random bits alone, gives what the reference gives. How many results of each were compared."""
    held: Counter[str] = Counter()
    taken = [bound for bound in bounds if kernels(bound)]
    if not taken:
        return held
    given = cases(taken[0], operands, special)
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
