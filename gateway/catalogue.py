"""Where the one description of the API comes from: each service tells its own, and is asked again from time to time."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp

from chassis.refusals import Unavailable
from gateway.description import Described, join
from gateway.everywhere import Document
from gateway.upstream import ask

FRESH_SECONDS = 60.0
AWAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a service told last, and until when that is good; None while it never answered."""

    described: Described | None
    good_until: float


class Catalogue:
    """Joins the descriptions of all services; one that is away keeps its last known one."""

    def __init__(self, own: FastAPI, upstreams: Mapping[str, ASGIApp], *, head: Document) -> None:
        self.own = own
        self.upstreams = upstreams
        self.head = head
        self.told: dict[str, Told] = {}
        self.joined: Document = {}
        self.asking = asyncio.Lock()

    async def document(self) -> Document:
        """The OpenAPI document; services that never answered stand in `x-services-away`."""
        async with self.asking:
            told = await asyncio.gather(*(self._listen(name) for name in self.upstreams))
            heard = dict(zip(self.upstreams, told, strict=True))
            if not self.joined or heard != self.told:
                self.told = heard
                self.joined = self._join()
        return self.joined

    def _join(self) -> Document:
        own: Document = self.own.openapi()
        described = [one.described for one in self.told.values() if one.described is not None]
        joined = join(own, described, head=self.head)
        if away := [name for name, one in self.told.items() if one.described is None]:
            joined["x-services-away"] = list(away)
        return joined

    async def _listen(self, service: str) -> Told:
        known = self.told.get(service)
        now = time.monotonic()
        if known is not None and now < known.good_until:
            return known
        upstream = self.upstreams[service]
        try:
            answer = await ask(service, upstream, "/openapi.json")
            document: Document = json.loads(answer.body) if answer.status == 200 else {}
        except (Unavailable, ValueError):
            document = {}
        if not document:
            return Told(known.described if known else None, now + AWAY_SECONDS)
        return Told(Described(service, document), now + FRESH_SECONDS)
