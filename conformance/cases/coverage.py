"""A coverage model carried out: for every task, cases that fulfil it, rechecked by the reference.

A model is a list of tasks, each with a key, and a function from a case to the keys that the case fulfils. How a case was found therefore does not matter: whatever the
search proposes, the reference looks at it, and it counts for the tasks whose keys it has. Where all operands together have few bits, every case there is is looked at,
and a task without one is proven impossible. Elsewhere each task proposes candidates, solved for it; a task that a theorem excludes is impossible, and
one that the search gave up is only not reached.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from conformance.cases.plan import CHUNK, Chunk
from conformance.cases.scene import ENUMERATED_BITS, Scene, Sight, every_sight
from conformance.cases.simple_plans import draws
from conformance.cases.stream import Draws, key_of, words
from conformance.cases.tables import as_codes
from conformance.claims import Codes

TRIES = 600
"""Candidates after which a task counts as not reached."""
REMEMBERED = 16
"""Cases of a task that are given again when its search finds nothing new."""
EACH = 4
"""Cases of each task where no budget says how many, up to ``MANY`` in all."""
MANY = 4000
AT_LEAST = 1000
"""Cases of a plan where no budget says how many."""

SEARCHED_BITS = 48
"""Where the operands have more bits together, no model is searched for an outline: three of 16 bits are."""
LIMITLESS = 2**62
"""The number of cases of a task that is searched for."""

Case = tuple[int, ...]
Aim = Callable[[Draws], Case | None]
"""One candidate for a task, or None where this draw gave none."""


@dataclass(frozen=True)
class Task:
    """What a case is wanted for."""

    key: Hashable
    words: str
    aim: Aim
    never: str = ""
    """Why no case can fulfil it, where that is known."""


@dataclass(frozen=True)
class Model:
    """A coverage model for one scene."""

    name: str
    tasks: tuple[Task, ...]
    keys: Callable[[Sight], Iterable[Hashable]]
    """The keys of the tasks that a case fulfils; others may be among them."""


@dataclass(frozen=True)
class Reach:
    """Which tasks of a model can be had."""

    tasks: tuple[int, ...]
    """Those with cases, by their numbers in the model."""
    cases: tuple[NDArray[np.int64], ...] | None
    """For each of them the numbers of all its cases among ``every_sight``, where all were looked at."""
    impossible: tuple[tuple[str, str], ...]
    unreached: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outline:
    """The size of a plan."""

    cases: int
    """As many, or no more where some tasks were not searched."""
    tasks: int
    impossible: int
    unreached: int | None
    """None where there was no search: some of the tasks may then have no cases."""


@dataclass(frozen=True)
class Coverage:
    """The plan of a coverage model."""

    scene: Scene
    model: Model
    bits: int
    """Random bits of a stochastic mode, else 0."""
    budget: int | None
    seed: int

    @property
    def name(self) -> str:
        """The model."""
        return self.model.name

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that have cases, in words."""
        return tuple(self.model.tasks[i].words for i in self.reach.tasks)

    @property
    def impossible(self) -> tuple[tuple[str, str], ...]:
        """Tasks proven impossible, with the proof."""
        return self.reach.impossible

    @property
    def unreached(self) -> tuple[tuple[str, str], ...]:
        """Tasks that were given up."""
        return self.reach.unreached

    @cached_property
    def reach(self) -> Reach:
        """Which tasks can be had."""
        return reach_of(self.scene, self.model, self.seed)

    @property
    def outline(self) -> Outline:
        """How many cases and tasks there are, and how many of them are not to be had: without the search where that would take long."""
        tasks = self.model.tasks
        if self.scene.bits <= SEARCHED_BITS:
            return Outline(self.count, len(self.reach.tasks), len(self.impossible), len(self.unreached))
        impossible = sum(bool(task.never) for task in tasks)
        return Outline(self._wanted(len(tasks) - impossible), len(tasks) - impossible, impossible, None)

    def _wanted(self, tasks: int) -> int:
        """How many cases so many tasks should have."""
        return self.budget or max(AT_LEAST, min(EACH * tasks, MANY), tasks)

    @cached_property
    def shares(self) -> NDArray[np.int64]:
        """How many cases each task gets: the same, but for those that have fewer."""
        available = [len(cases) for cases in self.reach.cases] if self.reach.cases is not None else [LIMITLESS] * len(self.reach.tasks)
        return spread(self._wanted(len(available)), np.array(available, dtype=np.int64))

    @property
    def available(self) -> int:
        """How many cases there can be."""
        return sum(len(cases) for cases in self.reach.cases) if self.reach.cases is not None else LIMITLESS * bool(self.reach.tasks)

    @property
    def count(self) -> int:
        """How many cases there are."""
        return int(self.shares.sum())

    def chunks(self) -> Iterator[Chunk]:
        """The cases, one of each task in turn."""
        found = self._listed() if self.reach.cases is not None else self._found()
        key = key_of(self.seed, self.name, "R")
        for start in range(0, self.count, CHUNK):
            rows = [next(found) for _ in range(min(CHUNK, self.count - start))]
            operands = tuple(as_codes(f, [case[i] for _, case in rows]) for i, f in enumerate(self.scene.formats))
            random: Codes | None = draws(key, start, len(rows), self.bits) if self.bits else None
            yield Chunk(operands, random, np.array([task for task, _ in rows], dtype=np.uint32))

    def turns(self) -> Iterator[tuple[int, int]]:
        """Whose turn it is: the tasks in order, round after round, each as often as its share; with the number of the round."""
        left = np.arange(len(self.shares))
        turn = 0
        while len(left := left[self.shares[left] > turn]):
            for task in left.tolist():
                yield task, turn
            turn += 1

    def _listed(self) -> Iterator[tuple[int, Case]]:
        """Cases out of complete lists, each list in an order of its own."""
        assert self.reach.cases is not None
        sights = every_sight(self.scene)
        orders = [
            cases[np.argsort(words(key_of(self.seed, self.name, task), 0, len(cases)), kind="stable")]
            for task, cases in zip(self.tasks, self.reach.cases, strict=True)
        ]
        for task, turn in self.turns():
            yield task, sights[orders[task][turn]].codes

    def _found(self) -> Iterator[tuple[int, Case]]:
        """Cases out of searches."""
        searches = [Search(self.scene, self.model, self.model.tasks[i], self.seed) for i in self.reach.tasks]
        for task, _ in self.turns():
            yield task, searches[task].next()


