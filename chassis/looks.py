"""The access log: who saw, changed or exported what of another person, written down before the answer goes out (C62).

A look is one line for one who looked, one person, one thing and one day; it counts how often, so that a page loaded
anew makes no new line. One's own looks at one's own things are none. The line says what kind of thing was looked at,
never what stood in it. It is read by the person concerned and by the personal-data officer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Date, DateTime, Index, Integer, MetaData, Table, Text, Uuid

from chassis.database import Database, Row, Tx, tenant_table

# The day of a look is the day that it is at the places of the city.
ZONE = ZoneInfo("Europe/Moscow")
_SCHOOLS_AT_ONCE = 200

# A school and a person of it.
Subject = tuple[str, UUID | None]
# Where a page begins: the moment and the id of a look.
Place = tuple[datetime, UUID]

# The same looker, role, person, thing, deed and day make the same id, and therefore the same line.
_WRITE = """
    with setting as materialized (select set_config('app.schools', $1, true)),
    place as (
        insert into look_schools (school_id) select distinct school from unnest($3::text[]) as school order by school
        on conflict do nothing
    )
    insert into looks (look_id, person_id, school_id, looker_id, client, role, what, how,
                       looked_on, times, first_at, last_at)
    select md5(concat_ws(chr(10), school_id, person_id, $4::uuid, $5::text, $6::text, $7::text, $8::text, $9::date))
           ::uuid as look_id,
           person_id, school_id, $4, $5, $6, $7, $8, $9, 1, $10::timestamptz, $10
    from setting, unnest($2::uuid[], $3::text[]) as seen (person_id, school_id)
    order by look_id
    on conflict (look_id) do update
        set times = looks.times + 1, last_at = greatest(looks.last_at, excluded.last_at)
"""
_SHOWN = """
    select look_id, person_id, looker_id, client, role, what, how, looked_on, times, first_at, last_at
    from looks
    where school_id = $1 and (first_at, look_id) < ($2::timestamptz, $3::uuid)
      and ($4::uuid is null or person_id = $4) and ($5::uuid is null or looker_id = $5)
      and ($6::text is null or what = $6)
      and ($7::date is null or looked_on >= $7) and ($8::date is null or looked_on <= $8)
    order by first_at desc, look_id desc limit $9
"""
_OF_PERSON = """
    select look_id, person_id, looker_id, client, role, what, how, looked_on, times, first_at, last_at
    from looks
    where school_id = $1 and person_id = $2 and (first_at, look_id) < ($3::timestamptz, $4::uuid)
    order by first_at desc, look_id desc limit $5
"""
_SCHOOLS = "select school_id from look_schools where school_id > $1 order by school_id limit $2"
_FORGET_OLD = "delete from looks where looked_on < $1"
# Who looked may have looked in schools of which the fact of an erasure says nothing: all are opened, and closed again.
_KEPT = "select coalesce(current_setting('app.schools', true), '')"
_OPEN_ALL = """
    select set_config('app.schools', (select coalesce(string_agg(school_id, ','), '') from look_schools), true)
"""
_CLOSE = "select set_config('app.schools', $1, true)"
_FORGET_PERSON = "delete from looks where person_id = $1"
# The id of a look is made from who looked: it becomes one of chance too.
_FORGET_LOOKER = "update looks set looker_id = null, look_id = gen_random_uuid() where looker_id = $1"


class How(StrEnum):
    """What was done with what was looked at; `EXPORTED` left the platform as a file or on paper."""

    SAW = "saw"
    CHANGED = "changed"
    EXPORTED = "exported"


def look_tables(metadata: MetaData) -> None:
    """Add the access log of a service: the looks, and the schools in which there are any.

    The second stands outside row-level security and holds nothing of a person: it is what the removal of old looks
    walks over.
    """
    tenant_table(
        "looks",
        metadata,
        Column("look_id", Uuid, primary_key=True),
        Column("person_id", Uuid, nullable=False),
        Column("looker_id", Uuid),
        Column("client", Text),
        Column("role", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("how", Text, nullable=False),
        Column("looked_on", Date, nullable=False),
        Column("times", Integer, nullable=False),
        Column("first_at", DateTime(timezone=True), nullable=False),
        Column("last_at", DateTime(timezone=True), nullable=False),
        Index("looks_at_person", "school_id", "person_id", "first_at", "look_id"),
        Index("looks_in_school", "school_id", "first_at", "look_id"),
        Index("looks_by_looker", "looker_id"),
    )
    Table("look_schools", metadata, Column("school_id", Text, primary_key=True))


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks, and by which role: a person, or a program (`client`) without one."""

    person_id: UUID | None
    client: str | None
    role: str


