"""What is counted over a range of a claim's operands: exact counts, and a bounded choice of cases.

A claim on ``n`` combinations of operands is cut into ranges of their numbers 0 to n - 1 (``conformance.streaming.spans``). Each range is counted by
itself, anywhere and in any order: ``tally(claim, adapter, held_to, first, count)`` of ``conformance.streaming`` gives a ``Tally``. Tallies of disjoint
ranges merge by ``Tally.merge``, which is associative and commutative and has ``Tally()`` as its neutral element, so that the result of a whole claim
does not depend on how the ranges were distributed, provided that they begin at multiples of ``BLOCK``:

    held_to = (said(claim),)  # or accounts(explanation, claim), to have an explanation verified on every operand
    total = reduce(Tally.merge, (tally(claim, adapter, held_to, first, count) for first, count in spans(claim)), Tally())

All fields are plain integers, text and tuples of them; ``as_data`` and ``from_data`` turn a tally into JSON data and back.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.exceptions import kinds

BLOCK = 1 << 20
"""Operands that are looked at together: cases are chosen block by block."""
SIMPLEST = 8
"""Simplest cases kept."""
SPREAD = 1024
"""Cases kept from all over the range."""
CHOSEN = 16
"""Up to so many cases of a block may all be kept."""
PART = BLOCK // 8
"""Of each part of a block that has more, the first."""

CLASSES = ("", "inf", "nan")
"""What is worse stands behind."""

Mask = NDArray[np.bool_]

Rank = tuple[int, ...]
"""The less, the simpler a case."""


@dataclass(frozen=True, order=True)
class Example:
    """One case that differs."""

    rank: Rank
    index: int
    """The number of its operands among all of the claim."""
    got: int
    """The code that the emulator returned."""

    @property
    def place(self) -> int:
        """A number that looks random and depends on the index alone: the examples with the least are a fair choice from everywhere."""
        mixed = (self.index * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        return mixed ^ mixed >> 27


@dataclass(frozen=True)
class Sample:
    """The cases that differ from one account: how many exactly, the simplest of them, and some from everywhere."""

    count: int = 0
    simplest: tuple[Example, ...] = ()
    spread: tuple[Example, ...] = ()

    def merge(self, other: "Sample") -> "Sample":
        """Both together."""
        if not (self.count and other.count):
            return self if self.count else other
        return choose(self.count + other.count, {*self.simplest, *other.simplest}, {*self.spread, *other.spread})

    @property
    def examples(self) -> list[Example]:
        """All that are kept, the simplest first."""
        return sorted({*self.simplest, *self.spread})


def choose(count: int, simplest: Iterable[Example], spread: Iterable[Example]) -> Sample:
    """A sample that keeps as many as it may."""
    return Sample(count, tuple(sorted(simplest)[:SIMPLEST]), tuple(sorted(spread, key=lambda example: (example.place, example))[:SPREAD]))


@dataclass(frozen=True)
class Tally:
    """What was counted. ``samples`` has one entry for each account that the results were held to, in the order given."""

    cases: int = 0
    samples: tuple[Sample, ...] = ()
    forgiven: int = 0
    """Zeros of the other sign, where either will do."""
    inaccurate: int = 0
    """Of an operation: results that are finite steps away from the first account's."""
    kappa: int = 0
    """The greatest number of those steps; of a conversion, of those away from the second account's."""
    kappa_class: str = ""
    """``nan`` or ``inf`` where a NaN or an infinity is on one side only (P3109 section 4.4), under the second account."""
    defined: bool = False
    """Whether a standard or a library defines a result for any of the operands whose results differ from the second account."""
    shares: tuple[int, ...] = ()
    """Of those results, how many each single defect explains by itself, and at last how many only all of them together."""
    aliens: Sample = Sample()
    """Results that are no values of the result format; in no other count."""
    left_out: int = 0
    """Operands that the emulator documents to refuse, on which it was not tried."""
    remarks: tuple[str, ...] = ()
    """What the emulator was seen to do beside its results, in words, sorted."""
    raised: Sample = Sample()
    """Operands on which an exception was raised; in no other count."""
    errors: tuple[str, ...] = ()
    """The kinds of those exceptions, of ``conformance.exceptions.kinds``."""

    def merge(self, other: "Tally") -> "Tally":
        """Both together."""
        if not (self.cases and other.cases):
            return self if self.cases else other
        shares = zip_longest(self.shares, other.shares, fillvalue=0)
        return Tally(
            self.cases + other.cases,
            tuple(one.merge(two) for one, two in zip(self.samples, other.samples, strict=True)),
            self.forgiven + other.forgiven,
            self.inaccurate + other.inaccurate,
            max(self.kappa, other.kappa),
            max(self.kappa_class, other.kappa_class, key=CLASSES.index),
            self.defined or other.defined,
            tuple(one + two for one, two in shares),
            self.aliens.merge(other.aliens),
            self.left_out + other.left_out,
            tuple(sorted({*self.remarks, *other.remarks})),
            self.raised.merge(other.raised),
            kinds((*self.errors, *other.errors)),
        )

    def as_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: dict[str, Any]) -> "Tally":
        """What ``as_data`` gave, from JSON too."""
        plain = {
            **data,
            "samples": tuple(map(_sample, data["samples"])),
            "aliens": _sample(data["aliens"]),
            "raised": _sample(data["raised"]),
            "errors": tuple(data["errors"]),
            "shares": tuple(data["shares"]),
            "remarks": tuple(data["remarks"]),
        }
        return Tally(**plain)


def _sample(data: dict[str, Any]) -> Sample:
    simplest, spread = (tuple(Example(tuple(one["rank"]), one["index"], one["got"]) for one in data[kind]) for kind in ("simplest", "spread"))
    return Sample(data["count"], simplest, spread)


def candidates(wrong: Mask, count: int, first: int) -> NDArray[np.int64]:
    """Places of ``count`` cases in a block that starts at the number ``first``: of few all; else some with the roundest numbers, and the first of each part."""
    if count <= CHOSEN:
        return np.nonzero(wrong)[0]
    firsts = [at + int(np.argmax(wrong[at : at + PART])) for at in range(0, len(wrong), PART)]
    return np.unique(np.concatenate([_roundest(wrong, first), [at for at in firsts if wrong[at]]])).astype(np.int64)


def _roundest(wrong: Mask, first: int) -> NDArray[np.int64]:
    """As many places as may be whose numbers are multiples of the greatest power of two that has any."""
    step = BLOCK
    while not (found := np.nonzero(wrong[-first % step :: step])[0]).size:
        step >>= 1
    return found[: CHOSEN // 2] * step + -first % step
