"""Any table that we write, in any dress that a school's program gives it, is read back as it was meant."""

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.staff_file import Category, Employment, Position, StaffMember, read
from services.registry.staff_file.columns import TITLES, Column
from tests.registry.staff_exports import as_csv, as_xlsx

# Letters that Windows-1251 has too; ё stands among them.
NAMES = st.from_regex(r"[А-ЯЁ][а-яё]{1,9}(-[А-ЯЁ][а-яё]{1,9})?", fullmatch=True)
DAYS = st.dates(date(1960, 1, 1), date(2026, 9, 1))
SUBJECTS = {"Математика": "MAT", "Физика": "PHY", "История": "HIS", "Музыка": "MUS"}
EMPLOYMENTS = {
    "основная": Employment.MAIN,
    "внутр. совм.": Employment.INTERNAL,
    "внешн. совм.": Employment.EXTERNAL,
    "ГПХ": Employment.CIVIL_LAW,
}
# Since then categories have no term, so that the file need name none.
CATEGORIES = st.none() | st.builds(
    Category,
    level=st.sampled_from(["CAT1", "CATH"]),
    decided_on=st.dates(date(2023, 9, 1), date(2026, 9, 1)),
    valid_until=st.none(),
    order_no=st.none() | st.integers(1, 9999).map(lambda number: f"{number}-р"),
)


def members(number: int) -> st.SearchStrategy[StaffMember]:
    return st.builds(
        StaffMember,
        staff_number=st.just(f"{number:05d}"),
        family_name=NAMES,
        given_name=NAMES,
        patronymic=st.none() | NAMES,
        positions=st.tuples(POSITIONS),
        hired_on=DAYS,
        teaching_years=st.none() | st.integers(0, 100).map(lambda halves: halves / 2),
        category=CATEGORIES,
        szd_on=st.none() | DAYS,
        is_class_teacher=st.booleans(),
        email=st.none() | st.just(f"t{number}@example.org"),
        leave_from=DAYS,
        leave_to=st.just(date(2027, 8, 31)),
    )


POSITIONS = st.builds(
    Position,
    title=st.sampled_from(["Учитель", "Педагог дополнительного образования", "Методист", "Секретарь"]),
    subjects=st.lists(st.sampled_from(sorted(SUBJECTS.values())), unique=True, max_size=3).map(tuple),
    rate=st.none() | st.integers(1, 8).map(lambda quarters: quarters / 4),
    employment=st.sampled_from(sorted(EMPLOYMENTS.values())),
)
STAFFS = st.integers(1, 6).flatmap(lambda size: st.tuples(*(members(number) for number in range(1, size + 1))))


class Dress:
    """How one program writes: titles, order of columns, dates, decimal signs, spaces, letter case, lines above."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.is_full_name = data.draw(st.booleans())
        self.is_iso = data.draw(st.booleans())
        self.decimal = data.draw(st.sampled_from([",", "."]))
        self.above = data.draw(st.integers(0, 9))
        # The hand that leaves spaces: a draw for each cell would be most of what these tests take.
        self.hand = Random(data.draw(st.integers(0, 2**32 - 1)))

    def rows(self, staff: tuple[StaffMember, ...]) -> list[list[str]]:
        written = [self._row(member) for member in staff]
        columns = self.draw(st.permutations(sorted(written[0])))
        titles = [self.draw(st.sampled_from(TITLES[Column(column)])) for column in columns]
        cells = [[self._loose(row[column]) for column in columns] for row in written]
        return [["Список работников"]] * self.above + [[self._loose(title) for title in titles], *cells]

    def _row(self, member: StaffMember) -> dict[str, str]:
        (position,) = member.positions
        category = member.category
        return {
            **self._names(member),
            "staff_number": member.staff_number or "",
            "title": position.title,
            "subjects": ", ".join(word for word, code in SUBJECTS.items() if code in position.subjects),
            "rate": self._number(position.rate),
            "employment": next(word for word, kind in EMPLOYMENTS.items() if kind is position.employment),
            "hired_on": self._day(member.hired_on),
            "teaching_years": self._number(member.teaching_years),
            "category": {"CAT1": "Первая", "CATH": "высшая"}[category.level] if category else "",
            "decided_on": self._day(category.decided_on) if category else "",
            "order_no": category.order_no or "" if category else "",
            "szd_on": self._day(member.szd_on),
            "class_teacher": "5А" if member.is_class_teacher else "",
            "email": (member.email or "").upper(),
            "leave": f"с {self._day(member.leave_from)} по {self._day(member.leave_to)}",
        }

    def _names(self, member: StaffMember) -> dict[str, str]:
        parts = [member.family_name, member.given_name, member.patronymic or ""]
        if self.is_full_name:
            return {"full_name": " ".join(filter(None, parts))}
        return dict(zip(("family_name", "given_name", "patronymic"), parts, strict=True))

    def _day(self, day: date | None) -> str:
        if day is None:
            return ""
        return day.isoformat() if self.is_iso else f"{day:%d.%m.%Y}"

    def _number(self, number: float | None) -> str:
        return "" if number is None else f"{number:g}".replace(".", self.decimal)

    def _loose(self, text: str) -> str:
        """The text with the spaces that hands and programs leave in it."""
        space = self.hand.choice([" ", "  ", "\u00a0", " \u00a0"])
        return self.hand.choice(["", " ", "\u00a0"]) + text.replace(" ", space)


def expected(member: StaffMember) -> StaffMember:
    """Subjects come in the order of the cell, in which the words stand as the list above names them."""
    (position,) = member.positions
    subjects = tuple(code for code in SUBJECTS.values() if code in position.subjects)
    return StaffMember(
        **{
            **{name: getattr(member, name) for name in StaffMember.__dataclass_fields__},
            "positions": (Position(position.title, subjects, position.rate, position.employment),),
        }
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    staff=STAFFS,
    data=st.data(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1251", "utf-16"]),
    separator=st.sampled_from([";", ",", "\t"]),
)
@pytest.mark.slow
def test_text_is_read_back_as_it_was_meant(
    staff: tuple[StaffMember, ...], data: st.DataObject, encoding: str, separator: str
) -> None:
    content = as_csv(Dress(data).rows(staff), encoding, separator)

    file = read(content, "staff.csv")

    assert file.errors == ()
    assert list(file.people) == [expected(member) for member in staff]
    assert (file.encoding, file.separator) == (encoding, separator)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(staff=STAFFS, data=st.data())
@pytest.mark.slow
def test_workbook_is_read_back_as_it_was_meant(staff: tuple[StaffMember, ...], data: st.DataObject) -> None:
    left = data.draw(st.integers(0, 2))
    rows: list[list[Any]] = [[None] * left + [cell or None for cell in row] for row in Dress(data).rows(staff)]

    file = read(as_xlsx(rows), "staff.xlsx")

    assert file.errors == ()
    assert list(file.people) == [expected(member) for member in staff]
