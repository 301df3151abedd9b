"""The queue of runs to be solved. Leases are real time: they guard against dead workers, not against the calendar."""

from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.matching.store.tables import solving

_real_now = func.clock_timestamp()
_is_mine = (solving.c.run_id == bindparam("run")) & (solving.c.worker == bindparam("me"))
_free = (
    select(solving.c.run_id)
    .where(
        or_(
            solving.c.worker.is_(None),
            solving.c.beat_at < _real_now - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease")),
        )
    )
    # A curator who waits for a run goes before those who will be asked next.
    .order_by(solving.c.is_next_best, solving.c.queued_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
# Who holds the run already has begun too early: what they find is not kept, and it is begun anew.
_ENQUEUE = insert(solving).on_conflict_do_update(
    index_elements=[solving.c.run_id], set_={"worker": None, "beat_at": None, "claims": 0}
)
_WAITS = select(solving.c.run_id).where(solving.c.run_id == bindparam("run"))
_CLAIM = (
    update(solving)
    .where(solving.c.run_id == _free)
    .values(worker=bindparam("me"), beat_at=_real_now, claims=solving.c.claims + 1)
    .returning(solving.c.run_id, solving.c.school_id, solving.c.claims)
)
_BEAT = update(solving).where(_is_mine).values(beat_at=_real_now)
_HAND_BACK = (
    update(solving)
    .where(solving.c.worker == bindparam("me"))
    .values(worker=None, beat_at=None, claims=solving.c.claims - 1)
)
_RELEASE = delete(solving).where(_is_mine)
_REMOVE = delete(solving).where(solving.c.run_id == bindparam("run"))


async def enqueue(tx: Tx, school: str, run_id: UUID, *, is_next_best: bool = False) -> None:
    """Ask for a run to be solved, or, once it is published, for the next best; a repeat begins anew."""
    await tx.run(_ENQUEUE, {"run_id": run_id, "school_id": school, "claims": 0, "is_next_best": is_next_best})


async def waits(tx: Tx, run_id: UUID) -> bool:
    """Is there still something to be found for this run?"""
    return await tx.row(_WAITS, {"run": run_id}) is not None


async def claim(tx: Tx, worker: UUID, *, lease_seconds: float) -> Row | None:
    """Take the oldest run that nobody solves, or whose worker has been silent for longer than the lease."""
    return await tx.row(_CLAIM, {"me": worker, "lease": lease_seconds})


async def beat(tx: Tx, run_id: UUID, worker: UUID) -> bool:
    """Show that the worker lives; false when the run is no longer this worker's, for example cancelled."""
    return await tx.run(_BEAT, {"run": run_id, "me": worker}) == 1


async def hand_back(tx: Tx, worker: UUID) -> None:
    """Leave what this worker holds to another; an orderly departure does not count as a claim."""
    await tx.run(_HAND_BACK, {"me": worker})


async def release(tx: Tx, run_id: UUID, worker: UUID) -> bool:
    """Take the run off the queue, done; false when it is no longer this worker's."""
    return await tx.run(_RELEASE, {"run": run_id, "me": worker}) == 1


async def remove(tx: Tx, run_id: UUID) -> None:
    """Take a run off the queue, whoever solves it."""
    await tx.run(_REMOVE, {"run": run_id})
