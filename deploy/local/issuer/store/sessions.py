"""Sessions and the one-time codes that lead to them. All times are seconds since 1970, real time."""

import sqlite3
from dataclasses import dataclass
from uuid import uuid4

from authlib.oidc.core import AuthorizationCodeMixin

from deploy.local.issuer.store import Store

# As deploy/keycloak/realm.json sets them: an idle session ends after an hour, any session after ten,
# a code after one minute.
IDLE_SECONDS = 60 * 60
LONGEST_SECONDS = 10 * 60 * 60
CODE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in visit of an account through one client."""

    id: str
    account_id: str
    client_id: str
    started_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Code(AuthorizationCodeMixin):
    """An authorization code with what it was issued for (RFC 6749 §4.1.2, RFC 7636 §4.4)."""

    code: str
    session_id: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int | None:
        """Left to the session, which the ID token reads anyway."""
        return None


def _session(row: sqlite3.Row) -> Session:
    return Session(row["id"], row["account_id"], row["client_id"], row["started_at"], row["expires_at"])


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of the realm."""

    store: Store

    def start(self, account_id: str, client_id: str, *, now: int) -> Session:
        """Begin a session and sweep away those that have run out."""
        session = Session(str(uuid4()), account_id, client_id, now, now + IDLE_SECONDS)
        values = (session.id, account_id, client_id, session.started_at, session.expires_at)
        insert = "INSERT INTO sessions (id, account_id, client_id, started_at, expires_at) VALUES (?, ?, ?, ?, ?)"
        with self.store.transaction() as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            db.execute(insert, values)
        return session

    def find(self, session_id: str, *, now: int) -> Session | None:
        """A session that has neither ended nor run out."""
        sql = "SELECT id, account_id, client_id, started_at, expires_at FROM sessions WHERE id = ? AND expires_at > ?"
        with self.store.transaction() as db:
            row = db.execute(sql, (session_id, now)).fetchone()
        return _session(row) if row else None

    def prolong(self, session_id: str, *, now: int) -> Session | None:
        """Push the end of a session away, never past its longest time."""
        longer = "UPDATE sessions SET expires_at = min(?, started_at + ?) WHERE id = ? AND expires_at > ?"
        with self.store.transaction() as db:
            db.execute(longer, (now + IDLE_SECONDS, LONGEST_SECONDS, session_id, now))
        return self.find(session_id, now=now)

    def end(self, session_id: str) -> None:
        """End one session."""
        with self.store.transaction() as db:
            db.execute("DELETE FROM sessions WHERE id = ?", (session_id,))

    def end_all(self, account_id: str) -> None:
        """End every session of an account."""
        with self.store.transaction() as db:
            db.execute("DELETE FROM sessions WHERE account_id = ?", (account_id,))

    def keep_code(self, code: Code, *, now: int) -> None:
        """Keep a code until it is spent or runs out."""
        insert = (
            "INSERT INTO codes (code, session_id, client_id, redirect_uri, scope, nonce,"
            " challenge, challenge_method, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        values = (code.code, code.session_id, code.client_id, code.redirect_uri, code.scope, code.nonce)
        proof = (code.code_challenge, code.code_challenge_method, now + CODE_SECONDS)
        with self.store.transaction() as db:
            db.execute(insert, (*values, *proof))

    def spend_code(self, code: str, client_id: str, *, now: int) -> Code | None:
        """Take a code out of the world: the first request that presents it spends it, whatever comes of it.

        A code presented again ends the session that it led to (RFC 6749 §4.1.2).
        """
        spend = "UPDATE codes SET is_spent = 1 WHERE code = ? AND client_id = ? AND expires_at > ? AND NOT is_spent"
        revoke = (
            "DELETE FROM sessions WHERE id ="
            " (SELECT session_id FROM codes WHERE code = ? AND client_id = ? AND is_spent)"
        )
        with self.store.transaction() as db:
            if db.execute(spend, (code, client_id, now)).rowcount:
                return _code(db, code)
            db.execute(revoke, (code, client_id))
        return None


def _code(db: sqlite3.Connection, code: str) -> Code:
    sql = (
        "SELECT code, session_id, client_id, redirect_uri, scope, nonce, challenge, challenge_method"
        " FROM codes WHERE code = ?"
    )
    row = db.execute(sql, (code,)).fetchone()
    return Code(*tuple(row))
