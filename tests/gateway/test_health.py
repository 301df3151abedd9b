"""What whoever runs the house sees: alive, ready service by service, measured."""

from uuid import uuid4

from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from chassis.testing import TokenFactory
from gateway.proxy import Proxy
from tests.gateway.house import Setting, Witness, a_gateway, free_address, serving, visiting
from tests.stand import Stand


async def test_readiness_is_told_service_by_service(stand: Stand) -> None:
    documents = await stand.service("documents")
    broken = Witness(PlainTextResponse("migrations are not at head", 503))
    upstreams: dict[str, ASGIApp] = {
        "documents": documents.app,
        "broken": broken,
        "away": Proxy("away", free_address()),
    }

    async with visiting(a_gateway(upstreams)) as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "is_ready": False,
        "services": {
            "documents": {"is_ready": True, "reasons": []},
            "broken": {"is_ready": False, "reasons": ["migrations are not at head"]},
            "away": {"is_ready": False, "reasons": ["does not answer"]},
        },
    }


async def test_remote_service_is_asked_through_its_proxy() -> None:
    remote = FastAPI()

    @remote.get("/readyz")
    async def readyz() -> str:
        return "ok"

    async with (
        serving(remote) as address,
        visiting(a_gateway({"remote": Proxy("remote", address)})) as client,
    ):
        answer = await client.get("/readyz")

    assert answer.json() == {"is_ready": True, "services": {"remote": {"is_ready": True, "reasons": []}}}


async def test_door_is_out_of_service_only_when_nothing_behind_it_works() -> None:
    async with visiting(a_gateway({"away": Proxy("away", free_address())})) as client:
        ready = await client.get("/readyz")
        alive = await client.get("/livez")

    assert (ready.status_code, alive.status_code) == (503, 200)


async def test_requests_are_measured_by_route_and_not_by_address(tokens: TokenFactory) -> None:
    app = a_gateway({"alpha": Witness()}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        await client.get("/api/alpha/v1/schools/spb-693/things", headers=tokens.headers(uuid4()))
        await client.get("/")
        metrics = (await client.get("/metrics")).text

    wanted = 'http_request_duration_seconds_count{method="GET",route="/api/{service}/v1/{path:path}",status="200"} 1.0'
    assert wanted in metrics
    assert 'route="/",status="200"' in metrics
    assert "spb-693" not in metrics
    assert "jwks_refresh_failures_total 0.0" in metrics
