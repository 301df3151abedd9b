"""What other services announce, kept by id and revision: the same facts in any order leave the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, case, delete, null, or_, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.matching.store.tables import (
    availability,
    bans,
    consents,
    cycles,
    diagnosed,
    members,
    misfits,
    needs,
    offers,
    releases,
    schools,
)

_SAVE_SCHOOL = insert(schools).on_conflict_do_nothing()
_SCHOOLS = (
    select(schools.c.school_id)
    .where(schools.c.school_id > bindparam("after"))
    .order_by(schools.c.school_id)
    .limit(bindparam("limit"))
)

_member = insert(members)
_MEMBER_KEY = [members.c.school_id, members.c.person_id]
_SAVE_MEMBER = _member.on_conflict_do_update(
    index_elements=_MEMBER_KEY,
    set_={
        name: _member.excluded[name]
        for name in ("is_teacher", "manager_id", "has_left", "subjects", "absent_from", "absent_to", "revision")
    },
    where=(members.c.revision < _member.excluded.revision) & ~members.c.is_erased,
)
# What a membership brings and a departure or an erasure takes away again.
_GONE = {name: _member.excluded[name] for name in ("subjects", "absent_from", "absent_to")}
# A departure may carry the revision of the membership change that told of it too; the departure wins.
_SAVE_LEAVER = _member.on_conflict_do_update(
    index_elements=_MEMBER_KEY,
    set_={"is_teacher": False, "manager_id": None, "has_left": True, "revision": _member.excluded.revision, **_GONE},
    where=members.c.revision <= _member.excluded.revision,
)
_SAVE_ERASED = _member.on_conflict_do_update(
    index_elements=_MEMBER_KEY,
    set_={"is_teacher": False, "manager_id": None, "has_left": True, "is_erased": True, **_GONE},
)
_ERASED = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"), members.c.person_id == bindparam("person"), members.c.is_erased
)

_cycle = insert(cycles)
_SAVE_CYCLE_DATES = _cycle.on_conflict_do_update(
    index_elements=[cycles.c.cycle_id],
    set_={name: _cycle.excluded[name] for name in ("starts_on", "ends_on", "opened_revision")},
    where=cycles.c.opened_revision < _cycle.excluded.opened_revision,
)
_SAVE_CYCLE_STAGE = _cycle.on_conflict_do_update(
    index_elements=[cycles.c.cycle_id],
    set_={name: _cycle.excluded[name] for name in ("stage", "stage_revision")},
    where=cycles.c.stage_revision < _cycle.excluded.stage_revision,
)
_CYCLE = select(cycles).where(cycles.c.school_id == bindparam("school"), cycles.c.cycle_id == bindparam("cycle"))

_diagnosed = insert(diagnosed)
_SAVE_DIAGNOSED = _diagnosed.on_conflict_do_update(
    index_elements=[diagnosed.c.school_id, diagnosed.c.campaign_id, diagnosed.c.person_id],
    set_={"competencies": _diagnosed.excluded.competencies, "revision": _diagnosed.excluded.revision},
    where=diagnosed.c.revision < _diagnosed.excluded.revision,
)

_release = insert(releases)
_RELEASE_KEY = [releases.c.school_id, releases.c.cycle_id, releases.c.person_id, releases.c.competency]
_is_standing = _release.excluded.released_revision > releases.c.withdrawn_revision
_is_taken_back = _release.excluded.withdrawn_revision > releases.c.released_revision
_SAVE_RELEASE = _release.on_conflict_do_update(
    index_elements=_RELEASE_KEY,
    set_={
        "released_revision": _release.excluded.released_revision,
        "competency_class": case((_is_standing, _release.excluded.competency_class), else_=null()),
        "level10": case((_is_standing, _release.excluded.level10), else_=null()),
    },
    where=releases.c.released_revision < _release.excluded.released_revision,
)
# What was taken back is not kept: neither level nor class.
_SAVE_WITHDRAWAL = _release.on_conflict_do_update(
    index_elements=_RELEASE_KEY,
    set_={
        "withdrawn_revision": _release.excluded.withdrawn_revision,
        "competency_class": case((_is_taken_back, null()), else_=releases.c.competency_class),
        "level10": case((_is_taken_back, null()), else_=releases.c.level10),
    },
    where=releases.c.withdrawn_revision < _release.excluded.withdrawn_revision,
)
_SAVE_STRENGTH = _release.on_conflict_do_update(
    index_elements=_RELEASE_KEY,
    set_={"strength_revision": _release.excluded.strength_revision},
    where=releases.c.strength_revision < _release.excluded.strength_revision,
)

_need = insert(needs)
_SAVE_NEED = _need.on_conflict_do_update(
    index_elements=[needs.c.school_id, needs.c.cycle_id, needs.c.person_id, needs.c.competency],
    set_={name: _need.excluded[name] for name in ("is_declared", "priority1000", "revision")},
    where=needs.c.revision < _need.excluded.revision,
)
_offer = insert(offers)
_SAVE_OFFER = _offer.on_conflict_do_update(
    index_elements=[offers.c.school_id, offers.c.cycle_id, offers.c.person_id, offers.c.competency],
    set_={
        name: _offer.excluded[name] for name in ("is_declared", "formats", "minutes", "is_outside_school", "revision")
    },
    where=offers.c.revision < _offer.excluded.revision,
)
_consent = insert(consents)
_SAVE_CONSENT = _consent.on_conflict_do_update(
    index_elements=[consents.c.school_id, consents.c.person_id, consents.c.purpose],
    set_={"is_given": _consent.excluded.is_given, "revision": _consent.excluded.revision},
    where=consents.c.revision < _consent.excluded.revision,
)
_SAVE_MISFIT = insert(misfits).on_conflict_do_nothing()

_OWN_ROWS = tuple(
    delete(table).where(table.c.person_id == bindparam("person"))
    for table in (availability, diagnosed, releases, needs, offers, consents)
)
_PAIR_ROWS = tuple(
    delete(table).where(or_(table.c.giver_id == bindparam("person"), table.c.taker_id == bindparam("person")))
    for table in (bans, misfits)
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One competency of one person in one cycle."""

    school_id: str
    cycle_id: UUID
    person_id: UUID
    competency: str

    @property
    def key(self) -> dict[str, str | UUID]:
        return {
            "school_id": self.school_id,
            "cycle_id": self.cycle_id,
            "person_id": self.person_id,
            "competency": self.competency,
        }


