"""Transactions: for the schools they name, whole or not at all, on connections that nobody has spoilt."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import ARRAY, Uuid, any_, bindparam, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.clock import RealClock
from chassis.database import ConnectionLost, Database, NotCommitted
from chassis.statements import compiled
from chassis.testing import ISSUER
from deploy.local.infrastructure import Infrastructure
from services.documents import store
from tests.chassis.small_service import NAME, a_consent, as_superuser
from tests.stand import Stand, a_school


@pytest_asyncio.fixture
async def db(stand: Stand) -> AsyncIterator[Database]:
    opened = Database.open(stand.infrastructure.settings_of(NAME, ISSUER).database_url, stand.clock)
    yield opened
    await opened.close()


async def members(db: Database, school: str) -> int:
    async with db.transaction(school) as tx:
        return int(await tx.value(text("select count(*) from members")))


async def join(db: Database, school: str) -> None:
    async with db.transaction(school) as tx:
        await store.knowledge.save_member(tx, school, uuid4(), is_member=True, revision=1)


@pytest.mark.parametrize("name", ["school'; drop table members; --", "школа № 5", "a b", 'x"y', "back\\slash"])
async def test_school_with_any_name_sees_its_own_rows_and_only_those(db: Database, name: str) -> None:
    school = f"{name} {a_school()}"
    await join(db, school)

    assert await members(db, school) == 1
    assert await members(db, a_school()) == 0


async def test_school_of_one_transaction_is_unknown_to_the_next(db: Database) -> None:
    school = a_school()
    await join(db, school)

    async with db.transaction() as tx:
        assert await tx.value(text("select count(*) from members")) == 0


async def test_commit_after_a_swallowed_error_is_an_error(db: Database) -> None:
    school = a_school()

    with pytest.raises(NotCommitted):
        await swallow_an_error(db, school)

    assert await members(db, school) == 0


async def swallow_an_error(db: Database, school: str) -> None:
    async with db.transaction(school) as tx:
        await store.knowledge.save_member(tx, school, uuid4(), is_member=True, revision=1)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await tx.value(text("select 1 / 0"))


async def test_connection_serves_again_after_an_error(stand: Stand) -> None:
    db = Database.open(stand.infrastructure.settings_of(NAME, ISSUER).database_url, stand.clock, pool_size=1)
    for _ in range(3):
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with db.transaction(a_school()) as tx:
                await tx.value(text("select 1 / 0"))

    assert await members(db, a_school()) == 0
    await db.close()


async def test_cancelled_transaction_leaves_nothing_behind(stand: Stand) -> None:
    school, begun = a_school(), asyncio.Event()
    db = Database.open(stand.infrastructure.settings_of(NAME, ISSUER).database_url, stand.clock, pool_size=1)

    async def slowly() -> None:
        async with db.transaction(school) as tx:
            await store.knowledge.save_member(tx, school, uuid4(), is_member=True, revision=1)
            begun.set()
            await tx.value(text("select pg_sleep(30)"))

    work = asyncio.create_task(slowly())
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert await members(db, school) == 0
    await db.close()


async def test_whatever_is_said_on_a_lost_connection_is_its_loss(stand: Stand, db: Database) -> None:
    with pytest.raises(ConnectionLost):
        await lose_the_connection(stand, db)

    assert await db.answers()


async def lose_the_connection(stand: Stand, db: Database) -> None:
    async with db.transaction(a_school()) as tx:
        mine = await tx.value(text("select pg_backend_pid()"))
        await as_superuser(stand.infrastructure, "select pg_terminate_backend($1)", mine)
        await tx.value(text("select pg_sleep(1)"))
        raise LookupError


async def test_facts_of_a_transaction_keep_their_order(db: Database) -> None:
    school = a_school()
    facts = [a_consent(school, revision) for revision in range(1, 60)]
    async with db.transaction(school) as tx:
        for fact in facts:
            await tx.emit(fact)

    async with db.transaction() as tx:
        rows = await tx.rows(
            text("select event_id from journal where schools = :school order by position"), {"school": school}
        )
    assert [row["event_id"] for row in rows] == [fact.event_id for fact in facts]


async def test_one_row_is_one_row(db: Database) -> None:
    school = a_school()
    await join(db, school)
    await join(db, school)

    async with db.transaction(school) as tx:
        with pytest.raises(ValueError, match="one row"):
            await tx.row(text("select person_id from members"))


async def test_missing_value_is_named(db: Database) -> None:
    async with db.transaction() as tx:
        with pytest.raises(KeyError, match="school"):
            await tx.rows(store.consents._CONSENTS, {"person": uuid4()})


async def test_lists_are_given_as_arrays_and_as_placeholders(db: Database) -> None:
    school, people = a_school(), [uuid4() for _ in range(3)]
    async with db.transaction(school) as tx:
        for person in people:
            await store.knowledge.save_member(tx, school, person, is_member=True, revision=1)
        column = store.tables.members.c.person_id
        by_array = select(column).where(column == any_(bindparam("people", type_=ARRAY(Uuid))))
        by_places = select(column).where(column.in_(bindparam("people", expanding=True)))

        for statement in (by_array, by_places):
            for count in (3, 2, 0):
                assert len(await tx.rows(statement, {"people": people[:count]})) == count


async def test_json_goes_along_with_a_list_of_places(db: Database) -> None:
    wanted = {"ключ": [1, None]}
    statement = select(bindparam("kept", type_=JSONB)).where(literal("b").in_(bindparam("letters", expanding=True)))

    async with db.transaction() as tx:
        assert await tx.value(statement, {"kept": wanted, "letters": ["a", "b"]}) == wanted


def test_statement_is_compiled_once_for_the_same_names() -> None:
    assert compiled(store.consents._CONSENTS, ("school", "person")) is compiled(
        store.consents._CONSENTS, ("school", "person")
    )


def test_database_that_was_named_outside_of_a_loop_works_inside(stand_url: str) -> None:
    # A service is built before its server's loop runs.
    db = Database.open(stand_url, RealClock())

    async def ask() -> bool:
        try:
            return await db.answers()
        finally:
            await db.close()

    assert asyncio.run(ask())
    assert asyncio.run(ask())


@pytest.fixture
def stand_url(infrastructure: Infrastructure) -> str:
    return infrastructure.settings_of(NAME, ISSUER).database_url
