"""Doors of free notes about a lesson: an observer writes and gives them, the person observed reads what was given."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, StrictBool, StringConstraints

from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from services.diagnostics import actions, store
from services.diagnostics.api.doors import db_of
from services.diagnostics.api.observations import LessonNotes, Number
from services.diagnostics.domain.looks import What
from services.diagnostics.scoring import SourceKind

router = doors()

MOST_LETTERS = 4000
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_LETTERS)]


class NewNotes(BaseModel):
    """What I noted in a lesson. With `is_given` the person observed reads it, and it changes no more."""

    text: Text = Field(examples=["Сильное начало: вопрос класса записан на доске и возвращается в конце урока."])
    is_given: StrictBool = False


class GivenNotes(BaseModel):
    """What an observer noted in one of my lessons and gave me."""

    campaign_id: UUID
    lesson: int
    text: str
    given_at: datetime


@router.put(
    "/schools/{school}/my/observations/{campaign_id}/{person_id}/lessons/{lesson}/notes",
    dependencies=[require("observer")],
)
async def keep_lesson_notes(
    request: Request,
    looks: Looks,
    school: str,
    campaign_id: UUID,
    person_id: UUID,
    lesson: Number,
    new: NewNotes,
    me: Me,
) -> LessonNotes:
    """Keep notes that only I see, or give them to the person observed. Empty notes are deleted.

    A repeat changes nothing; notes that were given are `notes.already-given` (409).
    """
    key = store.SheetKey(campaign_id, person_id, SourceKind.OBS, me.me)
    notes = store.Notes(lesson, new.text)
    kept = await actions.keep_notes(db_of(request), school, key=key, notes=notes, is_given=new.is_given)
    await looks.changed(What.NOTES, [person_id])
    return LessonNotes(lesson=kept.lesson, text=kept.text, given_at=kept.given_at)


@router.get("/schools/{school}/my/lesson-notes", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_lesson_notes(request: Request, school: str, me: Me) -> list[GivenNotes]:
    """What observers noted in my lessons and gave me, the newest first."""
    async with db_of(request).transaction(school) as tx:
        rows = await store.lesson_notes.given_to(tx, school, me.me)
    return [GivenNotes.model_validate(dict(row)) for row in rows]
