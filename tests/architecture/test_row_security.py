"""Row-level security: each tenant table is forced, and a forgotten filter or setting returns nothing."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import ARRAY, Column, Table, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, LargeBinary, Numeric, Uuid

from chassis import migrate, schema
from chassis.clock import RealClock
from chassis.database import TENANT, Database
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from tests.architecture.house import services

TENANT_TABLES = [
    pytest.param(service, table, id=f"{service}.{table.fullname}")
    for service in services()
    for table in schema.metadata_of(service).sorted_tables
    if TENANT in table.info
]


def a_value(column: Column[Any], table: Table) -> Any:
    """Something that fits a column."""
    kind = column.type
    samples: list[tuple[Any, Any]] = [
        (Uuid, uuid4()),
        (Boolean, True),
        (Integer, 1),
        (DateTime, datetime(2026, 9, 1, tzinfo=UTC)),
        (Date, date(2026, 9, 1)),
        (LargeBinary, b"x"),
        (Float, 1.0),
        (Numeric, 1),
        (ARRAY, []),
        (JSONB, {}),
    ]
    for wanted, sample in samples:
        if isinstance(kind, wanted):
            return sample
    return f"x{uuid4().hex[:3]}"


def a_row(table: Table, school: str) -> dict[str, Any]:
    """The smallest row of a school."""
    row = {
        column.name: a_value(column, table)
        for column in table.columns
        if not column.nullable and column.identity is None and column.server_default is None
    }
    return {**row, **dict.fromkeys(table.info[TENANT], school)}


async def seen(db: Database, table: Table, *schools: str) -> set[str]:
    """The schools of all rows that a query without any filter returns."""
    columns = [table.c[name] for name in table.info[TENANT]]
    async with db.transaction(*schools) as tx:
        rows = await tx.rows(select(*columns))
    return {str(row[name]) for row in rows for name in table.info[TENANT]}


@pytest.mark.parametrize(("service", "table"), TENANT_TABLES)
async def test_forgotten_filter_returns_nothing(infrastructure: Infrastructure, service: str, table: Table) -> None:
    ours, theirs = f"a-{uuid4().hex[:8]}", f"b-{uuid4().hex[:8]}"
    await plant_as_owner(infrastructure, service, table, ours)
    db = Database.open(infrastructure.postgres.url(database_of(service), f"{service}_app"), RealClock())

    try:
        assert await seen(db, table, ours) == {ours}
        assert await seen(db, table, theirs) == set()
        assert await seen(db, table) == set()
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with db.transaction(theirs) as tx:
                await tx.run(insert(table).values(a_row(table, ours)))
    finally:
        await db.close()


async def plant_as_owner(infrastructure: Infrastructure, service: str, table: Table, school: str) -> None:
    """Insert a row as the superuser, with foreign keys asleep: the row alone matters here."""
    db = Database.open(infrastructure.postgres.url(database_of(service), "postgres"), RealClock())
    try:
        async with db.transaction(school) as tx:
            await tx.raw.execute("set local session_replication_role = 'replica'")
            await tx.run(insert(table).values(a_row(table, school)))
    finally:
        await db.close()


@pytest.mark.parametrize("service", services())
async def test_row_security_is_enabled_and_forced(infrastructure: Infrastructure, service: str) -> None:
    wanted = {table.fullname for table in schema.metadata_of(service).sorted_tables if TENANT in table.info}
    query = text(
        "select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end as name "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relrowsecurity and c.relforcerowsecurity"
    )
    db = Database.open(infrastructure.postgres.url(database_of(service), "postgres"), RealClock())
    try:
        async with db.transaction() as tx:
            forced = {row["name"] for row in await tx.rows(query)}
    finally:
        await db.close()

    assert wanted - forced == set()


@pytest.mark.parametrize("service", services())
async def test_app_role_is_neither_owner_nor_superuser(infrastructure: Infrastructure, service: str) -> None:
    query = text(
        "select rolsuper or rolbypassrls or exists (select 1 from pg_class c where c.relowner = r.oid) as is_mighty "
        "from pg_roles r where rolname = current_user"
    )
    db = Database.open(infrastructure.postgres.url(database_of(service), f"{service}_app"), RealClock())
    try:
        async with db.transaction() as tx:
            assert await tx.value(query) is False
    finally:
        await db.close()


@pytest.mark.parametrize("service", services())
async def test_stores_and_migrations_agree(infrastructure: Infrastructure, service: str) -> None:
    owner = infrastructure.postgres.url(database_of(service), f"{service}_owner")

    assert await migrate.differences(owner, service) == []
