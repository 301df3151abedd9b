"""Cycles and what was heard of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.registry.store.tables import cycle_facts, cycles

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
_SAVE_FACT = insert(cycle_facts).on_conflict_do_nothing()
_FACTS = (
    select(cycle_facts.c.fact)
    .where(cycle_facts.c.school_id == bindparam("school"), cycle_facts.c.cycle_id == bindparam("cycle"))
    .order_by(cycle_facts.c.fact)
    .limit(100)
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


async def facts_of(tx: Tx, school: str, cycle_id: UUID) -> list[str]:
    """What a school has heard of a cycle."""
    return [row["fact"] for row in await tx.rows(_FACTS, {"school": school, "cycle": cycle_id})]


async def save_facts(tx: Tx, schools: Sequence[str], cycle_id: UUID, fact: str) -> None:
    """Keep a fact about a cycle for each school that it concerns, whether the cycle is known yet or not."""
    await tx.run(_SAVE_FACT, [{"school_id": school, "cycle_id": cycle_id, "fact": fact} for school in schools])
