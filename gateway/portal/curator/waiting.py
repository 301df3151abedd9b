"""Everybody whom one step of the funnel waits for, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.refusals import Missing
from gateway.portal.curator.standing import asked_people, quiet_people
from gateway.portal.curator.years import AT_ONCE, at, campaigns_of, is_id
from gateway.portal.reader import Portal, names_of
from gateway.portal.talk import Talk, segment

AT_A_TIME = 100
# Of pairs that still wait for something; a school that has more looks again when some of them have moved on.
MOST = AT_ONCE - 1
# Which campaign and which instrument the step waits for.
DUE = {"answered": (1, "SELF"), "scored": (1, "COLLEAGUES"), "second": (2, "SELF")}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list, and where in it."""

    school: str
    step: str
    cycle_id: str
    after: str = ""


def router(portal: Portal) -> APIRouter:
    """The door of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/cycle/waiting/{step}")
    async def show_waiting(request: Request, school: str, step: str, cycle: str, after: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        if not is_id(cycle):
            raise Missing("http.not-found")
        people, following = await _waiting(reader.talk, Asked(school, step, cycle, after))
        names = await names_of(reader.talk, school, people)
        return portal.show(
            reader,
            "curator/waiting.html",
            names=sorted(names[one] for one in people if one in names),
            step=step,
            back=f"/schools/{segment(school)}/cycle?cycle={cycle}",
            address=f"/schools/{segment(school)}/cycle/waiting/{step}?cycle={cycle}",
            following=following,
        )

    return doors


async def _waiting(talk: Talk, asked: Asked) -> tuple[Sequence[str], str | None]:
    """A page of people, and where the next page begins."""
    if asked.step in DUE:
        return await _due(talk, asked)
    if asked.step == "invited":
        found = await talk.get(at("registry", asked.school, "/newcomers"), limit=AT_A_TIME, after=asked.after)
        return [one["person_id"] for one in found["items"]], found["next"]
    if asked.step == "agreed":
        return _part(await asked_people(talk, asked.school, asked.cycle_id, MOST), asked.after)
    if asked.step == "met":
        return _part(await quiet_people(talk, asked.school, asked.cycle_id, MOST), asked.after)
    raise Missing("http.not-found")


async def _due(talk: Talk, asked: Asked) -> tuple[Sequence[str], str | None]:
    wave, instrument = DUE[asked.step]
    campaign = (await campaigns_of(talk, asked.school, asked.cycle_id)).get(wave)
    if campaign is None:
        return [], None
    path = at("diagnostics", asked.school, f"/campaigns/{campaign['campaign_id']}/due")
    found = await talk.get(path, instrument=instrument, limit=AT_A_TIME, after=asked.after)
    return [one["person_id"] for one in found["items"]], found["next"]


def _part(people: Sequence[str], after: str) -> tuple[Sequence[str], str | None]:
    begin = int(after) if after.isascii() and after.isdecimal() and len(after) < 7 else 0
    end = begin + AT_A_TIME
    return people[begin:end], str(end) if len(people) > end else None
