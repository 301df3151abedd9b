"""Attestation of teachers: decisions of commissions, what they are worth on a day, whom to remind, which share to tell.

Порядок проведения аттестации (приказ Минпросвещения России от 24.03.2023 № 196, in force since 01.09.2023). A first or
highest category decided since that day has no term; an older one keeps the term that was set then, usually five years.
Fitness for the post (СЗД) is shown once in five years by whoever has no category. Педагог-методист and
педагог-наставник are given to holders of the highest category only.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chassis.refusals import Conflict, Invalid

WITHOUT_TERM_SINCE = date(2023, 9, 1)
OLD_TERM_YEARS = 5
SZD_YEARS = 5
# Somebody new in the post shows fitness after two years there, somebody back from an absence of four months after one.
NEW_YEARS = 2
BACK_YEARS = 1
LONG_ABSENCE = timedelta(days=4 * 30)
A_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What a commission decides: fitness for the post, first and highest category, methodist, mentor."""

    SZD = "SZD"
    CAT1 = "CAT1"
    CATH = "CATH"
    METHODIST = "METHODIST"
    MENTOR = "MENTOR"


TITLES = frozenset({Kind.METHODIST, Kind.MENTOR})


class Status(StrEnum):
    """What a person is on a day, by the highest decision that is valid then."""

    CATEGORY_HIGH = "CATEGORY_HIGH"
    CATEGORY_FIRST = "CATEGORY_FIRST"
    SZD_VALID = "SZD_VALID"
    SZD_EXEMPT = "SZD_EXEMPT"
    SZD_OVERDUE = "SZD_OVERDUE"


class Ground(StrEnum):
    """Why somebody need not show fitness now; of a ground that the curator entered only its end is known."""

    NEW_IN_POST = "NEW_IN_POST"
    LONG_ABSENCE = "LONG_ABSENCE"
    ENTERED = "ENTERED"


@dataclass(frozen=True, slots=True)
class Term:
    """The last day of a decision, none for one without a term; guessed when nobody wrote it down."""

    valid_until: date | None
    is_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of a commission about one person; `position` is the post that it speaks of."""

    kind: Kind
    decided_on: date
    term: Term
    position: str | None = None
    order_no: str | None = None

    def holds_on(self, day: date) -> bool:
        """Is it valid on the day?"""
        return self.decided_on <= day and (self.term.valid_until is None or day <= self.term.valid_until)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Days, both included, on which a person need not show fitness for the post."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Colleague:
    """What attestation has to know of a person; `absent_to` is open while nobody has said when the absence ends."""

    in_post_since: date
    decisions: tuple[Decision, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    absent_from: date | None = None
    absent_to: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is on a day; `due_on` is the first day on which fitness for the post is overdue."""

    status: Status
    titles: tuple[Kind, ...]
    category_until: date | None
    szd_until: date | None
    exempt_until: date | None
    ground: Ground | None
    due_on: date | None
    is_new: bool
    is_long_absent: bool

    @property
    def has_category(self) -> bool:
        """First or highest."""
        return self.status in (Status.CATEGORY_FIRST, Status.CATEGORY_HIGH)


