"""A plan cut into shards. A shard is checked by itself, twice if need be, with the same outcome: nothing that it gives depends on another."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from enum import Enum
from functools import partial
from typing import Any

from conformance.campaign.plan import USUAL, Check, Plan
from conformance.outside.description import title
from conformance.worker import Inquiry, Listing, Task
from formats.family import Format
from formats.notation import text
from refmath.errors import RefmathError, quote


@dataclass(frozen=True)
class Shard:
    """A claim of an emulator, with its budget."""

    emulator: int
    """The number of the emulator, in the order of the listings."""
    task: Task

    def identity(self) -> dict[str, Any]:
        """All that decides the outcome, beside the versions, as plain data."""
        return {"emulator": self.emulator, **_fields(self.task.claim), "budget": asdict(self.task.budget)}


def _fields(thing: Any) -> dict[str, Any]:
    return {field.name: plain(getattr(thing, field.name)) for field in fields(thing) if field.name != "emulator"}


def plain(value: Any) -> Any:
    """As JSON data, the same in every process: formats by their texts, enumerations by their values, data classes by their fields, functions by their names."""
    match value:
        case Format():
            return text(value)
        case Enum():
            return value.value
        case None | str() | bool() | int() | float():
            return value
        case tuple() | list():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=canonical)
        case dict():
            return [[plain(key), plain(item)] for key, item in value.items()]
        case partial():
            return [plain(value.func), plain(value.args), plain(value.keywords)]
        case _ if is_dataclass(value):
            return _fields(value)
        case _ if callable(value):
            return f"{value.__module__}.{value.__qualname__}"
        case _:
            return str(value)


def canonical(data: object) -> str:
    """JSON, the same for the same data."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def inquiries(plan: Plan) -> list[Inquiry]:
    """Each emulator of the plan on each of its devices, once, in the order of the plan."""
    named = [(name, device) for check in plan.checks for name in check.emulators for device in check.devices]
    return [Inquiry(name, device) for name, device in dict.fromkeys(named)]


def cut(plan: Plan, listings: Sequence[Listing], file: str) -> list[Shard]:
    """The shards of a plan. ``RefmathError`` where a check names something that none of its emulators has."""
    chosen: dict[tuple[int, int], Task] = {}
    for check in plan.checks:
        offered = [
            (number, at, claim)
            for number, listing in enumerate(listings)
            if listing.name in check.emulators and listing.device in check.devices
            for at, claim in enumerate(listing.claims)
        ]
        _refuse_what_is_not_there(check, offered, file)
        for number, at, claim in offered:
            if _fits(check, claim):
                chosen[number, at] = Task(listings[number].name, listings[number].device, claim, check.budget)
    return [Shard(number, task) for (number, _), task in sorted(chosen.items(), key=lambda item: item[0])]


def _fits(check: Check, claim: Any) -> bool:
    named = ((check.operations, claim.operation), (check.sources, text(claim.operands[0])), (check.targets, claim.result_text))
    return all(not wanted or found in wanted for wanted, found in named)


def _refuse_what_is_not_there(check: Check, offered: list[tuple[int, int, Any]], file: str) -> None:
    """Every name of a check has to fit a claim of the whole check, or it is a slip."""
    where = f"{file}, {check.place}"
    fitting = [claim for _, _, claim in offered if _fits(check, claim)]
    emulators = f"{' or '.join(map(title, check.emulators))} on {' or '.join(check.devices)}"
    if not fitting:
        raise RefmathError(f"{where}: no claim of {emulators} has these operations, sources and targets; leave some out.")
    kinds = (
        ("operations", check.operations if check.operations != USUAL else (), {claim.operation for claim in fitting}),
        ("sources", check.sources, {text(claim.operands[0]) for claim in fitting}),
        ("targets", check.targets, {claim.result_text for claim in fitting}),
    )
    for key, wanted, found in kinds:
        for name in wanted:
            if name not in found:
                raise RefmathError(f"{where}, key '{key}': {quote(name)} fits no claim of {emulators} here; there are {_some(found)}.")


def _some(names: set[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown) if len(shown) <= 12 else f"{', '.join(shown[:12])} and {len(shown) - 12} more"