async def save_school(tx: Tx, school: str) -> None:
    """Know that there is a school."""
    await tx.run(_SAVE_SCHOOL, {"school_id": school})


async def schools_after(tx: Tx, after: str, limit: int) -> list[str]:
    """Known schools, a page of them in the order of their ids."""
    return [row["school_id"] for row in await tx.rows(_SCHOOLS, {"after": after, "limit": limit})]


async def save_member(tx: Tx, school: str, person: UUID, told: Mapping[str, object]) -> bool:
    """Keep what registry said last of a membership; false when newer news was known."""
    return await tx.run(_SAVE_MEMBER, {"school_id": school, "person_id": person, "is_erased": False, **told}) == 1


async def save_leaver(tx: Tx, school: str, person: UUID, *, revision: int) -> bool:
    """Keep that a person left a school; false when the person has come back since."""
    row = {**_unknown_member(school, person), "has_left": True, "is_erased": False, "revision": revision}
    return await tx.run(_SAVE_LEAVER, row) == 1


async def save_erased(tx: Tx, school: str, person: UUID) -> None:
    """Keep for good that a person is erased, whatever news comes late."""
    await tx.run(_SAVE_ERASED, {**_unknown_member(school, person), "has_left": True, "is_erased": True, "revision": 0})


def _unknown_member(school: str, person: UUID) -> dict[str, str | UUID | bool | None]:
    return {"school_id": school, "person_id": person, "is_teacher": False, "manager_id": None}


