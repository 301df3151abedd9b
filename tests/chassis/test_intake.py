"""Intake: one effect for each fact, few commits for many, and what is bad never blocks what is good."""

import asyncio
from uuid import UUID

from sqlalchemy import bindparam, text

from chassis.database import Database, Tx
from chassis.intake import on
from chassis.testing import eventually
from contracts.registry import CycleOpened
from contracts.topology import STREAM
from services.documents.store import knowledge
from tests.chassis.small_service import HEARD, a_consent, a_cycle, as_superuser, attempts, dead_letters, small_service
from tests.stand import Stand, a_school

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_FACT = text("select traceparent from journal where schools = :school")
_WRONG_KIND = text("select cast(:number as integer)").bindparams(bindparam("number"))


class Diary:
    """Handlers of cycles that keep what they took in, and in how many transactions."""

    def __init__(self) -> None:
        self.taken: list[UUID] = []
        self.transactions: set[int] = set()

    async def take(self, tx: Tx, event: CycleOpened) -> None:
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)
        self.taken.append(event.event_id)
        self.transactions.add(await tx.value(text("select cast(cast(pg_current_xact_id() as text) as bigint)")))

    async def count(self) -> int:
        return len(self.taken)


async def test_same_fact_five_times_has_one_effect(stand: Stand) -> None:
    diary, fact, last = Diary(), a_cycle(a_school()), a_cycle(a_school())
    async with small_service(stand, on(CycleOpened, diary.take)) as running:
        await stand.publish(*[fact] * 5)
        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)
        await stand.publish(fact, last)
        await eventually(lambda: running.count("cycles", last.school_id), equals=1)

    assert diary.taken.count(fact.event_id) == 1


async def test_hundred_facts_of_many_schools_are_folded_into_few_commits(stand: Stand) -> None:
    diary, facts = Diary(), [a_cycle(a_school()) for _ in range(100)]
    await stand.publish(*facts)

    async with small_service(stand, on(CycleOpened, diary.take)) as running:
        schools = [fact.school_id for fact in facts]
        await eventually(lambda: running.count("cycles", *schools), equals=100)

    assert {fact.event_id for fact in facts} <= set(diary.taken)
    assert len(diary.transactions) <= 10


async def test_poison_among_good_facts_blocks_none_of_them(hasty: Stand) -> None:
    school = a_school()
    poison, good = a_cycle(school), [a_cycle(school) for _ in range(50)]

    async def refuse_poison(tx: Tx, event: CycleOpened) -> None:
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)
        if event.event_id == poison.event_id:
            raise LookupError

    await hasty.publish(*good[:25], poison, *good[25:])
    async with small_service(hasty, on(CycleOpened, refuse_poison)) as running:
        await eventually(lambda: running.count("cycles", school), equals=50)
        await eventually(lambda: count_dead(hasty, school), equals=1)
        assert await running.count("cycles", school) == 50

    letter = (await dead_letters(hasty, school))[0]
    headers = letter.headers or {}
    original = await hasty.js.get_msg(STREAM, int(headers["dead-sequence"]))
    assert letter.subject == f"dead.documents.{HEARD}"
    assert (headers["dead-reason"], headers["dead-subject"]) == ("LookupError", CycleOpened.subject)
    assert letter.data == original.data == poison.model_dump_json().encode()
    assert headers["event-id"] == str(poison.event_id)
    assert "Nats-Expected-Stream" not in headers


async def count_dead(stand: Stand, school: str) -> int:
    return len(await dead_letters(stand, school))


async def test_message_that_cannot_be_read_is_a_dead_letter_at_once(stand: Stand) -> None:
    # With the standard pauses: a single retry alone would take longer than this test waits.
    school, diary = a_school(), Diary()
    async with small_service(stand, on(CycleOpened, diary.take)):
        await stand.js.publish(CycleOpened.subject, f'{{"school_id": "{school}"'.encode(), stream=STREAM)
        await stand.js.publish(CycleOpened.subject, f'{{"school_id": "{school}"}}'.encode(), stream=STREAM)

        await eventually(lambda: count_dead(stand, school), equals=2)

    reasons = [(letter.headers or {})["dead-reason"] for letter in await dead_letters(stand, school)]
    assert reasons == ["unreadable", "unreadable"]
    assert diary.taken == []


