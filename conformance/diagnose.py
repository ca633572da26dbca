"""Why an emulator differs: the smallest set of known deviations that reproduces all of its outputs.

The engine knows nothing of what is tested. A model of the computation is varied along *axes*, each a question with a few
answers that standards leave open (policies), and by *deviations*, each a known defect. It first asks whether policies alone
explain every output, then one deviation with policies, then two, then two and a third; it prefers fewer and simpler explanations, and it says how
many of the mismatches the best one explains when none explains all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Any, Generic, TypeVar

M = TypeVar("M")


@dataclass(frozen=True)
class Option(Generic[M]):
    """One answer, or one deviation: its words, and what it changes in a model."""

    label: str
    apply: Callable[[M], M]


@dataclass(frozen=True)
class Axis(Generic[M]):
    """A question that standards leave open, with its possible answers."""

    name: str
    options: tuple[Option[M], ...]
    pervasive: bool = False
    """Whether an answer changes about every second result: believed only where it explains at least half of what is unexplained without it."""


@dataclass(frozen=True)
class Explanation(Generic[M]):
    """A model that reproduces an emulator as well as any that was tried."""

    model: M
    permitted: M
    """The same without the deviations: what a right implementation of the same policies gives."""
    policies: tuple[str, ...]
    """Answers that differ from the first expectation, in words."""
    deviations: tuple[str, ...]
    """Defects, in words."""
    unexplained: int
    """How many of the examined cases the model gets wrong still."""
    parts: tuple[Any, ...] = ()
    """Defects in a part of the operands only (``conformance.localise.Part``), which change what the model gives."""


FEW_LEFT = 10
"""A third deviation is told where it leaves less than this part of what two leave."""

LIKELY = 3
"""Suites of deviations that are tried with every policy."""

Count = Callable[[M], int]
"""How many of the examined cases a model gets wrong."""


def explain(
    base: M,
    axes: Sequence[Axis[M]],
    deviations: Sequence[Option[M]],
    count: Count[M],
    pairs: int = 6,
    rough: Count[M] | None = None,
    suites: Sequence[Sequence[Option[M]]] = (),
) -> Explanation[M]:
    """The explanation with the fewest unexplained cases; among equals the one with fewer deviations, then the earlier one.

    ``pairs``: how many of the best pairs of deviations are tried with every policy; the best are found by ``rough``, a count of fewer cases. ``suites``: deviations
    that go together in libraries that are known: the best suite is tried first, and where it leaves next to nothing nothing else is tried.
    """
    rough = rough or count
    best = _settle(base, (), axes, count)
    if not best.unexplained:
        return best
    if suites:
        known = _known_of(base, best, suites, axes, count, rough)
        if known and (not known.unexplained or (len(known.deviations) > 2 and FEW_LEFT * known.unexplained < best.unexplained)):  # no pair would
            return known
    singles = []
    for deviation in deviations:
        found = _settle(base, (deviation,), axes, count)
        if not found.unexplained:
            return found
        singles.append((found.unexplained, deviation, found))
    alone = min(singles, key=lambda single: single[0])[2].permitted if singles else base  # with the policies under which one deviation explains most
    ranked = _pairs(deviations, tuple(dict.fromkeys((base, best.model, alone))), rough) if pairs else []
    doubles = []
    for pair in ranked[:pairs]:
        found = _settle(base, pair, axes, count)
        if not found.unexplained:
            return found
        singles.append((found.unexplained, pair[0], found))
        doubles.append((found, pair))
    for found, pair in sorted(doubles, key=lambda double: double[0].unexplained)[:2]:
        plain = pair[1].apply(pair[0].apply(base))
        under = (found.model, plain, *(option.apply(plain) for axis in axes if axis.pervasive for option in axis.options))
        thirds = [(min(count(deviation.apply(model)) for model in under), deviation) for deviation in deviations if deviation not in pair]
        if not thirds:
            break
        _, third = min(thirds, key=lambda one: one[0])
        three = _settle(base, (*pair, third), axes, count)
        if FEW_LEFT * three.unexplained < found.unexplained:
            fewer = (_settle(base, (one, third), axes, count) for one in pair)
            return next((two for two in fewer if two.unexplained <= three.unexplained), three)
    closest = min((item[2] for item in singles), key=lambda found: (found.unexplained, len(found.deviations)), default=best)
    return closest if closest.unexplained < best.unexplained else best


def _pairs(deviations: Sequence[Option[M]], starts: Sequence[M], rough: Count[M]) -> list[tuple[Option[M], Option[M]]]:
    """Pairs of deviations, before policies are settled anew: first those that leave fewer cases than either alone, of these the one that leaves the fewest."""
    single = {id(deviation): min(rough(deviation.apply(start)) for start in starts) for deviation in deviations}
    ranks = []
    for at, (one, other) in enumerate(combinations(deviations, 2)):
        left = min(rough(other.apply(one.apply(start))) for start in starts)
        ranks.append((left >= min(single[id(one)], single[id(other)]), left, at, (one, other)))
    return [pair for *_, pair in sorted(ranks, key=lambda rank: rank[:3])]


def _applied(base: M, options: Sequence[Option[M]]) -> M:
    return reduce(lambda model, option: option.apply(model), options, base)


def _known_of(
    base: M, best: Explanation[M], suites: Sequence[Sequence[Option[M]]], axes: Sequence[Axis[M]], count: Count[M], rough: Count[M]
) -> Explanation[M] | None:
    """What the likeliest suites explain; None where none of them, under any rule for overflow or zeros, explains half. ``best``: what policies alone explain."""
    starts = dict.fromkeys((base, best.model, *(option.apply(base) for axis in axes if axis.name in ("overflow", "zeros") for option in axis.options)))
    counts = {start: rough(start) for start in starts}
    starts = dict.fromkeys(sorted(starts, key=lambda start: counts[start])[:LIKELY])  # what makes most of them wrong is no start
    ranks = [(min(rough(_applied(start, suite)) for start in starts), at) for at, suite in enumerate(suites)]
    likely = [suites[at] for left, at in sorted(ranks)[:LIKELY] if 2 * left < min(counts.values())]
    found: list[Explanation[M]] = []
    for suite in likely:
        found.append(_known(base, suite, axes, count))
        if not found[-1].unexplained:
            break
    return min(found, key=lambda one: one.unexplained, default=None)


def _known(base: M, suite: Sequence[Option[M]], axes: Sequence[Axis[M]], count: Count[M]) -> Explanation[M]:
    """A suite of deviations under the policies that suit it, without those that explain nothing."""
    found = _settle(base, suite, axes, count)
    kept = list(suite)
    for option in suite:
        fewer = [other for other in kept if other is not option]
        if count(_applied(found.permitted, fewer)) <= found.unexplained:
            kept = fewer
    model = _applied(found.permitted, kept)
    return Explanation(model, found.permitted, found.policies, tuple(option.label for option in kept), count(model))


def _settle(base: M, deviations: Sequence[Option[M]], axes: Sequence[Axis[M]], count: Count[M]) -> Explanation[M]:
    """The policies that leave the fewest cases unexplained, found one axis at a time until none improves."""
    chosen: dict[str, Option[M]] = {}

    def build(start: Sequence[Option[M]] = deviations) -> M:
        model = base
        for option in (*start, *chosen.values()):
            model = option.apply(model)
        return model

    left = count(build())
    improved = bool(left)
    while improved and left:
        improved = False
        for axis in axes:
            before = chosen.get(axis.name)
            best = before
            for option in axis.options:
                chosen[axis.name] = option
                wrong = count(build())
                if wrong < left:
                    left, best, improved = wrong, option, True
            if best is None:
                chosen.pop(axis.name, None)
            else:
                chosen[axis.name] = best
    pervasive = {axis.name for axis in axes if axis.pervasive}
    for name in list(chosen):  # drop what turned out not to matter
        option = chosen.pop(name)
        without = count(build())
        if without > (2 * left if name in pervasive else left):
            chosen[name] = option
        else:
            left = without
    words = tuple(option.label for option in chosen.values() if option.label)
    return Explanation(build(), build(()), words, tuple(deviation.label for deviation in deviations), left)
