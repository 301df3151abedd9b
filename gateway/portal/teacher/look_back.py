"""The look back of the second wave: where was I before the cycle, as I see it today? It never touches a level."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.talk import Refused
from gateway.portal.teacher.visit import Desk, Visit

PAGE = "/schools/{school}/forms/{campaign}/then"
UNKNOWN = "none"


def doors(desk: Desk) -> APIRouter:
    """All competencies on one page: a step of five for each, or "I do not know"."""
    router = APIRouter(include_in_schema=False)

    @router.get(PAGE)
    async def show_look_back(request: Request, school: str, campaign: UUID) -> HTMLResponse:
        return await _show(desk, await desk.open(request, school), campaign)

    @router.post(PAGE)
    async def answer(request: Request, school: str, campaign: UUID) -> Response:
        visit, form = await desk.open(request, school), await request.form()
        given = {name.removeprefix("level-"): str(level) for name, level in form.items() if name.startswith("level-")}
        answers = {code: None if level == UNKNOWN else int(level) for code, level in given.items() if _is_one(level)}
        try:
            await visit.reader.talk.put(visit.mine("diagnostics", f"forms/{campaign}/then"), {"answers": answers})
        except Refused as refused:
            return await _show(desk, visit, campaign, refused)
        return desk.portal.lead(visit.page("my-day"), "then-kept")

    return router


def _is_one(level: str) -> bool:
    return level == UNKNOWN or level in {"1", "2", "3", "4", "5"}


async def _show(desk: Desk, visit: Visit, campaign: UUID, wrong: Refused | None = None) -> HTMLResponse:
    found, catalogue = await visit.get("diagnostics", f"forms/{campaign}/then"), await desk.catalogue(visit)
    answers = {code: UNKNOWN if level is None else str(level) for code, level in found["answers"].items()}
    return desk.show(
        visit,
        "teacher/look_back.html",
        wrong=wrong,
        question=found["question"],
        competencies=[(code, catalogue.name(code), answers.get(code, "")) for code in found["competencies"]],
        again=visit.page(f"forms/{campaign}/then"),
    )
