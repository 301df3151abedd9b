"""What stands around every answer: a limit on what comes in, and the headers that keep a browser careful."""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.problems import problem
from chassis.refusals import Refusal, TooLarge
from gateway.rates import UNTOLD

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# A page says its own; anything else, should a browser ever show it, may load and run nothing.
POLICY = "default-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
# For the names under the portal's own name too; a city that keeps it at the top of a domain thinks of that first.
ENCRYPTED = "max-age=31536000; includeSubDomains"


def page_policy(*form_targets: str) -> str:
    """What a page may load and run: its own things only, no script inside it; where else its forms may lead to.

    A browser checks `form-action` along redirects too: signing out ends at the issuer.
    """
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
        f"form-action {targets}"
    )


class CarefulHeaders:
    """Adds the security headers that an answer does not have yet, and the caller's count where nobody told it."""

    def __init__(self, app: ASGIApp, is_encrypted: bool = False) -> None:
        self.app = app
        self.always = {**ALWAYS, "Strict-Transport-Security": ENCRYPTED} if is_encrypted else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in self.always.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
                count = scope.pop(UNTOLD, None)
                message["headers"] = [*headers.raw, *count()] if count else headers.raw
            await send(message)

        await self.app(scope, receive, answer)


class TooSlow(Refusal):
    """The answer did not begin in time; whether anything was done is not known."""

    status = 504


class TimeLimit:
    """Gives up on a request whose answer has not begun within `seconds`, however slowly its body comes in."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = asyncio.timeout(self.seconds)

        async def answer(message: Message) -> None:
            # What has begun may take as long as it likes: a stream of events does not end by itself.
            limit.reschedule(None)
            await send(message)

        try:
            async with limit:
                await self.app(scope, receive, answer)
        except TimeoutError:
            if not limit.expired():
                raise
            slow = problem(Request(scope), TooSlow.status, "http.too-slow")
            await slow(scope, receive, send)


class BodyLimit:
    """Refuses a request whose body is larger than `largest` bytes, announced or found while reading."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced(scope) > self.largest:
            await _refuse(scope, receive, send)
            return
        measured = _Measured(self.largest, receive, send)
        try:
            await self.app(scope, measured.receive, measured.send)
        except Exception:
            # What the application makes of a body that broke off is our doing, not its failure.
            if not measured.is_over:
                raise
        if measured.is_over and not measured.is_answered:
            await _refuse(scope, receive, send)


def _announced(scope: Scope) -> int:
    written = dict(scope["headers"]).get(b"content-length", b"0")
    return int(written) if written.isdigit() else 0


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem(Request(scope), TooLarge.status, "http.too-large")
    answer.headers["Connection"] = "close"
    await answer(scope, receive, send)


class _Measured:
    """One request's body while it is read; past the limit it breaks off, and what is answered then is dropped."""

    def __init__(self, largest: int, receive: Receive, send: Send) -> None:
        self.left = largest
        self.read = receive
        self.answer = send
        self.is_over = False
        self.is_answered = False

    async def receive(self) -> Message:
        """The next part."""
        message = await self.read()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            self.is_over = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on unless the limit was passed before it began."""
        if self.is_over and not self.is_answered:
            return
        self.is_answered = True
        await self.answer(message)
