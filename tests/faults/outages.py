"""Servers that die, hang, stay away, fill up, or lose everything."""

import asyncio
import random
import shutil
import signal
import time
from dataclasses import replace

import asyncpg
from nats.js.errors import APIError

from chassis.relay import connect_plain
from contracts.topology import SERVICES, STREAM, Topology
from deploy.databases import database_of
from deploy.local.infrastructure import apply_topology
from deploy.local.servers import start_nats, start_postgres, stop_nats, stop_postgres
from deploy.operations.facts import replay
from tests.faults.messages import deliver_again
from tests.faults.rest import administrator, consumers, outboxes, until
from tests.faults.storms import Storm

# What nats-server answers when its store has no room.
INSUFFICIENT_RESOURCES = 10023
ROOM = 20_000


async def restart_nats(storm: Storm, *, store_limit: str = "4G") -> None:
    """Start nats-server again on its port and its store."""
    port = int(storm.infrastructure.nats.url.rpartition(":")[2])
    again = await start_nats(storm.infrastructure.folder / "nats", port=port, store_limit=store_limit)
    storm.fleet.infrastructure = replace(storm.infrastructure, nats=again)
    storm.fleet.restart_dead()


async def _restart_postgres(storm: Storm) -> None:
    again = await start_postgres(storm.infrastructure.folder / "postgres", is_durable=False)
    storm.fleet.infrastructure = replace(storm.infrastructure, postgres=again)
    storm.fleet.restart_dead()


async def _facts_wait(storm: Storm, seconds: float) -> str:
    """Hold an outage of the bus until it bites: facts wait in an outbox, and people are answered all the same."""
    began, answered = time.monotonic(), storm.scenario.caller.answered

    async def bites() -> bool:
        found = await outboxes(storm.infrastructure)
        return any(one.rows for one in found) and storm.scenario.caller.answered > answered

    await until(bites)
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    found = await outboxes(storm.infrastructure)
    rows, oldest = sum(one.rows for one in found), max(one.oldest_seconds for one in found)
    assert rows > 0, "the outboxes emptied themselves while the bus was away"
    return f"outboxes {rows} rows, oldest {oldest:.1f} s; {storm.scenario.caller.answered - answered} answers meanwhile"


async def _nobody_is_served(storm: Storm, seconds: float) -> str:
    """Hold an outage of the database until it bites: a command was not answered and is asked again."""
    began, retries = time.monotonic(), storm.scenario.caller.retries

    async def bites() -> bool:
        return storm.scenario.caller.retries > retries

    await until(bites)
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    return f"{storm.scenario.caller.retries - retries} commands unanswered"


async def nats_killed(storm: Storm, *, away: float = 0.5, kind: str = "NATS killed") -> None:
    """nats-server dies and comes back on its port with its store."""
    stop_nats(storm.infrastructure.nats, how=signal.SIGKILL)
    sign = await _facts_wait(storm, away)
    await restart_nats(storm)
    storm.tally.make(kind, sign=sign)


async def nats_away(storm: Storm) -> None:
    """NATS is away for longer than the server remembers message ids: a repeat is only stopped by the inbox."""
    window = storm.infrastructure.timing.duplicate_window
    await nats_killed(storm, away=window * 1.15, kind=f"NATS away longer than the duplicate window ({window:g} s)")


async def nats_paused(storm: Storm, seconds: float) -> None:
    """NATS hangs and then goes on as if nothing had been."""
    storm.fleet.pause_nats()
    try:
        sign = await _facts_wait(storm, seconds)
    finally:
        storm.fleet.resume_nats()
    storm.tally.make(f"NATS paused for {seconds:g} s (SIGSTOP)", sign=sign)


async def postgres_killed(storm: Storm, *, away: float = 0.5) -> None:
    """PostgreSQL crashes and recovers."""
    stop_postgres(storm.infrastructure.postgres, how=signal.SIGQUIT)
    sign = await _nobody_is_served(storm, away)
    await _restart_postgres(storm)
    storm.tally.make("PostgreSQL crashed", sign=sign)


