"""Staff exports for tests: a row with defaults, a file of rows."""

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook

from services.registry.staff_file import Problem, StaffFile, StaffMember, read

Cells = dict[str, str]

TITLES = {
    "number": "Табельный №",
    "family": "Фамилия",
    "given": "Имя",
    "patronymic": "Отчество",
    "title": "Должность",
    "subjects": "Предмет(ы)",
    "rate": "Ставка",
    "employment": "Вид занятости",
    "hired": "Дата приёма",
    "years": "Педстаж",
    "category": "Категория",
    "decided": "Дата решения",
    "until": "Срок до",
    "order": "№ приказа",
    "szd": "СЗД дата",
    "form": "Классное руководство",
    "email": "E-mail",
    "leave": "Длительный отпуск (с–по)",
}


def a_row(**cells: str) -> Cells:
    """A teacher of mathematics; Latin keyword names stand for the titles below."""
    told = {
        "number": "101",
        "family": "Иванова",
        "given": "Мария",
        "patronymic": "Петровна",
        "title": "Учитель",
        "subjects": "Математика",
        "rate": "1",
        "employment": "основная",
        "hired": "01.09.2010",
        "years": "15",
    }
    return {title: {**told, **cells}.get(word, "") for word, title in TITLES.items()}


def lines(*rows: Cells) -> list[list[str]]:
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8", separator: str = ";") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def read_rows(*rows: Cells) -> StaffFile:
    return read(as_csv(lines(*rows)), "staff.csv")


def only(file: StaffFile) -> StaffMember:
    assert [problem.slug for problem in file.errors] == []
    (member,) = file.people
    return member


def slugs(problems: Sequence[Problem]) -> list[str]:
    return [problem.slug for problem in problems]
