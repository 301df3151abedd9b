"""What a page costs, seen at the gateway's own door: its time, its processor time, the API calls behind it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# When a call began and when it was answered.
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cost:
    """One page until it was whole: milliseconds of time and of the processor, its calls, how many had to wait in turn.

    Processor time is that of the whole process, the services in it included, PostgreSQL and NATS not.
    """

    wall_ms: float
    cpu_ms: float
    calls: int
    in_turn: int


@dataclass(slots=True)
class Watch:
    """Sees what comes in at the gateway, and what the gateway asks its services meanwhile; one request at a time."""

    last: Cost = Cost(0, 0, 0, 0)
    spans: list[Span] = field(default_factory=list)

    def begin(self, gateway: FastAPI) -> None:
        """Stand before a gateway and before each of its services."""
        _stand_before(gateway, self._at_the_door)
        for service in gateway.state.portal.upstreams.values():
            _stand_before(service, self._at_a_service)

    def _at_the_door(self, app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            self.spans.clear()
            wall, cpu = time.perf_counter(), time.process_time()

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    spent = (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000
                    self.last = Cost(*spent, len(self.spans), in_turn(self.spans))
                await send(message)

            await app(scope, receive, answer)

        return watched

    def _at_a_service(self, app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            began = time.perf_counter()
            try:
                await app(scope, receive, send)
            finally:
                self.spans.append((began, time.perf_counter()))

        return watched


def _stand_before(app: FastAPI, watched: Callable[[ASGIApp], ASGIApp]) -> None:
    app.middleware_stack = watched(app.middleware_stack or app.build_middleware_stack())


def in_turn(spans: Sequence[Span]) -> int:
    """How many calls at least had to wait for one another: the longest row of them without two at the same time."""
    count, free_at = 0, float("-inf")
    for began, ended in sorted(spans, key=lambda span: span[1]):
        if began >= free_at:
            count, free_at = count + 1, ended
    return count
