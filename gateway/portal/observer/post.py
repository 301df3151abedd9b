"""One observer at one page of a school, and what these pages share."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment
from gateway.portal.teacher.catalogue import Catalogue, read_catalogue

FRESH_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Visit:
    """An observer who looks at a page."""

    reader: Reader
    school: str

    def page(self, path: str = "") -> str:
        """The address of a page below the visits."""
        return f"/schools/{segment(self.school)}/visits{'/' if path else ''}{path}"

    def mine(self, path: str) -> str:
        """The API's address of something of my own."""
        return f"/api/diagnostics/v1/schools/{segment(self.school)}/my/{path}"

    async def names(self, people: Sequence[str]) -> dict[str, str]:
        """The names of those whom I was asked to see."""
        known = await names_of(self.reader.talk, self.school, people) if people else {}
        return {one: known.get(one, self.reader.say("visits.somebody")) for one in people}


@dataclass(slots=True)
class Post:
    """What the pages of this room share; the catalogue changes seldom, so it is kept a while."""

    portal: Portal
    catalogues: dict[str, tuple[float, Catalogue]] = field(default_factory=dict)

    async def open(self, request: Request, school: str) -> Visit:
        """An observer at a page; raises Unauthenticated, or Forbidden for everybody else."""
        return Visit(await self.portal.reader(request, f"schools/{school}", "observer"), school)

    async def catalogue(self, visit: Visit) -> Catalogue:
        """The catalogue in the reader's language."""
        language = visit.reader.language
        known = self.catalogues.get(language)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        content = await visit.reader.talk.get("/api/diagnostics/v1/catalogue")
        catalogue = read_catalogue(content, language)
        self.catalogues[language] = (time.monotonic() + FRESH_SECONDS, catalogue)
        return catalogue

    def show(self, visit: Visit, template: str, *, wrong: Refused | None = None, **facts: Any) -> HTMLResponse:
        """A page of the room; `wrong` is what the API refused of a form on it."""
        status = wrong.status if wrong is not None else 200
        return self.portal.show(visit.reader, template, status=status, visit=visit, wrong=wrong, **facts)
