"""The whole API as one house: six services behind the gateway in one process, every operation of its description."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from fastapi import FastAPI
from starlette.types import ASGIApp, Message

from chassis.testing import ISSUER, eventually
from contracts.topology import SERVICES
from deploy.local.city import WIDE
from gateway.description import operations_of
from gateway.everywhere import Document
from gateway.settings import GatewaySettings
from tests.gateway.house import Setting, a_gateway, visiting
from tests.stand import Stand

NAMES = UUID("6f0c2c2e-0f0a-4c0e-8a55-6d1f6d6f7a10")
SCHOOL, OTHER_SCHOOL = "school-here", "school-there"
DISTRICT, OTHER_DISTRICT = "district-here", "district-there"
IN_PATH = re.compile(r"\{(\w+)\}")
# What stands in a path where an id of no kind would be refused for its shape.
WORDS = {
    "school": SCHOOL,
    "district": DISTRICT,
    "place_id": SCHOOL,
    "successor_id": OTHER_SCHOOL,
    "competency": "M02",
    "lesson": "1",
    "number": "1",
    "purpose": "PHOTO_VIDEO",
    "role": "mentor",
    "valid_from": "2026-09-01",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the description, and who may."""

    method: str
    path: str
    roles: tuple[str, ...] | None
    is_anywhere: bool
    is_open: bool
    told: Document

    @property
    def name(self) -> str:
        """As a line of the matrix says it."""
        return f"{self.method} {self.path}"

    @property
    def place(self) -> str:
        """The place at which a role must be held."""
        if "{school}" in self.path:
            return f"/schools/{SCHOOL}"
        return f"/districts/{DISTRICT}" if "{district}" in self.path else "/city"

    @property
    def address(self) -> str:
        """The path with every name in it filled in."""
        return IN_PATH.sub(lambda found: WORDS.get(found[1]) or str(uuid5(NAMES, found[1])), self.path)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers by lower name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def slug(self) -> str:
        """The slug of a problem; empty for anything else."""
        if self.headers.get("content-type") != "application/problem+json":
            return ""
        told: dict[str, Any] = json.loads(self.body)
        return str(told["type"]).removeprefix("urn:neo:problem:")


@dataclass(frozen=True, slots=True)
class House:
    """A running house and its description."""

    app: FastAPI
    document: Document

    @property
    def operations(self) -> list[Operation]:
        """Every operation of the joined description."""
        return [_operation(method, path, told) for method, path, told in operations_of(self.document)]


@asynccontextmanager
async def a_house(stand: Stand) -> AsyncIterator[House]:
    """All services behind one gateway, each the real thing on real servers."""
    upstreams: dict[str, ASGIApp] = {name: (await stand.service(name)).app for name in SERVICES}
    async with a_house_of(upstreams, stand) as house:
        yield house


@asynccontextmanager
async def a_house_of(upstreams: Mapping[str, ASGIApp], stand: Stand) -> AsyncIterator[House]:
    """A gateway in production mode over these upstreams; nobody is counted out."""
    settings = GatewaySettings(issuer=ISSUER, limits=WIDE)
    app = a_gateway(upstreams, Setting(settings, verifier=stand.tokens.verifier()))
    async with visiting(app) as client:

        async def away() -> object:
            # On a busy machine a service may tell too late for the first who asks; without it half would go untried.
            return (await client.get("/api/openapi.json")).json().get("x-services-away")

        await eventually(away, equals=None, within=120)
        answer = await client.get("/api/openapi.json")
        yield House(app, answer.json())


async def knock(app: ASGIApp, method: str, address: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """One request, without a client in between: thousands of them are made."""
    path, _, query = address.partition("?")
    started: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("neo.test", 80),
    }
    await app(scope, receive, send)
    told = {name.decode().lower(): value.decode("latin-1") for name, value in started["headers"]}
    return Answer(started["status"], told, b"".join(parts))


def _operation(method: str, path: str, told: Document) -> Operation:
    roles = told.get("x-roles")
    return Operation(
        method=method,
        path=path,
        roles=tuple(str(role) for role in roles) if isinstance(roles, list) else None,
        is_anywhere=told.get("x-roles-anywhere") is True,
        is_open=told.get("security") == [],
        told=told,
    )
