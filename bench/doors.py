"""The doors: what a token, the gateway and the proxy cost, against a bare route of the same framework."""

import asyncio
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
from chassis.settings import Settings
from gateway.app import build as build_gateway
from gateway.settings import GatewaySettings
from services.documents.app import build as build_documents

PEOPLE = 64
IN_FLIGHT = 32
DIRECT, MOUNT, PROXY = "documents", "gateway-mount", "gateway-proxy"


def mounted() -> FastAPI:
    """The gateway with documents inside its own process, as in local mode."""
    settings = Settings.from_env("documents")
    service = build_documents(settings)
    gateway = build_gateway(GatewaySettings(issuer=settings.issuer), upstreams={"documents": service})
    live = gateway.router.lifespan_context

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        async with service.router.lifespan_context(service), live(app):
            yield

    gateway.router.lifespan_context = both
    return gateway


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
        doors = _doors(people)
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
    inside = ground.environment("documents")
    outside = {"NEO_ISSUER": ground.issuer, "NEO_UPSTREAMS": f"documents=http://127.0.0.1:{documents.port}"}
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
