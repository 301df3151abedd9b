"""Goals and reflections of a pair; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Conflict, Invalid
from services.tracking.domain.assignments import Assignment, State
from services.tracking.domain.meetings import Meeting, MeetingState

LONGEST_REFLECTION = 200
CLOSED_STAGES = frozenset({"CLOSED", "REPORTED", "ARCHIVED"})

# By what one sees that a goal is reached: an artefact or an indicator.
SIGNS = (
    "lesson_plan",
    "lesson_held",
    "observation",
    "material",
    "pupils_work",
    "test_result",
    "survey_result",
    "self_rating",
)

# What got in the way, as chips to be tapped.
OBSTACLES = ("time", "schedule", "equipment", "material", "request_unclear", "too_hard", "contact", "other")


class GoalState(StrEnum):
    """Where a goal stands."""

    AGREED = "AGREED"
    ACHIEVED = "ACHIEVED"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a pair wants to reach until a day, and by which sign it is seen."""

    goal_id: UUID
    assignment_id: UUID
    text: str | None
    due_on: date
    sign: str
    state: GoalState = GoalState.AGREED


@dataclass(frozen=True, slots=True)
class Reflection:
    """What a person thinks of a meeting; each part may be left out."""

    usefulness: int | None = None
    text: str | None = None
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cycle:
    """What is known of a cycle; it may be known by its stage before its dates have come."""

    ends_on: date | None = None
    stage: str | None = None


def check_cycle(cycle: Cycle) -> None:
    """Raise Conflict when the cycle is closed: nothing new is planned in it."""
    if cycle.stage in CLOSED_STAGES:
        raise Conflict("cycle.closed", state=cycle.stage, legal=[])


def check_goal(goal: Goal, assignment: Assignment, cycle: Cycle) -> None:
    """Raise Invalid for a goal that is not SMART: no competency, no measurable sign, due outside of the term.

    Raises Conflict when the work of the pair no longer takes goals.
    """
    if assignment.state not in (State.OPENED, State.ACTIVE):
        raise Conflict("assignment.not-active", state=assignment.state, legal=assignment.legal)
    if not assignment.competency:
        raise Invalid("goal.no-competency", field="competency")
    if goal.sign not in SIGNS:
        raise Invalid("goal.no-sign", field="sign", legal=list(SIGNS))
    last = min(assignment.term_to, cycle.ends_on or assignment.term_to)
    if not assignment.term_from <= goal.due_on <= last:
        term = {"first": assignment.term_from.isoformat(), "last": last.isoformat()}
        raise Invalid("goal.outside-term", field="due_on", **term)


def check_same_goal(known: Goal, wanted: Goal) -> None:
    """Raise Conflict when an id stands for another goal already."""
    if (known.assignment_id, known.text, known.due_on, known.sign) != (
        wanted.assignment_id,
        wanted.text,
        wanted.due_on,
        wanted.sign,
    ):
        raise Conflict("goal.id-taken", field="goal_id")


def check_achievable(assignment: Assignment) -> None:
    """Raise Conflict when the pair has not worked yet, or its work was ended early."""
    if assignment.state in (State.OPENED, State.TERMINATED):
        raise Conflict("assignment.not-active", state=assignment.state, legal=assignment.legal)


def check_reflection(reflection: Reflection, meeting: Meeting, side: str) -> None:
    """Raise Conflict before the meeting took place by the word of this side, Invalid for an empty or odd thought."""
    if meeting.state is not MeetingState.HELD and meeting.says(side) is not True:
        raise Conflict("reflection.too-early", state=meeting.state, legal=meeting.legal)
    if reflection.usefulness is None and not reflection.text and not reflection.obstacles:
        raise Invalid("reflection.empty")
    unknown = [code for code in reflection.obstacles if code not in OBSTACLES]
    if unknown:
        raise Invalid("reflection.unknown-obstacle", field="obstacles", unknown=unknown, legal=list(OBSTACLES))


@dataclass(frozen=True, slots=True)
class GivenReflection:
    """A reflection with its author and its time."""

    person_id: UUID
    usefulness: int | None
    text: str | None
    obstacles: tuple[str, ...]
    given_at: datetime
