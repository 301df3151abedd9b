"""Columns of a staff file: the titles that schools give them, and where the header row stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from services.registry.staff_file.wording import clean, key


class Column(StrEnum):
    """What a column tells."""

    STAFF_NUMBER = "staff_number"
    FULL_NAME = "full_name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    PATRONYMIC = "patronymic"
    TITLE = "title"
    SUBJECTS = "subjects"
    RATE = "rate"
    EMPLOYMENT = "employment"
    HIRED_ON = "hired_on"
    TEACHING_YEARS = "teaching_years"
    CATEGORY = "category"
    DECIDED_ON = "decided_on"
    VALID_UNTIL = "valid_until"
    ORDER_NO = "order_no"
    SZD_ON = "szd_on"
    CLASS_TEACHER = "class_teacher"
    EMAIL = "email"
    LEAVE = "leave"
    LEAVE_FROM = "leave_from"
    LEAVE_TO = "leave_to"


# The first title is the one a message names; the rest are compared by their key (wording.key).
TITLES: Final[Mapping[Column, tuple[str, ...]]] = MappingProxyType(
    {
        Column.STAFF_NUMBER: (
            "Табельный №",
            "Таб. №",
            "Табельный",
            "Табномер",
            "ID",
            "ИД",
            "Код сотрудника",
            "№ сотрудника",
        ),
        Column.FULL_NAME: (
            "ФИО",
            "Ф.И.О.",
            "Фамилия Имя Отчество",
            "Фамилия, имя, отчество сотрудника",
            "ФИО сотрудника",
            "Ф.И.О. сотрудника",
            "ФИО работника",
            "ФИО педагога",
            "ФИО педагогического работника",
            "Сотрудник",
            "Работник",
        ),
        Column.FAMILY_NAME: ("Фамилия",),
        Column.GIVEN_NAME: ("Имя",),
        Column.PATRONYMIC: ("Отчество", "Отчество (при наличии)"),
        Column.TITLE: (
            "Должность",
            "Должности",
            "Занимаемая должность",
            "Наименование должности",
            "Должность по штатному расписанию",
        ),
        Column.SUBJECTS: (
            "Предмет(ы)",
            "Предмет",
            "Предметы",
            "Учебные предметы",
            "Преподаваемый предмет",
            "Преподаваемые предметы",
            "Преподаваемые дисциплины",
            "Дисциплина",
        ),
        Column.RATE: (
            "Ставка",
            "Ставки",
            "Кол-во ставок",
            "Количество ставок",
            "Размер ставки",
            "Доля ставки",
        ),
        Column.EMPLOYMENT: ("Вид занятости", "Тип занятости", "Занятость", "Вид работы", "Характер работы"),
        Column.HIRED_ON: (
            "Дата приёма",
            "Дата приёма на работу",
            "Дата поступления на работу",
            "Принят на работу",
        ),
        Column.TEACHING_YEARS: (
            "Педстаж",
            "Пед. стаж",
            "Педстаж, лет",
            "Педагогический стаж",
            "Педагогический стаж, лет",
            "Стаж педагогической работы",
        ),
        Column.CATEGORY: ("Категория", "Квалификационная категория", "Квалиф. категория", "Кв. категория"),
        Column.DECIDED_ON: (
            "Дата решения",
            "Дата решения комиссии",
            "Дата аттестации",
            "Дата присвоения",
            "Дата присвоения категории",
        ),
        Column.VALID_UNTIL: (
            "Срок до",
            "Срок действия",
            "Срок действия до",
            "Срок действия категории",
            "Действует до",
            "Действительна до",
        ),
        Column.ORDER_NO: (
            "№ приказа",
            "Приказ",
            "Приказ №",
            "Номер приказа",
            "Реквизиты приказа",
            "№ распоряжения",
        ),
        Column.SZD_ON: (
            "СЗД дата",
            "Дата СЗД",
            "СЗД",
            "Соответствие занимаемой должности",
            "Дата соответствия занимаемой должности",
        ),
        Column.CLASS_TEACHER: (
            "Классное руководство",
            "Классный руководитель",
            "Кл. руководство",
            "Кл. рук.",
        ),
        Column.EMAIL: (
            "E-mail",
            "Email",
            "Электронная почта",
            "Эл. почта",
            "Адрес электронной почты",
            "Почта",
        ),
        Column.LEAVE: ("Длительный отпуск (с–по)", "Длительный отпуск"),
        Column.LEAVE_FROM: ("Длительный отпуск с", "Начало длительного отпуска"),
        Column.LEAVE_TO: ("Длительный отпуск по", "Длительный отпуск до", "Окончание длительного отпуска"),
    }
)
# Never asked for and never read; a file that carries them should not travel (152-ФЗ ст. 5 ч. 5).
_UNWANTED: Final = re.compile(
    r"\b(снилс|инн|паспорт\w*|рожден\w*|телефон\w*|мобильн\w*|домашн\w* адрес|адрес \w*(жит|жив|регистр)\w*"
    r"|прописк\w*|возраст|национальност\w*|семейн\w* положение)\b"
)
_WISHED: Final = (
    Column.STAFF_NUMBER,
    Column.PATRONYMIC,
    Column.SUBJECTS,
    Column.RATE,
    Column.EMPLOYMENT,
    Column.HIRED_ON,
    Column.TEACHING_YEARS,
    Column.CATEGORY,
    Column.DECIDED_ON,
    Column.VALID_UNTIL,
    Column.ORDER_NO,
    Column.SZD_ON,
    Column.CLASS_TEACHER,
    Column.EMAIL,
    Column.LEAVE,
)
HEADER_WITHIN: Final = 10
_TITLE_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Header:
    """The header row (counted from zero), the places of the known columns and their titles in the file.

    What is not read is told by title: columns that repeat another one, those that should not travel, and the rest.
    """

    index: int
    places: Mapping[Column, int]
    titles: Mapping[Column, str]
    repeated: tuple[str, ...]
    unwanted: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many columns have a title."""
        return len(self.places) + len(self.repeated) + len(self.unwanted) + len(self.ignored)

    @property
    def missing(self) -> list[str]:
        """Titles of the columns without which no person can be told from another."""
        wanted: list[Column] = []
        if Column.FULL_NAME not in self.places:
            wanted += [Column.FAMILY_NAME, Column.GIVEN_NAME]
        wanted.append(Column.TITLE)
        if Column.HIRED_ON not in self.places:
            wanted.append(Column.STAFF_NUMBER)
        return [TITLES[column][0] for column in wanted if column not in self.places]

    @property
    def absent(self) -> list[str]:
        """Titles of the columns that the file could have and does not."""
        covered = set(self.places)
        if Column.FULL_NAME in covered:
            covered.add(Column.PATRONYMIC)
        if Column.LEAVE_FROM in covered:
            covered.add(Column.LEAVE)
        return [TITLES[column][0] for column in _WISHED if column not in covered]


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """The row among the first ten in which most columns are known."""
    candidates = [_header_at(index, row) for index, row in enumerate(rows[:HEADER_WITHIN])]
    return max(candidates, key=lambda header: len(header.places), default=_header_at(0, ()))


def _header_at(index: int, row: Sequence[str]) -> Header:
    places: dict[Column, int] = {}
    unread: dict[str, list[str]] = {"repeated": [], "unwanted": [], "ignored": []}
    for place, title in enumerate(row):
        column = column_called(title)
        if column and column not in places:
            places[column] = place
        elif clean(title):
            unread[_why_unread(column, key(title))].append(clean(title)[:_TITLE_LIMIT])
    titles = {column: clean(row[place])[:_TITLE_LIMIT] for column, place in places.items()}
    return Header(index, places, titles, **{why: tuple(told) for why, told in unread.items()})


def _why_unread(column: Column | None, wanted: str) -> str:
    if column:
        return "repeated"
    return "unwanted" if _UNWANTED.search(wanted) else "ignored"


def column_called(title: str) -> Column | None:
    """The column that a title names, in any of its spellings; none for a title that says nothing to us."""
    return _columns_by_key().get(key(title))


@cache
def _columns_by_key() -> Mapping[str, Column]:
    return MappingProxyType({key(title): column for column, titles in TITLES.items() for title in titles})
