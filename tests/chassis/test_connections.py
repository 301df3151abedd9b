"""Connections change hands: never more than promised, none lost, nobody passed over."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from chassis import connections
from chassis.connections import Connections
from chassis.relay import connect_plain
from chassis.testing import ISSUER
from deploy.local.infrastructure import Infrastructure
from tests.chassis.small_service import NAME


@pytest_asyncio.fixture
async def two(infrastructure: Infrastructure) -> AsyncIterator[Connections]:
    url = infrastructure.settings_of(NAME, ISSUER).database_url
    kept = Connections(2, lambda: connect_plain(url))
    yield kept
    await kept.close()


async def both(kept: Connections) -> tuple[asyncpg.Connection, asyncpg.Connection]:
    return await kept.take(), await kept.take()


async def waiting(kept: Connections, count: int) -> list[asyncio.Task[asyncpg.Connection]]:
    """So many that wait, in the order in which they came."""
    tasks = [asyncio.create_task(kept.take()) for _ in range(count)]
    await asyncio.sleep(0)
    assert len(kept.waiting) == count
    return tasks


async def test_connection_that_came_back_last_goes_out_first(two: Connections) -> None:
    first, second = await both(two)
    two.give_back(first)
    two.give_back(second)

    assert await two.take() is second
    two.give_back(second)


async def test_connections_that_are_made_ahead_are_the_ones_that_go_out(two: Connections) -> None:
    await two.have(5)
    assert (len(two.idle), two.places) == (2, 2)
    made = {connection for connection, _ in two.idle}

    first, second = await both(two)

    assert {first, second} == made
    two.give_back(first)
    two.give_back(second)


async def test_nothing_is_made_ahead_where_there_is_enough(two: Connections) -> None:
    first = await two.take()

    await two.have(1)

    assert two.places == 1
    two.give_back(first)


async def test_who_waits_longest_is_served_first(two: Connections) -> None:
    first, second = await both(two)
    earlier, later = await waiting(two, 2)

    two.give_back(second)
    assert await earlier is second
    two.give_back(first)
    assert await later is first

    two.give_back(first)
    two.give_back(second)


async def test_place_of_a_lost_connection_goes_to_who_waits(two: Connections) -> None:
    first, second = await both(two)
    (task,) = await waiting(two, 1)
    first.terminate()

    two.give_back(first)
    fresh = await task

    assert await fresh.fetchval("select 1") == 1
    assert two.places == 2
    two.give_back(fresh)
    two.give_back(second)


async def test_connection_handed_to_somebody_who_gave_up_is_not_lost(two: Connections) -> None:
    first, second = await both(two)
    (task,) = await waiting(two, 1)
    two.give_back(first)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await two.take() is first
    two.give_back(first)
    two.give_back(second)


async def test_somebody_who_gave_up_waiting_is_passed_over(two: Connections) -> None:
    first, second = await both(two)
    gone, patient = await waiting(two, 2)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)

    two.give_back(first)

    assert await patient is first
    two.give_back(first)
    two.give_back(second)


async def test_waiting_has_an_end(two: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    first, second = await both(two)

    with pytest.raises(TimeoutError):
        await two.take()

    two.give_back(first)
    two.give_back(second)
    assert len(two.idle) == 2


async def test_failed_attempt_to_connect_takes_no_place() -> None:
    async def refuse() -> asyncpg.Connection:
        raise ConnectionRefusedError

    kept = Connections(1, refuse)

    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await kept.take()
        with pytest.raises(ConnectionRefusedError):
            await kept.have(1)
    assert kept.places == 0


async def test_idle_connection_that_was_lost_is_replaced(two: Connections) -> None:
    lost = await two.take()
    two.give_back(lost)
    lost.terminate()

    fresh = await two.take()

    assert fresh is not lost
    assert two.places == 1
    two.give_back(fresh)


async def test_spare_connection_is_closed_when_nobody_has_needed_it_for_long(
    two: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await both(two)
    two.give_back(first)
    monkeypatch.setattr(connections, "UNUSED_SECONDS", 0.0)
    await asyncio.sleep(0.01)

    two.give_back(second)

    assert first.is_closed()
    assert two.places == 1


async def test_closing_waits_for_what_is_out(two: Connections) -> None:
    connection = await two.take()
    closing = asyncio.create_task(two.close())
    await asyncio.sleep(0)

    assert await connection.fetchval("select 1") == 1
    two.give_back(connection)
    await closing

    assert connection.is_closed()


async def test_closing_cuts_off_what_does_not_come_back(two: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "GOODBYE_SECONDS", 0.05)
    connection = await two.take()

    await two.close()

    assert connection.is_closed()
    two.give_back(connection)
