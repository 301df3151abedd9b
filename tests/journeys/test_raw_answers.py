"""Nobody but the owner has a way to a raw answer: every route is walked by every role, before and after it changes.

The routes come from the API descriptions of the services, so that a new one joins by itself. What is compared are
whole answers: once with what a person answered, and once more with all of it changed underneath. An answer that
changes with it depends on what only the owner may know.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from sqlalchemy import Double, Table, and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB

from chassis.doors import VERSION
from contracts.topology import SERVICES
from services.diagnostics.store.tables import metadata
from tests.diagnostics.classroom import Classroom, a_classroom
from tests.stand import Running, Stand

CITY_ROLES = ("analyst", "operator", "auditor")
# Whatever they are set to, they choose or order rows and name nobody.
PASSED_OVER = {"after", "limit", "on", "kind", "state", "variant", "parent", "instrument", "is_undecided"}
# The access log may be asked about one person, one looker, one thing and some days only.
PASSED_OVER |= {"person", "looker", "what", "since", "until"}
# Lists and matrices that can be sought, narrowed and ordered.
PASSED_OVER |= {"name", "role", "has_left", "is_absent", "has_met", "order", "by", "wanted", "place"}
# What the walk itself leaves behind: who looked and how often, never what stood there.
LOGS = {"/looks", "/schools/{school}/my/looks"}
# The columns in which answers about a person are kept, and what is made of them; classes are what a release tells.
RAW = {
    "sheets": ("answers",),
    "profiles": ("level", "error", "marks"),
    "then_tests": ("answers",),
    "test_sittings": ("right_count",),
    "test_answers": ("chosen",),
    "observed_lessons": ("marks",),
    "artefact_ratings": ("marks",),
    "comments": ("text",),
}

# Things that are not there: what diagnostics tells other services of a person are facts without answers.
OTHER_THINGS = (
    "import_id",
    "erasure_id",
    "run_id",
    "survey_id",
    "paper_id",
    "report_id",
    "publication_id",
    "order_id",
    "artefact_id",
    "appeal_id",
    "assignment_id",
)
INDICATOR = "E_DUAL"
TAUGHT = {"school", "place_id", "district", "person_id", "campaign_id", "cycle_id", "competency", "indicator"}
TAUGHT |= {*OTHER_THINGS}
OWNER = "owner"
MARK = "zqxw"
THE_OWNERS = {"/schools/{school}/my/forms", "/schools/{school}/my/profile"}


@dataclass(frozen=True, slots=True)
class Door:
    """A route that is read: its service, its path, and the names that it wants filled in."""

    service: str
    path: str
    in_path: tuple[str, ...]
    in_query: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        return {*self.in_path, *self.in_query}


Answer = tuple[int, bytes]
Answers = dict[tuple[str, Door], Answer]


def doors() -> list[Door]:
    """The GET routes of all services, as the API description of each tells them."""
    return [door for service in SERVICES for door in doors_of(service)]


def doors_of(service: str) -> list[Door]:
    app = FastAPI()
    app.router.routes.extend(importlib.import_module(f"services.{service}.api").router.routes)
    return [
        Door(service, path.removeprefix(VERSION), _named(methods["get"], "path"), _named(methods["get"], "query"))
        for path, methods in app.openapi()["paths"].items()
        if "get" in methods and path.removeprefix(VERSION) not in LOGS
    ]


def _named(route: Mapping[str, Any], place: str) -> tuple[str, ...]:
    told = [one["name"] for one in route.get("parameters", ()) if one["in"] == place]
    return tuple(name for name in told if name not in PASSED_OVER)


@dataclass(frozen=True, slots=True)
class City:
    """All services, and one person of one school whose answers nobody else may read."""

    services: Mapping[str, Running]
    room: Classroom
    owner: UUID
    known: Mapping[str, str]

    async def ask(self, door: Door, headers: Mapping[str, str]) -> Answer:
        path = door.path
        for name in door.in_path:
            path = path.replace(f"{{{name}}}", self.known[name])
        query = {name: self.known[name] for name in door.in_query}
        answer = await self.services[door.service].client.get(path, params=query, headers=dict(headers))
        return answer.status_code, answer.content if answer.is_success else b""

    async def walk(self, callers: Mapping[str, Mapping[str, str]]) -> Answers:
        """What every route answers to every caller; of a refusal only its status, for each has a number of its own."""
        return {(word, door): await self.ask(door, headers) for door in doors() for word, headers in callers.items()}


async def a_city(stand: Stand) -> City:
    """A school in which a person has answered, was rated and observed, has commented and released one competency."""
    room = await a_classroom(stand, teachers=6, observers=2)
    others = {name: await stand.service(name) for name in SERVICES if name != "diagnostics"}
    campaign, owner = await room.opened(), room.teachers[0]
    await room.score(campaign, owner, own=3, seen=2)
    for rater in await room.raters_of(campaign, owner):
        assert (await room.rate(campaign, rater, owner, 2)).status_code == 200
    code = "M02"
    said = await room.call("PUT", f"/my/comments/{room.cycle}/{code}", by=owner, json={"text": f"{MARK} first words"})
    assert said.status_code in (200, 404), said.text
    assert (await room.release(owner, code)).status_code == 200
    known = {
        **{name: str(uuid4()) for name in OTHER_THINGS},
        "school": room.school,
        "place_id": room.school,
        "district": f"district-{uuid4().hex[:8]}",
        "person_id": str(owner),
        "campaign_id": str(campaign),
        "cycle_id": str(room.cycle),
        "competency": code,
        "indicator": INDICATOR,
    }
    assert known.keys() == TAUGHT
    return City({"diagnostics": room.running, **others}, room, owner, known)


async def callers_of(city: City, stand: Stand) -> dict[str, dict[str, str]]:
    """The owner and every role, none of these a colleague or an observer whose own sheet tells of the owner."""
    room = city.room
    asked = await room.raters_of(UUID(city.known["campaign_id"]), city.owner)
    teacher = next(one for one in room.teachers[1:] if one not in asked)
    school = f"/schools/{room.school}"
    groups = {
        OWNER: (city.owner, f"{school}/teacher"),
        "head": (uuid4(), f"{school}/head"),
        "curator": (room.curator, f"{school}/curator"),
        "observer": (uuid4(), f"{school}/observer"),
        "teacher": (teacher, f"{school}/teacher"),
        "coordinator": (uuid4(), f"/districts/{city.known['district']}/coordinator"),
        **{role: (uuid4(), f"/city/{role}") for role in CITY_ROLES},
    }
    return {word: stand.tokens.headers(person, group) for word, (person, group) in groups.items()}


async def change_underneath(city: City) -> None:
    """Turn all that was answered about the owner into something else, in the tables themselves."""
    for name, columns in RAW.items():
        table = metadata.tables.get(name)
        for column in columns if table is not None else ():
            await _change(city.room, table, column, city.owner)


async def _change(room: Classroom, table: Table | None, column: str, owner: UUID) -> None:
    assert table is not None
    keys = [one.name for one in table.primary_key]
    rows_of = select(table).where(table.c.person_id == bindparam("owner")).limit(1000)
    save = (
        update(table)
        .where(and_(*(table.c[key] == bindparam(f"key_{key}") for key in keys)))
        .values({column: bindparam("changed")})
    )
    async with room.running.db.transaction(room.school) as tx:
        for row in await tx.rows(rows_of, {"owner": owner}):
            told = {f"key_{key}": row[key] for key in keys}
            await tx.run(save, {**told, "changed": changed(row[column])})


def changed(value: Any) -> Any:
    """Another value of the same shape: levels from 1 to 5 move, words and shares too."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value % 5 + 1
    if isinstance(value, float):
        return value / 2 + 0.7
    if isinstance(value, list):
        return [changed(one) for one in value]
    if isinstance(value, dict):
        return {key: changed(one) for key, one in value.items()}
    return value.replace("first", "other")


