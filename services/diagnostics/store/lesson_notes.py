"""Free notes of observers: kept beside the marks, their author's own until they are given to the person observed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.store.sheets import Part, SheetKey
from services.diagnostics.store.tables_of_instruments import lesson_notes

MOST_LESSONS = 200


@dataclass(frozen=True, slots=True)
class Notes:
    """What an observer wrote of one lesson; given from a moment on, or not yet."""

    lesson: int
    text: str
    given_at: datetime | None = None


_new = insert(lesson_notes)
_KEEP = _new.on_conflict_do_update(
    index_elements=[lesson_notes.c[name] for name in ("campaign_id", "person_id", "author_id", "lesson")],
    set_={name: _new.excluded[name] for name in ("text", "given_at", "changed_at")},
    where=lesson_notes.c.given_at.is_(None),
)
_is_by = (
    lesson_notes.c.campaign_id == bindparam("campaign"),
    lesson_notes.c.person_id == bindparam("person"),
    lesson_notes.c.author_id == bindparam("author"),
)
_REMOVE = delete(lesson_notes).where(
    *_is_by, lesson_notes.c.lesson == bindparam("number"), lesson_notes.c.given_at.is_(None)
)
_REMOVE_ALL = delete(lesson_notes).where(*_is_by, lesson_notes.c.given_at.is_(None))
_BY = (
    select(lesson_notes.c.lesson, lesson_notes.c.text, lesson_notes.c.given_at)
    .where(*_is_by)
    .order_by(lesson_notes.c.lesson)
    .limit(MOST_LESSONS)
)
_GIVEN_TO = (
    select(lesson_notes.c.campaign_id, lesson_notes.c.lesson, lesson_notes.c.text, lesson_notes.c.given_at)
    .where(
        lesson_notes.c.school_id == bindparam("school"),
        lesson_notes.c.person_id == bindparam("person"),
        lesson_notes.c.given_at.is_not(None),
    )
    .order_by(lesson_notes.c.given_at.desc(), lesson_notes.c.campaign_id, lesson_notes.c.lesson)
    .limit(MOST_LESSONS)
)


async def keep(tx: Tx, part: Part, author: UUID, notes: Notes) -> bool:
    """Keep the notes of a lesson; false when they were given before, for given notes change no more."""
    key = {"campaign_id": part.campaign_id, "person_id": part.person_id, "author_id": author, "lesson": notes.lesson}
    row = {"school_id": part.school_id, **key, "text": notes.text, "given_at": notes.given_at, "changed_at": tx.now}
    return await tx.run(_KEEP, row) == 1


async def remove(tx: Tx, part: Part, author: UUID, *, lesson: int) -> None:
    """Delete notes that nobody was given."""
    await tx.run(_REMOVE, {**_by(part.campaign_id, part.person_id, author), "number": lesson})


async def remove_all(tx: Tx, part: Part, author: UUID) -> None:
    """Delete all notes of a person that an observer has not given."""
    await tx.run(_REMOVE_ALL, _by(part.campaign_id, part.person_id, author))


async def by(tx: Tx, key: SheetKey) -> dict[int, Notes]:
    """The notes of an observer about a person, by lesson."""
    rows = await tx.rows(_BY, _by(key.campaign_id, key.person_id, key.author_id))
    return {row["lesson"]: Notes(row["lesson"], row["text"], row["given_at"]) for row in rows}


async def given_to(tx: Tx, school: str, person: UUID) -> Sequence[Row]:
    """The notes that a person was given, the newest first."""
    return await tx.rows(_GIVEN_TO, {"school": school, "person": person})


def _by(campaign: UUID, person: UUID, author: UUID) -> dict[str, UUID]:
    return {"campaign": campaign, "person": person, "author": author}
