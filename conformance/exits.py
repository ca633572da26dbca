"""The exit statuses of the command line."""

from enum import IntEnum


class Exit(IntEnum):
    """What the exit status of ``refmath`` says."""

    AGREES = 0
    """Everything asked for was done, and whatever was compared agrees."""
    DIFFERS = 1
    """Something that was compared differs from the reference."""
    BAD_INPUT = 2
    """The input or the usage is at fault; what could be done without it was done."""
    FAILED = 3
    """An emulator or this tool failed."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C (128 + SIGINT)."""
    PIPE_CLOSED = 141
    """The reader of the output went away (128 + SIGPIPE)."""
