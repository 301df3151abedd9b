"""The worker: applies ordered staff files one after the other, each in one transaction.

A file that is being applied is leased. A worker that is stopped in order hands it back; the lease of one that died
ends by itself, the database has undone what it had begun, and the next worker begins anew. After three such deaths
applying has failed (`import.worker-lost`). A file that is cancelled, or taken over, is left in the middle.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from chassis.database import Database, Row, is_transient
from chassis.refusals import Refusal
from chassis.turns import take_turn
from services.registry.actions.applying import apply_ordered, fail
from services.registry.actions.staff_applying import Watch
from services.registry.domain.imports import Stopped
from services.registry.store import applying as queue

LEASE_SECONDS = 20.0
BEAT_SECONDS = 0.5
IDLE_SECONDS = 2.0
CLAIMS = 3

log = logging.getLogger("neo.registry")


@dataclass(slots=True)
class Worker:
    """One process's worker; `woken` tells it that a file waits, else it looks every two seconds."""

    id: UUID = field(default_factory=uuid4)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self, db: Database) -> None:
        """Wait until there may be work, then apply until there is none."""

        async def serve_next() -> bool:
            async with db.transaction() as tx:
                claim = await queue.claim(tx, self.id, lease_seconds=LEASE_SECONDS)
            if claim is not None:
                await self._serve(db, claim)
            return claim is not None

        async def hand_back() -> None:
            async with db.transaction() as tx:
                await queue.hand_back(tx, self.id)

        await take_turn(self.woken, idle_seconds=IDLE_SECONDS, serve_next=serve_next, hand_back=hand_back)

    async def _serve(self, db: Database, claim: Row) -> None:
        if claim["claims"] > CLAIMS:
            await fail(db, claim, self.id, reason="import.worker-lost", is_kept=True)
            return
        try:
            await self._watched(db, claim)
        except Stopped:
            return
        except Refusal as refusal:
            await fail(db, claim, self.id, reason=refusal.slug, is_kept=False)
        except Exception as error:
            # The database's own trouble is no fault of the file: its lease ends, and it is begun anew.
            if is_transient(error):
                raise
            log.error("applying failed", exc_info=error, extra={"import": str(claim["import_id"])})
            await fail(db, claim, self.id, reason="import.applying-failed", is_kept=True)

    async def _watched(self, db: Database, claim: Row) -> None:
        """Apply a file; it is held meanwhile and says how far it is. Raises Stopped when it is taken away."""
        watch = Watch()
        working = asyncio.create_task(apply_ordered(db, claim, self.id, watch))
        try:
            while not (await asyncio.wait({working}, timeout=BEAT_SECONDS))[0]:
                # A beat may have waited for the work's own last word.
                if not await self._beat(db, claim, watch) and not watch.is_released:
                    raise Stopped
            working.result()
        finally:
            # Whoever stops waiting stops the work as well, and the database undoes it.
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _beat(self, db: Database, claim: Row, watch: Watch) -> bool:
        async with db.transaction() as tx:
            return await queue.beat(tx, claim["import_id"], self.id, step=watch.step, done=watch.done)
