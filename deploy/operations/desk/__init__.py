"""The desk of whoever is on duty, as an upstream of the gateway: lag, dead letters, and sending them again.

It has a broker user of its own and no database; it shows ids and reasons, never what a letter says. In one process
with the city, or alone: `uvicorn --factory deploy.operations.desk:from_env`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Response
from prometheus_client import CollectorRegistry, generate_latest

from chassis.description import describe, open_description
from chassis.identity import TokenVerifier, Verifier, realm_keys
from chassis.problems import install_problems
from chassis.telemetry import Requests
from chassis.texts import Texts
from contracts.topology import OPERATIONS
from deploy.operations.desk.broker import Broker
from deploy.operations.desk.doors import router


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Where the broker is, as the user `operations`, and whose tokens count."""

    nats_url: str
    issuer: str
    nats_password: str | None = None
    issuer_inside: str | None = None
    audience: str = "neo-api"


def build(settings: DeskSettings, *, verifier: Verifier | None = None) -> FastAPI:
    """Put the desk together; the broker is reached at the first question and after it was away."""
    broker = Broker(settings.nats_url, OPERATIONS if settings.nats_password else None, settings.nats_password)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        yield
        await broker.close()

    app = FastAPI(title="Operations", version="1", lifespan=living, openapi_url=None)
    app.state.broker = broker
    app.state.texts = Texts.load("chassis", "deploy.operations.desk")
    app.state.verifier = verifier or TokenVerifier(
        issuer=settings.issuer,
        audience=settings.audience,
        fetch_keys=realm_keys(settings.issuer_inside or settings.issuer),
    )
    install_problems(app)
    describe(app)
    open_description(app)
    registry = CollectorRegistry()
    app.add_middleware(Requests, registry=registry)
    app.router.routes.extend(router.routes)
    _open_probes(app, broker, registry)
    return app


def _open_probes(app: FastAPI, broker: Broker, registry: CollectorRegistry) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        return Response("ok", media_type="text/plain")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        answers = await broker.answers()
        return Response("ok" if answers else "broker does not answer", 200 if answers else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")


def from_env() -> FastAPI:
    """The desk as its own process; a missing variable is named."""
    env = os.environ
    missing = [name for name in ("NEO_NATS_URL", "NEO_ISSUER", "NEO_NATS_PASSWORD") if not env.get(name)]
    if missing:
        raise SystemExit(f"operations: set {', '.join(missing)} (docs/settings.md lists every variable)")
    return build(
        DeskSettings(
            nats_url=env["NEO_NATS_URL"],
            issuer=env["NEO_ISSUER"],
            nats_password=env["NEO_NATS_PASSWORD"],
            issuer_inside=env.get("NEO_ISSUER_INSIDE"),
            audience=env.get("NEO_AUDIENCE", "neo-api"),
        )
    )
