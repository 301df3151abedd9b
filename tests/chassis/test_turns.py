"""Turns of a worker: everything that waits, one after the other, held by beats; what is stopped is handed back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio

from chassis.database import Database
from chassis.refusals import Conflict
from chassis.testing import eventually
from tests.chassis.errands import GOING, Runner, add, an_empty_table, silence, told
from tests.stand import Stand


@pytest_asyncio.fixture
async def db(stand: Stand) -> AsyncIterator[Database]:
    async with an_empty_table(stand) as opened:
        yield opened


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_unwoken_worker_looks_by_itself_and_does_all_there_is(db: Database) -> None:
    second, first = await add(db, 2), await add(db, 1)
    runner = Runner()

    await runner.turn(db)

    assert runner.served == [first, second]
    assert (await told(db, first, "state"), runner.failed) == ((), {})


async def test_woken_worker_does_not_wait(db: Database) -> None:
    errand, runner = await add(db), Runner()
    runner.woken.set()

    await runner.turn(db)

    assert (runner.served, runner.woken.is_set()) == ([errand], False)


async def test_refused_work_fails_with_the_slug_and_the_next_is_done(db: Database) -> None:
    errand, other = await add(db, 1), await add(db, 2)
    runner = Runner()

    async def refused_once() -> None:
        if runner.served == [errand]:
            raise Conflict("errand.outdated")

    runner.run = refused_once

    await runner.turn(db)

    assert (runner.failed, runner.served) == ({errand: "errand.outdated"}, [errand, other])


async def test_work_that_falls_over_a_fault_of_ours_has_failed_and_is_logged(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def wrong() -> None:
        raise ValueError("wrong")

    errand, runner = await add(db), Runner(run=wrong)

    await runner.turn(db)

    (line,) = [one for one in caplog.records if one.name == "neo.turns"]
    assert runner.failed == {errand: "errand.broken"}
    assert (line.__dict__["reason"], line.__dict__["work"]) == ("errand.broken", errand)


async def test_trouble_of_the_database_is_no_fault_of_the_work(db: Database) -> None:
    async def away() -> None:
        raise ConnectionError

    errand, runner = await add(db), Runner(run=away)

    with pytest.raises(ConnectionError):
        await runner.turn(db)

    assert await told(db, errand, "worker", "claims") == (runner.id, 1)
    assert runner.failed == {}


async def test_what_outlived_three_workers_is_not_begun_again(db: Database) -> None:
    errand, runner = await add(db, claims=3), Runner()

    await runner.turn(db)

    assert (runner.served, runner.failed) == ([], {errand: "errand.lost"})


async def test_held_work_tells_how_far_it_is_and_is_handed_back_by_a_stop(db: Database) -> None:
    errand, runner = await add(db), Runner(run=for_ever)
    turn = asyncio.create_task(runner.turn(db))
    await eventually(lambda: told(db, errand, "worker", "done"), equals=(runner.id, 7))

    turn.cancel()
    with suppress(asyncio.CancelledError):
        await turn

    assert turn.cancelled()
    assert runner.stopped == [errand]
    assert await told(db, errand, "worker", "claims", "state") == (None, 0, "waiting")


async def test_cancelled_work_is_stopped_in_the_middle_and_does_not_fail(db: Database) -> None:
    errand, runner = await add(db), Runner(run=for_ever)
    turn = asyncio.create_task(runner.turn(db))
    await eventually(lambda: told(db, errand, "worker", "done"), equals=(runner.id, 7))

    async with db.transaction() as tx:
        await GOING.remove(tx, errand)
    await turn

    assert (runner.stopped, runner.failed) == ([errand], {})


async def test_work_of_a_dead_worker_is_done_by_another(db: Database) -> None:
    errand, dead, runner = await add(db), Runner(), Runner()
    async with db.transaction() as tx:
        await GOING.claim(tx, dead.id, lease_seconds=20)
    await runner.turn(db)
    early = list(runner.served)
    await silence(db)

    await runner.turn(db)

    assert (early, runner.served) == ([], [errand])
