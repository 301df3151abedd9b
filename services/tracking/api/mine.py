"""HTTP doors for the two of a pair: assignments, goals, meetings, reflections, help, another pair."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StringConstraints

from chassis.doors import doors
from chassis.etags import Changing
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from contracts.tracking import Basis
from services.tracking import actions, domain
from services.tracking.api.doors import caller_of, db_of, moment_after, moment_cursor

router = doors("/schools/{school}/my", guards=[require(*EVERYONE_AT_SCHOOL)])

Side = Literal["giver", "taker"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Thought = Annotated[str, StringConstraints(strip_whitespace=True, max_length=domain.LONGEST_REFLECTION)]


class Goal(BaseModel):
    """What the pair wants to reach until a day, and by which sign it is seen."""

    goal_id: UUID
    text: str | None
    due_on: date
    sign: str
    state: domain.GoalState


class NewGoal(BaseModel):
    """«К {дата} я {действие} в {классе}»; `sign` is the artefact or the indicator by which it is seen."""

    text: Line
    due_on: date
    sign: str = Field(max_length=40, examples=list(domain.SIGNS))


class MyAssignment(BaseModel):
    """The work of a pair as one of the two sees it; `waits_for` names only what is for oneself to give or to await."""

    assignment_id: UUID
    cycle_id: UUID
    competency: str
    side: Side
    partner_id: UUID
    basis: Basis
    state: domain.State
    term_from: date
    term_to: date
    ends_on: date | None
    waits_for: list[str]
    goals: list[Goal]


class NewMeeting(BaseModel):
    """A meeting to be planned, or the new time of a planned one."""

    kind: domain.Kind
    starts_at: AwareDatetime
    minutes: int = Field(strict=True, ge=5, le=480)


class Answer(BaseModel):
    """Did the meeting take place?"""

    took_place: StrictBool


class Reflection(BaseModel):
    """Half a minute of thought on a meeting; each part may be left out. Only the two of the pair ever read it."""

    usefulness: int | None = Field(strict=True, default=None, ge=1, le=5)
    text: Thought | None = None
    obstacles: list[str] = Field(default=[], max_length=len(domain.OBSTACLES), examples=[list(domain.OBSTACLES)])


class GivenReflection(Reflection):
    """A reflection and its author."""

    person_id: UUID


class Meeting(BaseModel):
    """A meeting; `etag` is for `If-Match`."""

    meeting_id: UUID
    etag: str = Field(examples=['"1-5f2a9c01"'])
    assignment_id: UUID
    kind: domain.Kind
    starts_at: AwareDatetime
    minutes: int
    state: domain.MeetingState
    my_answer: bool | None
    partner_answer: bool | None
    can: list[str]


class MyMeeting(Meeting):
    """A meeting with what both thought of it."""

    reflections: list[GivenReflection]


class Noted(BaseModel):
    """The curator will see it, and nobody else."""

    is_noted: bool = True


@router.get("/assignments")
async def list_my_assignments(
    request: Request, school: str, me: Me, after: After = "", limit: Limit = DEFAULT
) -> Page[MyAssignment]:
    """My assignments in this school with the goals of each."""
    rows = await actions.list_own_assignments(db_of(request), caller_of(school, me), after_id(after), limit)
    return page_of(rows, limit, key=lambda row: row.assignment.assignment_id, item=_my_assignment)


@router.put("/assignments/{assignment_id}/goals/{goal_id}", status_code=201)
async def agree_goal(
    request: Request, response: Response, school: str, assignment_id: UUID, goal_id: UUID, body: NewGoal, me: Me
) -> Goal:
    """Write a goal of the pair down. The id is yours to make; a repeat changes nothing (200)."""
    wanted = domain.Goal(goal_id, assignment_id, text=body.text, due_on=body.due_on, sign=body.sign)
    goal, is_new = await actions.agree_goal(db_of(request), caller_of(school, me), wanted)
    response.status_code = 201 if is_new else 200
    return _goal(goal)


@router.post("/assignments/{assignment_id}/goals/{goal_id}/achieve")
async def achieve_goal(request: Request, school: str, assignment_id: UUID, goal_id: UUID, me: Me) -> Goal:
    """Say that the goal is reached. A repeat changes nothing."""
    return _goal(await actions.achieve_goal(db_of(request), caller_of(school, me), assignment_id, goal_id))


@router.post("/assignments/{assignment_id}/help")
async def ask_for_help(request: Request, school: str, assignment_id: UUID, me: Me) -> Noted:
    """Ask the curator for help; my partner does not learn of it. A repeat changes nothing."""
    await actions.ask_for_help(db_of(request), caller_of(school, me), assignment_id)
    return Noted()


@router.post("/assignments/{assignment_id}/rematch")
async def wish_rematch(request: Request, school: str, assignment_id: UUID, me: Me) -> Noted:
    """Wish for another pair; no reason is asked, my partner does not learn of it. A repeat changes nothing."""
    await actions.wish_rematch(db_of(request), caller_of(school, me), assignment_id)
    return Noted()


@router.get("/meetings")
async def list_my_meetings(
    request: Request, school: str, me: Me, after: After = "", limit: Limit = DEFAULT
) -> Page[MyMeeting]:
    """My meetings in this school in the order of their start."""
    rows = await actions.list_own_meetings(db_of(request), caller_of(school, me), moment_after(after), limit)
    return page_of(rows, limit, key=_cursor, item=_my_meeting)


@router.put("/assignments/{assignment_id}/meetings/{meeting_id}", status_code=201)
async def plan_meeting(
    request: Request, school: str, assignment_id: UUID, meeting_id: UUID, body: NewMeeting, me: Me, change: Changing
) -> Meeting:
    """Plan a meeting. Again with another time moves it (200); again with the same changes nothing (200)."""
    plan = domain.Plan(meeting_id, assignment_id, kind=body.kind, starts_at=body.starts_at, minutes=body.minutes)
    caller = caller_of(school, me)
    meeting, is_new = await actions.plan_meeting(db_of(request), caller, plan, seen=change.seen)
    change.response.status_code = 201 if is_new else 200
    change.tell(actions.tag_of_meeting(meeting))
    return _meeting(meeting, meeting.side_of(caller) or "")


@router.post("/meetings/{meeting_id}/confirm")
async def confirm_meeting(request: Request, school: str, meeting_id: UUID, body: Answer, me: Me) -> Meeting:
    """Say with one tap whether a meeting took place, once it has begun. The same answer again changes nothing."""
    caller = caller_of(school, me)
    meeting = await actions.confirm_meeting(db_of(request), caller, meeting_id, took_place=body.took_place)
    return _meeting(meeting, meeting.side_of(caller) or "")


@router.put("/meetings/{meeting_id}/reflection")
async def reflect(request: Request, school: str, meeting_id: UUID, body: Reflection, me: Me) -> Reflection:
    """Think back on a meeting; a second time replaces the first."""
    thought = domain.Reflection(body.usefulness, body.text or None, tuple(dict.fromkeys(body.obstacles)))
    kept = await actions.reflect(db_of(request), caller_of(school, me), meeting_id, thought)
    return Reflection(usefulness=kept.usefulness, text=kept.text, obstacles=list(kept.obstacles))


def _goal(goal: domain.Goal) -> Goal:
    return Goal(goal_id=goal.goal_id, text=goal.text, due_on=goal.due_on, sign=goal.sign, state=goal.state)


def _my_assignment(own: actions.Own) -> MyAssignment:
    one = own.assignment
    is_giver = own.side == domain.GIVER
    return MyAssignment(
        assignment_id=one.assignment_id,
        cycle_id=one.cycle_id,
        competency=one.competency,
        side="giver" if is_giver else "taker",
        partner_id=one.taker_id if is_giver else one.giver_id,
        basis=Basis(one.basis),
        state=one.state,
        term_from=one.term_from,
        term_to=one.term_to,
        ends_on=one.ends_on,
        waits_for=own.waits_for,
        goals=[_goal(goal) for goal in own.goals],
    )


def _meeting(meeting: domain.Meeting, side: str) -> Meeting:
    return Meeting(
        meeting_id=meeting.meeting_id,
        etag=actions.tag_of_meeting(meeting),
        assignment_id=meeting.assignment_id,
        kind=domain.Kind(meeting.kind),
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        state=meeting.state,
        my_answer=meeting.says(side),
        partner_answer=meeting.says(domain.TAKER if side == domain.GIVER else domain.GIVER),
        can=meeting.legal,
    )


def _my_meeting(own: actions.OwnMeeting) -> MyMeeting:
    thoughts = [
        GivenReflection(
            person_id=thought.person_id,
            usefulness=thought.usefulness,
            text=thought.text,
            obstacles=list(thought.obstacles),
        )
        for thought in own.reflections
    ]
    return MyMeeting(**_meeting(own.meeting, own.side).model_dump(), reflections=thoughts)


def _cursor(own: actions.OwnMeeting) -> str:
    return moment_cursor(own.meeting.starts_at, own.meeting.meeting_id)
