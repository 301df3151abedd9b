"""Another hand at the same run: whoever has it on the screen is told at once."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.portal.live.progress import Telling
from gateway.portal.live.watching import Job, answer
from gateway.portal.reader import Reader, names_of
from gateway.portal.talk import segment
from gateway.portal.workshop.changes import step_said
from gateway.portal.workshop.edits import last_step, steps_of
from gateway.portal.workshop.visit import MOST_AT_ONCE, Shop


def hands_router(shop: Shop) -> APIRouter:
    """The door to what others do."""
    router = APIRouter(include_in_schema=False)

    @router.get("/live/schools/{school}/runs/{run_id}/changes")
    async def watch_changes(
        request: Request, school: str, run_id: UUID, version: int, steps: int = 0
    ) -> StreamingResponse:
        reader = await shop.portal.reader(request, f"schools/{school}", "curator")
        page = _Page(reader, school, run_id, version, steps)
        return await answer(shop.portal, Job(reader, page.look))

    return router


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
