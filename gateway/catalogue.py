"""Where the one description of the API comes from: each service tells its own, and is asked again from time to time."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, TypeVar

from fastapi import FastAPI
from starlette.types import ASGIApp

from chassis.ahead import Piece
from chassis.refusals import Unavailable
from gateway.description import Described, join
from gateway.everywhere import Document
from gateway.upstream import Answer, Call, call

FRESH_SECONDS = 60.0
AWAY_SECONDS = 5.0
# Each service thinks a while before it tells for the first time, and pages wait for that a little.
THINKING_SECONDS, PAUSE_SECONDS = 10.0, 0.5
DESCRIPTION = "/openapi.json"


Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Told:
    """What a service told last, word by word, and until when that is good; None while it never answered."""

    described: Described | None
    good_until: float
    words: bytes = field(default=b"", repr=False)


class MadeOnce(Generic[Made]):
    """Something that is made of the whole description: once, and anew only when the description has changed."""

    def __init__(self, make: Callable[[Document], Made]) -> None:
        self.make = make
        self.kept: tuple[Document, Made] | None = None

    def of(self, document: Document) -> Made:
        """What was made of this document."""
        if self.kept is None or self.kept[0] is not document:
            self.kept = document, self.make(document)
        return self.kept[1]


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
            is_news = _described(heard) != _described(self.told)
            self.told = heard
            if is_news or not self.joined:
                # In a thread, because it takes as long as a page.
                self.joined = await asyncio.to_thread(self._join)
        return self.joined

    def ahead(self) -> Iterator[Piece]:
        """Have the document ready, so that whoever asks for it first does not wait: a service after the other."""
        for name in self.upstreams:
            yield Piece(f"description of {name}", partial(self._ask_ahead, name), PAUSE_SECONDS)
        yield Piece("description", self.document)

    async def _ask_ahead(self, service: str) -> None:
        # What it wrote once it has at hand; the document is made when all have been asked.
        with suppress(Unavailable):
            await self._ask(service)

    async def _ask(self, service: str) -> Answer:
        return await call(service, self.upstreams[service], Call("GET", DESCRIPTION, seconds=THINKING_SECONDS))

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
        try:
            answer = await self._ask(service)
            if known is not None and known.described is not None and answer.body == known.words:
                return replace(known, good_until=now + FRESH_SECONDS)
            document: Document = json.loads(answer.body) if answer.status == 200 else {}
        except (Unavailable, ValueError):
            document = {}
        if not document:
            return Told(known.described if known else None, now + AWAY_SECONDS, known.words if known else b"")
        return Told(Described(service, document), now + FRESH_SECONDS, answer.body)


def _described(told: Mapping[str, Told]) -> dict[str, Described | None]:
    return {name: one.described for name, one in told.items()}
