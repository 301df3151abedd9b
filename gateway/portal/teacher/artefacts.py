"""Artefacts: a lesson plan or a material that shows what a teacher can do, handed in by choice, without files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.talk import Refused
from gateway.portal.teacher.visit import Desk, Visit

PAGE = "/schools/{school}/forms/{campaign}/artefacts"


@dataclass(frozen=True, slots=True)
class Typed:
    """An artefact as it was typed."""

    artefact_id: str
    title: str = ""
    link: str = ""
    competencies: Sequence[str] = ()


def doors(desk: Desk) -> APIRouter:
    """What was handed in, the form, and the way back."""
    router = APIRouter(include_in_schema=False)

    @router.get(PAGE)
    async def show_artefacts(request: Request, school: str, campaign: UUID) -> HTMLResponse:
        return await _show(desk, await desk.open(request, school), campaign)

    @router.post(PAGE)
    async def hand_in(
        request: Request,
        school: str,
        campaign: UUID,
        artefact_id: Annotated[UUID, Form()],
        title: Annotated[str, Form()] = "",
        link: Annotated[str, Form()] = "",
        competencies: Annotated[tuple[str, ...], Form()] = (),
    ) -> Response:
        visit = await desk.open(request, school)
        content = {"title": title.strip(), "link": link.strip() or None, "competencies": list(competencies)}
        try:
            await visit.reader.talk.put(visit.mine("diagnostics", f"artefacts/{campaign}/{artefact_id}"), content)
        except Refused as refused:
            typed = Typed(str(artefact_id), title, link, competencies)
            return await _show(desk, visit, campaign, refused, typed)
        return desk.portal.lead(visit.page(f"forms/{campaign}/artefacts"), "artefact-handed-in")

    @router.post(PAGE + "/{artefact_id}/take-back")
    async def take_back(request: Request, school: str, campaign: UUID, artefact_id: UUID) -> Response:
        visit = await desk.open(request, school)
        try:
            await visit.reader.talk.delete(visit.mine("diagnostics", f"artefacts/{campaign}/{artefact_id}"))
        except Refused as refused:
            return await _show(desk, visit, campaign, refused)
        return desk.portal.lead(visit.page(f"forms/{campaign}/artefacts"), "artefact-taken-back")

    return router


async def _show(
    desk: Desk, visit: Visit, campaign: UUID, wrong: Refused | None = None, typed: Typed | None = None
) -> HTMLResponse:
    found, catalogue = await visit.get("diagnostics", f"artefacts/{campaign}"), await desk.catalogue(visit)
    return desk.show(
        visit,
        "teacher/artefacts.html",
        wrong=wrong,
        typed=typed or Typed(str(uuid4())),
        artefacts=[(one, [catalogue.name(code) for code in one["competencies"]]) for one in found["items"]],
        can_show=[(code, catalogue.name(code)) for code in found["can_show"]],
        root=visit.page(f"forms/{campaign}/artefacts"),
    )
