"""A small service under the name of documents, with handlers and routes of a test's own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import APIRouter
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError
from sqlalchemy import text

from chassis.doors import doors
from chassis.intake import Subscription
from chassis.relay import connect_plain
from chassis.service import Parts, create_service
from chassis.testing import ISSUER
from contracts.documents import ConsentGiven, ConsentPurpose
from contracts.registry import CycleOpened
from contracts.topology import DEAD_STREAM
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from tests.stand import Running, Stand

NAME = "documents"
HEARD = "documents-cycle-opened"
NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)


@asynccontextmanager
async def small_service(
    stand: Stand, *subscriptions: Subscription[Any], router: APIRouter | None = None, **settings: Any
) -> AsyncIterator[Running]:
    """A running service that can be stopped and started again."""
    told = stand.infrastructure.settings_of(NAME, ISSUER).model_copy(update=settings)
    parts = Parts("Small", router or doors(), subscriptions)
    app = create_service(told, parts, clock=stand.clock, verifier=stand.tokens.verifier())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service.test/v1") as client,
    ):
        yield Running(app, client, stand.tokens)


def a_cycle(school: str, cycle_id: UUID | None = None) -> CycleOpened:
    """A fact that documents hears."""
    return CycleOpened(
        school_id=school,
        cycle_id=cycle_id or uuid4(),
        starts_on=date(2026, 9, 1),
        ends_on=date(2027, 6, 15),
        occurred_at=NOW,
    )


def a_consent(school: str, revision: int = 1) -> ConsentGiven:
    """A fact that documents announces."""
    return ConsentGiven(
        school_id=school, person_id=uuid4(), purpose=ConsentPurpose.PD_PLATFORM, revision=revision, occurred_at=NOW
    )


async def dead_letters(stand: Stand, about: str) -> list[RawStreamMsg]:
    """Dead letters whose body speaks of a school."""
    state = (await stand.js.stream_info(DEAD_STREAM)).state
    found = []
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        try:
            letter = await stand.js.get_msg(DEAD_STREAM, sequence)
        except NotFoundError:
            continue
        if about.encode() in (letter.data or b""):
            found.append(letter)
    return found


async def waiting(running: Running, school: str) -> int:
    """Facts about a school that wait in the outbox."""
    query = text("select count(*) from outbox join journal using (event_id) where schools = :school")
    async with running.db.transaction() as tx:
        return int(await tx.value(query, {"school": school}))


async def attempts(running: Running, event_id: UUID) -> int:
    """How often a fact has failed so far."""
    query = text("select coalesce(max(count), 0) from attempts where event_id = :event")
    async with running.db.transaction() as tx:
        return int(await tx.value(query, {"event": event_id}))


async def as_superuser(infrastructure: Infrastructure, query: str, *values: object) -> Sequence[Any]:
    """Look or act inside the database of the small service as its operator would."""
    connection = await connect_plain(infrastructure.postgres.url(database_of(NAME), "postgres"))
    try:
        rows: Sequence[Any] = await connection.fetch(query, *values)
        return rows
    finally:
        await connection.close()
