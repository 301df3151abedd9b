"""Long jobs live: each door asks the public API about one job with the reader's own token.

There is one door per kind of job and none that takes an address: nobody may let the gateway ask what they like.
"""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.portal.live.progress import (
    Tell,
    Telling,
    of_district_run,
    of_import,
    of_psychometrics,
    of_publication,
    of_run,
)
from gateway.portal.live.watching import Job, answer
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import segment


def router(portal: Portal) -> APIRouter:
    """The doors to jobs of schools and of the city, with the rights of the pages on which they stand."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/live/schools/{school}/runs/{run_id}")
    async def watch_run(request: Request, school: str, run_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        path = f"/api/matching/v1/schools/{segment(school)}/runs/{run_id}"
        return await answer(portal, _job(reader, path, of_run))

    @opened.get("/live/schools/{school}/staff-imports/{import_id}")
    async def watch_import(request: Request, school: str, import_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        path = f"/api/registry/v1/schools/{segment(school)}/staff-imports/{import_id}"
        return await answer(portal, _job(reader, path, of_import))

    @opened.get("/live/districts/{district}/runs/{run_id}")
    async def watch_district_run(request: Request, district: str, run_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, f"districts/{district}", "coordinator")
        path = f"/api/matching/v1/districts/{segment(district)}/runs/{run_id}"
        return await answer(portal, _job(reader, path, of_district_run))

    @opened.get("/live/publications/{publication_id}")
    async def watch_publication(request: Request, publication_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, "city", "analyst")
        path = f"/api/reporting/v1/publications/{publication_id}"
        return await answer(portal, _job(reader, path, of_publication))

    @opened.get("/live/psychometrics/{order_id}")
    async def watch_psychometrics(request: Request, order_id: UUID) -> StreamingResponse:
        reader = await portal.reader(request, "city", "analyst")
        path = f"/api/diagnostics/v1/psychometrics/{order_id}"
        return await answer(portal, _job(reader, path, of_psychometrics))

    return opened


def _job(reader: Reader, path: str, tell: Tell) -> Job:
    async def look() -> Telling:
        return tell(await reader.talk.get(path), reader.say)

    return Job(reader, look)
