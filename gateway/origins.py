"""Pages of other origins: closed by default. A school portal whose pages call the API from a browser is named by hand.

Only the API is opened to it, and never with a cookie: such a page sends a token of its own.
"""

from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

API = "/api/"
METHODS = ("GET", "PUT", "POST", "DELETE")
SENT = ("Authorization", "Content-Type", "Accept-Language", "If-Match")
READ = ("ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "Content-Language")
REMEMBERED_SECONDS = 600


class Origins:
    """Lets pages of the named origins read what the API answers; without a name no browser lets any other do so."""

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...]) -> None:
        self.app = app
        self.open = CORSMiddleware(
            app,
            allow_origins=allowed,
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=READ,
            max_age=REMEMBERED_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_opened = scope["type"] == "http" and scope["path"].startswith(API)
        await (self.open if is_opened else self.app)(scope, receive, send)


def is_origin(written: str) -> bool:
    """Is it an origin that may be trusted with answers: https (or this machine), a host, and nothing after it?"""
    parts = urlsplit(written)
    is_own = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return bool(parts.hostname) and (parts.scheme == "https" or is_own) and is_bare and "*" not in written
