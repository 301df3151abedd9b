"""Doors to the roadmap of a cycle: how each stage stands and why, and what the head decides of it."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Database
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.refusals import Missing
from services.registry.actions import cycles as actions
from services.registry.api.doors import Db, Say, speaker
from services.registry.domain import roadmap as domain
from services.registry.domain.cycles import Reason
from services.registry.store import cycles as store

router = doors()


class Fact(BaseModel):
    """Something that happened, or is waited for, in a word for programs and in one for people."""

    fact: str = Field(examples=["campaign-1-closed"])
    title: str = Field(examples=["Первая диагностика закрыта"])


class Mover(BaseModel):
    """What ended a stage: a fact, or a person who ended the cycle for a reason; `at` is unknown for old facts."""

    fact: str | None = Field(examples=["campaign-1-closed"])
    reason: Reason | None
    title: str = Field(examples=["Первая диагностика закрыта"])
    by: UUID | None
    at: datetime | None


class RoadmapStage(BaseModel):
    """A stage of the roadmap; its state follows from facts.

    `owners` are the roles that answer for it, `owner_ids` the people whom the head named. `days_late` counts from the
    last day to today, or to the day on which the stage was done. `blocked_by` are earlier stages that are still open.
    """

    number: int
    slug: str
    title: str
    starts_on: date
    due_on: date
    usual_due_on: date
    owners: list[str]
    owner_ids: list[UUID]
    papers: list[str]
    papers_in_force: list[str]
    state: domain.State
    days_late: int
    moved: Mover | None
    waits_for: list[Fact]
    blocked_by: list[int]


class Decision(BaseModel):
    """What the head decides of a stage: its last day (null for the usual one), and who answers for it by name."""

    due_on: PlainDay | None = Field(default=None, examples=["2026-10-05"])
    owner_ids: list[UUID] = Field(default=[], max_length=domain.MOST_OWNERS)


@router.get("/schools/{school}/cycles/{cycle_id}/roadmap", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_roadmap(request: Request, told: Tagged, db: Db, school: str, cycle_id: UUID) -> list[RoadmapStage]:
    """The seven stages: owners, last day, state, the fact that ended each, what it waits for and what blocks it."""
    return await _roadmap(request, told, db, school, cycle_id)


@router.put("/schools/{school}/cycles/{cycle_id}/roadmap/{number}", dependencies=[require("head")])
async def decide_stage(
    request: Request, db: Db, school: str, cycle_id: UUID, number: int, decision: Decision, me: Me, change: Changing
) -> list[RoadmapStage]:
    """Name the last day of a stage and those who answer for it; a repeat changes nothing.

    Owners are people of the school (`roadmap.owner-unknown`, 422); a cycle that is over is left alone (`cycle.over`,
    409).
    """
    decided = domain.Decided(number, decision.due_on, tuple(dict.fromkeys(decision.owner_ids)))
    await actions.decide(db, school, cycle_id, decided, by=me.me, seen=change.seen)
    return await _roadmap(request, change, db, school, cycle_id)


async def _roadmap(request: Request, told: Reading, db: Database, school: str, cycle_id: UUID) -> list[RoadmapStage]:
    async with db.transaction(school) as tx:
        row = await store.cycle(tx, cycle_id)
        if row is None:
            raise Missing("cycle.unknown", field="cycle_id")
        told.tell(await actions.tag_of_cycle(tx, row))
        stages = await actions.roadmap_of(tx, row)
    say = speaker(request)
    return [shown(stage, say) for stage in stages]


def shown(stage: domain.Stage, say: Say) -> RoadmapStage:
    """A stage in the caller's language."""
    return RoadmapStage(
        number=stage.number,
        slug=stage.slug,
        title=say(stage.slug),
        starts_on=stage.starts_on,
        due_on=stage.due_on,
        usual_due_on=stage.usual_due_on,
        owners=list(stage.owners),
        owner_ids=list(stage.owner_ids),
        papers=[paper.code for paper in stage.papers],
        papers_in_force=[paper.code for paper in stage.papers if paper.is_in_force],
        state=stage.state,
        days_late=stage.days_late,
        moved=_mover(stage.moved, say) if stage.moved else None,
        waits_for=[Fact(fact=fact, title=say(_slug(fact))) for fact in stage.waits_for],
        blocked_by=list(stage.blocked_by),
    )


def _mover(moved: domain.Mover, say: Say) -> Mover:
    title = say(_slug(moved.fact)) if moved.fact else say(f"ending.{moved.reason}")
    return Mover(fact=moved.fact, reason=moved.reason, title=title, by=moved.moved_by, at=moved.moved_at)


def _slug(fact: str) -> str:
    return f"fact.{fact.replace('/', '-')}"
