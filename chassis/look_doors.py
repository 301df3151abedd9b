"""The doors to the access log, the same in every service: the person concerned, and the personal-data officer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from chassis.database import Database, Row
from chassis.doors import doors
from chassis.identity import CITY, EVERYONE_AT_SCHOOL, Me, Principal, require
from chassis.looks import (
    How,
    Looker,
    Place,
    Sought,
    Subject,
    forget_old_looks,
    looks_at,
    looks_in,
    write_looks,
)
from chassis.paging import DEFAULT, LARGEST, After, Limit, Page, page_of
from chassis.refusals import Forbidden, Invalid
from chassis.service import Sweep
from chassis.settings import Settings

AUDITOR = "auditor"
SWEEP_SECONDS = 3600.0
_SEPARATOR = "~"
_END: Place = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is asking, by which role and where: what is shown of other people is written down under this name.

    Say it when the rows are read and before they are answered: if the line cannot be written, nothing is shown.
    """

    db: Database
    looker: Looker
    school: str

    async def saw(self, what: str, people: Iterable[UUID | None]) -> None:
        """Something of these people of the school in the path was shown; nobody and oneself are passed over."""
        await self.saw_across(what, self._here(people))

    async def changed(self, what: str, people: Iterable[UUID | None]) -> None:
        """Something of these people of the school in the path was changed."""
        await self.changed_across(what, self._here(people))

    async def exported(self, what: str, people: Iterable[UUID | None]) -> None:
        """Something of these people of the school in the path left the platform as a file or on paper."""
        await self.exported_across(what, self._here(people))

    async def exported_across(self, what: str, people: Iterable[Subject]) -> None:
        """Something of people of several schools left the platform as a file or on paper."""
        await write_looks(self.db, self.looker, what, How.EXPORTED, people)

    async def saw_across(self, what: str, people: Iterable[Subject]) -> None:
        """Something of people of several schools was shown; each line belongs to the person's own school."""
        await write_looks(self.db, self.looker, what, How.SAW, people)

    async def changed_across(self, what: str, people: Iterable[Subject]) -> None:
        """Something of people of several schools was changed."""
        await write_looks(self.db, self.looker, what, How.CHANGED, people)

    def at(self, school: str) -> "Watch":
        """The same, where the school stands in the question and not in the path."""
        return Watch(self.db, self.looker, school)

    def _here(self, people: Iterable[UUID | None]) -> list[Subject]:
        return [(self.school, person) for person in people]


async def _watch(request: Request, me: Me) -> Watch:
    looker = Looker(me.person_id, None if me.person_id else me.client, getattr(request.state, "role", ""))
    return Watch(_db(request), looker, request.path_params.get("school", ""))


Looks = Annotated[Watch, Depends(_watch)]


class Look(BaseModel):
    """Who looked at something of a person on a day, and how often.

    Without `looker_id` it was a program (`client`), or somebody who was erased since. `what` is a stable slug: it says
    what kind of thing it was, never what stood in it.
    """

    look_id: UUID
    person_id: UUID
    looker_id: UUID | None
    client: str | None
    role: str = Field(examples=["curator"])
    what: str = Field(examples=["registry.people"])
    how: How
    looked_on: date
    times: int
    first_at: datetime
    last_at: datetime


class Asked(BaseModel):
    """Which looks of a school the officer asks for; days are those at the place, both included."""

    school: str = Field(min_length=1, max_length=100, pattern="^[^,]+$", examples=["spb-693"])
    person: UUID | None = Field(default=None, description="only what of this person was looked at")
    looker: UUID | None = Field(default=None, description="only what this person looked at")
    what: str | None = Field(
        default=None, max_length=100, description="only this kind of thing", examples=["registry.people"]
    )
    since: date | None = Field(default=None, description="from this day on")
    until: date | None = Field(default=None, description="up to this day, it included")
    after: str = Field(default="", max_length=200, description="`next` of the page before; empty for the first page")
    limit: int = Field(default=DEFAULT, ge=1, le=LARGEST, description="how many at the most")


def look_doors(what: str) -> APIRouter:
    """The two doors to the access log of a service; `what` is its word for the log itself."""
    router = doors()

    @router.get("/schools/{school}/my/looks", dependencies=[require(*EVERYONE_AT_SCHOOL)])
    async def list_looks_at_me(
        request: Request, school: str, me: Me, after: After = "", limit: Limit = DEFAULT
    ) -> Page[Look]:
        """Who saw, changed or exported what of me in this school, the newest first."""
        rows = await looks_at(_db(request), school, me.me, _place(after), limit)
        return page_of(rows, limit, key=_cursor, item=Look.model_validate)

    @router.get("/looks", dependencies=[require(AUDITOR, anywhere=True)])
    async def list_looks(request: Request, me: Me, looks: Looks, asked: Annotated[Asked, Query()]) -> Page[Look]:
        """Who saw, changed or exported what in a school, the newest first; this reading is written down too."""
        check_auditor(me, asked.school)
        sought = Sought(asked.school, asked.person, asked.looker, asked.what, asked.since, asked.until)
        rows = await looks_in(_db(request), sought, _place(asked.after), asked.limit)
        page = page_of(rows, asked.limit, key=_cursor, item=Look.model_validate)
        people = {asked.person, *(look.person_id for look in page.items)}
        await looks.at(asked.school).saw(what, people)
        return page

    return router


def look_sweep(settings: Settings) -> Sweep:
    """Once an hour the looks that are older than they are kept are removed."""
    return Sweep("old-looks", SWEEP_SECONDS, partial(forget_old_looks, days=settings.looks_kept_days))


def check_auditor(me: Principal, school: str) -> None:
    """The city's personal-data officer, or the school's own; raises Forbidden."""
    if not (me.has(CITY, AUDITOR) or me.at_school(school, AUDITOR)):
        raise Forbidden("identity.role-needed", roles=[AUDITOR], place=f"schools/{school}")


def _db(request: Request) -> Database:
    return cast(Database, request.app.state.db)


def _cursor(row: Row) -> str:
    return f"{row['first_at'].astimezone(UTC).replace(tzinfo=None).isoformat()}{_SEPARATOR}{row['look_id']}"


def _place(after: str) -> Place:
    if not after:
        return _END
    moment, _, look_id = after.partition(_SEPARATOR)
    try:
        found = datetime.fromisoformat(moment)
        return found.replace(tzinfo=found.tzinfo or UTC), UUID(look_id)
    except ValueError as error:
        raise Invalid("page.bad-cursor", field="after") from error
