"""Cycles: drawn up by the curator, approved by the head, moved by facts and, where no fact can, by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Invalid, Missing
from contracts.registry import CycleOpened, CycleStage, CycleStageChanged
from services.registry.actions import closures, places
from services.registry.domain.cycles import (
    APPROVED,
    DRAFT,
    Cycle,
    Heard,
    Move,
    Reason,
    check_approval,
    check_cycle,
    check_ending,
    check_step,
    facts_in,
    is_over,
    legal_steps,
    stage_after,
)
from services.registry.domain.roadmap import Decided, Known, Stage, check_decided, roadmap
from services.registry.store import cycles as store
from services.registry.store import people


async def draw_up_cycle(db: Database, school: str, cycle_id: UUID, cycle: Cycle) -> bool:
    """Draw up a cycle; false when this very cycle was drawn up before. Raises Invalid, Missing, Conflict."""
    check_cycle(cycle)
    async with db.transaction(school) as tx:
        await places.open_school(tx, school)
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


async def approve_cycle(db: Database, school: str, cycle_id: UUID, *, by: UUID, seen: str | None = None) -> None:
    """The head approves a draft: the cycle opens, and what was heard of it before takes effect."""
    async with db.transaction(school) as tx:
        known = await _locked(tx, cycle_id, seen)
        await places.open_school(tx, school)
        check_approval(known["state"])
        await _move(tx, known, Move(known["state"], APPROVED, tx.now, moved_by=by))
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


async def step_cycle(
    db: Database, school: str, cycle_id: UUID, stage: str, *, by: UUID, seen: str | None = None
) -> None:
    """The curator moves a cycle by hand; raises Conflict with the legal steps."""
    async with db.transaction(school) as tx:
        known = await _locked(tx, cycle_id, seen)
        check_step(known["state"], stage)
        await _change_stage(tx, known, Move(known["state"], stage, tx.now, moved_by=by))


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something by hand, with which roles in the school, and the tag of the state that they saw."""

    person_id: UUID
    roles: Collection[str]
    seen: str | None = None


async def end_cycle(db: Database, school: str, cycle_id: UUID, reason: Reason, *, by: Hand) -> None:
    """End a cycle that no fact will end, for a reason; raises Missing, Forbidden, Conflict with the legal reasons."""
    async with db.transaction(school) as tx:
        known = await _locked(tx, cycle_id, by.seen)
        place = await places.school(tx, school)
        is_closed = place.is_over(place.day_of(tx.now))
        stage = check_ending(known["state"], reason, is_school_closed=is_closed, by_roles=by.roles)
        await _change_stage(tx, known, Move(known["state"], stage, tx.now, moved_by=by.person_id, reason=reason))


async def decide(
    db: Database, school: str, cycle_id: UUID, decided: Decided, *, by: UUID, seen: str | None = None
) -> None:
    """The head names a stage's last day and those who answer for it. Raises Missing, Invalid, Conflict, MovedOn."""
    async with db.transaction(school) as tx:
        known = await _locked(tx, cycle_id, seen)
        if is_over(known["state"]):
            raise Conflict("cycle.over", field="cycle_id", state=known["state"], legal=[])
        check_decided(decided, starts_on=known["starts_on"], ends_on=known["ends_on"])
        working = await people.memberships_at(tx, school, decided.owner_ids)
        absent = [str(one) for one in decided.owner_ids if one not in working or working[one].left_on is not None]
        if absent:
            raise Invalid("roadmap.owner-unknown", field="owner_ids", unknown=absent)
        await store.save_decided(tx, known, decided, by=by)


async def take_fact(tx: Tx, schools: Sequence[str], cycle_id: UUID, heard: Heard) -> None:
    """Keep what was heard of a cycle, and move the cycle forward where the fact proves a later stage."""
    # Approval takes the same lock: neither can miss what the other does.
    await tx.lock(_lock_of(cycle_id))
    await store.save_fact(tx, schools, cycle_id, heard)
    await _follow_facts(tx, cycle_id)


async def roadmap_of(tx: Tx, known: Row) -> list[Stage]:
    """The roadmap of a cycle as it stands today at the school."""
    school, cycle_id = known["school_id"], known["cycle_id"]
    place = await places.school(tx, school)
    heard = await store.heard_of(tx, school, cycle_id)
    return roadmap(
        Known(
            starts_on=known["starts_on"],
            state=known["state"],
            today=place.day_of(tx.now),
            day_of=place.day_of,
            heard={one.fact: one for one in heard},
            moves=await store.moves_of(tx, school, cycle_id),
            decided=await store.decided_of(tx, school, cycle_id),
        )
    )


async def _follow_facts(tx: Tx, cycle_id: UUID) -> None:
    known = await store.cycle(tx, cycle_id)
    if known is None:
        return
    heard = await store.heard_of(tx, known["school_id"], cycle_id)
    stage, fact = stage_after(known["state"], facts_in(heard))
    if fact is not None:
        await _change_stage(tx, known, Move(known["state"], stage, tx.now, fact=fact))


async def _change_stage(tx: Tx, known: Row, move: Move) -> None:
    await _move(tx, known, move)
    await tx.emit(
        CycleStageChanged(
            school_id=known["school_id"],
            cycle_id=known["cycle_id"],
            stage=CycleStage(move.stage),
            previous=CycleStage(move.previous),
            reason=move.reason.value if move.reason else None,
            revision=known["revision"] + 1,
            occurred_at=tx.now,
        )
    )
    if is_over(move.stage):
        await closures.wind_down(tx, await places.school(tx, known["school_id"]))


async def _move(tx: Tx, known: Row, move: Move) -> None:
    if not await store.move_cycle(tx, known, move.stage):
        raise Conflict(
            "cycle.illegal-step", field="stage", state=known["state"], legal=list(legal_steps(known["state"]))
        )
    await store.save_move(tx, known, move)


async def _locked(tx: Tx, cycle_id: UUID, seen: str | None) -> Row:
    await tx.lock(_lock_of(cycle_id))
    known = await store.cycle(tx, cycle_id)
    if known is None:
        raise Missing("cycle.unknown", field="cycle_id")
    check_seen(seen, await tag_of_cycle(tx, known), state=known["state"], revision=known["revision"])
    return known


async def tag_of_cycle(tx: Tx, known: Row) -> str:
    """The tag of a cycle: it changes with every move, and with every decision on its roadmap."""
    decided = await store.decided_of(tx, known["school_id"], known["cycle_id"])
    return tag_of(known["revision"], *(decided[number] for number in sorted(decided)))


def _lock_of(cycle_id: UUID) -> str:
    return f"cycle/{cycle_id}"
