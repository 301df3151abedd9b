"""A survey in one role: a page of short questions, answered once and without a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.talk import Refused
from gateway.portal.teacher.visit import Desk, Visit

SURVEY = "/schools/{school}/surveys/{survey_id}/{role}"
Role = Literal["mentor", "mentee"]
# Longer scales are told by their ends only.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A question with its marks from low to high, and the mark that was chosen."""

    code: str
    text: str
    marks: Sequence[str]
    chosen: str

    @property
    def is_long(self) -> bool:
        """Has the scale too many marks to name each?"""
        return len(self.marks) > MOST_NAMED


def doors(desk: Desk) -> APIRouter:
    """The page of a survey and its answer."""
    router = APIRouter(include_in_schema=False)

    @router.get(SURVEY)
    async def show_survey(request: Request, school: str, survey_id: UUID, role: Role) -> HTMLResponse:
        return await _show(desk, await desk.open(request, school), survey_id, role)

    @router.post(SURVEY)
    async def answer(request: Request, school: str, survey_id: UUID, role: Role) -> Response:
        visit, form = await desk.open(request, school), await request.form()
        answers = {name.removeprefix("item-"): str(mark) for name, mark in form.items() if name.startswith("item-")}
        content = {"items": {code: int(mark) for code, mark in answers.items() if mark.isdecimal()}}
        try:
            await visit.reader.talk.put(visit.mine("tracking", f"surveys/{survey_id}/answers/{role}"), content)
        except Refused as refused:
            return await _show(desk, visit, survey_id, role, (refused, answers))
        return desk.portal.lead(visit.page("my-day"), "survey-answered")

    return router


async def _show(
    desk: Desk, visit: Visit, survey_id: UUID, role: Role, refusal: tuple[Refused, Mapping[str, str]] | None = None
) -> HTMLResponse:
    surveys = await visit.get("tracking", "surveys")
    found = next((one for one in surveys if one["survey_id"] == str(survey_id) and one["role"] == role), None)
    if found is None:
        raise Missing("http.not-found")
    wrong, answers = refusal or (None, {})
    return desk.show(
        visit,
        "teacher/survey.html",
        wrong=wrong,
        role=role,
        survey=found,
        until=visit.words.day(found["closes_on"]),
        items=items_of(found["items"], answers),
        here_again=visit.page(f"surveys/{survey_id}/{role}"),
    )


def items_of(items: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> Sequence[Item]:
    """The questions with what was chosen already."""
    return [
        Item(
            one["code"],
            one["text"],
            [str(mark) for mark in range(one["low"], one["high"] + 1)],
            answers.get(one["code"], ""),
        )
        for one in items
    ]
