"""What a ledger says: the verdicts by emulator, as data, and the state of the work."""

from datetime import datetime
from typing import Any

from conformance.campaign.ledger import Ledger
from conformance.report.progress import pace
from conformance.report.results import titles
from conformance.report.screen import Line, Span, listing, row
from conformance.verdict import Status, Verdict


def pages(ledger: Ledger) -> dict[str, list[Verdict]]:
    """The verdicts by the description of their emulator, in the order of the shards."""
    names = titles([(description, name, device) for name, device, description, _ in ledger.origin.emulators])
    found: dict[str, list[Verdict]] = {name: [] for name in names}
    for shard, outcome in sorted(ledger.outcomes.items()):
        found[names[ledger.origin.shards[shard][0]]].append(outcome.verdict)
    return found


def report_data(ledger: Ledger) -> dict[str, Any]:
    """Everything that was found, without timings: the same for equal ledgers."""
    numbered: list[list[dict[str, Any]]] = [[] for _ in ledger.origin.emulators]
    for shard, outcome in sorted(ledger.outcomes.items()):
        data = outcome.verdict.as_json()
        del data["seconds"]
        numbered[ledger.origin.shards[shard][0]].append({"shard": shard, **data})
    return {
        "schema": "refmath-campaign/1",
        "title": ledger.origin.plan["title"],
        "digest": ledger.digest(),
        "versions": ledger.origin.versions,
        "limits": ledger.origin.limits,
        "shards": len(ledger.origin.shards),
        "done": len(ledger.outcomes),
        "emulators": [
            {"name": name, "device": device, "description": description, "version": version, "verdicts": verdicts}
            for (name, device, description, version), verdicts in zip(ledger.origin.emulators, numbered, strict=True)
        ],
    }


def status_data(ledger: Ledger, running: bool) -> dict[str, Any]:
    """How far the work is."""
    done, every = len(ledger.outcomes), len(ledger.origin.shards)
    rate = _rate(ledger)
    return {
        "schema": "refmath-campaign-status/1",
        "title": ledger.origin.plan["title"],
        "state": "running" if running else "finished" if done == every else "stopped",
        "shards": every,
        "done": done,
        "left": every - done,
        "ranges": len(ledger.parts),
        "failed": sum(outcome.verdict.status is Status.FAILED for outcome in ledger.outcomes.values()),
        "differ": sum(outcome.verdict.status is Status.DIFFERS for outcome in ledger.outcomes.values()),
        "cases": sum(outcome.verdict.cases for outcome in ledger.outcomes.values()),
        "shards_a_second": round(rate, 3) if rate else None,
        "seconds_left": round((every - done) / rate) if rate and not ledger.parts else None,
        "begun": ledger.begun,
        "versions": ledger.origin.versions,
        "emulators": [dict(zip(("name", "device", "description", "version"), emulator, strict=True)) for emulator in ledger.origin.emulators],
        "sittings": [
            {**vars(sitting), "shards": sum(outcome.sitting == sitting.number for outcome in ledger.outcomes.values())} for sitting in ledger.sittings
        ],
    }


def _rate(ledger: Ledger) -> float:
    """Shards a second in the last sitting; 0 where nothing is known."""
    if not ledger.sittings:
        return 0.0
    last = ledger.sittings[-1]
    stamps = [outcome.finished for outcome in ledger.outcomes.values() if outcome.sitting == last.number]
    if not stamps:
        return 0.0
    seconds = (datetime.fromisoformat(max(stamps)) - datetime.fromisoformat(last.started)).total_seconds()
    return len(stamps) / seconds if seconds > 0 else 0.0


def status_lines(data: dict[str, Any]) -> list[Line]:
    """The same for people."""
    done, left = data["done"], data["left"]
    seconds = done / data["shards_a_second"] if data["shards_a_second"] else 0.0
    tempo = f"   {pace(done, left, seconds)}" if left and not data["ranges"] and data["state"] == "running" else ""
    ranges = f", with {data['ranges']:,} ranges of operands counted" if data["ranges"] else ""
    lines: list[Line] = [
        row(data["state"], Span(f"{done:,} of {data['shards']:,} shards done", "strong"), f", {left:,} left{ranges}{tempo}"),
        row("found", f"{data['cases']:,} cases; ", _counted(data["differ"], "differ"), " · ", _counted(data["failed"], "failed to run")),
    ]
    for at, emulator in enumerate(data["emulators"]):
        lines.append(row("" if at else "emulators", emulator["description"], Span(f"   {emulator['version']}", "dim")))
    lines += listing("versions", [f"{name} {version}" for name, version in data["versions"].items()])
    for at, sitting in enumerate(data["sittings"][-5:]):
        how = sitting["how"] or ("at work" if data["state"] == "running" and sitting is data["sittings"][-1] else "killed")
        lines.append(row("" if at else "sittings", f"{sitting['started']}  {how}, {sitting['shards']:,} shards  ", Span(_where(sitting), "dim")))
    return lines


def _counted(number: int, words: str) -> Span:
    return Span(f"{number:,} {words}", "bad" if number else "")


def _where(sitting: dict[str, Any]) -> str:
    return f"{sitting['scheduler']} on {sitting['host']}, {sitting['processor']}"


def time_spent(ledger: Ledger) -> float:
    """Seconds of all shards together."""
    return sum(outcome.verdict.seconds for outcome in ledger.outcomes.values())
