"""What one cell says: dates, numbers, names, flags. Each function refuses what it cannot read for sure."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from services.registry.staff_file.people import CategoryLevel, Severity
from services.registry.staff_file.posts import Employment, employment_of
from services.registry.staff_file.wording import key

Cell = str | int | float | bool | date | datetime | time | timedelta

TEXT_LIMIT: Final = 250
# A table program that opens our exports would run what begins so (CWE-1236).
FORMULA_SIGNS: Final = ("=", "+", "-", "@")
_YEARS: Final = range(1940, 2101)
_MOST_TEACHING_YEARS: Final = 75
_MOST_RATE: Final = 2
_DATE: Final = r"(?:(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2}))"
_ONE_DATE: Final = re.compile(_DATE + r"(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?(?: ?(?:г\.?|года))?")
_RATE: Final = re.compile(r"(\d{1,2}(?:[.,]\d{1,4})?)(?: ?(?:ст\.?|ставк\w))?")
_YEARS_WORD: Final = r"(?:лет|год\w?|[гл]\.?)"
_TEACHING: Final = (
    re.compile(rf"(?P<years>\d{{1,2}}(?:[.,]\d{{1,2}})?) ?{_YEARS_WORD}?"),
    re.compile(rf"(?:(?P<years>\d{{1,2}}) ?{_YEARS_WORD},? ?)?(?P<months>\d{{1,2}}) ?м(?:ес\w*)?\.?"),
)
_INITIAL: Final = re.compile(r"[^\W\d_](?:[. ]+[^\W\d_])?\.?")
_NAME: Final = re.compile(r"[^\W\d_]+(?:[ .'’ʼ()-]+[^\W\d_]+)*[.)]?")
_CLASS: Final = re.compile(r"(?:1[01]|[1-9])[ -]?[«\"(]?[а-яa-z]?[»\")]?(?: класс)?", re.IGNORECASE)
_NOTHING: Final = ("нет", "нет данных", "не имеет", "отсутствует", "н д", "б к", "без категории")
_LONGEST_NOTHING: Final = 20
_EMAIL: Final = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class UnclearCell(Exception):
    """The cell cannot be read; the row that holds it turns this into a problem."""

    def __init__(self, slug: str, severity: Severity = "error") -> None:
        super().__init__(slug)
        self.slug = slug
        self.severity: Severity = severity


def text_of(cell: Cell) -> str:
    """A cell of a workbook as it would stand in a text export: 12.0 is «12», a real date is ISO."""
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)


def plain(text: str) -> str:
    """A line of text that no table program would run as a formula."""
    if text.startswith(FORMULA_SIGNS):
        raise UnclearCell("staff-file.formula")
    return text


def name_part(text: str) -> str:
    """A family name, a given name or a patronymic in full; IVANOV becomes Ivanov."""
    name = plain(text)
    if _INITIAL.fullmatch(name):
        raise UnclearCell("staff-file.name-has-initials")
    if not _NAME.fullmatch(name):
        raise UnclearCell("staff-file.name-not-letters")
    return name.title() if name.isupper() else name


def full_name(text: str) -> tuple[str, str, str | None]:
    """Family name, given name and what follows («Гусейн оглы» too) from one cell."""
    family, _, rest = plain(text).partition(" ")
    given, _, patronymic = rest.partition(" ")
    if not given:
        raise UnclearCell("staff-file.name-incomplete")
    return name_part(family), name_part(given), name_part(patronymic) if patronymic else None


def date_of(text: str) -> date:
    """дд.мм.гггг, an ISO date or a real date of a workbook; a time after it is dropped."""
    found = _ONE_DATE.fullmatch(text)
    if not found:
        raise UnclearCell("staff-file.date-unclear")
    return _calendar_day(found)


def term_of(text: str) -> date | None:
    """The last day of a category; None for «бессрочно»."""
    return None if key(text).startswith("бессроч") else date_of(text)


def period_of(text: str) -> tuple[date, date | None]:
    """«01.09.2025–31.08.2026», «с … по …», or only the first day."""
    found = list(re.finditer(_DATE, text))
    if len(found) not in (1, 2):
        raise UnclearCell("staff-file.period-unclear")
    days = [_calendar_day(match) for match in found]
    return days[0], days[1] if len(days) == 2 else None


def rate_of(text: str) -> float:
    """The share of a full post, decimal comma or point, above 0 up to 2."""
    found = _RATE.fullmatch(text.casefold())
    rate = float(found[1].replace(",", ".")) if found else 0
    if not 0 < rate <= _MOST_RATE:
        raise UnclearCell("staff-file.rate-unclear")
    return rate


def teaching_years_of(text: str) -> float:
    """Years of teaching: «12», «5,5», «5 лет 3 мес.»."""
    found = next(filter(None, (form.fullmatch(text.casefold()) for form in _TEACHING)), None)
    told = found.groupdict() if found else {}
    years = float((told.get("years") or "0").replace(",", ".")) + int(told.get("months") or 0) / 12
    if not found or years > _MOST_TEACHING_YEARS:
        raise UnclearCell("staff-file.years-unclear")
    return round(years, 2)


def employment_from(text: str) -> Employment:
    """Основная, внутр. совм., внешн. совм. or ГПХ; a bare «совместитель» decides nothing."""
    found = employment_of(text)
    if not found:
        raise UnclearCell("staff-file.employment-unknown")
    return found


def category_level(text: str) -> CategoryLevel | None:
    """CAT1 or CATH; None for соответствие занимаемой должности, which is no category."""
    wanted = key(text)
    if wanted.startswith(("высш", "вкк")):
        return "CATH"
    if wanted.startswith(("перв", "1кк")) or wanted in ("1", "i", "1 кк", "1 категория", "i категория"):
        return "CAT1"
    if wanted.startswith(("втор", "2кк")) or wanted in ("2", "ii", "2 кк", "2 категория", "ii категория"):
        # Abolished in 2011; the last ones ran out in 2016.
        raise UnclearCell("staff-file.category-abolished", "warning")
    if is_szd(text):
        return None
    raise UnclearCell("staff-file.category-unknown")


def is_szd(text: str) -> bool:
    """Whether a category cell says соответствие занимаемой должности instead."""
    return key(text).startswith(("сзд", "соответств"))


def flag_of(text: str) -> bool:
    """Yes or no, + or -, or the name of a class, which is a yes."""
    if text == "+":
        return True
    wanted = key(text)
    if wanted in ("0", "нет", "no", "false"):
        return False
    if wanted in ("да", "yes", "true", "есть", "имеется", "v", "x", "х") or all(
        map(_CLASS.fullmatch, re.split(r"[,;] ?", text))
    ):
        return True
    raise UnclearCell("staff-file.flag-unclear")


def email_of(text: str) -> str:
    """A work e-mail in lower case."""
    email = text.casefold()
    if not _EMAIL.fullmatch(email):
        raise UnclearCell("staff-file.email-unclear", "warning")
    return email


def says_nothing(text: str) -> bool:
    """Empty, or a word that stands for an empty cell."""
    return not text or (len(text) <= _LONGEST_NOTHING and key(text) in _NOTHING)


def _calendar_day(found: re.Match[str]) -> date:
    day, month, year = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    if int(year) not in _YEARS:
        raise UnclearCell("staff-file.date-unclear")
    try:
        return date(int(year), int(month), int(day))
    except ValueError as impossible:
        raise UnclearCell("staff-file.date-unclear") from impossible
