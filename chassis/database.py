"""Transactions that know their schools: row-level security shows their rows and nobody else's."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.engine import make_url
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.base import Executable

from chassis import outbox
from chassis.clock import Clock
from chassis.connections import Connections
from chassis.outbox import Connection
from chassis.statements import Values, compiled
from chassis.trace import current_trace
from contracts.event import Event

TENANT = "tenant"
CONNECT_SECONDS = 10.0
# A name that can stand between quotes as it is; any other goes as a parameter.
_PLAIN = re.compile(r"[\w.,:-]*", re.ASCII)
_SET_SCHOOLS = "select set_config('app.schools', $1, true)"
_LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
_TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,
)
_LOST = "closed"
_UNSENDABLE = re.compile(r"out of (?:\w+ )?range|surrogates not allowed")
_UNKEEPABLE = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
)
TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

Row = Mapping[str, Any]
Params = Values | Sequence[Values]


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
    if isinstance(error, asyncpg.InterfaceError):
        # Of the driver's own errors only a lost connection is trouble; misuse stays wrong however long one waits.
        return _LOST in str(error)
    return isinstance(error, _TRANSIENT)


def is_unkeepable(error: BaseException) -> bool:
    """Is it a value that no column can hold: text with a NUL or half a character, a number or a day out of range?"""
    if isinstance(error, _UNKEEPABLE):
        return True
    # The driver's own words for what it could not send; any other wrong value is a fault of ours.
    return isinstance(error, asyncpg.DataError) and bool(_UNSENDABLE.search(str(error)))


class ConnectionLost(ConnectionError):
    """The connection ended in the middle of a transaction; whatever was said on it, nothing of it was written."""


class NotCommitted(Exception):
    """A transaction in which a statement had failed cannot be committed; nothing of it was written."""


@dataclass(slots=True)
class Tx:
    """One transaction: statements, facts, and the business time at which it happens.

    `raw` is asyncpg's own connection, for the one statement of a hot path and for whole batches.
    """

    raw: Connection
    now: datetime
    facts: list[tuple[Event, str | None]] = field(default_factory=list)
    is_announced: bool = False

    async def run(self, statement: Executable, params: Params | None = None) -> int:
        """Execute a statement, or the same one for many rows; returns the number of rows that one touched."""
        if isinstance(params, Sequence):
            await self._run_many(statement, params)
            return len(params)
        sql, values = compiled(statement, params or ()).call(params or {})
        status = await self.raw.execute(sql, *values)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def _run_many(self, statement: Executable, rows: Sequence[Values]) -> None:
        if not rows:
            return
        form = compiled(statement, rows[0])
        calls = [form.call(row) for row in rows]
        await self.raw.executemany(calls[0][0], [values for _, values in calls])

    async def rows(self, statement: Executable, params: Values | None = None) -> list[Row]:
        """All rows of a query."""
        sql, values = compiled(statement, params or ()).call(params or {})
        return [dict(record) for record in await self.raw.fetch(sql, *values)]

    async def row(self, statement: Executable, params: Values | None = None) -> Row | None:
        """The one row of a query, or none; raises ValueError if there are several."""
        found = await self.rows(statement, params)
        if len(found) > 1:
            raise ValueError("one row was expected")
        return found[0] if found else None

    async def value(self, statement: Executable, params: Values | None = None) -> Any:
        """The first column of the first row of a query, or none."""
        sql, values = compiled(statement, params or ()).call(params or {})
        return await self.raw.fetchval(sql, *values)

    async def emit(self, event: Event) -> None:
        """Announce a fact, in the transaction of the change that makes it true."""
        self.facts.append((event, current_trace()))

    async def write_facts(self) -> None:
        """Write down what was announced so far; it is true with the commit, like the rest.

        A change of very many things need not hold all its facts in memory until the end.
        """
        await outbox.write(self.raw, self.facts)
        self.is_announced = self.is_announced or bool(self.facts)
        self.facts.clear()

    async def lock(self, *names: str) -> None:
        """Hold a named lock until the end of the transaction; several are taken in sorted order."""
        for name in sorted(names):
            await self.raw.execute(_LOCK, name)


@dataclass(slots=True)
class Database:
    """A service's own database, seen as its app role: neither owner nor superuser."""

    url: str
    clock: Clock
    pool_size: int = 12
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    connections: Connections | None = None

    @classmethod
    def open(cls, url: str, clock: Clock, *, pool_size: int = 12) -> "Database":
        """Name a database; nothing is connected before it is used."""
        return cls(url, clock, pool_size)

    @asynccontextmanager
    async def transaction(self, *schools: str) -> AsyncIterator[Tx]:
        """Begin; rows of the named schools are visible; commit at the end, roll back on any error."""
        if any("," in school for school in schools):
            # A comma joins school ids in the transaction's setting, therefore it may not stand in one.
            raise ValueError("a school's id holds no comma")
        kept = self._kept()
        connection = await kept.take()
        tx = Tx(connection, self.clock.now())
        try:
            await _begin(connection, schools)
            yield tx
            await tx.write_facts()
            if await connection.execute("commit") != "COMMIT":
                raise NotCommitted
        except BaseException as error:
            if not await _roll_back(connection, error) and isinstance(error, Exception):
                raise ConnectionLost from error
            raise
        finally:
            kept.give_back(connection)
        if tx.is_announced:
            self.woken.set()

    async def look(self, sql: str, *values: Any) -> list[Row]:
        """Read with one statement that is its own transaction and names its schools itself."""
        kept = self._kept()
        connection = await kept.take()
        try:
            return [dict(record) for record in await connection.fetch(sql, *values)]
        finally:
            kept.give_back(connection)

    async def announce(self, sql: str, event: Event, *values: Any) -> bool:
        """Change something and announce the fact, in one statement made by `outbox.announcing`.

        False when nothing was changed, for example because another was faster; then nothing is announced either.
        """
        kept = self._kept()
        connection = await kept.take()
        try:
            is_done = await connection.fetchval(sql, *outbox.arguments_of(event, current_trace()), *values)
        finally:
            kept.give_back(connection)
        if is_done:
            self.woken.set()
        return bool(is_done)

    async def have_connections(self, count: int) -> None:
        """Connect ahead of use; raises what connecting raises."""
        await self._kept().have(count)

    def _kept(self) -> Connections:
        # Made only now: connections belong to the event loop in which they are made.
        if self.connections is None:
            self.connections = Connections(self.pool_size, self._connect)
        return self.connections

    async def _connect(self) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            **address_of(self.url),
            timeout=CONNECT_SECONDS,
            statement_cache_size=500,
            max_cached_statement_lifetime=0,
        )
        for kind in ("json", "jsonb"):
            await connection.set_type_codec(kind, schema="pg_catalog", encoder=str, decoder=json.loads)
        return connection

    async def answers(self) -> bool:
        """Does the database answer?"""
        try:
            async with asyncio.timeout(2):
                await self.look("select 1")
        except TROUBLE:
            return False
        return True

    async def close(self) -> None:
        """Give all connections back; what still runs after five seconds is cut off."""
        if self.connections is not None:
            kept, self.connections = self.connections, None
            await kept.close()