def years_later(day: date, years: int) -> date:
    """The same day so many years later; the 28th where there is no 29th of February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


def term_of(kind: Kind, decided_on: date, written: date | None) -> Term:
    """The term that a decision has, by the day on which it was taken and what was written down.

    Raises Invalid for a term that a decision of this kind and day does not have, and for a title before its time.
    """
    if written is not None and written < decided_on:
        raise Invalid("attestation.dates-reversed", field="valid_until")
    if kind is Kind.SZD:
        return Term(written or years_later(decided_on, SZD_YEARS))
    if decided_on >= WITHOUT_TERM_SINCE:
        if written is not None:
            raise Invalid("attestation.without-term", field="valid_until", since=WITHOUT_TERM_SINCE.isoformat())
        return Term(None)
    if kind in TITLES:
        raise Invalid("attestation.title-before-its-time", field="decided_on", since=WITHOUT_TERM_SINCE.isoformat())
    return Term(written or years_later(decided_on, OLD_TERM_YEARS), is_guessed=written is None)


def check_decision(decision: Decision, known: Sequence[Decision], *, today: date) -> None:
    """Refuse what is not decided yet, what is recorded already, and a title without the highest category."""
    if decision.decided_on > today:
        raise Invalid("attestation.not-yet", field="decided_on")
    if any((one.kind, one.decided_on) == (decision.kind, decision.decided_on) for one in known):
        raise Conflict("attestation.recorded-already", field="decided_on", legal=["withdraw"])
    has_highest = any(one.kind is Kind.CATH and one.holds_on(decision.decided_on) for one in known)
    if decision.kind in TITLES and not has_highest:
        raise Invalid("attestation.needs-highest", field="kind")


def check_exemption(first: date, last: date) -> None:
    """Refuse days that end before they begin, and more than five years: by then everybody is attested."""
    if not first <= last <= years_later(first, SZD_YEARS):
        raise Invalid("attestation.exemption-unclear", field="valid_to", years=SZD_YEARS)


def standing_on(person: Colleague, day: date) -> Standing:
    """What the person is on the day (the highest category wins; titles count on top of the highest)."""
    valid = [one for one in person.decisions if one.holds_on(day)]
    by_kind = {kind: _longest(one for one in valid if one.kind is kind) for kind in Kind}
    category = by_kind[Kind.CATH] or by_kind[Kind.CAT1]
    szd = by_kind[Kind.SZD]
    reprieves = _reprieves(person, day)
    ground, reprieve = max(reprieves, key=lambda one: one[1] or date.max, default=(None, None))
    if category:
        status = Status.CATEGORY_HIGH if by_kind[Kind.CATH] else Status.CATEGORY_FIRST
    elif szd:
        status = Status.SZD_VALID
    else:
        status = Status.SZD_EXEMPT if reprieves else Status.SZD_OVERDUE
    return Standing(
        status=status,
        titles=tuple(kind for kind in (Kind.METHODIST, Kind.MENTOR) if by_kind[Kind.CATH] and by_kind[kind]),
        category_until=category.term.valid_until if category else None,
        szd_until=szd.term.valid_until if szd else None,
        exempt_until=reprieve,
        ground=ground if status is Status.SZD_EXEMPT else None,
        due_on=_due_on(person, day) if not category else None,
        is_new=Ground.NEW_IN_POST in dict(reprieves),
        is_long_absent=_is_long_absent(person, day),
    )


def _longest(decisions: Iterable[Decision]) -> Decision | None:
    return max(decisions, key=lambda one: one.term.valid_until or date.max, default=None)


def _reprieves(person: Colleague, day: date) -> list[tuple[Ground, date | None]]:
    """Why the person need not show fitness on the day, and up to which day each of the grounds reaches."""
    found: list[tuple[Ground, date | None]] = []
    settled = years_later(person.in_post_since, NEW_YEARS)
    if day < settled:
        found.append((Ground.NEW_IN_POST, settled - A_DAY))
    if _is_long(person) and person.absent_from is not None and person.absent_from <= day:
        until = years_later(person.absent_to, BACK_YEARS) if person.absent_to else None
        if until is None or day <= until:
            found.append((Ground.LONG_ABSENCE, until))
    found += [(Ground.ENTERED, one.last) for one in person.exemptions if one.first <= day <= one.last]
    return found


def _is_long(person: Colleague) -> bool:
    if person.absent_from is None:
        return False
    return person.absent_to is None or person.absent_to - person.absent_from > LONG_ABSENCE


def _is_long_absent(person: Colleague, day: date) -> bool:
    is_away = person.absent_from is not None and person.absent_from <= day
    return is_away and _is_long(person) and (person.absent_to is None or day <= person.absent_to)


def _due_on(person: Colleague, day: date) -> date | None:
    """The first day from which fitness for the post is overdue, seen from `day`; none while no end is in sight."""
    ends: list[date | None] = [years_later(person.in_post_since, NEW_YEARS) - A_DAY]
    ends += [one.term.valid_until for one in person.decisions if one.decided_on <= day and one.kind not in TITLES]
    ends += [one.last for one in person.exemptions if one.first <= day]
    if _is_long(person) and person.absent_from is not None and person.absent_from <= day:
        ends.append(years_later(person.absent_to, BACK_YEARS) if person.absent_to else None)
    known = [end for end in ends if end is not None]
    return max(known) + A_DAY if len(known) == len(ends) else None


def counted(standings: Collection[Standing]) -> dict[Status, int]:
    """How many people have each status."""
    return {status: sum(one.status is status for one in standings) for status in Status}
