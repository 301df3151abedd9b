"""Role profiles: what was said of whom, from which day on; the highest revision that has begun counts."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select, text, update

from chassis.database import Row, Tx
from services.registry.domain.role_profiles import Said, Source
from services.registry.store.batches import batch
from services.registry.store.tables import role_profile_versions as versions

MOST_SAID = 500
AT_ONCE = 500

_SAVE = batch(versions, [column.name for column in versions.c])
_OF_PERSON = (
    select(versions)
    .where(versions.c.school_id == bindparam("school"), versions.c.person_id == bindparam("person"))
    .order_by(versions.c.revision)
    .limit(bindparam("limit"))
)
_LAST = text("""
    select distinct on (person_id) person_id, revision, profiles, valid_from, source, assigned_by, taken_at
    from role_profile_versions where school_id = :school and person_id = any(:people)
    order by person_id, revision desc
""")
_DUE = text("""
    select distinct school_id, person_id from role_profile_versions
    where taken_at is null and valid_from <= :today order by school_id, person_id limit :limit
""").bindparams(bindparam("today", type_=Date))
_TAKE = (
    update(versions)
    .where(
        versions.c.school_id == bindparam("school"),
        versions.c.person_id == bindparam("person"),
        versions.c.valid_from <= bindparam("today"),
        versions.c.taken_at.is_(None),
    )
    .values(taken_at=bindparam("now"))
)
# What a person's role profiles were on a day: what was said last of those that had begun.
_ON_DAY = text("""
    select memberships.person_id, memberships.role_profiles, memberships.staff, said.profiles, said.valid_from,
           said.source, said.is_said
    from memberships left join lateral (
        select profiles, valid_from, source, true as is_said from role_profile_versions
        where role_profile_versions.school_id = memberships.school_id
          and role_profile_versions.person_id = memberships.person_id and valid_from <= :day
        order by revision desc limit 1
    ) as said on true
    where memberships.school_id = :school and memberships.person_id > :after
      and joined_on <= :day and (left_on is null or left_on > :day)
    order by memberships.person_id limit :limit
""").bindparams(bindparam("day", type_=Date), bindparam("after", type_=Uuid))


async def said_of(tx: Tx, school: str, person_id: UUID) -> list[Said]:
    """All that was said of a person's role profiles, in the order in which it was said."""
    rows = await tx.rows(_OF_PERSON, {"school": school, "person": person_id, "limit": MOST_SAID})
    return [said_in(row) for row in rows]


async def last_of(tx: Tx, school: str, person_ids: Sequence[UUID]) -> dict[UUID, Said]:
    """What was said last of each of these people."""
    if not person_ids:
        return {}
    rows = await tx.rows(_LAST, {"school": school, "people": list(person_ids)})
    return {row["person_id"]: said_in(row) for row in rows}


async def save(tx: Tx, school: str, said: Sequence[tuple[UUID, Said]], *, is_taken: bool) -> None:
    """Write down what is said of people; unless the memberships say so already it waits for its day."""
    rows = [
        {
            "school_id": school,
            "person_id": person_id,
            "revision": one.revision,
            "profiles": None if one.profiles is None else list(one.profiles),
            "valid_from": one.valid_from,
            "source": one.source.value,
            "assigned_by": one.assigned_by,
            "recorded_at": tx.now,
            "taken_at": tx.now if is_taken else None,
        }
        for person_id, one in said
    ]
    await _SAVE.write(tx, rows)


async def due(tx: Tx, today: date) -> list[tuple[str, UUID]]:
    """In which of the schools of this transaction whose role profiles change by what was said for a day that came."""
    rows = await tx.rows(_DUE, {"today": today, "limit": AT_ONCE})
    return [(row["school_id"], row["person_id"]) for row in rows]


async def take(tx: Tx, school: str, person_id: UUID, *, today: date) -> None:
    """The membership follows what was said up to today."""
    await tx.run(_TAKE, {"school": school, "person": person_id, "today": today, "now": tx.now})


async def on_day_after(tx: Tx, school: str, after: UUID, limit: int, *, day: date) -> Sequence[Row]:
    """The role profiles of the school's people on a day, a page and one more."""
    return await tx.rows(_ON_DAY, {"school": school, "after": after, "limit": limit + 1, "day": day})


def said_in(row: Row) -> Said:
    """What a row says."""
    return Said(
        profiles=None if row["profiles"] is None else tuple(row["profiles"]),
        valid_from=row["valid_from"],
        source=Source(row["source"]),
        assigned_by=row["assigned_by"],
        revision=row["revision"],
    )
