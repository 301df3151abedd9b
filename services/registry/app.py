"""Composition root of the registry."""

import os

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.service import Parts, Sweep, create_service
from chassis.settings import Settings
from chassis.telemetry import log_as_json
from services.registry import api, consumers
from services.registry.actions.imports import forget_old_checks

CLIENT = "registry"


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    realm_secret: str | None = None,
    realm_client: str = CLIENT,
) -> FastAPI:
    """Put the registry together; without the realm's secret accounts wait in their queue."""
    sweeps = [Sweep("staff-imports", 3600.0, forget_old_checks)]
    if realm_secret is not None:
        sweeps.append(_accounts(settings.issuer_inside or settings.issuer, realm_client, realm_secret))
    parts = Parts("Registry", api.router, consumers.subscriptions(), sweeps)
    return create_service(settings, parts, clock=clock, verifier=verifier)


def _accounts(issuer: str, client_id: str, secret: str) -> Sweep:
    # Imported here: the realm's client costs as much as all other imports together.
    from services.registry.actions.realm import RealmDoor, RealmKeeper  # noqa: PLC0415

    keeper = RealmKeeper(RealmDoor(issuer, client_id, secret))
    return Sweep("accounts", 1.0, keeper.sweep)


def from_env() -> FastAPI:
    """The registry as its own process; `NEO_CLIENT_ID` and `NEO_CLIENT_SECRET` are its client in the realm."""
    log_as_json()
    env = os.environ
    return build(
        Settings.from_env("registry"),
        realm_secret=env.get("NEO_CLIENT_SECRET"),
        realm_client=env.get("NEO_CLIENT_ID", CLIENT),
    )
