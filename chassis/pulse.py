"""A sign of life for the server while a handler works: a message that is worked on is not delivered again."""

import asyncio
from contextlib import suppress
from typing import Any

from nats.errors import Error as NatsError


class Pulse:
    """Tells the server every so many seconds that a handler still works; costs a fast one a timer only."""

    def __init__(self, message: Any, seconds: float) -> None:
        self.message = message
        self.seconds = seconds
        self.timer = asyncio.get_running_loop().call_later(seconds, self._beat)
        self.saying: asyncio.Task[None] | None = None

    def _beat(self) -> None:
        self.saying = asyncio.create_task(self._say())
        self.timer = asyncio.get_running_loop().call_later(self.seconds, self._beat)

    async def _say(self) -> None:
        # A broker that is away will deliver the message again; the inbox knows it by then.
        with suppress(NatsError):
            await self.message.in_progress()

    def stop(self) -> None:
        """The handler has ended."""
        self.timer.cancel()
