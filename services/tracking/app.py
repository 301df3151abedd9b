"""Composition root of tracking."""

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.look_doors import look_sweep
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.tracking import actions, api, consumers

LOOK_SECONDS = 10.0
REMIND_SECONDS = 60.0


def build(settings: Settings, *, clock: Clock | None = None, verifier: Verifier | None = None) -> FastAPI:
    """Put tracking together."""
    parts = Parts(
        title="Tracking",
        router=api.router,
        subscriptions=consumers.subscriptions(),
        sweeps=[
            Sweep("settle-silence", LOOK_SECONDS, actions.settle_silence),
            Sweep("keep-dates", LOOK_SECONDS, actions.keep_dates),
            Sweep("watch-pairs", LOOK_SECONDS, actions.watch_pairs),
            Sweep("close-surveys", LOOK_SECONDS, actions.close_surveys),
            Sweep("remind", REMIND_SECONDS, actions.remind),
            look_sweep(settings),
        ],
    )
    return create_service(settings, parts, clock=clock, verifier=verifier)


def from_env() -> FastAPI:
    """Tracking as its own process."""
    log_as_json()
    return build(Settings.from_env("tracking"))
