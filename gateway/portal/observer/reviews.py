"""One artefact by its criteria: what its owner wrote, a link if there is one, marks that may be given anew."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.observer.post import Post, Visit
from gateway.portal.observer.rubric import Marks, marks_in, parts_of, unmarked
from gateway.portal.talk import Refused, segment

PATH = "/schools/{school}/visits/{campaign}/artefacts/{artefact}"


def doors(post: Post) -> APIRouter:
    """The doors to an artefact."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def show_artefact(request: Request, school: str, campaign: UUID, artefact: UUID) -> HTMLResponse:
        visit = await post.open(request, school)
        review = await _review(visit, campaign, artefact)
        return await _show(post, visit, review, marks=review["marks"])

    @router.post(PATH)
    async def rate_artefact(request: Request, school: str, campaign: UUID, artefact: UUID) -> Response:
        visit = await post.open(request, school)
        review = await _review(visit, campaign, artefact)
        marks = marks_in({name: str(value) for name, value in (await request.form()).items()}, review["rubrics"])
        if begun := unmarked(marks):
            return await _show(post, visit, review, marks=marks, begun=begun)
        address = visit.mine(f"reviews/{segment(campaign)}/{segment(artefact)}")
        try:
            await visit.reader.talk.put(address, {"marks": dict(marks)})
        except Refused as refused:
            return await _show(post, visit, review, marks=marks, wrong=refused)
        return post.portal.lead(visit.page(), "artefact-rated")

    return router


async def _review(visit: Visit, campaign: UUID, artefact: UUID) -> Any:
    reviews = await visit.reader.talk.get(visit.mine(f"reviews/{segment(campaign)}"))
    found = next((one for one in reviews if one["artefact_id"] == str(artefact)), None)
    if found is None:
        raise Missing("http.not-found")
    return found


async def _show(
    post: Post,
    visit: Visit,
    review: Any,
    *,
    marks: Marks,
    begun: list[str] | None = None,
    wrong: Refused | None = None,
) -> HTMLResponse:
    catalogue, person = await post.catalogue(visit), str(review["person_id"])
    name = (await visit.names([person]))[person]
    if begun:
        names = ", ".join(catalogue.name(code) for code in begun)
        wrong = Refused(422, {"detail": visit.reader.say("visits.half-marked", competencies=names)})
    return post.show(
        visit,
        "observer/artefact.html",
        wrong=wrong,
        name=name,
        review=review,
        parts=parts_of(review["rubrics"], marks, catalogue, visit.reader.language),
        scale=range(int(review["rubrics"][0]["highest"]) + 1) if review["rubrics"] else (),
        family="artefact",
        is_final=False,
    )
