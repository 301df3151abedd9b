"""A door that takes a file: a body above the limit is refused before it is read, or where it passes the limit."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from services.registry.staff_file.kinds import MOST_BYTES, refuse_size

# What stands around the file in a multipart body: its name, its type, the other fields.
_AROUND = 1024**2


class UploadRoute(APIRoute):
    """A route whose body is a staff file; two gigabytes never reach the disk."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, which counts what it is sent."""
        handle = super().get_route_handler()

        async def handle_small(request: Request) -> Response:
            refuse_size(_announced(request) - _AROUND)
            counted = _Counted(request)
            try:
                return await handle(Request(request.scope, counted.receive))
            finally:
                # What the framework makes of a body that broke off is our doing, not its failure.
                refuse_size(counted.size - _AROUND)

        return handle_small


def _announced(request: Request) -> int:
    written = request.headers.get("content-length", "0")
    return int(written) if written.isdecimal() else 0


class _Counted:
    """A body while it is read; past the limit it breaks off."""

    def __init__(self, request: Request) -> None:
        self.size = 0
        self._request = request

    async def receive(self) -> Message:
        """The next piece."""
        message = await self._request.receive()
        self.size += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.size > MOST_BYTES + _AROUND else message
