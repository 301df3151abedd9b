"""Groups: a place and a role as a path, `/schools/spb-693/curator`, and who belongs to which."""

import sqlite3
from dataclasses import dataclass
from uuid import uuid4

from chassis.refusals import Conflict, Missing
from deploy.local.issuer.store import Store

COLUMNS = (
    "id, parent_id, name, path, (SELECT count(*) FROM groups AS child WHERE child.parent_id = groups.id) AS children"
)
# Statements are put together here once: no value from outside ever stands in them.
UNDER = f"SELECT {COLUMNS} FROM groups WHERE parent_id IS ? ORDER BY name LIMIT ? OFFSET ?"  # noqa: S608
OF_ACCOUNT = (
    f"SELECT {COLUMNS} FROM groups"  # noqa: S608
    " WHERE id IN (SELECT group_id FROM memberships WHERE account_id = ?) ORDER BY path LIMIT ? OFFSET ?"
)
BY_ID = f"SELECT {COLUMNS} FROM groups WHERE id = ?"  # noqa: S608
BY_PATH = f"SELECT {COLUMNS} FROM groups WHERE path = ?"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Group:
    """One group; `children` is how many groups stand directly under it."""

    id: str
    parent_id: str | None
    name: str
    path: str
    children: int = 0


@dataclass(frozen=True, slots=True)
class Belonging:
    """An account in a role at a place, for the list on the sign-in page."""

    role: str
    place: str
    username: str


def _group(row: sqlite3.Row) -> Group:
    return Group(row["id"], row["parent_id"], row["name"], row["path"], row["children"])


@dataclass(frozen=True, slots=True)
class Groups:
    """The tree of groups of the realm."""

    store: Store

    def create(self, name: str, parent_id: str | None = None) -> Group:
        """Make a group at the top or under a parent.

        Raises `Missing` for an unknown parent and `Conflict` when the path is taken.
        """
        above = self.get(parent_id).path if parent_id else ""
        group = Group(str(uuid4()), parent_id, name, f"{above}/{name}")
        values = (group.id, group.parent_id, group.name, group.path)
        with self.store.transaction() as db:
            try:
                db.execute("INSERT INTO groups (id, parent_id, name, path) VALUES (?, ?, ?, ?)", values)
            except sqlite3.IntegrityError as taken:
                raise Conflict("group.already-exists", path=group.path) from taken
        return group

    def get(self, group_id: str) -> Group:
        """The group of this id; raises `Missing`."""
        return self._one(BY_ID, group_id)

    def at(self, path: str) -> Group:
        """The group of this path, with or without the leading slash; raises `Missing`."""
        return self._one(BY_PATH, "/" + path.strip("/"))

    def under(self, parent_id: str | None, *, first: int, limit: int) -> list[Group]:
        """One page of the groups directly under a parent, or of those at the top."""
        with self.store.transaction() as db:
            return [_group(row) for row in db.execute(UNDER, (parent_id, limit, first))]

    def of(self, account_id: str, *, first: int, limit: int) -> list[Group]:
        """One page of an account's groups, by path."""
        with self.store.transaction() as db:
            return [_group(row) for row in db.execute(OF_ACCOUNT, (account_id, limit, first))]

    def paths(self, account_id: str) -> list[str]:
        """Every path that goes into the account's token; a token carries them all, so there is no page."""
        sql = "SELECT path FROM groups JOIN memberships ON group_id = id WHERE account_id = ? ORDER BY path"
        with self.store.transaction() as db:
            return [row["path"] for row in db.execute(sql, (account_id,))]

    def join(self, account_id: str, group_id: str) -> None:
        """Let an account join; joining twice changes nothing. Raises `Missing`."""
        join = "INSERT OR IGNORE INTO memberships (account_id, group_id) VALUES (?, ?)"
        self.get(group_id)
        with self.store.transaction() as db:
            db.execute(join, (account_id, group_id))

    def leave(self, account_id: str, group_id: str) -> None:
        """Take an account out; raises `Missing` for an unknown group."""
        self.get(group_id)
        with self.store.transaction() as db:
            db.execute("DELETE FROM memberships WHERE account_id = ? AND group_id = ?", (account_id, group_id))

    def belongings(self, *, per_role: int) -> list[Belonging]:
        """The first few enabled accounts of each role, by place."""
        sql = """
            SELECT role, place, username FROM (
                SELECT name AS role, username, substr(path, 2, length(path) - length(name) - 2) AS place,
                       row_number() OVER (PARTITION BY name ORDER BY path, username) AS number
                FROM memberships JOIN groups ON groups.id = group_id JOIN accounts ON accounts.id = account_id
                WHERE is_enabled
            ) WHERE number <= ? ORDER BY role, number"""
        with self.store.transaction() as db:
            return [Belonging(row["role"], row["place"], row["username"]) for row in db.execute(sql, (per_role,))]

    def _one(self, sql: str, value: str) -> Group:
        with self.store.transaction() as db:
            row = db.execute(sql, (value,)).fetchone()
        if row is None:
            raise Missing("group.unknown")
        return _group(row)
