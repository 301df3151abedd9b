"""The matrix of role, place and operation: whoever the description does not name is turned away at every door.

It is made from the joined description, so that a new operation joins by itself, and it is walked through the gateway
on the real services. Who may come in is not turned away for a role; what the door then says is other tests' matter.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI

from chassis.description import describe
from chassis.identity import EVERYONE, require
from chassis.problems import install_problems
from chassis.testing import TokenFactory
from chassis.texts import Texts
from deploy.local.infrastructure import Infrastructure
from tests.journeys.all_doors import (
    DISTRICT,
    OTHER_DISTRICT,
    OTHER_SCHOOL,
    SCHOOL,
    Answer,
    House,
    Operation,
    a_house,
    a_house_of,
    knock,
)
from tests.stand import Stand

PLACES = (
    f"/schools/{SCHOOL}",
    f"/schools/{OTHER_SCHOOL}",
    f"/districts/{DISTRICT}",
    f"/districts/{OTHER_DISTRICT}",
    "/city",
)
# Nobody needs a token for these; every other operation names its roles.
OPEN = {
    "GET /api/pulse",
    "GET /api/reporting/v1/open/city",
    "POST /api/registry/v1/slips:redeem",
}
NOBODY, NO_GROUP, SERVICE = "nobody", "a person without a group", "a service"
ROLE_NEEDED = "identity.role-needed"
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at the door: the group that they hold, if any, and whether a person stands behind the token."""

    word: str
    group: str | None = None
    is_person: bool = True

    def may(self, operation: Operation) -> bool:
        """What the description promises this caller."""
        if operation.is_open:
            return True
        place, _, role = (self.group or "").rpartition("/")
        return role in (operation.roles or ()) and (operation.is_anywhere or place == operation.place)

    def headers(self, tokens: TokenFactory) -> dict[str, str]:
        """What they send along."""
        if self.word == NOBODY:
            return JSON
        groups = [self.group] if self.group else []
        return {**JSON, **tokens.headers(uuid4() if self.is_person else None, *groups)}


def callers() -> Iterator[Caller]:
    """Every role at every place, as a person and as a school portal with a token of its own; and those without."""
    yield Caller(NOBODY)
    yield Caller(NO_GROUP)
    yield Caller(SERVICE, "/services/tracking", is_person=False)
    for place in PLACES:
        for role in EVERYONE:
            yield Caller(f"{role} at {place}", f"{place}/{role}")
    for role in EVERYONE:
        yield Caller(f"portal as {role}", f"/schools/{SCHOOL}/{role}", is_person=False)


def is_right(caller: Caller, operation: Operation, answer: Answer) -> bool:
    """Is this what the description promises: turned away, or let in as far as roles go?"""
    if caller.may(operation):
        return answer.status < 500 and answer.status != 401 and answer.slug != ROLE_NEEDED
    if caller.word == NOBODY:
        return answer.status == 401
    return answer.status == 403 and answer.slug == ROLE_NEEDED


async def walk(house: House, tokens: TokenFactory) -> tuple[int, list[str]]:
    """How many requests were made, and which answers were not what the description promises."""
    known = [(caller, caller.headers(tokens)) for caller in callers()]
    wrong, made = [], 0
    for operation in house.operations:
        address = operation.address
        for caller, headers in known:
            answer = await knock(house.app, operation.method, address, headers=headers, body=b"{}")
            made += 1
            if not is_right(caller, operation, answer):
                wrong.append(f"{operation.name} for {caller.word}: {answer.status} {answer.slug}")
    return made, wrong


@pytest_asyncio.fixture(scope="module")
async def house(infrastructure: Infrastructure, tokens: TokenFactory) -> AsyncIterator[House]:
    """One for both walks: neither leaves anything in it, and it is dear to build."""
    async with Stand(infrastructure, tokens) as stand, a_house(stand) as built:
        yield built


@pytest.mark.slow
async def test_nobody_comes_in_whom_the_description_does_not_name(
    house: House, tokens: TokenFactory, record_property: Callable[[str, object], None]
) -> None:
    made, wrong = await walk(house, tokens)

    record_property("operations", len(house.operations))
    record_property("requests", made)
    assert wrong == []
    assert made == len(house.operations) * len(list(callers()))


async def test_every_operation_names_its_roles_or_stands_in_the_short_open_list(house: House) -> None:
    operations = house.operations

    assert {one.name for one in operations if one.is_open} == OPEN
    assert {one.name for one in operations if not one.is_open and not one.roles} == set()
    assert {role for one in operations for role in one.roles or ()} <= set(EVERYONE)


def a_sinful_service(tokens: TokenFactory) -> FastAPI:
    """Three doors of which two are not as the description says: one open to all, one shut to whom it names."""
    app = FastAPI()
    app.state.texts = Texts.load("chassis")
    app.state.verifier = tokens.verifier()

    @app.get("/v1/schools/{school}/open", openapi_extra={"x-roles": ["curator"]})
    async def stand_open(school: str) -> str:
        return school

    @app.get("/v1/schools/{school}/shut", dependencies=[require("head"), require("curator")])
    async def stand_shut(school: str) -> str:
        return school

    @app.get("/v1/schools/{school}/right", dependencies=[require("curator")])
    async def stand_right(school: str) -> str:
        return school

    install_problems(app)
    describe(app)
    return app


async def test_door_that_is_not_as_described_is_found(stand: Stand) -> None:
    async with a_house_of({"registry": a_sinful_service(stand.tokens)}, stand) as sinful:
        _, wrong = await walk(sinful, stand.tokens)

    found = {line.partition(" for ")[0].rpartition("/")[2] for line in wrong}
    assert found == {"open", "shut"}
    assert any("open for teacher at /schools/school-there: 200" in line for line in wrong)
    assert any("shut for curator at /schools/school-here: 403" in line for line in wrong)
