"""Doors to the school's cycles: drawn up, approved, moved, ended."""

from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chassis.database import Database, Row
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from contracts.registry import CycleStage
from services.registry.actions import cycles as actions
from services.registry.actions import places
from services.registry.api.doors import Db, roles_of, speaker
from services.registry.api.roadmap import RoadmapStage, shown
from services.registry.domain import cycles as domain
from services.registry.domain.cycles import Reason
from services.registry.store import cycles as store

router = doors()


class NewCycle(BaseModel):
    """A mentoring year as the curator draws it up; the last day counts."""

    title: str = Field(min_length=1, max_length=200, examples=["Цикл 2026/27"])
    starts_on: PlainDay
    ends_on: PlainDay


class Step(BaseModel):
    """The stage to which a cycle is moved by hand."""

    stage: CycleStage


class Ending(BaseModel):
    """Why a cycle ends that no fact will end.

    NO_PAIRS: no pair came of the matching. NO_SECOND_MEASUREMENT: nobody will measure again. CALLED_OFF: the head
    takes the approval back. SCHOOL_CLOSED: the school is no more, its closed cycle goes to the archive.
    """

    reason: Reason = Field(examples=["NO_PAIRS"])


class ListedCycle(NewCycle):
    """A cycle; `legal` are the stages to which a person may move it now, `reasons` those for which it may end now."""

    cycle_id: UUID
    state: CycleStage
    revision: int
    legal: list[CycleStage]
    reasons: list[Reason]


class Cycle(ListedCycle):
    """A cycle with its roadmap of seven stages."""

    roadmap: list[RoadmapStage]


@router.put("/schools/{school}/cycles/{cycle_id}", dependencies=[require("curator")], status_code=201)
async def draw_up_cycle(
    request: Request, response: Response, db: Db, school: str, cycle_id: UUID, cycle: NewCycle, told: Tagged
) -> Cycle:
    """Draw up a cycle; the head approves it. The id is yours to make; a repeat changes nothing (200).

    Refused as `school.closed` (409) in a school that is no more.
    """
    wanted = domain.Cycle(cycle.title, cycle.starts_on, cycle.ends_on)
    if not await actions.draw_up_cycle(db, school, cycle_id, wanted):
        response.status_code = 200
    return await _cycle(request, told, db, school, cycle_id)


@router.post("/schools/{school}/cycles/{cycle_id}/approve", dependencies=[require("head")])
async def approve_cycle(request: Request, db: Db, school: str, cycle_id: UUID, me: Me, change: Changing) -> Cycle:
    """Approve a cycle: it opens."""
    await actions.approve_cycle(db, school, cycle_id, by=me.me, seen=change.seen)
    return await _cycle(request, change, db, school, cycle_id)


@router.post("/schools/{school}/cycles/{cycle_id}/stage", dependencies=[require("curator")])
async def step_cycle(
    request: Request, db: Db, school: str, cycle_id: UUID, step: Step, me: Me, change: Changing
) -> Cycle:
    """Move a cycle by hand where no fact moves it; an illegal step names the legal ones (409)."""
    await actions.step_cycle(db, school, cycle_id, step.stage.value, by=me.me, seen=change.seen)
    return await _cycle(request, change, db, school, cycle_id)


@router.post("/schools/{school}/cycles/{cycle_id}/end", dependencies=[require("curator", "head")])
async def end_cycle(
    request: Request, db: Db, school: str, cycle_id: UUID, ending: Ending, me: Me, change: Changing
) -> Cycle:
    """End a cycle that no fact will end, for a stated reason; stages that were not reached are shown as skipped.

    `cycle.reason-not-now` (409) names the reasons that hold now; `cycle.head-only` (403) is the answer to a curator
    who calls a cycle off.
    """
    hand = actions.Hand(me.me, roles_of(me, school), change.seen)
    await actions.end_cycle(db, school, cycle_id, ending.reason, by=hand)
    return await _cycle(request, change, db, school, cycle_id)


@router.get("/schools/{school}/cycles", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_cycles(db: Db, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[ListedCycle]:
    """The cycles of the school, in the order of their ids."""
    async with db.transaction(school) as tx:
        rows = await store.cycles_after(tx, school, after_id(after), limit)
        is_closed = bool(rows) and await places.is_closed(tx, school)
    return page_of(
        rows, limit, key=lambda row: row["cycle_id"], item=lambda row: _listed(row, is_school_closed=is_closed)
    )


@router.get("/schools/{school}/cycles/{cycle_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_cycle(request: Request, told: Tagged, db: Db, school: str, cycle_id: UUID) -> Cycle:
    """A cycle with its roadmap; `ETag` is the state for `If-Match`."""
    return await _cycle(request, told, db, school, cycle_id)


async def _cycle(request: Request, told: Reading, db: Database, school: str, cycle_id: UUID) -> Cycle:
    async with db.transaction(school) as tx:
        row = await store.cycle(tx, cycle_id)
        if row is None:
            raise Missing("cycle.unknown", field="cycle_id")
        told.tell(await actions.tag_of_cycle(tx, row))
        stages = await actions.roadmap_of(tx, row)
        is_closed = await places.is_closed(tx, school)
    say = speaker(request)
    listed = _listed(row, is_school_closed=is_closed)
    return Cycle(**listed.model_dump(), roadmap=[shown(stage, say) for stage in stages])


def _listed(row: Row, *, is_school_closed: bool) -> ListedCycle:
    reasons = domain.reasons_to_end(row["state"], is_school_closed=is_school_closed)
    return ListedCycle.model_validate({**row, "legal": domain.legal_steps(row["state"]), "reasons": reasons})