async def postgres_away(storm: Storm) -> None:
    """PostgreSQL is away for longer than the whole retry schedule, while facts have arrived and wait for it."""
    schedule = sum(storm.infrastructure.timing.retry_delays)
    stop_postgres(storm.infrastructure.postgres, how=signal.SIGQUIT)
    await deliver_again(storm, facts=20, times=1)
    sign = await _nobody_is_served(storm, schedule * 1.1)
    async with administrator(storm.infrastructure) as client:
        held = sum(one.num_ack_pending or 0 for one in (await consumers(client)).values())
    assert held > 0, "no consumer held a message while the database was away"
    await storm.check_letters()
    await _restart_postgres(storm)
    await storm.check_letters()
    kind = f"PostgreSQL away longer than all retries ({schedule:.1f} s)"
    storm.tally.make(kind, sign=f"{sign}; {held} messages held, no dead letter")


async def both_killed(storm: Storm) -> None:
    """Both servers are gone at once."""
    stop_nats(storm.infrastructure.nats, how=signal.SIGKILL)
    stop_postgres(storm.infrastructure.postgres, how=signal.SIGQUIT)
    sign = await _nobody_is_served(storm, 0.5)
    await restart_nats(storm)
    await _restart_postgres(storm)
    storm.tally.make("both servers gone", sign=sign)


async def store_full(storm: Storm, seconds: float) -> None:
    """The broker's store has no room: every publication is refused; facts wait, people are answered; room is given.

    What had to wait is then sent in another order than it was written: no reader may rely on the order.
    """
    async with administrator(storm.infrastructure) as client:
        used = (await client.jetstream(timeout=5).account_info()).storage
    stop_nats(storm.infrastructure.nats)
    await restart_nats(storm, store_limit=str(used + ROOM))
    refused = await _fill(storm)
    sign = await _facts_wait(storm, seconds)
    refused += await _fill(storm)
    await _shuffle_outboxes(storm)
    stop_nats(storm.infrastructure.nats)
    await restart_nats(storm)
    storm.tally.make("JetStream store full", sign=f"publication refused ({', '.join(sorted(set(refused)))}); {sign}")


async def _fill(storm: Storm) -> list[str]:
    """Publish what nobody hears until the server refuses it; returns the refusal."""
    async with administrator(storm.infrastructure) as client:
        js = client.jetstream(timeout=5)
        for _ in range(4 * ROOM // 1000):
            try:
                await js.publish("neo.faults.room.taken.v1", b"x" * 1000, stream=STREAM)
            except APIError as refusal:
                if refusal.err_code != INSUFFICIENT_RESOURCES:
                    raise
                return [f"{refusal.err_code} {refusal.description}"]
    raise AssertionError("the store does not fill")


async def _shuffle_outboxes(storm: Storm) -> None:
    moved, dice = 0, storm.dice("outboxes")
    for service in SERVICES:
        connection = await connect_plain(storm.infrastructure.postgres.url(database_of(service), "postgres"))
        try:
            async with connection.transaction():
                moved = max(moved, await _shuffle(connection, dice))
        finally:
            await connection.close()
    assert moved > 1, "no outbox had an order that could be lost"
    storm.tally.make("outbox sent in another order", sign=f"{moved} facts of one owner shuffled")


async def _shuffle(connection: asyncpg.Connection, dice: random.Random) -> int:
    waiting = [row["number"] for row in await connection.fetch("select number from outbox order by number for update")]
    dice.shuffle(waiting)
    for number in waiting:
        # The column always numbers itself: each row takes the next number.
        await connection.execute("update outbox set number = default where number = $1", number)
    return len(waiting)


async def stream_destroyed(storm: Storm) -> None:
    """The whole JetStream volume is lost; the owners say everything again, with the same ids."""
    stop_nats(storm.infrastructure.nats, how=signal.SIGKILL)
    shutil.rmtree(storm.infrastructure.folder / "nats" / "jetstream")
    await restart_nats(storm)
    storm.poisons.clear()
    changes = await apply_topology(storm.infrastructure.nats, Topology(timing=storm.infrastructure.timing))
    assert changes > len(SERVICES), "the stream and its consumers were still there"
    said = 0
    async with administrator(storm.infrastructure) as client:
        for service in SERVICES:
            said += await replay(client, storm.infrastructure.postgres.url(database_of(service), "postgres"))
    assert said > 0, "nobody had said anything"
    kind = "stream destroyed, rebuilt from the owners (neo replay)"
    storm.tally.make(kind, sign=f"{changes} streams and consumers missing; {said} facts said again")
