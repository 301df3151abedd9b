"""Outbox, journal and inbox: a fact is written with the change that makes it true, and taken in exactly once.

`journal` keeps every fact for ever (append only), `outbox` points to the facts that wait for the relay, `inbox`
remembers which facts a consumer has taken in, `attempts` how often one has failed.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from contracts.event import Event

CHANNEL = "outbox"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def house_tables(metadata: MetaData) -> None:
    """Add the four tables that every service has; they stand outside row-level security: one relay serves all."""
    Table(
        "journal",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("subject", Text, nullable=False),
        Column("aggregate_id", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("schools", Text, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("traceparent", Text),
        Column("body", LargeBinary, nullable=False),
        Index("journal_position", "position", unique=True),
        Index("journal_recorded_at", "recorded_at"),
    )
    Table(
        "outbox",
        metadata,
        Column("number", BigInteger, Identity(always=True), primary_key=True),
        # No foreign key: a fact and its place here are one statement, and the check would lock each journal row.
        Column("event_id", Uuid, nullable=False),
        Column("queued_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    )
    Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("taken_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    )
    Table(
        "attempts",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("count", Integer, nullable=False),
    )


def announcing(change: str) -> str:
    """One statement that is a whole transaction: a change, and the fact that is true if the change was made.

    `change` names a step `saved` that gives a row when something was changed; its values come from `$11` on, and it
    reads `from setting`, so that the schools are named before a row is touched. The arguments `$1` to `$10` are
    those of `arguments_of`. The statement gives a row if the fact was announced.
    """
    return f"""
        with setting as materialized (select set_config('app.schools', $1, true)),
        {change},
        fact as (
            insert into journal (event_id, subject, aggregate_id, revision, schools,
                                 occurred_at, recorded_at, traceparent, body)
            select $2::uuid, $3::text, $4::text, $5::int, $6::text, $7::timestamptz, $8::timestamptz, $9::text,
                   $10::bytea
            from saved
            returning event_id
        )
        insert into outbox (event_id) select event_id from fact returning true
    """  # noqa: S608  both parts are written in the store


def arguments_of(event: Event, trace: str | None) -> tuple[Any, ...]:
    """The first ten arguments of a statement made by `announcing`."""
    row = _row(event, trace)
    return (row[4], *row)


_WRITE = """
    with fact as (
        insert into journal (event_id, subject, aggregate_id, revision, schools,
                             occurred_at, recorded_at, traceparent, body)
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[],
                             $6::timestamptz[], $7::timestamptz[], $8::text[], $9::bytea[])
        returning event_id, position
    )
    insert into outbox (event_id) select event_id from fact order by position
"""

_TAKE_IN = """
    insert into inbox (consumer, event_id) select $1, unnest($2::uuid[])
    on conflict do nothing returning event_id
"""

_FAILED = """
    insert into attempts (consumer, event_id, count) values ($1, $2, 1)
    on conflict (consumer, event_id) do update set count = attempts.count + 1
    returning count
"""

_FORGET = "delete from attempts where consumer = $1 and event_id = $2"


async def write(connection: Connection, facts: Sequence[tuple[Event, str | None]]) -> None:
    """Write facts, each with its trace, into the journal and queue them for the relay, in the order of their change.

    One statement in the transaction of the change, however many facts there are; raises asyncpg's
    UniqueViolationError when a fact is announced a second time.
    """
    if facts:
        await connection.execute(_WRITE, *zip(*(_row(event, trace) for event, trace in facts), strict=True))


def _row(event: Event, trace: str | None) -> tuple[Any, ...]:
    return (
        event.event_id,
        event.subject,
        event.aggregate_id,
        event.revision,
        ",".join(event.schools),
        event.occurred_at,
        event.recorded_at,
        trace,
        event.model_dump_json().encode(),
    )


async def take_in(connection: Connection, consumer: str, events: Sequence[UUID]) -> set[UUID]:
    """Take facts in; returns those that this consumer meets for the first time."""
    taken = await connection.fetch(_TAKE_IN, consumer, events)
    return {row["event_id"] for row in taken}


async def count_failure(connection: Connection, consumer: str, event_id: UUID) -> int:
    """How often this consumer has failed on this fact, this time included."""
    return int(await connection.fetchval(_FAILED, consumer, event_id))


async def forget_failures(connection: Connection, consumer: str, event_id: UUID) -> None:
    """Begin to count anew, after a redrive or a dead letter."""
    await connection.execute(_FORGET, consumer, event_id)
