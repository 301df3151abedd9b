"""Doors of everyone at the school: my forms and my profile."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.database import Row
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from contracts.diagnostics import CompetencyClass
from services.diagnostics import actions, store
from services.diagnostics.api.doors import catalogue_of, db_of
from services.diagnostics.domain import AnswerSheet
from services.diagnostics.scoring import Assessment, Confidence, SourceKind

router = APIRouter()

Level = Annotated[int, Field(ge=1, le=5)]
Answers = Annotated[dict[str, Level | None], Field(max_length=60)]


class OwnForm(BaseModel):
    """My own form as far as I have filled it in."""

    competencies: list[str]
    answered: int
    is_final: bool
    answers: dict[str, Level | None]


class OtherForm(BaseModel):
    """A form about somebody else that waits for me, or that I have given."""

    person_id: UUID
    competencies: list[str]
    is_done: bool


class Forms(BaseModel):
    """An open campaign and what it asks of me; `self` is empty for who only observes or rates."""

    model_config = ConfigDict(populate_by_name=True)

    campaign_id: UUID
    cycle_id: UUID
    wave: int
    closes_on: date
    own: OwnForm | None = Field(default=None, alias="self")
    colleagues: list[OtherForm] = []
    observations: list[OtherForm] = []


class OwnAnswers(BaseModel):
    """Answers about myself: a level per competency, null for "not applicable"; save and return until it is final."""

    answers: Answers
    is_final: bool = False


class Rating(BaseModel):
    """Answers about a colleague whose work I saw; null for "not seen"."""

    answers: Answers


class Observation(Rating):
    """Answers about the lessons that I observed; null for "not seen"."""

    lessons: int = Field(default=2, ge=1, le=20)


class Kept(BaseModel):
    """What stands on the sheet now."""

    answered: int
    is_final: bool


class Mark(BaseModel):
    """What one kind of source says; colleagues appear from three of them on."""

    source: SourceKind
    level10: int
    count: int


class OwnCompetency(BaseModel):
    """Where I stand in one competency; `level10` and `se10` are ten times the level and its standard error."""

    competency: str
    level10: int
    se10: int
    target: int
    competency_class: CompetencyClass
    confidence: Confidence
    sources: list[SourceKind]
    marks: list[Mark]
    is_released: bool


@router.get("/schools/{school}/my/forms", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_forms(request: Request, school: str, me: Me) -> list[Forms]:
    """What the open campaigns ask of me: about myself, about colleagues, about lessons."""
    async with db_of(request).transaction(school) as tx:
        rows = await store.sheets.laid_out_for(tx, school, me.me)
    campaigns: dict[UUID, list[Row]] = {}
    for row in rows:
        campaigns.setdefault(row["campaign_id"], []).append(row)
    return [_forms(found) for found in campaigns.values()]


@router.put("/schools/{school}/my/forms/{campaign_id}/self", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def answer_about_myself(request: Request, school: str, campaign_id: UUID, given: OwnAnswers, me: Me) -> Kept:
    """Add answers to my own form. With `is_final` it is scored, and nothing on it changes any more."""
    key = store.SheetKey(campaign_id, me.me, SourceKind.SA, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, given.answers, is_final=given.is_final))


@router.put(
    "/schools/{school}/my/forms/{campaign_id}/colleagues/{person_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)]
)
async def rate_colleague(
    request: Request, school: str, campaign_id: UUID, person_id: UUID, given: Rating, me: Me
) -> Kept:
    """Rate a colleague whom the campaign assigned to me, once."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.P360, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, given.answers))


@router.put("/schools/{school}/my/forms/{campaign_id}/observations/{person_id}", dependencies=[require("observer")])
async def observe(
    request: Request, school: str, campaign_id: UUID, person_id: UUID, given: Observation, me: Me
) -> Kept:
    """Record what I observed in the lessons of a person whom the campaign assigned to me, once."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.OBS, me.me)
    return await _keep(request, school, key, new=AnswerSheet(key.source, given.answers, lessons=given.lessons))


@router.get("/schools/{school}/my/profile", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_profile(request: Request, school: str, me: Me, campaign_id: UUID | None = None) -> list[OwnCompetency]:
    """My scored profile in a campaign, the newest one when none is named; nobody else may read it."""
    async with db_of(request).transaction(school) as tx:
        chosen = campaign_id or await store.profiles.latest_campaign(tx, school, me.me)
        found = [] if chosen is None else await store.profiles.own(tx, school, campaign_id=chosen, person=me.me)
    return [_competency(row, assessment) for row, assessment in found]


async def _keep(request: Request, school: str, key: store.SheetKey, *, new: AnswerSheet) -> Kept:
    kept = await actions.keep_answers(db_of(request), catalogue_of(request), school, key=key, new=new)
    return Kept(answered=len(kept.answers), is_final=kept.is_final)


def _forms(rows: Sequence[Row]) -> Forms:
    own = next((row for row in rows if row["source"] == SourceKind.SA), None)
    campaign = rows[0]
    return Forms(
        campaign_id=campaign["campaign_id"],
        cycle_id=campaign["cycle_id"],
        wave=campaign["wave"],
        closes_on=campaign["closes_on"],
        own=None if own is None else _own(own),
        colleagues=_others(rows, SourceKind.P360),
        observations=_others(rows, SourceKind.OBS),
    )


def _own(row: Row) -> OwnForm:
    answers = row["answers"]
    return OwnForm(competencies=row["codes"], answered=len(answers), is_final=row["is_final"], answers=answers)


def _others(rows: Sequence[Row], source: SourceKind) -> list[OtherForm]:
    return [
        OtherForm(person_id=row["person_id"], competencies=row["codes"], is_done=row["is_final"])
        for row in rows
        if row["source"] == source
    ]


def _competency(row: Row, assessment: Assessment) -> OwnCompetency:
    return OwnCompetency(
        competency=row["competency"],
        level10=assessment.level10,
        se10=assessment.error10,
        target=row["target"],
        competency_class=CompetencyClass(assessment.competency_class),
        confidence=assessment.confidence,
        sources=list(assessment.sources),
        marks=[
            Mark(source=mark["source"], level10=int(mark["level"] * 10 + 0.5), count=mark["count"])
            for mark in row["marks"]
        ],
        is_released=bool(row["is_released"]),
    )
