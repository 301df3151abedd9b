"""Days, moments and numbers as pages say them, at the city's own time."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime, get_timezone
from babel.numbers import format_decimal, format_percent

from gateway.portal.catalogue import Catalogue

# The city's own time; what crosses schools belongs to none of them.
ZONE = "Europe/Moscow"


def day(told: str | None, language: str) -> str:
    """A day of the API in words, `26 ноября 2026`; empty where there is none."""
    return str(format_date(date.fromisoformat(told), "d MMMM y", locale=language)) if told else ""


def short_day(told: str, language: str) -> str:
    """A day as it stands below a picture."""
    return str(format_date(date.fromisoformat(told), "dd.MM.y" if language == "ru" else "d MMM y", locale=language))


def day_of(told: str | None, language: str) -> str:
    """The day that a moment of the API was at the place; empty where there is none."""
    if not told:
        return ""
    at_place = datetime.fromisoformat(told).astimezone(get_timezone(ZONE))
    return str(format_date(at_place.date(), "d MMMM y", locale=language))


def moment(told: str | None, language: str) -> str:
    """A moment of the API at the city's own time; empty where there is none."""
    if not told:
        return ""
    return str(
        format_datetime(datetime.fromisoformat(told), "d MMMM y, H:mm", tzinfo=get_timezone(ZONE), locale=language)
    )


def number(count: float, language: str, pattern: str = "#,##0.##") -> str:
    """A number with the signs of the language."""
    return str(format_decimal(count, pattern, locale=language))


def share(part: float, whole: float, language: str) -> str:
    """A share in whole percent; a dash of nothing."""
    return str(format_percent(part / whole, "#,##0 %", locale=language)) if whole else "—"


def in_words(catalogue: Catalogue | None, code: str) -> str:
    """A competency by its name, one with a subject together with it; by its code without a catalogue."""
    return catalogue.name(code) if catalogue else code
