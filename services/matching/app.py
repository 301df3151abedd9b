"""Composition root of matching."""

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.look_doors import look_sweep
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.matching import api, consumers
from services.matching.actions import pairings
from services.matching.actions.solving import Worker

EXPIRY_SECONDS = 2.0


def build(settings: Settings, *, clock: Clock | None = None, verifier: Verifier | None = None) -> FastAPI:
    """Put matching together."""
    worker = Worker()
    parts = Parts(
        title="Matching",
        router=api.router,
        subscriptions=consumers.subscriptions(),
        sweeps=(
            Sweep("expire-proposals", EXPIRY_SECONDS, pairings.expire_overdue),
            # A turn waits by itself until there is work.
            Sweep("solve-runs", 0.0, worker.turn),
            look_sweep(settings),
        ),
    )
    app = create_service(settings, parts, clock=clock, verifier=verifier)
    app.state.worker = worker
    return app


def from_env() -> FastAPI:
    """Matching as its own process."""
    log_as_json()
    return build(Settings.from_env("matching"))
