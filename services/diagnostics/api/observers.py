"""Doors of the curator: who observes whom, in which competencies."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.doors import doors
from chassis.etags import Changing, IfMatch
from chassis.identity import require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from services.diagnostics import actions, store
from services.diagnostics.api.doors import db_of
from services.diagnostics.domain.looks import What
from services.diagnostics.scoring import SourceKind

router = doors()

Code = Annotated[str, Field(min_length=1, max_length=12, examples=["M03"])]


class Assignment(BaseModel):
    """The competencies of a person that an observer may see: lessons and artefacts alike."""

    competencies: list[Code] = Field(min_length=1, max_length=60)


class Assigned(Assignment):
    """Who observes whom; `etag` is for `If-Match`."""

    etag: str = Field(examples=['"0-5f2a9c01"'])
    person_id: UUID
    observer_id: UUID


@router.get("/schools/{school}/campaigns/{campaign_id}/observers", dependencies=[require("curator")])
async def list_observers(
    request: Request, looks: Looks, school: str, campaign_id: UUID, after: After = "", limit: Limit = DEFAULT
) -> Page[Assigned]:
    """Who observes whom in a campaign, and what; the opening lays out one observer for each person."""
    person, _, observer = after.partition("/")
    last = (after_id(person), after_id(observer))
    async with db_of(request).transaction(school) as tx:
        rows = await store.observers.after(tx, school, campaign_id, last=last, limit=limit)
    page = page_of(
        rows,
        limit,
        key=lambda row: f"{row['person_id']}/{row['author_id']}",
        item=lambda row: _assigned(row["person_id"], row["author_id"], row["asked"]),
    )
    await looks.saw(What.OBSERVERS, [one.person_id for one in page.items])
    return page


@router.put(
    "/schools/{school}/campaigns/{campaign_id}/observers/{observer_id}/people/{person_id}",
    dependencies=[require("curator")],
)
async def assign_observer(
    request: Request,
    looks: Looks,
    school: str,
    campaign_id: UUID,
    observer_id: UUID,
    person_id: UUID,
    wanted: Assignment,
    change: Changing,
) -> Assigned:
    """Let an observer see a person in the named competencies and no others. A repeat changes nothing."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.OBS, observer_id)
    codes = await actions.assign_observer(db_of(request), school, key=key, codes=wanted.competencies, seen=change.seen)
    await looks.changed(What.OBSERVERS, [person_id])
    change.tell(actions.tag_of_assignment(codes))
    return _assigned(person_id, observer_id, codes)


@router.delete(
    "/schools/{school}/campaigns/{campaign_id}/observers/{observer_id}/people/{person_id}",
    dependencies=[require("curator")],
    status_code=204,
)
async def release_observer(
    request: Request,
    looks: Looks,
    school: str,
    campaign_id: UUID,
    observer_id: UUID,
    person_id: UUID,
    seen: IfMatch = None,
) -> None:
    """Take an assignment back before anything was said. A repeat changes nothing."""
    key = store.SheetKey(campaign_id, person_id, SourceKind.OBS, observer_id)
    await actions.release_observer(db_of(request), school, key=key, seen=seen)
    await looks.changed(What.OBSERVERS, [person_id])


def _assigned(person: UUID, observer: UUID, codes: Sequence[str]) -> Assigned:
    tag = actions.tag_of_assignment(codes)
    return Assigned(etag=tag, person_id=person, observer_id=observer, competencies=list(codes))
