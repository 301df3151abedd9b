"""The answer to what nobody expected, given inside everything that stands around an answer.

The framework answers an unexpected error outside of it: without the request's number, without the headers that keep a
browser careful, and as if no school portal's page were waiting for it.
"""

from inspect import isawaitable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Surprises:
    """Answers an unexpected error as the app says it; where an answer has begun, the error goes on to the server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_begun = False

        async def answer(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            if is_begun:
                raise
            request = Request(scope, receive)
            said = request.app.exception_handlers[Exception](request, error)
            response = await said if isawaitable(said) else said
            await response(scope, receive, send)
