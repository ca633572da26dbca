"""Whether to run everything: REFMATH_FULL=1 in the environment turns samples into exhaustive runs, which take hours."""

import os

FULL = os.environ.get("REFMATH_FULL", "") == "1"


def count(usual: int, full: int) -> int:
    """A number of cases: the usual one, or the full one."""
    return full if FULL else usual


def stride(usual: int) -> int:
    """The step between exhaustively numbered cases."""
    return 1 if FULL else usual
