"""Outboxes and journals: what waits to be sent, and an owner saying its facts again."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from nats.aio.client import Client

from chassis.post import Post
from chassis.relay import connect_plain, letter_of
from contracts.topology import STREAM

PAGE = 500
REPLAYED = "neo-replayed"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of a service's facts waits to be sent."""

    service: str
    rows: int
    oldest_seconds: float


async def waiting(url: str, service: str) -> Waiting:
    """Look at a service's outbox."""
    connection = await connect_plain(url)
    try:
        row = await connection.fetchrow(
            "select count(*) as rows, "
            "coalesce(extract(epoch from clock_timestamp() - min(queued_at)), 0) as oldest from outbox"
        )
    finally:
        await connection.close()
    assert row is not None  # an aggregate always gives a row
    return Waiting(service, row["rows"], round(float(row["oldest"]), 3))


async def replay(client: Client, url: str, *, since: datetime | None = None) -> int:
    """Publish an owner's journal again, in its order: the same event ids, fresh message ids.

    Consumers that know a fact skip it; the header tells senders of notifications to stay silent.
    """
    post = Post(client, STREAM)
    connection = await connect_plain(url)
    sent, position = 0, -1
    try:
        while True:
            rows = await connection.fetch(
                "select position, event_id, subject, schools, traceparent, body from journal "
                "where position > $1 and ($2::timestamptz is null or recorded_at >= $2) order by position limit $3",
                position,
                since,
                PAGE,
            )
            if not rows:
                return sent
            letters = [letter_of(row, message_id=str(uuid4())) for row in rows]
            await post.send([replace(one, headers={**one.headers, REPLAYED: "true"}) for one in letters])
            sent, position = sent + len(rows), rows[-1]["position"]
    finally:
        await connection.close()
