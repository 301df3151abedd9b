"""«Журнал доступа»: find the person of a request, and read who saw, changed or exported what of this person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from gateway.portal.privacy.looked import Found, days_of, lookers_in, looks
from gateway.portal.privacy.office import ROOTS, Office, office_of
from gateway.portal.privacy.person import are_namesakes, belongings_of
from gateway.portal.reader import Portal
from gateway.portal.talk import Refused, Talk, segment

FIND = "privacy/find.html"
LOG = "privacy/log.html"
# What a person may ask for, in the order in which it is asked most.
REQUESTS = ("look", "copy", "correct", "withdraw", "erase")


class Sought(BaseModel):
    """Whom a request is about, as it was typed."""

    place_id: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which looks are asked for; empty is everything."""

    since: str = ""
    until: str = ""
    after: str = ""

    @property
    def wishes(self) -> Mapping[str, str]:
        """What was chosen, as the API asks it."""
        return {name: getattr(self, name) for name in ("since", "until", "after") if getattr(self, name)}


def doors(portal: Portal) -> APIRouter:
    """The doors of the log: to find somebody, to read the log of a school and of a person."""
    router = APIRouter(include_in_schema=False)

    async def show_search(request: Request, at: str = "") -> Response:
        office = await office_of(portal, request)
        if at:
            # The picker of a school names it in a form; the log of a school has an address of its own.
            return portal.lead(f"{office.root}/access-log/{segment(at)}")
        return await _search(portal, office, Sought(place_id=office.school or ""))

    async def find(request: Request, sought: Annotated[Sought, Form()]) -> HTMLResponse:
        # The name is posted and stands in no address, so that no log holds it.
        office = await office_of(portal, request)
        try:
            found = await office.reader.talk.post("/api/registry/v1/people:find", sought.model_dump())
        except Refused as refused:
            return await _search(portal, office, sought, wrong=refused)
        return await _search(portal, office, sought, found=found)

    async def show_school(request: Request, at: str, since: str = "", until: str = "", after: str = "") -> HTMLResponse:
        office = await office_of(portal, request)
        return await _log(portal, office, at, None, Filter(since, until, after))

    async def show_person(
        request: Request, at: str, person: UUID, since: str = "", until: str = "", after: str = ""
    ) -> HTMLResponse:
        office = await office_of(portal, request)
        return await _log(portal, office, at, person, Filter(since, until, after))

    for root in ROOTS:
        router.get(f"{root}/access-log")(show_search)
        router.post(f"{root}/access-log")(find)
        router.get(f"{root}/access-log/{{at}}")(show_school)
        router.get(f"{root}/access-log/{{at}}/{{person}}")(show_person)
    return router


async def _search(
    portal: Portal,
    office: Office,
    sought: Sought,
    *,
    found: list[dict[str, Any]] | None = None,
    wrong: Refused | None = None,
) -> HTMLResponse:
    status = wrong.status if wrong else 200
    facts = {"office": office, "sought": sought, "found": found, "wrong": wrong, "requests": REQUESTS}
    namesakes = are_namesakes(found or ())
    return portal.show(
        office.reader, FIND, status=status, schools=await office.schools(), are_namesakes=namesakes, **facts
    )


async def _log(portal: Portal, office: Office, at: str, person: UUID | None, chosen: Filter) -> HTMLResponse:
    reader, talk = office.reader, office.reader.talk
    place = await portal.known_place(reader, at)
    about = await talk.find(f"/api/registry/v1/people/{person}/erasure") if person else None
    told, wrong = await _lines(office, at, person, chosen)
    found = told or Found((), None, ())
    names = await names_at(talk, at, {*lookers_in(found.rows), *(str(row["person_id"]) for row in found.rows)})
    return portal.show(
        reader,
        LOG,
        status=wrong.status if wrong else 200,
        office=office,
        at=at,
        place_name=str(place["name"]) if place else at,
        schools=await office.schools() if person is None and office.school is None else [],
        person=person,
        about=about,
        belongings=await belongings_of(portal, office, about) if about else [],
        may_read=told is not None,
        chosen=chosen,
        wrong=wrong,
        days=days_of(found.rows, names, language=reader.language, say=reader.say),
        next=found.next,
        away=[reader.say(f"look.service.{service}") for service in found.away],
        page=f"{office.root}/access-log/{segment(at)}" + (f"/{person}" if person else ""),
    )


async def _lines(office: Office, at: str, person: UUID | None, chosen: Filter) -> tuple[Found | None, Refused | None]:
    """The lines that were asked for, or why there are none; nothing at all where the API tells this officer none."""
    whom = {"person": str(person)} if person else {}
    try:
        return await looks(office.reader.talk, "/looks", school=at, **whom, **chosen.wishes), None
    except Refused as refused:
        # A day that is none: the form is shown again with what was typed.
        if refused.status == 422:
            return Found((), None, ()), refused
        if refused.status == 403 and office.district:
            return None, None
        raise


async def names_at(talk: Talk, place: str, people: set[str]) -> dict[str, str]:
    """The names of people of a place, as the officer may know them; nobody whom the place does not know."""
    if not people:
        return {}
    wanted = {"place_id": place, "person_ids": sorted(people)[:500]}
    found = await talk.post("/api/registry/v1/people:name", wanted)
    return {str(one["person_id"]): str(one["full_name"]) for one in found}
