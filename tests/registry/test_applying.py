"""Applying a staff file in the background: ordered, watched, cancelled in the middle, begun anew by another worker."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.database import Database
from chassis.looks import Looker
from chassis.testing import ISSUER, eventually
from chassis.turns import LeaseLost
from services.registry.actions import applying
from services.registry.actions.applying_worker import Worker
from services.registry.actions.members import lock_of
from services.registry.actions.staff_applying import Watch
from tests.registry.halfway import has_come, row_of, stuck, three_and_one
from tests.registry.town import School, a_school, some_teachers
from tests.stand import Stand

HALF = {"step": "writing", "done": 3, "total": 4, "share": 0.75}
CHILD = """
import asyncio, sys
from chassis.clock import LocalClock
from chassis.database import Database
from services.registry.actions.applying_worker import Worker

async def serve(url):
    worker, db = Worker(), Database.open(url, LocalClock())
    worker.woken.set()
    await worker.turn(db)

asyncio.run(serve(sys.argv[1]))
"""


def url_of(stand: Stand) -> str:
    return stand.infrastructure.settings_of("registry", ISSUER).database_url


@asynccontextmanager
async def a_hand(stand: Stand) -> AsyncIterator[Database]:
    """The registry's database without a running registry: no worker but the test's own."""
    db = Database.open(url_of(stand), stand.clock)
    yield db
    await db.close()


async def shown(school: School, import_id: str) -> dict[str, Any]:
    return dict((await school.call("curator", "GET", f"/staff-imports/{import_id}")).json())


async def leave(db: Database, import_id: str, **other: object) -> None:
    """The queue as a worker leaves it that was killed an hour ago."""
    told = {"claims": 1, "worker": uuid4(), **other}
    change = text("""
        update applying set worker = :worker, claims = :claims, beat_at = clock_timestamp() - interval '1 hour'
        where import_id = :import
    """)
    async with db.transaction() as tx:
        await tx.run(change, {"import": UUID(import_id), **told})


async def one_that_outlived_three(stand: Stand, school: School) -> str:
    """A file whose applying has failed, for three workers died over it; its id."""
    import_id = await three_and_one(school)
    async with stuck(stand, school):
        await school.order(import_id)
        await eventually(lambda: has_come(school.registry.db, import_id), equals=3)
        await leave(school.registry.db, import_id, claims=3)
        await school.over(import_id)
    return import_id


async def imported(school: School) -> int:
    return len(await school.registry.announced("staff.imported", school.school_id))


async def test_order_is_answered_at_once_and_tells_how_far_it_is(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    import_id = await three_and_one(school)

    async with stuck(stand, school):
        ordered = await school.order(import_id)
        again = await school.order(import_id)
        await eventually(lambda: has_come(school.registry.db, import_id), equals=3)
        half = await shown(school, import_id)
        nobody = len(await school.people())
    over = (await school.over(import_id)).json()

    assert (ordered.status_code, ordered.json()["state"], ordered.json()["progress"]["total"]) == (202, "APPLYING", 4)
    assert (again.status_code, again.json()["state"]) == (200, "APPLYING")
    assert (half["progress"], half["can"], half["can_apply"]) == (HALF, ["cancel"], False)
    assert nobody == 1
    assert (over["state"], over["progress"], over["can"]) == ("APPLIED", None, [])
    assert len(await school.people()) == 4


async def test_cancelling_in_the_middle_leaves_nothing_and_the_file_can_be_applied_again(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    import_id = await three_and_one(school)
    announced = await registry.announced("", school.school_id)

    async with stuck(stand, school):
        await school.order(import_id)
        await eventually(lambda: has_come(registry.db, import_id), equals=3)
        cancelled = await school.call("curator", "POST", f"/staff-imports/{import_id}/cancel")
        repeated = await school.call("curator", "POST", f"/staff-imports/{import_id}/cancel")
        # Whoever applies a file holds the school's people: they are free once its worker has let go.
        async with registry.db.transaction(school.school_id) as tx:
            await tx.lock(lock_of(school.school_id))

    assert (cancelled.status_code, repeated.status_code) == (200, 200)
    assert cancelled.json() == repeated.json() == await shown(school, import_id)
    assert (cancelled.json()["state"], cancelled.json()["can"]) == ("CHECKED", ["apply"])
    assert len(await school.people()) == 1
    assert await registry.announced("", school.school_id) == announced
    assert (await school.apply(import_id)).json()["state"] == "APPLIED"
    assert len(await school.people()) == 4


async def test_what_is_applied_cannot_be_cancelled_and_what_waits_is_not_hurt(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    applied = await school.take_in(*some_teachers(1))
    waiting = await school.check(*some_teachers(2))

    late = await school.call("curator", "POST", f"/staff-imports/{applied['import_id']}/cancel")
    early = await school.call("curator", "POST", f"/staff-imports/{waiting['import_id']}/cancel")
    unknown = await school.call("curator", "POST", f"/staff-imports/{uuid4()}/cancel")

    assert (late.status_code, late.json()["type"]) == (409, "urn:neo:problem:import.applied")
    assert (early.status_code, early.json()["can"]) == (200, ["apply"])
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:neo:problem:import.unknown")


async def test_another_school_neither_orders_nor_cancels(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    import_id = await three_and_one(here)

    async with stuck(stand, here):
        ordered = await there.order(import_id)
        await here.order(import_id)
        cancelled = await there.call("curator", "POST", f"/staff-imports/{import_id}/cancel")

    assert (ordered.status_code, cancelled.status_code) == (404, 404)
    assert (await here.over(import_id)).json()["state"] == "APPLIED"


async def test_file_whose_worker_process_is_killed_in_the_middle_is_applied_by_another(stand: Stand) -> None:
    async with Stand(stand.infrastructure, stand.tokens) as before:
        school = await a_school(await before.service("registry"))
        import_id = await three_and_one(school)
        announced = await school.registry.announced("", school.school_id)
    async with a_hand(stand) as db, stuck(stand, school):
        await applying.order(db, school.school_id, UUID(import_id), by=Looker(school.curator, None, "curator"))
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, url_of(stand))
        try:
            # It reads all the code of a service first.
            await eventually(lambda: has_come(db, import_id), equals=3, within=60)
        finally:
            child.kill()
            await child.wait()
        await leave(db, import_id)

    registry = await stand.service("registry")
    after = School(registry, school.school_id, school.district, school.city, school.curator)
    left = await registry.announced("", school.school_id), len(await after.people())
    over = (await after.over(import_id)).json()

    assert left == (announced, 1)
    assert over["state"] == "APPLIED"
    assert len(await after.people()) == 4
    assert await imported(after) == 2


async def test_worker_that_is_stopped_in_order_hands_the_file_back(stand: Stand) -> None:
    async with Stand(stand.infrastructure, stand.tokens) as before:
        school = await a_school(await before.service("registry"))
        import_id = await three_and_one(school)
    worker = Worker()
    async with a_hand(stand) as db, stuck(stand, school):
        await applying.order(db, school.school_id, UUID(import_id), by=Looker(school.curator, None, "curator"))
        worker.woken.set()
        turn = asyncio.create_task(worker.turn(db))
        await eventually(lambda: has_come(db, import_id), equals=3)

        turn.cancel()
        (ended,) = await asyncio.gather(turn, return_exceptions=True)

        assert isinstance(ended, asyncio.CancelledError)
        assert await row_of(db, import_id) == {"worker": None, "claims": 0, "step": "waiting", "done": 0}


async def test_two_replicas_apply_each_file_once(stand: Stand) -> None:
    async with Stand(stand.infrastructure, stand.tokens) as before:
        registry = await before.service("registry")
        schools = [await a_school(registry) for _ in range(5)]
        checked = [str((await school.check(*some_teachers(2)))["import_id"]) for school in schools]
    async with a_hand(stand) as one, a_hand(stand) as two:
        for school, import_id in zip(schools, checked, strict=True):
            await applying.order(one, school.school_id, UUID(import_id), by=Looker(school.curator, None, "curator"))
        workers = Worker(), Worker()
        for worker in workers:
            worker.woken.set()

        await asyncio.gather(workers[0].turn(one), workers[1].turn(two))

        assert [await row_of(one, import_id) for import_id in checked] == [{}] * 5
    assert [await imported(school) for school in schools] == [1] * 5
    assert [await registry.count("people", school.school_id) for school in schools] == [2] * 5


async def test_files_of_one_school_wait_for_each_other_and_no_other_school_waits(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, other = await a_school(registry), await a_school(registry)
    first = await three_and_one(school)
    second = str((await school.check(*some_teachers(5)))["import_id"])

    async with stuck(stand, school):
        await school.order(first)
        await school.order(second)
        await eventually(lambda: has_come(registry.db, first), equals=3)
        elsewhere = await other.take_in(*some_teachers(2))
        waiting = await row_of(registry.db, second)

    assert (elsewhere["state"], waiting["worker"]) == ("APPLIED", None)
    assert (await school.over(first)).json()["state"] == "APPLIED"
    assert (await school.over(second)).json()["reason"] == "import.outdated"


async def test_worker_whose_file_was_taken_over_writes_nothing(stand: Stand) -> None:
    async with Stand(stand.infrastructure, stand.tokens) as before:
        school = await a_school(await before.service("registry"))
        import_id = await three_and_one(school)
    async with a_hand(stand) as db:
        await applying.order(db, school.school_id, UUID(import_id), by=Looker(school.curator, None, "curator"))
        await leave(db, import_id)
        claim = {"school_id": school.school_id, "import_id": UUID(import_id), "claims": 1}

        with pytest.raises(LeaseLost):
            await applying.apply_ordered(db, claim, uuid4(), Watch())

        async with db.transaction(school.school_id) as tx:
            found = await tx.row(text("select count(*) as people from memberships"))
        assert found == {"people": 1}


async def test_file_that_outlived_three_workers_has_failed_and_may_be_applied_again(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    import_id = await one_that_outlived_three(stand, school)
    failed = await shown(school, import_id)

    assert (failed["state"], failed["reason"], failed["can"]) == ("FAILED", "import.worker-lost", ["apply"])
    assert failed["reason_text"] != failed["reason"]
    assert len(await school.people()) == 1
    assert (await school.apply(import_id)).json()["reason"] is None
    assert len(await school.people()) == 4


async def test_failed_file_is_outdated_once_the_staff_has_changed(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    import_id = await one_that_outlived_three(stand, school)

    await school.take_in(*some_teachers(2))

    found = await shown(school, import_id)
    assert (found["state"], found["reason"], found["can"]) == ("FAILED", "import.outdated", [])


async def test_only_an_applied_file_is_a_look_at_whom_it_changed(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    import_id = await three_and_one(school)
    async with stuck(stand, school):
        await school.order(import_id)
        await school.call("curator", "POST", f"/staff-imports/{import_id}/cancel")
    (known,) = await school.people()
    changed = f"looks where how = 'changed' and person_id = '{known['person_id']}' and looker_id = '{school.curator}'"
    before = await registry.count(changed, school.school_id)

    await school.apply(import_id)

    assert before == 0
    assert await registry.count(f"{changed} and role = 'curator'", school.school_id) == 1
    assert await registry.count("looks where how = 'changed'", school.school_id) == 1
    assert await registry.count("staff_imports where ordered_by is not null", school.school_id) == 0
