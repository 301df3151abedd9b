"""An upstream is any ASGI app: a service's own app in one process, a proxy to it in compose (ADR 0010).

Here the gateway asks an upstream on its own account: for its health, its description, its public numbers; and it
passes on what somebody sent to a page.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Scope

from chassis.refusals import Refusal, Unavailable
from chassis.trace import current_trace

ASKING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an upstream answered; the names of headers in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an upstream, as it knows the path, and the seconds that it may take."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = ASKING_SECONDS


def inner_path(scope: Scope) -> str:
    """The path as the service knows it: without the root path under which the gateway shows it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page passes on: a JSON body, headers such as the caller's token, and the seconds that it may take."""

    body: bytes
    headers: Mapping[str, str]
    seconds: float = ASKING_SECONDS


async def ask(service: str, upstream: ASGIApp, path: str, *, sent: Sent | None = None) -> Answer:
    """Get `path` of a service without a token, or post what was sent; raises Unavailable when it does not answer."""
    if sent is None:
        return await call(service, upstream, Call("GET", path))
    headers = {**sent.headers, "content-type": "application/json"}
    return await call(service, upstream, Call("POST", path, headers=headers, body=sent.body, seconds=sent.seconds))


async def call(service: str, upstream: ASGIApp, asked: Call) -> Answer:
    """What a service answers to one request; raises Unavailable when it does not answer in time."""
    collected = _Collected(asked.body)
    try:
        async with asyncio.timeout(asked.seconds):
            await upstream(_asking(asked), collected.receive, collected.send)
    except Refusal:
        raise
    except Exception as error:
        # An embedded service that breaks off in the middle of its answer raises on.
        raise Unavailable("gateway.upstream-away", service=service) from error
    return Answer(collected.status, b"".join(collected.parts), collected.headers)


class _Collected:
    """The caller's side of one question."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status = 500
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []
        self.is_asked = False

    async def receive(self) -> Message:
        """The body, then nothing more: this caller never hangs up."""
        if self.is_asked:
            await asyncio.Event().wait()
        self.is_asked = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Keep what is answered."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = message.get("headers", ())
            self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in named}
        else:
            self.parts.append(message.get("body", b""))


def _asking(asked: Call) -> Scope:
    trace = current_trace()
    headers: list[tuple[bytes, bytes]] = [(b"host", b"gateway")]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in asked.headers.items()]
    if "accept" not in asked.headers:
        headers.append((b"accept", b"application/json"))
    if asked.method != "GET":
        headers.append((b"content-length", str(len(asked.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": asked.query.encode(),
        "root_path": "",
        "headers": [*headers, (b"traceparent", trace.encode())] if trace else headers,
        "client": None,
        "server": ("gateway", 80),
    }
