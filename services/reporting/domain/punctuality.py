"""How punctually a district's schools report: how many sent theirs, and how many within the days that are given."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.reporting.domain.days import PLACE_TIME_ZONE, end_of

# From the day that a report is about to the last day on which it is punctual; the models name no number.
DAYS_TO_SEND = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """A school's report of a day: when it first went up, and when the district last accepted it."""

    school: str
    sent_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Punctuality:
    """One day: the schools that were to report, and what came of it; `missing` have sent nothing."""

    as_of: date
    due_on: date
    schools: int
    sent: int
    on_time: int
    accepted: int
    missing: tuple[str, ...]


def punctuality(as_of: date, schools: Collection[str], sent: Iterable[Sent]) -> Punctuality:
    """Count one day; `schools` are those of the district on that day."""
    due_on = as_of + timedelta(days=DAYS_TO_SEND)
    too_late = end_of(due_on, PLACE_TIME_ZONE)
    came = {one.school: one for one in sent if one.school in schools}
    return Punctuality(
        as_of=as_of,
        due_on=due_on,
        schools=len(schools),
        sent=len(came),
        on_time=sum(one.sent_at < too_late for one in came.values()),
        accepted=sum(one.accepted_at is not None for one in came.values()),
        missing=tuple(sorted(set(schools) - set(came))),
    )
