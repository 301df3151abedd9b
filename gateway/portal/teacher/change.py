"""Before and after: what the second diagnosis says next to the first, "within the error" said in words."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.teacher.profile_in_words import changes_of, picture_of
from gateway.portal.teacher.visit import Desk


def doors(desk: Desk) -> APIRouter:
    """The page of what changed for the reader in the cycle of the newest profile."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/my-profile/change")
    async def show_change(request: Request, school: str) -> HTMLResponse:
        visit = await desk.open(request, school)
        profile = await visit.get("diagnostics", "profile")
        cycle = next((one["cycle_id"] for one in profile), None)
        found = await visit.get("diagnostics", "change", cycle_id=cycle) if cycle else {"competencies": [], "words": ""}
        changes = changes_of(found, visit.words, await desk.catalogue(visit))
        return desk.show(
            visit,
            "teacher/change.html",
            changes=changes,
            words=found["words"] or "",
            picture=picture_of(changes, visit.words),
            reliable=sum(one.is_reliable for one in changes),
        )

    return router
