"""Is the gateway alive, what stands behind it, and what has it measured."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel
from starlette.types import ASGIApp

from chassis.identity import Verifier
from chassis.refusals import Unavailable
from chassis.schema import is_at_head
from contracts.topology import GATEWAY
from gateway.sessions import Sessions
from gateway.upstream import ask


class ServiceHealth(BaseModel):
    """Can a service do its work; if not, why."""

    is_ready: bool
    reasons: list[str] = []


class Health(BaseModel):
    """Are all services ready, and each of them."""

    is_ready: bool
    services: dict[str, ServiceHealth]


def health_router(
    upstreams: Mapping[str, ASGIApp], registry: CollectorRegistry, sessions: Sessions | None
) -> APIRouter:
    """The doors for whoever runs the house."""
    router = APIRouter(include_in_schema=False)
    failures = Gauge("jwks_refresh_failures_total", "Failed fetches of keys", registry=registry)

    @router.get("/livez")
    async def livez() -> Response:
        return Response("ok", media_type="text/plain")

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        # One service that is down must not take the door away from the others: 503 only when nothing works.
        health = await look(upstreams)
        is_any_ready = any(service.is_ready for service in health.services.values())
        if sessions is not None and not (own := await _look_at_sessions(sessions)).is_ready:
            # Programs with a token of their own still come in.
            health.services[GATEWAY], health.is_ready = own, False
        return JSONResponse(health.model_dump(), 200 if is_any_ready else 503)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        verifier: Verifier = request.app.state.verifier
        failures.set(getattr(verifier, "refresh_failures", 0))
        of_sign_ins = generate_latest(sessions.watch.registry) if sessions is not None else b""
        return Response(generate_latest(registry) + of_sign_ins, media_type="text/plain; version=0.0.4")

    return router


async def look(upstreams: Mapping[str, ASGIApp]) -> Health:
    """Ask every service at once whether it is ready."""
    found = await asyncio.gather(*(_look(name, upstream) for name, upstream in upstreams.items()))
    services = dict(zip(upstreams, found, strict=True))
    return Health(is_ready=all(one.is_ready for one in found), services=services)


async def _look_at_sessions(sessions: Sessions) -> ServiceHealth:
    if not await sessions.db.answers():
        return ServiceHealth(is_ready=False, reasons=["database does not answer"])
    if not await is_at_head(sessions.db, GATEWAY):
        return ServiceHealth(is_ready=False, reasons=["migrations are not at head"])
    return ServiceHealth(is_ready=True)


async def _look(service: str, upstream: ASGIApp) -> ServiceHealth:
    try:
        answer = await ask(service, upstream, "/readyz")
    except Unavailable:
        return ServiceHealth(is_ready=False, reasons=["does not answer"])
    if answer.status == 200:
        return ServiceHealth(is_ready=True)
    return ServiceHealth(is_ready=False, reasons=answer.body.decode(errors="replace").splitlines()[:20])
