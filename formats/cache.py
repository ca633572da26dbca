"""Results of the reference kept on disk: below ``$XDG_CACHE_HOME`` or ``~/.cache``, or in a temporary folder where that is read-only.

An entry is filed under a digest of all that decides it, the source files of the reference among it, and carries a checksum: a changed reference, and a file that is damaged,
cut short or not ours, only mean that the work is done again. Entries are written beside their place and moved there, so that processes never see half of one.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import refmath as refmath_package

MAGIC = b"refmath cache 1\n"
MOST = 1000
"""Entries of a kind that are kept; of more, those go that were written first."""
HEAD = len(MAGIC) + 2 * hashlib.sha256().digest_size


@cache
def reference_digest() -> bytes:
    """A checksum of the source files of the reference."""
    assert refmath_package.__file__ is not None
    digest = hashlib.sha256()
    for package in (Path(refmath_package.__file__).parent, Path(__file__).parent):
        for source in sorted(package.rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.digest()


def key_of(*parts: object) -> bytes:
    """The digest of what decides an entry, and of the reference that makes it."""
    return hashlib.sha256(reference_digest() + repr(parts).encode()).digest()


@cache
def folder(kind: str) -> Path | None:
    """Where entries of a kind are kept; None where no folder can be written."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for parent in (home, Path(tempfile.gettempdir())):
        with suppress(OSError):
            place = parent / "refmath" / kind
            place.mkdir(parents=True, exist_ok=True)
            if os.access(place, os.W_OK):
                return place
    return None


def load(kind: str, key: bytes) -> bytes | None:
    """What is filed under a key; None where there is nothing, or something else than was stored."""
    place = folder(kind)
    if place is None:
        return None
    with suppress(OSError):
        raw = (place / key.hex()).read_bytes()
        if raw[:HEAD] == _head(key, raw[HEAD:]):
            return raw[HEAD:]
    return None


def store(kind: str, key: bytes, content: bytes) -> None:
    """File something under a key. Where that cannot be done (disk full, no rights), nothing happens."""
    place = folder(kind)
    if place is None:
        return
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(key, content) + content)
            os.replace(name, place / key.hex())
        except OSError:
            os.unlink(name)
        _forget(place)


def _forget(place: Path) -> None:
    """Delete what was written first where there is more than is kept, whatever another process deletes meanwhile."""
    entries = list(place.iterdir())
    if len(entries) > MOST:
        entries.sort(key=lambda entry: entry.stat().st_mtime)
        for entry in entries[: len(entries) - MOST]:
            entry.unlink(missing_ok=True)


def _head(key: bytes, content: bytes) -> bytes:
    return MAGIC + key + hashlib.sha256(key + content).digest()
