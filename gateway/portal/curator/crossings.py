"""Pairs between schools that the district proposes: each curator agrees or refuses for the own side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.catalogue import Catalogue
from gateway.portal.curator.years import Told, at
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment
from gateway.portal.words import in_words, moment

AT_A_TIME = 25


class Answer(BaseModel):
    """Yes or no for the own side."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One proposal of the district in words."""

    crossing_id: str
    person: str
    side: str
    school: str
    competency: str
    why: str
    asked: str
    state: str
    standing: str
    can: tuple[str, ...]


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/health/crossings")
    async def show_crossings(request: Request, school: str, after: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await page(reader, school, after, None)

    @doors.post("/schools/{school}/health/crossings/{crossing_id}")
    async def answer(request: Request, school: str, crossing_id: UUID, said: Annotated[Answer, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        word = "agree" if said.answer == "agree" else "refuse"
        try:
            await reader.talk.post(at("matching", school, f"/crossings/{crossing_id}/{word}"))
        except Refused as refused:
            return await page(reader, school, "", refused)
        return portal.lead(f"/schools/{segment(school)}/health/crossings", said=f"crossing-{word}")

    async def page(reader: Reader, school: str, after: str, wrong: Refused | None) -> HTMLResponse:
        found = await reader.talk.get(at("matching", school, "/crossings"), after=after or None, limit=AT_A_TIME)
        names = await names_of(reader.talk, school, [one["person_id"] for one in found["items"]])
        schools = await _schools(reader, {one["partner_school"] for one in found["items"]})
        words = await portal.catalogue(reader) if found["items"] else None
        return portal.show(
            reader,
            "curator/crossings.html",
            status=wrong.status if wrong else 200,
            school=school,
            crossings=[_shown(reader, one, {**names, **schools}, words) for one in found["items"]],
            following=found["next"],
            wrong=wrong,
        )

    return doors


async def _schools(reader: Reader, ids: set[str]) -> dict[str, str]:
    """The names of other schools, by id."""
    told = [(one, await reader.talk.find(f"/api/registry/v1/places/{segment(one)}")) for one in sorted(ids)]
    return {one: str(found["name"]) for one, found in told if found}


def _shown(reader: Reader, one: Told, names: Mapping[str, str], words: Catalogue | None) -> Shown:
    here = "yes" if one["is_agreed_here"] else "no"
    there = "yes" if one["is_agreed_there"] else "no"
    return Shown(
        crossing_id=one["crossing_id"],
        person=names.get(one["person_id"], "—"),
        side=one["side"],
        school=names.get(one["partner_school"], one["partner_school"]),
        competency=in_words(words, one["competency"]),
        why=one["why"]["sentence"],
        asked=moment(one["asked_at"], reader.language),
        state=one["state"],
        standing=reader.say(f"crossings.here.{here}") + " " + reader.say(f"crossings.there.{there}"),
        can=tuple(one["can"]),
    )