async def is_erased(tx: Tx, school: str, person: UUID) -> bool:
    """Did this person ask to be forgotten?"""
    return await tx.row(_ERASED, {"school": school, "person": person}) is not None


async def forget(tx: Tx, person: UUID) -> None:
    """Delete all that is an erased person's own in the schools of this transaction."""
    for statement in (*_OWN_ROWS, *_PAIR_ROWS):
        await tx.run(statement, {"person": person})


async def save_cycle_dates(tx: Tx, school: str, cycle: UUID, *, dates: tuple[date, date], revision: int) -> None:
    """Keep when a cycle begins and ends."""
    starts_on, ends_on = dates
    row = {
        "school_id": school,
        "cycle_id": cycle,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "opened_revision": revision,
        "stage": None,
        "stage_revision": 0,
    }
    await tx.run(_SAVE_CYCLE_DATES, row)


async def save_cycle_stage(tx: Tx, school: str, cycle: UUID, *, stage: str, revision: int) -> None:
    """Keep at which stage a cycle is; its dates may not have arrived yet."""
    row = {
        "school_id": school,
        "cycle_id": cycle,
        "starts_on": None,
        "ends_on": None,
        "opened_revision": 0,
        "stage": stage,
        "stage_revision": revision,
    }
    await tx.run(_SAVE_CYCLE_STAGE, row)


async def cycle(tx: Tx, school: str, cycle_id: UUID) -> Row | None:
    """A cycle of the school."""
    return await tx.row(_CYCLE, {"school": school, "cycle": cycle_id})


async def save_diagnosed(tx: Tx, row: Mapping[str, object]) -> None:
    """Keep whose profile was scored in a campaign."""
    await tx.run(_SAVE_DIAGNOSED, row)


async def save_release(tx: Tx, topic: Topic, *, competency_class: str, level10: int, revision: int) -> None:
    """Keep a released level, unless its withdrawal is known already."""
    row = {**_untold(topic), "released_revision": revision, "competency_class": competency_class, "level10": level10}
    await tx.run(_SAVE_RELEASE, row)


async def save_withdrawal(tx: Tx, topic: Topic, *, revision: int) -> None:
    """Keep that a release was taken back, and forget what it had released."""
    await tx.run(_SAVE_WITHDRAWAL, {**_untold(topic), "withdrawn_revision": revision})


async def save_strength(tx: Tx, topic: Topic, *, revision: int) -> None:
    """Keep that a released competency was confirmed as a strength."""
    await tx.run(_SAVE_STRENGTH, {**_untold(topic), "strength_revision": revision})


def _untold(topic: Topic) -> dict[str, str | int | UUID | None]:
    nothing = {"released_revision": 0, "withdrawn_revision": 0, "strength_revision": 0}
    return {**topic.key, **nothing, "competency_class": None, "level10": None}


async def save_need(tx: Tx, topic: Topic, *, is_declared: bool, priority1000: int, revision: int) -> None:
    """Keep a need, declared or withdrawn."""
    row = {**topic.key, "is_declared": is_declared, "priority1000": priority1000, "revision": revision}
    await tx.run(_SAVE_NEED, row)


async def save_offer(tx: Tx, topic: Topic, offer: Mapping[str, object], *, revision: int) -> None:
    """Keep an offer, declared or withdrawn."""
    await tx.run(_SAVE_OFFER, {**topic.key, **offer, "revision": revision})


async def save_consent(tx: Tx, school: str, person: UUID, purpose: str, *, is_given: bool, revision: int) -> bool:
    """Keep a consent, given or withdrawn; false when newer news was known."""
    row = {
        "school_id": school,
        "person_id": person,
        "purpose": purpose,
        "is_given": is_given,
        "revision": revision,
    }
    return await tx.run(_SAVE_CONSENT, row) == 1


async def save_misfit(tx: Tx, school: str, cycle_id: UUID, giver: UUID, taker: UUID) -> None:
    """Keep that two do not fit in this cycle."""
    await tx.run(_SAVE_MISFIT, {"school_id": school, "cycle_id": cycle_id, "giver_id": giver, "taker_id": taker})
