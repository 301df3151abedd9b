"""Where a change by cookie comes from: the right page, on the right host, made for the very session (CSRF).

A form carries its token as the field `csrf_token`, which stands before any file; a script sends `X-CSRF-Token`.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "csrf_token"
LOOKED_AT = 64 * 1024
_PATTERNS = {
    "application/x-www-form-urlencoded": re.compile(rb"(?:^|&)csrf_token=([A-Za-z0-9_-]{86})(?:&|$)"),
    "multipart/form-data": re.compile(rb'name="csrf_token"\r\n\r\n([A-Za-z0-9_-]{86})\r\n'),
}


def is_from_here(request: Request, public_url: str) -> bool:
    """Did one of our own pages send it? Told by the browser, in headers that no page can forge."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None and origin != origin_of(public_url):
        return False
    # A browser says at least one of the two with every change.
    return site == "same-origin" if site is not None else origin is not None


def origin_of(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


class Reader:
    """Looks for the token at the beginning of a body, and hands the whole body on."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.read: list[Message] = []
        self.again: Iterator[Message] = iter(())

    async def token(self, request: Request) -> str:
        """The token of a request, from its header or its form; empty when there is none."""
        if HEADER in request.headers:
            return request.headers[HEADER]
        pattern = _PATTERNS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
        if pattern is None:
            return ""
        begun, found = b"", None
        while found is None and len(begun) < LOOKED_AT:
            message = await self.receive()
            self.read.append(message)
            begun += message.get("body", b"")
            found = pattern.search(begun)
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        self.again = iter(self.read)
        return found.group(1).decode() if found else ""

    async def go_on(self) -> Message:
        """The body from its beginning."""
        for message in self.again:
            return message
        return await self.receive()
