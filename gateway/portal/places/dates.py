"""Days and moments in words, at the city's own time."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime, get_timezone

ZONE = "Europe/Moscow"


def day_of(told: str | None, language: str) -> str:
    """A day that the API told, in words; nothing for none."""
    return str(format_date(date.fromisoformat(told), "d MMMM y", locale=language)) if told else ""


def short_day_of(told: str, language: str) -> str:
    """A day as it stands below a picture."""
    return str(format_date(date.fromisoformat(told), "dd.MM.y" if language == "ru" else "d MMM y", locale=language))


def moment_of(told: str | None, language: str) -> str:
    """A moment that the API told, at the city's time."""
    if not told:
        return ""
    moment = datetime.fromisoformat(told)
    return str(format_datetime(moment, "d MMMM y, H:mm", tzinfo=get_timezone(ZONE), locale=language))
