"""One pair: what it waits for and on which basis it works, let rest or go on, brought to its end with a reason."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.curator.funnel import both
from gateway.portal.curator.pairs import Known, in_list, requirement
from gateway.portal.curator.years import at
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day

BASES = ("LABOUR_351_8", "LOCAL_ACT", "VOLUNTARY")
REASONS = (
    "goal_reached_early",
    "mentor_refused",
    "mentee_refused",
    "incompatibility",
    "long_leave",
    "dismissed",
    "replaced",
    "employer_cancelled",
)
RESTS = ("ABSENCE", "LOAD", "WISH", "CURATOR")
STEPS = ("suspend", "resume", "complete", "terminate", "basis")


class Step(BaseModel):
    """What the curator decides of a pair as the page showed it."""

    step: str = ""
    basis: str = ""
    reason: str = ""
    rest: str = ""
    rematch: str = ""
    ends_on: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which pair, and what was wrong with the last wish."""

    school: str
    assignment_id: UUID
    typed: Step | None = None
    wrong: Refused | None = None


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/health/{assignment_id}")
    async def show_pair(request: Request, school: str, assignment_id: UUID) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await page(reader, Asked(school, assignment_id))

    @doors.post("/schools/{school}/health/{assignment_id}")
    async def decide(request: Request, school: str, assignment_id: UUID, form: Annotated[Step, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        step = form.step if form.step in STEPS else STEPS[0]
        method = "PUT" if step == "basis" else "POST"
        path = at("tracking", school, f"/assignments/{assignment_id}/{step}")
        try:
            await reader.talk.send(method, path, content=content_of(form), headers=as_seen(form.seen))
        except Refused as refused:
            return await page(reader, Asked(school, assignment_id, form, refused))
        return portal.lead(f"/schools/{segment(school)}/health/{assignment_id}", said=f"pair-{step}")

    async def page(reader: Reader, asked: Asked) -> HTMLResponse:
        one = await reader.talk.get(at("tracking", asked.school, f"/assignments/{asked.assignment_id}"))
        names = await names_of(reader.talk, asked.school, both(one))
        known = Known(reader, names, await portal.catalogue(reader))
        return portal.show(
            reader,
            "curator/pair.html",
            status=asked.wrong.status if asked.wrong else 200,
            school=asked.school,
            pair=in_list(known, one),
            one=one,
            term=f"{day(one['term_from'], reader.language)} — {day(one['term_to'], reader.language)}",
            waits_for=[requirement(reader, code) for code in one["waits_for"]],
            bases=BASES,
            reasons=REASONS,
            rests=RESTS,
            typed=asked.typed or Step(basis=one["basis"]),
            wrong=asked.wrong,
        )

    return doors


def content_of(form: Step) -> dict[str, Any] | None:
    """What a step carries: the basis, why the work rests, or how and why it ends; nothing for the others."""
    if form.step == "basis":
        return {"basis": form.basis}
    if form.step == "suspend":
        return {"reason": form.rest}
    if form.step == "terminate":
        return {"reason": form.reason, "rematch": form.rematch == "yes", "ends_on": form.ends_on or None}
    return None
