"""Turns of a worker in the background: wait for work, do all there is, hand back what a stop has interrupted.

What a worker does is held on a lease. One that is stopped in order hands it back; the lease of one that died ends by
itself, and the next worker begins anew. What outlives several workers has failed. What is cancelled, or taken over,
is left in the middle.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

from chassis.database import Database, Row, Tx, is_transient
from chassis.leases import Leases
from chassis.refusals import Refusal

log = logging.getLogger("neo.turns")

T = TypeVar("T")


class LeaseLost(Exception):
    """The work is no longer this worker's: it was cancelled, or another has taken it over."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Real seconds of a lease, between two beats, and of waiting unwoken; and how often work is begun at the most."""

    lease_seconds: float = 20.0
    beat_seconds: float = 0.5
    idle_seconds: float = 2.0
    claims: int = 3


@dataclass(slots=True, kw_only=True)
class LeasedWorker(ABC):
    """One worker of a service; `woken` tells it that work waits, else it looks every `idle_seconds`.

    `lost` and `broken` are the slugs of work that outlived its workers, and of work that fell over a fault of ours.
    """

    leases: ClassVar[Leases]
    lost: ClassVar[str]
    broken: ClassVar[str]
    pace: ClassVar[Pace] = Pace()

    id: UUID = field(default_factory=uuid4)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    @abstractmethod
    async def serve(self, db: Database, claim: Row) -> None:
        """Do what was claimed and release it; a refusal makes it fail with its slug, LeaseLost leaves it."""

    @abstractmethod
    async def fail(self, db: Database, claim: Row, reason: str) -> None:
        """Release what was claimed and note why it was not done, unless it is no longer this worker's."""

    async def turn(self, db: Database) -> None:
        """Wait until there may be work, then work until there is none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pace.idle_seconds):
                await self.woken.wait()
        self.woken.clear()
        try:
            while (claim := await self._claim(db)) is not None:
                await self._try(db, claim)
        except asyncio.CancelledError:
            # At once, so that nobody waits for the lease to end.
            async with db.transaction() as tx:
                await self.leases.hand_back(tx, self.id)
            raise

    async def beat(self, tx: Tx, claim: Row, **told: object) -> None:
        """Hold what was claimed, and tell in columns how far it is; raises LeaseLost."""
        if not await self.leases.beat(tx, claim[self.leases.key], self.id, **told):
            raise LeaseLost

    async def release(self, tx: Tx, claim: Row, **told: object) -> bool:
        """End what was claimed, and tell in columns how; false when it is no longer this worker's."""
        return await self.leases.release(tx, claim[self.leases.key], self.id, **told)

    async def held(
        self, work: asyncio.Task[T], beat: Callable[[], Awaitable[None]], *, stop: Callable[[], object]
    ) -> T:
        """What work comes to that is held by beats; whoever stops waiting stops the work as well, and sees its end."""
        try:
            while not (await asyncio.wait({work}, timeout=self.pace.beat_seconds))[0]:
                await beat()
            return work.result()
        finally:
            stop()
            await asyncio.gather(work, return_exceptions=True)

    async def _claim(self, db: Database) -> Row | None:
        async with db.transaction() as tx:
            return await self.leases.claim(tx, self.id, lease_seconds=self.pace.lease_seconds)

    async def _try(self, db: Database, claim: Row) -> None:
        if claim["claims"] > self.pace.claims:
            await self.fail(db, claim, self.lost)
            return
        try:
            await self.serve(db, claim)
        except LeaseLost:
            return
        except Refusal as refusal:
            await self.fail(db, claim, refusal.slug)
        except Exception as error:
            # The database's own trouble is no fault of the work: its lease ends, and it is begun anew.
            if is_transient(error):
                raise
            log.error("work failed", exc_info=error, extra={"reason": self.broken, "work": claim[self.leases.key]})
            await self.fail(db, claim, self.broken)
