"""Days that count and days that do not: school holidays for the health of pairs, working days for notices."""

from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
LONGEST_LOOK_BACK = 400
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """School holidays, both days included."""

    first: date
    last: date


# The usual dates of Saint Petersburg's schools that teach in quarters. The Комитет по образованию only recommends
# them each year and the school's own calendar decides, so this is a default that a school may come to edit.
SCHOOL_HOLIDAYS = (
    Holiday(date(2026, 5, 27), date(2026, 8, 31)),
    Holiday(date(2026, 10, 24), date(2026, 11, 4)),
    Holiday(date(2026, 12, 31), date(2027, 1, 10)),
    Holiday(date(2027, 3, 27), date(2027, 4, 4)),
    Holiday(date(2027, 5, 27), date(2027, 8, 31)),
)

# ТК РФ ст. 112, as (month, day); days that the Government moves each year are not in the article and not here.
PUBLIC_HOLIDAYS = frozenset({*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)})


def is_school_holiday(day: date) -> bool:
    """Does the day fall into school holidays?"""
    return any(holiday.first <= day <= holiday.last for holiday in SCHOOL_HOLIDAYS)


def quiet_days(since: date, today: date) -> int:
    """Days after `since` up to today; school holidays do not count."""
    days = (since + ONE_DAY * step for step in range(1, (today - since).days + 1))
    return sum(1 for day in days if not is_school_holiday(day))


def quiet_since(today: date, days: int) -> date:
    """The latest day since which at least so many days count: who last met then or before has been quiet that long."""
    day = today
    for _ in range(days + LONGEST_LOOK_BACK):
        days -= not is_school_holiday(day)
        day -= ONE_DAY
        if days <= 0:
            break
    return day


def is_working_day(day: date) -> bool:
    """Is it a working day of a five-day week (ТК РФ ст. 111, 112)?"""
    return day.weekday() < SATURDAY and (day.month, day.day) not in PUBLIC_HOLIDAYS


def after_working_days(day: date, count: int) -> date:
    """The last of `count` working days that follow a day; terms begin on the next day (ТК РФ ст. 14)."""
    while count > 0:
        day += ONE_DAY
        count -= is_working_day(day)
    return day


def before_working_days(day: date, count: int) -> date:
    """The first of `count` working days that go before a day."""
    while count > 0:
        day -= ONE_DAY
        count -= is_working_day(day)
    return day
