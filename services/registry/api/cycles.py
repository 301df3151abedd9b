"""Doors to the school's cycles and their roadmap."""

from datetime import date
from typing import cast
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.database import Database, Row
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from chassis.texts import Texts, choose_language
from contracts.registry import CycleStage
from services.registry.actions import cycles as actions
from services.registry.actions import places
from services.registry.api.doors import Db
from services.registry.domain import cycles as domain
from services.registry.store import cycles as store

router = APIRouter()


class NewCycle(BaseModel):
    """A mentoring year as the curator draws it up; the last day counts."""

    title: str = Field(min_length=1, max_length=200, examples=["Цикл 2026/27"])
    starts_on: date
    ends_on: date


class Step(BaseModel):
    """The stage to which a cycle is moved by hand."""

    stage: CycleStage


class ListedCycle(NewCycle):
    """A cycle; `legal` are the stages to which a person may move it now."""

    cycle_id: UUID
    state: CycleStage
    revision: int
    legal: list[CycleStage]


class RoadmapStage(BaseModel):
    """A stage of the roadmap; its state follows from facts."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    slug: str
    title: str
    starts_on: date
    due_on: date
    owners: list[str]
    papers: list[str]
    state: str = Field(examples=["PLANNED", "UNDER_WAY", "DONE", "OVERDUE"])


class Cycle(ListedCycle):
    """A cycle with its roadmap of seven stages."""

    roadmap: list[RoadmapStage]


@router.put("/schools/{school}/cycles/{cycle_id}", dependencies=[require("curator")], status_code=201)
async def draw_up_cycle(
    request: Request, response: Response, db: Db, school: str, cycle_id: UUID, cycle: NewCycle
) -> Cycle:
    """Draw up a cycle; the head approves it. The id is yours to make; a repeat changes nothing (200)."""
    wanted = domain.Cycle(cycle.title, cycle.starts_on, cycle.ends_on)
    if not await actions.draw_up_cycle(db, school, cycle_id, wanted):
        response.status_code = 200
    return await _cycle(request, db, school, cycle_id)


@router.post("/schools/{school}/cycles/{cycle_id}/approve", dependencies=[require("head")])
async def approve_cycle(request: Request, db: Db, school: str, cycle_id: UUID, me: Me) -> Cycle:
    """Approve a cycle: it opens."""
    await actions.approve_cycle(db, school, cycle_id, by=me.me)
    return await _cycle(request, db, school, cycle_id)


@router.post("/schools/{school}/cycles/{cycle_id}/stage", dependencies=[require("curator")])
async def step_cycle(request: Request, db: Db, school: str, cycle_id: UUID, step: Step) -> Cycle:
    """Move a cycle by hand where no fact moves it; an illegal step names the legal ones (409)."""
    await actions.step_cycle(db, school, cycle_id, step.stage.value)
    return await _cycle(request, db, school, cycle_id)


@router.get("/schools/{school}/cycles", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_cycles(db: Db, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[ListedCycle]:
    """The cycles of the school, in the order of their ids."""
    async with db.transaction(school) as tx:
        rows = await store.cycles_after(tx, school, after_id(after), limit)
    return page_of(rows, limit, key=lambda row: row["cycle_id"], item=_listed)


@router.get("/schools/{school}/cycles/{cycle_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_cycle(request: Request, db: Db, school: str, cycle_id: UUID) -> Cycle:
    """A cycle with its roadmap."""
    return await _cycle(request, db, school, cycle_id)


async def _cycle(request: Request, db: Database, school: str, cycle_id: UUID) -> Cycle:
    async with db.transaction(school) as tx:
        row = await store.cycle(tx, cycle_id)
        if row is None:
            raise Missing("cycle.unknown", field="cycle_id")
        facts = await store.facts_of(tx, school, cycle_id)
        today = (await places.school(tx, school)).day_of(tx.now)
    stages = domain.roadmap(row["starts_on"], row["state"], facts, today=today)
    # The chassis puts the texts there; Starlette's state is untyped.
    texts = cast(Texts, request.app.state.texts)
    language = choose_language(request.headers.get("accept-language"))
    roadmap = [_stage(stage, texts.say(stage.slug, language)) for stage in stages]
    return Cycle(**_listed(row).model_dump(), roadmap=roadmap)


def _listed(row: Row) -> ListedCycle:
    return ListedCycle.model_validate({**row, "legal": domain.legal_steps(row["state"])})


def _stage(stage: domain.RoadmapStage, title: str) -> RoadmapStage:
    return RoadmapStage(
        number=stage.number,
        slug=stage.slug,
        title=title,
        starts_on=stage.starts_on,
        due_on=stage.due_on,
        owners=list(stage.owners),
        papers=list(stage.papers),
        state=stage.state,
    )
