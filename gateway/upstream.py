"""An upstream is any ASGI app: a service's own app in one process, a proxy to it in compose (ADR 0010).

Here the gateway asks an upstream on its own account: for its health, its description, its public numbers; and it
passes on what somebody sent to a page.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Scope

from chassis.refusals import Refusal, Unavailable
from chassis.trace import current_trace

ASKING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an upstream answered."""

    status: int
    body: bytes


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
    collected = _Collected(sent.body if sent else b"")
    try:
        async with asyncio.timeout(sent.seconds if sent else ASKING_SECONDS):
            await upstream(_asking(path, sent), collected.receive, collected.send)
    except Refusal:
        raise
    except Exception as error:
        # An embedded service answers 500 and raises on; for the gateway both mean the same.
        raise Unavailable("gateway.upstream-away", service=service) from error
    return Answer(collected.status, b"".join(collected.parts))


class _Collected:
    """The caller's side of one question."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status = 500
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
        else:
            self.parts.append(message.get("body", b""))


def _asking(path: str, sent: Sent | None) -> Scope:
    trace = current_trace()
    headers: list[tuple[bytes, bytes]] = [(b"host", b"gateway"), (b"accept", b"application/json")]
    if sent is not None:
        headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.headers.items()]
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(sent.body)).encode())]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST" if sent else "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*headers, (b"traceparent", trace.encode())] if trace else headers,
        "client": None,
        "server": ("gateway", 80),
    }
