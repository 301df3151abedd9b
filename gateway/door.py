"""The door to the services: `/api/<service>/v1/…` is `/v1/…` of that service, and nothing else of it is."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.identity import caller
from chassis.refusals import Missing
from chassis.trace import current_trace

PATH = "/api/{service}/v1/{path:path}"
# Operations that need no token: service, method, path. Default is deny; a service cannot open itself up.
PUBLIC = frozenset({("reporting", "GET", "/v1/open/city"), ("registry", "POST", "/v1/slips:redeem")})
# A cookie is between the browser and us.
_NOT_PASSED_ON = (b"traceparent", b"x-forwarded-for", b"cookie", b"x-csrf-token")
_OF_THE_REQUEST = ("http_version", "method", "scheme", "query_string", "client", "server", "extensions")


class Door:
    """Lets a request through to its service when its token verifies, or when it needs none."""

    def __init__(self, upstreams: Mapping[str, ASGIApp]) -> None:
        self.upstreams = upstreams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises Missing, Unauthenticated, or what the upstream's proxy raises."""
        service: str = scope["path_params"]["service"]
        inside = f"/v1/{scope['path_params']['path']}"
        upstream = self.upstreams.get(service)
        # A dot segment could lead out of /v1 wherever an address is tidied up on the way.
        if upstream is None or any(part in (".", "..") for part in inside.split("/")):
            raise Missing("http.not-found")
        await _admit(Request(scope), (service, scope["method"], inside))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message.get("headers", ()) if pair[0] != b"x-request-id"]
            await send(message)

        await upstream(_inside(scope, f"/api/{service}"), receive, answer)


class DoorRoute(Route):
    """The route of the door; it names itself in the scope, so that requests are measured by its template."""

    def __init__(self, upstreams: Mapping[str, ASGIApp]) -> None:
        super().__init__(PATH, Door(upstreams))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route."""
        match, found = super().matches(scope)
        return match, {**found, "route": self} if match is not Match.NONE else found


async def _admit(request: Request, operation: tuple[str, str, str]) -> None:
    if operation in PUBLIC and "authorization" not in request.headers:
        return
    await caller(request)


def _inside(scope: Scope, root: str) -> Scope:
    """The request as the service sees it: nothing of our own routing, the trace going on."""
    trace = (current_trace() or "").encode()
    kept = [pair for pair in scope["headers"] if pair[0] not in _NOT_PASSED_ON]
    if scope.get("client"):
        # What the caller wrote there itself is nobody's address.
        kept.append((b"x-forwarded-for", str(scope["client"][0]).encode()))
    return {
        **{name: scope[name] for name in _OF_THE_REQUEST if name in scope},
        "type": "http",
        "asgi": scope["asgi"],
        "path": scope["path"],
        "root_path": root,
        "headers": [*kept, (b"traceparent", trace)] if trace else kept,
    }
