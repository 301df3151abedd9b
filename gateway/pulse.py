"""The pulse of the house: how many events the schools have made, as the bus counts them."""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import datetime

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from pydantic import BaseModel

from chassis.clock import Clock
from contracts.topology import STREAM
from gateway.settings import GatewaySettings

FRESH_SECONDS = 0.5
ASKING_SECONDS = 2.0

log = logging.getLogger("neo.gateway")


class Reading(BaseModel):
    """How many events the house has seen, and the business time of the answer.

    While the bus does not answer, the last known number stands here and `is_stale` is true.
    """

    events: int
    at: datetime
    is_stale: bool = False


class Pulse:
    """Reads the last sequence of the stream, at most twice a second however many people look."""

    def __init__(self, settings: GatewaySettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.client = Client()
        self.js = self.client.jetstream(timeout=ASKING_SECONDS)
        self.asking = asyncio.Lock()
        self.asked_at = float("-inf")
        self.events = 0
        self.is_stale = True
        self.connecting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect in the background: an absent bus must not keep the door shut."""
        if self.settings.nats_url is not None:
            self.connecting = asyncio.create_task(self._connect(self.settings.nats_url))

    async def stop(self) -> None:
        """Leave the bus."""
        if self.connecting is not None:
            self.connecting.cancel()
            await asyncio.gather(self.connecting, return_exceptions=True)
        if self.client.is_connected or self.client.is_reconnecting:
            with suppress(NatsError):
                await self.client.close()

    async def read(self) -> Reading:
        """The count of events, at most half a second old, or the last known one."""
        async with self.asking:
            if time.monotonic() - self.asked_at >= FRESH_SECONDS:
                await self._look()
                self.asked_at = time.monotonic()
        return Reading(events=self.events, at=self.clock.now(), is_stale=self.is_stale)

    async def _look(self) -> None:
        self.is_stale = True
        if not self.client.is_connected:
            return
        try:
            self.events = (await self.js.stream_info(STREAM)).state.last_seq
            self.is_stale = False
        except (NatsError, JetStreamError, TimeoutError) as error:
            log.warning("the count of events cannot be read", extra={"reason": type(error).__name__})

    async def _connect(self, url: str) -> None:
        await self.client.connect(
            url,
            user=self.settings.nats_user,
            password=self.settings.nats_password,
            inbox_prefix="_INBOX_gateway",
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            name="neo-gateway",
            error_cb=_on_error,
        )


async def _on_error(error: Exception) -> None:
    log.warning("nats", extra={"reason": type(error).__name__})
