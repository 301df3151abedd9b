"""Half a minute of thought on a meeting; only the two of the pair ever read it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.talk import Refused
from gateway.portal.teacher.pairs import work_of
from gateway.portal.teacher.pairs_in_words import OBSTACLES
from gateway.portal.teacher.visit import Desk, Visit

MEETING = "/schools/{school}/my-pairs/{assignment}/meetings/{meeting_id}"
LONGEST = 200
MARKS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Typed:
    """A reflection as it stands in the form."""

    usefulness: str = ""
    obstacles: tuple[str, ...] = ()
    text: str = ""


def doors(desk: Desk) -> APIRouter:
    """The page of one meeting with the form, and what was thought."""
    router = APIRouter(include_in_schema=False)

    @router.get(MEETING)
    async def show_meeting(request: Request, school: str, assignment: UUID, meeting_id: UUID) -> HTMLResponse:
        return await _show(desk, await desk.open(request, school), assignment, meeting_id)

    @router.post(MEETING)
    async def reflect(
        request: Request,
        school: str,
        assignment: UUID,
        meeting_id: UUID,
        usefulness: Annotated[str, Form()] = "",
        obstacles: Annotated[tuple[str, ...], Form()] = (),
        text: Annotated[str, Form()] = "",
    ) -> Response:
        visit, typed = await desk.open(request, school), Typed(usefulness, obstacles, text)
        content = {
            "usefulness": int(usefulness) if usefulness.isdecimal() else None,
            "obstacles": list(obstacles),
            "text": text.strip() or None,
        }
        try:
            await visit.reader.talk.put(visit.mine("tracking", f"meetings/{meeting_id}/reflection"), content)
        except Refused as refused:
            return await _show(desk, visit, assignment, meeting_id, (refused, typed))
        return desk.portal.lead(visit.page("my-day"), "pairs-reflected")

    return router


async def _show(
    desk: Desk, visit: Visit, assignment: UUID, meeting_id: UUID, refusal: tuple[Refused, Typed] | None = None
) -> HTMLResponse:
    pair = (await work_of(desk, visit)).pair(assignment)
    known = [*pair.ahead, *pair.unconfirmed, *pair.past]
    meeting = next((one for one in known if one.meeting_id == str(meeting_id)), None)
    if meeting is None:
        raise Missing("http.not-found")
    wrong, typed = refusal or (None, Typed())
    return desk.show(
        visit,
        "teacher/meeting.html",
        wrong=wrong,
        typed=typed,
        pair=pair,
        meeting=meeting,
        root=visit.page(f"my-pairs/{assignment}/meetings/{meeting_id}"),
        obstacles=[(code, visit.reader.say(f"pairs.obstacle.{code}")) for code in OBSTACLES],
        marks=[(str(mark), visit.reader.say(f"pairs.useful.{mark}")) for mark in MARKS],
        longest=LONGEST,
    )
