"""Verdicts as a page, as files and as an exit status: what ``refmath check`` and ``refmath campaign report`` have in common."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.exits import Exit
from conformance.report.screen import Line
from refmath.errors import RefmathError, quote

Pages = Mapping[str, Sequence[Any]]
"""Verdicts by the description of their emulator."""


def titles(emulators: Sequence[tuple[str, str, str]]) -> list[str]:
    """Of each emulator its description; where others have the same, with the name and the device that it was asked for by.

    ``emulators``: description, name and device of each.
    """
    descriptions = [description for description, _, _ in emulators]
    return [description if descriptions.count(description) == 1 else f"{description} ({name}, {device})" for description, name, device in emulators]


def lines(pages: Pages, seconds: float, verbose: bool) -> list[Line]:
    """The page."""
    from conformance.report.check_page import legend, page, summary

    found: list[Line] = []
    for description, verdicts in pages.items():
        if verdicts:
            found += [*page(description, verdicts, verbose), []]
    every = [verdict for verdicts in pages.values() for verdict in verdicts]
    return [*found, legend(), summary(every, seconds)] if every else found


def status(pages: Pages, failed: bool = False) -> Exit:
    """The exit status. ``failed``: something could not even be asked."""
    from conformance.verdict import Status

    found = {verdict.status for verdicts in pages.values() for verdict in verdicts}
    if failed or Status.FAILED in found:
        return Exit.FAILED
    return Exit.DIFFERS if Status.DIFFERS in found else Exit.AGREES


def check_writable(*files: str | None) -> None:
    """``RefmathError``, before any work is done, where a report could not be written."""
    for file in files:
        if file is None or file == "-":
            continue
        path = Path(file)
        if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise RefmathError(f"{quote(file)} cannot be written; name a file in a folder that exists and may be written.")


def write_json(file: str | None, report: dict[str, Any]) -> None:
    """A report as JSON, into a file or, for ``-``, on the standard output."""
    if file is None:
        return
    text = json.dumps(report, indent=1) + "\n"
    if file == "-":
        sys.stdout.write(text)
    else:
        write_report(file, text)


def write_report(file: str, text: str) -> None:
    """A report into a file. ``RefmathError`` where that fails, as on a full disk."""
    try:
        Path(file).write_text(text)
    except OSError as error:
        raise RefmathError(f"Cannot write {quote(file)}: {(error.strerror or str(error)).lower()}.") from error


def write_junit(file: str | None, pages: Pages) -> None:
    """Verdicts as JUnit XML."""
    if file is not None:
        from conformance.report.junit import junit

        write_report(file, junit(pages))
