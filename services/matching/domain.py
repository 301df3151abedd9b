"""The rules of runs, pairings, free times and capacity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.refusals import Conflict, Forbidden, Invalid, Missing

ANSWER_WORKING_DAYS = 3
MOST_ANSWER_DAYS = 20
PLACE_TIME_ZONE = "Europe/Moscow"
_SATURDAY = 5
# ТК РФ ст. 112, as (month, day); days that the Government moves each year are not in the article and not here.
_PUBLIC_HOLIDAYS = frozenset({*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)})

SCHOOL_DAYS = ("mon", "tue", "wed", "thu", "fri")
PERIODS = 8
SLOTS = tuple(f"{day}-{period}" for day in SCHOOL_DAYS for period in range(1, PERIODS + 1))

CAPACITY_LIMIT = 8
DEFAULT_CAPACITY = 2

# After these stages of a cycle there is nothing left to match for.
CYCLES_OVER = frozenset({"CLOSED", "REPORTED", "ARCHIVED"})


class What(StrEnum):
    """What of a person others can look at here: words of the access log, kept for years; none says what stood in it."""

    BANS = "matching.bans"
    RESULT = "matching.result"
    LEFT_OUT = "matching.left-out"
    EDITS = "matching.edits"
    PAIRINGS = "matching.pairings"
    OFFERS = "matching.offers"
    CROSSINGS = "matching.crossings"
    LOOKS = "matching.looks"


class RunState(StrEnum):
    """Where a matching run stands; new input is a new run that supersedes the old one."""

    DRAFT = "DRAFT"
    SOLVING = "SOLVING"
    REVIEW = "REVIEW"
    PUBLISHED = "PUBLISHED"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SUPERSEDED = "SUPERSEDED"


_RUN_STEPS: Mapping[RunState, tuple[RunState, ...]] = {
    RunState.DRAFT: (RunState.SOLVING, RunState.CANCELLED),
    RunState.SOLVING: (RunState.REVIEW, RunState.FAILED, RunState.CANCELLED),
    # An edit is solved anew, and so is a point of the exchange that was asked for.
    RunState.REVIEW: (RunState.SOLVING, RunState.PUBLISHED, RunState.CANCELLED, RunState.SUPERSEDED),
    RunState.PUBLISHED: (RunState.CONFIRMED, RunState.SUPERSEDED),
    RunState.CONFIRMED: (),
    RunState.FAILED: (),
    RunState.CANCELLED: (),
    RunState.SUPERSEDED: (),
}


class PairingState(StrEnum):
    """Where a pairing stands between the proposal and its end."""

    PROPOSED = "PROPOSED"
    TAKER_AGREED = "TAKER_AGREED"
    ACCEPTED = "ACCEPTED"
    FORMED = "FORMED"
    DISSOLVED = "DISSOLVED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


# A pairing in one of these takes a place of both people and serves the need.
OPEN_STATES = frozenset({PairingState.PROPOSED, PairingState.TAKER_AGREED, PairingState.ACCEPTED, PairingState.FORMED})
UNDECIDED = OPEN_STATES - {PairingState.FORMED}
_AWAITS_ANSWER = frozenset({PairingState.PROPOSED, PairingState.TAKER_AGREED})
# A decline or an expiry tells the giver nothing, even when the giver had already been asked.
_SHOWN_TO_GIVER = frozenset(
    {PairingState.TAKER_AGREED, PairingState.ACCEPTED, PairingState.FORMED, PairingState.DISSOLVED}
)
_TAKER_ANSWERS: Mapping[PairingState, tuple[PairingState, ...]] = {
    PairingState.PROPOSED: (PairingState.TAKER_AGREED, PairingState.DECLINED),
    PairingState.TAKER_AGREED: (PairingState.DECLINED,),
    PairingState.ACCEPTED: (PairingState.DECLINED,),
}
_GIVER_ANSWERS: Mapping[PairingState, tuple[PairingState, ...]] = {
    PairingState.TAKER_AGREED: (PairingState.ACCEPTED, PairingState.DECLINED),
    PairingState.ACCEPTED: (PairingState.DECLINED,),
}


@dataclass(frozen=True, slots=True)
class Pairing:
    """One giver, one taker, one competency; `asked_at` is when the side whose turn it is was asked.

    Each side has `answer_days` working days for its answer.
    """

    id: UUID
    giver: UUID
    taker: UUID
    competency: str
    state: PairingState
    asked_at: datetime
    answer_days: int = ANSWER_WORKING_DAYS

    @property
    def expires_at(self) -> datetime:
        """When the answer that is awaited becomes overdue, UTC."""
        return expires_at(self.asked_at, days=self.answer_days)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many pairings a person carries at most in each role, 0…8; `Invalid` beyond."""

    give: int = DEFAULT_CAPACITY
    take: int = DEFAULT_CAPACITY

    def __post_init__(self) -> None:
        for field, value in (("give", self.give), ("take", self.take)):
            if not 0 <= value <= CAPACITY_LIMIT:
                raise Invalid("availability.capacity-out-of-range", field=field, limit=CAPACITY_LIMIT)

    def left(self, *, gives: int, takes: int) -> "Capacity":
        """What is left beside the pairings that the person carries already."""
        return Capacity(max(0, self.give - gives), max(0, self.take - takes))


