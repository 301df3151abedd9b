"""Accounts, groups and sessions of the development issuer, in one small SQLite file of the data folder."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STORE_FILE = "issuer.sqlite3"
LOCK_WAIT_SECONDS = 10

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id text PRIMARY KEY,
    username text NOT NULL UNIQUE,
    is_enabled integer NOT NULL,
    attributes text NOT NULL,
    password text,
    created_at integer NOT NULL
);
CREATE TABLE IF NOT EXISTS groups (
    id text PRIMARY KEY,
    parent_id text REFERENCES groups ON DELETE CASCADE,
    name text NOT NULL,
    path text NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS groups_by_parent ON groups (parent_id, name);
CREATE TABLE IF NOT EXISTS memberships (
    account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    group_id text NOT NULL REFERENCES groups ON DELETE CASCADE,
    PRIMARY KEY (account_id, group_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memberships_by_group ON memberships (group_id);
CREATE TABLE IF NOT EXISTS sessions (
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    client_id text NOT NULL,
    started_at integer NOT NULL,
    expires_at integer NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_account ON sessions (account_id);
CREATE TABLE IF NOT EXISTS codes (
    code text PRIMARY KEY,
    session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    scope text NOT NULL,
    nonce text,
    challenge text NOT NULL,
    challenge_method text NOT NULL,
    expires_at integer NOT NULL,
    is_spent integer NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS codes_by_session ON codes (session_id);
"""


@dataclass(frozen=True, slots=True)
class Store:
    """The file. A connection lives for one transaction, so nothing is left open and any thread may ask."""

    path: Path

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction: kept if the block ends well, undone if it raises."""
        db = sqlite3.connect(self.path, isolation_level="IMMEDIATE", timeout=LOCK_WAIT_SECONDS)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA foreign_keys = ON")
            # A killed process loses nothing; only a power cut may, and the registry can make the accounts again.
            db.execute("PRAGMA synchronous = OFF")
            with db:
                yield db
        finally:
            db.close()


def open_store(folder: Path) -> Store:
    """The store of this data folder, made at the first start and readable by its owner only."""
    path = folder / STORE_FILE
    path.touch(mode=0o600, exist_ok=True)
    store = Store(path)
    with store.transaction() as db:
        db.executescript(SCHEMA)
    return store
