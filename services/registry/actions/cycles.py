"""Cycles: drawn up by the curator, approved by the head, moved by facts and, where no fact can, by hand."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from contracts.registry import CycleOpened, CycleStage, CycleStageChanged
from services.registry.actions import places
from services.registry.domain.cycles import (
    APPROVED,
    DRAFT,
    Cycle,
    check_approval,
    check_cycle,
    check_step,
    legal_steps,
    stage_after,
)
from services.registry.store import cycles as store


async def draw_up_cycle(db: Database, school: str, cycle_id: UUID, cycle: Cycle) -> bool:
    """Draw up a cycle; false when this very cycle was drawn up before. Raises Invalid, Missing, Conflict."""
    check_cycle(cycle)
    async with db.transaction(school) as tx:
        await places.school(tx, school)
        row = {
            "school_id": school,
            "cycle_id": cycle_id,
            "title": cycle.title,
            "starts_on": cycle.starts_on,
            "ends_on": cycle.ends_on,
            "state": DRAFT,
            "revision": 0,
            "approved_at": None,
            "approved_by": None,
        }
        if await store.save_cycle(tx, row):
            return True
        known = await store.cycle(tx, cycle_id)
        if known is None or Cycle(known["title"], known["starts_on"], known["ends_on"]) != cycle:
            raise Conflict("cycle.id-taken", field="cycle_id")
    return False


async def approve_cycle(db: Database, school: str, cycle_id: UUID, *, by: UUID) -> None:
    """The head approves a draft: the cycle opens, and what was heard of it before takes effect."""
    async with db.transaction(school) as tx:
        known = await _locked(tx, cycle_id)
        check_approval(known["state"])
        await _move(tx, known, APPROVED)
        await store.note_approval(tx, cycle_id, by=by)
        await tx.emit(
            CycleOpened(
                school_id=school,
                cycle_id=cycle_id,
                starts_on=known["starts_on"],
                ends_on=known["ends_on"],
                revision=known["revision"] + 1,
                occurred_at=tx.now,
            )
        )
        await _follow_facts(tx, cycle_id)


async def step_cycle(db: Database, school: str, cycle_id: UUID, stage: str) -> None:
    """The curator moves a cycle by hand; raises Conflict with the legal steps."""
    async with db.transaction(school) as tx:
        known = await _locked(tx, cycle_id)
        check_step(known["state"], stage)
        await _change_stage(tx, known, stage)


async def take_fact(tx: Tx, schools: Sequence[str], cycle_id: UUID, fact: str) -> None:
    """Keep what was heard of a cycle, and move the cycle forward where the fact proves a later stage."""
    # Approval takes the same lock: neither can miss what the other does.
    await tx.lock(_lock_of(cycle_id))
    await store.save_facts(tx, schools, cycle_id, fact)
    await _follow_facts(tx, cycle_id)


async def _follow_facts(tx: Tx, cycle_id: UUID) -> None:
    known = await store.cycle(tx, cycle_id)
    if known is None:
        return
    stage = stage_after(known["state"], await store.facts_of(tx, known["school_id"], cycle_id))
    if stage != known["state"]:
        await _change_stage(tx, known, stage)


async def _change_stage(tx: Tx, known: Row, stage: str) -> None:
    await _move(tx, known, stage)
    await tx.emit(
        CycleStageChanged(
            school_id=known["school_id"],
            cycle_id=known["cycle_id"],
            stage=CycleStage(stage),
            previous=CycleStage(known["state"]),
            revision=known["revision"] + 1,
            occurred_at=tx.now,
        )
    )


async def _move(tx: Tx, known: Row, stage: str) -> None:
    if not await store.move_cycle(tx, known, stage):
        raise Conflict(
            "cycle.illegal-step", field="stage", state=known["state"], legal=list(legal_steps(known["state"]))
        )


async def _locked(tx: Tx, cycle_id: UUID) -> Row:
    await tx.lock(_lock_of(cycle_id))
    known = await store.cycle(tx, cycle_id)
    if known is None:
        raise Missing("cycle.unknown", field="cycle_id")
    return known


def _lock_of(cycle_id: UUID) -> str:
    return f"cycle/{cycle_id}"
