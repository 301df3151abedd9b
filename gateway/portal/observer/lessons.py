"""One lesson by rubric: marks sign by sign and free notes, kept as a draft that only I see, given when I say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.observer.post import Post, Visit
from gateway.portal.observer.rubric import Marks, marks_in, parts_of, unmarked
from gateway.portal.observer.visits import ENOUGH_LESSONS, MOST_LESSONS
from gateway.portal.talk import Refused, segment
from gateway.portal.words import day_of

PATH = "/schools/{school}/visits/{campaign}/{person}/{lesson}"
Number = Annotated[int, Path(ge=1, le=MOST_LESSONS)]
Do = Annotated[Literal["keep", "give"], Form()]


@dataclass(frozen=True, slots=True)
class Notes:
    """Free words about the lesson as the form shows them; `given_on` is the day on which they were given, if ever."""

    text: str = ""
    is_to_give: bool = False
    given_on: str = ""

    def differ_from(self, known: "Notes") -> bool:
        """Is there anything to keep or to give?"""
        return not known.given_on and (self.text != known.text or (self.is_to_give and bool(self.text)))


def doors(post: Post) -> APIRouter:
    """The doors to a lesson."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def show_lesson(request: Request, school: str, campaign: UUID, person: UUID, lesson: Number) -> HTMLResponse:
        visit = await post.open(request, school)
        observed = await _observed(visit, campaign, person)
        notes = noted_in(observed, lesson, visit.reader.language)
        return await _show(post, visit, observed, lesson=lesson, marks=_kept(observed, lesson), notes=notes)

    @router.post(PATH)
    async def mark_lesson(
        request: Request, school: str, campaign: UUID, person: UUID, lesson: Number, do: Do = "keep"
    ) -> Response:
        visit = await post.open(request, school)
        observed = await _observed(visit, campaign, person)
        form = {name: str(value) for name, value in (await request.form()).items()}
        marks, notes = marks_in(form, observed["rubrics"]), typed_in(form)
        address = f"{visit.mine(f'observations/{campaign}/{person}')}/lessons/{lesson}"
        is_final = _is_final(observed, lesson)
        if not is_final and (begun := unmarked(marks)):
            return await _show(post, visit, observed, lesson=lesson, marks=marks, notes=notes, begun=begun)
        try:
            if not is_final and do == "give" and not marks:
                raise Refused(422, {"detail": visit.reader.say("visits.nothing-marked")})
            if notes.differ_from(noted_in(observed, lesson, visit.reader.language)):
                await visit.reader.talk.put(f"{address}/notes", {"text": notes.text, "is_given": notes.is_to_give})
            if not is_final:
                await visit.reader.talk.put(address, {"marks": dict(marks), "is_final": do == "give"})
        except Refused as refused:
            return await _show(post, visit, observed, lesson=lesson, marks=marks, notes=notes, wrong=refused)
        return post.portal.lead(visit.page(), said_of(notes, do, is_final=is_final))

    return router


def noted_in(observed: Mapping[str, Any], lesson: int, language: str) -> Notes:
    """What was noted in a lesson so far."""
    known = next((one for one in observed["notes"] if one["lesson"] == lesson), None)
    return Notes(str(known["text"]), given_on=day_of(known["given_at"], language)) if known else Notes()


def typed_in(form: Mapping[str, str]) -> Notes:
    """The notes as a form brings them."""
    return Notes(form.get("text", "").replace("\r\n", "\n").strip(), form.get("give_notes") == "yes")


def said_of(notes: Notes, do: str, *, is_final: bool) -> str:
    """What was done: after the marks were given only notes change."""
    is_giving = notes.is_to_give and bool(notes.text)
    if is_final:
        return "notes-given" if is_giving else "notes-kept"
    if do == "give":
        return "lesson-given"
    return "notes-given-marks-kept" if is_giving else "lesson-kept"


def _is_final(observed: Mapping[str, Any], lesson: int) -> bool:
    return any(one["lesson"] == lesson and one["is_final"] for one in observed["lessons"])


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
    notes: Notes,
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
        is_final=_is_final(observed, lesson),
        notes=notes,
        enough=ENOUGH_LESSONS,
    )
