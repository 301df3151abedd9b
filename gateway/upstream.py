"""An upstream is any ASGI app: a service's own app in one process, a proxy to it in compose (ADR 0010).

Here the gateway asks an upstream on its own account: for its health, its description, its public numbers.
"""

import asyncio
from collections.abc import Sequence
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


async def ask(service: str, upstream: ASGIApp, path: str) -> Answer:
    """Get `path` of a service without a token; raises Unavailable when it does not answer in three seconds."""
    collected = _Collected()
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            await upstream(_asking(path), collected.receive, collected.send)
    except Refusal:
        raise
    except Exception as error:
        # An embedded service answers 500 and raises on; for the gateway both mean the same.
        raise Unavailable("gateway.upstream-away", service=service) from error
    return Answer(collected.status, b"".join(collected.parts))


class _Collected:
    """The caller's side of one question without a body."""

    def __init__(self) -> None:
        self.status = 500
        self.parts: list[bytes] = []
        self.is_asked = False

    async def receive(self) -> Message:
        """The empty body, then nothing more: this caller never hangs up."""
        if self.is_asked:
            await asyncio.Event().wait()
        self.is_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        """Keep what is answered."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.parts.append(message.get("body", b""))


def _asking(path: str) -> Scope:
    trace = current_trace()
    headers: Sequence[tuple[bytes, bytes]] = [(b"host", b"gateway"), (b"accept", b"application/json")]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*headers, (b"traceparent", trace.encode())] if trace else list(headers),
        "client": None,
        "server": ("gateway", 80),
    }
