"""SIGTERM in the middle of work: what is under way is finished, and nothing is acknowledged that was not committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
from nats.js.errors import NotFoundError

from chassis.relay import connect_plain
from contracts.matching import PairingFormed
from contracts.topology import SERVICES, STREAM, durable_of
from deploy.databases import database_of
from tests.faults.rest import administrator, consumers, until
from tests.faults.storms import Storm

_HELD_UP = "select count(*) from pg_locks where not granted and relation = 'assignments'::regclass"


async def services_replaced(storm: Storm) -> None:
    """A rollout: one service after the other is asked to end and started again."""
    for service in storm.dice("rollout").sample(SERVICES, len(SERVICES)):
        await storm.fleet.end(service)
        storm.fleet.start(service)
        storm.tally.make("service asked to end (SIGTERM)", sign="its process ended by itself and was started again")


async def ended_in_mid_work(storm: Storm) -> None:
    """Tracking is asked to end while a request and a handler wait inside their transactions for a locked table."""
    storm.scenario.pause = 0.1
    async with _tracking(storm) as looking, _tracking(storm) as locking:
        # Some facts are taken in before, so that something has been acknowledged.
        await until(lambda: _has_taken_in(looking))
        answered = await _end_while_locked(storm, locking, looking)
    assert answered == 200, f"the request under way was answered by {answered}"
    acked = await _acked_facts_are_committed(storm)
    assert acked > 0, "nothing had been acknowledged"
    storm.fleet.start("tracking")
    sign = f"the request under way got {answered}; {acked} facts acknowledged, all of them committed"
    storm.tally.make("service asked to end in mid-work (SIGTERM)", sign=sign)


@asynccontextmanager
async def _tracking(storm: Storm) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_plain(storm.infrastructure.postgres.url(database_of("tracking"), "postgres"))
    try:
        yield connection
    finally:
        await connection.close()


async def _end_while_locked(storm: Storm, locking: asyncpg.Connection, looking: asyncpg.Connection) -> int:
    """Lock, wait until somebody is held up, say SIGTERM, unlock; returns the status of the request under way."""
    lock = locking.transaction()
    await lock.start()
    await locking.execute("lock table assignments in access exclusive mode")
    request = asyncio.create_task(_read(storm))
    await until(lambda: _held_up(looking))
    farewell = asyncio.create_task(storm.fleet.end("tracking"))
    await asyncio.sleep(0.3)
    assert not farewell.done(), "tracking ended without finishing what it held"
    await lock.rollback()
    await farewell
    return await request


async def _has_taken_in(looking: asyncpg.Connection) -> bool:
    durable = durable_of("tracking", PairingFormed)
    return bool(await looking.fetchval("select exists(select from inbox where consumer = $1)", durable))


async def _held_up(looking: asyncpg.Connection) -> bool:
    """The request and at least one handler."""
    return int(await looking.fetchval(_HELD_UP)) >= 2


async def _read(storm: Storm) -> int:
    school = storm.scenario.school_ids[0]
    person = storm.scenario.curator_of(school)
    headers = storm.scenario.caller.headers_of(person, (f"/schools/{school}/curator",))
    url = f"{storm.fleet.url('tracking')}/v1/schools/{school}/assignments"
    timeout = aiohttp.ClientTimeout(total=60)
    async with storm.scenario.caller.session.get(url, headers=headers, timeout=timeout) as answer:
        await answer.json()
        return answer.status


async def _acked_facts_are_committed(storm: Storm) -> int:
    """Everything up to the consumer's floor of acknowledgement stands in the inbox; returns how many facts that is."""
    durable = durable_of("tracking", PairingFormed)
    async with _tracking(storm) as connection:
        taken = {str(row["event_id"]) for row in await connection.fetch("select event_id from inbox")}
    acked = set()
    async with administrator(storm.infrastructure) as client:
        js = client.jetstream(timeout=10)
        reached = (await consumers(client))[durable].ack_floor
        floor, number = reached.stream_seq if reached else 0, 0
        while number < floor:
            try:
                message = await js.get_msg(STREAM, seq=number + 1, subject=PairingFormed.subject, next=True)
            except NotFoundError:
                break
            number = message.seq or floor
            if number <= floor and number not in storm.poisons:
                acked.add((message.headers or {}).get("event-id", ""))
    assert acked <= taken, f"acknowledged and not committed: {acked - taken}"
    return len(acked)
