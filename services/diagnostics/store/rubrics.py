"""Marks of evidence: of observed lessons and of artefacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import Marks
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.sheets import Part
from services.diagnostics.store.tables import sheets
from services.diagnostics.store.tables_of_instruments import artefact_ratings, observed_lessons

MOST_LESSONS = 200
MOST_RATINGS = 200


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson that an observer marked; it counts when it is final."""

    number: int
    marks: Marks
    is_final: bool


@dataclass(frozen=True, slots=True)
class RatingKey:
    """Which observer says something of which artefact."""

    campaign_id: UUID
    artefact_id: UUID
    author_id: UUID


_new_lesson = insert(observed_lessons)
_KEEP_LESSON = _new_lesson.on_conflict_do_update(
    index_elements=[observed_lessons.c[name] for name in ("campaign_id", "person_id", "author_id", "lesson")],
    set_={name: _new_lesson.excluded[name] for name in ("marks", "is_final", "changed_at")},
)
_LESSONS = (
    select(observed_lessons.c.lesson, observed_lessons.c.marks, observed_lessons.c.is_final)
    .where(
        observed_lessons.c.campaign_id == bindparam("campaign"),
        observed_lessons.c.person_id == bindparam("person"),
        observed_lessons.c.author_id == bindparam("author"),
    )
    .order_by(observed_lessons.c.lesson)
    .limit(MOST_LESSONS)
)
_STEPS = (
    select(observed_lessons.c.person_id, observed_lessons.c.lesson, observed_lessons.c.is_final)
    .where(
        observed_lessons.c.campaign_id == bindparam("campaign"),
        observed_lessons.c.author_id == bindparam("author"),
        observed_lessons.c.person_id.in_(bindparam("people", expanding=True)),
    )
    .order_by(observed_lessons.c.person_id, observed_lessons.c.lesson)
)
# A whole sheet is its author's last word about all lessons, so that the same lesson does not count twice.
_is_on_sheet = exists().where(
    and_(
        sheets.c.campaign_id == observed_lessons.c.campaign_id,
        sheets.c.person_id == observed_lessons.c.person_id,
        sheets.c.source == SourceKind.OBS.value,
        sheets.c.author_id == observed_lessons.c.author_id,
        sheets.c.is_final,
    )
)
_LESSONS_ABOUT = (
    select(observed_lessons.c.marks)
    .where(
        observed_lessons.c.campaign_id == bindparam("campaign"),
        observed_lessons.c.person_id == bindparam("person"),
        observed_lessons.c.is_final,
        ~_is_on_sheet,
    )
    .order_by(observed_lessons.c.author_id, observed_lessons.c.lesson)
    .limit(MOST_LESSONS)
)
_new_rating = insert(artefact_ratings)
_KEEP_RATING = _new_rating.on_conflict_do_update(
    index_elements=[artefact_ratings.c.artefact_id, artefact_ratings.c.author_id],
    set_={name: _new_rating.excluded[name] for name in ("marks", "changed_at")},
)
_RATINGS_ABOUT = (
    select(artefact_ratings.c.marks)
    .where(artefact_ratings.c.campaign_id == bindparam("campaign"), artefact_ratings.c.person_id == bindparam("person"))
    .order_by(artefact_ratings.c.artefact_id, artefact_ratings.c.author_id)
    .limit(MOST_RATINGS)
)
_RATINGS_BY = (
    select(artefact_ratings.c.artefact_id, artefact_ratings.c.marks)
    .where(artefact_ratings.c.author_id == bindparam("author"), artefact_ratings.c.campaign_id == bindparam("campaign"))
    .limit(MOST_RATINGS)
)


async def lessons_by(tx: Tx, part: Part, author: UUID) -> dict[int, Lesson]:
    """The lessons of a person that an observer marked, by number."""
    rows = await tx.rows(_LESSONS, {"campaign": part.campaign_id, "person": part.person_id, "author": author})
    return {row["lesson"]: Lesson(row["lesson"], row["marks"], row["is_final"]) for row in rows}


async def steps_by(
    tx: Tx, campaign_id: UUID, author: UUID, people: Sequence[UUID]
) -> dict[UUID, list[tuple[int, bool]]]:
    """By person the lessons that an observer has begun, in their order, and whether each is final."""
    found: dict[UUID, list[tuple[int, bool]]] = {person: [] for person in people}
    for row in await tx.rows(_STEPS, {"campaign": campaign_id, "author": author, "people": people}):
        found[row["person_id"]].append((row["lesson"], row["is_final"]))
    return found


async def keep_lesson(tx: Tx, part: Part, author: UUID, lesson: Lesson) -> None:
    """Keep the marks of a lesson."""
    key = {"campaign_id": part.campaign_id, "person_id": part.person_id, "author_id": author, "lesson": lesson.number}
    marks = {"marks": dict(lesson.marks), "is_final": lesson.is_final, "changed_at": tx.now}
    await tx.run(_KEEP_LESSON, {"school_id": part.school_id, **key, **marks})


async def lessons_about(tx: Tx, part: Part) -> list[Marks]:
    """The marks of all finished lessons of a person in a campaign."""
    rows = await tx.rows(_LESSONS_ABOUT, {"campaign": part.campaign_id, "person": part.person_id})
    return [row["marks"] for row in rows]


async def keep_rating(tx: Tx, part: Part, artefact_id: UUID, *, author: UUID, marks: Marks) -> None:
    """Keep what an observer says of an artefact."""
    key = {"artefact_id": artefact_id, "author_id": author, "campaign_id": part.campaign_id}
    about = {"school_id": part.school_id, "person_id": part.person_id}
    await tx.run(_KEEP_RATING, {**key, **about, "marks": dict(marks), "changed_at": tx.now})


async def ratings_about(tx: Tx, part: Part) -> list[Marks]:
    """What was said of all artefacts of a person in a campaign."""
    rows = await tx.rows(_RATINGS_ABOUT, {"campaign": part.campaign_id, "person": part.person_id})
    return [row["marks"] for row in rows]


async def ratings_by(tx: Tx, campaign_id: UUID, author: UUID) -> dict[UUID, Marks]:
    """What an observer said in a campaign, by artefact."""
    rows: Sequence[Row] = await tx.rows(_RATINGS_BY, {"campaign": campaign_id, "author": author})
    return {row["artefact_id"]: row["marks"] for row in rows}
