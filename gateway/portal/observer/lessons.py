"""One lesson by rubric: marks sign by sign, kept as a draft that only I see, given when I say so."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.observer.post import Post, Visit
from gateway.portal.observer.rubric import Marks, marks_in, parts_of, unmarked
from gateway.portal.observer.visits import ENOUGH_LESSONS, MOST_LESSONS
from gateway.portal.talk import Refused, segment

PATH = "/schools/{school}/visits/{campaign}/{person}/{lesson}"
Number = Annotated[int, Path(ge=1, le=MOST_LESSONS)]
Do = Annotated[Literal["keep", "give"], Form()]


def doors(post: Post) -> APIRouter:
    """The doors to a lesson."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def show_lesson(request: Request, school: str, campaign: UUID, person: UUID, lesson: Number) -> HTMLResponse:
        visit = await post.open(request, school)
        observed = await _observed(visit, campaign, person)
        return await _show(post, visit, observed, lesson=lesson, marks=_kept(observed, lesson))

    @router.post(PATH)
    async def mark_lesson(
        request: Request, school: str, campaign: UUID, person: UUID, lesson: Number, do: Do = "keep"
    ) -> Response:
        visit = await post.open(request, school)
        observed = await _observed(visit, campaign, person)
        marks = marks_in({name: str(value) for name, value in (await request.form()).items()}, observed["rubrics"])
        if begun := unmarked(marks):
            return await _show(post, visit, observed, lesson=lesson, marks=marks, begun=begun)
        if not marks and do == "give":
            nothing = Refused(422, {"detail": visit.reader.say("visits.nothing-marked")})
            return await _show(post, visit, observed, lesson=lesson, marks=marks, wrong=nothing)
        address = f"{visit.mine(f'observations/{campaign}/{person}')}/lessons/{lesson}"
        try:
            await visit.reader.talk.put(address, {"marks": dict(marks), "is_final": do == "give"})
        except Refused as refused:
            return await _show(post, visit, observed, lesson=lesson, marks=marks, wrong=refused)
        return post.portal.lead(visit.page(), "lesson-given" if do == "give" else "lesson-kept")

    return router


async def _observed(visit: Visit, campaign: UUID, person: UUID) -> Any:
    return await visit.reader.talk.get(visit.mine(f"observations/{segment(campaign)}/{segment(person)}"))


def _kept(observed: Any, lesson: int) -> Marks:
    return next((one["marks"] for one in observed["lessons"] if one["lesson"] == lesson), {})


async def _show(
    post: Post,
    visit: Visit,
    observed: Any,
    *,
    lesson: int,
    marks: Marks,
    begun: list[str] | None = None,
    wrong: Refused | None = None,
) -> HTMLResponse:
    catalogue, person = await post.catalogue(visit), str(observed["person_id"])
    name = (await visit.names([person]))[person]
    if begun:
        names = ", ".join(catalogue.name(code) for code in begun)
        wrong = Refused(422, {"detail": visit.reader.say("visits.half-marked", competencies=names)})
    return post.show(
        visit,
        "observer/lesson.html",
        wrong=wrong,
        name=name,
        lesson=lesson,
        parts=parts_of(observed["rubrics"], marks, catalogue, visit.reader.language),
        scale=range(int(observed["rubrics"][0]["highest"]) + 1) if observed["rubrics"] else (),
        family="lesson",
        minutes=observed["minutes"],
        is_final=any(one["lesson"] == lesson and one["is_final"] for one in observed["lessons"]),
        enough=ENOUGH_LESSONS,
    )
