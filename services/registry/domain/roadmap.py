"""The roadmap of a cycle: seven stages with owners and due days, moved by facts.

The stages are those of the target model (распоряжение Минпросвещения № Р-145 of 25.12.2019), the dates the usual ones
of a school year. The head may name other days and the people who answer for a stage; nobody ticks a stage off.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Invalid, Missing
from services.registry.domain.cycles import (
    ASSIGNMENT_ACTIVATED,
    DRAFT,
    FIRST_CAMPAIGN_CLOSED,
    PAIRING_FORMED,
    PROVES,
    REPORT_RETURNED,
    REPORT_SIGNED,
    REPORT_SUBMITTED,
    RUN_FINISHED,
    SECOND_CAMPAIGN_CLOSED,
    Heard,
    Move,
    Reason,
    rank,
)

CYCLE_APPROVED = "cycle-approved"
MOST_OWNERS = 10
MARGIN = timedelta(days=60)
_NEW_YEAR_BEGINS = 7


class State(StrEnum):
    """How a stage stands; SKIPPED when the cycle ended, for a reason, without it."""

    PLANNED = "PLANNED"
    UNDER_WAY = "UNDER_WAY"
    DONE = "DONE"
    OVERDUE = "OVERDUE"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Decided:
    """What the head decided of a stage: its last day, if not the usual one, and who answers for it by name."""

    number: int
    due_on: date | None
    owner_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Mover:
    """What ended a stage: a fact, or a person with a reason; the moment is unknown for facts of long ago."""

    fact: str | None
    reason: Reason | None
    moved_by: UUID | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that comes of a stage, and whether it is in force."""

    code: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the roadmap; `waits_for` are facts that would end it, `blocked_by` the earlier stages still open."""

    number: int
    slug: str
    starts_on: date
    due_on: date
    usual_due_on: date
    owners: tuple[str, ...]
    owner_ids: tuple[UUID, ...]
    papers: tuple[Paper, ...]
    state: State
    moved: Mover | None
    days_late: int
    waits_for: tuple[str, ...]
    blocked_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a cycle and its roadmap; `day_of` says which day a moment is at the school."""

    starts_on: date
    state: str
    today: date
    day_of: Callable[[datetime], date]
    heard: Mapping[str, Heard] = field(default_factory=dict)
    moves: Sequence[Move] = ()
    decided: Mapping[int, Decided] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Plan:
    slug: str
    begins: tuple[int, int]
    due: tuple[int, int]
    owners: tuple[str, ...]
    papers: tuple[str, ...]
    after: tuple[int, ...]
    begun_at: str | None
    done_at: str | None
    done_by: tuple[str, ...]
    waits_for: tuple[str, ...]


# `done_by` are facts that end a stage, `done_at` is the state of the cycle that proves its end.
_PLANS = (
    _Plan(
        slug="roadmap.conditions",
        begins=(8, 15),
        due=(9, 10),
        owners=("head", "curator"),
        papers=("DOC01", "DOC02", "DOC03", "DOC04", "DOC05", "DOC19"),
        after=(),
        begun_at=None,
        done_at=None,
        done_by=("paper/DOC01",),
        waits_for=(CYCLE_APPROVED, "paper/DOC01"),
    ),
    _Plan(
        slug="roadmap.takers",
        begins=(9, 10),
        due=(9, 30),
        owners=("curator",),
        papers=(),
        after=(1,),
        begun_at="DIAGNOSTICS_OPEN",
        done_at="DIAGNOSTICS_CLOSED",
        done_by=(),
        waits_for=(FIRST_CAMPAIGN_CLOSED,),
    ),
    _Plan(
        slug="roadmap.givers",
        begins=(9, 10),
        due=(9, 30),
        owners=("curator",),
        papers=(),
        after=(1,),
        begun_at="DIAGNOSTICS_OPEN",
        done_at="DIAGNOSTICS_CLOSED",
        done_by=(),
        waits_for=(FIRST_CAMPAIGN_CLOSED,),
    ),
    _Plan(
        slug="roadmap.training",
        begins=(10, 1),
        due=(10, 15),
        owners=("curator", "coordinator"),
        papers=(),
        after=(2, 3),
        begun_at="DIAGNOSTICS_CLOSED",
        done_at="MATCHING",
        done_by=(),
        waits_for=(RUN_FINISHED,),
    ),
    _Plan(
        slug="roadmap.pairs",
        begins=(10, 10),
        due=(10, 25),
        owners=("curator", "head"),
        papers=("DOC06", "DOC07", "DOC08"),
        after=(4,),
        begun_at="MATCHING",
        done_at="ACTIVE",
        done_by=("paper/DOC08",),
        waits_for=(PAIRING_FORMED, "paper/DOC08"),
    ),
    _Plan(
        slug="roadmap.work",
        begins=(10, 25),
        due=(5, 15),
        owners=("teacher",),
        papers=("DOC09", "DOC11"),
        after=(5,),
        begun_at="ACTIVE",
        done_at="CLOSED",
        done_by=(),
        waits_for=(ASSIGNMENT_ACTIVATED, SECOND_CAMPAIGN_CLOSED),
    ),
    _Plan(
        slug="roadmap.completion",
        begins=(5, 15),
        due=(6, 15),
        owners=("curator",),
        papers=("DOC12", "DOC13", "DOC14", "DOC15", "DOC16"),
        after=(6,),
        begun_at="POST_DIAGNOSTICS",
        done_at="REPORTED",
        done_by=(REPORT_SUBMITTED,),
        waits_for=(REPORT_SIGNED, REPORT_SUBMITTED),
    ),
)
NUMBERS = range(1, len(_PLANS) + 1)


