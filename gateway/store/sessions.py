"""Sessions as rows: begun, found, renewed by one at a time, ended. Times are real time, UTC."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, or_, select, update

from chassis.database import Tx
from gateway.store.tables import sessions

MOST_VISITS = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept: `session_id` is the hash of what the browser holds, `sealed` holds the tokens.

    `sign_on_id` is the issuer's own session (`sid`), `revision` counts the renewals of the tokens.
    """

    session_id: bytes
    person_id: UUID | None
    subject: str
    sign_on_id: str | None
    sealed: bytes
    csrf: bytes
    token_until: datetime
    is_stale: bool
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    revision: int
    rotated_from: bytes | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a renewal of the tokens changes; `revision` is the one that it began with."""

    session_id: bytes
    sealed: bytes
    token_until: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One of a person's sessions as that person sees it."""

    session_id: bytes
    created_at: datetime
    last_seen_at: datetime


_FIELDS = tuple(Kept.__dataclass_fields__)
_OWN = sessions.c.session_id == bindparam("own")
_ADD = insert(sessions)
_FIND = select(*(sessions.c[name] for name in _FIELDS)).where(
    _OWN, sessions.c.ends_at > bindparam("now"), sessions.c.last_seen_at > bindparam("idle_since")
)
_SEE = update(sessions).where(_OWN).values(last_seen_at=bindparam("now"))
_LEND = (
    update(sessions)
    .where(
        _OWN,
        sessions.c.revision == bindparam("known"),
        or_(sessions.c.renewing_until.is_(None), sessions.c.renewing_until < bindparam("now")),
    )
    .values(renewing_until=bindparam("lent_until"))
)
_RELEASE = update(sessions).where(_OWN).values(renewing_until=None)
_RENEW = (
    update(sessions)
    .where(_OWN, sessions.c.revision == bindparam("known"))
    .values(
        sealed=bindparam("tokens"),
        token_until=bindparam("good_until"),
        is_stale=False,
        renewing_until=None,
        revision=bindparam("next"),
    )
)
_STALE = update(sessions).where(sessions.c.person_id.in_(bindparam("people", expanding=True))).values(is_stale=True)
_END = delete(sessions).where(_OWN)
_END_PEOPLE = delete(sessions).where(sessions.c.person_id.in_(bindparam("people", expanding=True)))
_END_SIGN_ON = delete(sessions).where(
    or_(sessions.c.sign_on_id == bindparam("sign_on"), sessions.c.subject == bindparam("of_subject"))
)
_VISITS = (
    select(sessions.c.session_id, sessions.c.created_at, sessions.c.last_seen_at)
    .where(
        sessions.c.subject == bindparam("of_subject"),
        sessions.c.ends_at > bindparam("now"),
        sessions.c.last_seen_at > bindparam("idle_since"),
    )
    .order_by(sessions.c.last_seen_at.desc())
    .limit(MOST_VISITS)
)
_SWEEP = delete(sessions).where(
    or_(sessions.c.ends_at <= bindparam("now"), sessions.c.last_seen_at <= bindparam("idle_since"))
)


async def add_session(tx: Tx, kept: Kept) -> None:
    """Keep a new session."""
    await tx.run(_ADD, asdict(kept))


async def find_session(tx: Tx, session_id: bytes, *, idle: timedelta) -> Kept | None:
    """A session that has neither ended nor slept longer than `idle`."""
    row = await tx.row(_FIND, {"own": session_id, "now": tx.now, "idle_since": tx.now - idle})
    return Kept(**row) if row else None


async def see_session(tx: Tx, session_id: bytes) -> None:
    """Somebody is using it now."""
    await tx.run(_SEE, {"own": session_id, "now": tx.now})


async def lend_renewal(tx: Tx, session_id: bytes, *, revision: int, lent: timedelta) -> bool:
    """May the caller renew the tokens? One at a time may, and only who knows the newest revision."""
    wanted = {"own": session_id, "known": revision, "now": tx.now, "lent_until": tx.now + lent}
    return await tx.run(_LEND, wanted) == 1


async def release_renewal(tx: Tx, session_id: bytes) -> None:
    """The renewal came to nothing; the next request may try again."""
    await tx.run(_RELEASE, {"own": session_id})


async def renew_session(tx: Tx, renewal: Renewal) -> bool:
    """Keep the new tokens; false when the session has ended or was renewed meanwhile."""
    values = {
        "own": renewal.session_id,
        "known": renewal.revision,
        "next": renewal.revision + 1,
        "tokens": renewal.sealed,
        "good_until": renewal.token_until,
    }
    return await tx.run(_RENEW, values) == 1


async def mark_stale(tx: Tx, people: Sequence[UUID]) -> None:
    """The rights of these people changed: their next request asks the realm first."""
    await tx.run(_STALE, {"people": list(people)})


async def end_session(tx: Tx, session_id: bytes) -> bool:
    """End one session; false when it was not there."""
    return await tx.run(_END, {"own": session_id}) == 1


async def end_sessions_of_people(tx: Tx, people: Sequence[UUID]) -> int:
    """End every session of these people; returns how many ended."""
    return await tx.run(_END_PEOPLE, {"people": list(people)})


async def end_sessions_of_sign_on(tx: Tx, *, sign_on_id: str | None, subject: str | None) -> int:
    """End the sessions that lean on one of the issuer's sessions, or all of a subject; returns how many ended."""
    return await tx.run(_END_SIGN_ON, {"sign_on": sign_on_id, "of_subject": subject})


async def visits_of(tx: Tx, subject: str, *, idle: timedelta) -> list[Visit]:
    """The running sessions of a subject, the latest first."""
    rows = await tx.rows(_VISITS, {"of_subject": subject, "now": tx.now, "idle_since": tx.now - idle})
    return [Visit(**row) for row in rows]


async def sweep_sessions(tx: Tx, *, idle: timedelta) -> int:
    """Delete what has run out; returns how many had."""
    return await tx.run(_SWEEP, {"now": tx.now, "idle_since": tx.now - idle})
