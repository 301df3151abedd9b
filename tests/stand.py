"""A stand for services under test: built like in production, on real servers, with tokens of our own realm."""

import importlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from nats.js.api import DeliverPolicy
from sqlalchemy import text

from chassis.bus import connect
from chassis.clock import LocalClock
from chassis.database import Database
from chassis.testing import ISSUER, TokenFactory
from contracts.event import Event
from contracts.topology import HEARS, STREAM, durable_of
from deploy.local.infrastructure import Infrastructure
from deploy.nats import ADMIN

# More than any test says before it starts the service that is to hear it.
BACKLOG = 50


class Running:
    """One running service: its app, its database, a client, and its journal."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, tokens: TokenFactory) -> None:
        self.app = app
        self.client = client
        self.tokens = tokens
        self.db: Database = app.state.db

    async def call(
        self, method: str, path: str, *, by: UUID | None, groups: Sequence[str] = (), **request: Any
    ) -> httpx.Response:
        """Call the service as a person with groups such as `/schools/x/curator`."""
        headers = {**self.tokens.headers(by, *groups), **request.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **request)

    async def announced(self, subject_part: str, about: str) -> list[str]:
        """Subjects of the facts in the journal whose schools or aggregate name `about`, in order."""
        found = await self._journal(subject_part, about)
        return [row["subject"] for row in found]

    async def bodies(self, subject_part: str, about: str) -> list[bytes]:
        """Bodies of those facts."""
        return [row["body"] for row in await self._journal(subject_part, about)]

    async def _journal(self, subject_part: str, about: str) -> Sequence[Any]:
        query = text(
            "select subject, body from journal where subject like :part "
            "and (schools like :about or aggregate_id like :about) order by position limit 10000"
        )
        async with self.db.transaction() as tx:
            return await tx.rows(query, {"part": f"%{subject_part}%", "about": f"%{about}%"})

    async def count(self, table: str, *schools: str) -> int:
        """Rows of a table that a transaction for these schools sees."""
        async with self.db.transaction(*schools) as tx:
            return int(await tx.value(text(f"select count(*) from {table}")))


class Stand:
    """Builds services on the infrastructure of the run, and publishes events like their owners do."""

    def __init__(self, infrastructure: Infrastructure, tokens: TokenFactory) -> None:
        self.infrastructure = infrastructure
        self.tokens = tokens
        self.clock = LocalClock()
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> "Stand":
        nats = self.infrastructure.nats
        self.client = await connect(nats.url, user=ADMIN, password=nats.passwords[ADMIN])
        self.js = self.client.jetstream()
        self.stack.push_async_callback(self.client.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stack.aclose()

    async def service(self, name: str, **extra: Any) -> Running:
        """A running service."""
        await self._pass_over_what_others_said(name)
        build = importlib.import_module(f"services.{name}.app").build
        settings = self.infrastructure.settings_of(name, ISSUER)
        app: FastAPI = build(settings, clock=self.clock, verifier=self.tokens.verifier(), **extra)
        await self.stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        client = await self.stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://service.test/v1")
        )
        return Running(app, client, self.tokens)

    async def _pass_over_what_others_said(self, name: str) -> None:
        """Let the service's consumers begin at the end of the stream when the facts of other tests wait for them.

        A service that first had to take in all that a thousand tests have said would be late for its own test.
        """
        for event in HEARS.get(name, ()):
            durable = durable_of(name, event)
            known = await self.js.consumer_info(STREAM, durable)
            if (known.num_pending or 0) > BACKLOG:
                await self.js.delete_consumer(STREAM, durable)
                await self.js.add_consumer(STREAM, known.config.evolve(deliver_policy=DeliverPolicy.NEW))

    async def publish(self, *events: Event, message_id: str | None = None) -> None:
        """Publish facts as their owners would; the same fact again gets a fresh message id."""
        for event in events:
            headers = {"Nats-Msg-Id": message_id or str(uuid4()), "event-id": str(event.event_id)}
            await self.js.publish(event.subject, event.model_dump_json().encode(), stream=STREAM, headers=headers)


def a_school() -> str:
    """A school that no other test knows."""
    return f"school-{uuid4().hex[:10]}"
