"""The count of events: from the real bus, while it is away, and live."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import httpx

from chassis.clock import LocalClock
from chassis.testing import ISSUER, eventually
from contracts.event import Event
from contracts.registry import CycleOpened
from gateway.settings import GatewaySettings
from tests.gateway.house import Setting, a_gateway, free_address, serving, visiting
from tests.stand import Stand, a_school

NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)


def an_event() -> Event:
    day, last = date(2026, 9, 1), date(2027, 6, 15)
    return CycleOpened(school_id=a_school(), cycle_id=uuid4(), starts_on=day, ends_on=last, occurred_at=NOW)


def on_the_bus(stand: Stand) -> GatewaySettings:
    nats = stand.infrastructure.nats
    return GatewaySettings(
        issuer=ISSUER, nats_url=nats.url, nats_user="gateway", nats_password=nats.passwords["gateway"]
    )


async def events_of(client: httpx.AsyncClient) -> int:
    return int((await client.get("/api/pulse")).json()["events"])


async def is_stale(client: httpx.AsyncClient) -> bool:
    return bool((await client.get("/api/pulse")).json()["is_stale"])


async def test_pulse_counts_what_the_bus_holds_and_says_business_time(stand: Stand) -> None:
    clock = LocalClock()
    clock.move_to(NOW)
    app = a_gateway({}, Setting(on_the_bus(stand), clock=clock))

    async with visiting(app) as client:
        await eventually(lambda: is_stale(client), equals=False)
        before = await events_of(client)
        await stand.publish(an_event(), an_event())
        await eventually(lambda: events_of(client), equals=before + 2)
        reading = (await client.get("/api/pulse")).json()

    assert reading["at"].startswith("2026-10-12T09:")


async def test_pulse_without_a_bus_is_stale_and_the_gateway_works(stand: Stand) -> None:
    settings = GatewaySettings(issuer=ISSUER, nats_url=free_address().replace("http", "nats"))

    async with visiting(a_gateway({}, Setting(settings))) as client:
        answer = await client.get("/api/pulse")
        page = await client.get("/")

    assert answer.json() | {"at": ""} == {"events": 0, "at": "", "is_stale": True}
    assert page.status_code == 200


@asynccontextmanager
async def watching(address: str) -> AsyncIterator[aiohttp.StreamReader]:
    async with aiohttp.ClientSession(address) as client, client.get("/live/events") as answer:
        assert answer.content_type == "text/event-stream"
        yield answer.content


async def next_count(stream: aiohttp.StreamReader) -> int:
    while not (line := await stream.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    return int(json.loads(line.removeprefix(b"data: "))["events"])


async def test_new_events_are_pushed_to_whoever_watches(stand: Stand) -> None:
    app = a_gateway({}, Setting(on_the_bus(stand)))

    async with serving(app) as address, aiohttp.ClientSession(address) as client:
        await eventually(lambda: _is_fresh(client), equals=True)
        async with watching(address) as stream:
            before = await next_count(stream)
            await stand.publish(an_event())
            after = await next_count(stream)
        app.state.farewell.say()

    assert after == before + 1


async def _is_fresh(client: aiohttp.ClientSession) -> bool:
    async with client.get("/api/pulse") as answer:
        return not (await answer.json())["is_stale"]


async def test_farewell_ends_the_stream(stand: Stand) -> None:
    app = a_gateway({})

    async with serving(app) as address, watching(address) as stream:
        await next_count(stream)
        app.state.farewell.say()
        rest = await stream.read()

    assert rest.strip() == b""


async def test_ctrl_c_ends_the_process_while_somebody_watches() -> None:
    address = free_address()
    settings = {"NEO_ISSUER": ISSUER, "NEO_UPSTREAMS": f"reporting={free_address()}", "PYTHONPATH": "."}
    command = ["-m", "uvicorn", "--factory", "gateway.app:from_env", "--port", address.rpartition(":")[2]]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env={**os.environ, **settings},
        cwd=Path(__file__).parents[2],
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: _answers(address), equals=True, within=30)
        async with watching(address) as stream:
            await next_count(stream)
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(20):
                await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert process.returncode in (0, -signal.SIGINT)


async def _answers(address: str) -> bool:
    try:
        async with aiohttp.ClientSession(address) as client, client.get("/livez") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
