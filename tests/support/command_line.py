"""Runs the command line in this process, and says what it printed and how it ended."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from conformance.cli import run


@dataclass(frozen=True)
class Ran:
    """What one command line did."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed, line by line."""
        return self.out.splitlines()

    @property
    def data(self) -> Any:
        """The JSON that it printed."""
        return json.loads(self.out)


def refmath(*arguments: str) -> Ran:
    """``refmath`` with these arguments."""
    raw, err = io.BytesIO(), io.StringIO()
    with io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as out, redirect_stdout(out), redirect_stderr(err):
        status = run(list(arguments))
        return Ran(int(status), raw.getvalue().decode(), err.getvalue())


def is_one_sentence(text: str) -> bool:
    """Whether an error is one line of bounded length that starts with the program's name, and no traceback."""
    return text.startswith("refmath: ") and text.count("\n") == 1 and text.endswith("\n") and len(text) < 1000 and "Traceback" not in text
