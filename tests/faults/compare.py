"""What must be equal: every projection row by row, every journal fact by fact; outboxes empty, no dead letters."""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import DateTime, Table, select

from chassis import migrate
from chassis.bus import connect
from chassis.clock import RealClock
from chassis.database import Database, is_transient
from contracts.topology import DEAD_STREAM, HEARS, STREAM, durable_of
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from deploy.nats import ADMIN

PLUMBING = {"journal", "outbox", "inbox", "attempts"}
# Chance and real time by design: the key of an anonymous answer, who solved a run and how fast.
VOLATILE = {
    "key",
    "seconds",
    "worker",
    "lease",
    "claims",
    "traceparent",
    "certificate",
    "dual_first",
    "coverage_first",
    "sha256",
    "content",
    "signed_sha256",
}
SERVICES = ("diagnostics", "matching", "tracking", "documents", "reporting", "registry")


@dataclass(frozen=True, slots=True)
class Picture:
    """A city at rest: per table how many rows and their digest, the ids of all facts by owner and by who took them in.

    Effects are guarded by revisions too, so that a doubled delivery may leave no trace in a table; the inbox tells.
    """

    tables: dict[str, tuple[int, str]]
    facts: dict[str, frozenset[str]]
    taken_in: dict[str, frozenset[str]]

    def differences(self, other: "Picture") -> list[str]:
        """Where two cities differ."""
        tables = [
            f"{name}: {self.tables.get(name)} and {other.tables.get(name)}"
            for name in sorted(self.tables.keys() | other.tables.keys())
            if self.tables.get(name) != other.tables.get(name)
        ]
        facts = [
            f"facts of {service}: {len(mine - theirs)} missing, {len(theirs - mine)} too many"
            for service, mine in self.facts.items()
            if mine != (theirs := other.facts[service])
        ]
        inboxes = [
            f"inbox of {service}: {len(mine - theirs)} missing, {len(theirs - mine)} too many"
            for service, mine in self.taken_in.items()
            if mine != (theirs := other.taken_in[service])
        ]
        return tables + facts + inboxes

    @property
    def events(self) -> int:
        """How many facts there are."""
        return sum(len(ids) for ids in self.facts.values())


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list | tuple) else str(value)


async def _rows(db: Database, table: Table, schools: list[str]) -> tuple[int, str]:
    columns = [
        column
        for column in table.columns
        if not isinstance(column.type, DateTime) and column.name not in VOLATILE and column.identity is None
    ]
    async with db.transaction(*schools) as tx:
        rows = await tx.rows(select(*columns))
    lines = sorted(json.dumps([_plain(value) for value in row.values()]) for row in rows)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


async def take_picture(infrastructure: Infrastructure, schools: list[str]) -> Picture:
    """Look at every table of every service."""
    tables, facts, taken_in = {}, {}, {}
    for service in SERVICES:
        db = Database.open(infrastructure.postgres.url(database_of(service), f"{service}_app"), RealClock())
        metadata = migrate.metadata_of(service)
        try:
            for table in metadata.sorted_tables:
                if table.name not in PLUMBING:
                    tables[f"{service}.{table.fullname}"] = await _rows(db, table, schools)
            async with db.transaction() as tx:
                journal = await tx.rows(select(metadata.tables["journal"].c.event_id))
                inbox = await tx.rows(select(metadata.tables["inbox"].c.consumer, metadata.tables["inbox"].c.event_id))
            facts[service] = frozenset(str(row["event_id"]) for row in journal)
            taken_in[service] = frozenset(f"{row['consumer']} {row['event_id']}" for row in inbox)
        finally:
            await db.close()
    return Picture(tables, facts, taken_in)


async def dead_letters(infrastructure: Infrastructure) -> int:
    """How many dead letters there are."""
    client = await connect(infrastructure.nats.url, user=ADMIN, password=infrastructure.nats.passwords[ADMIN])
    try:
        return int((await client.jetstream().stream_info(DEAD_STREAM)).state.messages)
    finally:
        await client.close()


async def rest(infrastructure: Infrastructure, *, within: float = 120.0) -> None:
    """Wait until outboxes are empty and every consumer has taken in everything; fails with what is not."""
    until = time.monotonic() + within
    quiet = 0
    while quiet < 2:
        try:
            busy = await _busy(infrastructure)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if not is_transient(error):
                raise
            busy = [type(error).__name__]
        quiet = 0 if busy else quiet + 1
        if time.monotonic() > until:
            raise AssertionError(f"the city finds no rest: {busy}")
        await asyncio.sleep(0.1)


async def _busy(infrastructure: Infrastructure) -> list[str]:
    busy = []
    for service in SERVICES:
        db = Database.open(infrastructure.postgres.url(database_of(service), f"{service}_app"), RealClock())
        try:
            async with db.transaction() as tx:
                waiting = await tx.rows(select(migrate.metadata_of(service).tables["outbox"].c.number).limit(1))
        finally:
            await db.close()
        if waiting:
            busy.append(f"outbox of {service}")
    client = await connect(
        infrastructure.nats.url,
        user=ADMIN,
        password=infrastructure.nats.passwords[ADMIN],
        connect_timeout=2,
        max_reconnect_attempts=1,
    )
    try:
        js = client.jetstream(timeout=3)
        for service, events in HEARS.items():
            for event in events:
                durable = durable_of(service, event)
                seen = await js.consumer_info(STREAM, durable)
                if seen.num_pending or seen.num_ack_pending:
                    busy.append(f"{durable} {seen.num_pending}+{seen.num_ack_pending}")
    finally:
        await client.close()
    return busy
