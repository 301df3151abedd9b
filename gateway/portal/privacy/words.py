"""Days and moments as they are read at the place."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime, get_timezone

from gateway.portal.words import ZONE

_DAY = {"ru": "d MMMM y", "en": "d MMMM y"}


def day_in_words(day: str | date, language: str) -> str:
    """A day: `12 мая 2027`."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return str(format_date(found, _DAY[language], language))


def day_of(moment: str, language: str) -> str:
    """The day of a moment, at the place."""
    return day_in_words(datetime.fromisoformat(moment).astimezone(get_timezone(ZONE)).date(), language)


def clock_of(moment: str, language: str) -> str:
    """The time of day of a moment, at the place: `15:04`."""
    return str(format_datetime(datetime.fromisoformat(moment), "H:mm", tzinfo=get_timezone(ZONE), locale=language))
