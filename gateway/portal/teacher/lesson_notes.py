"""What observers noted in my lessons and gave me, in their own words."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.teacher.visit import Desk
from gateway.portal.words import day_of


def doors(desk: Desk) -> APIRouter:
    """The page of the notes that were given."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/my-profile/lesson-notes")
    async def show_lesson_notes(request: Request, school: str) -> HTMLResponse:
        visit = await desk.open(request, school)
        found = await visit.get("diagnostics", "lesson-notes")
        language = visit.reader.language
        notes = [(int(one["lesson"]), str(one["text"]), day_of(one["given_at"], language)) for one in found]
        return desk.show(visit, "teacher/lesson_notes.html", notes=notes)

    return router
