"""Cycles: the states of a school's mentoring year, and its roadmap of seven stages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.refusals import Conflict, Invalid

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
REPORT_SUBMITTED = "report-submitted"
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


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle as the curator draws it up; the last day counts."""

    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class RoadmapStage:
    """One stage of the roadmap: when it is due, who answers for it, which papers come of it, and how it stands."""

    number: int
    slug: str
    starts_on: date
    due_on: date
    owners: tuple[str, ...]
    papers: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class _Plan:
    slug: str
    begins: tuple[int, int]
    due: tuple[int, int]
    owners: tuple[str, ...]
    papers: tuple[str, ...]
    done_by: frozenset[str]
    done_at: str | None


# The seven stages of the target model (распоряжение Минпросвещения № Р-145 of 25.12.2019) with their usual dates.
# `done_by` are facts that end a stage, `done_at` is the state of the cycle that proves its end.
_PLANS = (
    _Plan(
        "roadmap.conditions",
        (8, 15),
        (9, 10),
        ("head", "curator"),
        ("DOC01", "DOC02", "DOC03", "DOC04", "DOC05", "DOC19"),
        frozenset({"paper/DOC01"}),
        None,
    ),
    _Plan("roadmap.takers", (9, 10), (9, 30), ("curator",), (), frozenset(), "DIAGNOSTICS_CLOSED"),
    _Plan("roadmap.givers", (9, 10), (9, 30), ("curator",), (), frozenset(), "DIAGNOSTICS_CLOSED"),
    _Plan("roadmap.training", (10, 1), (10, 15), ("curator", "coordinator"), (), frozenset(), "MATCHING"),
    _Plan(
        "roadmap.pairs",
        (10, 10),
        (10, 25),
        ("curator", "head"),
        ("DOC06", "DOC07", "DOC08"),
        frozenset({"paper/DOC08"}),
        "ACTIVE",
    ),
    _Plan("roadmap.work", (10, 25), (5, 15), ("teacher",), ("DOC09", "DOC11"), frozenset(), "CLOSED"),
    _Plan(
        "roadmap.completion",
        (5, 15),
        (6, 15),
        ("curator",),
        ("DOC12", "DOC13", "DOC14", "DOC15", "DOC16"),
        frozenset({REPORT_SUBMITTED}),
        "REPORTED",
    ),
)
_NEW_YEAR_BEGINS = 7


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


def stage_after(state: str, facts: Collection[str]) -> str:
    """Where the facts bring a cycle: forward only, and a draft waits for its approval."""
    proved = max((STAGES.index(PROVES[fact]) for fact in facts if fact in PROVES), default=0)
    return state if state == DRAFT else STAGES[max(proved, STAGES.index(state))]


def legal_steps(state: str) -> tuple[str, ...]:
    """The steps that a person may take now."""
    return (APPROVED,) if state == DRAFT else BY_HAND.get(state, ())


def roadmap(starts_on: date, state: str, facts: Collection[str], *, today: date) -> list[RoadmapStage]:
    """The seven stages with the dates of the school year in which the cycle begins, which turns over in July."""
    first = starts_on.year if starts_on.month >= _NEW_YEAR_BEGINS else starts_on.year - 1
    return [_stage(number, plan, first, _Standing(state, frozenset(facts), today)) for number, plan in _numbered()]


@dataclass(frozen=True, slots=True)
class _Standing:
    state: str
    facts: frozenset[str]
    today: date

    def has_ended(self, plan: _Plan) -> bool:
        is_reached = plan.done_at is not None and STAGES.index(self.state) >= STAGES.index(plan.done_at)
        return is_reached or bool(plan.done_by & self.facts)


def _numbered() -> list[tuple[int, _Plan]]:
    return list(enumerate(_PLANS, 1))


def _stage(number: int, plan: _Plan, first: int, standing: _Standing) -> RoadmapStage:
    begins, due = _day(plan.begins, first), _day(plan.due, first)
    if standing.has_ended(plan):
        state = "DONE"
    elif standing.today > due:
        state = "OVERDUE"
    else:
        state = "PLANNED" if standing.today < begins else "UNDER_WAY"
    return RoadmapStage(number, plan.slug, begins, due, plan.owners, plan.papers, state)


def _day(month_and_day: tuple[int, int], first: int) -> date:
    month, day = month_and_day
    return date(first if month >= _NEW_YEAR_BEGINS else first + 1, month, day)
