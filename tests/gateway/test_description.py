"""One description of the whole API: joined, unique, complete, and true to the doors."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp

from chassis.clock import LocalClock
from chassis.description import describe
from chassis.identity import EVERYONE, require
from chassis.problems import RESPONSES
from gateway.description import operations_of
from gateway.door import PUBLIC
from gateway.everywhere import Document, Json
from gateway.proxy import Proxy
from tests.gateway.house import LOCAL, Setting, a_gateway, free_address, serving, visiting
from tests.stand import Stand


class Part(BaseModel):
    name: str


class Thing(BaseModel):
    name: str
    part: Part | None


def a_service(kind: str) -> FastAPI:
    """A service whose names are those of every other one."""
    app = FastAPI(responses=RESPONSES)
    router = APIRouter()

    @router.get("/schools/{school}/things", dependencies=[require("curator", "head")])
    async def list_things(school: str) -> list[Thing]:
        """The things of a school."""
        return []

    @router.put("/schools/{school}/things/{thing_id}", dependencies=[require("curator")])
    async def keep_thing(school: str, thing_id: str, thing: Thing) -> Thing:
        """Keep a thing."""
        return thing

    @router.get("/kinds", dependencies=[require(*EVERYONE, anywhere=True)])
    async def list_kinds() -> list[str]:
        """All kinds."""
        return [kind]

    @router.get("/open/city", openapi_extra={"security": []})
    async def open_city() -> Thing:
        """What anybody may see."""
        return Thing(name=kind, part=None)

    @router.post("/slips:redeem")
    async def redeem_slip(thing: Thing) -> Thing:
        """What anybody may try."""
        return thing

    @app.get("/readyz")
    async def readyz() -> str:
        return "ok"

    app.include_router(router, prefix="/v1")
    describe(app)
    return app


def three_services() -> dict[str, ASGIApp]:
    return {name: a_service(name) for name in ("registry", "reporting", "documents")}


async def described(upstreams: dict[str, ASGIApp], setting: Setting | None = None) -> Document:
    async with visiting(a_gateway(upstreams, setting)) as client:
        answer = await client.get("/api/openapi.json")
    assert answer.status_code == 200
    return cast(Document, answer.json())  # httpx gives Any


def references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def leads_somewhere(document: Document, reference: str) -> bool:
    value: Json = document
    for name in reference.removeprefix("#/").split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value is not None


def schemas_of(document: Document) -> Document:
    components = document["components"]
    assert isinstance(components, dict)
    schemas = components["schemas"]
    assert isinstance(schemas, dict)
    return schemas


async def test_same_names_in_three_services_do_not_collide() -> None:
    document = await described(three_services(), Setting(LOCAL, clock=LocalClock()))

    found = [str(operation["operationId"]) for _, _, operation in operations_of(document)]
    assert len(found) == len(set(found))
    assert {"registry_list_things", "reporting_list_things", "gateway_read_pulse", "gateway_move_clock"} <= set(found)
    assert {"RegistryThing", "ReportingThing", "DocumentsThing"} <= set(schemas_of(document))


async def test_every_reference_leads_somewhere_and_the_problem_stands_there_once() -> None:
    document = await described(three_services())

    assert {reference for reference in references(document) if not leads_somewhere(document, reference)} == set()
    assert [name for name in schemas_of(document) if name.endswith("Problem")] == ["FieldProblem", "Problem"]


async def test_only_v1_of_a_service_is_described_under_its_address() -> None:
    document = await described({"documents": a_service("documents")})

    paths = [path for _, path, _ in operations_of(document)]
    assert "/api/documents/v1/schools/{school}/things" in paths
    assert all(path.startswith(("/api/documents/v1/", "/api/pulse")) for path in paths)


async def test_description_opens_exactly_the_public_operations() -> None:
    document = await described(three_services())

    opened = {(method, path) for method, path, operation in operations_of(document) if operation.get("security") == []}
    assert opened == {(method, f"/api/{service}{path}") for service, method, path in PUBLIC} | {("GET", "/api/pulse")}
    assert document["security"] == [{"bearer": []}, {"session": []}]


async def test_answers_of_the_gateway_itself_are_described_at_every_door() -> None:
    document = await described(three_services())

    told = {(method, path): operation for method, path, operation in operations_of(document)}
    kept = told["PUT", "/api/registry/v1/schools/{school}/things/{thing_id}"]
    listed = told["GET", "/api/registry/v1/schools/{school}/things"]
    assert isinstance(kept["responses"], dict)
    assert isinstance(listed["responses"], dict)
    assert {"413", "429", "503", "504"} <= set(kept["responses"])
    assert "413" not in listed["responses"]
    assert kept["security"] == [{"bearer": []}, {"session": [], "form": []}]
    assert listed["security"] == [{"bearer": []}, {"session": []}]
    whole: Any = document
    limited = whole["components"]["responses"]["TooMany"]
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(limited["headers"])


async def test_errors_are_described_as_what_is_sent() -> None:
    document = await described(three_services())

    for _, _, operation in operations_of(document):
        responses = operation["responses"]
        assert isinstance(responses, dict)
        refused = json.dumps(responses["404"])
        assert "application/problem+json" in refused
        assert "application/json" not in refused
        assert "#/components/schemas/Problem" in refused


async def test_roles_that_a_service_tells_are_described() -> None:
    document = await described({"registry": a_service("registry")})

    guards = {(method, path): operation for method, path, operation in operations_of(document)}
    kept = guards["PUT", "/api/registry/v1/schools/{school}/things/{thing_id}"]
    kinds = guards["GET", "/api/registry/v1/kinds"]
    assert (kept["x-roles"], kept["x-roles-anywhere"]) == (["curator"], False)
    assert (kinds["x-roles"], kinds["x-roles-anywhere"]) == (list(EVERYONE), True)


async def test_description_is_the_same_every_time() -> None:
    first, second = await described(three_services()), await described(three_services())

    assert json.dumps(first) == json.dumps(second)


async def test_remote_service_is_described_like_an_embedded_one() -> None:
    service = a_service("registry")
    embedded = await described({"registry": service})

    async with serving(service) as address:
        remote = await described({"registry": Proxy("registry", address)})

    assert remote == embedded


async def test_absent_service_is_named_and_the_rest_is_described() -> None:
    document = await described({"registry": Proxy("registry", free_address()), "documents": a_service("documents")})

    assert document["x-services-away"] == ["registry"]
    assert any("/api/documents/" in path for _, path, _ in operations_of(document))


async def test_real_service_is_described(stand: Stand) -> None:
    documents = await stand.service("documents")
    document = await described({"documents": documents.app})

    assert {reference for reference in references(document) if not leads_somewhere(document, reference)} == set()
    named = [str(operation["operationId"]) for _, _, operation in operations_of(document)]
    assert "documents_register_paper" in named


@pytest.mark.parametrize(("language", "role"), [("ru", "куратор"), ("en", "curator")])
async def test_page_shows_every_operation_with_its_roles(language: str, role: str) -> None:
    upstreams = three_services()
    document = await described(upstreams)

    async with visiting(a_gateway(upstreams)) as client:
        page = (await client.get(f"/api?lang={language}")).text

    shown = re.findall(r'<span class="method">(\w+)</span><code>([^<]+)</code>', page)
    assert shown == [(method, path) for method, path, _ in operations_of(document)]
    assert f"<li>{role}</li>" in page
    assert "The things of a school." in page
