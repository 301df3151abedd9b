"""A curator's office for tests: real services behind a real gateway, and pages asked for with the curator's token."""

import html
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.testing import TokenFactory, eventually
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER
from tests.registry.town import School, a_school
from tests.stand import Running, Stand

SERVICES = ("registry", "diagnostics", "matching", "tracking", "documents", "reporting")


@dataclass(frozen=True, slots=True)
class Office:
    """A school's curator with pages before them and the services behind."""

    school: School
    services: dict[str, Running]
    client: httpx.AsyncClient
    tokens: TokenFactory
    curator: UUID = field(default_factory=uuid4)

    @property
    def root(self) -> str:
        return f"/schools/{self.school.school_id}"

    async def ask(self, method: str, path: str, role: str = "curator", **request: Any) -> httpx.Response:
        """A page below the school, asked for in a role there."""
        headers = {**self.tokens.headers(self.curator, f"{self.root}/{role}"), **BROWSER, "accept-language": "ru"}
        return await self.client.request(method, f"{self.root}{path}", headers=headers, **request)

    async def see(self, path: str) -> str:
        """A page that answers."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def do(self, path: str, **form: Any) -> httpx.Response:
        """A form of a page, sent."""
        return await self.ask("POST", path, data=form)

    async def call(self, service: str, method: str, path: str, role: str = "curator", **request: Any) -> httpx.Response:
        """A door of a service, as the curator of the school or in another role."""
        groups = [f"{self.root}/{role}"]
        return await self.services[service].call(
            method, f"{self.root}{path}", by=self.curator, groups=groups, **request
        )


@asynccontextmanager
async def an_office(stand: Stand, services: Sequence[str] = SERVICES) -> AsyncIterator[Office]:
    """A new school with its curator; pages see the services that are named, at the same business time."""
    running = {name: await stand.service(name) for name in services}
    school = await a_school(running["registry"])
    setting = Setting(verifier=stand.tokens.verifier(), clock=stand.clock)
    app = a_gateway({name: one.app for name, one in running.items()}, setting)
    async with visiting(app) as client:
        yield Office(school, running, client, stand.tokens, school.curator)


def words_of(page: str) -> str:
    """What a reader reads, without the markup."""
    seen = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", seen)))


async def stage_of(office: Office, cycle_id: object, stage: str) -> None:
    """Wait until the cycle of the school stands at a stage."""

    async def state() -> str:
        return str((await office.call("registry", "GET", f"/cycles/{cycle_id}")).json()["state"])

    await eventually(state, equals=stage)