async def test_newer_event_with_an_unknown_field_is_taken_in(stand: Stand) -> None:
    diary, fact = Diary(), a_cycle(a_school())
    newer = fact.model_dump_json()[:-1] + ',"a_field_of_next_year":1}'
    async with small_service(stand, on(CycleOpened, diary.take)) as running:
        await stand.js.publish(CycleOpened.subject, newer.encode(), stream=STREAM)

        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)


async def test_parameter_of_a_wrong_type_is_the_handlers_fault_and_not_waited_out(hasty: Stand) -> None:
    # The driver refuses it before the server sees it; taken for trouble it would stop the consumer for ever.
    bad, good = a_cycle(a_school()), a_cycle(a_school())

    async def write_nonsense(tx: Tx, event: CycleOpened) -> None:
        if event.event_id == bad.event_id:
            await tx.value(_WRONG_KIND, {"number": "many"})
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)

    async with small_service(hasty, on(CycleOpened, write_nonsense)) as running:
        await hasty.publish(bad, good)
        await eventually(lambda: running.count("cycles", good.school_id), equals=1)
        await eventually(lambda: count_dead(hasty, bad.school_id), equals=1)


async def test_lost_connection_is_never_an_attempt(hasty: Stand) -> None:
    fact, lost = a_cycle(a_school()), list[int]()

    async def lose_connection_twice(tx: Tx, event: CycleOpened) -> None:
        if event.event_id == fact.event_id and len(lost) < 2:
            lost.append(await tx.value(text("select pg_backend_pid()")))
            await as_superuser(hasty.infrastructure, "select pg_terminate_backend($1)", lost[-1])
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)

    async with small_service(hasty, on(CycleOpened, lose_connection_twice)) as running:
        await hasty.publish(fact)
        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)

        assert len(lost) == 2
        assert await attempts(running, fact.event_id) == 0
    assert await dead_letters(hasty, fact.school_id) == []


async def test_facts_of_a_handler_continue_the_trace_of_what_it_heard(stand: Stand) -> None:
    plain, traced = a_cycle(a_school()), a_cycle(a_school())

    async def pass_on(tx: Tx, event: CycleOpened) -> None:
        await tx.emit(a_consent(event.school_id))

    async def trace_of(running_school: str) -> str:
        async with running.db.transaction() as tx:
            return str(await tx.value(_FACT, {"school": running_school})).split("-")[1]

    headers = {"traceparent": TRACE}
    await stand.publish(plain)
    await stand.js.publish(CycleOpened.subject, traced.model_dump_json().encode(), stream=STREAM, headers=headers)
    async with small_service(stand, on(CycleOpened, pass_on)) as running:
        await eventually(lambda: count_facts(running.db, traced.school_id), equals=1)
        await eventually(lambda: count_facts(running.db, plain.school_id), equals=1)

        assert await trace_of(traced.school_id) == TRACE.split("-")[1]
        assert await trace_of(plain.school_id) != TRACE.split("-")[1]


async def count_facts(db: Database, school: str) -> int:
    async with db.transaction() as tx:
        return len(await tx.rows(_FACT, {"school": school}))


async def test_handler_under_way_finishes_before_the_service_ends(stand: Stand) -> None:
    fact, begun, may_end = a_cycle(a_school()), asyncio.Event(), asyncio.Event()
    calls = list[UUID]()

    async def be_slow(tx: Tx, event: CycleOpened) -> None:
        calls.append(event.event_id)
        if event.event_id == fact.event_id:
            begun.set()
            await may_end.wait()
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)

    async with small_service(stand, on(CycleOpened, be_slow)):
        await stand.publish(fact)
        await begun.wait()
        asyncio.get_running_loop().call_later(0.2, may_end.set)

    async with small_service(stand, on(CycleOpened, be_slow)) as running:
        assert await running.count("cycles", fact.school_id) == 1
        last = a_cycle(a_school())
        await stand.publish(last)
        await eventually(lambda: running.count("cycles", last.school_id), equals=1)
    assert calls.count(fact.event_id) == 1