async def _begin(connection: Connection, schools: Iterable[str]) -> None:
    setting = ",".join(sorted(set(schools)))
    if not setting:
        await connection.execute("begin")
    elif _PLAIN.fullmatch(setting):
        # One round trip instead of two.
        await connection.execute(f"begin; select set_config('app.schools', '{setting}', true)")
    else:
        await connection.execute("begin")
        await connection.execute(_SET_SCHOOLS, setting)


async def _roll_back(connection: Connection, error: BaseException) -> bool:
    """Undo what was begun; false when the connection is lost, and the database has undone it by itself."""
    try:
        if connection.is_closed():
            return False
        # Of one that was cut off in the middle, the driver does not know yet how far its `begin` has come.
        if not isinstance(error, Exception) or connection.is_in_transaction():
            async with asyncio.timeout(5):
                await connection.execute("rollback")
    except Exception:  # noqa: BLE001  whatever keeps it from rolling back, nobody may go on with it
        connection.terminate()
        return False
    return True


def address_of(url: str) -> dict[str, Any]:
    """An SQLAlchemy address in asyncpg's words; a socket folder stands in `?host=`."""
    parsed = make_url(url)
    return {
        "host": parsed.query.get("host") or parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "password": parsed.password,
        "database": parsed.database,
    }
