"""The proxy in front of a service in another process: a real server, real bodies, real breaks."""

import asyncio
import gzip
import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

import aiohttp
import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from chassis.testing import ISSUER, TokenFactory, eventually
from gateway.proxy import Proxy
from gateway.settings import MEBIBYTE, GatewaySettings
from tests.gateway.house import Setting, a_gateway, free_address, serving, visiting


class Remote:
    """A service that streams, keeps silent and measures."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.more = asyncio.Event()
        self.is_left = False
        route = self.app.api_route
        route("/v1/slowly")(self.slowly)
        route("/v1/never")(self.never)
        route("/v1/endless")(self.endless)
        route("/v1/digest", methods=["PUT"])(self.digest)
        route("/v1/echo/{rest:path}", methods=["GET", "HEAD", "DELETE"])(self.echo)
        route("/v1/dressed")(self.dressed)
        route("/v1/elsewhere")(self.elsewhere)
        route("/v1/slash/")(self.slowly)

    async def slowly(self) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"first"
            await self.more.wait()
            yield b"second"

        return StreamingResponse(parts())

    async def never(self) -> None:
        await self.more.wait()

    async def endless(self) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            try:
                yield b"first"
                await asyncio.Event().wait()
            finally:
                self.is_left = True

        return StreamingResponse(parts())

    async def digest(self, request: Request) -> str:
        found = hashlib.sha256()
        async for part in request.stream():
            found.update(part)
        return found.hexdigest()

    async def echo(self, request: Request) -> dict[str, object]:
        return {"path": request.scope["path"], "query": request.url.query, "headers": dict(request.headers)}

    async def dressed(self) -> Response:
        answer = Response(gzip.compress(b"packed"), headers={"Content-Encoding": "gzip", "ETag": '"7"'})
        answer.set_cookie("one", "1")
        answer.set_cookie("two", "2")
        answer.headers["Connection"] = "X-Of-This-Hop"
        answer.headers["X-Of-This-Hop"] = "yes"
        return answer

    async def elsewhere(self) -> RedirectResponse:
        return RedirectResponse("https://example.org/v1/x")


@asynccontextmanager
async def through(
    remote: Remote, tokens: TokenFactory, *, silence: float = 5.0
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a served gateway whose service `remote` stands behind a proxy."""
    async with serving(remote.app) as address:
        app = a_gateway({"remote": Proxy("remote", address, silence=silence)}, Setting(verifier=tokens.verifier()))
        async with (
            serving(app) as door,
            aiohttp.ClientSession(door, headers=tokens.headers(uuid4()), auto_decompress=False) as client,
        ):
            yield client


@contextmanager
def let_go(remote: Remote) -> Iterator[None]:
    """Release whoever still waits, so that the server can end."""
    try:
        yield
    finally:
        remote.more.set()


async def test_answer_streams_through_part_by_part(tokens: TokenFactory) -> None:
    remote = Remote()

    async with through(remote, tokens) as client, client.get("/api/remote/v1/slowly") as answer:
        first = await answer.content.readany()
        remote.more.set()
        rest = await answer.content.read()

    assert (first, rest) == (b"first", b"second")


