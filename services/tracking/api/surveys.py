"""HTTP doors of surveys: the curator asks and closes, people answer without a trace."""

from datetime import date
from typing import Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, StrictInt

from chassis.days import PlainDay
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from services.tracking import actions, domain
from services.tracking.api.doors import caller_of, db_of, say

router = doors("/schools/{school}")
FOR_CURATOR = [require("curator")]
FOR_EVERYONE = [require(*EVERYONE_AT_SCHOOL)]

Role = Literal["mentor", "mentee"]


class NewSurvey(BaseModel):
    """A survey of the pairs of a cycle; `closes_on` is the last day for answers."""

    cycle_id: UUID
    closes_on: PlainDay


class Item(BaseModel):
    """A question of a survey, its text in the caller's language and its marks."""

    code: str
    text: str
    low: int
    high: int


class RoleProgress(BaseModel):
    """How many were asked and answered in a role; counts after the close only, and only from five answers on.

    `items` are the questions that the counts speak of, by their codes.
    """

    role: Role
    invited: int
    answered: int
    counts: dict[str, dict[str, int]] | None = None
    items: list[Item] = []


class ListedSurvey(BaseModel):
    """A survey in a list."""

    survey_id: UUID
    closes_on: date
    state: Literal["OPEN", "CLOSED"]


class Survey(BaseModel):
    """A survey and how it goes."""

    survey_id: UUID
    cycle_id: UUID
    closes_on: date
    state: Literal["OPEN", "CLOSED"]
    roles: list[RoleProgress]


class Question(BaseModel):
    """A survey that asks me in a role."""

    survey_id: UUID
    cycle_id: UUID
    closes_on: date
    role: Role
    is_answered: bool
    items: list[Item]


class Answers(BaseModel):
    """Marks by the codes of items; items may be left out."""

    items: dict[str, StrictInt] = Field(max_length=len(domain.ITEMS), examples=[{"satisfaction": 5, "recommend": 9}])


class Answered(BaseModel):
    """The answer is counted, now or since the first time."""

    role: Role
    is_answered: bool = True


@router.put("/surveys/{survey_id}", dependencies=FOR_CURATOR, status_code=201)
async def open_survey(request: Request, response: Response, school: str, survey_id: UUID, body: NewSurvey) -> Survey:
    """Ask the pairs of a cycle. The id is yours to make; a repeat changes nothing (200)."""
    survey = domain.Survey(survey_id, school, cycle_id=body.cycle_id, closes_on=body.closes_on)
    if not await actions.open_survey(db_of(request), survey):
        response.status_code = 200
    return _shown(request, await actions.look_at_survey(db_of(request), school, survey_id))


@router.get("/surveys", dependencies=FOR_CURATOR)
async def list_surveys(request: Request, school: str, cycle_id: UUID) -> list[ListedSurvey]:
    """The surveys of a cycle, the last day first; at most one hundred."""
    found = await actions.surveys_of(db_of(request), school, cycle_id)
    return [ListedSurvey(survey_id=one.survey_id, closes_on=one.closes_on, state=_state(one)) for one in found]


@router.get("/surveys/{survey_id}", dependencies=FOR_CURATOR)
async def show_survey(request: Request, school: str, survey_id: UUID) -> Survey:
    """How many were asked, how many answered."""
    return _shown(request, await actions.look_at_survey(db_of(request), school, survey_id))


@router.post("/surveys/{survey_id}/close", dependencies=FOR_CURATOR)
async def close_survey(request: Request, school: str, survey_id: UUID) -> Survey:
    """Close a survey before its last day. A repeat changes nothing."""
    return _shown(request, await actions.close_survey(db_of(request), school, survey_id))


@router.get("/my/surveys", dependencies=FOR_EVERYONE)
async def list_my_surveys(request: Request, school: str, me: Me) -> list[Question]:
    """The open surveys that ask me, at most one hundred."""
    found = await actions.list_questions(db_of(request), caller_of(school, me))
    return [
        Question(
            survey_id=one.survey.survey_id,
            cycle_id=one.survey.cycle_id,
            closes_on=one.survey.closes_on,
            role=_role(one.role),
            is_answered=one.is_answered,
            items=_items(request, one.role),
        )
        for one in found
    ]


@router.put("/my/surveys/{survey_id}/answers/{role}", dependencies=FOR_EVERYONE)
async def answer_survey(request: Request, school: str, survey_id: UUID, role: Role, body: Answers, me: Me) -> Answered:
    """Answer in a role. Nobody can find out whose answer it is, so it cannot be changed: a repeat is not counted."""
    await actions.answer_survey(db_of(request), caller_of(school, me), survey_id, role=role, items=body.items)
    return Answered(role=role)


def _role(role: str) -> Role:
    return "mentor" if role == domain.MENTOR else "mentee"


def _state(survey: domain.Survey) -> Literal["OPEN", "CLOSED"]:
    return "OPEN" if survey.is_open else "CLOSED"


def _items(request: Request, role: str) -> list[Item]:
    return [
        Item(code=code, text=say(request, f"survey.{role}.{code}"), low=scale.low, high=scale.high)
        for code, scale in domain.ITEMS.items()
    ]


def _shown(request: Request, progress: actions.Progress) -> Survey:
    survey = progress.survey
    return Survey(
        survey_id=survey.survey_id,
        cycle_id=survey.cycle_id,
        closes_on=survey.closes_on,
        state=_state(survey),
        roles=[
            RoleProgress(
                role=_role(one.role),
                invited=one.invited,
                answered=one.answered,
                counts=one.counts,
                items=_items(request, one.role) if one.counts else [],
            )
            for one in progress.roles
        ],
    )
