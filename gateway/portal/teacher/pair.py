"""One pair: its goal, the next meeting, "did you meet?", help from the curator, another pair, what lies behind."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from gateway.portal.talk import Refused, as_seen
from gateway.portal.teacher.pairs import work_of
from gateway.portal.teacher.pairs_in_words import KINDS, SIGNS, Planned
from gateway.portal.teacher.visit import Desk, Visit

PAIR = "/schools/{school}/my-pairs/{assignment}"
Text = Annotated[str, Form()]


class Meeting(BaseModel):
    """A meeting as it was typed; `seen` is the state of a planned one that is moved."""

    meeting_id: UUID
    kind: str = ""
    day: str = ""
    clock: str = ""
    minutes: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class NewGoal:
    """A goal as it was typed."""

    goal_id: str
    text: str = ""
    due_on: str = ""
    sign: str = SIGNS[0]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the page's forms, and which of them the refusal is about."""

    meeting: Planned
    goal: NewGoal
    form: str = ""


def nothing_typed() -> Typed:
    """Empty forms. Each has its own id, so that a button pressed twice plans one meeting."""
    return Typed(Planned(str(uuid4())), NewGoal(str(uuid4())))


def doors(desk: Desk) -> APIRouter:
    """The page of a pair and everything that the two do on it."""
    router = APIRouter(include_in_schema=False)

    @router.get(PAIR)
    async def show_pair(request: Request, school: str, assignment: UUID) -> HTMLResponse:
        return await show(desk, await desk.open(request, school), assignment)

    _meeting_doors(router, desk)
    _goal_doors(router, desk)
    _quiet_doors(router, desk)
    return router


def _meeting_doors(router: APIRouter, desk: Desk) -> None:
    @router.post(PAIR + "/meetings")
    async def plan_meeting(
        request: Request, school: str, assignment: UUID, form: Annotated[Meeting, Form()]
    ) -> Response:
        visit = await desk.open(request, school)
        meeting = Planned(str(form.meeting_id), form.kind, form.day, form.clock, form.minutes)
        try:
            content = content_of(meeting, visit)
            address = visit.mine("tracking", f"assignments/{assignment}/meetings/{form.meeting_id}")
            await visit.reader.talk.put(address, content, **as_seen(form.seen))
        except Refused as refused:
            return await show(desk, visit, assignment, refused, Typed(meeting, nothing_typed().goal, "meeting"))
        return desk.portal.lead(visit.page(f"my-pairs/{assignment}"), "pairs-planned")

    @router.post(PAIR + "/meetings/{meeting_id}/confirm")
    async def confirm_meeting(
        request: Request,
        school: str,
        assignment: UUID,
        meeting_id: UUID,
        answer: Annotated[Literal["yes", "no"], Form()],
    ) -> Response:
        visit = await desk.open(request, school)
        address = visit.mine("tracking", f"meetings/{meeting_id}/confirm")
        try:
            await visit.reader.talk.post(address, {"took_place": answer == "yes"})
        except Refused as refused:
            return await show(desk, visit, assignment, refused)
        if answer == "yes":
            return desk.portal.lead(visit.page(f"my-pairs/{assignment}/meetings/{meeting_id}"), "day-confirmed")
        return desk.portal.lead(visit.page(f"my-pairs/{assignment}"), "day-did-not")


def _goal_doors(router: APIRouter, desk: Desk) -> None:
    @router.post(PAIR + "/goals")
    async def agree_goal(
        request: Request,
        school: str,
        assignment: UUID,
        goal_id: Annotated[UUID, Form()],
        text: Text = "",
        due_on: Text = "",
        sign: Text = "",
    ) -> Response:
        visit = await desk.open(request, school)
        content = {"text": text, "due_on": due_on, "sign": sign}
        try:
            await visit.reader.talk.put(visit.mine("tracking", f"assignments/{assignment}/goals/{goal_id}"), content)
        except Refused as refused:
            typed = Typed(nothing_typed().meeting, NewGoal(str(goal_id), text, due_on, sign), "goal")
            return await show(desk, visit, assignment, refused, typed)
        return desk.portal.lead(visit.page(f"my-pairs/{assignment}"), "pairs-goal")

    @router.post(PAIR + "/goals/{goal_id}/achieve")
    async def achieve_goal(request: Request, school: str, assignment: UUID, goal_id: UUID) -> Response:
        visit = await desk.open(request, school)
        address = visit.mine("tracking", f"assignments/{assignment}/goals/{goal_id}/achieve")
        return await _done(desk, visit, assignment, address, "pairs-achieved")


def _quiet_doors(router: APIRouter, desk: Desk) -> None:
    @router.post(PAIR + "/help")
    async def ask_for_help(request: Request, school: str, assignment: UUID) -> Response:
        visit = await desk.open(request, school)
        return await _done(
            desk, visit, assignment, visit.mine("tracking", f"assignments/{assignment}/help"), "pairs-help"
        )

    @router.post(PAIR + "/rematch")
    async def wish_rematch(request: Request, school: str, assignment: UUID) -> Response:
        visit = await desk.open(request, school)
        return await _done(
            desk, visit, assignment, visit.mine("tracking", f"assignments/{assignment}/rematch"), "pairs-rematch"
        )


async def _done(desk: Desk, visit: Visit, assignment: UUID, address: str, said: str) -> Response:
    try:
        await visit.reader.talk.post(address)
    except Refused as refused:
        return await show(desk, visit, assignment, refused)
    return desk.portal.lead(visit.page(f"my-pairs/{assignment}"), said)


async def show(
    desk: Desk, visit: Visit, assignment: UUID, wrong: Refused | None = None, typed: Typed | None = None
) -> HTMLResponse:
    """The page of a pair, with what was typed when the API refused it."""
    work = await work_of(desk, visit)
    return desk.show(
        visit,
        "teacher/pair.html",
        wrong=wrong,
        pair=work.pair(assignment),
        root=visit.page(f"my-pairs/{assignment}"),
        typed=typed or nothing_typed(),
        unplanned=nothing_typed().meeting,
        kinds=[(kind, visit.reader.say(f"pairs.kind.{kind}")) for kind in KINDS],
        signs=[(sign, visit.reader.say(f"pairs.sign.{sign}")) for sign in SIGNS],
    )


def content_of(meeting: Planned, visit: Visit) -> dict[str, object]:
    """A typed meeting as the API takes it; raises Refused for a day, a time or minutes that are none."""
    day, clock = _day(meeting.day), _clock(meeting.clock)
    minutes = int(meeting.minutes) if meeting.minutes.isdecimal() else None
    if day is None or clock is None or minutes is None:
        missing = {"day": day is None, "clock": clock is None, "minutes": minutes is None}
        names = [name for name, is_missing in missing.items() if is_missing]
        errors = [{"field": name, "detail": visit.reader.say(f"pairs.wrong.{name}")} for name in names]
        raise Refused(422, {"detail": visit.reader.say("pairs.wrong.meeting"), "errors": errors})
    starts_at = datetime.combine(day, clock, visit.now.tzinfo)
    return {"kind": meeting.kind, "starts_at": starts_at.isoformat(), "minutes": minutes}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
