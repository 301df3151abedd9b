"""Staff exports of invented schools: the three shipped with the demo and those of generated schools.

`python -m deploy.demo.staff_files` writes the shipped files anew, byte for byte the same.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from deploy.demo.staff_names import FullName, draw_name

HEADER: Final = (
    "Табельный №",
    "Фамилия",
    "Имя",
    "Отчество",
    "Должность",
    "Предмет(ы)",
    "Ставка",
    "Вид занятости",
    "Дата приёма",
    "Педстаж",
    "Категория",
    "Дата решения",
    "Срок до",
    "№ приказа",
    "СЗД дата",
    "Классное руководство",
    "E-mail",
    "Длительный отпуск (с–по)",
)
# Posts of a school for 77 teachers; other sizes take the same shares.
_POSTS: Final = (
    (16, "Учитель начальных классов", "Начальные классы"),
    (9, "Учитель русского языка и литературы", "Русский язык, литература"),
    (9, "Учитель английского языка", "Английский язык"),
    (8, "Учитель математики", "Математика"),
    (5, "Учитель физической культуры", "Физическая культура"),
    (5, "Учитель истории и обществознания", "История, обществознание"),
    (3, "Учитель физики", "Физика"),
    (3, "Учитель биологии", "Биология"),
    (3, "Учитель информатики", "Информатика"),
    (3, "Учитель труда (технологии)", "Труд (технология)"),
    (2, "Учитель химии", "Химия"),
    (2, "Учитель географии", "География"),
    (2, "Педагог дополнительного образования", ""),
    (1, "Преподаватель-организатор ОБЗР", "ОБЗР"),
    (1, "Учитель музыки", "Музыка"),
    (1, "Учитель изобразительного искусства", "ИЗО"),
    (1, "Педагог-психолог", ""),
    (1, "Социальный педагог", ""),
    (1, "Учитель-логопед", ""),
    (1, "Педагог-организатор", ""),
)
_OTHER_POSTS: Final = (
    "Секретарь учебной части",
    "Библиотекарь",
    "Заместитель директора по учебно-воспитательной работе",
    "Заместитель директора по АХР",
)
_TOLD_ON: Final = date(2025, 9, 1)
_FIRST_DECISION: Final = date(2022, 2, 1)
_LAST_DECISION: Final = date(2025, 6, 15)
_WITHOUT_TERM_SINCE: Final = date(2023, 9, 1)
_SHARE_WITH_CATEGORY: Final = 43 / 77
_FEWEST_FOR_TWINS: Final = 10

Row = dict[str, str]
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Staff:
    """How many people besides the counted teachers, and how many teachers hold a category (None: 56 %)."""

    external: int = 2
    others: int = 2
    with_category: int | None = None
    mail_domain: str = "school.example.org"


def generate(teachers: int, seed: int, staff: Staff | None = None) -> Rows:
    """The rows of an export, header first: `teachers` people whom form ОО-1 counts, and the rest of `staff`.

    From ten teachers on, one of them has a second post and two bear one name. The same arguments give the
    same rows.
    """
    return _Office(seed, staff or Staff()).rows(teachers)


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8", separator: str = ";") -> None:
    """Write rows as a school program does: CRLF, quotes where they are needed."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


