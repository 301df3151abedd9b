"""Surveys of the pairs: opened, watched by how many answered, closed; answers are nobody's and shown from five on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.curator.years import Told, at, chosen, cycles_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, segment
from gateway.portal.words import day, number, share


class Opened(BaseModel):
    """A survey as it was typed."""

    survey_id: str = ""
    cycle_id: str = ""
    closes_on: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question with the mean of its marks and what they were."""

    text: str
    mean: str
    marks: str


@dataclass(frozen=True, slots=True)
class Role:
    """How those of one role answered."""

    name: str
    participation: str
    items: Sequence[Item]
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One survey in words."""

    survey_id: str
    closes: str
    is_open: bool
    roles: Sequence[Role]


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/campaign/surveys")
    async def show_surveys(request: Request, school: str) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, school)

    @doors.post("/schools/{school}/campaign/surveys")
    async def open_survey(request: Request, school: str, form: Annotated[Opened, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        wanted = {"cycle_id": form.cycle_id, "closes_on": form.closes_on}
        try:
            await reader.talk.put(at("tracking", school, f"/surveys/{segment(form.survey_id)}"), wanted)
        except Refused as refused:
            return await _page(portal, reader, school, form, refused)
        return portal.lead(f"/schools/{segment(school)}/campaign/surveys", said="survey-opened")

    @doors.post("/schools/{school}/campaign/surveys/{survey_id}/close")
    async def close_survey(request: Request, school: str, survey_id: UUID) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        try:
            await reader.talk.post(at("tracking", school, f"/surveys/{survey_id}/close"))
        except Refused as refused:
            return await _page(portal, reader, school, wrong=refused)
        return portal.lead(f"/schools/{segment(school)}/campaign/surveys", said="survey-closed")

    return doors


async def _page(
    portal: Portal, reader: Reader, school: str, typed: Opened | None = None, wrong: Refused | None = None
) -> HTMLResponse:
    cycle = chosen(await cycles_of(reader.talk, school), "")
    path = at("tracking", school, "/surveys")
    listed = await reader.talk.get(path, cycle_id=cycle["cycle_id"]) if cycle else []
    found = [await reader.talk.get(f"{path}/{one['survey_id']}") for one in listed]
    return portal.show(
        reader,
        "curator/surveys.html",
        status=wrong.status if wrong else 200,
        school=school,
        cycle=cycle,
        surveys=[_shown(reader, one) for one in found],
        typed=typed or Opened(survey_id=str(uuid4()), cycle_id=cycle["cycle_id"] if cycle else ""),
        wrong=wrong,
    )


def _shown(reader: Reader, one: Told) -> Shown:
    is_open = one["state"] == "OPEN"
    roles = [_role(reader, role, is_open=is_open) for role in one["roles"]]
    return Shown(one["survey_id"], day(one["closes_on"], reader.language), is_open, roles)


def _role(reader: Reader, role: Told, *, is_open: bool) -> Role:
    answered, invited = role["answered"], role["invited"]
    counts = role["counts"] or {}
    return Role(
        name=reader.say(f"surveys.role.{role['role']}"),
        participation=reader.say(
            "surveys.participation",
            answered=number(answered, reader.language),
            invited=number(invited, reader.language),
            share=share(answered, invited, reader.language),
        ),
        items=[
            item_of(reader.language, one["text"], counts[one["code"]]) for one in role["items"] if one["code"] in counts
        ],
        is_hidden=not is_open and not counts,
    )


def item_of(language: str, text: str, counts: Mapping[str, int]) -> Item:
    """One question: the mean of its marks, and how many gave which mark."""
    total = sum(counts.values())
    mean = sum(int(mark) * count for mark, count in counts.items()) / total if total else 0
    marks = sorted(counts.items(), key=lambda pair: int(pair[0]))
    told = ", ".join(f"{mark} — {number(count, language)}" for mark, count in marks)
    return Item(text, number(mean, language, "0.0"), told)
