"""What tracking knows from others: schools, members, cycles, consents, papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.tracking.domain import Cycle
from services.tracking.store.tables import consents, cycles, members, papers, schools

_SAVE_SCHOOL = insert(schools).on_conflict_do_nothing()
_SCHOOLS = (
    select(schools.c.school_id)
    .where(schools.c.school_id > bindparam("after"))
    .order_by(schools.c.school_id)
    .limit(bindparam("limit"))
)
_new_member = insert(members)
_SAVE_MEMBER = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={name: _new_member.excluded[name] for name in ("is_member", "is_teacher", "revision")},
    where=(members.c.revision < _new_member.excluded.revision) & ~members.c.is_erased,
)
_SAVE_ERASED = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={"is_member": False, "is_teacher": False, "is_erased": True},
)
_ERASED = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"), members.c.person_id == bindparam("person"), members.c.is_erased
)
_HAS_LEFT = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"),
    members.c.person_id == bindparam("person"),
    members.c.is_member.is_(False),
)
_opened = insert(cycles)
_SAVE_DATES = _opened.on_conflict_do_update(
    index_elements=[cycles.c.cycle_id],
    set_={
        "starts_on": _opened.excluded.starts_on,
        "ends_on": _opened.excluded.ends_on,
        "opened_revision": _opened.excluded.opened_revision,
    },
    where=cycles.c.opened_revision < _opened.excluded.opened_revision,
)
_SAVE_STAGE = _opened.on_conflict_do_update(
    index_elements=[cycles.c.cycle_id],
    set_={"stage": _opened.excluded.stage, "stage_revision": _opened.excluded.stage_revision},
    where=cycles.c.stage_revision < _opened.excluded.stage_revision,
)
_CYCLE = select(cycles.c.ends_on, cycles.c.stage).where(cycles.c.cycle_id == bindparam("cycle"))
_new_consent = insert(consents)
_SAVE_CONSENT = _new_consent.on_conflict_do_update(
    index_elements=[consents.c.school_id, consents.c.person_id, consents.c.purpose],
    set_={"given_on": _new_consent.excluded.given_on, "revision": _new_consent.excluded.revision},
    where=consents.c.revision < _new_consent.excluded.revision,
)
_CONSENTS = (
    select(consents.c.purpose, consents.c.given_on)
    .where(consents.c.school_id == bindparam("school"), consents.c.person_id == bindparam("person"))
    .order_by(consents.c.purpose)
    .limit(20)
)
_FORGET_CONSENTS = delete(consents).where(consents.c.person_id == bindparam("person"))
_SAVE_PAPER = insert(papers).on_conflict_do_nothing()
_PAPERS = (
    select(papers.c.kind, papers.c.in_force_from)
    .where(papers.c.pairing_id == bindparam("pairing"))
    .order_by(papers.c.in_force_from, papers.c.document_id)
    .limit(200)
)


@dataclass(frozen=True, slots=True)
class Member:
    """What the registry said of a person in a school."""

    school: str
    person: UUID
    is_member: bool
    is_teacher: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Consent:
    """What is known of a person's consent in a school; `given_on` is empty for one taken back."""

    school: str
    person: UUID
    purpose: str
    given_on: date | None
    revision: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper in force for a pair."""

    school: str
    document_id: UUID
    pairing_id: UUID
    kind: str
    in_force_from: date


async def save_schools(tx: Tx, *names: str) -> None:
    """Know schools."""
    for name in sorted(set(names)):
        await tx.run(_SAVE_SCHOOL, {"school_id": name})


async def schools_after(tx: Tx, after: str, limit: int) -> list[str]:
    """The next known schools, in the order of their ids."""
    return [row["school_id"] for row in await tx.rows(_SCHOOLS, {"after": after, "limit": limit})]


async def save_member(tx: Tx, member: Member) -> bool:
    """Keep what registry said last of a membership; false when it is older news."""
    row = {
        "school_id": member.school,
        "person_id": member.person,
        "is_member": member.is_member,
        "is_teacher": member.is_teacher,
        "revision": member.revision,
    }
    return await tx.run(_SAVE_MEMBER, row) == 1


async def save_erased(tx: Tx, school: str, person: UUID) -> None:
    """Keep for good that a person is erased, whatever news comes late."""
    nobody = {"is_member": False, "is_teacher": False, "is_erased": True, "revision": 0}
    await tx.run(_SAVE_ERASED, {"school_id": school, "person_id": person, **nobody})


async def is_erased(tx: Tx, school: str, person: UUID) -> bool:
    """Was this person forgotten?"""
    return await tx.row(_ERASED, {"school": school, "person": person}) is not None


async def has_left(tx: Tx, school: str, person: UUID) -> bool:
    """Is the person known to have left the school?"""
    return await tx.row(_HAS_LEFT, {"school": school, "person": person}) is not None


async def save_dates(tx: Tx, school: str, cycle: UUID, *, dates: tuple[date, date], revision: int) -> None:
    """Keep the first and the last day of a cycle."""
    row = _cycle_row(school, cycle)
    await tx.run(_SAVE_DATES, {**row, "starts_on": dates[0], "ends_on": dates[1], "opened_revision": revision})


async def save_stage(tx: Tx, school: str, cycle: UUID, *, stage: str, revision: int) -> None:
    """Keep the stage of a cycle; older news changes nothing."""
    await tx.run(_SAVE_STAGE, {**_cycle_row(school, cycle), "stage": stage, "stage_revision": revision})


def _cycle_row(school: str, cycle: UUID) -> dict[str, object]:
    return {
        "school_id": school,
        "cycle_id": cycle,
        "starts_on": None,
        "ends_on": None,
        "opened_revision": 0,
        "stage": None,
        "stage_revision": 0,
    }


async def cycle(tx: Tx, cycle_id: UUID) -> Cycle | None:
    """What is known of a cycle."""
    row = await tx.row(_CYCLE, {"cycle": cycle_id})
    return Cycle(ends_on=row["ends_on"], stage=row["stage"]) if row else None


async def save_consent(tx: Tx, consent: Consent) -> bool:
    """Keep what was said last of a consent; false when it is older news."""
    row = {
        "school_id": consent.school,
        "person_id": consent.person,
        "purpose": consent.purpose,
        "given_on": consent.given_on,
        "revision": consent.revision,
    }
    return await tx.run(_SAVE_CONSENT, row) == 1


async def forget_consents(tx: Tx, person: UUID) -> None:
    """Delete what is known of an erased person's consents in the schools of this transaction."""
    await tx.run(_FORGET_CONSENTS, {"person": person})


async def consents_of(tx: Tx, school: str, person: UUID) -> Sequence[Row]:
    """The consents to mentoring of a person in a school: purpose and the day they were given, if they are."""
    return await tx.rows(_CONSENTS, {"school": school, "person": person})


async def save_paper(tx: Tx, paper: Paper) -> bool:
    """Keep a paper in force for a pair; false when it was known."""
    row = {
        "school_id": paper.school,
        "document_id": paper.document_id,
        "pairing_id": paper.pairing_id,
        "kind": paper.kind,
        "in_force_from": paper.in_force_from,
    }
    return await tx.run(_SAVE_PAPER, row) == 1


async def papers_of(tx: Tx, pairing: UUID) -> Sequence[Row]:
    """The papers of a pair, the earliest in force first."""
    return await tx.rows(_PAPERS, {"pairing": pairing})
