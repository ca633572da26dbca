"""``python -m refmath`` and the ``refmath`` command: starts the command line, which lives two floors up."""

import sys
from importlib import import_module


def main() -> None:
    """Run the command line on ``sys.argv``."""
    try:
        cli = import_module("conformance.cli")
    except ImportError as error:
        sys.exit(f"refmath: {error}" if error.name is None else f"refmath: {error}; install refmath again.")
    cli.main()


if __name__ == "__main__":
    main()
