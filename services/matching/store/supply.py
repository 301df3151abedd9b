"""What is known of a school, read as a task: a handful of queries however many people there are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, and_, bindparam, func, or_, select, union
from sqlalchemy import cast as as_type

from chassis.database import Row, Tx
from services.matching.domain import OPEN_STATES, PairingState
from services.matching.store.tables import (
    availability,
    bans,
    consents,
    diagnosed,
    members,
    misfits,
    needs,
    pairings,
    releases,
)

MOST_PEOPLE = 50_000
MOST_ROWS = 1_000_000
PLATFORM_CONSENT = "PD_PLATFORM"
_STRENGTHS = ("STRENGTH_CONFIRMED", "STRENGTH_OFFERED")

HAS_WITHDRAWN = (
    select(consents.c.person_id)
    .where(
        consents.c.school_id == members.c.school_id,
        consents.c.person_id == members.c.person_id,
        consents.c.purpose == PLATFORM_CONSENT,
        ~consents.c.is_given,
    )
    .exists()
)
_takes_part = and_(
    members.c.school_id == bindparam("school"),
    members.c.is_teacher,
    ~members.c.has_left,
    ~members.c.is_erased,
    ~HAS_WITHDRAWN,
)
# People with their free times, the same for a school and for a district.
PEOPLE = select(
    members.c.school_id,
    members.c.person_id,
    members.c.manager_id,
    members.c.absent_from,
    members.c.absent_to,
    availability.c.slots,
    availability.c.give,
    availability.c.take,
).join(
    availability,
    and_(
        availability.c.school_id == members.c.school_id,
        availability.c.person_id == members.c.person_id,
    ),
    isouter=True,
)
_PEOPLE = PEOPLE.where(_takes_part).order_by(members.c.person_id).limit(MOST_PEOPLE)

IS_RELEASED = releases.c.released_revision > releases.c.withdrawn_revision
# A later release of another class is the newer word: what was a strength is one no more.
IS_STRENGTH = and_(
    IS_RELEASED,
    releases.c.strength_revision > releases.c.withdrawn_revision,
    or_(
        releases.c.strength_revision >= releases.c.released_revision,
        releases.c.competency_class.in_(_STRENGTHS),
    ),
)
_RELEASED = (
    select(
        releases.c.person_id,
        releases.c.competency,
        releases.c.level10,
        IS_STRENGTH.label("is_strength"),
    )
    .where(releases.c.school_id == bindparam("school"), releases.c.cycle_id == bindparam("cycle"), IS_RELEASED)
    .order_by(releases.c.person_id, releases.c.competency)
    .limit(MOST_ROWS)
)
_NEEDS = (
    select(needs.c.person_id, needs.c.competency, needs.c.priority1000)
    .where(needs.c.school_id == bindparam("school"), needs.c.cycle_id == bindparam("cycle"), needs.c.is_declared)
    .order_by(needs.c.person_id, needs.c.competency)
    .limit(MOST_ROWS)
)


def forbidden_of(schools: ColumnElement[Any], cycles: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Pairs that must not be proposed at a school, or at any of several, in its cycle."""
    banned = select(bans.c.giver_id, bans.c.taker_id).where(bans.c.school_id == schools)
    unfit = select(misfits.c.giver_id, misfits.c.taker_id)
    return union(banned, unfit.where(misfits.c.school_id == schools, misfits.c.cycle_id == cycles)).limit(MOST_ROWS)


def pairs_of(schools: ColumnElement[Any]) -> Select[Any]:
    """Pairings of a school, or of any of several, that are open or were formed once."""
    return (
        select(
            pairings.c.giver_id,
            pairings.c.taker_id,
            pairings.c.competency,
            pairings.c.cycle_id,
            pairings.c.state,
            pairings.c.is_completed,
        )
        .where(
            or_(pairings.c.giver_school == schools, pairings.c.taker_school == schools),
            pairings.c.state.in_(sorted((*OPEN_STATES, PairingState.DISSOLVED))),
        )
        .order_by(pairings.c.pairing_id)
        .limit(MOST_ROWS)
    )


_FORBIDDEN, _PAIRS = forbidden_of(bindparam("school"), bindparam("cycle")), pairs_of(bindparam("school"))
_at_cycle = and_(diagnosed.c.school_id == bindparam("school"), diagnosed.c.cycle_id == bindparam("cycle"))
_release_at_cycle = and_(
    releases.c.school_id == bindparam("school"), releases.c.cycle_id == bindparam("cycle"), IS_RELEASED
)
_need_at_cycle = and_(
    needs.c.school_id == bindparam("school"), needs.c.cycle_id == bindparam("cycle"), needs.c.is_declared
)
_READINESS = select(
    select(func.count()).select_from(members).where(_takes_part).scalar_subquery().label("teachers"),
    select(func.count(diagnosed.c.person_id.distinct())).where(_at_cycle).scalar_subquery().label("diagnosed"),
    select(func.count(releases.c.person_id.distinct()))
    .where(_release_at_cycle)
    .scalar_subquery()
    .label("with_releases"),
    select(func.count(releases.c.person_id.distinct()))
    .where(_release_at_cycle, IS_STRENGTH)
    .scalar_subquery()
    .label("with_strengths"),
    select(func.count(needs.c.person_id.distinct())).where(_need_at_cycle).scalar_subquery().label("with_needs"),
    select(func.count())
    .select_from(availability)
    .where(availability.c.school_id == bindparam("school"), availability.c.slots > 0)
    .scalar_subquery()
    .label("with_free_times"),
    select(func.coalesce(func.sum(as_type(IS_STRENGTH, Integer)), 0))
    .where(_release_at_cycle)
    .scalar_subquery()
    .label("strengths"),
    select(func.count()).select_from(needs).where(_need_at_cycle).scalar_subquery().label("needs"),
)


async def people(tx: Tx, school: str) -> Sequence[Row]:
    """The teachers who take part, with line manager and absence, and with free times and capacity if entered."""
    return await tx.rows(_PEOPLE, {"school": school})


async def released(tx: Tx, school: str, cycle: UUID) -> Sequence[Row]:
    """Standing releases of a cycle: the level, and whether it is a strength by evidence."""
    return await tx.rows(_RELEASED, {"school": school, "cycle": cycle})


async def declared_needs(tx: Tx, school: str, cycle: UUID) -> Sequence[Row]:
    """Needs that stand declared in a cycle."""
    return await tx.rows(_NEEDS, {"school": school, "cycle": cycle})


async def forbidden_pairs(tx: Tx, school: str, cycle: UUID) -> Sequence[Row]:
    """Pairs that must not be proposed: banned by a curator, or misfits of this cycle."""
    return await tx.rows(_FORBIDDEN, {"school": school, "cycle": cycle})


async def known_pairs(tx: Tx, school: str) -> Sequence[Row]:
    """Pairings of all cycles that are open, or were formed once."""
    return await tx.rows(_PAIRS, {"school": school})


async def readiness(tx: Tx, school: str, cycle: UUID) -> Row | None:
    """Counts of what a run of the cycle could build on."""
    return await tx.row(_READINESS, {"school": school, "cycle": cycle})
