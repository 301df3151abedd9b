"""Doors of everyone at the school: my forms, saved choice by choice or as whole sheets."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from services.diagnostics import actions, store
from services.diagnostics.api.doors import catalogue_of, db_of, instruments_of
from services.diagnostics.domain import ON_SHEETS, AnswerSheet, Instruments
from services.diagnostics.domain.looks import What
from services.diagnostics.scoring import SourceKind

router = doors()

Level = Annotated[int, Field(strict=True, ge=1, le=5)]
Answers = Annotated[dict[str, Level | None], Field(max_length=60)]


class OwnForm(BaseModel):
    """My own form as far as I have filled it in; `minutes_left` is an estimate by the number of questions."""

    competencies: list[str]
    answered: int
    minutes_left: int
    is_final: bool
    answers: dict[str, Level | None]


class OtherForm(BaseModel):
    """A form about somebody else that waits for me, or that I have given, with my own answers."""

    person_id: UUID
    competencies: list[str]
    answered: int
    minutes_left: int
    is_done: bool
    answers: dict[str, Level | None]


class Forms(BaseModel):
    """An open campaign and what it asks of me; `self` is empty for who only observes or rates."""

    model_config = ConfigDict(populate_by_name=True)

    campaign_id: UUID
    cycle_id: UUID
    wave: int
    opens_on: date | None
    closes_on: date
    own: OwnForm | None = Field(default=None, alias="self")
    colleagues: list[OtherForm] = []
    observations: list[OtherForm] = []


class OwnAnswers(BaseModel):
    """Answers about myself: a level per competency, null for "not applicable"; save and return until it is final."""

    answers: Answers
    is_final: StrictBool = False


class Rating(BaseModel):
    """Answers about a colleague whose work I saw; null for "not seen". It is final together with what was saved."""

    answers: Answers


class Observation(Rating):
    """Answers about the lessons that I observed; null for "not seen"."""

    lessons: int = Field(strict=True, default=2, ge=1, le=20)


class Choice(BaseModel):
    """One choice: a level, or null for "not applicable" of oneself and "not seen" of a colleague."""

    level: Level | None


class Kept(BaseModel):
    """What stands on the sheet now: how many questions of how many are answered, and the minutes left by estimate."""

    answered: int
    asked: int
    minutes_left: int
    is_final: bool


@router.get("/schools/{school}/my/forms", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_forms(request: Request, school: str, me: Me) -> list[Forms]:
    """What the open campaigns ask of me: about myself, about colleagues, about lessons."""
    async with db_of(request).transaction(school) as tx:
        rows = await store.sheets.laid_out_for(tx, school, me.me)
    campaigns: dict[UUID, list[Row]] = {}
    for row in rows:
        campaigns.setdefault(row["campaign_id"], []).append(row)
    return [_forms(found, instruments_of(request)) for found in campaigns.values()]


@router.put("/schools/{school}/my/forms/{campaign_id}/self", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def answer_about_myself(request: Request, school: str, campaign_id: UUID, given: OwnAnswers, me: Me) -> Kept:
    """Add answers to my own form. With `is_final` it is scored, and nothing on it changes any more."""
    key = store.SheetKey(campaign_id, me.me, SourceKind.SA, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, given.answers, is_final=given.is_final))


@router.put("/schools/{school}/my/forms/{campaign_id}/self/{competency}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def choose_about_myself(
    request: Request, school: str, campaign_id: UUID, competency: str, choice: Choice, me: Me
) -> Kept:
    """Keep one choice about myself at once; the form is handed in by `…/self` with `is_final` and no answers."""
    key = store.SheetKey(campaign_id, me.me, SourceKind.SA, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, {competency: choice.level}, is_final=False))


@router.put(
    "/schools/{school}/my/forms/{campaign_id}/colleagues/{person_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)]
)
async def rate_colleague(
    request: Request, school: str, campaign_id: UUID, person_id: UUID, given: Rating, me: Me
) -> Kept:
    """Rate a colleague whom the campaign assigned to me, once; no answers hand in what was saved choice by choice."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.P360, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, given.answers))


@router.put(
    "/schools/{school}/my/forms/{campaign_id}/colleagues/{person_id}/{competency}",
    dependencies=[require(*EVERYONE_AT_SCHOOL)],
)
async def choose_about_colleague(
    request: Request, school: str, campaign_id: UUID, person_id: UUID, competency: str, choice: Choice, me: Me
) -> Kept:
    """Keep one choice about a colleague at once; nobody else sees it, and it counts when the form is handed in."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.P360, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, {competency: choice.level}, is_final=False))


@router.put("/schools/{school}/my/forms/{campaign_id}/observations/{person_id}", dependencies=[require("observer")])
async def observe(
    request: Request, looks: Looks, school: str, campaign_id: UUID, person_id: UUID, given: Observation, me: Me
) -> Kept:
    """Record levels seen in the lessons of a person whom the campaign assigned to me, once; from two lessons on
    they count."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.OBS, me.me)
    kept = await _keep(request, school, key, new=AnswerSheet(key.source, given.answers, lessons=given.lessons))
    await looks.changed(What.LESSONS, [person_id])
    return kept


async def _keep(request: Request, school: str, key: store.SheetKey, *, new: AnswerSheet) -> Kept:
    kept = await actions.keep_answers(db_of(request), catalogue_of(request), school, key=key, new=new)
    asked, answered = len(kept.asked), len(kept.known.answers)
    left = 0 if kept.known.is_final else asked - answered
    return Kept(
        answered=answered,
        asked=asked,
        minutes_left=instruments_of(request).minutes(ON_SHEETS[key.source], left),
        is_final=kept.known.is_final,
    )


def _forms(rows: Sequence[Row], instruments: Instruments) -> Forms:
    own = next((row for row in rows if row["source"] == SourceKind.SA), None)
    campaign = rows[0]
    return Forms(
        campaign_id=campaign["campaign_id"],
        cycle_id=campaign["cycle_id"],
        wave=campaign["wave"],
        opens_on=campaign["opens_on"],
        closes_on=campaign["closes_on"],
        own=None if own is None else _own(own, instruments),
        colleagues=_others(rows, SourceKind.P360, instruments),
        observations=_others(rows, SourceKind.OBS, instruments),
    )


def _minutes_left(row: Row, instruments: Instruments) -> int:
    left = 0 if row["is_final"] else len(row["codes"]) - len(row["answers"])
    return instruments.minutes(ON_SHEETS[row["source"]], left)


def _own(row: Row, instruments: Instruments) -> OwnForm:
    answers = row["answers"]
    return OwnForm(
        competencies=row["codes"],
        answered=len(answers),
        minutes_left=_minutes_left(row, instruments),
        is_final=row["is_final"],
        answers=answers,
    )


def _others(rows: Sequence[Row], source: SourceKind, instruments: Instruments) -> list[OtherForm]:
    return [
        OtherForm(
            person_id=row["person_id"],
            competencies=row["codes"],
            answered=len(row["answers"]),
            minutes_left=_minutes_left(row, instruments),
            is_done=row["is_final"],
            answers=row["answers"],
        )
        for row in rows
        if row["source"] == source and (not row["is_by_default"] or ON_SHEETS[source] in row["instruments"])
    ]
