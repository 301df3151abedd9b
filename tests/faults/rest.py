"""When the city is at rest: outboxes empty, every consumer done, no dead letter but the planted ones."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo

from chassis.bus import connect
from contracts.topology import HEARS, SERVICES, STREAM, durable_of
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from deploy.nats import ADMIN
from deploy.operations.dead import DeadLetter, given_up, letters
from deploy.operations.facts import Waiting, waiting

TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, NatsError)
# The gateway is not part of the fleet: nobody takes in what waits for it.
DURABLES = frozenset(durable_of(service, event) for service in SERVICES for event in HEARS[service])


@asynccontextmanager
async def administrator(infrastructure: Infrastructure) -> AsyncIterator[Client]:
    """A connection to the broker that may do everything."""
    nats = infrastructure.nats
    client = await connect(
        nats.url, user=ADMIN, password=nats.passwords[ADMIN], connect_timeout=2, max_reconnect_attempts=1
    )
    try:
        yield client
    finally:
        await client.close()


async def outboxes(infrastructure: Infrastructure, services: Iterable[str] = SERVICES) -> list[Waiting]:
    """What waits to be sent, as `neo outbox` says it."""
    postgres = infrastructure.postgres
    looks = (waiting(postgres.url(database_of(service), "postgres"), service) for service in services)
    return list(await asyncio.gather(*looks))


async def consumers(client: Client) -> dict[str, ConsumerInfo]:
    """All consumers of the stream of facts."""
    js = client.jetstream(timeout=3)
    found: dict[str, ConsumerInfo] = {}
    while page := await js.consumers_info(STREAM, offset=len(found)):
        found.update({one.name: one for one in page})
    return found


async def dead_letters(infrastructure: Infrastructure) -> list[DeadLetter]:
    """The dead letters, as `neo dead list` says them."""
    async with administrator(infrastructure) as client:
        assert await given_up(client) == 0, "the server itself has given messages up"
        return [letter async for letter in letters(client)]


async def until(look: Callable[[], Awaitable[bool]], *, within: float = 60.0) -> None:
    """Wait for something that is dear to look at; a server that does not answer has not shown it yet."""
    ends = time.monotonic() + within
    while True:
        with suppress(*TROUBLE):
            if await look():
                return
        if time.monotonic() > ends:
            raise AssertionError(f"never seen within {within} s: {look}")
        await asyncio.sleep(0.15)


async def rest(infrastructure: Infrastructure, *, within: float = 120.0) -> None:
    """Wait until outboxes are empty and every consumer has taken in everything; fails with what is not."""
    ends = time.monotonic() + within
    quiet = 0
    while quiet < 2:
        try:
            busy = await _busy(infrastructure)
        except TROUBLE as error:
            busy = [type(error).__name__]
        quiet = 0 if busy else quiet + 1
        if time.monotonic() > ends:
            raise AssertionError(f"the city finds no rest: {busy}")
        await asyncio.sleep(0.15)


async def _busy(infrastructure: Infrastructure) -> list[str]:
    busy = [f"outbox of {one.service}: {one.rows}" for one in await outboxes(infrastructure) if one.rows]
    async with administrator(infrastructure) as client:
        found = await consumers(client)
    busy += sorted(f"{name} is missing" for name in DURABLES - found.keys())
    return busy + [
        f"{name} {one.num_pending}+{one.num_ack_pending}"
        for name, one in found.items()
        if name in DURABLES and (one.num_pending or one.num_ack_pending)
    ]
