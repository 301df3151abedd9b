"""Meetings of a pair: planning, confirmation by each side, silence; pure.

PLANNED → CONFIRMED (somebody answered) → HELD | NO_SHOW; CANCELLED when the work ends first.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Conflict
from services.tracking.domain import bases
from services.tracking.domain.assignments import Assignment, Caller, check_active

SILENCE = timedelta(days=7)


class Kind(StrEnum):
    """The six kinds of meetings: знакомство, пробная, планирование, рабочая, посещение, итоговая."""

    ACQUAINTANCE = "acquaintance"
    TRIAL = "trial"
    PLANNING = "planning"
    WORKING = "working"
    VISIT = "visit"
    FINAL = "final"


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PLANNED = "PLANNED"
    CONFIRMED = "CONFIRMED"
    HELD = "HELD"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"


OPEN_MEETINGS = (MeetingState.PLANNED, MeetingState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as one of the two wants it; `minutes` long."""

    meeting_id: UUID
    assignment_id: UUID
    kind: str
    starts_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """A planned meeting and what each side says of it; `answered_at` is the time of the last answer."""

    meeting_id: UUID
    assignment_id: UUID
    cycle_id: UUID
    giver_school: str
    taker_school: str
    giver_id: UUID
    taker_id: UUID
    kind: str
    starts_at: datetime
    minutes: int
    state: MeetingState = MeetingState.PLANNED
    giver_says: bool | None = None
    taker_says: bool | None = None
    answered_at: datetime | None = None
    revision: int = 1

    def side_of(self, caller: Caller) -> str | None:
        """Which side of the pair a member of a school is; none for anybody else."""
        if (self.giver_id, self.giver_school) == (caller.person, caller.school):
            return bases.GIVER
        if (self.taker_id, self.taker_school) == (caller.person, caller.school):
            return bases.TAKER
        return None

    def says(self, side: str) -> bool | None:
        """What one side says: it took place, it did not, or nothing yet."""
        return self.giver_says if side == bases.GIVER else self.taker_says

    @property
    def is_disputed(self) -> bool:
        """Does one say yes and the other no?"""
        return None not in (self.giver_says, self.taker_says) and self.giver_says != self.taker_says

    @property
    def legal(self) -> list[str]:
        """The steps that the state allows the two."""
        return ["reschedule", "confirm"] if self.state in OPEN_MEETINGS else []


def plan_meeting(plan: Plan, assignment: Assignment) -> Meeting:
    """A new meeting of a pair that may work now."""
    check_active(assignment)
    return Meeting(
        meeting_id=plan.meeting_id,
        assignment_id=assignment.assignment_id,
        cycle_id=assignment.cycle_id,
        giver_school=assignment.giver_school,
        taker_school=assignment.taker_school,
        giver_id=assignment.giver_id,
        taker_id=assignment.taker_id,
        kind=plan.kind,
        starts_at=plan.starts_at,
        minutes=plan.minutes,
    )


def move_meeting(meeting: Meeting, plan: Plan, assignment: Assignment) -> Meeting:
    """Give an open meeting another time, length or kind; what was said of the old time is void.

    The same plan again changes nothing. Raises Conflict for the id of another pair's meeting and for a meeting that
    is over.
    """
    if plan.assignment_id != meeting.assignment_id:
        raise Conflict("meeting.id-taken", field="meeting_id")
    if (plan.kind, plan.starts_at, plan.minutes) == (meeting.kind, meeting.starts_at, meeting.minutes):
        return meeting
    _check_open(meeting)
    check_active(assignment)
    return replace(
        meeting,
        kind=plan.kind,
        starts_at=plan.starts_at,
        minutes=plan.minutes,
        state=MeetingState.PLANNED,
        giver_says=None,
        taker_says=None,
        answered_at=None,
        revision=meeting.revision + 1,
    )


def answer(meeting: Meeting, side: str, *, took_place: bool, now: datetime) -> Meeting:
    """One side says whether a meeting took place, after its start; either may think again until it is settled.

    Both yes: held. Both no: nobody came. Yes against no: it stays CONFIRMED, the curator sees the dispute, and one
    side's change of mind settles it. The same answer again changes nothing.
    """
    if meeting.says(side) is took_place:
        return meeting
    _check_open(meeting)
    if now < meeting.starts_at:
        raise Conflict("meeting.not-begun", state=meeting.state, legal=["reschedule"])
    said = replace(
        meeting,
        giver_says=took_place if side == bases.GIVER else meeting.giver_says,
        taker_says=took_place if side == bases.TAKER else meeting.taker_says,
        answered_at=now,
    )
    return _settled(said, said.giver_says, said.taker_says)


def settle_by_silence(meeting: Meeting, now: datetime) -> Meeting:
    """After seven days of one side's silence the other side's word counts; where both are silent, nothing does."""
    said = [word for word in (meeting.giver_says, meeting.taker_says) if word is not None]
    if meeting.state is not MeetingState.CONFIRMED or len(said) != 1 or meeting.answered_at is None:
        return meeting
    if now < meeting.answered_at + SILENCE:
        return meeting
    return _settled(meeting, said[0], said[0])


def _settled(meeting: Meeting, giver: bool | None, taker: bool | None) -> Meeting:
    if giver is None or taker is None or giver != taker:
        return replace(meeting, state=MeetingState.CONFIRMED)
    outcome = MeetingState.HELD if giver else MeetingState.NO_SHOW
    return replace(meeting, state=outcome, revision=meeting.revision + 1)


def _check_open(meeting: Meeting) -> None:
    if meeting.state not in OPEN_MEETINGS:
        raise Conflict("meeting.illegal-step", state=meeting.state, legal=meeting.legal)
