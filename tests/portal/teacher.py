"""A teacher at the portal for tests: real services behind a real gateway, and real words for the pure parts."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.testing import TokenFactory
from chassis.texts import Texts
from gateway.portal.catalogue import Catalogue, read_catalogue
from gateway.portal.rooms import packages
from gateway.portal.teacher.card import Table
from gateway.portal.teacher.wording import Wording
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER
from tests.stand import Running, Stand

SERVICES = ("registry", "diagnostics", "matching", "tracking", "documents", "reporting")
NOON = datetime(2026, 11, 9, 9, tzinfo=UTC).astimezone(ZoneInfo("Europe/Moscow"))
ME, ANNA = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
NAMES = {ANNA: "Иванова Анна Петровна"}


def wording(now: datetime = NOON, language: str = "ru") -> Wording:
    """The real texts of the room."""
    return Wording(language, now, partial(Texts.load(*packages()).say, language=language))


def a_catalogue(language: str = "ru") -> Catalogue:
    """Two competencies of two domains, one with a subject; the first has sentences of its own for level 3 only."""
    levels = [
        {"number": number, "ru": f"шаг {number}", "en": f"step {number}", "anchor_ru": "якорь", "anchor_en": "anchor"}
        for number in range(1, 6)
    ]
    seen = [{"level": 3, "ru": "записываю задание", "en": "enters homework"}]
    return read_catalogue(
        {
            "domains": [_words("D", "Цифровые", "Digital"), _words("S", "Предметные", "Subject")],
            "subjects": [_words("CHE", "Химия", "Chemistry")],
            "levels": levels,
            "competencies": [
                {
                    **_words("D01", "Электронный журнал", "E-journal"),
                    "domain": "D",
                    "has_subject": False,
                    "indicators": seen,
                },
                {**_words("S03", "Лабораторные", "Laboratory"), "domain": "S", "has_subject": True, "indicators": []},
            ],
        },
        language,
    )


def _words(code: str, ru: str, en: str) -> dict[str, str]:
    return {"code": code, "ru": ru, "en": en}


def a_table(now: datetime = NOON) -> Table:
    """What cards are written with."""
    return Table(wording(now), a_catalogue(), "/schools/x", ME)


@dataclass(frozen=True, slots=True)
class Teacher:
    """One person of a school with pages before them."""

    school: str
    person: UUID
    client: httpx.AsyncClient
    tokens: TokenFactory

    @property
    def root(self) -> str:
        return f"/schools/{self.school}"

    async def ask(self, method: str, path: str, *, role: str = "teacher", **request: Any) -> httpx.Response:
        """A page below the school."""
        told = request.pop("headers", {})
        headers = {
            **self.tokens.headers(self.person, f"{self.root}/{role}"),
            **BROWSER,
            "accept-language": "ru",
            **told,
        }
        return await self.client.request(method, f"{self.root}/{path}", headers=headers, **request)

    async def see(self, path: str) -> str:
        """A page that answers, with one heading."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        assert answer.text.count("<h1") == 1
        return answer.text

    async def do(self, path: str, **form: Any) -> httpx.Response:
        """A form of a page, sent."""
        return await self.ask("POST", path, data=form)


async def _away(scope: Scope, receive: Receive, send: Send) -> None:
    raise ConnectionError("this service is away")


@asynccontextmanager
async def a_portal(stand: Stand, services: Mapping[str, Running]) -> AsyncIterator[httpx.AsyncClient]:
    """Pages over the services that are named; all others are away."""
    upstreams: dict[str, ASGIApp] = dict.fromkeys(SERVICES, _away)
    upstreams |= {name: one.app for name, one in services.items()}
    app = a_gateway(upstreams, Setting(verifier=stand.tokens.verifier(), clock=stand.clock))
    async with visiting(app) as client:
        yield client
