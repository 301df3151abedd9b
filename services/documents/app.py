"""Composition root of documents."""

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.look_doors import look_sweep
from chassis.service import Parts, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.documents import api, consumers


def build(settings: Settings, *, clock: Clock | None = None, verifier: Verifier | None = None) -> FastAPI:
    """Put documents together."""
    parts = Parts("Documents", api.router, consumers.subscriptions(), sweeps=[look_sweep(settings)])
    return create_service(settings, parts, clock=clock, verifier=verifier)


def from_env() -> FastAPI:
    """Documents as its own process."""
    log_as_json()
    return build(Settings.from_env("documents"))