class Search:
    """The cases of one task, one after another."""

    def __init__(self, scene: Scene, model: Model, task: Task, seed: int) -> None:
        self.scene, self.model, self.task = scene, model, task
        self.draws = Draws(seed, scene.name, *(f.notation() for f in scene.formats), scene.to.notation(), model.name, task.words)
        self.kept: list[Case] = []
        self.again = 0
        self.refused = 0

    def find(self) -> Case | None:
        """A case that fulfils the task, None after ``TRIES`` candidates that do not."""
        for _ in range(TRIES):
            case = self.task.aim(self.draws)
            sight = self.scene.see(case) if case is not None else None
            self.refused += case is not None and sight is None
            if sight is not None and self.task.key in self.model.keys(sight):
                return sight.codes
        return None

    def next(self) -> Case:
        """The next case; one that was given before where no other turns up."""
        case = self.find() if not self.again or len(self.kept) == REMEMBERED else None
        if case is None:
            self.again += 1
            return self.kept[self.again % len(self.kept)]
        if len(self.kept) < REMEMBERED:
            self.kept.append(case)
        return case


@lru_cache(maxsize=64)
def reach_of(scene: Scene, model: Model, seed: int) -> Reach:
    """Which tasks of a model can be had: found once, whatever the budgets of the plans that ask."""
    return _enumerated(scene, model) if scene.bits <= ENUMERATED_BITS else _searched(scene, model, seed)


def _searched(scene: Scene, model: Model, seed: int) -> Reach:
    """By one case of each task."""
    reached, impossible, unreached = [], [], []
    for number, task in enumerate(model.tasks):
        if task.never:
            impossible.append((task.words, task.never))
        elif (search := Search(scene, model, task, seed)).find() is None:
            refused = f"; for {search.refused:,} of them the projection delivers nothing" if search.refused else ""
            unreached.append((task.words, f"none of {TRIES:,} candidates{refused}"))
        else:
            reached.append(number)
    return Reach(tuple(reached), None, tuple(impossible), tuple(unreached))


def _enumerated(scene: Scene, model: Model) -> Reach:
    """By all cases there are."""
    places: dict[Hashable, list[int]] = {task.key: [] for task in model.tasks}
    sights = every_sight(scene)
    for number, sight in enumerate(sights):
        for key in model.keys(sight):
            if key in places:
                places[key].append(number)
    reached = tuple(number for number, task in enumerate(model.tasks) if places[task.key])
    proof = f"all {1 << scene.bits:,} operands were tried"
    impossible = tuple((task.words, task.never or proof) for task in model.tasks if not places[task.key])
    return Reach(reached, tuple(np.array(places[model.tasks[i].key], dtype=np.int64) for i in reached), impossible, ())


def spread(wanted: int, available: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shares of ``wanted`` cases, as equal as what is available allows. Of more tasks than cases, evenly spaced ones get one."""
    tasks = len(available)
    if not tasks:
        return available
    if wanted < tasks:
        shares = np.zeros(tasks, dtype=np.int64)
        shares[np.arange(wanted) * tasks // wanted] = 1
        return shares
    low, high = 0, wanted
    while low < high:  # the greatest level that all shares can be filled to
        level = (low + high + 1) // 2
        if sum(min(n, level) for n in available.tolist()) <= wanted:
            low = level
        else:
            high = level - 1
    shares = np.minimum(available, low)
    rest = min(wanted - int(shares.sum()), int((available > shares).sum()))
    more = np.flatnonzero(available > shares)
    if rest > 0:
        shares[more[np.arange(rest) * len(more) // rest]] += 1
    return shares
