"""What the database can do at all: plain asyncpg on tables like ours, without anything of ours around."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from bench.consents import SCHOOLS, events
from bench.ground import Ground
from bench.rounds import Measured
from chassis.relay import connect_plain

DATABASE, ROLE = "bench", "bench_app"
CONNECTIONS = 32
_TABLES = f"""
    create table outbox (number bigint generated always as identity primary key, event_id uuid not null,
        subject text not null, body bytea not null, queued_at timestamptz not null default clock_timestamp());
    create table inbox (consumer text, event_id uuid, taken_at timestamptz not null default clock_timestamp(),
        primary key (consumer, event_id));
    create table effects (school_id text, person_id uuid, purpose text, is_given boolean not null,
        revision int not null, primary key (school_id, person_id, purpose));
    alter table effects enable row level security;
    alter table effects force row level security;
    create policy effects_of_schools on effects
        using (school_id = any(string_to_array(current_setting('app.schools', true), ',')));
    grant select, insert, update on all tables in schema public to {ROLE};
"""
_INSERT = "insert into outbox (event_id, subject, body) values ($1, $2, $3)"
_TAKE_IN = """
    with fresh as (
        insert into inbox (consumer, event_id) select 'bench', event_id from unnest($1::uuid[]) as told (event_id)
        on conflict do nothing returning event_id
    )
    insert into effects (school_id, person_id, purpose, is_given, revision)
    select school_id, event_id, 'PD_PLATFORM', true, 1
    from unnest($1::uuid[], $2::text[]) as told (event_id, school_id) join fresh using (event_id)
    on conflict (school_id, person_id, purpose) do update
        set is_given = excluded.is_given, revision = excluded.revision where effects.revision < excluded.revision
"""


@dataclass(slots=True)
class RawDatabase:
    """Connections that write as fast as they can; `app.schools` is set once on each."""

    connections: Sequence[asyncpg.Connection]
    body: bytes

    async def insert(self, rows: int, *, connections: int) -> None:
        """A row and a transaction each."""
        rest = iter(range(rows))

        async def work(connection: asyncpg.Connection) -> None:
            for _ in rest:
                await connection.execute(_INSERT, uuid4(), "neo.documents.consent.given.v1", self.body)

        await asyncio.gather(*(work(one) for one in self.connections[:connections]))

    async def take_in(self, rows: int, *, connections: int = 1, fold: int = 1) -> None:
        """Inbox and upsert under row-level security in one statement, so many facts per transaction."""
        lots = iter(_lots(rows, fold))

        async def work(connection: asyncpg.Connection) -> None:
            for ids, schools in lots:
                await connection.execute(_TAKE_IN, ids, schools)

        await asyncio.gather(*(work(one) for one in self.connections[:connections]))

    def stages(self) -> list[Measured]:
        """What is measured."""
        return [
            *(self._inserting(connections) for connections in (1, 8, 32)),
            self._taking(8, 1, code="db-inbox-8"),
            *(self._taking(1, fold, code=f"db-fold-{fold}") for fold in (10, 100, 500)),
        ]

    def _inserting(self, connections: int) -> Measured:
        async def work(wanted: int) -> None:
            await self.insert(wanted, connections=connections)

        return Measured(f"db-insert-{connections}", work)

    def _taking(self, connections: int, fold: int, *, code: str) -> Measured:
        async def work(wanted: int) -> None:
            await self.take_in(wanted, connections=connections, fold=fold)

        return Measured(code, work, least=max(100, fold * 2))


def _lots(rows: int, fold: int) -> Iterator[tuple[list[UUID], list[str]]]:
    for began in range(0, rows, fold):
        size = min(fold, rows - began)
        yield [uuid4() for _ in range(size)], [SCHOOLS[number % len(SCHOOLS)] for number in range(size)]


@asynccontextmanager
async def raw_database(ground: Ground) -> AsyncIterator[RawDatabase]:
    """A database of its own in the same server, with a role as powerless as a service's."""
    postgres = ground.infrastructure.postgres
    admin = await ground.admin()
    try:
        await admin.execute(f"create role {ROLE} login nosuperuser nobypassrls")
        await admin.execute(f"create database {DATABASE}")
        owner = await connect_plain(postgres.url(DATABASE, "postgres"))
        await owner.execute(_TABLES)
        await owner.close()
        found = await asyncio.gather(*(connect_plain(postgres.url(DATABASE, ROLE)) for _ in range(CONNECTIONS)))
        for connection in found:
            await connection.execute("select set_config('app.schools', $1, false)", ",".join(SCHOOLS))
        yield RawDatabase(found, events(1)[0].model_dump_json().encode())
        for connection in found:
            await connection.close()
    finally:
        await admin.close()
