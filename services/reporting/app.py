"""Composition root of reporting."""

import os

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.identity import Verifier
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from services.reporting import actions, api, consumers
from services.reporting.domain import load_catalogue

PUBLISH_SECONDS = 0.5


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    published_url: str | None = None,
) -> FastAPI:
    """Put reporting together; district and city read through `published_url`, as a role that sees nothing else."""
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
    return app


def from_env() -> FastAPI:
    """Reporting as its own process."""
    return build(Settings.from_env("reporting"), published_url=os.environ.get("NEO_PUBLISHED_DATABASE_URL"))
