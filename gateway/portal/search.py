"""The search: people and competencies by name, within what the reader may know of either."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from chassis.identity import caller
from chassis.refusals import Forbidden
from gateway.portal.catalogue import Catalogue
from gateway.portal.frame import Hat, hats_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import segment

MOST_SHOWN, SHORTEST, LONGEST = 20, 2, 100
Asked = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found: its name, a line more, and its page where this reader has one."""

    name: str
    note: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Results:
    """What was found of a kind, and whether there is more than is shown."""

    items: Sequence[Found]
    is_more: bool


NOTHING = Results((), is_more=False)


def search_router(portal: Portal) -> APIRouter:
    """The door to the search; `at` and `as` say in which hat one searches."""
    router = APIRouter(include_in_schema=False)

    @router.get("/search")
    async def search(
        request: Request, at: Asked = "", role: Annotated[Asked, Query(alias="as")] = "", q: str = ""
    ) -> HTMLResponse:
        hats = hats_of(await caller(request))
        worn = next((hat for hat in hats if hat == Hat(at, role)), hats[0] if hats else None)
        if worn is None:
            raise Forbidden("identity.role-needed", roles=["teacher"], place="")
        reader = await portal.reader(request, worn.place, worn.role)
        wanted = q.strip()
        is_enough, is_too_long = SHORTEST <= len(wanted) <= LONGEST, len(wanted) > LONGEST
        people = await _people(reader, wanted) if is_enough and _knows_people(worn) else NOTHING
        competencies = _competencies(reader, await portal.catalogue(reader), wanted) if is_enough else NOTHING
        return portal.show(
            reader,
            "search.html",
            status=422 if is_too_long else 200,
            wanted=wanted,
            is_enough=is_enough,
            is_too_short=len(wanted) < SHORTEST,
            too_long=reader.say("search.too-long", count=LONGEST) if is_too_long else "",
            people=people,
            competencies=competencies,
            knows_people=_knows_people(worn),
        )

    return router


def _knows_people(hat: Hat) -> bool:
    return hat.role in ("curator", "head") and hat.place.startswith("schools/")


async def _people(reader: Reader, wanted: str) -> Results:
    school = reader.place.removeprefix("schools/")
    page = await reader.talk.get(
        f"/api/registry/v1/schools/{segment(school)}/people", name=wanted, limit=MOST_SHOWN, order="name"
    )
    return Results([_person(one, reader, school) for one in page["items"]], is_more=page.get("next") is not None)


def _person(one: Mapping[str, Any], reader: Reader, school: str) -> Found:
    name = " ".join(str(one[part]) for part in ("family_name", "given_name", "patronymic") if one.get(part))
    note = ", ".join(str(position["title"]) for position in one.get("positions", ()))
    is_curator = reader.frame.hat.role == "curator"
    return Found(name, note, f"/schools/{segment(school)}/people/{segment(one['person_id'])}" if is_curator else None)


def _competencies(reader: Reader, catalogue: Catalogue, wanted: str) -> Results:
    found = [(code, name) for code, name in catalogue.names.items() if matches(f"{name} {code}", wanted)]
    is_teacher = reader.frame.hat.role == "teacher"
    items = [
        Found(name, catalogue.domain(code).name, f"/{reader.place}/my-profile#{segment(code)}" if is_teacher else None)
        for code, name in found[:MOST_SHOWN]
    ]
    return Results(items, is_more=len(found) > MOST_SHOWN)


def matches(text: str, wanted: str) -> bool:
    """Does each word asked for stand in the text, whatever its case; ё counts as е."""
    plain = _plain(text)
    return all(word in plain for word in _plain(wanted).split())


def _plain(text: str) -> str:
    return text.casefold().replace(chr(0x451), chr(0x435))
