"""Defects that show in a part of the operands only: which known deviation, and where.

A deviation that holds in a region reproduces the emulator there and contradicts it elsewhere. So the cases that it alone gets right must
lie inside the region, those that it alone gets wrong outside, and the region is the plainest conjunction of words (``features``) that
parts them. What is still unexplained is asked again, so that several defects come apart, each with its share. At last special cases
are read off: operands of certain classes for which the emulator delivers one and the same datum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.compare import differ
from conformance.diagnose import Option
from conformance.features import CLASSES, NAN, NO_BINADE, NORMAL, Feature, Labels, Trait, Traits, features, traits, words
from conformance.numbers import number
from conformance.problem import AnyProblem, Operands
from formats.family import Format

M = TypeVar("M")
Mask = NDArray[np.bool_]

LEAST = 3
"""Fewer cases than these show nothing."""
ALMOST_ALL = 0.9
"""The part of the cases that a deviation alone gets right which its region must hold."""
MOST_PARTS = 4
"""Defects told apart."""
MOST_CONSTANTS = 3
"""Regions told that have one answer."""
MOST_SPECIAL = 6
"""Special cases told."""


@dataclass(frozen=True)
class Condition:
    """A feature whose label lies from ``low`` to ``high``, both included."""

    feature: Feature
    low: int
    high: int
    text: str = ""

    def holds(self, labels: Labels) -> Mask:
        """For which cases."""
        return np.asarray((labels >= self.low) & (labels <= self.high))


@dataclass(frozen=True)
class Region:
    """The cases for which every condition holds; all cases without one."""

    conditions: tuple[Condition, ...] = ()

    @property
    def text(self) -> str:
        """In words."""
        return " and ".join(condition.text for condition in self.conditions)


@dataclass(frozen=True)
class Part(Generic[M]):
    """A deviation in a region, or where there is no option, one code for every case of the region."""

    region: Region
    option: Option[M] | None
    code: int = 0
    label: str = ""

    @property
    def text(self) -> str:
        """In words."""
        if self.option is None:
            return self.label
        return f"{self.option.label} (only {self.region.text})" if self.region.conditions else self.option.label


@dataclass(frozen=True)
class Sight:
    """The traits of the operands and of the right results of some cases."""

    places: tuple[Traits, ...]

    @staticmethod
    def of(formats: tuple[Format, ...], target: Format, operands: Operands, right: Codes) -> "Sight":
        """Of operands and right results."""
        return Sight((*(traits(fmt, codes) for fmt, codes in zip(formats, operands, strict=True)), traits(target, right)))

    def labels(self, feature: Feature) -> Labels:
        """The labels of one feature."""
        return self.places[feature.place].of(feature.trait)

    def holds(self, region: Region) -> Mask:
        """Which cases lie in a region."""
        mask = np.ones(len(self.places[0].signs), dtype=bool)
        for condition in region.conditions:
            mask &= condition.holds(self.labels(condition.feature))
        return mask


def predict(problem: AnyProblem, permitted: Any, parts: Sequence[Part[Any]], formats: tuple[Format, ...], target: Format, operands: Operands) -> Codes:
    """What an emulator delivers that follows ``permitted`` but for the parts."""
    out: Codes = problem.evaluate(permitted, operands).copy()
    if not parts:
        return out
    sight = Sight.of(formats, target, operands, out)
    for part in parts:
        mask = sight.holds(part.region)
        if mask.any():
            theirs = tuple(codes[mask] for codes in operands)
            out[mask] = out.dtype.type(part.code) if part.option is None else problem.evaluate(part.option.apply(permitted), theirs)
    return out


def localise(problem: AnyProblem, permitted: Any, formats: tuple[Format, ...], target: Format, operands: Operands, got: Codes) -> list[Part[Any]]:
    """The defects, each with its region, that reproduce as many of these cases as can be; the greatest first."""
    right = problem.evaluate(permitted, operands)
    sight = Sight.of(formats, target, operands, right)
    current, parts = right.copy(), list[Part[Any]]()
    options = [option for option in (*problem.deviations, *(option for axis in problem.axes for option in axis.options)) if option.label]
    outputs = [(option, problem.evaluate(option.apply(permitted), operands)) for option in options]
    while len(parts) < MOST_PARTS:
        agrees = ~differ(target, got, current)
        best: tuple[int, Part[Any], Codes] | None = None
        for option, out in outputs:
            fits = ~differ(target, got, out)
            inside, outside = fits & ~agrees, agrees & ~fits
            if np.count_nonzero(inside) < LEAST:
                continue
            region = separate(sight, inside, outside, len(formats))
            if region is None:
                continue
            covered = int(np.count_nonzero(inside & sight.holds(region)))
            if best is None or covered > best[0]:
                best = covered, Part(region, option), out
        if best is None:
            break
        _, part, out = best
        parts.append(part)
        current = np.where(sight.holds(part.region), out, current)
    plain = special_cases(sight, target, got, differ(target, got, current), len(formats))
    if not (differ(target, got, current) & ~_covered(sight, plain)).any():  # a table of special cases says more than a region that holds them
        return parts + plain
    for _ in range(MOST_CONSTANTS):
        found = _constant(sight, target, got, differ(target, got, current) & ~_covered(sight, parts), len(formats))
        if found is None:
            break
        parts.append(found)
    return parts + special_cases(sight, target, got, differ(target, got, current) & ~_covered(sight, parts), len(formats))


def _covered(sight: Sight, parts: Sequence[Part[Any]]) -> Mask:
    """Which cases lie in a region with one answer."""
    found = np.zeros(len(sight.places[0].signs), dtype=bool)
    for part in parts:
        if part.option is None:
            found |= sight.holds(part.region)
    return found


def _constant(sight: Sight, target: Format, got: Codes, wrong: Mask, arity: int) -> Part[Any] | None:
    """The datum that most of the wrong cases are answered with, where a region holds all of them, or almost all, and nothing that is answered otherwise."""
    if int(np.count_nonzero(wrong)) < LEAST:
        return None
    codes, counts = np.unique(got[wrong], return_counts=True)
    code = int(codes[int(np.argmax(counts))])
    same = ~differ(target, got, np.full_like(got, code))
    if int(np.count_nonzero(wrong & same)) < max(LEAST, int(np.count_nonzero(wrong)) // 4):
        return None
    region = separate(sight, wrong & same, ~same, arity, 1.0) or separate(sight, wrong & same, ~same, arity)
    if region is None or not region.conditions:
        return None
    return Part(region, None, code, f"gives {_datum(target, code)} (only {region.text})")


def separate(sight: Sight, inside: Mask, outside: Mask, arity: int, most: float = ALMOST_ALL) -> Region | None:
    """The plainest region that holds almost all cases of ``inside``, as a part of 1, and none of ``outside``; None where words do not part them."""
    if not outside.any():
        return Region()
    needed = max(LEAST, int(most * np.count_nonzero(inside)))
    asked = features(arity)
    for feature in asked:
        found = _clean(sight, feature, inside, outside, arity)
        if found is not None and found[0] >= needed:
            return Region((found[1],))
    for one, other in combinations(asked, 2):
        for first in _values(sight, one, inside, arity):
            mask = first.holds(sight.labels(one))
            if np.count_nonzero(inside & mask) < needed:
                continue
            found = _clean(sight, other, inside & mask, outside & mask, arity)
            if found is not None and found[0] >= needed:
                return Region((first, found[1]))
    return None


def _values(sight: Sight, feature: Feature, inside: Mask, arity: int) -> list[Condition]:
    """A condition for each label of a feature that is not ordered, the most frequent first; of an ordered one the range that is met."""
    labels = sight.labels(feature)
    met, counts = np.unique(labels[inside], return_counts=True)
    if feature.trait.ordered:
        met = met[met != NO_BINADE]
        return [_condition(feature, int(met[0]), int(met[-1]), np.unique(labels), arity)] if len(met) else []
    return [_condition(feature, int(label), int(label), labels, arity) for label in met[np.argsort(-counts, kind="stable")]]


def _clean(sight: Sight, feature: Feature, inside: Mask, outside: Mask, arity: int) -> tuple[int, Condition] | None:
    """The condition of one feature with the most cases of ``inside`` and none of ``outside``, and how many those are."""
    labels = sight.labels(feature)
    theirs, others = labels[inside], np.unique(labels[outside])
    kept = theirs[~np.isin(theirs, others) & (theirs != NO_BINADE)]
    if not len(kept):
        return None
    groups = np.searchsorted(others, kept) if feature.trait.ordered else kept  # labels between the same two of the others belong together
    found, counts = np.unique(groups, return_counts=True)
    most = int(np.argmax(counts))
    chosen = kept[groups == found[most]]
    return int(counts[most]), _condition(feature, int(chosen.min()), int(chosen.max()), others, arity)


def _condition(feature: Feature, low: int, high: int, others: Labels, arity: int) -> Condition:
    """From ``low`` to ``high``; an end of an ordered feature beyond which nothing speaks against it is left open."""
    others = others[others != NO_BINADE]
    open_low = feature.trait.ordered and not bool((others < low).any())
    open_high = feature.trait.ordered and not bool((others > high).any())
    text = words(feature, low, high, open_low, open_high, arity)
    return Condition(feature, NO_BINADE + 1 if open_low else low, -NO_BINADE if open_high else high, text)


def special_cases(sight: Sight, target: Format, got: Codes, wrong: Mask, arity: int) -> list[Part[Any]]:
    """Classes of operands, some of them special, for which every case is answered with one and the same datum, wrongly."""
    keys = np.zeros(len(got), np.int64)
    for place in sight.places[:arity]:
        keys = keys * 16 + place.classes * 2 + np.where(place.classes == NAN, 0, place.signs)
    found: list[tuple[int, Part[Any]]] = []
    for key in np.unique(keys[wrong]).tolist():
        kinds = [divmod(key >> (4 * (arity - 1 - at)) & 15, 2) for at in range(arity)]
        if all(kind in (NORMAL, NORMAL - 1) for kind, _ in kinds):
            continue
        there = keys == key
        answer = got[there][:1]
        if bool(differ(target, got[there], np.broadcast_to(answer, (int(there.sum()),))).any()):
            continue
        conditions = [
            Condition(Feature(trait, at), value, value) for at, (kind, sign) in enumerate(kinds) for trait, value in ((Trait.CLASS, kind), (Trait.SIGN, sign))
        ]
        label = f"special case: ({', '.join(_named(kind, sign) for kind, sign in kinds)}) gives {_datum(target, int(answer[0]))}"
        found.append((int(np.count_nonzero(there & wrong)), Part(Region(tuple(conditions)), None, int(answer[0]), label)))
    found.sort(key=lambda item: -item[0])
    return [part for _, part in found[:MOST_SPECIAL]]


def _named(kind: int, sign: int) -> str:
    name = {"zero": "0", "infinity": "inf"}.get(CLASSES[kind], CLASSES[kind])
    return name if name == "NaN" else f"{'-' if sign else ''}{name}" if name in ("0", "inf") else f"{'negative' if sign else 'positive'} {name}"


def _datum(target: Format, code: int) -> str:
    return number(target, code).value
