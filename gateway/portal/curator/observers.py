"""Who observes whom: the opening lays out one observer for each person, the curator assigns others and releases."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.catalogue import Catalogue
from gateway.portal.curator.people import name_of
from gateway.portal.curator.years import AT_ONCE, Told, at, campaigns_of, chosen, cycles_of, is_id
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, as_seen, segment

AT_A_TIME = 25
_BETWEEN = re.compile(r"[\s,;]+")


class Wish(BaseModel):
    """An observer for a person, and in which competencies.

    `seen` is the assignment that is taken back; `tags` are those of the person that the page showed, each with its
    observer before it, for whoever of them is chosen; `after` is the part of the list that the page showed.
    """

    campaign_id: str = ""
    observer_id: str = ""
    person_id: str = ""
    competencies: str = ""
    seen: str = ""
    tags: list[str] = []
    after: str = ""

    @property
    def seen_of_chosen(self) -> str:
        """The assignment of the chosen observer as the page showed it; empty for a new observer."""
        known = dict(one.split(" ", 1) for one in self.tags if " " in one)
        return known.get(self.observer_id, "")


@dataclass(frozen=True, slots=True)
class Shown:
    """Who observes whom, in words; the competencies as the form takes them, and each by its code and name."""

    person_id: str
    person: str
    observer_id: str
    observer: str
    competencies: str
    named: Sequence[str]
    seen: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Where in the list, and what was wrong with the last wish."""

    school: str
    after: str = ""
    wish: Wish | None = None
    wrong: Refused | None = None


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/campaign/observers")
    async def show_observers(request: Request, school: str, after: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Asked(school, after))

    @doors.post("/schools/{school}/campaign/observers")
    async def assign(request: Request, school: str, wish: Annotated[Wish, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        codes = [code.upper() for code in _BETWEEN.split(wish.competencies.strip()) if code]
        try:
            if not is_id(wish.observer_id):
                raise _nobody(reader)
            await reader.talk.put(_address(school, wish), {"competencies": codes}, **as_seen(wish.seen_of_chosen))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, wish.after, wish, refused))
        return portal.lead(f"/schools/{segment(school)}/campaign/observers", said="observer-assigned")

    @doors.post("/schools/{school}/campaign/observers/release")
    async def release(request: Request, school: str, wish: Annotated[Wish, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        try:
            await reader.talk.delete(_address(school, wish), **as_seen(wish.seen))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, wish.after, wish, refused))
        return portal.lead(f"/schools/{segment(school)}/campaign/observers", said="observer-released")

    return doors


def _nobody(reader: Reader) -> Refused:
    """No observer was chosen: a school may have none yet."""
    detail = reader.say("observers.choose")
    return Refused(422, {"detail": detail, "errors": [{"field": "observer_id", "detail": detail}]})


def _address(school: str, wish: Wish) -> str:
    campaign, observer, person = (segment(one) for one in (wish.campaign_id, wish.observer_id, wish.person_id))
    return at("diagnostics", school, f"/campaigns/{campaign}/observers/{observer}/people/{person}")


async def current_campaign(reader: Reader, school: str) -> Told | None:
    """The open campaign of the school's year, else its latest."""
    cycle = chosen(await cycles_of(reader.talk, school), "")
    waves = await campaigns_of(reader.talk, school, cycle["cycle_id"]) if cycle else {}
    is_open = next((one for one in waves.values() if one["state"] == "OPEN"), None)
    return is_open or (waves[max(waves)] if waves else None)


async def _page(portal: Portal, reader: Reader, asked: Asked) -> HTMLResponse:
    campaign = await current_campaign(reader, asked.school)
    names = await portal.catalogue(reader) if campaign else None
    shown, following = await _assigned(reader, asked, campaign, names) if campaign and names else ([], None)
    is_open = campaign is not None and campaign["state"] == "OPEN"
    wish = asked.wish or Wish()
    return portal.show(
        reader,
        "curator/observers.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        campaign=campaign,
        is_open=is_open,
        shown=shown,
        after=asked.after,
        following=following,
        observers=await _observers(reader, asked.school) if is_open else [],
        wish=wish,
        wrong=asked.wrong,
        wrong_line=next((line for line, one in enumerate(shown, 1) if one.person_id == wish.person_id), 0),
    )


async def _assigned(
    reader: Reader, asked: Asked, campaign: Told, catalogue: Catalogue
) -> tuple[Sequence[Shown], str | None]:
    path = at("diagnostics", asked.school, f"/campaigns/{campaign['campaign_id']}/observers")
    assigned = await reader.talk.all_of(path, limit=AT_ONCE)
    people = [one[side] for one in assigned for side in ("person_id", "observer_id")]
    names = await names_of(reader.talk, asked.school, people)
    part, following = _part(sorted(assigned, key=lambda one: _by_name(one, names)), asked.after)
    return [
        Shown(
            person_id=one["person_id"],
            person=names.get(one["person_id"], "—"),
            observer_id=one["observer_id"],
            observer=names.get(one["observer_id"], "—"),
            competencies=" ".join(one["competencies"]),
            named=[f"{code} · {catalogue.name(code)}" for code in one["competencies"]],
            seen=one["etag"],
        )
        for one in part
    ], following


def _by_name(one: Told, names: Mapping[str, str]) -> tuple[str, str]:
    return names.get(one["person_id"], ""), names.get(one["observer_id"], "")


def _part(assigned: Sequence[Told], after: str) -> tuple[Sequence[Told], str | None]:
    """A page of a list that is told whole, because only here its people have names to be in the order of."""
    begin = int(after) if after.isdecimal() else 0
    end = begin + AT_A_TIME
    return assigned[begin:end], str(end) if end < len(assigned) else None


async def _observers(reader: Reader, school: str) -> list[tuple[str, str]]:
    path = at("registry", school, "/people")
    found = await reader.talk.get(path, role="observer", has_left=False, limit=500)
    return [(one["person_id"], name_of(one)) for one in found["items"]]
