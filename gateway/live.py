"""What may be watched live: the pulse as one answer, and as a stream of server-sent events."""

import time
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from chassis.problems import RESPONSES
from gateway.farewell import Farewell
from gateway.pulse import Pulse, Reading

TICK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0


def live_router(pulse: Pulse, farewell: Farewell) -> APIRouter:
    """The doors to the pulse."""
    router = APIRouter(responses=RESPONSES)

    @router.get("/api/pulse", tags=["gateway"])
    async def read_pulse() -> Reading:
        """How many events the house has seen. Needs no token."""
        return await pulse.read()

    @router.get("/live/events", include_in_schema=False)
    async def watch_pulse() -> StreamingResponse:
        # A buffering proxy in front of us would keep the events to itself.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_stream(pulse, farewell), media_type="text/event-stream", headers=headers)

    return router


async def _stream(pulse: Pulse, farewell: Farewell) -> AsyncIterator[str]:
    """The pulse whenever it changed, at most twice a second, until the process ends."""
    yield "retry: 3000\n\n"
    shown: tuple[int, bool] | None = None
    spoken_at = time.monotonic()
    while not farewell.is_said.is_set():
        reading = await pulse.read()
        if (reading.events, reading.is_stale) != shown:
            shown, spoken_at = (reading.events, reading.is_stale), time.monotonic()
            yield f"data: {reading.model_dump_json()}\n\n"
        elif time.monotonic() - spoken_at >= HEARTBEAT_SECONDS:
            spoken_at = time.monotonic()
            yield ": still here\n\n"
        if await farewell.heard_within(TICK_SECONDS):
            return
