"""A transaction held open for ten minutes, made short: the dead rows that it would leave are made at once.

PostgreSQL cannot clean away what a snapshot may still see. A queue suffers most: each look for the next row passes
everything that was sent since. Ten minutes at 500 events a second leave 300,000 dead rows in the outbox.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.hop import LISTENER, OWNER, Hop
from bench.rounds import Scale
from bench.samples import Ratio, Sample, wanted

CHUNK = 5000
# From the sequence: looking for the highest number would itself wade through the dead rows.
_LAST_NUMBER = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'number')::regclass), 0)"
_QUEUE = """
    insert into outbox (event_id)
    select event_id from (select event_id from journal order by position desc limit 500) as sent,
                         generate_series(1, $1 / 500)
"""


async def measure_held(hop: Hop, scale: Scale) -> tuple[list[Sample], Ratio]:
    """What the hop loses while somebody holds a snapshot of both databases, in turns with what it does otherwise."""
    free, held = [], []
    events = hop.lot(scale)
    for _ in range(scale.held_rounds):
        await _clean(hop)
        free.append(await hop.saturate(hop.crowd.take(events)))
        async with _snapshot(hop):
            await _leave_dead_rows(hop, scale.dead_rows)
            held.append(await hop.saturate(hop.crowd.take(events)))
    await _clean(hop)
    losses = tuple(max(0.0, 1 - slow / fast) * 100 for slow, fast in zip(held, free, strict=True))
    samples = [
        Sample("hop-free", "per-second", tuple(free), events),
        Sample("hop-while-held", "per-second", tuple(held), events),
    ]
    return samples, Ratio(wanted("held-open-loss"), losses)


@asynccontextmanager
async def _snapshot(hop: Hop) -> AsyncIterator[None]:
    """Somebody's long look at both databases: a backup, a forgotten console."""
    holders = [await hop.ground.admin(name) for name in (OWNER, LISTENER)]
    try:
        for holder in holders:
            await holder.execute("begin isolation level repeatable read")
            await holder.fetchval("select count(*) from journal")
        yield
        for holder in holders:
            await holder.execute("rollback")
    finally:
        for holder in holders:
            await holder.close()


async def _leave_dead_rows(hop: Hop, rows: int) -> None:
    """Queue and delete within one transaction, so that the relay never sees them."""
    connection = await hop.ground.admin(OWNER)
    try:
        for _ in range(0, rows, CHUNK):
            async with connection.transaction():
                highest = await connection.fetchval(_LAST_NUMBER)
                await connection.execute(_QUEUE, CHUNK)
                await connection.execute("delete from outbox where number > $1", highest)
    finally:
        await connection.close()


async def _clean(hop: Hop) -> None:
    for name in (OWNER, LISTENER):
        connection = await hop.ground.admin(name)
        await connection.execute("vacuum (analyze) outbox, journal, inbox, consents")
        await connection.close()
