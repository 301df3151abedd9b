"""Days, moments and numbers as pages say them, at the city's own time."""

from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_datetime, get_timezone
from babel.numbers import format_decimal, format_percent

from gateway.portal.catalogue import Catalogue

# The city's own time; what crosses schools belongs to none of them.
ZONE = "Europe/Moscow"
# The same days and numbers stand on a page over and over, and saying one costs more than all else of a table's cell.
MOST_KEPT = 20_000


def day(told: str | None, language: str) -> str:
    """A day of the API in words, `26 ноября 2026`; empty where there is none."""
    return said_day(date.fromisoformat(told), "d MMMM y", language) if told else ""


def short_day(told: str, language: str) -> str:
    """A day as it stands below a picture."""
    return said_day(date.fromisoformat(told), "dd.MM.y" if language == "ru" else "d MMM y", language)


def day_of(told: str | None, language: str) -> str:
    """The day that a moment of the API was at the place; empty where there is none."""
    if not told:
        return ""
    at_place = datetime.fromisoformat(told).astimezone(get_timezone(ZONE))
    return said_day(at_place.date(), "d MMMM y", language)


def moment(told: str | None, language: str) -> str:
    """A moment of the API at the city's own time; empty where there is none."""
    if not told:
        return ""
    at_place = datetime.fromisoformat(told).astimezone(get_timezone(ZONE))
    return said_moment(at_place.replace(tzinfo=None), "d MMMM y, H:mm", language)


def number(count: float, language: str, pattern: str = "#,##0.##") -> str:
    """A number with the signs of the language."""
    return _written(count, pattern, language)


def share(part: float, whole: float, language: str) -> str:
    """A share in whole percent; a dash of nothing."""
    pattern = "#,##0 %" if language == "ru" else "#,##0%"
    return str(format_percent(part / whole, pattern, locale=language)) if whole else "—"


@lru_cache(maxsize=MOST_KEPT)
def said_day(found: date, pattern: str, language: str) -> str:
    """A day in a pattern of CLDR."""
    return str(format_date(found, pattern, locale=language))


@lru_cache(maxsize=MOST_KEPT)
def said_moment(at_place: datetime, pattern: str, language: str) -> str:
    """A moment in a pattern of CLDR, as the clock at the place shows it: without a zone of its own."""
    return str(format_datetime(at_place, pattern, locale=language))


@lru_cache(maxsize=MOST_KEPT)
def _written(count: float, pattern: str, language: str) -> str:
    said = str(format_decimal(count, pattern, locale=language))
    # What is rounded to nothing is not less than nothing.
    is_nothing = count < 0 and not any(sign in "123456789" for sign in said)
    return str(format_decimal(0, pattern, locale=language)) if is_nothing else said


def in_words(catalogue: Catalogue | None, code: str) -> str:
    """A competency by its name, one with a subject together with it; by its code without a catalogue."""
    return catalogue.name(code) if catalogue else code
