"""What crosses schools: the place tree, consented supply and demand of a district, pairs that wait for two curators.

Everything that is read of people here asks for their consent to be shown to the district; who shares must have
offered the topic outside the school as well.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, any_, bindparam, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.matching.domain import CYCLES_OVER
from services.matching.store.supply import (
    HAS_WITHDRAWN,
    IS_RELEASED,
    IS_STRENGTH,
    MOST_PEOPLE,
    MOST_ROWS,
    PEOPLE,
    forbidden_of,
    pairs_of,
)
from services.matching.store.tables import (
    consents,
    cycles,
    members,
    needs,
    offers,
    releases,
)
from services.matching.store.tables_of_districts import crossings, places

DISTRICT_CONSENT = "PD_SHARE_DISTRICT_PROFILE"
ASKED = "ASKED"
_MOST_SCHOOLS = 1_000

_schools = any_(bindparam("schools", type_=ARRAY(Text)))
_cycles = any_(bindparam("cycles", type_=ARRAY(Uuid)))

_SAVE_PLACE = insert(places).on_conflict_do_nothing()
# The last word that was said of each place and that holds on the day; `valid_to` is its last day.
_SCHOOLS_IN = text("""
    select place_id from (
        select distinct on (place_id) place_id, kind, parent, valid_to from places
        where valid_from <= :day order by place_id, revision desc
    ) as said
    where kind = 'school' and parent = :district and (valid_to is null or valid_to >= :day)
    order by place_id limit 1000
