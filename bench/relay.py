"""The relay alone: ours draining a full outbox, against one that sends the same rows one after another."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from nats.js.client import JetStreamContext

from bench.consents import events
from bench.ground import Ground
from bench.rounds import PILOT, Scale, operations_for
from bench.samples import Ratio, Sample, ratio
from chassis.bus import connect
from chassis.outbox import CHANNEL
from contracts.event import Event
from contracts.topology import STREAM
from deploy.nats import ADMIN
from services.documents.app import build

BATCH = 500
LONGEST_SECONDS = 60.0
_TAKE = """
    with gone as (
        delete from outbox where number in (select number from outbox order by number limit $1)
        returning number, event_id
    )
    select journal.event_id, subject, schools, body from gone join journal using (event_id) order by gone.number
"""
_JOURNAL = (
    "event_id", "subject", "aggregate_id", "revision", "schools", "occurred_at", "recorded_at", "traceparent", "body"
)  # fmt: skip


async def measure_relay(ground: Ground, scale: Scale) -> tuple[list[Sample], Ratio]:
    """Rows per second of both, in turns, each time on as many fresh rows."""
    ours, sequential = [], []
    filling = await ground.admin("documents")
    try:
        rows = operations_for(scale.seconds * 3, rate=await _sequential(ground, filling, PILOT))
        for _ in range(scale.rounds):
            async with _running_service(ground):
                ours.append(await _ours(filling, rows))
            sequential.append(await _sequential(ground, filling, rows))
    finally:
        await filling.close()
    samples = [
        Sample("relay-ours", "per-second", tuple(ours), rows),
        Sample("relay-sequential", "per-second", tuple(sequential), rows),
    ]
    return samples, ratio("relay-to-sequential", ours, sequential)


@asynccontextmanager
async def _running_service(ground: Ground) -> AsyncIterator[None]:
    """documents inside this process: its relay is wired as in production, its doors are shut."""
    settings = ground.infrastructure.settings_of("documents", ground.issuer)
    app = build(settings, verifier=ground.tokens.verifier())
    async with app.router.lifespan_context(app):
        yield


async def _ours(filling: asyncpg.Connection, rows: int) -> float:
    await fill(filling, events(rows))
    began = time.perf_counter()
    await filling.execute(f"notify {CHANNEL}")
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            if not await filling.fetchval("select exists (select from outbox)"):
                return rows / (time.perf_counter() - began)
            await asyncio.sleep(0.005)


async def _sequential(ground: Ground, filling: asyncpg.Connection, rows: int) -> float:
    await fill(filling, events(rows))
    nats = ground.infrastructure.nats
    client = await connect(nats.url, user=ADMIN, password=nats.passwords[ADMIN])
    began = time.perf_counter()
    while await _send_one_by_one(filling, client.jetstream(timeout=5)):
        continue
    seconds = time.perf_counter() - began
    await client.close()
    return rows / seconds


async def _send_one_by_one(connection: asyncpg.Connection, js: JetStreamContext) -> int:
    async with connection.transaction():
        found = await connection.fetch(_TAKE, BATCH)
        for row in found:
            headers = {
                "Nats-Msg-Id": str(row["event_id"]),
                "event-id": str(row["event_id"]),
                "school-id": row["schools"],
            }
            await js.publish(row["subject"], row["body"], stream=STREAM, headers=headers)
    return len(found)


async def fill(connection: asyncpg.Connection, facts: Sequence[Event]) -> None:
    """Queue facts as one transaction, so that a relay meets all of them at once."""
    rows = [
        (
            fact.event_id,
            fact.subject,
            fact.aggregate_id,
            fact.revision,
            ",".join(fact.schools),
            fact.occurred_at,
            fact.recorded_at,
            None,
            fact.model_dump_json().encode(),
        )
        for fact in facts
    ]
    async with connection.transaction():
        await connection.copy_records_to_table("journal", records=rows, columns=_JOURNAL)
        ids = [fact.event_id for fact in facts]
        await connection.execute("insert into outbox (event_id) select unnest($1::uuid[])", ids)