async def parts_of(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), MEBIBYTE):
        yield content[start : start + MEBIBYTE]


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_big_upload_arrives_whole(tokens: TokenFactory, is_streamed: bool) -> None:
    content = bytes(range(256)) * (20 * MEBIBYTE // 256)

    async with through(Remote(), tokens) as client:
        sent = parts_of(content) if is_streamed else io.BytesIO(content)
        async with client.put("/api/remote/v1/digest", data=sent) as answer:
            digest = await answer.json(content_type=None)

    assert digest == hashlib.sha256(content).hexdigest()


async def test_streamed_upload_over_the_limit_is_refused_and_the_service_gets_no_whole_body(
    tokens: TokenFactory,
) -> None:
    remote = Remote()
    settings = GatewaySettings(issuer=ISSUER, largest_body=MEBIBYTE)
    async with serving(remote.app) as address:
        app = a_gateway({"remote": Proxy("remote", address)}, Setting(settings, verifier=tokens.verifier()))
        async with visiting(app) as client:
            answer = await client.put(
                "/api/remote/v1/digest", content=parts_of(bytes(3 * MEBIBYTE)), headers=tokens.headers(uuid4())
            )

    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:neo:problem:http.too-large"


async def test_path_query_and_headers_arrive_as_they_were_sent(tokens: TokenFactory) -> None:
    headers = {"X-Mine": "yes", "Connection": "X-Hop", "X-Hop": "1", "User-Agent": "tester", "Accept": "text/x"}

    async with (
        through(Remote(), tokens) as client,
        client.get("/api/remote/v1/echo/%D0%9B%D0%B8%D1%86%D0%B5%D0%B9%20239?a=%20&a=%26", headers=headers) as answer,
    ):
        seen = await answer.json()

    assert seen["path"] == "/v1/echo/Лицей 239"
    assert seen["query"] == "a=%20&a=%26"
    arrived = seen["headers"]
    assert (arrived["x-mine"], arrived["user-agent"], arrived["accept"]) == ("yes", "tester", "text/x")
    assert arrived["authorization"].startswith("Bearer ")
    assert "x-hop" not in arrived
    assert arrived["traceparent"].split("-")[1] == answer.headers["x-request-id"]


async def test_answer_keeps_its_headers_but_those_of_one_hop(tokens: TokenFactory) -> None:
    async with through(Remote(), tokens) as client, client.get("/api/remote/v1/dressed") as answer:
        body = await answer.read()

    assert gzip.decompress(body) == b"packed"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["etag"] == '"7"'
    assert [cookie.split(";")[0] for cookie in answer.headers.getall("set-cookie")] == ["one=1", "two=2"]
    assert "x-of-this-hop" not in answer.headers


async def test_redirects_are_handed_on_and_never_name_the_inside(tokens: TokenFactory) -> None:
    async with through(Remote(), tokens) as client:
        outside = await client.get("/api/remote/v1/elsewhere", allow_redirects=False)
        inside = await client.get("/api/remote/v1/slash", allow_redirects=False)

    assert outside.headers["location"] == "https://example.org/v1/x"
    assert inside.headers["location"] == "/api/remote/v1/slash/"


async def test_head_has_headers_and_no_body(tokens: TokenFactory) -> None:
    async with through(Remote(), tokens) as client, client.head("/api/remote/v1/echo/x") as answer:
        assert answer.status == 200
        assert int(answer.headers["content-length"]) > 0


async def test_absent_service_is_a_problem_that_says_so(tokens: TokenFactory) -> None:
    app = a_gateway({"remote": Proxy("remote", free_address())}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.get("/api/remote/v1/x", headers=tokens.headers(uuid4()))

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:neo:problem:gateway.upstream-away"
    assert "remote" in answer.json()["detail"]


async def test_silent_service_is_a_problem_of_its_own(tokens: TokenFactory) -> None:
    remote = Remote()

    async with through(remote, tokens, silence=0.05) as client:
        with let_go(remote):
            answer = await client.get("/api/remote/v1/never")
            problem = await answer.json(content_type=None)

    assert answer.status == 504
    assert problem["type"] == "urn:neo:problem:gateway.upstream-slow"


async def test_service_is_left_when_the_caller_goes(tokens: TokenFactory) -> None:
    remote = Remote()

    async with through(remote, tokens) as client:
        async with client.get("/api/remote/v1/endless") as answer:
            assert await answer.content.readany() == b"first"
        await eventually(lambda: _is_left(remote), equals=True)


async def _is_left(remote: Remote) -> bool:
    return remote.is_left


async def test_proxy_can_be_asked_again_after_the_service_came_back(tokens: TokenFactory) -> None:
    remote = Remote()
    async with serving(remote.app) as address:
        proxy = Proxy("remote", address)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=proxy), base_url="http://in") as client:
            first = await client.get("/v1/echo/1")
            second = await client.get("/v1/echo/2")
        await proxy.close()

    assert (first.status_code, second.status_code) == (200, 200)
