"""Who reads a page, in which hat, in which language, and through which talk with the API; and how a page is shown."""

import importlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp

from chassis.identity import Principal, caller
from chassis.refusals import Forbidden, Missing, Unavailable
from gateway.portal.catalogue import Catalogue, read_catalogue
from gateway.portal.frame import Frame, Hat, frame_of, hats_of
from gateway.portal.pages import Pages, language_of
from gateway.portal.rooms import rooms
from gateway.portal.talk import Refused, Talk, segment

FRESH_SECONDS = 300.0
PASSED_ON = ("authorization", "traceparent")
# What the registry says of a place that was there on other days.
CLOSED = "place.absent"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at a page; `frame` is what stands around it."""

    request: Request
    principal: Principal
    language: str
    talk: Talk
    frame: Frame

    @property
    def place(self) -> str:
        """Where: `schools/<id>`, `districts/<id>` or `city`."""
        return self.frame.hat.place

    def say(self, slug: str, **facts: Any) -> str:
        """One text of the pages in the reader's language."""
        pages: Pages = self.request.app.state.portal.pages
        return pages.texts.say(slug, self.language, **facts)


@dataclass(slots=True)
class Portal:
    """What all pages are made with; `streams` counts the live streams that each reader has open here."""

    pages: Pages
    upstreams: Mapping[str, ASGIApp]
    names: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    catalogues: dict[str, tuple[float, Catalogue]] = field(default_factory=dict)
    streams: Counter[str] = field(default_factory=Counter)
    indicators: tuple[float, Sequence[Mapping[str, Any]]] = (0.0, ())

    async def reader(self, request: Request, place: str, *roles: str) -> Reader:
        """The reader of a page at a place; raises Unauthenticated, or Forbidden without one of the roles there."""
        principal = await caller(request)
        worn = next((Hat(place, role) for role in roles if principal.has(place, role)), None)
        if worn is None:
            raise Forbidden("identity.role-needed", roles=list(roles), place=place)
        language = language_of(request)
        names = await self.names_for(request, principal, language)
        frame = frame_of(hats_of(principal), worn, request.url.path, names)
        return Reader(request, principal, language, self.talk(request, language), frame)

    async def names_for(self, request: Request, principal: Principal, language: str) -> dict[str, str]:
        """The names of the places where somebody holds a role, by place."""
        talk = self.talk(request, language)
        return {place: await self._name(talk, place, language) for place in {one.place for one in principal.grants}}

    def talk(self, request: Request, language: str) -> Talk:
        """The way to the API with this request's token."""
        passed = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        return Talk(self.upstreams, {**passed, "accept-language": language})

    def show(self, reader: Reader, template: str, *, status: int = 200, **facts: object) -> HTMLResponse:
        """A page in its frame."""
        return self.pages.show(reader.request, template, status=status, frame=reader.frame, reader=reader, **facts)

    def lead(self, path: str, said: str | None = None, **query: str) -> RedirectResponse:
        """To a page after something was done; `said` is the slug of a text `said.<slug>` that the page then says."""
        told = {**({"said": said} if said else {}), **query}
        return RedirectResponse(f"{path}?{urlencode(told)}" if told else path, 303, {"Cache-Control": "no-store"})

    async def catalogue(self, reader: Reader) -> Catalogue:
        """The catalogue of competencies in the reader's language; it is large and changes seldom, so it is kept."""
        known, now = self.catalogues.get(reader.language), time.monotonic()
        if known is not None and now < known[0]:
            return known[1]
        found = read_catalogue(await reader.talk.get("/api/diagnostics/v1/catalogue"), reader.language)
        self.catalogues[reader.language] = (now + FRESH_SECONDS, found)
        return found

    async def place_name(self, reader: Reader, place_id: str) -> str:
        """What a place is called; its id where nobody tells."""
        return await self._name(reader.talk, place_id, reader.language)

    async def known_place(self, reader: Reader, place_id: str) -> Mapping[str, Any] | None:
        """A place as it is now; None for one that is closed, or while nobody tells. Missing for one that never was."""
        try:
            found: Mapping[str, Any] = await reader.talk.get(f"/api/registry/v1/places/{segment(place_id)}")
        except Unavailable:
            return None
        except Refused as refused:
            if refused.status in (404, 422) and refused.slug != CLOSED:
                raise Missing("http.not-found") from refused
            return None
        return found

    async def definitions(self, reader: Reader) -> Sequence[Mapping[str, Any]]:
        """The definitions of all indicators in both languages, kept as the catalogue is."""
        now = time.monotonic()
        if not self.indicators[1] or now >= self.indicators[0]:
            self.indicators = now + FRESH_SECONDS, await reader.talk.get("/api/reporting/v1/indicators")
        return self.indicators[1]

    async def _name(self, talk: Talk, place: str, language: str) -> str:
        """A place's name; names change seldom, so they are kept for some minutes."""
        if place == "city":
            return self.pages.say("frame.city", language)
        key, now = (place, language), time.monotonic()
        known = self.names.get(key)
        if known is not None and now < known[0]:
            return known[1]
        place_id = place.rpartition("/")[2]
        name = await _ask_name(talk, place_id)
        if name is not None:
            self.names[key] = (now + FRESH_SECONDS, name)
        return name or place_id


async def _ask_name(talk: Talk, place_id: str) -> str | None:
    """The name of a place; None where nobody tells it now."""
    try:
        found = await talk.find(f"/api/registry/v1/places/{segment(place_id)}")
    except (Refused, Unavailable):
        found = None
    return str(found["name"]) if isinstance(found, dict) and found.get("name") else None


def routers(portal: Portal) -> Iterator[APIRouter]:
    """The doors of all rooms."""
    for room in rooms():
        yield importlib.import_module(f"{__package__}.{room}").router(portal)


async def names_of(talk: Talk, school: str, people: Sequence[str]) -> dict[str, str]:
    """The names of people of a school that this reader may know, by person id; nobody who is not told of."""
    wanted, told = sorted(set(people)), dict[str, str]()
    for begin in range(0, len(wanted), 200):
        part = wanted[begin : begin + 200]
        found = await talk.post(f"/api/registry/v1/schools/{segment(school)}/people:resolve", {"person_ids": part})
        told |= {str(one["person_id"]): str(one["full_name"]) for one in found}
    return told
