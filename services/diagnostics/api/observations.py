"""Doors of an observer: lessons by rubric, of the people and competencies that were assigned and no others."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from pydantic import BaseModel, Field, StrictBool

from chassis.doors import doors
from chassis.identity import Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.diagnostics import actions, domain, store
from services.diagnostics.api.doors import catalogue_of, db_of, instruments_of
from services.diagnostics.domain import HIGHEST_OF_LESSON, MOST_LESSONS, Catalogue, Instrument
from services.diagnostics.domain.looks import What
from services.diagnostics.scoring import SourceKind

router = doors()

Mark = Annotated[int, Field(strict=True, ge=0, le=3)]
Marks = Annotated[dict[str, Annotated[list[Mark], Field(max_length=4)] | None], Field(max_length=60)]
Number = Annotated[int, Path(ge=1, le=MOST_LESSONS)]


class Criterion(BaseModel):
    """What to look for; it belongs to a level, which nobody marks."""

    ru: str
    en: str


class Rubric(BaseModel):
    """The criteria of one competency, the easiest first; each mark runs from 0 to `highest`."""

    competency: str
    highest: int
    criteria: list[Criterion]


class LessonMarks(BaseModel):
    """By competency a mark for each criterion: 0 not seen, 1 once, 2 several times, 3 all the time.

    Null says that the lesson gave no occasion. With `is_final` the lesson counts, and changes no more.
    """

    marks: Marks
    is_final: StrictBool = False


class Lesson(LessonMarks):
    """A lesson as it is marked now."""

    lesson: int


class LessonNotes(BaseModel):
    """What I noted in a lesson; the person observed reads it from `given_at` on."""

    lesson: int
    text: str
    given_at: datetime | None


class Observed(BaseModel):
    """What I am asked to see of a person, and the lessons that I have marked and noted so far."""

    person_id: UUID
    rubrics: list[Rubric]
    minutes: int
    lessons: list[Lesson]
    notes: list[LessonNotes]


class LessonStep(BaseModel):
    """A lesson that I have begun, and whether it is given."""

    lesson: int
    is_final: bool


class Asked(BaseModel):
    """Somebody whom I was asked to see, in what, and how far I am; `minutes` is an estimate for one lesson."""

    person_id: UUID
    competencies: list[str]
    minutes: int
    lessons: list[LessonStep]


@router.get("/schools/{school}/my/observations/{campaign_id}", dependencies=[require("observer")])
async def list_my_observations(
    request: Request,
    looks: Looks,
    school: str,
    campaign_id: UUID,
    me: Me,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Asked]:
    """Everybody whom I was asked to see in a campaign, by id, and how far I am with each; empty for nobody."""
    last = after_id(after)
    async with db_of(request).transaction(school) as tx:
        assigned = await store.observers.of_observer(tx, school, campaign_id, me.me)
        people = [person for person in sorted(assigned) if person > last][: limit + 1]
        steps = await store.rubrics.steps_by(tx, campaign_id, me.me, people)
    minutes = instruments_of(request).minutes
    page = page_of(
        people,
        limit,
        key=str,
        item=lambda person: Asked(
            person_id=person,
            competencies=list(assigned[person]),
            minutes=minutes(Instrument.OBSERVATION, len(assigned[person])),
            lessons=[LessonStep(lesson=number, is_final=is_final) for number, is_final in steps[person]],
        ),
    )
    await looks.saw(What.LESSONS, [one.person_id for one in page.items])
    return page


@router.get("/schools/{school}/my/observations/{campaign_id}/{person_id}", dependencies=[require("observer")])
async def get_my_observation(
    request: Request, looks: Looks, school: str, campaign_id: UUID, person_id: UUID, me: Me
) -> Observed:
    """The rubric for a person who was assigned to me, with my lessons; `minutes` is an estimate for one lesson."""
    async with db_of(request).transaction(school) as tx:
        assigned = await store.observers.of_observer(tx, school, campaign_id, me.me)
        part = await store.sheets.seen_part(tx, school, campaign_id, person_id)
        if part is None or person_id not in assigned:
            raise Missing("sheet.unknown", field="person_id")
        lessons = await store.rubrics.lessons_by(tx, part, me.me)
        notes = await store.lesson_notes.by(tx, store.SheetKey(campaign_id, person_id, SourceKind.OBS, me.me))
    await looks.saw(What.LESSONS, [person_id])
    codes = assigned[person_id]
    return Observed(
        person_id=person_id,
        rubrics=[rubric_of(catalogue_of(request), code, highest=HIGHEST_OF_LESSON) for code in codes],
        minutes=instruments_of(request).minutes(Instrument.OBSERVATION, len(codes)),
        lessons=[_lesson(each) for each in lessons.values()],
        notes=[LessonNotes(lesson=one.lesson, text=one.text, given_at=one.given_at) for one in notes.values()],
    )


@router.put(
    "/schools/{school}/my/observations/{campaign_id}/{person_id}/lessons/{lesson}", dependencies=[require("observer")]
)
async def observe_lesson(
    request: Request,
    looks: Looks,
    school: str,
    campaign_id: UUID,
    person_id: UUID,
    lesson: Number,
    given: LessonMarks,
    me: Me,
) -> Lesson:
    """Keep what I saw in the first, second … lesson, competency by competency; a competency counts from two on."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.OBS, me.me)
    seen = store.Lesson(lesson, given.marks, given.is_final)
    kept = await actions.observe_lesson(db_of(request), catalogue_of(request), school, key=key, lesson=seen)
    await looks.changed(What.LESSONS, [person_id])
    return _lesson(kept)


def rubric_of(catalogue: Catalogue, code: str, *, highest: int) -> Rubric:
    """The criteria of a competency as observers read them."""
    criteria = domain.rubric_for(catalogue, code)
    return Rubric(
        competency=code,
        highest=highest,
        criteria=[Criterion(ru=each.words.ru, en=each.words.en) for each in criteria],
    )


def _lesson(lesson: store.Lesson) -> Lesson:
    marks = {code: None if given is None else list(given) for code, given in lesson.marks.items()}
    return Lesson(lesson=lesson.number, marks=marks, is_final=lesson.is_final)
