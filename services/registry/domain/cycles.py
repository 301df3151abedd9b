"""Cycles: the states of a school's mentoring year, what moves it, and how it may end otherwise than planned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Conflict, Forbidden, Invalid

STAGES = (
    "DRAFT",
    "APPROVED",
    "DIAGNOSTICS_OPEN",
    "DIAGNOSTICS_CLOSED",
    "MATCHING",
    "ORDERS",
    "ACTIVE",
    "MID_REVIEW",
    "POST_DIAGNOSTICS",
    "CLOSED",
    "REPORTED",
    "ARCHIVED",
)
DRAFT, APPROVED = STAGES[:2]
CLOSED, REPORTED, ARCHIVED = STAGES[-3:]
# A cycle that was approved goes on until it is reported or archived, also after its school.
RUNNING = STAGES[1:-2]
LONGEST = timedelta(days=400)
BY_HAND = {
    "APPROVED": ("DIAGNOSTICS_OPEN",),
    "ACTIVE": ("MID_REVIEW", "POST_DIAGNOSTICS"),
    "MID_REVIEW": ("ACTIVE", "POST_DIAGNOSTICS"),
    "REPORTED": ("ARCHIVED",),
}
FIRST_CAMPAIGN_CLOSED = "campaign-1-closed"
RUN_FINISHED = "run-finished"
PAIRING_FORMED = "pairing-formed"
ASSIGNMENT_ACTIVATED = "assignment-activated"
SECOND_CAMPAIGN_CLOSED = "campaign-2-closed"
REPORT_SIGNED = "report-signed"
REPORT_SUBMITTED = "report-submitted"
REPORT_RETURNED = "report-returned"
REPORT_ACCEPTED = "report-accepted"
# The stage that a cycle has reached at the least once the fact is known.
PROVES = {
    FIRST_CAMPAIGN_CLOSED: "DIAGNOSTICS_CLOSED",
    RUN_FINISHED: "MATCHING",
    PAIRING_FORMED: "ORDERS",
    ASSIGNMENT_ACTIVATED: "ACTIVE",
    SECOND_CAMPAIGN_CLOSED: "CLOSED",
    REPORT_ACCEPTED: "REPORTED",
}


class Reason(StrEnum):
    """Why a person ends a cycle that no fact will end."""

    CALLED_OFF = "CALLED_OFF"
    NO_PAIRS = "NO_PAIRS"
    NO_SECOND_MEASUREMENT = "NO_SECOND_MEASUREMENT"
    SCHOOL_CLOSED = "SCHOOL_CLOSED"


# What the head alone may do: it takes back the own approval.
HEADS_REASONS = frozenset({Reason.CALLED_OFF})
_REASONS = {
    Reason.NO_PAIRS: ("DIAGNOSTICS_CLOSED", "MATCHING", "ORDERS"),
    Reason.NO_SECOND_MEASUREMENT: ("ACTIVE", "MID_REVIEW", "POST_DIAGNOSTICS"),
    Reason.CALLED_OFF: STAGES[1:-3],
}


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle as the curator draws it up; the last day counts."""

    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact about a cycle, and in business time when it was so first and last; unknown for facts of long ago."""

    fact: str
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a cycle: by a fact, or by a person, with a reason where the cycle ended otherwise than planned."""

    previous: str
    stage: str
    moved_at: datetime
    fact: str | None = None
    moved_by: UUID | None = None
    reason: Reason | None = None


def check_cycle(cycle: Cycle) -> None:
    """Refuse a cycle that ends before it begins, or lasts longer than a school year."""
    if not timedelta() < cycle.ends_on - cycle.starts_on <= LONGEST:
        raise Invalid("cycle.dates-unclear", field="ends_on", days=LONGEST.days)


def check_approval(state: str) -> None:
    """The head approves a draft, once."""
    if state != DRAFT:
        raise Conflict("cycle.illegal-step", field="stage", state=state, legal=list(BY_HAND.get(state, ())))


def check_step(state: str, wanted: str) -> None:
    """The curator moves a cycle by hand only where no fact can; raises Conflict with the legal steps."""
    if wanted not in BY_HAND.get(state, ()):
        legal = [APPROVED] if state == DRAFT else list(BY_HAND.get(state, ()))
        raise Conflict("cycle.illegal-step", field="stage", state=state, legal=legal)


def stage_after(state: str, facts: Collection[str]) -> tuple[str, str | None]:
    """Where the facts bring a cycle, and which of them: forward only, and a draft waits for its approval."""
    if state == DRAFT:
        return state, None
    proving = {fact: rank(PROVES[fact]) for fact in sorted(facts) if fact in PROVES}
    farthest = max(proving, key=proving.__getitem__, default=None)
    if farthest is None or proving[farthest] <= rank(state):
        return state, None
    return PROVES[farthest], farthest


def rank(stage: str) -> int:
    """How far a stage is."""
    return STAGES.index(stage)


def reasons_to_end(state: str, *, is_school_closed: bool) -> list[Reason]:
    """For which reasons a person may end a cycle now."""
    if state == CLOSED:
        return [Reason.SCHOOL_CLOSED] if is_school_closed else []
    return [reason for reason, states in _REASONS.items() if state in states]


def check_ending(state: str, reason: Reason, *, is_school_closed: bool, by_roles: Collection[str]) -> str:
    """The stage at which the cycle ends; raises Conflict with the reasons that hold now, Forbidden for the head's.

    A school that is no more sends no report: its closed cycle goes to the archive.
    """
    legal = reasons_to_end(state, is_school_closed=is_school_closed)
    if reason not in legal:
        raise Conflict("cycle.reason-not-now", field="reason", state=state, legal=[str(one) for one in legal])
    if reason in HEADS_REASONS and "head" not in by_roles:
        raise Forbidden("cycle.head-only", field="reason")
    return ARCHIVED if reason is Reason.SCHOOL_CLOSED else CLOSED


def is_over(state: str) -> bool:
    """Is nothing more to be done in the cycle?"""
    return state in (REPORTED, ARCHIVED)


def facts_in(heard: Sequence[Heard]) -> list[str]:
    """The facts alone."""
    return [one.fact for one in heard]


def legal_steps(state: str) -> tuple[str, ...]:
    """The steps that a person may take now."""
    return (APPROVED,) if state == DRAFT else BY_HAND.get(state, ())
