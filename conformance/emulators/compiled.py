"""Libraries that compile C++ by torch when they are imported: each in a folder of its own, for two of them give their extensions the same name."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def folder(name: str) -> Path:
    """Where the extension of a library is built, and found again."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "refmath" / "torch_extensions" / name


def is_built(name: str) -> bool:
    """Whether a library was compiled here before."""
    return any(folder(name).rglob("*.so"))


@contextmanager
def building(name: str) -> Iterator[None]:
    """Import within. One process builds at a time; what one that was ended in the middle has left locked is unlocked."""
    place = folder(name)
    place.mkdir(parents=True, exist_ok=True)
    before = os.environ.get("TORCH_EXTENSIONS_DIR")
    with (place / "building").open("w") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)
        for left in place.rglob("lock"):
            with suppress(OSError):
                left.unlink()
        os.environ["TORCH_EXTENSIONS_DIR"] = str(place)
        try:
            yield
        finally:
            os.environ.pop("TORCH_EXTENSIONS_DIR")
            if before is not None:
                os.environ["TORCH_EXTENSIONS_DIR"] = before
