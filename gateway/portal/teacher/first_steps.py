"""The first entry: three short screens — who sees what, what it costs, the first small step."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from gateway.portal.teacher.visit import Desk, or_away

SCREENS = 3


def doors(desk: Desk) -> APIRouter:
    """The three screens; the last one leads to what is asked first."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/first-steps")
    async def show_screen(
        request: Request, school: str, screen: Annotated[int, Query(ge=1, le=SCREENS)] = 1
    ) -> HTMLResponse:
        visit = await desk.open(request, school)
        forms = await or_away(visit.get("diagnostics", "forms")) or ()
        own = next((form for form in forms if form.get("self") and not form["self"]["is_final"]), None)
        return desk.show(
            visit,
            "teacher/first_steps.html",
            screen=screen,
            screens=SCREENS,
            minutes=own["self"]["minutes_left"] if own else 0,
            first=visit.page(f"forms/{own['campaign_id']}/self" if own else "my-pairs/availability"),
            has_form=own is not None,
        )

    return router
