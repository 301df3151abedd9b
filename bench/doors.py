"""The doors: what a token, the gateway and the proxy cost, against a bare route of the same framework."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from fastapi import FastAPI

from bench.consents import Command, Crowd
from bench.ground import BARE, Ground, Measurable
from bench.load import closed_loop, request
from bench.rounds import Scale, operations_for
from bench.samples import Ratio, Sample, ratio
from chassis.clock import RealClock
from chassis.database import Database
from chassis.settings import Settings
from deploy.databases import database_of
from gateway.app import build as build_gateway
from gateway.cookies import Cookies
from gateway.issuer import Issuer, Tokens
from gateway.sessions import Arrival, Sessions
from gateway.settings import GatewaySettings, Limits
from services.documents.app import build as build_documents

PEOPLE = 64
GATEWAY_DATABASE = "NEO_BENCH_GATEWAY_DATABASE_URL"
IN_FLIGHT = 32
DIRECT, MOUNT, PROXY = "documents", "gateway-mount", "gateway-proxy"


def mounted() -> FastAPI:
    """The gateway with documents inside its own process, as in local mode."""
    settings = Settings.from_env("documents")
    return gateway_around("documents", build_documents(settings), issuer=settings.issuer)


def gateway_around(name: str, service: FastAPI, *, issuer: str) -> FastAPI:
    """A gateway that holds a service in its own process; with a database of its own it knows sessions, too."""
    settings = _with_sessions(issuer, os.environ.get(GATEWAY_DATABASE))
    gateway = build_gateway(settings, upstreams={name: service})
    live = gateway.router.lifespan_context

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        async with service.router.lifespan_context(service), live(app):
            yield

    gateway.router.lifespan_context = both
    return gateway


def _with_sessions(issuer: str, database_url: str | None) -> GatewaySettings:
    return GatewaySettings(
        issuer=issuer,
        database_url=database_url,
        public_url="http://127.0.0.1",
        client_secret="bench",
        limits=Limits(address=10**9, person=10**9, program=10**9, entry=10**9),
    )


@dataclass(slots=True)
class Door:
    """A way to the same answer: where it is, and what is asked there."""

    code: str
    child: str
    requests: Sequence[bytes]
    lot: int = 0
    rates: list[float] = field(default_factory=list)


async def measure_doors(ground: Ground, scale: Scale) -> tuple[list[Sample], list[Ratio]]:
    """Requests per second of each door, in turns, with the cost of a token check beside them."""
    people = Crowd(ground.tokens).take(PEOPLE)
    await _start(ground)
    try:
        await closed_loop(ground.children[DIRECT].port, [one.request for one in people], in_flight=8)
        doors = [*_doors(people), await _door_with_sessions(ground, people)]
        for door in doors:
            rate = await _once(ground, door, PEOPLE * 2)
            door.lot = operations_for(scale.seconds, rate=rate, least=PEOPLE * 2)
        for _ in range(scale.rounds):
            for door in doors:
                door.rates.append(await _once(ground, door, door.lot))
    finally:
        await ground.stop(MOUNT, PROXY)
    samples = [Sample(door.code, "per-second", tuple(door.rates), door.lot) for door in doors]
    return samples + await _token_checks(ground, scale), _ratios({door.code: door.rates for door in doors})


async def _start(ground: Ground) -> None:
    documents = await ground.start_service(DIRECT)
    inside = {**ground.environment("documents"), GATEWAY_DATABASE: _gateway_database(ground)}
    outside = {"NEO_ISSUER": ground.issuer, "NEO_UPSTREAMS": f"documents=http://127.0.0.1:{documents.port}"}
    outside["NEO_LIMITS"] = ",".join(f"{name}={10**9}" for name in ("address", "person", "program", "entry"))
    await asyncio.gather(
        ground.start_bare(),
        ground.start(Measurable(MOUNT, "bench.doors:mounted", inside, ready="/livez")),
        ground.start(Measurable(PROXY, "gateway.app:from_env", outside, ready="/livez")),
    )


def _doors(people: Sequence[Command]) -> list[Door]:
    tokens = [_token_of(one) for one in people]
    mine = [f"/v1/schools/{one.school}/my/consents" for one in people]
    asked = [f"/bare/schools/{one.school}/people/{one.person}/consents" for one in people]
    guarded = [f"/guarded/schools/{one.school}/consents" for one in people]
    return [
        Door("get-bare", BARE, [request("GET", f"/bare/schools/{one.school}/consents") for one in people]),
        Door("get-guarded", BARE, _with_tokens(guarded, tokens)),
        Door("get-bare-query", BARE, [request("GET", path) for path in asked]),
        Door("get-direct", DIRECT, _with_tokens(mine, tokens)),
        Door("get-mount", MOUNT, _with_tokens([f"/api/documents{path}" for path in mine], tokens)),
        Door("get-proxy", PROXY, _with_tokens([f"/api/documents{path}" for path in mine], tokens)),
    ]


async def _door_with_sessions(ground: Ground, people: Sequence[Command]) -> Door:
    """The same answer for browsers: each has a session of its own that holds the same token."""
    settings = _with_sessions(ground.issuer, _gateway_database(ground))
    sessions = Sessions(Database.open(_gateway_database(ground), RealClock()), Issuer(settings))
    requests = []
    for one in people:
        token = _token_of(one)["Authorization"].removeprefix("Bearer ")
        claims = {"sub": str(uuid4()), "auth_time": time.time()}
        arrival = Arrival(Tokens(token, None, "", time.time() + 3600), None, claims)
        session = await sessions.begin(arrival, former=None)
        if session is None:
            raise ValueError("a new session was revoked")
        cookie = {"Cookie": f"{Cookies(is_encrypted=False).session}={session.secret.written}"}
        requests.append(request("GET", f"/api/documents/v1/schools/{one.school}/my/consents", headers=cookie))
    await sessions.db.close()
    return Door("get-session", MOUNT, requests)


def _gateway_database(ground: Ground) -> str:
    return ground.infrastructure.postgres.url(database_of("gateway"), "gateway_app")


def _token_of(command: Command) -> dict[str, str]:
    line = next(line for line in command.request.decode().split("\r\n") if line.startswith("Authorization: "))
    return {"Authorization": line.partition(": ")[2]}


def _with_tokens(paths: Sequence[str], tokens: Sequence[dict[str, str]]) -> list[bytes]:
    return [request("GET", path, headers=token) for path, token in zip(paths, tokens, strict=True)]


async def _once(ground: Ground, door: Door, requests: int) -> float:
    contents = [door.requests[number % len(door.requests)] for number in range(requests)]
    return (await closed_loop(ground.children[door.child].port, contents, in_flight=IN_FLIGHT)).rate


def _ratios(rates: dict[str, list[float]]) -> list[Ratio]:
    return [
        ratio("guarded-to-bare-get", rates["get-guarded"], rates["get-bare"]),
        ratio("mount-to-direct", rates["get-mount"], rates["get-direct"]),
        ratio("proxy-to-direct", rates["get-proxy"], rates["get-direct"]),
        ratio("gateway-to-bare-query", rates["get-mount"], rates["get-bare-query"]),
        ratio("proxy-to-bare-query", rates["get-proxy"], rates["get-bare-query"]),
        ratio("session-to-bearer", rates["get-session"], rates["get-mount"]),
    ]


async def _token_checks(ground: Ground, scale: Scale) -> list[Sample]:
    """µs of a check: of tokens never seen before, and of the same tokens again."""
    cold: list[float] = []
    cached: list[float] = []
    tokens = [ground.tokens.token(uuid4(), "/schools/bench-00/teacher") for _ in range(100 if scale.is_quick else 400)]
    for _ in range(scale.rounds):
        verifier = ground.tokens.verifier()
        await verifier.verify(ground.tokens.token(None))
        for found in (cold, cached):
            began = time.process_time()
            for token in tokens:
                await verifier.verify(token)
            found.append((time.process_time() - began) / len(tokens) * 1e6)
    return [
        Sample("token-cold", "us", tuple(cold), len(tokens)),
        Sample("token-cached", "us", tuple(cached), len(tokens)),
    ]
