"""Opening a file that may be a ledger, without touching one that is not; and SQLite's errors as sentences."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote as percent

from conformance.campaign.lock import is_locked
from conformance.campaign.reading import named
from conformance.campaign.schema import APPLICATION, TABLES, VERSION
from refmath.errors import RefmathError

MAGIC = b"SQLite format 3\0"
HEADER = 100
"""Bytes of an SQLite file before its first page: the version of the tables is at 60, the application at 68."""
UNTOUCHED = "it was left untouched"


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns what SQLite or the system complains about into a sentence about the ledger."""
    try:
        yield
    except sqlite3.Error as error:
        raise RefmathError(_sentence(path, error)) from error
    except UnicodeDecodeError as error:
        raise RefmathError(damaged(path, "its text is none")) from error
    except OSError as error:
        raise RefmathError(f"{named(path)} cannot be written or read ({error.strerror}); put the ledger elsewhere, by --ledger FILE.") from error


def _sentence(path: Path, error: sqlite3.Error) -> str:
    name, words = named(path), str(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return f"{name} cannot be written on ({words}); what was recorded is kept: make room and use 'refmath campaign resume'."
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"{name} cannot be written ({words}); put the ledger into a folder that can, by --ledger FILE."
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{name} is held by another program ({words}); close that and try again."
    return damaged(path, words)


def damaged(path: Path, words: str) -> str:
    """The sentence about a ledger that is not as it was written."""
    return f"{named(path)} is damaged ({words}); {UNTOUCHED}: bring back a copy, or move it away and start anew."


def check_header(path: Path) -> None:
    """``RefmathError`` for a file that is no ledger, or one of another version: seen in its first bytes, before SQLite has it."""
    name = named(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEADER)
    except FileNotFoundError:
        raise RefmathError(f"There is no ledger {name}; 'refmath campaign start' begins one, --ledger FILE names another.") from None
    except OSError as error:
        raise RefmathError(f"{name} cannot be read ({error.strerror}); name the file of a ledger by --ledger.") from None
    if len(head) < HEADER or not head.startswith(MAGIC):
        raise RefmathError(f"{name} is no ledger of a campaign; {UNTOUCHED}: name another file by --ledger.")
    if int.from_bytes(head[68:72]) != APPLICATION:
        raise RefmathError(f"{name} is a database of another program; {UNTOUCHED}: name another file by --ledger.")
    if (version := int.from_bytes(head[60:64])) != VERSION:
        told = "a newer" if version > VERSION else "an older"
        raise RefmathError(f"{name} has the tables of {told} refmath (version {version}, this one has {VERSION}); {UNTOUCHED}: go on with that refmath.")


def to_write(path: Path) -> sqlite3.Connection:
    """A connection to a file whose header is right. The lock has to be held."""
    return _connected(path, "mode=rw")


def to_read(path: Path, held: bool) -> sqlite3.Connection:
    """The same to read; ``held``: whether this process holds the lock.

    Where nobody writes and the WAL is empty SQLite is told so, makes no file beside it, and the folder may be one that cannot be written.
    """
    wal = path.with_name(path.name + "-wal")
    at_work = not held and is_locked(path)
    return _connected(path, "mode=ro" if at_work or (wal.exists() and wal.stat().st_size) else "mode=ro&immutable=1")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{percent(str(path.resolve()))}?{how}", uri=True, isolation_level=None, timeout=30)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def check_tables(path: Path, connection: sqlite3.Connection) -> None:
    """``RefmathError`` where the file is not whole, or has other tables."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise RefmathError(damaged(path, " ".join(str(found).split())))
    tables = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    if tables != list(TABLES):
        raise RefmathError(damaged(path, "its tables are not those of a ledger"))
