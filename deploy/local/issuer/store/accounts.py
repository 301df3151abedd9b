"""Accounts: who may sign in. No names and no e-mail are kept here; those belong to the registry alone."""

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from chassis.refusals import Conflict, Missing
from deploy.local.issuer.store import Store

Attributes = Mapping[str, Sequence[str]]
# An absent wish is NULL and holds for every account.
FITTING = """
    FROM accounts
    WHERE (:username IS NULL
           OR CASE WHEN :exact THEN username = :username ELSE instr(username, :username) END)
      AND (:attribute IS NULL
           OR EXISTS (SELECT 1 FROM json_each(attributes, '$.' || json_quote(:attribute))
                      WHERE value = :value))
"""
COLUMNS = "SELECT id, username, is_enabled, attributes, created_at"
PAGE = f"{COLUMNS} {FITTING} ORDER BY username LIMIT :limit OFFSET :first"
COUNT = f"SELECT count(*) AS found {FITTING}"
BY_ID = f"{COLUMNS} FROM accounts WHERE id = ?"
INSERT = "INSERT INTO accounts (id, username, is_enabled, attributes, created_at) VALUES (?, ?, ?, ?, ?)"
SCRYPT = {"n": 4096, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `created_at` in milliseconds since 1970, as Keycloak counts."""

    id: str
    username: str
    is_enabled: bool
    attributes: Attributes
    created_at: int

    @property
    def person_id(self) -> str | None:
        """The person behind the account, from its attribute."""
        values = self.attributes.get("person_id") or ()
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is asked for: the id may be given, the groups by their paths."""

    username: str
    is_enabled: bool = False
    attributes: Attributes = field(default_factory=dict)
    account_id: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountSearch:
    """Which accounts: part of the username or the whole of it, the value of one attribute, and a page."""

    username: str | None = None
    is_exact: bool = False
    attribute: tuple[str, str] | None = None
    first: int = 0
    limit: int = 100


def _account(row: sqlite3.Row) -> Account:
    return Account(
        id=row["id"],
        username=row["username"],
        is_enabled=bool(row["is_enabled"]),
        attributes=json.loads(row["attributes"]),
        created_at=row["created_at"],
    )


def _attributes_text(attributes: Attributes) -> str:
    return json.dumps({name: list(values) for name, values in attributes.items()}, ensure_ascii=False)


def _hashed(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of the realm."""

    store: Store

    def create(self, wanted: NewAccount) -> Account:
        """Make an account and let it join its groups.

        Raises `Conflict` when the username or the id is taken, `Missing` when a group does not exist.
        """
        account = Account(
            id=wanted.account_id or str(uuid4()),
            username=wanted.username.lower(),
            is_enabled=wanted.is_enabled,
            attributes=wanted.attributes,
            created_at=int(time.time() * 1000),
        )
        with self.store.transaction() as db:
            _insert(db, account)
            for path in wanted.groups:
                _join_by_path(db, account.id, path)
        return account

    def find(self, account_id: str) -> Account | None:
        """The account of this id."""
        with self.store.transaction() as db:
            row = db.execute(BY_ID, (account_id,)).fetchone()
        return _account(row) if row else None

    def get(self, account_id: str) -> Account:
        """The account of this id; raises `Missing`."""
        account = self.find(account_id)
        if account is None:
            raise Missing("account.unknown")
        return account

    def named(self, username: str) -> Account | None:
        """The account of this username, however it was capitalised."""
        found = self.search(AccountSearch(username=username, is_exact=True, limit=1))
        return found[0] if found else None

    def search(self, search: AccountSearch) -> list[Account]:
        """One page of the accounts that fit, by username."""
        with self.store.transaction() as db:
            rows = db.execute(PAGE, _wishes(search)).fetchall()
        return [_account(row) for row in rows]

    def count(self, search: AccountSearch) -> int:
        """How many accounts fit."""
        with self.store.transaction() as db:
            row = db.execute(COUNT, _wishes(search)).fetchone()
        return int(row["found"])

    def change(self, account_id: str, *, is_enabled: bool | None = None, attributes: Attributes | None = None) -> None:
        """Change what is given and leave the rest; attributes are replaced as a whole. Raises `Missing`.

        A disabled account loses its sessions at once, so that no refresh brings it back.
        """
        before = self.get(account_id)
        enabled = before.is_enabled if is_enabled is None else is_enabled
        text = _attributes_text(before.attributes if attributes is None else attributes)
        with self.store.transaction() as db:
            change = "UPDATE accounts SET is_enabled = ?, attributes = ? WHERE id = ?"
            db.execute(change, (enabled, text, account_id))
            if not enabled:
                db.execute("DELETE FROM sessions WHERE account_id = ?", (account_id,))

    def remove(self, account_id: str) -> None:
        """Erase an account with its memberships and sessions; raises `Missing`."""
        with self.store.transaction() as db:
            if not db.execute("DELETE FROM accounts WHERE id = ?", (account_id,)).rowcount:
                raise Missing("account.unknown")

    def set_password(self, account_id: str, password: str) -> None:
        """Give an account a password of its own beside the development password; raises `Missing`."""
        salt = secrets.token_hex(16)
        kept = f"{salt}${_hashed(password, salt)}"
        with self.store.transaction() as db:
            change = "UPDATE accounts SET password = ? WHERE id = ?"
            if not db.execute(change, (kept, account_id)).rowcount:
                raise Missing("account.unknown")

    def is_own_password(self, account_id: str, password: str) -> bool:
        """Is it the password that was set for this account?"""
        with self.store.transaction() as db:
            row = db.execute("SELECT password FROM accounts WHERE id = ?", (account_id,)).fetchone()
        if row is None or row["password"] is None:
            return False
        salt, _, kept = row["password"].partition("$")
        return hmac.compare_digest(kept, _hashed(password, salt))


def _insert(db: sqlite3.Connection, account: Account) -> None:
    text = _attributes_text(account.attributes)
    values = (account.id, account.username, account.is_enabled, text, account.created_at)
    try:
        db.execute(INSERT, values)
    except sqlite3.IntegrityError as taken:
        raise Conflict("account.already-exists") from taken


def _join_by_path(db: sqlite3.Connection, account_id: str, path: str) -> None:
    join = "INSERT OR IGNORE INTO memberships (account_id, group_id) SELECT ?, id FROM groups WHERE path = ?"
    known = db.execute("SELECT 1 FROM groups WHERE path = ?", (path,)).fetchone()
    if known is None:
        raise Missing("group.unknown", path=path)
    db.execute(join, (account_id, path))


def _wishes(search: AccountSearch) -> dict[str, str | int | None]:
    name, value = search.attribute or (None, None)
    return {
        "username": None if search.username is None else search.username.lower(),
        "exact": search.is_exact,
        "attribute": name,
        "value": value,
        "first": search.first,
        "limit": search.limit,
    }