def write_xlsx(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write rows as a workbook with real dates and numbers; openpyxl comes with the test packages only."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([_typed(title, text) for title, text in zip(rows[0], row, strict=True)])
    saved = io.BytesIO()
    book.save(saved)
    path.write_bytes(_without_clock(saved.getvalue()))


def with_full_names(rows: Rows) -> Rows:
    """The same export from a program that keeps the name in one column."""
    return [[row[0], "ФИО" if row is rows[0] else " ".join(filter(None, row[1:4])), *row[4:]] for row in rows]


def ship(folder: Path) -> None:
    """Write the three files of the demo."""
    large = generate(77, 693, Staff(external=3, others=4, with_category=43, mail_domain="s693.example.org"))
    title = ["Сведения о педагогических работниках на 01.09.2025"] + [""] * (len(HEADER) - 1)
    write_csv(folder / "spb-693.csv", [title, *large], "cp1251")
    medium = generate(48, 112, Staff(with_category=27, mail_domain="s112.example.org"))
    write_csv(folder / "spb-112.csv", with_full_names(medium), separator=",")
    write_xlsx(folder / "spb-540.xlsx", generate(52, 540, Staff(mail_domain="s540.example.org")))


class _Office:
    """The staff office of one invented school."""

    def __init__(self, seed: int, staff: Staff) -> None:
        self._random = Random(seed)  # noqa: S311 - invented people, no secret
        self._staff = staff
        self._taken: set[FullName] = set()
        self._numbers = count(101)

    def rows(self, teachers: int) -> Rows:
        people = [self._teacher(title, subjects) for title, subjects in self._posts(teachers)]
        self._attest(people)
        people += [self._outsider() for _ in range(self._staff.external)]
        people += [self._other(_OTHER_POSTS[place % len(_OTHER_POSTS)]) for place in range(self._staff.others)]
        if teachers >= _FEWEST_FOR_TWINS:
            people[1].update({part: people[0][part] for part in HEADER[1:4]})
            people.append({**people[2], **_second_post()})
        people.sort(key=lambda person: (person["Фамилия"], person["Имя"], person["Табельный №"]))
        return [list(HEADER), *([person[title] for title in HEADER] for person in people)]

    def _posts(self, teachers: int) -> list[tuple[str, str]]:
        """Each next post goes to where the share is furthest behind, so that any size looks like a school."""
        filled = [0] * len(_POSTS)
        for _ in range(teachers):
            place = max(range(len(_POSTS)), key=lambda place: _POSTS[place][0] / (2 * filled[place] + 1))
            filled[place] += 1
        posts = [post[1:] for post, times in zip(_POSTS, filled, strict=True) for _ in range(times)]
        self._random.shuffle(posts)
        return posts

    def _person(self, title: str) -> Row:
        name = draw_name(self._random, self._taken)
        number = f"{next(self._numbers):05d}"
        years = self._random.choice((0, 1, 2, 3, *range(4, 38)))
        served = min(years, self._random.randrange(1, 20)) * 365 + self._random.randrange(5, 300)
        told = {
            "Табельный №": number,
            **dict(zip(HEADER[1:4], name, strict=True)),
            "Должность": title,
            "Ставка": "1",
            "Вид занятости": "основная",
            "Дата приёма": _written(_TOLD_ON - timedelta(days=served)),
            "E-mail": f"t{number}@{self._staff.mail_domain}" if self._random.random() < 0.6 else "",
        }
        return {**dict.fromkeys(HEADER, ""), **told, "Педстаж": str(years)}

    def _teacher(self, title: str, subjects: str) -> Row:
        person = {**self._person(title), "Предмет(ы)": subjects}
        person["Ставка"] = self._random.choice(("1", "1", "1", "1,25", "1,5", "0,5"))
        grades = range(1, 5) if title.endswith("начальных классов") else range(5, 12)
        if subjects and self._random.random() < 0.5:
            person["Классное руководство"] = f"{self._random.choice(grades)}{self._random.choice('АБВГ')}"
        if self._random.randrange(40) == 0:
            person["Длительный отпуск (с–по)"] = "01.09.2025–31.08.2026"
        return person

    def _outsider(self) -> Row:
        title, subjects = self._random.choice([post[1:] for post in _POSTS])
        kind = self._random.choice(("внешн. совм.", "внешн. совм.", "ГПХ"))
        return {**self._person(title), "Предмет(ы)": subjects, "Ставка": "0,5", "Вид занятости": kind}

    def _other(self, title: str) -> Row:
        return {**self._person(title), "Педстаж": ""}

    def _attest(self, people: list[Row]) -> None:
        """Categories go to those who have taught longest; the others have СЗД after two years in the post."""
        wanted = self._staff.with_category
        holders = round(len(people) * _SHARE_WITH_CATEGORY) if wanted is None else wanted
        by_years = sorted(people, key=lambda person: -int(person["Педстаж"]))
        for person in by_years[:holders]:
            person.update(self._category(person))
        for person in by_years[holders:]:
            if int(person["Педстаж"]) > 2:
                person["СЗД дата"] = _written(self._decision())

    def _category(self, person: Row) -> Row:
        decided = self._decision()
        is_high = int(person["Педстаж"]) > 12 and self._random.random() < 0.65
        until = decided.replace(year=decided.year + 5) if decided < _WITHOUT_TERM_SINCE else None
        return {
            "Категория": "высшая" if is_high else "первая",
            "Дата решения": _written(decided),
            "Срок до": _written(until) if until else "",
            "№ приказа": f"{self._random.randrange(100, 3000)}-р",
        }

    def _decision(self) -> date:
        return _FIRST_DECISION + timedelta(days=self._random.randrange((_LAST_DECISION - _FIRST_DECISION).days))


def _second_post() -> Row:
    return {
        "Должность": "Педагог дополнительного образования",
        "Предмет(ы)": "",
        "Ставка": "0,5",
        "Вид занятости": "внутр. совм.",
    }


def _written(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _typed(title: str, text: str) -> str | float | date | None:
    """A table program keeps dates and numbers as such, and the staff number as text."""
    if re.fullmatch(r"\d{2}\.\d{2}\.\d{4}", text):
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    if title in ("Ставка", "Педстаж") and text[:1].isdigit():
        return float(text.replace(",", "."))
    return text or None


def _without_clock(workbook: bytes) -> bytes:
    """The same workbook without the moment of its writing, so that the file can be compared."""
    quiet = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(quiet, "w") as target:
        for name, content in _parts(source):
            part = zipfile.ZipInfo(name, (2025, 9, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, content)
    return quiet.getvalue()


def _parts(source: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for name in sorted(source.namelist()):
        yield name, re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2025-09-01T00:00:00Z", source.read(name))


if __name__ == "__main__":
    ship(Path(__file__).parent / "staff")