""")
_CYCLES = (
    select(cycles.c.school_id, cycles.c.cycle_id, cycles.c.starts_on, cycles.c.ends_on)
    .where(
        cycles.c.school_id == _schools,
        cycles.c.starts_on <= bindparam("day"),
        cycles.c.ends_on >= bindparam("day"),
        or_(cycles.c.stage.is_(None), cycles.c.stage.not_in(sorted(CYCLES_OVER))),
    )
    .order_by(cycles.c.school_id, cycles.c.starts_on, cycles.c.cycle_id)
    .limit(_MOST_SCHOOLS)
)
_has_consented = (
    select(consents.c.person_id)
    .where(
        consents.c.school_id == members.c.school_id,
        consents.c.person_id == members.c.person_id,
        consents.c.purpose == DISTRICT_CONSENT,
        consents.c.is_given,
    )
    .exists()
)
_takes_part = and_(
    members.c.school_id == _schools,
    members.c.is_teacher,
    ~members.c.has_left,
    ~members.c.is_erased,
    ~HAS_WITHDRAWN,
    _has_consented,
)
_PEOPLE = PEOPLE.where(_takes_part).order_by(members.c.person_id, members.c.school_id).limit(MOST_PEOPLE)
_is_of_release = and_(
    offers.c.school_id == releases.c.school_id,
    offers.c.cycle_id == releases.c.cycle_id,
    offers.c.person_id == releases.c.person_id,
    offers.c.competency == releases.c.competency,
)
_RELEASED = (
    select(
        releases.c.school_id,
        releases.c.person_id,
        releases.c.competency,
        releases.c.level10,
        and_(IS_STRENGTH, func.coalesce(and_(offers.c.is_declared, offers.c.is_outside_school), False)).label(
            "is_offered"
        ),
    )
    .join(offers, _is_of_release, isouter=True)
    .where(releases.c.school_id == _schools, releases.c.cycle_id == _cycles, IS_RELEASED)
    .order_by(releases.c.person_id, releases.c.competency, releases.c.school_id)
    .limit(MOST_ROWS)
)
_NEEDS = (
    select(needs.c.school_id, needs.c.cycle_id, needs.c.person_id, needs.c.competency, needs.c.priority1000)
    .where(needs.c.school_id == _schools, needs.c.cycle_id == _cycles, needs.c.is_declared)
    .order_by(needs.c.person_id, needs.c.competency, needs.c.school_id)
    .limit(MOST_ROWS)
)
_FORBIDDEN, _PAIRS = forbidden_of(_schools, _cycles), pairs_of(_schools)
_ASKED = (
    select(crossings.c.taker_cycle_id, crossings.c.taker_id, crossings.c.competency)
    .where(
        crossings.c.state == ASKED,
        crossings.c.crossing_id != bindparam("besides"),
        or_(crossings.c.giver_school == _schools, crossings.c.taker_school == _schools),
    )
    .limit(MOST_ROWS)
)
_OFFERS = (
    select(offers.c.school_id, offers.c.person_id, offers.c.competency, offers.c.formats, offers.c.minutes)
    .join(members, and_(members.c.school_id == offers.c.school_id, members.c.person_id == offers.c.person_id))
    .where(
        _takes_part,
        offers.c.cycle_id == _cycles,
        offers.c.is_declared,
        offers.c.is_outside_school,
        tuple_(offers.c.school_id, offers.c.person_id, offers.c.competency)
        > tuple_(bindparam("school"), bindparam("person"), bindparam("competency")),
    )
    .order_by(offers.c.school_id, offers.c.person_id, offers.c.competency)
    .limit(bindparam("limit"))
)

_ADD = insert(crossings).on_conflict_do_nothing()
_CROSSING = select(crossings).where(crossings.c.crossing_id == bindparam("crossing"))
_CROSSING_LOCKED = _CROSSING.with_for_update()
_AGREE = (
    update(crossings)
    .where(crossings.c.crossing_id == bindparam("crossing"))
    .values(
        state=bindparam("new_state"),
        giver_agreed_by=bindparam("new_giver_agreed_by"),
        taker_agreed_by=bindparam("new_taker_agreed_by"),
        settled_at=bindparam("new_settled_at"),
    )
)
_DROP = (
    update(crossings)
    .where(
        crossings.c.state == ASKED,
        or_(
            and_(crossings.c.giver_id == bindparam("person"), crossings.c.giver_school == bindparam("school")),
            and_(crossings.c.taker_id == bindparam("person"), crossings.c.taker_school == bindparam("school")),
        ),
    )
    .values(state="DROPPED", settled_at=bindparam("new_settled_at"))
)
_AT_SCHOOL = (
    select(crossings)
    .where(
        or_(crossings.c.giver_school == bindparam("school"), crossings.c.taker_school == bindparam("school")),
        crossings.c.crossing_id > bindparam("after"),
    )
    .order_by(crossings.c.crossing_id)
    .limit(bindparam("limit"))
)
_COUNTS = (
    select(crossings.c.state, func.count().label("count"))
    .where(crossings.c.run_id == bindparam("run"))
    .group_by(crossings.c.state)
    .limit(10)
)


async def save_place(tx: Tx, row: Mapping[str, object]) -> None:
    """Keep one thing that was said of a place."""
    await tx.run(_SAVE_PLACE, row)


async def schools_in(tx: Tx, district: str, day: date) -> list[str]:
    """The schools of a district on a day."""
    return [row["place_id"] for row in await tx.rows(_SCHOOLS_IN, {"district": district, "day": day})]


async def cycles_on(tx: Tx, schools: Sequence[str], day: date) -> Sequence[Row]:
    """The cycles that run in these schools on a day, the one that began last at the end."""
    return await tx.rows(_CYCLES, {"schools": list(schools), "day": day})


async def people(tx: Tx, schools: Sequence[str]) -> Sequence[Row]:
    """The teachers who agreed to be shown to the district, by person and school."""
    return await tx.rows(_PEOPLE, {"schools": list(schools)})


async def released(tx: Tx, schools: Sequence[str], of: Sequence[UUID]) -> Sequence[Row]:
    """Standing releases of these cycles; `is_offered` where the strength is offered outside the school."""
    return await tx.rows(_RELEASED, {"schools": list(schools), "cycles": list(of)})


async def declared_needs(tx: Tx, schools: Sequence[str], of: Sequence[UUID]) -> Sequence[Row]:
    """Needs that stand declared in these cycles."""
    return await tx.rows(_NEEDS, {"schools": list(schools), "cycles": list(of)})


async def forbidden_pairs(tx: Tx, schools: Sequence[str], of: Sequence[UUID]) -> Sequence[Row]:
    """Pairs that one of the schools has banned, and misfits of these cycles."""
    return await tx.rows(_FORBIDDEN, {"schools": list(schools), "cycles": list(of)})


async def known_pairs(tx: Tx, schools: Sequence[str]) -> Sequence[Row]:
    """Pairings of all cycles, inside and across schools, that are open or were formed once."""
    return await tx.rows(_PAIRS, {"schools": list(schools)})


async def asked_needs(tx: Tx, schools: Sequence[str], besides: UUID) -> Sequence[Row]:
    """Needs for which curators are being asked already, but for one question."""
    return await tx.rows(_ASKED, {"schools": list(schools), "besides": besides})


async def offers_after(
    tx: Tx, schools: Sequence[str], of: Sequence[UUID], after: tuple[str, UUID, str], limit: int
) -> Sequence[Row]:
    """Offers whose owners agreed to be shown outside, a page and one more."""
    school, person, competency = after
    last = {"school": school, "person": person, "competency": competency, "limit": limit + 1}
    return await tx.rows(_OFFERS, {"schools": list(schools), "cycles": list(of), **last})


async def add(tx: Tx, rows: Sequence[Row]) -> None:
    """Write pairs down that wait for both curators; a need that waits already is passed over."""
    if rows:
        await tx.run(_ADD, rows)


async def crossing(tx: Tx, crossing_id: UUID) -> Row | None:
    """A pair across schools, as far as the schools of this transaction may see it."""
    return await tx.row(_CROSSING, {"crossing": crossing_id})


async def locked(tx: Tx, crossing_id: UUID) -> Row | None:
    """The same, moved by nobody else until the end of the transaction."""
    return await tx.row(_CROSSING_LOCKED, {"crossing": crossing_id})


async def settle(tx: Tx, crossing_id: UUID, row: Row) -> None:
    """Write down who agreed, and what became of it."""
    names = ("state", "giver_agreed_by", "taker_agreed_by", "settled_at")
    await tx.run(_AGREE, {"crossing": crossing_id, **{f"new_{name}": row[name] for name in names}})


async def drop(tx: Tx, school: str, person: UUID) -> None:
    """Take back what curators are being asked about a person as a member of a school."""
    await tx.run(_DROP, {"school": school, "person": person, "new_settled_at": tx.now})


async def at_school(tx: Tx, school: str, *, after: UUID, limit: int) -> Sequence[Row]:
    """The pairs across schools that concern a school, a page and one more."""
    return await tx.rows(_AT_SCHOOL, {"school": school, "after": after, "limit": limit + 1})


async def counts_of(tx: Tx, run_id: UUID) -> Mapping[str, int]:
    """How many pairs of a run stand where."""
    return {row["state"]: row["count"] for row in await tx.rows(_COUNTS, {"run": run_id})}
