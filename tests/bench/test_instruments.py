"""The instruments: a load that counts right, a machine that is read right, layers told by their files."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.layers import layer_of
from bench.load import FellBehind, LoadFailed, Pace, closed_loop, open_loop, request
from bench.machine import cpu_seconds, family, memory_of
from bench.rounds import operations_for


@asynccontextmanager
async def a_server(
    *, status: str = "200 OK", silent_after: int | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that answers in two pieces, and after some requests no more; what it was asked is kept."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            asked.append(head)
            while (await reader.readline()).strip():
                continue
            if silent_after is not None and len(asked) > silent_after:
                await reader.read()
                break
            writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 5\r\n\r\nhe".encode())
            await writer.drain()
            writer.write(b"llo")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


async def test_closed_loop_sends_each_request_once_and_counts_the_answers() -> None:
    contents = [request("GET", f"/{number}") for number in range(50)]
    answered: list[int] = []

    async with a_server() as (port, asked):
        run = await closed_loop(port, contents, in_flight=4, answered=lambda number, _: answered.append(number))

    assert sorted(asked) == sorted(f"GET /{number} HTTP/1.1\r\n".encode() for number in range(50))
    assert sorted(answered) == list(range(50))
    assert (run.count, run.statuses[200], len(run.latencies)) == (50, 50, 50)


async def test_open_loop_sends_everything_that_falls_due() -> None:
    async with a_server() as (port, asked):
        run = await open_loop(port, [request("GET", "/")] * 30, pace=Pace(1000, lines=8))

    assert (run.count, len(asked)) == (30, 30)


async def test_rate_that_the_service_cannot_follow_is_told() -> None:
    async with a_server(silent_after=3) as (port, _):
        with pytest.raises(FellBehind):
            await open_loop(port, [request("GET", "/")] * 500, pace=Pace(200, lines=2))


async def test_refusals_under_load_are_no_measurement() -> None:
    async with a_server(status="503 Service Unavailable") as (port, _):
        with pytest.raises(LoadFailed, match="503"):
            await closed_loop(port, [request("GET", "/")] * 5, in_flight=1)


def test_request_with_a_body_says_its_length_and_kind() -> None:
    content = request("POST", "/consents", headers={"Authorization": "Bearer x"}, body=b"{}")

    head, _, body = content.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /consents HTTP/1.1"
    assert {b"Authorization: Bearer x", b"Content-Length: 2", b"Content-Type: application/json"} <= set(
        head.split(b"\r\n")
    )
    assert body == b"{}"


def test_family_memory_and_time_of_a_child_are_counted_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        members = family(os.getpid())
        alone, together = memory_of([child.pid]), memory_of(members)
        child.communicate(b"\n")

    assert child.pid in members
    assert 0 < alone.proportional <= alone.resident < together.resident
    assert cpu_seconds(os.getpid()) > 0


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        ("/x/lib/python3.13/site-packages/sqlalchemy/engine/base.py", "sqlalchemy"),
        ("/x/lib/python3.13/site-packages/sqlalchemy/dialects/postgresql/asyncpg.py", "sqlalchemy"),
        ("/x/lib/python3.13/site-packages/asyncpg/connection.py", "asyncpg"),
        ("/x/lib/python3.13/site-packages/uvicorn/protocols/http/httptools_impl.py", "http"),
        ("/x/lib/python3.13/site-packages/uvicorn/server.py", "loop"),
        ("/x/lib/python3.13/asyncio/tasks.py", "loop"),
        ("/srv/neo/chassis/relay.py", "ours"),
        ("/x/lib/python3.13/json/encoder.py", "python"),
    ],
)
def test_layer_is_told_by_the_file(path: str, layer: str) -> None:
    assert layer_of(path) == layer


def test_round_is_as_long_as_wished_within_its_bounds() -> None:
    assert operations_for(0.5, rate=4000) == 2000
    assert operations_for(0.5, rate=10, least=64) == 64
