"""Composition root of the registry."""

import asyncio
import os

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.look_doors import look_sweep
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.registry import api, consumers
from services.registry.actions.applying_worker import Worker
from services.registry.actions.closures import follow_closures
from services.registry.actions.imports import forget_old_checks
from services.registry.actions.role_profiles import follow_the_calendar
from services.registry.actions.slips import Credentials

CLIENT = "registry"
# Of different schools: one large file does not keep the small ones waiting.
_FILES_AT_ONCE = 2
_SWEEPS = (
    Sweep("staff-imports", 3600.0, forget_old_checks),
    Sweep("closures", 600.0, follow_closures),
    Sweep("role-profiles", 600.0, follow_the_calendar),
)


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    realm_secret: str | None = None,
    realm_client: str = CLIENT,
) -> FastAPI:
    """Put the registry together; without the realm's secret accounts wait in their queue."""
    credentials, woken = None, asyncio.Event()
    workers = [Worker(woken=woken) for _ in range(_FILES_AT_ONCE)]
    # A turn waits by itself until there is work.
    applying = [Sweep(f"apply-staff-files-{number}", 0.0, worker.turn) for number, worker in enumerate(workers, 1)]
    sweeps = [*_SWEEPS, *applying, look_sweep(settings)]
    if realm_secret is not None:
        keeping, credentials = _accounts(settings.issuer_inside or settings.issuer, realm_client, realm_secret)
        sweeps.append(keeping)
    parts = Parts("Registry", api.router, consumers.subscriptions(), sweeps)
    app = create_service(settings, parts, clock=clock, verifier=verifier)
    app.state.credentials = credentials
    app.state.file_ordered = woken
    return app


def _accounts(issuer: str, client_id: str, secret: str) -> tuple[Sweep, Credentials]:
    # Imported here: the realm's client costs as much as all other imports together.
    from services.registry.actions.realm import RealmDoor, RealmKeeper  # noqa: PLC0415
    from services.registry.actions.slips_realm import RealmCredentials  # noqa: PLC0415

    door = RealmDoor(issuer, client_id, secret)
    return Sweep("accounts", 1.0, RealmKeeper(door).sweep), RealmCredentials(door)


def from_env() -> FastAPI:
    """The registry as its own process; `NEO_CLIENT_ID` and `NEO_CLIENT_SECRET` are its client in the realm."""
    log_as_json()
    env = os.environ
    return build(
        Settings.from_env("registry"),
        realm_secret=env.get("NEO_CLIENT_SECRET"),
        realm_client=env.get("NEO_CLIENT_ID", CLIENT),
    )
