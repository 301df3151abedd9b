"""Composition root of diagnostics."""

from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.look_doors import look_sweep
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.diagnostics import actions, api, consumers
from services.diagnostics.domain import Catalogue, Instruments, load_catalogue, load_instruments

CATALOGUE_VERSION = "2026.1"
LOOK_FOR_OVERDUE_SECONDS = 30.0


@cache
def _read(version: str) -> tuple[Catalogue, Instruments]:
    """A version never changes: one reading serves every app of this process."""
    folder = Path(str(files("services.diagnostics"))) / "catalogue" / version
    catalogue = load_catalogue(folder)
    return catalogue, load_instruments(folder, catalogue)


def build(settings: Settings, *, clock: Clock | None = None, verifier: Verifier | None = None) -> FastAPI:
    """Put diagnostics together with the newest version of the catalogue and its instruments."""
    catalogue, instruments = _read(CATALOGUE_VERSION)
    close = partial(actions.close_overdue, catalogue=catalogue)
    worker = actions.PsychometricsWorker(instruments)
    parts = Parts(
        title="Diagnostics",
        router=api.router,
        subscriptions=consumers.subscriptions(),
        sweeps=[
            Sweep("close-overdue-campaigns", LOOK_FOR_OVERDUE_SECONDS, close),
            # A turn waits by itself until there is work.
            Sweep("compute-psychometrics", 0.0, worker.turn),
            look_sweep(settings),
        ],
    )
    app = create_service(settings, parts, clock=clock, verifier=verifier)
    app.state.catalogue = catalogue
    app.state.instruments = instruments
    app.state.psychometrics_worker = worker
    app.state.catalogue_page = api.catalogue_page(catalogue)
    return app


def from_env() -> FastAPI:
    """Diagnostics as its own process."""
    log_as_json()
    return build(Settings.from_env("diagnostics"))
