"""The states of an assignment and the steps between them; pure.

OPENED → ACTIVE ⇄ SUSPENDED → COMPLETED | TERMINATED.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID, uuid5

from chassis.refusals import Conflict, Invalid
from services.tracking.domain import bases, calendar

DEFAULT_BASIS = "LOCAL_ACT"
DISMISSED = "dismissed"


class State(StrEnum):
    """Where the work of a pair stands."""

    OPENED = "OPENED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class Rest(StrEnum):
    """Why the work of a pair rests: a consent was taken back, or the curator decided so.

    The curator says why: one of the two is away for long (ABSENCE), has too much to do (LOAD) or asked for it (WISH);
    CURATOR stands for any other reason.
    """

    CONSENT = "CONSENT"
    CURATOR = "CURATOR"
    ABSENCE = "ABSENCE"
    LOAD = "LOAD"
    WISH = "WISH"


LEGAL: Mapping[State, tuple[str, ...]] = MappingProxyType(
    {
        State.OPENED: ("basis", "terminate"),
        State.ACTIVE: ("suspend", "complete", "terminate"),
        State.SUSPENDED: ("resume", "complete", "terminate"),
        State.COMPLETED: (),
        State.TERMINATED: (),
    }
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person as a member of a school."""

    school: str
    person: UUID


@dataclass(frozen=True, slots=True)
class Assignment:
    """The work of a pair on one competency.

    `met_on` is the day of the last meeting held, `ready_on` the day on which all demands of the basis are met,
    `ends_on` the last day of the work when an early end was announced; `revision` rises with each fact.
    """

    assignment_id: UUID
    pairing_id: UUID
    cycle_id: UUID
    giver_id: UUID
    taker_id: UUID
    giver_school: str
    taker_school: str
    competency: str
    kind: str
    term_from: date
    term_to: date
    basis: str = DEFAULT_BASIS
    state: State = State.OPENED
    revision: int = 1
    rests_for: str | None = None
    reason: str | None = None
    activated_on: date | None = None
    met_on: date | None = None
    ready_on: date | None = None
    ends_on: date | None = None
    is_rematch_due: bool = False
    is_rematch_wished: bool = False
    help_asked_at: datetime | None = None
    stalled_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Has the work come to an end, planned or early?"""
        return self.state in (State.COMPLETED, State.TERMINATED)

    @property
    def legal(self) -> list[str]:
        """The steps that the state allows the curator."""
        return list(LEGAL[self.state])

    def side_of(self, caller: Caller) -> str | None:
        """Which side of the pair a member of a school is; none for anybody else."""
        if (self.giver_id, self.giver_school) == (caller.person, caller.school):
            return bases.GIVER
        if (self.taker_id, self.taker_school) == (caller.person, caller.school):
            return bases.TAKER
        return None


@dataclass(frozen=True, slots=True)
class Ending:
    """An early end as the curator asks for it; `ends_on` is the last day of the work."""

    reason: str
    wants_rematch: bool = False
    ends_on: date | None = None


def assignment_id_of(pairing_id: UUID) -> UUID:
    """The id of the assignment of a pair: the same for the same pair, whenever it is derived."""
    return uuid5(pairing_id, "assignment")


def check_step(assignment: Assignment, step: str) -> None:
    """Raise Conflict, naming the legal steps, when the state does not allow the step."""
    if step not in LEGAL[assignment.state]:
        raise Conflict("assignment.illegal-step", state=assignment.state, legal=assignment.legal)


def check_active(assignment: Assignment) -> None:
    """Raise Conflict unless the pair may work now."""
    if assignment.state is not State.ACTIVE:
        raise Conflict("assignment.not-active", state=assignment.state, legal=assignment.legal)


def check_open(assignment: Assignment) -> None:
    """Raise Conflict when the work has come to its end."""
    if assignment.is_over:
        raise Conflict("assignment.over", state=assignment.state, legal=[])


def consider(assignment: Assignment, met: Mapping[str, date], today: date) -> Assignment:
    """Take the step that the papers bring about, if any.

    All demands met: an opened pair starts, a pair that rested for a consent works again. A demand not met any more
    (only a consent can be taken back): a working pair rests. A rest that the curator ordered ends by the curator alone.
    """
    ready = replace(assignment, ready_on=bases.ready_on(assignment.basis, met))
    is_complete = not bases.missing(assignment.basis, met, today)
    if is_complete and (assignment.state is State.OPENED or assignment.rests_for == Rest.CONSENT):
        return _activated(ready, today)
    if not is_complete and assignment.state is State.ACTIVE:
        return _moved(ready, State.SUSPENDED, rests_for=Rest.CONSENT)
    return ready


def choose_basis(assignment: Assignment, basis: str) -> Assignment:
    """Put the work on another legal basis, while it waits for its papers; the same basis again changes nothing."""
    if basis == assignment.basis:
        return assignment
    check_step(assignment, "basis")
    return replace(assignment, basis=basis)


def suspend(assignment: Assignment, why: Rest) -> Assignment:
    """Let the work rest by the curator's decision."""
    check_step(assignment, "suspend")
    return _moved(assignment, State.SUSPENDED, rests_for=why)


