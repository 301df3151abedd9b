"""Composition root of reporting."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.identity import Verifier
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.reporting import actions, api, consumers
from services.reporting.api.kept import Kept
from services.reporting.domain import load_catalogue

PUBLISH_SECONDS = 0.5


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    published_url: str | None = None,
) -> FastAPI:
    """Put reporting together; district and city read through `published_url`, as a role that sees nothing else.

    Without that address they read through reporting's own role; a process of its own does not start so (`from_env`).
    """
    catalogue = load_catalogue()

    async def publish(db: Database) -> None:
        while await actions.publish_waiting(db, catalogue):
            continue

    parts = Parts(
        title="Reporting",
        router=api.router,
        subscriptions=consumers.subscriptions(),
        sweeps=(Sweep("publish", PUBLISH_SECONDS, publish),),
    )
    app = create_service(settings, parts, clock=clock, verifier=verifier)
    app.state.catalogue = catalogue
    app.state.published = Database.open(published_url or settings.database_url, app.state.db.clock, pool_size=4)
    app.state.kept = Kept()
    _close_with(app, app.state.published)
    return app


def _close_with(app: FastAPI, published: Database) -> None:
    """Give the second database's connections back when the service ends."""
    live = app.router.lifespan_context

    @asynccontextmanager
    async def and_close(served: FastAPI) -> AsyncIterator[None]:
        async with live(served):
            try:
                yield
            finally:
                await published.close()

    app.router.lifespan_context = and_close


def from_env() -> FastAPI:
    """Reporting as its own process; it does not start without the published layer's own role."""
    log_as_json()
    settings, published_url = Settings.from_env("reporting"), os.environ.get("NEO_PUBLISHED_DATABASE_URL")
    if not published_url:
        raise SystemExit("reporting: set NEO_PUBLISHED_DATABASE_URL (docs/settings.md lists every variable)")
    return build(settings, published_url=published_url)
