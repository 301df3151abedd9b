"""Cycles, what was heard of them, how they moved, and what the head decided of their roadmap."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.registry.domain.cycles import RUNNING, Heard, Move, Reason
from services.registry.domain.roadmap import Decided
from services.registry.store.tables import cycle_facts, cycle_moves, cycles, roadmap_plans

_SAVE = insert(cycles).on_conflict_do_nothing()
_CYCLE = select(cycles).where(cycles.c.cycle_id == bindparam("cycle"))
_CYCLES = (
    select(cycles)
    .where(cycles.c.school_id == bindparam("school"), cycles.c.cycle_id > bindparam("after"))
    .order_by(cycles.c.cycle_id)
    .limit(bindparam("limit"))
)
_MOVE = (
    update(cycles)
    .where(cycles.c.cycle_id == bindparam("cycle"), cycles.c.revision == bindparam("known"))
    .values(state=bindparam("to"), revision=cycles.c.revision + 1)
)
_APPROVE = (
    update(cycles)
    .where(cycles.c.cycle_id == bindparam("cycle"))
    .values(approved_at=bindparam("now"), approved_by=bindparam("by"))
)
_RUNNING = (
    select(cycles.c.cycle_id).where(cycles.c.school_id == bindparam("school"), cycles.c.state.in_(RUNNING)).limit(1)
)
_new_fact = insert(cycle_facts)
# Facts come in any order and more than once: the first and the last moment are what stays.
_SAVE_FACT = _new_fact.on_conflict_do_update(
    index_elements=[cycle_facts.c.school_id, cycle_facts.c.cycle_id, cycle_facts.c.fact],
    set_={
        "first_at": func.least(cycle_facts.c.first_at, _new_fact.excluded.first_at),
        "last_at": func.greatest(cycle_facts.c.last_at, _new_fact.excluded.last_at),
    },
)
_FACTS = (
    select(cycle_facts.c.fact, cycle_facts.c.first_at, cycle_facts.c.last_at)
    .where(cycle_facts.c.school_id == bindparam("school"), cycle_facts.c.cycle_id == bindparam("cycle"))
    .order_by(cycle_facts.c.fact)
    .limit(100)
)
_SAVE_MOVE = insert(cycle_moves)
_MOVES = (
    select(cycle_moves)
    .where(cycle_moves.c.school_id == bindparam("school"), cycle_moves.c.cycle_id == bindparam("cycle"))
    .order_by(cycle_moves.c.revision)
    .limit(500)
)
_new_plan = insert(roadmap_plans)
_SAVE_PLAN = _new_plan.on_conflict_do_update(
    index_elements=[roadmap_plans.c.cycle_id, roadmap_plans.c.number],
    set_={name: _new_plan.excluded[name] for name in ("due_on", "owner_ids", "decided_by", "decided_at")},
)
_PLANS = (
    select(roadmap_plans.c.number, roadmap_plans.c.due_on, roadmap_plans.c.owner_ids)
    .where(roadmap_plans.c.school_id == bindparam("school"), roadmap_plans.c.cycle_id == bindparam("cycle"))
    .order_by(roadmap_plans.c.number)
    .limit(20)
)


async def cycle(tx: Tx, cycle_id: UUID) -> Row | None:
    """A cycle of one of the schools of this transaction."""
    return await tx.row(_CYCLE, {"cycle": cycle_id})


async def cycles_after(tx: Tx, school: str, after: UUID, limit: int) -> Sequence[Row]:
    """The cycles of a school, a page and one more."""
    return await tx.rows(_CYCLES, {"school": school, "after": after, "limit": limit + 1})


async def save_cycle(tx: Tx, row: dict[str, object]) -> bool:
    """Draw up a cycle; false when its id is taken, be it in another school."""
    return await tx.run(_SAVE, row) == 1


async def move_cycle(tx: Tx, known: Row, to: str) -> bool:
    """Move a cycle on from the state in which it was read; false when somebody else was faster."""
    moved = await tx.run(_MOVE, {"cycle": known["cycle_id"], "known": known["revision"], "to": to})
    return moved == 1


async def note_approval(tx: Tx, cycle_id: UUID, *, by: UUID) -> None:
    """Write down who approved a cycle and when."""
    await tx.run(_APPROVE, {"cycle": cycle_id, "now": tx.now, "by": by})


async def has_running(tx: Tx, school: str) -> bool:
    """Does a cycle of the school go on: approved, and neither reported nor archived?"""
    return await tx.value(_RUNNING, {"school": school}) is not None


async def heard_of(tx: Tx, school: str, cycle_id: UUID) -> list[Heard]:
    """What a school has heard of a cycle."""
    rows = await tx.rows(_FACTS, {"school": school, "cycle": cycle_id})
    return [Heard(row["fact"], row["first_at"], row["last_at"]) for row in rows]


async def save_fact(tx: Tx, schools: Sequence[str], cycle_id: UUID, heard: Heard) -> None:
    """Keep a fact about a cycle for each school that it concerns, whether the cycle is known yet or not."""
    fact = {"cycle_id": cycle_id, "fact": heard.fact, "first_at": heard.first_at, "last_at": heard.last_at}
    await tx.run(_SAVE_FACT, [{"school_id": school, **fact} for school in schools])


async def save_move(tx: Tx, known: Row, move: Move) -> None:
    """Write a step of a cycle down, made from the state in which it was read."""
    row = {
        "school_id": known["school_id"],
        "cycle_id": known["cycle_id"],
        "revision": known["revision"] + 1,
        "previous": move.previous,
        "stage": move.stage,
        "moved_at": move.moved_at,
        "fact": move.fact,
        "moved_by": move.moved_by,
        "reason": move.reason.value if move.reason else None,
    }
    await tx.run(_SAVE_MOVE, row)


async def moves_of(tx: Tx, school: str, cycle_id: UUID) -> list[Move]:
    """The steps of a cycle in their order."""
    rows = await tx.rows(_MOVES, {"school": school, "cycle": cycle_id})
    return [
        Move(
            previous=row["previous"],
            stage=row["stage"],
            moved_at=row["moved_at"],
            fact=row["fact"],
            moved_by=row["moved_by"],
            reason=Reason(row["reason"]) if row["reason"] else None,
        )
        for row in rows
    ]


async def save_decided(tx: Tx, known: Row, decided: Decided, *, by: UUID) -> None:
    """Keep what the head decided of a stage."""
    row = {
        "school_id": known["school_id"],
        "cycle_id": known["cycle_id"],
        "number": decided.number,
        "due_on": decided.due_on,
        "owner_ids": list(decided.owner_ids),
        "decided_by": by,
        "decided_at": tx.now,
    }
    await tx.run(_SAVE_PLAN, row)


async def decided_of(tx: Tx, school: str, cycle_id: UUID) -> dict[int, Decided]:
    """What the head decided of the stages of a cycle."""
    rows = await tx.rows(_PLANS, {"school": school, "cycle": cycle_id})
    return {row["number"]: Decided(row["number"], row["due_on"], tuple(row["owner_ids"])) for row in rows}
