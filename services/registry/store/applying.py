"""The queue of files to be applied."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from chassis.leases import Waiting, leases
from services.registry.domain.imports import Step
from services.registry.store.tables import applying

_WAITS = {"step": Step.WAITING.value, "done": 0}
_ENQUEUE = insert(applying).on_conflict_do_nothing()

LEASES = leases(
    Waiting(
        table=applying,
        key=applying.c.import_id,
        order=[applying.c.queued_at],
        begun={"step": Step.COMPARING.value, "done": 0},
        left=_WAITS,
        one_of=applying.c.school_id,
    )
)


async def enqueue(tx: Tx, school: str, import_id: UUID) -> None:
    """Ask for an import to be applied."""
    await tx.run(_ENQUEUE, {"import_id": import_id, "school_id": school, "claims": 0, **_WAITS})
