"""Leases: what waits is held by one worker at a time, and by another once that one is silent."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest_asyncio

from chassis.database import Database
from chassis.leases import Leases
from tests.chassis.errands import GOING, KEPT, ONE_A_HOUSE, add, an_empty_table, silence, told
from tests.stand import Stand


@pytest_asyncio.fixture
async def db(stand: Stand) -> AsyncIterator[Database]:
    async with an_empty_table(stand) as opened:
        yield opened


async def claim(db: Database, worker: UUID, queue: Leases = GOING) -> UUID | None:
    async with db.transaction() as tx:
        found = await queue.claim(tx, worker, lease_seconds=20)
    return None if found is None else UUID(str(found["errand_id"]))


async def test_what_waits_is_claimed_in_its_order_and_only_once(db: Database) -> None:
    second, first = await add(db, 2), await add(db, 1)

    claimed = [await claim(db, uuid4()) for _ in range(3)]

    assert claimed == [first, second, None]


async def test_two_who_claim_at_once_get_different_things(db: Database) -> None:
    first, second = await add(db, 1), await add(db, 2)

    async with db.transaction() as tx:
        one = await GOING.claim(tx, uuid4(), lease_seconds=20)
        other = await claim(db, uuid4())

    assert (one and one["errand_id"], other) == (first, second)


async def test_claim_begins_anew_and_is_counted(db: Database) -> None:
    errand, me = await add(db, done=5, claims=1), uuid4()

    async with db.transaction() as tx:
        claimed = await GOING.claim(tx, me, lease_seconds=20)

    assert claimed is not None
    assert (claimed["claims"], claimed["state"], claimed["done"]) == (2, "begun", 0)
    assert await told(db, errand, "worker", "claims") == (me, 2)


async def test_lease_of_a_silent_worker_ends_and_that_worker_writes_nothing_more(db: Database) -> None:
    errand, silent, other = await add(db), uuid4(), uuid4()
    await claim(db, silent)
    await silence(db)

    taken = await claim(db, other)

    async with db.transaction() as tx:
        beats = await GOING.beat(tx, errand, silent, done=9)
        ends = await GOING.release(tx, errand, silent)
    assert (taken, beats, ends) == (errand, False, False)
    assert await told(db, errand, "worker", "done", "claims") == (other, 0, 2)


async def test_worker_that_beats_is_not_taken_over_and_tells_how_far_it_is(db: Database) -> None:
    errand, me = await add(db), uuid4()
    await claim(db, me)
    await silence(db)

    async with db.transaction() as tx:
        beats = await GOING.beat(tx, errand, me, done=3)

    assert beats
    assert await claim(db, uuid4()) is None
    assert await told(db, errand, "worker", "done") == (me, 3)


async def test_what_is_handed_back_waits_as_if_it_had_not_been_claimed(db: Database) -> None:
    errand, others, me, other = await add(db, 1), await add(db, 2), uuid4(), uuid4()
    await claim(db, me)
    await claim(db, other)

    async with db.transaction() as tx:
        await GOING.hand_back(tx, me)

    assert await told(db, errand, "worker", "beat_at", "claims", "state") == (None, None, 0, "waiting")
    assert await told(db, others, "worker", "claims") == (other, 1)


async def test_what_is_released_or_removed_is_gone(db: Database) -> None:
    held, cancelled, me = await add(db, 1), await add(db, 2), uuid4()
    await claim(db, me)

    async with db.transaction() as tx:
        is_strange_removed = await GOING.remove(tx, uuid4())
        done = await GOING.release(tx, held, me), await GOING.remove(tx, cancelled)

    assert (done, is_strange_removed) == ((True, True), False)
    assert (await told(db, held, "state"), await told(db, cancelled, "state")) == ((), ())


async def test_worker_of_something_cancelled_learns_of_it_with_the_next_beat(db: Database) -> None:
    errand, me = await add(db), uuid4()
    await claim(db, me)

    async with db.transaction() as tx:
        await GOING.remove(tx, errand)
        beats = await GOING.beat(tx, errand, me)

    assert not beats


async def test_kept_row_tells_how_it_ended_and_is_worked_on_no_more(db: Database) -> None:
    errand, me = await add(db), uuid4()
    await claim(db, me, KEPT)

    async with db.transaction() as tx:
        ended = await KEPT.release(tx, errand, me, state="done", done=4)
        late = await KEPT.beat(tx, errand, me), await KEPT.release(tx, errand, me), await KEPT.remove(tx, errand)

    assert (ended, late) == (True, (False, False, False))
    assert await told(db, errand, "state", "done", "worker", "claims") == ("done", 4, None, 1)
    assert await claim(db, uuid4(), KEPT) is None


async def test_kept_row_that_is_cancelled_while_it_is_worked_on_takes_no_other_end(db: Database) -> None:
    errand, me = await add(db), uuid4()
    await claim(db, me, KEPT)

    async with db.transaction() as tx:
        cancelled = await KEPT.remove(tx, errand, state="cancelled")
        ended = await KEPT.release(tx, errand, me, state="done")
        await KEPT.hand_back(tx, me)

    assert (cancelled, ended) == (True, False)
    assert await told(db, errand, "state", "worker", "claims") == ("cancelled", None, 1)


async def test_of_one_house_one_errand_at_a_time_is_claimed_and_others_are_passed_over(db: Database) -> None:
    first, second, elsewhere = [await add(db, place, house=house) for place, house in ((1, "a"), (2, "a"), (3, "b"))]
    me = uuid4()

    claimed = [
        await claim(db, me, ONE_A_HOUSE),
        await claim(db, uuid4(), ONE_A_HOUSE),
        await claim(db, uuid4(), ONE_A_HOUSE),
    ]
    async with db.transaction() as tx:
        await ONE_A_HOUSE.release(tx, first, me)

    assert claimed == [first, elsewhere, None]
    assert await claim(db, uuid4(), ONE_A_HOUSE) == second


async def test_two_who_claim_at_once_never_get_two_of_one_house(db: Database) -> None:
    first, second = await add(db, 1, house="a"), await add(db, 2, house="a")

    async with db.transaction() as tx:
        one = await ONE_A_HOUSE.claim(tx, uuid4(), lease_seconds=20)
        # Time enough to take what is not held yet, for whoever would not wait.
        other = asyncio.create_task(claim(db, uuid4(), ONE_A_HOUSE))
        await asyncio.wait({other}, timeout=0.3)

    assert (one and one["errand_id"], await other) == (first, None)
    assert await told(db, second, "worker") == (None,)


async def test_house_of_a_silent_worker_is_free_again(db: Database) -> None:
    first, second = await add(db, 1, house="a"), await add(db, 2, house="a")
    await claim(db, uuid4(), ONE_A_HOUSE)
    await silence(db)

    taken = await claim(db, uuid4(), ONE_A_HOUSE)

    assert taken == first
    assert await claim(db, uuid4(), ONE_A_HOUSE) is None
    assert await told(db, second, "worker") == (None,)
