"""What makes a service: its doors, its bus, its relay, its sweeps, health and metrics, and a graceful end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from nats.errors import Error as NatsError
from prometheus_client import CollectorRegistry, generate_latest

from chassis import ahead
from chassis.ahead import Piece
from chassis.bus import Bus
from chassis.clock import Clock, clock_of
from chassis.database import Database, is_transient
from chassis.description import describe, open_description
from chassis.identity import TokenVerifier, Verifier, realm_keys
from chassis.intake import Subscription
from chassis.problems import install_problems
from chassis.relay import Relay
from chassis.schema import is_at_head
from chassis.settings import Settings
from chassis.statements import ahead_in
from chassis.surprises import Surprises
from chassis.telemetry import Gauges, Requests
from chassis.texts import Texts

# A page asks a service for so many things at the same time.
AT_HAND = 3

log = logging.getLogger("neo.service")


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something that time brings about: every so many real seconds, one replica at a time."""

    name: str
    seconds: float
    action: Callable[[Database], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service brings along: the rest is the same for all."""

    title: str
    router: APIRouter
    subscriptions: Sequence[Subscription[Any]] = ()
    sweeps: Sequence[Sweep] = ()


def create_service(
    settings: Settings, parts: Parts, *, clock: Clock | None = None, verifier: Verifier | None = None
) -> FastAPI:
    """Put a service together; nothing is connected before its lifespan begins."""
    registry = CollectorRegistry()
    app = FastAPI(title=parts.title, version="1", lifespan=_live, openapi_url=None)
    clock = clock or clock_of(settings.mode, settings.clock_file)
    db = Database.open(settings.database_url, clock, pool_size=settings.pool_size)
    bus = Bus(settings, db, registry)
    bus.listen(parts.subscriptions)
    app.state.settings = settings
    app.state.db = db
    app.state.bus = bus
    app.state.relay = Relay(settings.database_url, bus.post.send, db.woken)
    app.state.sweeps = parts.sweeps
    app.state.registry = registry
    app.state.gauges = Gauges(registry)
    app.state.texts = Texts.load("chassis", f"services.{settings.service}")
    app.state.verifier = verifier or TokenVerifier(
        issuer=settings.issuer,
        audience=settings.audience,
        fetch_keys=realm_keys(settings.issuer_inside or settings.issuer),
    )
    install_problems(app)
    describe(app, f"services.{settings.service}")
    open_description(app)
    app.add_middleware(Surprises)
    app.add_middleware(Requests, registry=registry)
    app.router.routes.extend((*parts.router.routes, *_health(app).routes))
    return app


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    db: Database = app.state.db
    bus: Bus = app.state.bus
    await bus.start()
    tasks = [asyncio.create_task(app.state.relay.run())]
    tasks += [asyncio.create_task(_repeat(sweep, db)) for sweep in app.state.sweeps]
    tasks.append(asyncio.create_task(ahead.get_ready(first_needs(app))))
    try:
        yield
    finally:
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks[1:], return_exceptions=True)
        # The relay goes before the bus does; what it has not sent waits in the outbox.
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        await bus.stop()
        await db.close()


def first_needs(app: FastAPI) -> Iterator[Piece]:
    """What first visits of the service's doors need: the realm's keys, connections, and the statements that read."""
    if isinstance(app.state.verifier, TokenVerifier):
        yield Piece("keys", app.state.verifier.get_ready)
    yield Piece("connections", partial(app.state.db.have_connections, AT_HAND))
    yield from ahead_in(f"services.{app.state.settings.service}.store")


async def _repeat(sweep: Sweep, db: Database) -> None:
    while True:
        try:
            await sweep.action(db)
        except Exception as error:
            trace = None if is_transient(error) else error
            log.warning("sweep failed", exc_info=trace, extra={"sweep": sweep.name, "reason": type(error).__name__})
        await asyncio.sleep(sweep.seconds)


def _health(app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        bus: Bus = app.state.bus
        return Response("ok" if bus.is_alive else "bus closed", 200 if bus.is_alive else 503)

    @router.get("/readyz")
    async def readyz() -> Response:
        wrong = await unready(app)
        return Response("\n".join(wrong) or "ok", 503 if wrong else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        bus: Bus = app.state.bus
        verifier = app.state.verifier
        gauges: Gauges = app.state.gauges
        gauges.key_failures.set(getattr(verifier, "refresh_failures", 0))
        try:
            async with asyncio.timeout(3):
                await gauges.look(app.state.db, bus, bus.intakes if bus.client.is_connected else ())
        except (NatsError, TimeoutError) as error:
            log.warning("lag cannot be read", extra={"reason": type(error).__name__})
        return Response(generate_latest(app.state.registry), media_type="text/plain; version=0.0.4")

    return router


async def unready(app: FastAPI) -> list[str]:
    """What keeps a service from doing its work; an outage of NATS is not among it: the outbox fills, HTTP answers."""
    db: Database = app.state.db
    bus: Bus = app.state.bus
    if not await db.answers():
        return ["database does not answer"]
    wrong = [] if await is_at_head(db, app.state.settings.service) else ["migrations are not at head"]
    if bus.client.is_connected and (missing := await bus.missing_consumers()):
        wrong.append(f"consumers are missing: {', '.join(missing)}")
    return wrong
