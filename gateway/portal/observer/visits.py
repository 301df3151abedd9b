"""The list of visits: whom I was asked to see, how far I am with each, and the artefacts that wait for my rating."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.observer.post import Post, Visit
from gateway.portal.talk import segment


@dataclass(frozen=True, slots=True)
class ShownLesson:
    """A lesson of somebody: its number, whether it was given, where it is marked."""

    number: int
    is_final: bool
    address: str


@dataclass(frozen=True, slots=True)
class Lessons:
    """The lessons of somebody that I have begun, and where the next one is marked."""

    begun: Sequence[ShownLesson]
    next_address: str | None


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """Somebody whom I was asked to see; `is_done` when a whole sheet was given, which no lesson follows."""

    name: str
    competencies: Sequence[str]
    minutes: int
    lessons: Lessons
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class ShownArtefact:
    """Something that somebody handed in in the competencies that were assigned to me."""

    title: str
    name: str
    is_rated: bool
    address: str


@dataclass(frozen=True, slots=True)
class ShownCampaign:
    """An open campaign with what it asks of me."""

    until: str
    people: Sequence[ShownPerson]
    artefacts: Sequence[ShownArtefact]


# As diagnostics allows it; from two on a competency counts.
MOST_LESSONS, ENOUGH_LESSONS = 5, 2


def doors(post: Post) -> APIRouter:
    """The door to the list."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/visits")
    async def show_visits(request: Request, school: str) -> HTMLResponse:
        visit = await post.open(request, school)
        forms = [form for form in await visit.reader.talk.get(visit.mine("forms")) if form["observations"]]
        campaigns = [await _campaign(post, visit, form) for form in forms]
        return post.show(visit, "observer/visits.html", campaigns=campaigns)

    return router


async def _campaign(post: Post, visit: Visit, form: Mapping[str, Any]) -> ShownCampaign:
    campaign = str(form["campaign_id"])
    done = {str(one["person_id"]) for one in form["observations"] if one["is_done"]}
    talk = visit.reader.talk
    catalogue, reviews, names, asked = await asyncio.gather(
        post.catalogue(visit),
        talk.get(visit.mine(f"reviews/{campaign}")),
        visit.names([str(one["person_id"]) for one in form["observations"]]),
        talk.all_of(visit.mine(f"observations/{campaign}")),
    )
    somebody = visit.reader.say("visits.somebody")
    people = [
        ShownPerson(
            name=names.get(str(one["person_id"]), somebody),
            competencies=[catalogue.name(code) for code in one["competencies"]],
            minutes=int(one["minutes"]),
            lessons=lessons_of(one, visit.page(f"{segment(campaign)}/{segment(one['person_id'])}")),
            is_done=str(one["person_id"]) in done,
        )
        for one in asked
    ]
    artefacts = [
        ShownArtefact(
            title=str(one["title"]),
            name=names.get(str(one["person_id"]), somebody),
            is_rated=bool(one["marks"]),
            address=visit.page(f"{segment(campaign)}/artefacts/{segment(one['artefact_id'])}"),
        )
        for one in reviews
    ]
    until = format_date(date.fromisoformat(str(form["closes_on"])), "d MMMM", locale=visit.reader.language)
    return ShownCampaign(until, people, artefacts)


def lessons_of(asked: Mapping[str, Any], page: str) -> Lessons:
    """The lessons of somebody that I have begun, and where the next one is marked, below the person's page."""
    shown = [
        ShownLesson(int(one["lesson"]), bool(one["is_final"]), f"{page}/{one['lesson']}") for one in asked["lessons"]
    ]
    following = next_lesson(shown)
    return Lessons(shown, f"{page}/{following}" if following else None)


def next_lesson(lessons: Sequence[ShownLesson]) -> int | None:
    """The lesson to go on with: one that was begun, else the next number; none when all are given."""
    begun = [one.number for one in lessons if not one.is_final]
    if begun:
        return begun[0]
    following = max((one.number for one in lessons), default=0) + 1
    return following if following <= MOST_LESSONS else None
