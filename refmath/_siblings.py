"""``formats`` and ``conformance`` are plain words: another module on the path may bear the name of our package.

That would break far from its cause, so importing ``refmath`` looks, without importing anything, at what the names would give.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

SIBLINGS = ("formats", "conformance")
TOOL_FAILED = 3
"""The exit status of a tool that cannot run."""


def check_siblings() -> None:
    """``ImportError``, in one sentence that names the file, where another module shadows a package of ours; for the command its exit."""
    try:
        _check()
    except ImportError as error:
        if Path(sys.argv[0] if sys.argv else "").stem != "refmath" and sys.argv[:1] != ["-m"]:
            raise
        sys.stderr.write(f"refmath: {error}\n")
        sys.exit(TOOL_FAILED)


def _check() -> None:
    home = Path(__file__).resolve().parent.parent
    for name in SIBLINGS:
        loaded = sys.modules.get(name)
        spec = loaded.__spec__ if loaded is not None else find_spec(name)
        if spec is None:
            raise ImportError(f"refmath needs its package '{name}', which is not on the path: install refmath again.")
        origin = spec.origin or next(iter(spec.submodule_search_locations or ()), "")
        if Path(origin).resolve() != home / name / "__init__.py":
            raise ImportError(
                f"refmath needs its own package '{name}', but {origin} comes first on the path: rename that module or remove its folder from the path."
            )
