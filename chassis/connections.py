"""The connections of a service to its database: made when they are needed, and handed on without a detour.

asyncpg's own pool makes a task, a proxy and several futures each time a connection changes hands, a twelfth of what
a small command costs (ADR 0018). Here a connection is popped from a list; a future is made only if one has to wait.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg

WAIT_SECONDS = 10.0
UNUSED_SECONDS = 300.0
GOODBYE_SECONDS = 5.0


@dataclass(slots=True)
class Connections:
    """At most `size` connections; the one that came back last goes out first, so that spare ones age and are closed."""

    size: int
    connect: Callable[[], Awaitable[asyncpg.Connection]]
    idle: deque[tuple[asyncpg.Connection, float]] = field(default_factory=deque)
    out: set[asyncpg.Connection] = field(default_factory=set)
    # Connections that exist or are being made; one is never more than promised.
    places: int = 0
    waiting: deque[asyncio.Future[asyncpg.Connection | None]] = field(default_factory=deque)
    returned: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self) -> asyncpg.Connection:
        """A connection of one's own until it is given back; raises TimeoutError after ten seconds without one."""
        connection = self._pop()
        if connection is None and self.places >= self.size:
            connection = await self._wait()
        elif connection is None:
            self.places += 1
        if connection is None:
            connection = await self._make()
        self.out.add(connection)
        return connection

    async def have(self, count: int) -> None:
        """Make what is missing until there are so many, before anybody needs them."""
        while self.places < min(count, self.size):
            self.places += 1
            self.give_back(await self._make())

    def _pop(self) -> asyncpg.Connection | None:
        while self.idle:
            connection, _ = self.idle.pop()
            if not connection.is_closed():
                return connection
            self.places -= 1
        return None

    async def _make(self) -> asyncpg.Connection:
        try:
            return await self.connect()
        except BaseException:
            self._hand_on(None)
            raise

    async def _wait(self) -> asyncpg.Connection | None:
        """Wait for one that is given back, or for the place of one that was lost."""
        turn: asyncio.Future[asyncpg.Connection | None] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await turn
        except BaseException:
            # It was handed over in the very moment in which nobody waited any more.
            if turn.done() and not turn.cancelled():
                self._hand_on(turn.result())
            raise

    def give_back(self, connection: asyncpg.Connection) -> None:
        """Hand it on to whoever waits longest, or keep it."""
        self.out.discard(connection)
        self.returned.set()
        self._hand_on(None if connection.is_closed() else connection)

    def _hand_on(self, connection: asyncpg.Connection | None) -> None:
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self.places -= 1
            return
        now = asyncio.get_running_loop().time()
        self.idle.append((connection, now))
        if now - self.idle[0][1] > UNUSED_SECONDS:
            unused, _ = self.idle.popleft()
            self.places -= 1
            unused.terminate()

    async def close(self) -> None:
        """Part with all of them; what still works after five seconds is cut off."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._all_back()
        for connection in self.out:
            connection.terminate()
        for connection, _ in self.idle:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=1)
        self.idle.clear()

    async def _all_back(self) -> None:
        # Whoever still waits for one is served first, as at any other time.
        while self.out:
            self.returned.clear()
            await self.returned.wait()
