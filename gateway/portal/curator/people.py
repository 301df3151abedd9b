"""The school's people: found by name, with their roles and how they come in; who has not come in yet; somebody new."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.curator.years import Told, at
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, Talk, segment
from gateway.portal.words import day, number

AT_A_TIME = 50
HERE, NEWCOMERS, LEFT = "here", "newcomers", "left"
# What a curator may give; a curator and a head are made by others.
GIVEABLE = ("teacher", "observer")


class Added(BaseModel):
    """Somebody new as typed."""

    person_id: str = ""
    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    roles: list[str] = []


@dataclass(frozen=True, slots=True)
class Sought:
    """Which people the page is to show, from where on, and what was wrong with somebody new."""

    school: str
    show: str = HERE
    name: str = ""
    after: str = ""
    typed: Added | None = None
    wrong: Refused | None = None

    @property
    def root(self) -> str:
        """The page itself."""
        return f"/schools/{segment(self.school)}/people"


@dataclass(frozen=True, slots=True)
class Shown:
    """One person in the list."""

    name: str
    address: str
    posts: str
    roles: Sequence[str]
    profiles: Sequence[str]
    entrance: str
    entrance_kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people, where the next begins, and the counts of those who have not come in."""

    people: Sequence[Shown]
    following: str | None
    counts: Mapping[str, str]


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/people")
    async def show_people(
        request: Request, school: str, show: str = HERE, name: str = "", after: str = ""
    ) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Sought(school, show, name[:100], after))

    @doors.post("/schools/{school}/people")
    async def add_person(request: Request, school: str, form: Annotated[Added, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        wanted = {
            "family_name": form.family_name,
            "given_name": form.given_name,
            "patronymic": form.patronymic.strip() or None,
            "roles": form.roles,
        }
        try:
            await reader.talk.put(at("registry", school, f"/people/{segment(form.person_id)}"), wanted)
        except Refused as refused:
            return await _page(portal, reader, Sought(school, typed=form, wrong=refused))
        return portal.lead(f"/schools/{segment(school)}/people/{segment(form.person_id)}", said="person-added")

    return doors


async def _page(portal: Portal, reader: Reader, sought: Sought) -> HTMLResponse:
    found = await (_newcomers if sought.show == NEWCOMERS else _members)(reader, sought)
    return portal.show(
        reader,
        "curator/people.html",
        status=sought.wrong.status if sought.wrong else 200,
        school=sought.school,
        sought=sought,
        found=found,
        giveable=GIVEABLE,
        typed=sought.typed or Added(person_id=str(uuid4()), roles=["teacher"]),
        wrong=sought.wrong,
    )


async def _members(reader: Reader, sought: Sought) -> Found:
    people, newcomers = await asyncio.gather(
        reader.talk.get(
            at("registry", sought.school, "/people"),
            order="name",
            name=sought.name or None,
            has_left=sought.show == LEFT,
            after=sought.after or None,
            limit=AT_A_TIME,
        ),
        reader.talk.get(at("registry", sought.school, "/newcomers"), limit=1),
    )
    known = await accounts_of(reader.talk, sought.school, [one["person_id"] for one in people["items"]])
    shown = [_member(reader, sought, person, known.get(person["person_id"])) for person in people["items"]]
    return Found(shown, people["next"], _counts(reader, newcomers))


async def accounts_of(talk: Talk, school: str, people: Sequence[str]) -> dict[str, Told]:
    """The accounts of some people of a school, by person; one that was not opened is missing."""
    if not people:
        return {}
    found = await talk.get(at("registry", school, "/accounts"), person_id=people, limit=len(people))
    return {str(one["person_id"]): one for one in found["items"]}


async def _newcomers(reader: Reader, sought: Sought) -> Found:
    path = at("registry", sought.school, "/newcomers")
    page = await reader.talk.get(path, after=sought.after or None, limit=AT_A_TIME)
    shown = [
        Shown(
            name=one["full_name"],
            address=f"{sought.root}/{one['person_id']}",
            posts=one["username"],
            roles=(),
            profiles=(),
            entrance=reader.say(f"people.slip.{one['state']}"),
            entrance_kind="watch" if one["state"] == "NO_SLIP" else "plain",
            note="",
        )
        for one in page["items"]
    ]
    return Found(shown, page["next"], _counts(reader, page))


def _counts(reader: Reader, newcomers: Told) -> Mapping[str, str]:
    return {name: number(newcomers[name], reader.language) for name in ("people", "not_come_in", "with_slip")}


def _member(reader: Reader, sought: Sought, person: Told, account: Told | None) -> Shown:
    entrance, kind = entrance_of(account)
    left = reader.say("people.left-on", day=day(person["left_on"], reader.language)) if person["left_on"] else ""
    return Shown(
        name=name_of(person),
        address=f"{sought.root}/{person['person_id']}",
        posts=posts_of(person),
        roles=[reader.say(f"role.{role}") for role in person["roles"]],
        profiles=[reader.say(f"people.profile.{code}") for code in person["role_profiles"]],
        entrance=reader.say(f"people.entrance.{entrance}"),
        entrance_kind=kind,
        note=left,
    )


def name_of(person: Told) -> str:
    """How a person is called in full."""
    return " ".join(filter(None, (person["family_name"], person["given_name"], person.get("patronymic"))))


def posts_of(person: Told) -> str:
    """The posts of a person, each once."""
    return ", ".join(dict.fromkeys(str(one["title"]) for one in person["positions"]))


def entrance_of(account: Told | None) -> tuple[str, str]:
    """How somebody comes in, as the end of a text's slug, and the kind of its chip."""
    if account is None:
        return "none", "plain"
    if account["state"] != "READY":
        return str(account["state"]).lower(), "plain"
    return ("came", "good") if account["has_signed_in"] else ("not-yet", "watch")
