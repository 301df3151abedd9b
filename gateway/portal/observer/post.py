"""One observer at one page of a school, and what these pages share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from gateway.portal.catalogue import Catalogue
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment


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


@dataclass(frozen=True, slots=True)
class Post:
    """What the pages of this room share."""

    portal: Portal

    async def open(self, request: Request, school: str) -> Visit:
        """An observer at a page; raises Unauthenticated, or Forbidden for everybody else."""
        return Visit(await self.portal.reader(request, f"schools/{school}", "observer"), school)

    async def catalogue(self, visit: Visit) -> Catalogue:
        """The catalogue in the reader's language."""
        return await self.portal.catalogue(visit.reader)

    def show(self, visit: Visit, template: str, *, wrong: Refused | None = None, **facts: Any) -> HTMLResponse:
        """A page of the room; `wrong` is what the API refused of a form on it."""
        status = wrong.status if wrong is not None else 200
        return self.portal.show(visit.reader, template, status=status, visit=visit, wrong=wrong, **facts)
