"""A service in another process: a short streaming proxy that looks like any other ASGI app (ADR 0010)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from urllib.parse import quote

import aiohttp
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from yarl import URL

from chassis.refusals import Refusal, Unavailable
from gateway.upstream import inner_path

CONNECT_SECONDS = 3.0
SILENCE_SECONDS = 60.0
CONNECTIONS = 200
# RFC 9110 §7.6.1: these concern one hop only. `Host` names us, not the service.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# aiohttp must add nothing of its own to what the caller sent.
NOTHING_OF_ITS_OWN = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

log = logging.getLogger("neo.gateway")


class UpstreamSlow(Refusal):
    """The service took the request and then kept silent; whether it acted is not known."""

    status = 504


class CallerGone(Exception):
    """Whoever asked has hung up."""


class Proxy:
    """Forwards each request to one service, both bodies as streams."""

    def __init__(self, service: str, address: str, *, silence: float = SILENCE_SECONDS) -> None:
        self.service = service
        self.address = address
        self.timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=silence)
        self.session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises Unavailable or UpstreamSlow as long as nothing was answered."""
        body = _Body(receive)
        exchange = asyncio.ensure_future(self._exchange(scope, body, send))
        gone = asyncio.ensure_future(body.caller_gone())
        try:
            await asyncio.wait({exchange, gone}, return_when=asyncio.FIRST_COMPLETED)
            if exchange.done():
                await exchange
        finally:
            for task in (exchange, gone):
                task.cancel()
            await asyncio.gather(exchange, gone, return_exceptions=True)

    async def close(self) -> None:
        """Let the connections go."""
        if self.session is not None:
            await self.session.close()

    async def _exchange(self, scope: Scope, body: "_Body", send: Send) -> None:
        # Once the answer has begun, a break can only be shown by breaking our own answer too.
        try:
            response = await self._ask(scope, body)
        except aiohttp.SocketTimeoutError as error:
            log.warning("upstream slow", extra={"upstream": self.service})
            raise UpstreamSlow("gateway.upstream-slow", service=self.service) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("upstream away", extra={"upstream": self.service, "reason": type(error).__name__})
            raise Unavailable("gateway.upstream-away", service=self.service) from error
        async with response:
            await send(
                {"type": "http.response.start", "status": response.status, "headers": self._answered(scope, response)}
            )
            async for part in response.content.iter_any():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _ask(self, scope: Scope, body: "_Body") -> aiohttp.ClientResponse:
        headers = Headers(scope=scope)
        has_body = "content-length" in headers or "transfer-encoding" in headers
        if not has_body:
            body.is_read.set()
        return await self._session().request(
            scope["method"],
            self._url(scope),
            headers=list(_passing_on(headers.items(), headers.get("connection", ""))),
            data=body.parts() if has_body else None,
            allow_redirects=False,
        )

    def _session(self) -> aiohttp.ClientSession:
        # Made by the first request: aiohttp wants a running loop.
        if self.session is None:
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self.timeout,
                auto_decompress=False,
                skip_auto_headers=NOTHING_OF_ITS_OWN,
            )
        return self.session

    def _url(self, scope: Scope) -> URL:
        query = scope.get("query_string", b"").decode("latin-1")
        path = quote(inner_path(scope), safe="/:@!$&'()*+,;=~")
        return URL(f"{self.address}{path}{'?' if query else ''}{query}", encoded=True)

    def _answered(self, scope: Scope, response: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
        named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.raw_headers)
        return [
            (
                name.encode("latin-1"),
                (self._seen_from_outside(scope, value) if name == "location" else value).encode("latin-1"),
            )
            for name, value in _passing_on(named, response.headers.get("connection", ""))
        ]

    def _seen_from_outside(self, scope: Scope, location: str) -> str:
        if not location.startswith(f"{self.address}/"):
            return location
        return f"{scope.get('root_path', '')}{location.removeprefix(self.address)}"


def _passing_on(headers: Iterable[tuple[str, str]], connection: str) -> Iterable[tuple[str, str]]:
    """Headers without those of one hop and those that `Connection` names."""
    dropped = HOP_BY_HOP | {name.strip().lower() for name in connection.split(",")}
    return ((name, value) for name, value in headers if name.lower() not in dropped)


class _Body:
    """The caller's body, and the news that the caller has gone; `receive` is read by one of them at a time."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.is_read = asyncio.Event()

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes in; raises CallerGone when it breaks off."""
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise CallerGone
            if part := message.get("body", b""):
                yield part
            if not message.get("more_body", False):
                self.is_read.set()
                return

    async def caller_gone(self) -> None:
        """Comes back when the caller hangs up after the whole body was read."""
        await self.is_read.wait()
        while (await self.receive())["type"] != "http.disconnect":
            continue
