"""The desk's connection to the broker: made when somebody asks, made anew when it was lost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from chassis.refusals import Unavailable
from contracts.topology import DEAD_STREAM, GAVE_UP_STREAM, OPERATIONS, STREAM
from deploy.operations.dead import DeadLetter, letter_at, redrive

log = logging.getLogger("neo.operations")
STREAMS = (STREAM, DEAD_STREAM, GAVE_UP_STREAM)


class Broker:
    """One connection that all questions share."""

    def __init__(self, url: str, user: str | None, password: str | None) -> None:
        self.url = url
        self.who = {"user": user, "password": password} if user else {}
        self.client: Client | None = None
        self.connecting = asyncio.Lock()

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Client]:
        """The connection for one question; raises Unavailable while the broker is away."""
        try:
            async with self.connecting:
                if self.client is None or not self.client.is_connected:
                    self.client = await self._connect()
            yield self.client
        except (NatsError, TimeoutError, OSError) as error:
            raise Unavailable("desk.broker-away") from error

    async def answers(self) -> bool:
        """Does it answer now?"""
        try:
            async with self.asked() as client:
                await client.flush(timeout=2)
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Let the connection go."""
        if self.client is not None:
            await self.client.close()

    async def _connect(self) -> Client:
        if self.client is not None:
            await self.client.close()
        return await nats.connect(
            self.url,
            connect_timeout=3,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0.1,
            error_cb=_say,
            inbox_prefix=f"_INBOX_{OPERATIONS}".encode(),
            name=OPERATIONS,
            **self.who,
        )


async def _say(error: Exception) -> None:
    log.warning("broker away", extra={"reason": type(error).__name__})


async def consumers(client: Client) -> list[ConsumerInfo]:
    """All consumers of the stream of facts, by name."""
    js, found = client.jetstream(timeout=10), list[ConsumerInfo]()
    while page := await js.consumers_info(STREAM, offset=len(found)):
        found += page
    return sorted(found, key=lambda one: one.name)


async def letters_after(client: Client, number: int, limit: int, consumer: str | None) -> list[DeadLetter]:
    """Dead letters behind a number, the oldest first, one more than asked if there is one."""
    state = (await client.jetstream(timeout=10).stream_info(DEAD_STREAM)).state
    found: list[DeadLetter] = []
    for position in range(max(state.first_seq, number + 1), state.last_seq + 1):
        letter = await letter_at(client, position)
        if letter is not None and (consumer is None or letter.consumer == consumer):
            found.append(letter)
        if len(found) > limit:
            break
    return found


async def send_again(client: Client, letter: DeadLetter) -> bool:
    """Redrive one letter; False when somebody else was faster and it is gone."""
    try:
        await redrive(client, letter)
    except NotFoundError:
        return False
    return True