async def test_no_route_tells_anybody_but_the_owner_a_raw_answer(stand: Stand) -> None:
    city = await a_city(stand)
    callers = await callers_of(city, stand)
    before = await city.walk(callers)

    await change_underneath(city)

    told = [key for key, (code, _) in before.items() if code < 300]
    after = {(word, door): await city.ask(door, callers[word]) for word, door in told}
    moved = {(word, door.path) for word, door in told if after[word, door] != before[word, door]}
    assert {word for word, _ in moved} == {OWNER}
    assert {path for _, path in moved} >= THE_OWNERS
    assert {word for (word, _), (_, body) in before.items() if MARK.encode() in body} <= {OWNER}
    assert {key: code for key, (code, _) in before.items() if code == 422 or code >= 500} == {}


def test_every_name_in_a_route_is_known_to_the_walk() -> None:
    untaught = {(door.service, door.path, name) for door in doors() for name in door.names - TAUGHT}

    assert untaught == set(), "teach me what to fill in, or say in PASSED_OVER that it names nobody"


def test_every_place_where_answers_are_kept_is_changed() -> None:
    kept = {
        (table.name, column.name)
        for table in metadata.tables.values()
        if "person_id" in table.c and "school_id" in table.c
        for column in table.c
        if isinstance(column.type, JSONB | Double)
    }

    assert kept - {(name, column) for name, columns in RAW.items() for column in columns} == set()
