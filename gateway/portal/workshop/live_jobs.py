"""Long jobs live, as server-sent events: each door asks the public API about one job with the reader's own token.

There is one door per kind of job and none that takes an address: nobody may let the gateway ask what they like.
"""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from chassis.refusals import TooMany, Unavailable
from gateway.farewell import Farewell
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment
from gateway.portal.workshop.changes import step_said
from gateway.portal.workshop.edits import last_step, steps_of
from gateway.portal.workshop.progress import Tell, Telling, of_district_run, of_import, of_publication, of_run
from gateway.portal.workshop.visit import MOST_AT_ONCE

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


@dataclass(slots=True)
class Streams:
    """How many streams each reader of this process has open."""

    open: Counter[str] = field(default_factory=Counter)

    def check(self, who: str) -> None:
        """Raises TooMany when one more would be too many."""
        if self.open[who] >= MOST_STREAMS:
            raise TooMany("rate.too-many", seconds=int(HEARTBEAT_SECONDS))


def live_jobs_router(portal: Portal) -> APIRouter:
    """The doors to jobs of schools and of the city, with the rights of the pages on which they stand."""
    router, streams = APIRouter(include_in_schema=False), Streams()

    @router.get("/live/schools/{school}/runs/{run_id}")
    async def watch_run(request: Request, school: str, run_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        path = f"/api/matching/v1/schools/{segment(school)}/runs/{run_id}"
        return await _answer(_job(reader, path, of_run), streams)

    @router.get("/live/schools/{school}/runs/{run_id}/changes")
    async def watch_changes(
        request: Request, school: str, run_id: UUID, version: int, steps: int = 0
    ) -> StreamingResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        page = _Page(reader, school, run_id, version, steps)
        return await _answer(Job(reader, page.look), streams)

    @router.get("/live/schools/{school}/staff-imports/{import_id}")
    async def watch_import(request: Request, school: str, import_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        path = f"/api/registry/v1/schools/{segment(school)}/staff-imports/{import_id}"
        return await _answer(_job(reader, path, of_import), streams)

    @router.get("/live/districts/{district}/runs/{run_id}")
    async def watch_district_run(request: Request, district: str, run_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, f"districts/{district}", "coordinator")
        path = f"/api/matching/v1/districts/{segment(district)}/runs/{run_id}"
        return await _answer(_job(reader, path, of_district_run), streams)

    @router.get("/live/publications/{publication_id}")
    async def watch_publication(request: Request, publication_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, "city", "analyst")
        path = f"/api/reporting/v1/publications/{publication_id}"
        return await _answer(_job(reader, path, of_publication), streams)

    return router


def _job(reader: Reader, path: str, tell: Tell) -> Job:
    async def look() -> Telling:
        return tell(await reader.talk.get(path), reader.say)

    return Job(reader, look)


@dataclass(frozen=True, slots=True)
class _Page:
    """A run as somebody has it on the screen: its version, and how many steps of its edits the page shows."""

    reader: Reader
    school: str
    run: UUID
    version: int
    steps: int

    async def look(self) -> Telling:
        """Over as soon as another hand has changed the run; then it says whose, if that can be told."""
        talk, say = self.reader.talk, self.reader.say
        path = f"/api/matching/v1/schools/{segment(self.school)}/runs/{self.run}"
        if (await talk.get(path))["version"] == self.version:
            return Telling("", None, is_over=False)
        edits = await talk.all_of(f"{path}/edits", limit=MOST_AT_ONCE)
        if steps_of(edits) <= self.steps:
            return Telling(say("workshop.hand-live-other"), None, is_over=True)
        who, what = last_step(edits)
        names = await names_of(talk, self.school, [who])
        name = names.get(who, say("workshop.somebody"))
        return Telling(say("workshop.hand-live", who=name, what=step_said(what, say)), None, is_over=True)


async def _answer(job: Job, streams: Streams) -> StreamingResponse:
    """The first look before the answer begins: what is not there, or not the reader's, is refused as anywhere."""
    streams.check(job.reader.principal.known_as)
    first = await job.look()
    farewell: Farewell = job.reader.request.app.state.farewell
    stream = _counted(streams, job.reader.principal.known_as, _events(job, first, farewell))
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def _counted(streams: Streams, who: str, events: AsyncIterator[str]) -> AsyncIterator[str]:
    streams.open[who] += 1
    try:
        async for event in events:
            yield event
    finally:
        streams.open[who] -= 1
        if not streams.open[who]:
            del streams.open[who]


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
