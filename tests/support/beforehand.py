"""Command lines of processes that set something of themselves before they begin.

The ``preexec_fn`` of ``subprocess`` would run in a fork of this process, which may have the threads of a library.
"""

import sys
from collections.abc import Sequence

SIGNAL = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
LIMIT = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); os.execv(sys.argv[2], sys.argv[2:])"


def interruptible(command: Sequence[str]) -> list[str]:
    """Ctrl-C reaches it, where a shell runs the tests in the background too."""
    return [sys.executable, "-c", SIGNAL, *command]


def writing_at_most(size: int, command: Sequence[str]) -> list[str]:
    """No file that it writes may grow beyond so many bytes."""
    return [sys.executable, "-c", LIMIT, str(size), *command]
