"""The queue of files to be applied. Leases are real time: they guard against dead workers, not against the calendar."""

from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.registry.domain.imports import Step
from services.registry.store.tables import applying

_real_now = func.clock_timestamp()
_is_mine = (applying.c.import_id == bindparam("import")) & (applying.c.worker == bindparam("me"))
_free = (
    select(applying.c.import_id)
    .where(
        or_(
            applying.c.worker.is_(None),
            applying.c.beat_at < _real_now - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease")),
        )
    )
    .order_by(applying.c.queued_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_ENQUEUE = insert(applying).on_conflict_do_nothing()
_CLAIM = (
    update(applying)
    .where(applying.c.import_id == _free)
    .values(worker=bindparam("me"), beat_at=_real_now, claims=applying.c.claims + 1, step=Step.COMPARING.value, done=0)
    .returning(applying.c.import_id, applying.c.school_id, applying.c.claims)
)
_BEAT = (
    update(applying).where(_is_mine).values(beat_at=_real_now, step=bindparam("new_step"), done=bindparam("new_done"))
)
_HAND_BACK = (
    update(applying)
    .where(applying.c.worker == bindparam("me"))
    .values(worker=None, beat_at=None, claims=applying.c.claims - 1, step=Step.WAITING.value, done=0)
)
_RELEASE = delete(applying).where(_is_mine)
_REMOVE = delete(applying).where(applying.c.import_id == bindparam("import"))


async def enqueue(tx: Tx, school: str, import_id: UUID) -> None:
    """Ask for an import to be applied."""
    waiting = {"claims": 0, "step": Step.WAITING.value, "done": 0}
    await tx.run(_ENQUEUE, {"import_id": import_id, "school_id": school, **waiting})


async def claim(tx: Tx, worker: UUID, *, lease_seconds: float) -> Row | None:
    """Take the oldest import that nobody applies, or whose worker has been silent for longer than the lease."""
    return await tx.row(_CLAIM, {"me": worker, "lease": lease_seconds})


async def beat(tx: Tx, import_id: UUID, worker: UUID, *, step: Step, done: int) -> bool:
    """Show that the worker lives and how far it is; false when the import is no longer this worker's."""
    now = {"new_step": step.value, "new_done": done}
    return await tx.run(_BEAT, {"import": import_id, "me": worker, **now}) == 1


async def hand_back(tx: Tx, worker: UUID) -> None:
    """Leave what this worker holds to another; an orderly departure does not count as a claim."""
    await tx.run(_HAND_BACK, {"me": worker})


async def release(tx: Tx, import_id: UUID, worker: UUID) -> bool:
    """Take the import off the queue, done; false when it is no longer this worker's."""
    return await tx.run(_RELEASE, {"import": import_id, "me": worker}) == 1


async def remove(tx: Tx, import_id: UUID) -> None:
    """Take an import off the queue, whoever applies it."""
    await tx.run(_REMOVE, {"import": import_id})