def resume(assignment: Assignment, met: Mapping[str, date], today: date) -> Assignment:
    """End a rest; raises Conflict while a demand of the basis is not met."""
    check_step(assignment, "resume")
    lacking = bases.missing(assignment.basis, met, today)
    if lacking:
        raise Conflict("assignment.papers-missing", state=assignment.state, legal=assignment.legal, waits_for=lacking)
    return _activated(assignment, today)


def complete(assignment: Assignment) -> Assignment:
    """Bring the work to its planned end."""
    check_step(assignment, "complete")
    return _moved(replace(assignment, ends_on=None, reason=None, is_rematch_due=False), State.COMPLETED)


def end_early(assignment: Assignment, ending: Ending, today: date) -> Assignment:
    """End the work early: at once, or on a later day that the notice or the curator asks for.

    Under ТК РФ ст. 351.8 the other side is warned at least three working days before; work that never started and the
    end of the employment itself need no notice. Raises Invalid for a day that has passed or comes too soon.
    """
    check_step(assignment, "terminate")
    earliest = _earliest_end(assignment, ending.reason, today)
    last_day = ending.ends_on or earliest
    if last_day < today:
        raise Invalid("assignment.end-passed", field="ends_on")
    if last_day < earliest:
        raise Invalid("assignment.notice-too-short", field="ends_on", earliest=earliest.isoformat())
    announced = replace(assignment, ends_on=last_day, reason=ending.reason, is_rematch_due=ending.wants_rematch)
    return _moved(announced, State.TERMINATED, reason=ending.reason) if last_day == today else announced


def end_announced(assignment: Assignment) -> Assignment:
    """End the work whose announced last day is over."""
    return _moved(assignment, State.TERMINATED, reason=assignment.reason)


def end_by_leaving(assignment: Assignment, today: date) -> Assignment:
    """End the work because one of the two left the school."""
    gone = replace(assignment, ends_on=today, is_rematch_due=False)
    return _moved(gone, State.TERMINATED, reason=DISMISSED)


def _earliest_end(assignment: Assignment, reason: str, today: date) -> date:
    is_free = assignment.state is State.OPENED or reason == DISMISSED
    days = 0 if is_free else bases.BASES[assignment.basis].notice_days
    return calendar.after_working_days(today, days)


def _activated(assignment: Assignment, today: date) -> Assignment:
    active = _moved(assignment, State.ACTIVE)
    return replace(active, activated_on=today)


def _moved(
    assignment: Assignment, state: State, *, rests_for: Rest | None = None, reason: str | None = None
) -> Assignment:
    """The next state; a reason given before (an announced end) stays when none is given now."""
    return replace(
        assignment,
        state=state,
        revision=assignment.revision + 1,
        rests_for=rests_for,
        reason=reason or assignment.reason,
    )
