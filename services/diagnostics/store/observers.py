"""Who observes whom, in which competencies: an assignment is the sheet that was laid out for an observer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Text

from chassis.database import Row, Tx
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.lesson_notes import remove_all as remove_notes
from services.diagnostics.store.sheets import Part
from services.diagnostics.store.staff import OBSERVER
from services.diagnostics.store.tables import members, participants, sheets
from services.diagnostics.store.tables_of_instruments import artefact_ratings, lesson_notes, observed_lessons

MOST_ASSIGNED = 500


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an observer may see of one person, and whether anything was said already."""

    codes: tuple[str, ...]
    has_spoken: bool


_this = (
    sheets.c.campaign_id == bindparam("campaign"),
    sheets.c.person_id == bindparam("person"),
    sheets.c.source == SourceKind.OBS.value,
    sheets.c.author_id == bindparam("author"),
)
_has_marks = or_(
    exists().where(
        observed_lessons.c.campaign_id == sheets.c.campaign_id,
        observed_lessons.c.person_id == sheets.c.person_id,
        observed_lessons.c.author_id == sheets.c.author_id,
    ),
    exists().where(
        artefact_ratings.c.campaign_id == sheets.c.campaign_id,
        artefact_ratings.c.person_id == sheets.c.person_id,
        artefact_ratings.c.author_id == sheets.c.author_id,
    ),
)
_has_given_notes = exists().where(
    lesson_notes.c.campaign_id == sheets.c.campaign_id,
    lesson_notes.c.person_id == sheets.c.person_id,
    lesson_notes.c.author_id == sheets.c.author_id,
    lesson_notes.c.given_at.is_not(None),
)
_asked = func.coalesce(sheets.c.codes, participants.c.codes).label("asked")
_of_part = (participants.c.campaign_id == sheets.c.campaign_id) & (participants.c.person_id == sheets.c.person_id)
_ONE = (
    select(_asked, or_(sheets.c.is_final, _has_marks, _has_given_notes).label("has_spoken"))
    .select_from(sheets.join(participants, _of_part))
    .where(*_this)
)
_OF_OBSERVER = (
    select(sheets.c.person_id, _asked)
    .select_from(sheets.join(participants, _of_part))
    .where(
        sheets.c.school_id == bindparam("school"),
        sheets.c.campaign_id == bindparam("campaign"),
        sheets.c.source == SourceKind.OBS.value,
        sheets.c.author_id == bindparam("author"),
    )
    .order_by(sheets.c.person_id)
    .limit(MOST_ASSIGNED)
)
_AFTER = (
    select(sheets.c.person_id, sheets.c.author_id, _asked)
    .select_from(sheets.join(participants, _of_part))
    .where(
        sheets.c.school_id == bindparam("school"),
        sheets.c.campaign_id == bindparam("campaign"),
        sheets.c.source == SourceKind.OBS.value,
        tuple_(sheets.c.person_id, sheets.c.author_id)
        > tuple_(bindparam("person", type_=Uuid), bindparam("author", type_=Uuid)),
    )
    .order_by(sheets.c.person_id, sheets.c.author_id)
    .limit(bindparam("limit"))
)
_ADD = insert(sheets).on_conflict_do_nothing()
_NARROW = update(sheets).where(*_this).values(codes=bindparam("new_codes", type_=ARRAY(Text)))
_REMOVE = delete(sheets).where(*_this)
_IS_OBSERVER = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"),
    members.c.person_id == bindparam("person"),
    members.c.roles.overlap([OBSERVER]),
    or_(members.c.left_on.is_(None), members.c.left_on > bindparam("today")),
)


def _key(part: Part, observer: UUID) -> dict[str, UUID]:
    return {"campaign": part.campaign_id, "person": part.person_id, "author": observer}


async def one(tx: Tx, part: Part, observer: UUID) -> Assignment | None:
    """What an observer was assigned of a person."""
    row = await tx.row(_ONE, _key(part, observer))
    return None if row is None else Assignment(tuple(row["asked"]), row["has_spoken"])


async def of_observer(tx: Tx, school: str, campaign_id: UUID, observer: UUID) -> dict[UUID, tuple[str, ...]]:
    """The people whom an observer was assigned in a campaign, with the competencies."""
    rows = await tx.rows(_OF_OBSERVER, {"school": school, "campaign": campaign_id, "author": observer})
    return {row["person_id"]: tuple(row["asked"]) for row in rows}


async def after(tx: Tx, school: str, campaign_id: UUID, *, last: tuple[UUID, UUID], limit: int) -> Sequence[Row]:
    """The assignments of a campaign by person and observer, a page and one more."""
    wanted = {"person": last[0], "author": last[1], "limit": limit + 1}
    return await tx.rows(_AFTER, {"school": school, "campaign": campaign_id, **wanted})


async def assign(tx: Tx, part: Part, observer: UUID, codes: Sequence[str]) -> None:
    """Lay out a sheet for an observer, or say anew what it asks."""
    key = {"school_id": part.school_id, "campaign_id": part.campaign_id, "person_id": part.person_id}
    empty = {"source": SourceKind.OBS.value, "author_id": observer, "answers": {}, "lessons": 1, "is_final": False}
    await tx.run(_ADD, {**key, **empty, "codes": list(codes)})
    await tx.run(_NARROW, {**_key(part, observer), "new_codes": list(codes)})


async def remove(tx: Tx, part: Part, observer: UUID) -> None:
    """Take an assignment back, together with notes that nobody was given."""
    await remove_notes(tx, part, observer)
    await tx.run(_REMOVE, _key(part, observer))


async def is_observer(tx: Tx, school: str, *, person: UUID, today: date) -> bool:
    """Is somebody an observer of the school today?"""
    return await tx.row(_IS_OBSERVER, {"school": school, "person": person, "today": today}) is not None