async def write_looks(db: Database, looker: Looker, what: str, how: How, people: Iterable[Subject]) -> None:
    """Write down at whom somebody looked, each in the person's own school; nobody and oneself are passed over.

    One statement and one round trip, whatever the length of the list.
    """
    if values := _values(looker, what, how, people, now=db.clock.now()):
        await db.look(_WRITE, *values)


async def note_looks(tx: Tx, looker: Looker, what: str, how: How, people: Iterable[Subject]) -> None:
    """The same within a transaction that is open for the people's schools: the lines are true with its commit."""
    if values := _values(looker, what, how, people, now=tx.now):
        await tx.raw.execute(_WRITE, *values)


def _values(looker: Looker, what: str, how: How, people: Iterable[Subject], *, now: datetime) -> tuple[Any, ...]:
    others = {(school, person) for school, person in people if person not in (None, looker.person_id)}
    if not others:
        return ()
    schools, persons = (list(column) for column in zip(*others, strict=True))
    who = (looker.person_id, looker.client, looker.role, what, how.value)
    return (",".join(sorted(set(schools))), persons, schools, *who, now.astimezone(ZONE).date(), now)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which looks of a school are asked for; what is not given is not asked."""

    school: str
    person_id: UUID | None = None
    looker_id: UUID | None = None
    what: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def values(self) -> tuple[Any, ...]:
        """In the order of the statement."""
        return (self.person_id, self.looker_id, self.what, self.since, self.until)


async def looks_at(db: Database, school: str, person: UUID, place: Place, limit: int) -> Sequence[Row]:
    """The looks at one person in a school, the newest first, from a place in the list on; a page and one more."""
    async with db.transaction(school) as tx:
        found = await tx.raw.fetch(_OF_PERSON, school, person, *place, limit + 1)
    return [dict(row) for row in found]


async def looks_in(db: Database, sought: Sought, place: Place, limit: int) -> Sequence[Row]:
    """The looks in a school that were asked for, the newest first; a page and one more."""
    async with db.transaction(sought.school) as tx:
        found = await tx.raw.fetch(_SHOWN, sought.school, *place, *sought.values, limit + 1)
    return [dict(row) for row in found]


async def forget_person(tx: Tx, person: UUID) -> None:
    """Delete the looks at an erased person; those by the person stay with nobody's name, in every school."""
    kept = await tx.raw.fetchval(_KEPT)
    await tx.raw.execute(_OPEN_ALL)
    await tx.raw.execute(_FORGET_PERSON, person)
    await tx.raw.execute(_FORGET_LOOKER, person)
    await tx.raw.execute(_CLOSE, kept)


async def forget_old_looks(db: Database, *, days: int) -> None:
    """Remove the looks that are older than they are kept."""
    before, after = db.clock.now().astimezone(ZONE).date() - timedelta(days=days), ""
    while True:
        async with db.transaction() as tx:
            schools = [row["school_id"] for row in await tx.raw.fetch(_SCHOOLS, after, _SCHOOLS_AT_ONCE)]
        if not schools:
            return
        async with db.transaction(*schools) as tx:
            await tx.raw.execute(_FORGET_OLD, before)
        after = schools[-1]
