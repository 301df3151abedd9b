"""The worker: long runs, cancelled runs, and workers that stop or die."""

import asyncio
from multiprocessing import active_children
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from chassis.database import Database
from chassis.testing import ISSUER, eventually
from contracts.event import Event
from services.matching.actions import runs as actions
from services.matching.actions.solving import Worker
from tests.matching.school import School, a_pair, a_running_school, a_trio
from tests.matching.tasks import a_raw_city
from tests.stand import Stand

OF_RUN = "aggregate_id = cast(cast(:run as uuid) as text)"


async def _sql(school: School, *statements: str, **params: Any) -> None:
    async with school.matching.db.transaction(school.id) as tx:
        for statement in statements:
            await tx.run(text(statement), params)


async def _as_if_its_worker_died(school: School, run: str, *, claims: int, instance: str | None = None) -> None:
    """The run as a worker leaves it that was killed an hour ago."""
    await _sql(
        school,
        "delete from matches where run_id = :run",
        "delete from unmet where run_id = :run",
        f"delete from outbox where event_id in (select event_id from journal where {OF_RUN})",
        f"delete from journal where {OF_RUN}",
        "update runs set state = 'SOLVING', instance = coalesce(:instance, instance) where run_id = :run",
        "insert into solving (run_id, school_id, worker, beat_at, claims) "
        "values (:run, :place, gen_random_uuid(), clock_timestamp() - interval '1 hour', :claims)",
        run=UUID(run),
        place=school.id,
        claims=claims,
        instance=instance,
    )
    school.matching.app.state.worker.woken.set()


async def test_a_run_that_is_cancelled_while_it_is_solved_finds_nothing(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = str(uuid4())

    await trio.school.begin(UUID(run))
    cancelled = await trio.school.curate("POST", f"/runs/{run}/cancel")
    other = await trio.school.solved()

    # The worker takes runs in turn: when the later one is done, the cancelled one has been passed over.
    assert other["state"] == "REVIEW"
    assert cancelled.json()["state"] == (await trio.school.run(run))["state"] == "CANCELLED"
    assert await trio.school.proposed(run) == set()


async def test_a_run_whose_worker_died_is_solved_by_another(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()

    await _as_if_its_worker_died(trio.school, run["run_id"], claims=1)
    again = await trio.school.ended(run["run_id"])

    assert {**again["certificate"], "seconds": 0} == {**run["certificate"], "seconds": 0}
    assert await trio.school.proposed(run["run_id"]) == trio.best


async def test_a_run_that_outlived_three_workers_has_failed(stand: Stand) -> None:
    pair = await a_pair(stand)
    run = await pair.school.solved()

    await _as_if_its_worker_died(pair.school, run["run_id"], claims=3)
    failed = await pair.school.ended(run["run_id"], state="FAILED")

    assert failed["reason"] == "run.worker-lost"
    assert failed["reason_text"] != failed["reason"]
    assert failed["can"] == []


async def test_a_run_whose_input_cannot_be_solved_fails_with_a_reason(stand: Stand) -> None:
    pair = await a_pair(stand)
    run = await pair.school.solved()

    await _as_if_its_worker_died(pair.school, run["run_id"], claims=0, instance="{}")
    failed = await pair.school.ended(run["run_id"], state="FAILED")

    assert failed["reason"] == "run.solver-failed"


async def test_a_run_whose_solving_process_is_killed_has_failed_with_a_reason(stand: Stand) -> None:
    pair = await a_pair(stand)
    run, before = await pair.school.solved(), set(active_children())

    async def is_killed() -> bool:
        found = set(active_children()) - before
        for child in found:
            child.kill()
        return bool(found)

    await _as_if_its_worker_died(pair.school, run["run_id"], claims=0, instance=a_raw_city(1_500).canonical())
    await eventually(is_killed, equals=True)
    failed = await pair.school.ended(run["run_id"], state="FAILED")

    assert failed["reason"] == "run.solver-failed"
    assert failed["reason_text"] != failed["reason"]


async def test_a_run_that_waits_when_the_service_stops_is_solved_after_the_start(stand: Stand) -> None:
    async with Stand(stand.infrastructure, stand.tokens) as before:
        pair = await a_pair(before)
        begun = await pair.school.begin()
    after = School(
        stand, (await a_running_school(stand)).matching, pair.school.id, pair.school.cycle, pair.school.curator
    )

    await eventually(lambda: _state(after, begun.json()["run_id"]), equals="REVIEW")


async def test_a_worker_that_is_stopped_while_it_solves_hands_its_run_back(stand: Stand) -> None:
    async with Stand(stand.infrastructure, stand.tokens) as before:
        school = await a_large_school(before)
    db = Database.open(stand.infrastructure.settings_of("matching", ISSUER).database_url, stand.clock)
    plan, worker = actions.Plan(uuid4(), school.cycle, 1, None, ()), Worker()
    await actions.begin(db, school.id, plan, by=school.curator)
    worker.woken.set()

    turn = asyncio.create_task(worker.turn(db))
    await eventually(lambda: _holder(db, plan.run_id), equals=str(worker.id))
    turn.cancel()
    (ended,) = await asyncio.gather(turn, return_exceptions=True)

    assert isinstance(ended, asyncio.CancelledError)
    assert await _holder(db, plan.run_id) == "nobody"
    async with db.transaction() as tx:
        assert await tx.value(text("select claims from solving where run_id = :run"), {"run": plan.run_id}) == 0
    await db.close()


async def _holder(db: Database, run: UUID) -> str:
    async with db.transaction() as tx:
        return str(await tx.value(text("select worker from solving where run_id = :run"), {"run": run}) or "nobody")


async def _state(school: School, run: str) -> str:
    return str((await school.run(run))["state"])


async def a_large_school(stand: Stand) -> School:
    """Eighty people, each strong in one competency of sixteen and in need of another, free twice a week."""
    school = await a_running_school(stand)
    people = [uuid4() for _ in range(80)]
    facts: list[Event] = [school.cycle_opened(), *(school.member(person) for person in people)]
    for place, person in enumerate(people):
        facts += school.strong(person, f"D{place % 16:02}")
        facts += school.needs(person, f"D{(place * 7 + 3) % 16:02}")
    await school.hear(*facts)
    await school.free(*people, slots=["tue-2", "thu-4"])
    return school


async def test_eighty_people_are_matched_with_a_closed_gap(stand: Stand) -> None:
    school = await a_large_school(stand)

    run = await school.solved()

    assert run["exchange"]["dual_first"]["covered"] >= run["exchange"]["dual_first"]["dual"] > 60
    assert run["certificate"]["gap"] == 0
