"""A long job watched by its reader: server-sent events whenever it has moved, until it is over."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass

from fastapi.responses import StreamingResponse

from chassis.refusals import TooMany, Unavailable
from gateway.farewell import Farewell
from gateway.portal.live.progress import Telling
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
# A browser keeps six connections to a host; a page needs one of them.
MOST_STREAMS = 4
Look = Callable[[], Awaitable[Telling]]
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is watched: by whom, and how one sees where it stands; looking raises Refused or Unavailable."""

    reader: Reader
    look: Look


async def answer(portal: Portal, job: Job) -> StreamingResponse:
    """The first look before the answer begins: what is not there, or not the reader's, is refused as anywhere.

    Raises TooMany when the reader has too many streams open at this process.
    """
    who = job.reader.principal.known_as
    if portal.streams[who] >= MOST_STREAMS:
        raise TooMany("rate.too-many", seconds=int(HEARTBEAT_SECONDS))
    first = await job.look()
    farewell: Farewell = job.reader.request.app.state.farewell
    stream = _counted(portal.streams, who, _events(job, first, farewell))
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def _counted(streams: Counter[str], who: str, events: AsyncIterator[str]) -> AsyncIterator[str]:
    streams[who] += 1
    try:
        async for event in events:
            yield event
    finally:
        streams[who] -= 1
        if not streams[who]:
            del streams[who]


async def _events(job: Job, first: Telling, farewell: Farewell) -> AsyncIterator[str]:
    """Where the job stands whenever that changed, until it is over, the rights end, or the process says farewell."""
    yield "retry: 3000\n\n"
    shown, spoken_at, now = None, time.monotonic(), first
    while True:
        if now != shown:
            shown, spoken_at = now, time.monotonic()
            yield f"data: {json.dumps(asdict(now), ensure_ascii=False)}\n\n"
        elif time.monotonic() - spoken_at >= HEARTBEAT_SECONDS:
            spoken_at = time.monotonic()
            yield ": still here\n\n"
        if now.is_over or await farewell.heard_within(TICK_SECONDS):
            return
        try:
            now = await job.look()
        except Unavailable:
            continue
        except Refused as refused:
            # An ended token: the browser comes back with the next one, if its session still stands.
            if refused.status < 500:
                return
