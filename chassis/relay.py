"""The relay: one per service sends the queued facts to the bus, many in flight, and forgets them after their acks.

Rows are deleted and published inside one transaction: if anything dies in between, the rows come back, and the
server drops the repeat by its message id; the inbox drops it for ever.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import asyncpg
from nats.errors import Error as NatsError

from chassis.database import address_of
from chassis.outbox import CHANNEL
from chassis.post import Letter

BATCH = 500
LOCK = 0x6E656F  # one number per database is enough: each service has its own database
IDLE_SECONDS = 2.0
BUSY_SECONDS = 0.05
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
# Where a long transaction keeps dead rows alive, a look from the very first number reads all of them; between two
# such looks the relay begins a little below where the last one began. A late commit is found by the next.
WHOLE_LOOK_SECONDS = 2.0
EMPTY_LOOK_SECONDS = 0.25
MARGIN = 1000

log = logging.getLogger("neo.relay")

# An array keeps the server on the key's index: joined with a subquery it read the whole outbox for each batch.
_TAKE = """
    with gone as (
        delete from outbox
        where number = any(array(select number from outbox where number >= $2 order by number limit $1))
        returning number, event_id
    )
    select gone.number, journal.event_id, subject, schools, traceparent, body
    from gone join journal using (event_id) order by gone.number
"""


Send = Callable[[Sequence[Letter]], Awaitable[None]]


def letter_of(row: Mapping[str, Any] | asyncpg.Record, *, message_id: str | None = None) -> Letter:
    """Facts in the body, transport in the headers."""
    headers = {"Nats-Msg-Id": message_id or str(row["event_id"]), "event-id": str(row["event_id"])}
    if row["schools"]:
        headers["school-id"] = row["schools"]
    if row["traceparent"]:
        headers["traceparent"] = row["traceparent"]
    return Letter(row["subject"], row["body"], headers)


async def connect_plain(url: str) -> asyncpg.Connection:
    """A plain asyncpg connection for an SQLAlchemy address."""
    return await asyncpg.connect(**address_of(url), timeout=10)


class Relay:
    """Sends what is in the outbox; of several replicas the one that holds the lock works, the others wake it."""

    def __init__(self, url: str, send: Send, woken: asyncio.Event) -> None:
        self.url = url
        self.send = send
        self.woken = woken
        self.sent = 0
        self.pause = SHORTEST_PAUSE
        self.floor = 0
        self.looked_at = float("-inf")

    async def run(self) -> None:
        """Work until cancelled; an outage of the database or of the bus is waited out."""
        while True:
            try:
                await self._serve()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, NatsError) as error:
                log.warning("relay waits", extra={"reason": type(error).__name__, "seconds": self.pause})
                await asyncio.sleep(self.pause)
                self.pause = min(self.pause * 2, LONGEST_PAUSE)

    async def _serve(self) -> None:
        connection = await connect_plain(self.url)
        try:
            # Its own notices come back to a listener too: heeding them would turn the wait for a leader into a spin.
            me = connection.get_server_pid()
            await connection.add_listener(CHANNEL, lambda _, sender, *__: None if sender == me else self.woken.set())
            wait = BUSY_SECONDS
            while True:
                was_woken = self.woken.is_set()
                self.woken.clear()
                sent = await self._send_batch(connection)
                if sent is None and was_woken:
                    # Another replica leads: tell it once, not once per transaction.
                    await connection.execute(f"notify {CHANNEL}")
                if sent == BATCH:
                    continue
                wait = BUSY_SECONDS if sent else min(wait * 2, IDLE_SECONDS)
                await self._sleep_until_woken(wait)
        finally:
            connection.terminate()

    async def _sleep_until_woken(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.woken.wait()
        except TimeoutError:
            return

    async def _send_batch(self, connection: asyncpg.Connection) -> int | None:
        async with connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
                return None
            floor, rows = await self._take(connection)
            if rows:
                async with asyncio.timeout(20):
                    await self.send([letter_of(row) for row in rows])
        self.floor, self.pause = floor, SHORTEST_PAUSE
        self.sent += len(rows)
        return len(rows)

    async def _take(self, connection: asyncpg.Connection) -> tuple[int, list[asyncpg.Record]]:
        """The next rows in the order of their numbers, and from where to look for those after them."""
        now = asyncio.get_running_loop().time()
        if now - self.looked_at < WHOLE_LOOK_SECONDS:
            rows = await connection.fetch(_TAKE, BATCH, self.floor)
            if rows or now - self.looked_at < EMPTY_LOOK_SECONDS:
                return self.floor, rows
        self.looked_at = now
        rows = await connection.fetch(_TAKE, BATCH, 0)
        return (max(rows[0]["number"] - MARGIN, 0) if rows else self.floor), rows