def roadmap(known: Known) -> list[Stage]:
    """The seven stages with the days of the school year in which the cycle begins, which turns over in July."""
    stages: list[Stage] = []
    for number, plan in enumerate(_PLANS, 1):
        is_open = {stage.number for stage in stages if stage.state not in (State.DONE, State.SKIPPED)}
        stages.append(_stage(number, plan, known, is_open))
    return stages


def _stage(number: int, plan: _Plan, known: Known, is_open: set[int]) -> Stage:
    begins, usual = _day(plan.begins, known.starts_on), _day(plan.due, known.starts_on)
    decided = known.decided.get(number, Decided(number, None))
    due = decided.due_on or usual
    moved = _moved(plan, known)
    state = _state(plan, known, moved, (begins, due))
    is_closed = state in (State.DONE, State.SKIPPED)
    return Stage(
        number=number,
        slug=plan.slug,
        starts_on=min(begins, due),
        due_on=due,
        usual_due_on=usual,
        owners=plan.owners,
        owner_ids=decided.owner_ids,
        papers=tuple(Paper(code, f"paper/{code}" in known.heard) for code in plan.papers),
        state=state,
        moved=moved if is_closed else None,
        days_late=_days_late(state, moved, due, known),
        waits_for=() if is_closed else tuple(fact for fact in plan.waits_for if not _has_come(fact, known)),
        blocked_by=() if is_closed else tuple(sorted(is_open & set(plan.after))),
    )


def _state(plan: _Plan, known: Known, moved: Mover | None, days: tuple[date, date]) -> State:
    begins, due = days
    is_reached = plan.done_at is not None and rank(known.state) >= rank(plan.done_at)
    if moved is not None and moved.fact is None and moved.reason is not None:
        return State.SKIPPED
    if moved is not None or is_reached:
        return State.DONE
    if known.today > due:
        return State.OVERDUE
    has_begun = plan.begun_at is not None and rank(known.state) >= rank(plan.begun_at)
    return State.UNDER_WAY if has_begun or known.today >= begins else State.PLANNED


def _moved(plan: _Plan, known: Known) -> Mover | None:
    """What ended the stage: the first fact that proves its end, else the reason for which the cycle ended."""
    proving = [one for fact, one in known.heard.items() if _proves(fact, plan, known)]
    if proving and known.state != DRAFT:
        first = min(proving, key=lambda one: (one.first_at is None, one.first_at, one.fact))
        return Mover(first.fact, None, None, first.first_at)
    ends = (move for move in known.moves if move.reason and rank(move.stage) >= rank(plan.done_at or move.stage))
    move = next(ends, None)
    return Mover(None, move.reason, move.moved_by, move.moved_at) if move else None


def _proves(fact: str, plan: _Plan, known: Known) -> bool:
    if fact in plan.done_by:
        return _has_come(fact, known)
    return plan.done_at is not None and fact in PROVES and rank(PROVES[fact]) >= rank(plan.done_at)


def _has_come(fact: str, known: Known) -> bool:
    """Is it so now? A report that came back after it was sent has not been sent."""
    if fact == CYCLE_APPROVED:
        return known.state != DRAFT
    heard, returned = known.heard.get(fact), known.heard.get(REPORT_RETURNED)
    if fact not in (REPORT_SIGNED, REPORT_SUBMITTED) or heard is None or returned is None:
        return heard is not None
    return heard.last_at is not None and returned.last_at is not None and heard.last_at > returned.last_at


def _days_late(state: State, moved: Mover | None, due: date, known: Known) -> int:
    if state is State.OVERDUE:
        return (known.today - due).days
    if state is State.DONE and moved is not None and moved.moved_at is not None:
        return max(0, (known.day_of(moved.moved_at) - due).days)
    return 0


def _day(month_and_day: tuple[int, int], starts_on: date) -> date:
    first = starts_on.year if starts_on.month >= _NEW_YEAR_BEGINS else starts_on.year - 1
    month, day = month_and_day
    return date(first if month >= _NEW_YEAR_BEGINS else first + 1, month, day)


def check_decided(decided: Decided, *, starts_on: date, ends_on: date) -> None:
    """Refuse a stage that there is not, a last day far outside the cycle, and a crowd of owners."""
    if decided.number not in NUMBERS:
        raise Missing("roadmap.no-such-stage", field="number")
    earliest, latest = starts_on - MARGIN, ends_on + MARGIN
    if decided.due_on is not None and not earliest <= decided.due_on <= latest:
        raise Invalid("roadmap.day-unclear", field="due_on", earliest=earliest.isoformat(), latest=latest.isoformat())
    if len(decided.owner_ids) > MOST_OWNERS:
        raise Invalid("roadmap.too-many-owners", field="owner_ids", most=MOST_OWNERS)
