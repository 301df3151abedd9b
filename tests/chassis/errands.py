"""Errands that wait in a table of a test's own, and a worker who runs them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Uuid, insert, select, text, update

from chassis.database import Database, Row
from chassis.leases import Waiting, leases
from chassis.testing import ISSUER
from chassis.turns import LeasedWorker, Pace
from tests.chassis.small_service import NAME, as_superuser
from tests.stand import Stand

_MADE = """
    create table errands (
        errand_id uuid primary key, place integer not null, house text, state text not null, done integer not null,
        worker uuid, beat_at timestamptz, claims integer not null
    )
"""
errands = Table(
    "errands",
    MetaData(),
    Column("errand_id", Uuid, primary_key=True),
    Column("place", Integer),
    Column("house", String),
    Column("state", String),
    Column("done", Integer),
    Column("worker", Uuid),
    Column("beat_at", DateTime(timezone=True)),
    Column("claims", Integer),
)
GOING = leases(
    Waiting(
        table=errands,
        key=errands.c.errand_id,
        order=[errands.c.place],
        begun={"state": "begun", "done": 0},
        left={"state": "waiting"},
    )
)
KEPT = leases(
    Waiting(
        table=errands,
        key=errands.c.errand_id,
        order=[errands.c.place],
        is_open=errands.c.state.in_(["waiting", "begun"]),
        is_kept=True,
    )
)

ONE_A_HOUSE = leases(Waiting(table=errands, key=errands.c.errand_id, order=[errands.c.place], one_of=errands.c.house))


@asynccontextmanager
async def an_empty_table(stand: Stand) -> AsyncIterator[Database]:
    """The database of the small service with a table of errands, for as long as it is looked at."""
    settings = stand.infrastructure.settings_of(NAME, ISSUER)
    db = Database.open(settings.database_url, stand.clock)
    await as_superuser(stand.infrastructure, _MADE)
    await as_superuser(stand.infrastructure, "grant all on errands to public")
    try:
        yield db
    finally:
        await db.close()
        await as_superuser(stand.infrastructure, "drop table errands")


async def add(db: Database, place: int = 1, **other: object) -> UUID:
    """An errand that waits; the lower its place, the sooner it is run."""
    row = {"errand_id": uuid4(), "place": place, "state": "waiting", "done": 0, "claims": 0, **other}
    async with db.transaction() as tx:
        await tx.run(insert(errands), row)
    return UUID(str(row["errand_id"]))


async def silence(db: Database) -> None:
    """Nobody has beaten for an hour."""
    async with db.transaction() as tx:
        await tx.run(update(errands).values(beat_at=text("clock_timestamp() - interval '1 hour'")))


async def told(db: Database, errand: UUID, *names: str) -> tuple[Any, ...]:
    """What stands in some columns of an errand; nothing when it is gone."""
    async with db.transaction() as tx:
        row = await tx.row(select(errands).where(errands.c.errand_id == errand))
    return tuple(row[name] for name in names) if row else ()


async def nothing() -> None:
    """An errand that is done at once."""


@dataclass(slots=True)
class Runner(LeasedWorker):
    """Runs errands as a test wants them run; what failed is noted with its reason."""

    leases = GOING
    lost = "errand.lost"
    broken = "errand.broken"
    pace = Pace(lease_seconds=20.0, beat_seconds=0.02, idle_seconds=0.05)

    run: Callable[[], Awaitable[None]] = nothing
    served: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)
    stopped: list[UUID] = field(default_factory=list)

    async def serve(self, db: Database, claim: Row) -> None:
        """Run an errand, and tell while it is being run."""
        errand = claim["errand_id"]
        self.served.append(errand)

        async def say() -> None:
            async with db.transaction() as tx:
                await self.beat(tx, claim, done=7)

        async def work() -> None:
            try:
                await self.run()
            except asyncio.CancelledError:
                self.stopped.append(errand)
                raise

        working = asyncio.create_task(work())
        await self.held(working, say, stop=working.cancel)
        async with db.transaction() as tx:
            await self.release(tx, claim)

    async def fail(self, db: Database, claim: Row, reason: str) -> None:
        """Note why."""
        async with db.transaction() as tx:
            if await self.release(tx, claim):
                self.failed[claim["errand_id"]] = reason
