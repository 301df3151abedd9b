"""Days of the school: an as-of date is a day at the school's own place, not in Greenwich."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PLACE_TIME_ZONE = "Europe/Moscow"


def end_of(day: date, zone: str) -> datetime:
    """The moment at which a day of the place is over: the first moment that does not belong to it."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def start_of(day: date, zone: str) -> datetime:
    """The moment at which a day of the place begins."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def day_at(moment: datetime, zone: str) -> date:
    """Which day it is at the place."""
    return moment.astimezone(ZoneInfo(zone)).date()
