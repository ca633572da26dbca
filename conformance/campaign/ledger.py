"""The ledger of a campaign: an SQLite file in WAL mode to which each shard adds its outcome in one transaction.

What makes it safe is said in ``spec/ledger.md``: it appears under its name complete; after that rows are only added, and a shard is done
exactly when its outcome is there. So the instant of a kill decides only which shards are done again.
"""

import hashlib
import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from conformance.campaign.opening import check_header, check_tables, damaged, refusing, to_read, to_write
from conformance.campaign.schema import APPLICATION, TABLES, VERSION
from conformance.campaign.shards import Shard, canonical
from conformance.tally import Tally
from conformance.verdict import Verdict
from conformance.versions import processor
from conformance.worker import Listing
from refmath.errors import RefmathError


def now() -> str:
    """The time, as ledgers have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def seal(*values: object) -> str:
    """A checksum over values, in their order."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """What is written once, when a campaign begins."""

    plan: Mapping[str, Any]
    limits: Mapping[str, Any]
    """Those in force: the plan's, or what the command line said instead."""
    versions: Mapping[str, str]
    emulators: tuple[tuple[str, str, str, str], ...]
    """Name, device, description, version of each."""
    shards: tuple[tuple[int, str], ...]
    """The number of the emulator, and everything that decides the outcome, of each."""


def origin(plan: Mapping[str, Any], limits: Mapping[str, Any], versions: Mapping[str, str], listings: Sequence[Listing], shards: Sequence[Shard]) -> Origin:
    """What the ledger of these shards begins with."""
    emulators = tuple((one.name, one.device, one.description, one.version) for one in listings)
    return Origin(plan, limits, versions, emulators, tuple((shard.emulator, canonical(shard.identity())) for shard in shards))


def create(path: Path, begun: Origin) -> None:
    """Make a ledger under another name, and give it its own when it is complete. The lock has to be held."""
    new = path.with_name(path.name + ".new")
    with refusing(path):
        for name in (new, new.with_name(new.name + "-wal"), new.with_name(new.name + "-shm")):
            name.unlink(missing_ok=True)
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                raise OSError(0, "the file system has no shared memory, which a ledger needs")
            _fill(connection, begun)
        finally:
            connection.close()
        os.rename(new, path)


def _fill(connection: sqlite3.Connection, begun: Origin) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    for table in TABLES:
        connection.execute(table)
    connection.executemany("INSERT INTO emulator VALUES (?, ?, ?, ?, ?)", [(at, *one) for at, one in enumerate(begun.emulators)])
    connection.executemany("INSERT INTO shard VALUES (?, ?, ?)", [(at, *one) for at, one in enumerate(begun.shards)])
    keys = {"plan": canonical(begun.plan), "limits": canonical(begun.limits), "versions": canonical(begun.versions), "begun": now()}
    keys["seal"] = seal(keys, begun.emulators, begun.shards)
    connection.executemany("INSERT INTO campaign VALUES (?, ?)", keys.items())
    connection.execute("COMMIT")


Part = tuple[int, str, int]
"""A shard, a checksum over what its results are held to, and the number of the first operands of a range."""


@dataclass(frozen=True)
class Outcome:
    """What a shard gave, and how it came about."""

    verdict: Verdict
    """With its seconds."""
    finished: str
    sitting: int
    worker: str


@dataclass(frozen=True)
class Sitting:
    """One run of a coordinator."""

    number: int
    started: str
    host: str
    processor: str
    scheduler: str
    ended: str | None
    how: str | None


