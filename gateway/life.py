"""The life of the gateway's process: what runs beside the requests, begun in order and ended in order."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from chassis.ahead import Piece, get_ready
from chassis.bus import Bus
from chassis.database import Database, is_transient
from chassis.identity import TokenVerifier
from chassis.settings import Settings, timing_from_env
from chassis.statements import ahead_in
from contracts.topology import GATEWAY
from gateway import rates
from gateway.consumers import subscriptions
from gateway.farewell import Farewell
from gateway.issuer import Issuer
from gateway.porter import Guests
from gateway.proxy import Proxy
from gateway.pulse import Pulse
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings

SHARE_SECONDS, SWEEP_SECONDS = 1.0, 60.0

log = logging.getLogger("neo.gateway")


@dataclass(frozen=True, slots=True)
class Living:
    """Everything that begins and ends with the process."""

    settings: GatewaySettings
    guests: Guests
    issuer: Issuer
    pulse: Pulse
    farewell: Farewell
    upstreams: Mapping[str, ASGIApp]
    registry: CollectorRegistry


def living(parts: Living) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The lifespan of the gateway."""

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for upstream in parts.upstreams.values():
                if isinstance(upstream, Proxy):
                    stack.push_async_callback(upstream.close)
            stack.push_async_callback(parts.issuer.close)
            if parts.guests.sessions is not None:
                await stack.enter_async_context(_keeping(parts, parts.guests.sessions))
            parts.pulse.start()
            stack.push_async_callback(parts.pulse.stop)
            stack.callback(asyncio.create_task(get_ready(first_needs(app, parts))).cancel)
            stack.callback(parts.farewell.say)
            stack.enter_context(parts.farewell.at_signals())
            yield

    return live


def first_needs(app: FastAPI, parts: Living) -> Iterator[Piece]:
    """What first visits need: the issuer's keys, the gateway's own statements, what pages and the description are."""
    if isinstance(parts.guests.verifier, TokenVerifier):
        yield Piece("keys", parts.guests.verifier.get_ready)
    yield from ahead_in("gateway.store")
    yield from app.state.portal.pages.ahead()
    yield from app.state.catalogue.ahead()


@asynccontextmanager
async def _keeping(parts: Living, sessions: Sessions) -> AsyncIterator[None]:
    """The house-keeping of sessions and counters, and the ear for whose rights change."""
    bus = _bus(parts, sessions)
    tasks = [
        asyncio.create_task(_repeat("share-rates", SHARE_SECONDS, lambda: _share(parts.guests, sessions.db))),
        asyncio.create_task(_repeat("sweep", SWEEP_SECONDS, lambda: _sweep(sessions))),
    ]
    if bus is not None:
        await bus.start()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if bus is not None:
            await bus.stop()
        await sessions.db.close()


def _bus(parts: Living, sessions: Sessions) -> Bus | None:
    settings = parts.settings
    if settings.nats_url is None:
        return None
    wanted = Settings(
        service=GATEWAY,
        mode=settings.mode,
        database_url=sessions.db.url,
        nats_url=settings.nats_url,
        nats_user=settings.nats_user,
        nats_password=settings.nats_password,
        issuer=settings.issuer,
        timing=timing_from_env(),
    )
    bus = Bus(wanted, sessions.db, parts.registry)
    bus.listen(subscriptions(sessions.watch))
    return bus


async def _share(guests: Guests, db: Database) -> None:
    await guests.rates.share(db, now=time.time())


async def _sweep(sessions: Sessions) -> None:
    await sessions.sweep()
    await rates.sweep(sessions.db)


async def _repeat(name: str, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await action()
        except Exception as error:
            trace = None if is_transient(error) else error
            log.warning("sweep failed", exc_info=trace, extra={"sweep": name, "reason": type(error).__name__})
        await asyncio.sleep(seconds)
