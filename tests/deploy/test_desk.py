"""The desk of whoever is on duty: it shows ids and no content, tries before it sends, and may do nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from chassis.refusals import Unavailable
from chassis.testing import ISSUER, TokenFactory, eventually
from contracts.registry import CycleOpened
from contracts.topology import OPERATIONS, STREAM
from deploy.operations.desk import DeskSettings, build
from deploy.operations.desk.broker import Broker
from tests.stand import Stand

CONSUMER = "documents-cycle-opened"
TOKENS = TokenFactory()


@asynccontextmanager
async def a_desk(stand: Stand, *groups: str) -> AsyncIterator[httpx.AsyncClient]:
    nats = stand.infrastructure.nats
    app = build(DeskSettings(nats.url, ISSUER, nats.passwords[OPERATIONS]), verifier=TOKENS.verifier())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://desk", headers=TOKENS.headers(uuid4(), *groups)
        ) as client,
    ):
        yield client


async def test_letter_is_shown_without_content_tried_and_sent_again(stand: Stand) -> None:
    await stand.service("documents")
    async with a_desk(stand, "/city/operator") as desk:

        async def numbers() -> list[int]:
            answer = await desk.get("/v1/dead-letters", params={"consumer": CONSUMER, "limit": 200})
            return [one["number"] for one in answer.json()["items"]]

        before = await numbers()
        await stand.js.publish(
            CycleOpened.subject, b'{"cycle_id": "broken', stream=STREAM, headers={"Nats-Msg-Id": str(uuid4())}
        )

        async def is_buried() -> bool:
            return len(await numbers()) > len(before)

        await eventually(is_buried, equals=True)
        number = (await numbers())[-1]
        wanted = {"numbers": [number, 10**9]}
        tried = await desk.post("/v1/dead-letters:redrive", json=wanted)
        kept = await numbers()
        sent = await desk.post("/v1/dead-letters:redrive", json={**wanted, "is_dry_run": False})

        async def has_come_back() -> bool:
            return any(one > number for one in await numbers())

        await eventually(has_come_back, equals=True)

    assert "broken" not in tried.text
    assert [one["consumer"] for one in tried.json()["letters"]] == [CONSUMER]
    assert (tried.json()["is_dry_run"], tried.json()["gone"], number in kept) == (True, [10**9], True)
    assert (sent.json()["is_dry_run"], len(sent.json()["letters"])) == (False, 1)


async def test_lag_of_every_consumer_is_told_page_by_page(stand: Stand) -> None:
    async with a_desk(stand, "/city/operator") as desk:
        first = (await desk.get("/v1/consumers", params={"limit": 5})).json()
        second = (await desk.get("/v1/consumers", params={"limit": 5, "after": first["next"]})).json()
        streams = (await desk.get("/v1/streams")).json()

    names = [one["name"] for one in first["items"] + second["items"]]
    assert names == sorted(set(names))
    assert len(names) == 10
    assert [one["name"] for one in streams] == ["NEO", "DEAD", "GAVE_UP"]


@pytest.mark.parametrize("group", ["/city/auditor", "/schools/spb-1/head", "/city/analyst"])
async def test_desk_is_for_operators_only(stand: Stand, group: str) -> None:
    async with a_desk(stand, group) as desk:
        answers = [await desk.get(path) for path in ("/v1/streams", "/v1/consumers", "/v1/dead-letters")]
        answers.append(await desk.post("/v1/dead-letters:redrive", json={"numbers": [1]}))

    assert {answer.status_code for answer in answers} == {403}


async def test_desk_cannot_read_the_stream_of_facts(stand: Stand) -> None:
    await stand.js.publish("neo.documents.test", b"{}", stream=STREAM)
    nats = stand.infrastructure.nats
    broker = Broker(nats.url, OPERATIONS, nats.passwords[OPERATIONS])
    try:
        with pytest.raises(Unavailable):
            async with broker.asked() as client:
                await client.jetstream(timeout=0.5).get_last_msg(STREAM, ">")
    finally:
        await broker.close()


async def test_broker_that_is_away_is_said_so() -> None:
    app = build(DeskSettings("nats://127.0.0.1:9", ISSUER), verifier=TOKENS.verifier())
    headers = TOKENS.headers(uuid4(), "/city/operator")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://desk", headers=headers
    ) as desk:
        answer, ready = await desk.get("/v1/streams"), await desk.get("/readyz")

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:neo:problem:desk.broker-away")
    assert ready.status_code == 503
