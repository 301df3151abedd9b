"""Consents, given and withdrawn."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from chassis.database import Database, Row, Tx
from chassis.outbox import announcing
from contracts.documents import ConsentGiven, ConsentWithdrawn
from services.documents.store.tables import consents

_CONSENTS = (
    select(consents)
    .where(consents.c.school_id == bindparam("school"), consents.c.person_id == bindparam("person"))
    .order_by(consents.c.purpose)
    .limit(50)
)
# The hot path of a consent: one statement to look, one to change and announce (docs/adr/0018).
# `case` names the school before a row is looked for.
_CONSENT = """
    select case when set_config('app.schools', $1, true) is not null then jsonb_build_object(
        'is_erased', exists (select from members where school_id = $1 and person_id = $2 and is_erased),
        'known', (
            select jsonb_build_object('is_given', is_given, 'changed_at', changed_at, 'revision', revision)
            from consents where school_id = $1 and person_id = $2 and purpose = $3
        )
    ) end as found
"""
_CHANGE_CONSENT = announcing("""
    saved as (
        insert into consents (school_id, person_id, purpose, is_given, changed_at, revision)
        select $11::text, $12::uuid, $13::text, $14::boolean, $15::timestamptz, $16::int from setting
        where case when setting.set_config is not null then not exists (
            select from members where school_id = $11::text and person_id = $12::uuid and is_erased
        ) end
        on conflict (school_id, person_id, purpose) do update
            set is_given = excluded.is_given, changed_at = excluded.changed_at, revision = excluded.revision
            where consents.revision = excluded.revision - 1
        returning true
    )
""")
_FORGET_CONSENTS = delete(consents).where(consents.c.person_id == bindparam("person"))


async def consent(db: Database, school: str, person: UUID, purpose: str) -> tuple[Row | None, bool]:
    """The consent of a person for a purpose, given or withdrawn; and whether this person was erased."""
    ((found,),) = (row.values() for row in await db.look(_CONSENT, school, person, purpose))
    return found["known"], found["is_erased"]


async def consents_of(tx: Tx, school: str, person: UUID) -> Sequence[Row]:
    """All consents that a person gave or withdrew in a school."""
    return await tx.rows(_CONSENTS, {"school": school, "person": person})


async def change_consent(db: Database, fact: ConsentGiven | ConsentWithdrawn) -> bool:
    """Write a consent down and announce it; false when another change was faster."""
    is_given = isinstance(fact, ConsentGiven)
    change = (fact.school_id, fact.person_id, fact.purpose, is_given, fact.occurred_at, fact.revision)
    return await db.announce(_CHANGE_CONSENT, fact, *change)


async def forget_consents(tx: Tx, person: UUID) -> None:
    """Delete the consents of an erased person in the schools of this transaction."""
    await tx.run(_FORGET_CONSENTS, {"person": person})
