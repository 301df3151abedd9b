"""Attempts to sign in, each good for one answer of the issuer; and what was revoked, for as long as it matters."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from gateway.store.tables import revocations, sign_ins


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to sign in: `state` and `browser` are hashes, `verifier` proves that the code is ours (PKCE)."""

    state: bytes
    browser: bytes
    nonce: str
    verifier: str
    return_to: str


_ADD = insert(sign_ins)
_TAKE = (
    delete(sign_ins)
    .where(sign_ins.c.state == bindparam("asked"))
    .returning(*(sign_ins.c[name] for name in (*Attempt.__dataclass_fields__, "until")))
)
_SWEEP_SIGN_INS = delete(sign_ins).where(sign_ins.c.until <= bindparam("now"))
_SWEEP_REVOCATIONS = delete(revocations).where(revocations.c.until <= bindparam("now"))
_NEW = insert(revocations)
_REVOKE = _NEW.on_conflict_do_update(
    index_elements=[revocations.c.about],
    set_={
        "revoked_at": func.greatest(revocations.c.revoked_at, _NEW.excluded.revoked_at),
        "until": func.greatest(revocations.c.until, _NEW.excluded.until),
    },
    # The very same revocation again changes nothing, which tells a repeated message from a new one.
    where=revocations.c.revoked_at < _NEW.excluded.revoked_at,
)
_REVOKED = select(revocations.c.revoked_at).where(
    revocations.c.about == bindparam("asked"), revocations.c.until > bindparam("now")
)


async def add_attempt(tx: Tx, attempt: Attempt, *, lives: timedelta) -> None:
    """Keep an attempt until it is answered or its time is over."""
    values = {name: getattr(attempt, name) for name in Attempt.__dataclass_fields__}
    await tx.run(_ADD, {**values, "until": tx.now + lives})


async def take_attempt(tx: Tx, state: bytes) -> Attempt | None:
    """The attempt that an answer belongs to, this once; nothing for one that is unknown, answered or too old."""
    row = await tx.row(_TAKE, {"asked": state})
    if row is None or row["until"] <= tx.now:
        return None
    return Attempt(**{name: row[name] for name in Attempt.__dataclass_fields__})


async def revoke(tx: Tx, about: bytes, *, at: datetime, lives: timedelta) -> bool:
    """Note that something is revoked from `at` on; false when that was known already."""
    return await tx.run(_REVOKE, {"about": about, "revoked_at": at, "until": tx.now + lives}) == 1


async def revoked_at(tx: Tx, about: bytes) -> datetime | None:
    """Since when something is revoked."""
    found = await tx.value(_REVOKED, {"asked": about, "now": tx.now})
    return found if isinstance(found, datetime) else None


async def sweep_sign_ins(tx: Tx) -> None:
    """Delete attempts and revocations whose time is over."""
    await tx.run(_SWEEP_SIGN_INS, {"now": tx.now})
    await tx.run(_SWEEP_REVOCATIONS, {"now": tx.now})
