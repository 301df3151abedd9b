"""Readers of whole places at pages of a gateway over real services."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from chassis.testing import TokenFactory
from tests.gateway.house import Setting, a_gateway
from tests.reporting.year import AS_OF, Year
from tests.stand import Running, Stand

ANALYST = "/city/analyst"


class Visitor:
    """Somebody who looks at pages of a gateway over real services."""

    def __init__(self, client: httpx.AsyncClient, tokens: TokenFactory, groups: Sequence[str], **claims: Any) -> None:
        self.client = client
        self.headers = {**tokens.headers(uuid4(), *groups, **claims), "accept": "text/html", "accept-language": "ru"}

    async def open(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, **form: Any) -> httpx.Response:
        return await self.client.post(path, headers=self.headers, data=form)


def headings(page: httpx.Response) -> list[str]:
    return [html.unescape(one) for one in re.findall(r"<h1[^>]*>(.*?)</h1>", page.text)]


@dataclass(frozen=True)
class House:
    """A gateway over real services."""

    app: FastAPI
    reporting: Running
    registry: Running


async def a_portal(stand: Stand, tokens: TokenFactory, *more: str) -> House:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    registry = await stand.service("registry")
    upstreams: Any = {"reporting": reporting.app, "registry": registry.app}
    upstreams |= {name: (await stand.service(name)).app for name in more}
    return House(a_gateway(upstreams, Setting(verifier=tokens.verifier())), reporting, registry)


async def a_reviewed_report(reporting: Running, year: Year) -> str:
    """The page of a report that waits for the head."""
    report, groups = str(uuid4()), year.groups["curator"]
    door, wanted = f"/schools/{year.school}/reports/{report}", {"cycle_id": str(year.cycle), "as_of": AS_OF}
    await reporting.call("PUT", door, by=uuid4(), groups=groups, json=wanted)
    await reporting.call("POST", f"{door}/review", by=uuid4(), groups=groups)
    return f"/schools/{year.school}/desk/reports/{report}"
