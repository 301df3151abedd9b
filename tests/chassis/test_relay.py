"""The relay: many in flight, one sender at a time, and rows that come back when anything dies in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio

from chassis.database import Database
from chassis.outbox import CHANNEL
from chassis.post import Letter
from chassis.relay import Relay, connect_plain
from chassis.testing import ISSUER, eventually
from tests.chassis.small_service import NAME, a_consent, as_superuser
from tests.stand import Stand, a_school


class PostOffice:
    """Where letters arrive; it may be closed for a while."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.is_open = asyncio.Event()
        self.begun = asyncio.Event()

    async def take(self, letters: Sequence[Letter]) -> None:
        self.begun.set()
        await self.is_open.wait()
        self.arrived += [letter.headers["event-id"] for letter in letters]

    async def count(self) -> int:
        return len(self.arrived)


@pytest_asyncio.fixture
async def db(stand: Stand) -> AsyncIterator[Database]:
    opened = Database.open(stand.infrastructure.settings_of(NAME, ISSUER).database_url, stand.clock)
    # What other tests left waiting is not of this test.
    await as_superuser(stand.infrastructure, "delete from outbox")
    yield opened
    await opened.close()


@asynccontextmanager
async def a_relay(stand: Stand, office: PostOffice) -> AsyncIterator[Relay]:
    url = stand.infrastructure.settings_of(NAME, ISSUER).database_url
    relay = Relay(url, office.take, asyncio.Event())
    work = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def announce(db: Database, count: int) -> list[str]:
    """Facts in one transaction; returns their ids in order."""
    facts = [a_consent(a_school()) for _ in range(count)]
    async with db.transaction() as tx:
        for fact in facts:
            await tx.emit(fact)
    return [str(fact.event_id) for fact in facts]


async def rows(stand: Stand) -> int:
    found = await as_superuser(stand.infrastructure, "select count(*) as rows from outbox")
    return int(found[0]["rows"])


async def test_two_relays_on_one_database_send_each_fact_once(stand: Stand, db: Database) -> None:
    office = PostOffice()
    office.is_open.set()

    async with a_relay(stand, office) as first, a_relay(stand, office) as second:
        sent = await announce(db, 40)
        first.woken.set()
        second.woken.set()
        await eventually(office.count, equals=40)
        await eventually(lambda: rows(stand), equals=0)

    assert sorted(office.arrived) == sorted(sent)


async def test_only_one_relay_sends_while_the_other_waits(stand: Stand, db: Database) -> None:
    office, idle = PostOffice(), PostOffice()
    idle.is_open.set()
    await announce(db, 3)

    async with a_relay(stand, office):
        await office.begun.wait()
        async with a_relay(stand, idle) as second:
            second.woken.set()
            await eventually(lambda: second_is_asleep(second), equals=True)
            assert idle.arrived == []
            office.is_open.set()
            await eventually(lambda: rows(stand), equals=0)

    assert (len(office.arrived), len(idle.arrived)) == (3, 0)


async def second_is_asleep(relay: Relay) -> bool:
    """Has the relay looked, and gone back to wait?"""
    return not relay.woken.is_set()


async def test_waiting_relay_wakes_its_leader_once_and_not_itself(stand: Stand, db: Database) -> None:
    office, told = PostOffice(), []
    listener = await connect_plain(stand.infrastructure.settings_of(NAME, ISSUER).database_url)
    await announce(db, 1)

    async with a_relay(stand, office):
        await office.begun.wait()
        async with a_relay(stand, PostOffice()) as second:
            await listener.add_listener(CHANNEL, lambda *notice: told.append(notice))
            second.woken.set()
            await eventually(lambda: count_of(told), equals=1)
            for _ in range(100):
                await listener.fetchval("select 1")

        assert len(told) == 1
        office.is_open.set()
    await listener.close()


async def count_of(things: list[object]) -> int:
    return len(things)


async def test_killed_transaction_brings_its_rows_back(stand: Stand, db: Database) -> None:
    office = PostOffice()
    sent = await announce(db, 5)

    async with a_relay(stand, office):
        await office.begun.wait()
        ended = await as_superuser(
            stand.infrastructure,
            "select pg_terminate_backend(pid) as is_ended from pg_stat_activity "
            "where usename = 'documents_app' and state = 'idle in transaction' and query like '%delete from outbox%'",
        )
        assert [row["is_ended"] for row in ended] == [True]
        await eventually(lambda: rows(stand), equals=5)
        office.is_open.set()
        await eventually(lambda: rows(stand), equals=0)

    assert set(office.arrived) == set(sent)


async def test_refused_letter_keeps_its_whole_batch(stand: Stand, db: Database) -> None:
    refused = asyncio.Event()

    class ClosedOffice(PostOffice):
        async def take(self, letters: Sequence[Letter]) -> None:
            refused.set()
            raise TimeoutError

    await announce(db, 4)

    async with a_relay(stand, ClosedOffice()):
        await refused.wait()

    assert await rows(stand) == 4


@pytest.mark.parametrize("count", [1201])
async def test_more_than_a_batch_leaves_in_order(stand: Stand, db: Database, count: int) -> None:
    office = PostOffice()
    office.is_open.set()
    sent = await announce(db, count)

    async with a_relay(stand, office):
        await eventually(office.count, equals=count)

    assert office.arrived == sent


async def test_late_commit_with_an_early_number_is_found_among_many_later_ones(
    stand: Stand, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay.MARGIN", 0)
    office = PostOffice()
    office.is_open.set()
    late = a_consent(a_school())

    async with a_relay(stand, office) as relay:
        async with db.transaction() as tx:
            await tx.emit(late)
            await tx.write_facts()
            later = await announce(db, 1500)
            relay.looked_at = float("-inf")
            relay.woken.set()
            await eventually(office.count, equals=1500)
            assert relay.floor > 0
        await eventually(office.count, equals=1501)

    assert office.arrived == [*later, str(late.event_id)]
