"""Transactions that know their schools: row-level security shows their rows and nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import Column, MetaData, RowMapping, Table, Text, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.base import Executable

from chassis import outbox
from chassis.clock import Clock
from contracts.event import Event

TENANT = "tenant"
# A comma joins school ids in the transaction's setting, therefore it may not stand in one.
_SET_SCHOOLS = text("select set_config('app.schools', :schools, true)")
_TRANSIENT = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
)

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def tenant_table(
    name: str,
    metadata: MetaData,
    *items: SchemaItem,
    schools: Sequence[str] = ("school_id",),
    is_key: bool = False,
) -> Table:
    """A table whose rows belong to schools; its migration must force row-level security on the named columns.

    With `is_key` the school is part of the primary key: the same person may stand in several schools.
    """
    columns = [Column(column, Text, nullable=False, primary_key=is_key) for column in schools]
    return Table(name, metadata, *columns, *items, info={TENANT: tuple(schools)})


def is_transient(error: BaseException) -> bool:
    """Is it the database's own trouble (away, restarting, full, serialization), not the statement's fault?"""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error
    # Of the driver's own errors only a lost connection is trouble; misuse stays wrong however long one waits.
    is_lost = isinstance(cause, asyncpg.InterfaceError) and "closed" in str(cause)
    return is_lost or isinstance(cause, _TRANSIENT)


@dataclass(slots=True)
class Tx:
    """One transaction: statements, facts, and the business time at which it happens."""

    connection: AsyncConnection
    now: datetime
    emitted: int = 0

    async def run(self, statement: Executable, params: Params | None = None) -> int:
        """Execute a statement; returns the number of rows that it touched."""
        result = await self.connection.execute(statement, params)
        return int(getattr(result, "rowcount", 0))

    async def rows(self, statement: Executable, params: Params | None = None) -> Sequence[RowMapping]:
        """All rows of a query."""
        return (await self.connection.execute(statement, params)).mappings().all()

    async def row(self, statement: Executable, params: Params | None = None) -> RowMapping | None:
        """The one row of a query, or none."""
        return (await self.connection.execute(statement, params)).mappings().one_or_none()

    async def value(self, statement: Executable, params: Params | None = None) -> Any:
        """The first column of the first row of a query, or none."""
        return (await self.connection.execute(statement, params)).scalar()

    async def emit(self, event: Event) -> None:
        """Announce a fact, in the transaction of the change that makes it true."""
        await outbox.emit(self.connection, event)
        self.emitted += 1

    async def lock(self, *names: str) -> None:
        """Hold a named lock until the end of the transaction; several are taken in sorted order."""
        for name in sorted(names):
            await self.connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:n, 0))"), {"n": name})


@dataclass(slots=True)
class Database:
    """A service's own database, seen as its app role: neither owner nor superuser."""

    engine: AsyncEngine
    clock: Clock
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def open(cls, url: str, clock: Clock, *, pool_size: int = 8) -> "Database":
        """Prepare a pool; nothing is connected before it is used."""
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=False,
            pool_recycle=1800,
            pool_timeout=10,
            hide_parameters=True,
        )
        return cls(engine, clock)

    @asynccontextmanager
    async def transaction(self, *schools: str) -> AsyncIterator[Tx]:
        """Begin; rows of the named schools are visible; commit at the end, roll back on any error."""
        if any("," in school for school in schools):
            raise ValueError("a school's id holds no comma")
        async with self.engine.connect() as connection, connection.begin():
            if schools:
                await connection.execute(_SET_SCHOOLS, {"schools": ",".join(sorted(set(schools)))})
            tx = Tx(connection, self.clock.now())
            yield tx
        if tx.emitted:
            self.woken.set()

    async def answers(self) -> bool:
        """Does the database answer?"""
        try:
            async with asyncio.timeout(2), self.engine.connect() as connection:
                await connection.execute(text("select 1"))
        except (OSError, TimeoutError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
