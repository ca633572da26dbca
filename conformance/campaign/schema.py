"""The tables of a ledger. Rows are added and never changed, but for the end of a sitting, and the parts of a shard that go when it has its outcome.

That a shard is done is that it has an outcome.
"""

APPLICATION = int.from_bytes(b"rfml")
"""``PRAGMA application_id``: this SQLite file is a ledger of refmath."""
VERSION = 1
"""``PRAGMA user_version``: of these tables."""

TABLES = (
    """CREATE TABLE campaign (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE emulator (
    number      INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    device      TEXT NOT NULL,
    description TEXT NOT NULL,
    version     TEXT NOT NULL
) STRICT""",
    """CREATE TABLE shard (
    number   INTEGER PRIMARY KEY,
    emulator INTEGER NOT NULL REFERENCES emulator,
    identity TEXT NOT NULL
) STRICT""",
    """CREATE TABLE outcome (
    shard      INTEGER PRIMARY KEY REFERENCES shard,
    status     TEXT NOT NULL,
    cases      INTEGER NOT NULL,
    mismatches INTEGER NOT NULL,
    verdict    TEXT NOT NULL,
    seconds    REAL NOT NULL,
    finished   TEXT NOT NULL,
    sitting    INTEGER NOT NULL REFERENCES sitting,
    worker     TEXT NOT NULL,
    seal       TEXT NOT NULL
) STRICT""",
    """CREATE TABLE counterexample (
    shard  INTEGER NOT NULL REFERENCES outcome,
    number INTEGER NOT NULL,
    data   TEXT NOT NULL,
    PRIMARY KEY (shard, number)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE part (
    shard    INTEGER NOT NULL REFERENCES shard,
    accounts TEXT NOT NULL,
    first    INTEGER NOT NULL,
    tally    TEXT NOT NULL,
    seal     TEXT NOT NULL,
    PRIMARY KEY (shard, accounts, first)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sitting (
    number    INTEGER PRIMARY KEY,
    started   TEXT NOT NULL,
    host      TEXT NOT NULL,
    processor TEXT NOT NULL,
    scheduler TEXT NOT NULL,
    ended     TEXT,
    how       TEXT
) STRICT""",
)
"""As SQLite keeps them, in the order of their making."""