def step(state: RunState, to: RunState) -> RunState:
    """The run's next state; an illegal step is a `Conflict` that names the legal ones."""
    legal = _RUN_STEPS[state]
    if to not in legal:
        raise Conflict("run.illegal-step", field="state", state=state.value, legal=_names(legal))
    return to


def legal_steps(state: RunState) -> list[str]:
    """The names of the states that a run in this state may go to."""
    return _names(_RUN_STEPS[state])


def check_choice(state: RunState) -> None:
    """One end of the exchange is chosen during the review only; `Conflict` at any other time."""
    if state is not RunState.REVIEW:
        raise Conflict("run.illegal-step", field="variant", state=state.value, legal=legal_steps(state))


def check_review(state: RunState) -> None:
    """A run is edited during its review only; `Conflict` at any other time."""
    if state is not RunState.REVIEW:
        raise Conflict("run.illegal-step", field="state", state=state.value, legal=legal_steps(state))


def check_cycle(stage: str | None) -> None:
    """No run for a cycle that is over; a cycle whose stage is not known yet has just begun."""
    if stage in CYCLES_OVER:
        raise Conflict("run.cycle-over", field="cycle_id", stage=stage)


def is_concluded(states: Iterable[PairingState]) -> bool:
    """Is a published run confirmed: nothing left to decide, and at least one pairing formed?"""
    seen = set(states)
    return PairingState.FORMED in seen and not seen & UNDECIDED


def check_term(term_from: date, term_to: date, *, cycle_ends_on: date) -> None:
    """A pairing works forward in time and within its cycle; `Invalid` otherwise."""
    if term_to < term_from:
        raise Invalid("pairing.term-reversed", field="term_to")
    if term_to > cycle_ends_on:
        raise Invalid("pairing.term-beyond-cycle", field="term_to", ends_on=cycle_ends_on.isoformat())


def today_at_place(now: datetime, *, time_zone: str = PLACE_TIME_ZONE) -> date:
    """The calendar day at the place."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def is_shown_to(pairing: Pairing, person: UUID) -> bool:
    """May this person, by being one of the two, know of the pairing? The taker always, the giver later."""
    if person == pairing.taker:
        return True
    return person == pairing.giver and pairing.state in _SHOWN_TO_GIVER


def answer(pairing: Pairing, by: UUID, *, is_yes: bool, now: datetime) -> Pairing:
    """The pairing after a yes or a no of one of its two people.

    The taker is asked first; only the taker's yes shows the pairing to the giver, who then has days of their
    own. Either may still say no, without a reason, until the curator has formed it. Raises `Missing` for
    whoever is not to know of it, `Conflict` for an answer out of turn or too late.
    """
    pairing = expire_overdue(pairing, now)
    if not is_shown_to(pairing, by):
        raise Missing("pairing.unknown")
    if not is_yes:
        return _moved(pairing, PairingState.DECLINED, legal=legal_answers(pairing, by))
    if by == pairing.taker:
        agreed = _moved(pairing, PairingState.TAKER_AGREED, legal=legal_answers(pairing, by))
        return replace(agreed, asked_at=now)
    return _moved(pairing, PairingState.ACCEPTED, legal=legal_answers(pairing, by))


def legal_answers(pairing: Pairing, by: UUID) -> tuple[PairingState, ...]:
    """The states that this person's answer could bring about now."""
    answers = _TAKER_ANSWERS if by == pairing.taker else _GIVER_ANSWERS
    return answers.get(pairing.state, ())


