"""The plan ``coverage``: every coverage model that applies, its budget spread over them, each model's over its tasks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from conformance.cases.coverage import Coverage, Outline, spread
from conformance.cases.plan import Chunk


@dataclass(frozen=True)
class Combined:
    """Several coverage plans, one after another."""

    whole: tuple[Coverage, ...]
    """A plan for each model, its budget left open."""
    budget: int | None
    seed: int
    name: str = "coverage"

    @cached_property
    def parts(self) -> tuple[Coverage, ...]:
        """The plans with their shares of the budget; those without a share are left out."""
        if self.budget is None:
            return tuple(plan for plan in self.whole if plan.count)
        shares = spread(self.budget, np.array([plan.available for plan in self.whole], dtype=np.int64))
        return tuple(replace(plan, budget=int(share)) for plan, share in zip(self.whole, shares.tolist(), strict=True) if share)

    @cached_property
    def count(self) -> int:
        """How many cases there are."""
        return sum(plan.count for plan in self.parts)

    @property
    def outline(self) -> Outline:
        """The sizes of all models together."""
        every = [plan.outline for plan in self.whole]
        unreached = [one.unreached for one in every]
        open_ = any(n is None for n in unreached)
        cases = self.budget or sum(one.cases for one in every)
        return Outline(cases, sum(one.tasks for one in every), sum(one.impossible for one in every), None if open_ else sum(n or 0 for n in unreached))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks of all models, each with the model's name."""
        return tuple(f"{plan.name}: {words}" for plan in self.parts for words in plan.tasks)

    @property
    def impossible(self) -> tuple[tuple[str, str], ...]:
        """The impossible tasks of all models."""
        return tuple((f"{plan.name}: {words}", why) for plan in self.whole for words, why in plan.impossible)

    @property
    def unreached(self) -> tuple[tuple[str, str], ...]:
        """The tasks of all models that were given up."""
        return tuple((f"{plan.name}: {words}", why) for plan in self.whole for words, why in plan.unreached)

    def chunks(self) -> Iterator[Chunk]:
        """The cases of one model after another."""
        before = 0
        for plan in self.parts:
            for chunk in plan.chunks():
                assert chunk.tasks is not None
                yield replace(chunk, tasks=(chunk.tasks + np.uint32(before)).astype(np.uint32))
            before += len(plan.tasks)
