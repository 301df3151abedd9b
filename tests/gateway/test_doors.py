"""The door: who gets through to which service, and as what the service sees the request."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from fastapi import FastAPI, Request

from chassis.refusals import Forbidden
from chassis.testing import TokenFactory
from gateway.settings import GatewaySettings
from tests.gateway.house import LOCAL, Setting, Witness, a_gateway, visiting
from tests.stand import Stand, a_school

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def small(tokens: TokenFactory, largest: int) -> Setting:
    settings = GatewaySettings(issuer=LOCAL.issuer, largest_body=largest)
    return Setting(settings, verifier=tokens.verifier())


async def test_request_reaches_its_service_under_v1(tokens: TokenFactory) -> None:
    alpha, beta = Witness(), Witness()
    app = a_gateway({"alpha": alpha, "beta": beta}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.get("/api/beta/v1/things/7?limit=3", headers=tokens.headers(uuid4()))

    assert answer.text == "seen"
    assert alpha.seen == []
    scope = beta.seen[0]
    assert scope["root_path"] == "/api/beta"
    assert scope["path"] == "/api/beta/v1/things/7"
    assert scope["query_string"] == b"limit=3"


async def test_embedded_service_finds_its_routes_and_its_own_address(tokens: TokenFactory) -> None:
    service = FastAPI()

    @service.get("/v1/schools/{school}/things")
    async def things(school: str, request: Request) -> dict[str, str]:
        return {"school": school, "here": str(request.url)}

    app = a_gateway({"alpha": service}, Setting(verifier=tokens.verifier()))
    async with visiting(app) as client:
        answer = await client.get("/api/alpha/v1/schools/spb-693/things", headers=tokens.headers(uuid4()))

    assert answer.json() == {"school": "spb-693", "here": "http://neo.test/api/alpha/v1/schools/spb-693/things"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/alpha/livez",
        "/api/alpha/readyz",
        "/api/alpha/metrics",
        "/api/alpha/openapi.json",
        "/api/alpha/v1/%2e%2e/readyz",
        "/api/alpha/v1/x/%2E%2E/%2E%2E/metrics",
        "/api/alpha/v1/%2e/readyz",
        "/api/stranger/v1/things",
    ],
)
async def test_nothing_but_v1_of_known_services_is_reachable(tokens: TokenFactory, path: str) -> None:
    alpha = Witness()
    app = a_gateway({"alpha": alpha}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.get(path, headers=tokens.headers(uuid4()))

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:neo:problem:http.not-found"
    assert alpha.seen == []


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_without_a_token_the_service_is_not_touched(tokens: TokenFactory, method: str) -> None:
    alpha = Witness()
    app = a_gateway({"alpha": alpha}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.request(method, "/api/alpha/v1/things")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert alpha.seen == []


@pytest.mark.parametrize("written", ["Bearer nonsense", "Bearer a.b.c", "Bearer ", "Basic dXNlcjpwYXNz"])
async def test_a_token_that_does_not_verify_is_refused_before_the_service(tokens: TokenFactory, written: str) -> None:
    reporting = Witness()
    app = a_gateway({"reporting": reporting}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        closed = await client.get("/api/reporting/v1/indicators", headers={"Authorization": written})
        public = await client.get("/api/reporting/v1/open/city", headers={"Authorization": written})

    assert (closed.status_code, public.status_code) == (401, 401)
    assert closed.headers["content-type"] == "application/problem+json"
    assert reporting.seen == []


async def test_token_of_another_audience_is_refused(tokens: TokenFactory) -> None:
    alpha = Witness()
    app = a_gateway({"alpha": alpha}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.get("/api/alpha/v1/x", headers=tokens.headers(uuid4(), aud="somebody-else"))

    assert answer.status_code == 401
    assert alpha.seen == []


async def test_public_operation_needs_no_token_and_is_the_only_one(tokens: TokenFactory) -> None:
    reporting, alpha = Witness(), Witness()
    app = a_gateway({"reporting": reporting, "alpha": alpha}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        passes = await client.get("/api/reporting/v1/open/city")
        others = [
            await client.post("/api/reporting/v1/open/city"),
            await client.get("/api/reporting/v1/open/city/more"),
            await client.get("/api/reporting/v1/indicators"),
            await client.get("/api/alpha/v1/open/city"),
        ]

    assert passes.status_code == 200
    assert [one.status_code for one in others] == [401] * 4
    assert len(reporting.seen) == 1
    assert alpha.seen == []


async def test_trace_goes_on_and_there_is_one_request_id(tokens: TokenFactory) -> None:
    alpha = Witness()
    app = a_gateway({"alpha": alpha}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.get("/api/alpha/v1/x", headers={**tokens.headers(uuid4()), "traceparent": TRACE})

    assert alpha.headers()["traceparent"].split("-")[1] == TRACE.split("-")[1]
    assert alpha.headers()["traceparent"] != TRACE
    assert answer.headers.get_list("x-request-id") == [TRACE.split("-")[1]]


async def test_refusal_of_the_service_comes_through_as_it_is(stand: Stand) -> None:
    documents = await stand.service("documents")
    app = a_gateway({"documents": documents.app}, Setting(verifier=stand.tokens.verifier()))
    school = a_school()

    async with visiting(app) as client:
        path = f"/api/documents/v1/schools/{school}/papers"
        answer = await client.get(path, headers=stand.tokens.headers(uuid4(), f"/schools/{school}/teacher"))

    assert answer.status_code == Forbidden.status
    assert answer.json()["type"] == "urn:neo:problem:identity.role-needed"
    assert len(answer.headers.get_list("x-request-id")) == 1
    assert answer.json()["trace"] == answer.headers["x-request-id"]


async def test_documents_work_through_the_gateway(stand: Stand) -> None:
    documents = await stand.service("documents")
    app = a_gateway({"documents": documents.app}, Setting(verifier=stand.tokens.verifier()))
    school = a_school()
    headers = stand.tokens.headers(uuid4(), f"/schools/{school}/teacher")

    async with visiting(app) as client:
        given = await client.put(f"/api/documents/v1/schools/{school}/my/consents/PD_PLATFORM", headers=headers)
        kept = await client.get(f"/api/documents/v1/schools/{school}/my/consents", headers=headers)

    assert given.status_code == 200, given.text
    assert [one["is_given"] for one in kept.json()] == [True]


async def eleven_bytes() -> AsyncIterator[bytes]:
    yield b"12345"
    yield b"678901"


async def test_body_over_the_limit_is_refused_announced_or_not(tokens: TokenFactory) -> None:
    service = FastAPI()

    @service.put("/v1/text")
    async def take(request: Request) -> int:
        return len(await request.body())

    app = a_gateway({"alpha": service}, small(tokens, largest=10))
    headers = tokens.headers(uuid4())
    async with visiting(app) as client:
        fits = await client.put("/api/alpha/v1/text", content=b"1234567890", headers=headers)
        announced = await client.put("/api/alpha/v1/text", content=b"12345678901", headers=headers)
        streamed = await client.put("/api/alpha/v1/text", content=eleven_bytes(), headers=headers)

    assert fits.json() == 10
    assert [one.status_code for one in (announced, streamed)] == [413, 413]
    assert streamed.json()["type"] == "urn:neo:problem:http.too-large"


async def test_every_answer_carries_the_careful_headers(tokens: TokenFactory) -> None:
    app = a_gateway({"alpha": Witness()}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answers = [await client.get(path) for path in ("/", "/api", "/api/alpha/v1/x", "/nowhere", "/api/pulse")]

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
