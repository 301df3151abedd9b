"""Facts as they were heard: append only, each revision a row, so that repeated and late ones change nothing twice."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.reporting.domain.days import PLACE_TIME_ZONE
from services.reporting.store.tables import (
    assignment_steps,
    campaigns,
    closed_gaps,
    cycles,
    gain_tallies,
    meeting_steps,
    members,
    places,
    profile_tallies,
    survey_tallies,
)


def _once(table: Table) -> Insert:
    return insert(table).on_conflict_do_nothing()


_KEEP = {
    table.name: _once(table)
    for table in (
        places,
        campaigns,
        profile_tallies,
        gain_tallies,
        closed_gaps,
        survey_tallies,
        assignment_steps,
        meeting_steps,
    )
}

_new_member = insert(members)
_SAVE_MEMBER = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={
        name: _new_member.excluded[name] for name in ("counts_in_staff", "roles", "joined_on", "left_on", "revision")
    },
    where=members.c.revision < _new_member.excluded.revision,
)
_new_cycle = insert(cycles)
_SAVE_OPENED = _new_cycle.on_conflict_do_update(
    index_elements=[cycles.c.school_id, cycles.c.cycle_id],
    set_={name: _new_cycle.excluded[name] for name in ("starts_on", "ends_on", "opened_revision")},
    where=cycles.c.opened_revision < _new_cycle.excluded.opened_revision,
)
_SAVE_STAGE = _new_cycle.on_conflict_do_update(
    index_elements=[cycles.c.school_id, cycles.c.cycle_id],
    set_={name: _new_cycle.excluded[name] for name in ("stage", "stage_revision")},
    where=cycles.c.stage_revision < _new_cycle.excluded.stage_revision,
)
_CYCLE = select(cycles).where(cycles.c.school_id == bindparam("school"), cycles.c.cycle_id == bindparam("cycle"))
# The last word that was said of each place and that holds from the wanted day or earlier; `valid_to` is its last day.
_PLACES = text("""
    select place_id, kind, parent, name from (
        select distinct on (place_id) place_id, kind, parent, name, valid_to from facts.places
        where valid_from <= :day order by place_id, revision desc
    ) as said where valid_to is null or valid_to >= :day order by place_id limit 5000
""")
_EVER_IN = text("""
    select distinct place_id from facts.places where kind = 'school' and parent = :district
    order by place_id limit 1000
""")
# The same for the schools of one district.
_SCHOOLS_IN = text("""
    select place_id from (
        select distinct on (place_id) place_id, parent, valid_to from facts.places
        where kind = 'school' and valid_from <= :day order by place_id, revision desc
    ) as said where parent = :district and (valid_to is null or valid_to >= :day) order by place_id limit 1000
""")
_ZONE = text("select zone from facts.places where place_id = :place order by revision desc limit 1")


async def keep(tx: Tx, table: Table, rows: Sequence[Row]) -> None:
    """Keep facts; the same fact again changes nothing."""
    await tx.run(_KEEP[table.name], rows)


async def save_members(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep the newest that is known of memberships."""
    await tx.run(_SAVE_MEMBER, rows)


async def save_cycles(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep the dates of cycles."""
    await tx.run(_SAVE_OPENED, [{**row, "stage_revision": 0} for row in rows])


async def save_stages(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep the stages of cycles, also before a cycle itself was heard of."""
    await tx.run(_SAVE_STAGE, [{**row, "opened_revision": 0} for row in rows])


async def cycle(tx: Tx, school: str, cycle_id: UUID) -> Row | None:
    """A cycle of a school."""
    return await tx.row(_CYCLE, {"school": school, "cycle": cycle_id})


async def places_on(tx: Tx, day: date) -> Sequence[Row]:
    """The tree of places as it was on a day."""
    return await tx.rows(_PLACES, {"day": day})


async def schools_ever_in(tx: Tx, district: str) -> list[str]:
    """The schools that belong to a district or once did: an old report stays with the district of its date."""
    return [row["place_id"] for row in await tx.rows(_EVER_IN, {"district": district})]


async def schools_in(tx: Tx, district: str, day: date) -> list[str]:
    """The schools that belonged to a district on a day."""
    return [row["place_id"] for row in await tx.rows(_SCHOOLS_IN, {"district": district, "day": day})]


async def zone_of(tx: Tx, place: str) -> str:
    """The time zone of a place; the city's own while nothing was said of the place."""
    return str(await tx.value(_ZONE, {"place": place}) or PLACE_TIME_ZONE)
