"""The plan of a campaign: a TOML file that says what is held to the reference, and how hard.

    title = "torch against the reference"
    seed = 1

    [limits]
    time = 120
    memory = "8G"

    [[check]]
    emulators = ["torch", "my_adapter:adapter"]
    operations = ["convert", "add"]
    sources = ["binary32"]
    budget = "standard"

Each ``[[check]]`` chooses claims; of several that choose the same claim the last decides its budget. ``spec/ledger.md`` lists the keys.
"""

import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conformance.budget import EXHAUSTIVE, QUICK, STANDARD, Budget
from conformance.campaign.reading import Table, named
from conformance.claims import claimed_operation
from conformance.emulators import KNOWN, is_description, missing
from conformance.limits import Limits, parse_memory
from conformance.tally import BLOCK
from formats.notation import parse, text
from refmath.errors import RefmathError, quote

BUDGETS = {"quick": QUICK, "standard": STANDARD, "exhaustive": EXHAUSTIVE}
USUAL = ("convert", "quantize")
"""The operations of a check that names none."""
MAX_BYTES = 1 << 20
KEPT = 20
"""Counterexamples of a claim that a ledger keeps, where the plan says nothing."""


@dataclass(frozen=True)
class Check:
    """Claims, and how hard they are tried. Names are canonical; what is empty admits all."""

    place: str
    emulators: tuple[str, ...]
    devices: tuple[str, ...]
    operations: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    budget: Budget


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a campaign finds."""

    title: str
    limits: Limits
    checks: tuple[Check, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain data, the same for every spelling of the plan."""
        return {
            "title": self.title,
            "limits": asdict(self.limits),
            "check": [{key: list(value) if isinstance(value, tuple) else value for key, value in asdict(check).items()} for check in self.checks],
        }


def read_plan(path: Path) -> Plan:
    """The plan in a file. ``RefmathError`` for anything that is not as it should be, with the place and the remedy."""
    shown = named(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RefmathError(f"{shown} is larger than {MAX_BYTES:,} bytes; name the TOML file of a plan, not a ledger or a report.")
        written = path.read_bytes().decode()
    except FileNotFoundError:
        raise RefmathError(f"There is no plan {shown}; name a TOML file, such as examples/campaign.toml.") from None
    except IsADirectoryError:
        raise RefmathError(f"{shown} is a folder; name the TOML file of a plan.") from None
    except OSError as error:
        raise RefmathError(f"{shown} cannot be read ({error.strerror}); name a file that may be read.") from None
    except UnicodeDecodeError as error:
        raise RefmathError(f"{shown} is no text in UTF-8 (byte {error.start}); name the TOML file of a plan.") from None
    try:
        data = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise RefmathError(f"{shown} is no TOML: {error}; mend that place.") from None
    except RecursionError:
        raise RefmathError(f"{shown} is nested too deeply for a plan; see examples/campaign.toml.") from None
    return _plan(Table(shown, "", data))


def _plan(table: Table) -> Plan:
    title = table.text("title", "")
    seed = table.integer("seed", 1, 0, (1 << 64) - 1)
    kept = table.integer("counterexamples", KEPT, 1, 1000)
    span = table.integer("shard", STANDARD.span, BLOCK, 1 << 32)
    if span % BLOCK:
        table.wrong("shard", f"{span:,} is no multiple of {BLOCK:,}; write one, such as {STANDARD.span:,}.")
    budget = replace(_budget(table, STANDARD), seed=seed, kept=kept, span=span)
    limits = _limits(table.table("limits"))
    checks = tuple(_check(one, budget) for one in table.tables("check"))
    table.end()
    return Plan(title, limits, checks)


def _limits(table: Table) -> Limits:
    usual = Limits()
    seconds = table.integer("time", int(usual.seconds), 1, 7 * 86400)
    given = table.text("memory", "")
    table.end()
    return Limits(float(seconds), table.check("memory", given, parse_memory) if given else usual.memory)


def _check(table: Table, usual: Budget) -> Check:
    emulators = table.texts("emulators", None, _emulator)
    devices = table.texts("devices", ("cpu",), _device)
    operations = table.texts("operations", USUAL, _operation)
    sources = table.texts("sources", (), _format)
    targets = table.texts("targets", (), _format)
    budget = _budget(table, usual)
    table.end()
    return Check(table.place, emulators, devices, () if "all" in operations else operations, sources, targets, budget)


def _emulator(name: str) -> str:
    missing(name)
    if name not in KNOWN and is_description(name):
        from conformance.outside.description import confirm

        confirm(name)
    elif ":" in name and not all(part.replace(".", "").isidentifier() for part in name.split(":", 1)):
        raise RefmathError(f"{quote(name)} is no emulator; write module:function for an adapter of your own.")
    return name


def _operation(name: str) -> str:
    return name if name == "all" else claimed_operation(name)


def _device(name: str) -> str:
    if not name or not name.isprintable() or name != name.strip():
        raise RefmathError(f"{quote(name)} is no device; write one such as cpu, cuda or cpu:compile.")
    return name


def _format(name: str) -> str:
    return text(parse(name))


def _budget(table: Table, usual: Budget) -> Budget:
    """A budget by name, or a table of its own with what differs from the usual one."""
    given = table.data.get("budget")
    if isinstance(given, dict):
        own = table.table("budget")
        samples = own.integer("samples", usual.samples, 1, 1 << 24)
        points = own.integer("points", usual.points, 1, 1 << 24)
        layouts = own.text("layouts", "all" if usual.thorough_layouts else "few")
        if layouts not in ("all", "few"):
            own.wrong("layouts", f"{quote(layouts)} is no choice for it; write all or few.")
        own.end()
        return replace(usual, samples=samples, points=points, thorough_layouts=layouts == "all")
    name = table.text("budget", "")
    if not name:
        return usual
    if name not in BUDGETS:
        table.wrong("budget", f"{quote(name)} is no budget; write {', '.join(BUDGETS)}, or a table with samples, points and layouts.")
    return replace(BUDGETS[name], seed=usual.seed, kept=usual.kept, span=usual.span)
