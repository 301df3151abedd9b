"""The worker: applies ordered staff files one after the other, each in one transaction.

Several workers, of one process or of several, take files of different schools; those of one school wait for each other.
The database has undone what a worker that died had begun, and the next one begins anew. After three such deaths
applying has failed (`import.worker-lost`).
"""

import asyncio
from dataclasses import dataclass

from chassis.database import Database, Row
from chassis.turns import LeasedWorker, LeaseLost
from services.registry.actions.applying import apply_ordered, fail
from services.registry.actions.staff_applying import Watch
from services.registry.store import applying


@dataclass(slots=True)
class Worker(LeasedWorker):
    """One of a process's workers."""

    leases = applying.LEASES
    lost = "import.worker-lost"
    broken = "import.applying-failed"

    async def serve(self, db: Database, claim: Row) -> None:
        """Apply a file; it is held meanwhile and says how far it is."""
        watch = Watch()

        async def say() -> None:
            try:
                async with db.transaction() as tx:
                    await self.beat(tx, claim, step=watch.step.value, done=watch.done)
            except LeaseLost:
                # A beat may have waited for the work's own last word.
                if not watch.is_released:
                    raise

        working = asyncio.create_task(apply_ordered(db, claim, self.id, watch))
        # Cut off, it is undone by the database.
        await self.held(working, say, stop=working.cancel)

    async def fail(self, db: Database, claim: Row, reason: str) -> None:
        """Note why a file was not applied; what is no fault of the file keeps it, to be ordered again as it is."""
        await fail(db, claim, self.id, reason=reason, is_kept=reason in (self.lost, self.broken))
