"""Outbox, journal and inbox: a fact is written with the change that makes it true, and taken in exactly once.

`journal` keeps every fact for ever (append only), `outbox` points to the facts that wait for the relay, `inbox`
remembers which facts a consumer has taken in, `attempts` how often one has failed.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
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
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.trace import current_trace
from contracts.event import Event

CHANNEL = "outbox"


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
        Column("event_id", Uuid, ForeignKey("journal.event_id"), nullable=False),
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


_EMIT = text("""
    with fact as (
        insert into journal (event_id, subject, aggregate_id, revision, schools,
                             occurred_at, recorded_at, traceparent, body)
        values (:event_id, :subject, :aggregate_id, :revision, :schools,
                :occurred_at, :recorded_at, :traceparent, :body)
        returning event_id
    )
    insert into outbox (event_id) select event_id from fact
""")

_FIRST_TIME = text("""
    insert into inbox (consumer, event_id) values (:consumer, :event_id)
    on conflict do nothing returning true
""")

_FAILED = text("""
    insert into attempts (consumer, event_id, count) values (:consumer, :event_id, 1)
    on conflict (consumer, event_id) do update set count = attempts.count + 1
    returning count
""")

_FORGET = text("delete from attempts where consumer = :consumer and event_id = :event_id")


async def emit(connection: AsyncConnection, event: Event) -> None:
    """Write a fact into the journal and queue it for the relay, in the transaction of its change."""
    await connection.execute(
        _EMIT,
        {
            "event_id": event.event_id,
            "subject": event.subject,
            "aggregate_id": event.aggregate_id,
            "revision": event.revision,
            "schools": ",".join(event.schools),
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "traceparent": current_trace(),
            "body": event.model_dump_json().encode(),
        },
    )


async def first_time(connection: AsyncConnection, consumer: str, event_id: UUID) -> bool:
    """Take a fact in: true the first time that this consumer meets it, false ever after."""
    taken = await connection.execute(_FIRST_TIME, {"consumer": consumer, "event_id": event_id})
    return taken.scalar() is not None


async def count_failure(connection: AsyncConnection, consumer: str, event_id: UUID) -> int:
    """How often this consumer has failed on this fact, this time included."""
    counted = await connection.execute(_FAILED, {"consumer": consumer, "event_id": event_id})
    return int(counted.scalar_one())


async def forget_failures(connection: AsyncConnection, consumer: str, event_id: UUID) -> None:
    """Begin to count anew, after a redrive or a dead letter."""
    await connection.execute(_FORGET, {"consumer": consumer, "event_id": event_id})


Waker = Callable[[], None]
Sender = Callable[[bytes, str, dict[str, str]], Awaitable[None]]
