"""The queue of runs to be solved."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from chassis.leases import Waiting, leases
from services.matching.store.tables import solving

# Who holds the run already has begun too early: what they find is not kept, and it is begun anew.
_ENQUEUE = insert(solving).on_conflict_do_update(
    index_elements=[solving.c.run_id], set_={"worker": None, "beat_at": None, "claims": 0}
)
_WAITS = select(solving.c.run_id).where(solving.c.run_id == bindparam("run"))

# A curator who waits for a run goes before those who will be asked next; no school takes all workers for itself.
LEASES = leases(
    Waiting(
        solving,
        solving.c.run_id,
        order=[solving.c.is_next_best, solving.c.queued_at],
        one_of=solving.c.school_id,
    )
)


async def enqueue(tx: Tx, school: str, run_id: UUID, *, is_next_best: bool = False) -> None:
    """Ask for a run to be solved, or, once it is published, for the next best; a repeat begins anew."""
    await tx.run(_ENQUEUE, {"run_id": run_id, "school_id": school, "claims": 0, "is_next_best": is_next_best})


async def waits(tx: Tx, run_id: UUID) -> bool:
    """Is there still something to be found for this run?"""
    return await tx.row(_WAITS, {"run": run_id}) is not None
