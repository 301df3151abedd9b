"""Facts of tracking: assignments, meetings, goals, reflections, surveys, practices."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.event import Event, PersonEvent, SchoolEvent


class Basis(StrEnum):
    """The legal basis of an assignment (ТК РФ ст. 351.8, or the school's local act)."""

    LABOUR_351_8 = "LABOUR_351_8"
    LOCAL_ACT = "LOCAL_ACT"
    VOLUNTARY = "VOLUNTARY"


class TerminationReason(StrEnum):
    """Why an assignment ended early."""

    MENTOR_REFUSED = "mentor_refused"
    MENTEE_REFUSED = "mentee_refused"
    EMPLOYER_CANCELLED = "employer_cancelled"
    DISMISSED = "dismissed"
    LONG_LEAVE = "long_leave"
    INCOMPATIBILITY = "incompatibility"
    GOAL_REACHED_EARLY = "goal_reached_early"
    REPLACED = "replaced"


class _AssignmentEvent(Event):
    """A fact about the work of a pair on one competency."""

    assignment_id: UUID
    pairing_id: UUID
    cycle_id: UUID
    giver_id: UUID
    taker_id: UUID
    competency: str
    giver_school: str
    taker_school: str
    basis: Basis

    @property
    def schools(self) -> tuple[str, ...]:
        return tuple(sorted({self.giver_school, self.taker_school}))


class AssignmentOpened(_AssignmentEvent):
    """A formed pair awaits the papers that its legal basis demands."""

    subject: ClassVar[str] = "neo.tracking.assignment.opened.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)


class AssignmentActivated(_AssignmentEvent):
    """All papers that the basis demands are in force: the pair may work."""

    subject: ClassVar[str] = "neo.tracking.assignment.activated.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)


class AssignmentSuspended(_AssignmentEvent):
    """The work of a pair rests for a time."""

    subject: ClassVar[str] = "neo.tracking.assignment.suspended.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)


class AssignmentCompleted(_AssignmentEvent):
    """The work of a pair came to its planned end."""

    subject: ClassVar[str] = "neo.tracking.assignment.completed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)


class AssignmentTerminated(_AssignmentEvent):
    """The work of a pair ended early."""

    subject: ClassVar[str] = "neo.tracking.assignment.terminated.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)

    reason: TerminationReason


class _MeetingEvent(Event):
    """A fact about a meeting of a pair."""

    meeting_id: UUID
    assignment_id: UUID
    cycle_id: UUID
    giver_school: str
    taker_school: str
    kind: str

    @property
    def schools(self) -> tuple[str, ...]:
        return tuple(sorted({self.giver_school, self.taker_school}))


class MeetingPlanned(_MeetingEvent):
    """A meeting got its time; a new time raises the revision."""

    subject: ClassVar[str] = "neo.tracking.meeting.planned.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("meeting_id",)


class MeetingHeld(_MeetingEvent):
    """Both confirmed a meeting, or one did and the other was silent for seven days."""

    subject: ClassVar[str] = "neo.tracking.meeting.held.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("meeting_id",)

    minutes: int = Field(ge=0)


class MeetingMissed(_MeetingEvent):
    """A planned meeting did not take place."""

    subject: ClassVar[str] = "neo.tracking.meeting.missed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("meeting_id",)


class GoalAchieved(SchoolEvent):
    """A pair reached a goal that it had agreed."""

    subject: ClassVar[str] = "neo.tracking.goal.achieved.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("goal_id",)

    goal_id: UUID
    assignment_id: UUID
    cycle_id: UUID


class ReflectionGiven(SchoolEvent):
    """Someone reflected on a meeting; neither the text nor the mark leaves the pair."""

    subject: ClassVar[str] = "neo.tracking.reflection.given.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("meeting_id", "person_id")

    meeting_id: UUID
    assignment_id: UUID
    person_id: UUID
    cycle_id: UUID


class PairStalled(SchoolEvent):
    """A pair has not met for six weeks (school holidays left out), or asked for help; told once."""

    subject: ClassVar[str] = "neo.tracking.pair.stalled.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)

    assignment_id: UUID
    cycle_id: UUID


class RematchRequested(SchoolEvent):
    """A pair does not fit; the taker's need is to be served by somebody else."""

    subject: ClassVar[str] = "neo.tracking.rematch.requested.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("assignment_id",)

    assignment_id: UUID
    pairing_id: UUID
    cycle_id: UUID
    giver_id: UUID
    taker_id: UUID
    competency: str


class SurveyTallied(SchoolEvent):
    """The counts of a closed survey for one role, once, and only from at least five answers."""

    subject: ClassVar[str] = "neo.tracking.survey.tallied.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("survey_id", "role")

    survey_id: UUID
    cycle_id: UUID
    role: str
    invited: int = Field(ge=0)
    answered: int = Field(ge=5)
    counts: dict[str, dict[str, int]]


class PracticePublished(SchoolEvent):
    """A practice was published at a level of the place tree."""

    subject: ClassVar[str] = "neo.tracking.practice.published.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("practice_id",)

    practice_id: UUID
    level: str


class PracticeAdopted(SchoolEvent):
    """A school took a published practice over."""

    subject: ClassVar[str] = "neo.tracking.practice.adopted.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("practice_id", "school_id")

    practice_id: UUID
    owner_school: str


class TextsErased(PersonEvent):
    """Reflections, goals and other texts of and about an erased person were deleted; that meetings were held stays."""

    subject: ClassVar[str] = "neo.tracking.texts.erased.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("person_id",)
