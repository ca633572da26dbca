"""One coordinator a ledger: a lock that the kernel lets go of when its holder ends, whatever ends it."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.campaign.reading import named
from refmath.errors import RefmathError


def lock_file(ledger: Path) -> Path:
    """Beside the ledger: a lock on the ledger itself would get in the way of SQLite's own."""
    return ledger.with_name(ledger.name + ".lock")


@contextmanager
def locked(ledger: Path) -> Iterator[None]:
    """Hold the lock of a ledger. ``RefmathError`` where another holds it, or where the folder cannot be written."""
    file = lock_file(ledger)
    while True:
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise RefmathError(f"{named(file)} cannot be written ({error.strerror}); put the ledger into a folder that can, by --ledger FILE.") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise RefmathError(
                f"Another coordinator ({holder}) is at work on {named(ledger)}; wait for it or stop it, 'refmath campaign status' shows how far it is."
            ) from None
        if _still(descriptor, file):
            break
        os.close(descriptor)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {os.uname().nodename}".encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            file.unlink()
        os.close(descriptor)


def _still(descriptor: int, file: Path) -> bool:
    """Whether the locked file is the one that bears the name: its holder may have removed it in between."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(file))
    except FileNotFoundError:
        return False


def is_locked(ledger: Path) -> bool:
    """Whether a coordinator is at work on a ledger."""
    try:
        descriptor = os.open(lock_file(ledger), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
