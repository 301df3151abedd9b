"""One person of the school: posts, roles, role profiles, and how they come in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.curator.people import GIVEABLE, accounts_of, entrance_of, name_of, posts_of
from gateway.portal.curator.years import Told, at
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day

PROFILES = (
    "SUBJECT_TEACHER",
    "PRIMARY_TEACHER",
    "YOUNG_TEACHER",
    "EXTRA_EDUCATION",
    "SUPPORT_SPECIALIST",
    "METHODIST",
    "DEPUTY_HEAD",
    "CLASS_TEACHER",
)


class Roles(BaseModel):
    """The roles that were ticked on the card that the page showed; `closes` takes the last ones away on purpose."""

    roles: list[str] = []
    closes: str = ""
    seen: str = ""


class Profiles(BaseModel):
    """The role profiles that were ticked, from a day on; `as_file` follows the staff file again."""

    profiles: list[str] = []
    valid_from: str = ""
    as_file: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the page shows, and what was wrong with the last wish, of which form."""

    school: str
    person_id: UUID
    wrong: Refused | None = None
    valid_from: str = ""
    ticked: Roles | Profiles | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A person in words."""

    name: str
    posts: str
    since: str
    left: str
    roles: Sequence[str]
    profile_words: str
    profile_source: str
    username: str
    entrance: str
    is_to_come: bool


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/people/{person_id}")
    async def show_person(request: Request, school: str, person_id: UUID) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Asked(school, person_id))

    @doors.post("/schools/{school}/people/{person_id}/roles")
    async def give_roles(request: Request, school: str, person_id: UUID, form: Annotated[Roles, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        path = at("registry", school, f"/people/{person_id}")
        held = (await reader.talk.get(path))["roles"]
        wanted = wanted_roles(held, () if form.closes else form.roles)
        try:
            if held and not wanted and not form.closes:
                raise _no_role(reader)
            await reader.talk.put(f"{path}/roles", {"roles": wanted}, **as_seen(form.seen))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, person_id, refused, ticked=form))
        said = "roles-given" if wanted else "entrance-closed"
        return portal.lead(f"/schools/{segment(school)}/people/{person_id}", said=said)

    @doors.post("/schools/{school}/people/{person_id}/profiles")
    async def assign_profiles(
        request: Request, school: str, person_id: UUID, form: Annotated[Profiles, Form()]
    ) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        wanted = {"profiles": None if form.as_file else form.profiles, "valid_from": form.valid_from}
        try:
            path = at("registry", school, f"/people/{person_id}/role-profiles")
            await reader.talk.put(path, wanted, **as_seen(form.seen))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, person_id, refused, form.valid_from, form))
        return portal.lead(f"/schools/{segment(school)}/people/{person_id}", said="profiles-assigned")

    return doors


def wanted_roles(held: Sequence[str], ticked: Sequence[str]) -> list[str]:
    """The roles that a person is to have: what was ticked, and what is not the curator's to give or take."""
    return [*(role for role in GIVEABLE if role in ticked), *(role for role in held if role not in GIVEABLE)]


def may_close(held: Sequence[str]) -> bool:
    """Can a curator close the entrance: does everything that the person holds come from curators?"""
    return bool(held) and set(held) <= set(GIVEABLE)


def _no_role(reader: Reader) -> Refused:
    """Nothing is ticked: the entrance would close by a slip."""
    detail = reader.say("people.no-role")
    return Refused(422, {"detail": detail, "errors": [{"field": "roles", "detail": detail}]})


async def _page(portal: Portal, reader: Reader, asked: Asked) -> HTMLResponse:
    path = at("registry", asked.school, f"/people/{asked.person_id}")
    card, profiles, accounts = await asyncio.gather(
        reader.talk.send("GET", path),
        reader.talk.send("GET", f"{path}/role-profiles"),
        accounts_of(reader.talk, asked.school, [str(asked.person_id)]),
    )
    account = accounts.get(str(asked.person_id))
    return portal.show(
        reader,
        "curator/person.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        person_id=str(asked.person_id),
        shown=_shown(reader, card.content, profiles.content, account),
        seen={"roles": card.etag, "profiles": profiles.etag},
        ticked=_ticked(asked, card.content, profiles.content),
        giveable=GIVEABLE,
        may_close=may_close(card.content["roles"]),
        all_profiles=PROFILES,
        valid_from=asked.valid_from,
        wrong=asked.wrong,
    )


def _ticked(asked: Asked, person: Told, profiles: Told) -> dict[str, Sequence[str]]:
    """What is ticked in the two forms: what holds now, or what was ticked in the one that was refused."""
    ticked = {"roles": person["roles"], "profiles": [one["code"] for one in profiles["profiles"]]}
    if isinstance(asked.ticked, Roles) and not asked.ticked.closes:
        return {**ticked, "roles": asked.ticked.roles}
    if isinstance(asked.ticked, Profiles) and not asked.ticked.as_file:
        return {**ticked, "profiles": asked.ticked.profiles}
    return ticked


def _shown(reader: Reader, person: Told, profiles: Told, account: Told | None) -> Shown:
    entrance, _ = entrance_of(account)
    source = "people.by-file" if profiles["source"] == "FILE" else "people.by-curator"
    return Shown(
        name=name_of(person),
        posts=posts_of(person),
        since=day(person["joined_on"], reader.language),
        left=day(person["left_on"], reader.language),
        roles=person["roles"],
        profile_words=", ".join(str(one["title"]) for one in profiles["profiles"]),
        profile_source=reader.say(source, day=day(profiles["since"], reader.language) or "—"),
        username=account["username"] if account else "",
        entrance=reader.say(f"people.entrance.{entrance}"),
        is_to_come=entrance == "not-yet",
    )
