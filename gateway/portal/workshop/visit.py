"""One curator at one page of the workshop: the way to the school's matching, names of people, names of topics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse

from gateway.portal.catalogue import Catalogue
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Visit:
    """A curator who looks at a page; `topics` holds what competencies are called."""

    reader: Reader
    school: str
    topics: Catalogue

    def say(self, slug: str, **facts: Any) -> str:
        """One text in the reader's language."""
        return self.reader.say(slug, **facts)

    def number(self, count: float) -> str:
        """A number as the language writes it."""
        return str(format_decimal(count, "#,##0.##", locale=self.reader.language))

    def topic(self, code: str) -> str:
        """What a competency is called, with its code."""
        return f"{code} · {self.topics.name(code)}"

    def page(self, path: str = "") -> str:
        """The address of a page of the workshop: `runs/<id>`; the workshop itself without a path."""
        return f"/schools/{segment(self.school)}/workshop{f'/{path}' if path else ''}"

    def of_run(self, run: UUID | str, path: str = "") -> str:
        """The address of a page of one run."""
        return self.page(f"runs/{run}{f'/{path}' if path else ''}")

    def api(self, service: str, path: str) -> str:
        """The API's address of something of the school."""
        return f"/api/{service}/v1/schools/{segment(self.school)}/{path}"

    async def run(self, run: UUID) -> Mapping[str, Any]:
        """A run as it stands; raises Refused."""
        found: Mapping[str, Any] = await self.reader.talk.get(self.api("matching", f"runs/{run}"))
        return found

    async def found(self, run: UUID, what: str, variant: str | None = None) -> list[Any]:
        """All of what a run found: `proposals`, `unmet`, `edits`."""
        query = {"variant": variant} if variant else {}
        return await self.reader.talk.all_of(self.api("matching", f"runs/{run}/{what}"), limit=MOST_AT_ONCE, **query)

    async def names(self, people: Iterable[str | None]) -> "Names":
        """The names of people, as far as a curator may know them."""
        wanted = sorted({one for one in people if one})
        known = await names_of(self.reader.talk, self.school, wanted) if wanted else {}
        return Names(known, self.say("workshop.somebody"))


@dataclass(frozen=True, slots=True)
class Names:
    """Names of people by id; somebody who is not told of has a general name."""

    known: Mapping[str, str]
    somebody: str

    def full(self, person: str) -> str:
        """Family name, given name, patronymic."""
        return self.known.get(person, self.somebody)

    def short(self, person: str) -> str:
        """The family name with initials: `Титова В. В.`"""
        return shortened(self.known[person]) if person in self.known else self.somebody

    def filled(self, template: str, **people: str | None) -> str:
        """A sentence of the API with its gaps filled: `giver`, `taker`, `person`."""
        for gap, person in people.items():
            template = template.replace(f"{{{gap}}}", self.full(person) if person else self.somebody)
        return template


def shortened(name: str) -> str:
    """A full name with initials, for a picture or a narrow column."""
    family, *given = name.split()
    return " ".join([family, *(f"{part[:1]}." for part in given)])


@dataclass(frozen=True, slots=True)
class Shop:
    """What the pages of the workshop share."""

    portal: Portal

    async def open(self, request: Request, school: str) -> Visit:
        """A curator at a page; raises Unauthenticated, or Forbidden for everybody else."""
        reader = await self.portal.reader(request, f"schools/{school}", "curator")
        return Visit(reader, school, await self.portal.catalogue(reader))

    def show(self, visit: Visit, template: str, *, wrong: Refused | None = None, **facts: object) -> HTMLResponse:
        """A page of the workshop; `wrong` is what the API refused of a form on it."""
        status = wrong.status if wrong is not None else 200
        return self.portal.show(visit.reader, f"workshop/{template}", status=status, visit=visit, wrong=wrong, **facts)
