"""The health of pairs: green, amber, red with a word and a reason, those who need a call first; who is away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from gateway.portal.curator.funnel import both
from gateway.portal.curator.pairs import Known, Pair, in_health, in_list
from gateway.portal.curator.people import name_of
from gateway.portal.curator.years import Told, at, chosen, cycles_of
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day, number

AT_A_TIME = 25
WORKING = "working"
STATES = {"opened": "OPENED", "suspended": "SUSPENDED", "completed": "COMPLETED", "terminated": "TERMINATED"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which pairs, from where on, and what was wrong with the last wish."""

    school: str
    show: str = WORKING
    after: str = ""
    wrong: Refused | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of pairs with where the next begins, and the counts by colour."""

    pairs: Sequence[Told]
    following: str | None
    counts: Told | None = None


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/health")
    async def show_health(request: Request, school: str, show: str = WORKING, after: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await page(reader, Asked(school, show if show in STATES else WORKING, after))

    @doors.post("/schools/{school}/health/{assignment_id}/helped")
    async def answer_help(
        request: Request, school: str, assignment_id: UUID, seen: Annotated[str, Form()] = ""
    ) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        try:
            path = at("tracking", school, f"/assignments/{assignment_id}/helped")
            await reader.talk.post(path, **as_seen(seen))
        except Refused as refused:
            return await page(reader, Asked(school, wrong=refused))
        return portal.lead(f"/schools/{segment(school)}/health", said="pair-helped")

    async def page(reader: Reader, asked: Asked) -> HTMLResponse:
        cycle = chosen(await cycles_of(reader.talk, asked.school), "")
        found = await _found(reader, asked, cycle["cycle_id"]) if cycle else Found([], None)
        people = [one for pair in found.pairs for one in both(pair)]
        names = await names_of(reader.talk, asked.school, people)
        known = Known(reader, names, await portal.catalogue(reader) if found.pairs else None)
        return portal.show(
            reader,
            "curator/health.html",
            status=asked.wrong.status if asked.wrong else 200,
            school=asked.school,
            show=asked.show,
            pairs=_shown(known, found, asked.show),
            following=found.following,
            counts=_counts(reader, found),
            absent=await _absent(reader, asked.school),
            wrong=asked.wrong,
        )

    return doors


async def _found(reader: Reader, asked: Asked, cycle_id: str) -> Found:
    where = {"cycle_id": cycle_id, "after": asked.after or None, "limit": AT_A_TIME}
    if asked.show == WORKING:
        found = await reader.talk.get(at("tracking", asked.school, "/health"), order="urgency", **where)
        return Found(found["rows"]["items"], found["rows"]["next"], found)
    found = await reader.talk.get(at("tracking", asked.school, "/assignments"), state=STATES[asked.show], **where)
    return Found(found["items"], found["next"])


def _shown(known: Known, found: Found, show: str) -> list[Pair]:
    in_words = in_health if show == WORKING else in_list
    return [in_words(known, one) for one in found.pairs]


def _counts(reader: Reader, found: Found) -> dict[str, str]:
    if found.counts is None:
        return {}
    return {colour: number(found.counts[colour], reader.language) for colour in ("red", "amber", "green")}


async def _absent(reader: Reader, school: str) -> list[str]:
    """Who is on a long leave today, and until when."""
    page = await reader.talk.get(at("registry", school, "/people"), is_absent=True, has_left=False, limit=100)
    return [
        reader.say("health.away-until", name=name_of(one), day=day(one["absent_to"], reader.language))
        if one["absent_to"]
        else name_of(one)
        for one in page["items"]
    ]