def confirm(pairing: Pairing, by: UUID, *, is_curator: bool) -> Pairing:
    """Form the pairing that both accepted.

    A person decides, never the algorithm, and never one of the two: `Forbidden` otherwise. `Conflict` unless
    both have accepted.
    """
    if not is_curator:
        raise Forbidden("pairing.only-curator-confirms")
    if by in (pairing.giver, pairing.taker):
        raise Forbidden("pairing.own-pairing")
    legal = (PairingState.FORMED,) if pairing.state is PairingState.ACCEPTED else ()
    return _moved(pairing, PairingState.FORMED, legal=legal)


def dissolve(pairing: Pairing) -> Pairing:
    """End a formed pairing; `Conflict` for any other."""
    legal = (PairingState.DISSOLVED,) if pairing.state is PairingState.FORMED else ()
    return _moved(pairing, PairingState.DISSOLVED, legal=legal)


def part(pairing: Pairing) -> Pairing:
    """The pairing after one of the two can take part no longer: dissolved if formed, expired if undecided."""
    if pairing.state in UNDECIDED:
        return replace(pairing, state=PairingState.EXPIRED)
    return dissolve(pairing) if pairing.state is PairingState.FORMED else pairing


def expire_overdue(pairing: Pairing, now: datetime) -> Pairing:
    """The pairing as it is now: expired if its answer is overdue, else unchanged."""
    return replace(pairing, state=PairingState.EXPIRED) if is_overdue(pairing, now) else pairing


def is_overdue(pairing: Pairing, now: datetime) -> bool:
    """Does the pairing still await an answer whose days are over?"""
    return pairing.state in _AWAITS_ANSWER and now >= pairing.expires_at


def expires_at(asked_at: datetime, *, days: int = ANSWER_WORKING_DAYS, time_zone: str = PLACE_TIME_ZONE) -> datetime:
    """The end of the last of so many working days after the day of asking at the place, in UTC.

    Saturdays, Sundays and public holidays do not count (ТК РФ ст. 111, 112); the term starts on the next day and
    its last day is whole (ГК РФ ст. 191, 194).
    """
    zone = ZoneInfo(time_zone)
    day = asked_at.astimezone(zone).date()
    while days:
        day += timedelta(days=1)
        days -= _is_working_day(day)
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return midnight.astimezone(UTC)


def _is_working_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _PUBLIC_HOLIDAYS


def slots_mask(names: Iterable[str]) -> int:
    """The bitmask of weekly free times such as `mon-3`; bit 0 is `mon-1`. `Invalid` for an unknown name."""
    places = {name: place for place, name in enumerate(SLOTS)}
    mask = 0
    for name in names:
        if name not in places:
            raise Invalid("availability.unknown-slot", field="slots", first=SLOTS[0], last=SLOTS[-1])
        mask |= 1 << places[name]
    return mask


def slots_names(mask: int) -> tuple[str, ...]:
    """The names of the free times in a bitmask, in the order of the week; `Invalid` for a bit beyond it."""
    if not 0 <= mask < 1 << len(SLOTS):
        raise Invalid("availability.unknown-slot", field="slots", first=SLOTS[0], last=SLOTS[-1])
    return tuple(name for place, name in enumerate(SLOTS) if mask >> place & 1)


def _moved(pairing: Pairing, to: PairingState, *, legal: tuple[PairingState, ...]) -> Pairing:
    if to not in legal:
        raise Conflict("pairing.illegal-step", field="state", state=pairing.state.value, legal=_names(legal))
    return replace(pairing, state=to)


def _names(states: Iterable[StrEnum]) -> list[str]:
    return [state.value for state in states]
