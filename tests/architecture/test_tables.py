"""Tables: nothing of a school stands outside row security, and each role reaches its own database only."""

from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Table, text

from chassis import schema
from chassis.clock import RealClock
from chassis.database import TENANT, Database
from chassis.outbox import house_tables
from chassis.relay import connect_plain
from deploy.databases import READERS, database_of
from deploy.local.infrastructure import Infrastructure
from tests.architecture.house import services
from tests.architecture.test_row_security import TENANT_TABLES, plant_as_owner, seen

# What sweeps and workers walk over before they know a school: its id and when it is due, nothing of a person.
SWEPT = {
    **{f"{service}.look_schools": {"school_id"} for service in services()},
    "diagnostics.schools": {"school_id", "next_close"},
    "matching.schools": {"school_id"},
    "matching.solving": {"school_id", "run_id", "worker", "beat_at", "claims", "queued_at", "is_next_best"},
    "registry.applying": {
        *("school_id", "import_id", "worker", "beat_at", "claims", "queued_at", "step", "done"),
    },
    "tracking.schools": {"school_id"},
}
SCHOOL_COLUMNS = {"school_id", "school", "giver_school", "taker_school", "owner_school"}
SHARED = [param for param in TENANT_TABLES if len(param.values[1].info[TENANT]) > 1]  # type: ignore[union-attr]


@pytest.mark.parametrize("service", services())
def test_table_with_a_column_of_schools_is_a_table_of_schools(service: str) -> None:
    outside = {
        f"{service}.{table.fullname}": {column.name for column in table.columns}
        for table in schema.metadata_of(service).sorted_tables
        if TENANT not in table.info and SCHOOL_COLUMNS & {column.name for column in table.columns}
    }

    assert {name: columns for name, columns in outside.items() if columns - SWEPT.get(name, set())} == {}


@pytest.mark.parametrize("service", services())
def test_every_service_has_the_four_tables_of_the_house(service: str) -> None:
    found = schema.metadata_of(service).tables
    wanted = type(schema.metadata_of(service))()
    house_tables(wanted)

    assert {name: set(table.columns.keys()) for name, table in wanted.tables.items()} == {
        name: set(found[name].columns.keys()) for name in wanted.tables
    }


@pytest.mark.parametrize(("service", "table"), SHARED)
async def test_row_of_two_schools_is_seen_by_both_and_nobody_else(
    infrastructure: Infrastructure, service: str, table: Table
) -> None:
    ours, theirs, third = (f"{letter}-{uuid4().hex[:8]}" for letter in "abc")
    first, second = table.info[TENANT][:2]
    await plant_as_owner(infrastructure, service, table, ours)
    owner = Database.open(infrastructure.postgres.url(database_of(service), "postgres"), RealClock())
    app = Database.open(infrastructure.postgres.url(database_of(service), f"{service}_app"), RealClock())
    move = text(f"update {table.fullname} set {second} = :theirs where {first} = :ours")

    try:
        async with owner.transaction() as tx:
            await tx.raw.execute("set local session_replication_role = 'replica'")
            await tx.run(move, {"ours": ours, "theirs": theirs})
        assert await seen(app, table, ours) == await seen(app, table, theirs) == {ours, theirs}
        assert await seen(app, table, third) == set()
    finally:
        await owner.close()
        await app.close()


@pytest.mark.parametrize("service", services())
async def test_app_role_cannot_enter_the_database_of_another_service(
    infrastructure: Infrastructure, service: str
) -> None:
    for other in services():
        if other != service:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connect_plain(infrastructure.postgres.url(database_of(other), f"{service}_app"))


@pytest.mark.parametrize("service", services())
async def test_app_role_makes_no_tables(infrastructure: Infrastructure, service: str) -> None:
    connection = await connect_plain(infrastructure.postgres.url(database_of(service), f"{service}_app"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table mine (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("alter table outbox disable row level security")
    finally:
        await connection.close()


@pytest.mark.parametrize("service", sorted(set(READERS) & set(services())))
async def test_reader_of_the_published_layer_sees_nothing_else(infrastructure: Infrastructure, service: str) -> None:
    query = """
        select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'v', 'm', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
          and has_schema_privilege(n.oid, 'usage')
          and has_table_privilege(c.oid, 'select, insert, update, delete, truncate')
    """
    for reader in READERS[service]:
        connection = await connect_plain(infrastructure.postgres.url(database_of(service), reader))
        try:
            names = {row["name"] for row in await connection.fetch(query)}
        finally:
            await connection.close()

        assert names
        assert {name for name in names if not name.startswith("published.")} == set()
