"""The outbox: a fact is written with its change, sent with what listeners need, and kept in the journal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
from nats.aio.msg import Msg
from sqlalchemy import text

from chassis.database import Database
from chassis.testing import ISSUER, eventually
from tests.chassis.small_service import NAME, a_consent, small_service, waiting
from tests.stand import Running, Stand, a_school

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@asynccontextmanager
async def a_database(stand: Stand) -> AsyncIterator[Database]:
    """The database of the small service without its relay."""
    db = Database.open(stand.infrastructure.settings_of(NAME, ISSUER).database_url, stand.clock)
    try:
        yield db
    finally:
        await db.close()


async def kept(db: Database, school: str) -> tuple[int, int]:
    """Facts about a school in the journal, and those of them that wait in the outbox."""
    query = text(
        "select count(*) as kept, count(outbox.event_id) as waiting "
        "from journal left join outbox using (event_id) where schools = :school"
    )
    async with db.transaction() as tx:
        row = (await tx.rows(query, {"school": school}))[0]
    return row["kept"], row["waiting"]


async def emit_and_fail(db: Database, school: str) -> None:
    async with db.transaction(school) as tx:
        await tx.emit(a_consent(school))
        raise LookupError


async def test_fact_is_written_with_the_transaction_of_its_change(stand: Stand) -> None:
    school = a_school()
    async with a_database(stand) as db:
        async with db.transaction(school) as tx:
            await tx.emit(a_consent(school))

        assert await kept(db, school) == (1, 1)


async def test_fact_is_rolled_back_with_its_change(stand: Stand) -> None:
    school = a_school()
    async with a_database(stand) as db:
        with pytest.raises(LookupError):
            await emit_and_fail(db, school)

        assert await kept(db, school) == (0, 0)


async def test_fact_that_is_written_before_the_end_is_true_with_the_commit_and_wakes_the_relay(stand: Stand) -> None:
    school = a_school()
    async with a_database(stand) as db:
        async with db.transaction(school) as tx:
            await tx.emit(a_consent(school))
            await tx.write_facts()
            before = await kept(db, school)

        assert (before, await kept(db, school)) == ((0, 0), (1, 1))
        assert db.woken.is_set()


async def test_same_fact_cannot_be_announced_twice(stand: Stand) -> None:
    school, fact = a_school(), None
    async with a_database(stand) as db:
        fact = a_consent(school)
        async with db.transaction(school) as tx:
            await tx.emit(fact)

        with pytest.raises(asyncpg.UniqueViolationError):
            async with db.transaction(school) as tx:
                await tx.emit(fact)

        assert await kept(db, school) == (1, 1)


async def consent_over_http(documents: Running, school: str) -> None:
    await documents.call(
        "PUT",
        f"/schools/{school}/my/consents/PD_PLATFORM",
        by=uuid4(),
        groups=[f"/schools/{school}/teacher"],
        headers={"traceparent": TRACE},
    )


async def test_published_fact_carries_its_id_its_school_and_the_trace_of_the_request(stand: Stand) -> None:
    school, heard = a_school(), asyncio.Queue[Msg]()

    async def hear(message: Msg) -> None:
        if (message.headers or {}).get("school-id") == school:
            heard.put_nowait(message)

    await stand.client.subscribe("neo.documents.>", cb=hear)
    documents = await stand.service("documents")

    await consent_over_http(documents, school)

    message = await asyncio.wait_for(heard.get(), 10)
    headers = message.headers or {}
    assert message.subject == "neo.documents.consent.given.v1"
    assert headers["Nats-Msg-Id"] == headers["event-id"]
    assert headers["event-id"].encode() in message.data
    assert headers["traceparent"].split("-")[1] == TRACE.split("-")[1]


async def test_outbox_is_empty_after_the_relay_and_the_journal_keeps_the_fact(stand: Stand) -> None:
    school = a_school()
    documents = await stand.service("documents")

    await consent_over_http(documents, school)

    await eventually(lambda: waiting(documents, school), equals=0)
    assert await documents.announced("consent", school) == ["neo.documents.consent.given.v1"]


async def test_answer_names_the_trace_of_the_request(stand: Stand) -> None:
    async with small_service(stand) as running:
        answer = await running.client.get("/nowhere", headers={"traceparent": TRACE})

    assert answer.headers["x-request-id"] == answer.json()["trace"] == TRACE.split("-")[1]


async def test_school_with_a_comma_opens_no_transaction(stand: Stand) -> None:
    # The comma joins the schools of a transaction: one that holds it would see two others.
    async with a_database(stand) as db:
        with pytest.raises(ValueError, match="comma"):
            async with db.transaction("a,b"):
                pass
