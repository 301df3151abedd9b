"""A service that has stopped leaves no connection behind, whenever it is stopped."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from chassis.bus import Bus
from chassis.database import Database, Tx
from chassis.intake import on
from chassis.testing import ISSUER
from contracts.registry import CycleOpened
from tests.chassis.small_service import NAME, small_service
from tests.stand import Stand

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts open sockets as Linux shows them")


def open_sockets() -> int:
    """Sockets that this process holds."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            count += str(link.readlink()).startswith("socket:")
        except OSError:
            # The folder's own descriptor is gone by now.
            continue
    return count


async def left_behind(work: Callable[[], Awaitable[None]]) -> int:
    """How many sockets more there are after some work; the first time pays for what is kept on purpose."""
    await work()
    before = open_sockets()
    await work()
    await asyncio.sleep(0)
    return open_sockets() - before


async def test_service_that_worked_leaves_nothing(stand: Stand) -> None:
    async def hear(tx: Tx, event: CycleOpened) -> None:
        raise AssertionError("nothing is heard here")

    async def serve() -> None:
        async with small_service(stand, on(CycleOpened, hear)) as running:
            assert await running.db.answers()

    assert await left_behind(serve) == 0


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 13, 21, 34])
async def test_bus_that_is_stopped_while_it_greets_leaves_nothing(stand: Stand, steps: int) -> None:
    async def hear(tx: Tx, event: CycleOpened) -> None:
        raise AssertionError("nothing is heard here")

    async def begin_and_stop() -> None:
        settings = stand.infrastructure.settings_of(NAME, ISSUER)
        bus = Bus(settings, Database.open(settings.database_url, stand.clock), CollectorRegistry())
        bus.listen([on(CycleOpened, hear)])
        starting = asyncio.create_task(bus.start())
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        await bus.stop()
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)

    assert await left_behind(begin_and_stop) == 0