class Ledger:
    """An open ledger, verified from end to end. ``RefmathError`` where it is not what it should be.

    ``held``: whether this process holds its lock.
    """

    def __init__(self, path: Path, held: bool = False) -> None:
        self.path = path
        check_header(path)
        with refusing(path):
            self.connection = to_read(path, held)
            try:
                check_tables(path, self.connection)
                self.connection.execute("BEGIN")
                self.origin, self.begun = self._origin()
                self.outcomes = self._outcomes()
                self.parts = self._parts()
                self.sittings = [Sitting(*row) for row in self.connection.execute("SELECT * FROM sitting ORDER BY number")]
                self.connection.execute("COMMIT")
            except BaseException:
                self.connection.close()
                raise

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()

    def write(self) -> None:
        """From here on rows may be added. The lock has to be held."""
        with refusing(self.path):
            self.connection.close()
            self.connection = to_write(self.path)

    def _origin(self) -> tuple[Origin, str]:
        keys: dict[str, str] = dict(self.connection.execute("SELECT key, value FROM campaign"))
        emulators = tuple(self.connection.execute("SELECT name, device, description, version FROM emulator ORDER BY number"))
        shards = tuple(self.connection.execute("SELECT emulator, identity FROM shard ORDER BY number"))
        told = keys.pop("seal", "")
        ordered = {key: keys.get(key, "") for key in ("plan", "limits", "versions", "begun")}
        if told != seal(ordered, emulators, shards) or keys != ordered:
            raise RefmathError(damaged(self.path, "the seal of its origin is broken"))
        plan, limits, versions = (json.loads(keys[key]) for key in ("plan", "limits", "versions"))
        return Origin(plan, limits, versions, emulators, shards), keys["begun"]

    def _outcomes(self) -> dict[int, Outcome]:
        cases: dict[int, list[str]] = {}
        for shard, data in self.connection.execute("SELECT shard, data FROM counterexample ORDER BY shard, number"):
            cases.setdefault(shard, []).append(data)
        found = {}
        for *row, told in self.connection.execute("SELECT * FROM outcome ORDER BY shard"):
            shard, _, _, _, data, seconds, finished, sitting, worker = row
            shown = cases.pop(shard, [])
            if told != seal(row, shown) or not 0 <= shard < len(self.origin.shards):
                raise RefmathError(damaged(self.path, f"the seal of shard {shard} is broken"))
            verdict = Verdict.from_json({**json.loads(data), "seconds": seconds, "counterexamples": [json.loads(case) for case in shown]})
            found[shard] = Outcome(verdict, finished, sitting, worker)
        if cases:
            raise RefmathError(damaged(self.path, "it has counterexamples without an outcome"))
        return found

    def _parts(self) -> dict[Part, str]:
        found = {}
        for *row, told in self.connection.execute("SELECT * FROM part"):
            shard, accounts, first, data = row
            if told != seal(row) or shard in self.outcomes:
                raise RefmathError(damaged(self.path, f"the seal of a part of shard {shard} is broken"))
            found[shard, accounts, first] = data
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with refusing(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def sit_down(self, scheduler: str) -> int:
        """Record that a coordinator begins; the number of its sitting."""
        with self._transaction():
            values = (now(), platform.node(), processor(), scheduler)
            row = self.connection.execute("INSERT INTO sitting (started, host, processor, scheduler) VALUES (?, ?, ?, ?)", values)
            assert row.lastrowid is not None
            return row.lastrowid

    def stand_up(self, sitting: int, how: str) -> None:
        """Record that it ended of its own accord."""
        with self._transaction():
            self.connection.execute("UPDATE sitting SET ended = ?, how = ? WHERE number = ?", (now(), how, sitting))

    def record(self, shard: int, verdict: Verdict, sitting: int, worker: str) -> None:
        """Add the outcome of a shard, in one transaction; its parts go."""
        data = verdict.as_json()
        seconds = round(float(data.pop("seconds")), 6)
        cases = [canonical(case) for case in data.pop("counterexamples")]
        finished = now()
        row = [shard, verdict.status.value, verdict.cases, verdict.mismatches, canonical(data), seconds, finished, sitting, worker]
        with self._transaction():
            self.connection.execute(f"INSERT INTO outcome VALUES ({', '.join('?' * 10)})", (*row, seal(row, cases)))
            self.connection.execute("DELETE FROM part WHERE shard = ?", (shard,))
            self.connection.executemany("INSERT INTO counterexample VALUES (?, ?, ?)", [(shard, at, case) for at, case in enumerate(cases)])
        self.outcomes[shard] = Outcome(verdict, finished, sitting, worker)
        self.parts = {part: data for part, data in self.parts.items() if part[0] != shard}

    def record_part(self, part: Part, tally: Tally) -> None:
        """Add the tally of a range of a shard's operands, in one transaction."""
        data = canonical(tally.as_data())
        row = [*part, data]
        with self._transaction():
            self.connection.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?)", (*row, seal(row)))
        self.parts[part] = data

    def digest(self) -> str:
        """A checksum over all that the campaign found, without timings and who did it when: equal for equal ledgers."""
        verdicts = [(shard, {**outcome.verdict.as_json(), "seconds": 0}) for shard, outcome in sorted(self.outcomes.items())]
        return seal(self.origin.plan["check"], self.origin.limits, self.origin.versions, self.origin.emulators, self.origin.shards, verdicts)
