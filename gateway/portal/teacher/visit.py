"""One teacher at one page of the own school, with business time at the place and the words of the catalogue."""

import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Request
from fastapi.responses import HTMLResponse

from chassis.refusals import Unavailable
from gateway.portal.catalogue import Catalogue
from gateway.portal.reader import FRESH_SECONDS, Portal, Reader, names_of
from gateway.portal.talk import Query, Refused, segment
from gateway.portal.teacher.wording import Wording

# All of a person's rows of a year come in one or two pages.
MOST_AT_ONCE = 200
CITY_ZONE = "Europe/Moscow"
PAPERS = "my-papers"

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Visit:
    """A teacher who looks at a page: `now` is business time in the zone of the school."""

    reader: Reader
    school: str
    now: datetime

    @property
    def me(self) -> UUID:
        """The person who looks."""
        return self.reader.principal.me

    @property
    def words(self) -> Wording:
        """How this reader is told of days and minutes."""
        return Wording(self.reader.language, self.now, self.reader.say)

    def page(self, path: str) -> str:
        """The address of a page of the school: `my-day`, `my-pairs/availability`."""
        return f"/schools/{segment(self.school)}/{path}"

    def mine(self, service: str, path: str) -> str:
        """The API's address of something of my own: `forms`, `meetings/<id>/confirm`."""
        return f"/api/{service}/v1/schools/{segment(self.school)}/my/{path}"

    async def get(self, service: str, path: str, **query: Query) -> Any:
        """Something of my own."""
        return await self.reader.talk.get(self.mine(service, path), **query)

    async def find(self, service: str, path: str, **query: str) -> Any | None:
        """Something of my own, if there is any."""
        return await self.reader.talk.find(self.mine(service, path), **query)

    async def all_of(self, service: str, path: str) -> list[Any]:
        """All of a paged list of my own."""
        return await self.reader.talk.all_of(self.mine(service, path), limit=MOST_AT_ONCE)

    async def names(self, people: Sequence[str]) -> dict[str, str]:
        """Names of colleagues that I may know, by person; whoever is not named works elsewhere."""
        wanted = sorted(set(people))
        known = await or_away(names_of(self.reader.talk, self.school, wanted)) if wanted else {}
        unknown = self.reader.say("teacher.colleague" if known is None else "teacher.colleague-elsewhere")
        return {one: (known or {}).get(one, unknown) for one in wanted}


@dataclass(slots=True)
class Desk:
    """What the pages of this room share; a school's zone changes seldom, so it is kept a while."""

    portal: Portal
    zones: dict[str, tuple[float, ZoneInfo]] = field(default_factory=dict)

    async def open(self, request: Request, school: str) -> Visit:
        """A teacher at a page; raises Unauthenticated, or Forbidden for everybody else."""
        reader = await self.portal.reader(request, f"schools/{school}", "teacher")
        clock = getattr(request.app.state, "clock", None)
        now: datetime = clock.now() if clock is not None else datetime.now(UTC)
        return Visit(reader, school, now.astimezone(await self._zone(reader, school)))

    async def catalogue(self, visit: Visit) -> Catalogue:
        """The catalogue in the reader's language."""
        return await self.portal.catalogue(visit.reader)

    def show(self, visit: Visit, template: str, *, wrong: Refused | None = None, **facts: object) -> HTMLResponse:
        """A page of the room; `wrong` is what the API refused of a form on it."""
        status = wrong.status if wrong is not None else 200
        return self.portal.show(visit.reader, template, status=status, visit=visit, wrong=wrong, **facts)

    async def _zone(self, reader: Reader, school: str) -> ZoneInfo:
        known = self.zones.get(school)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        place = await or_away(reader.talk.find(f"/api/registry/v1/places/{segment(school)}"))
        zone = _zone_of(str(place.get("zone")) if isinstance(place, dict) else CITY_ZONE)
        self.zones[school] = (time.monotonic() + FRESH_SECONDS, zone)
        return zone


def _zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(CITY_ZONE)


async def or_away(asked: Awaitable[Found]) -> Found | None:
    """What a service answers, or None while it is away; what it refuses is refused."""
    try:
        return await asked
    except Unavailable:
        return None
    except Refused as refused:
        if refused.status < 500:
            raise
        return None
