"""Rows become people: several rows of one person are one person with several posts."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from services.registry.staff_file.columns import TITLES, Column, Header
from services.registry.staff_file.people import Category, Problem, Severity, StaffMember
from services.registry.staff_file.wording import name_key, number_key

Value = TypeVar("Value")
Group = list[StaffMember]


def people_of(rows: Sequence[StaffMember], header: Header) -> tuple[list[StaffMember], list[Problem]]:
    """One entry per person in the order of the file, and what only the whole file can show to be wrong."""
    gathering = _Gathering(header)
    for row in (row for row in rows if row.staff_number):
        gathering.add_numbered(row)
    for row in (row for row in rows if not row.staff_number):
        gathering.add_unnumbered(row)
    groups = sorted(gathering.groups, key=lambda group: group[0].rows)
    gathering.note_namesakes(groups)
    people = [_one_person(group) for group in groups]
    return gathering.without_shared_emails(people), gathering.problems


class _Gathering:
    """The groups of rows found so far, one group per person."""

    def __init__(self, header: Header) -> None:
        self.groups: list[Group] = []
        self.problems: list[Problem] = []
        self._by_number: dict[str, Group] = {}
        self._by_name_and_day: dict[Hashable, dict[int, Group]] = {}
        self._rows: dict[StaffMember, StaffMember] = {}
        self._header = header

    def add_numbered(self, row: StaffMember) -> None:
        """The same staff number is the same person; the same number under another name is an error."""
        group = self._by_number.get(number_key(row.staff_number or ""))
        if group is None:
            self._by_number[number_key(row.staff_number or "")] = self._start(row)
        elif _name(group[0]) != _name(row):
            self._note(row, Column.STAFF_NUMBER, "staff-file.number-shared", group[0])
        else:
            self._join(group, row)

    def add_unnumbered(self, row: StaffMember) -> None:
        """Without a number the name and the day of hiring tell who it is."""
        same = list(self._by_name_and_day.get(_name_and_day(row), {}).values())
        if len(same) > 1:
            self._note(row, Column.STAFF_NUMBER, "staff-file.number-needed", same[0][0])
        elif same:
            self._join(same[0], row)
        else:
            self._start(row)

    def note_namesakes(self, groups: Iterable[Group]) -> None:
        """Two people of one name stay two; a person looks at them."""
        seen: dict[tuple[str, ...], StaffMember] = {}
        for first, *_ in groups:
            other = seen.setdefault(_name(first), first)
            if other is not first:
                self._note(first, self._name_column(), "staff-file.namesakes", other, "warning")

    def without_shared_emails(self, people: list[StaffMember]) -> list[StaffMember]:
        """An address of two people is nobody's: an account needs one of its own."""
        owner: dict[str, StaffMember] = {}
        shared: set[str] = set()
        for member in (member for member in people if member.email):
            other = owner.setdefault(member.email or "", member)
            if other is not member:
                shared.add(member.email or "")
                self._note(member, Column.EMAIL, "staff-file.email-shared", other, "warning")
        return [replace(member, email=None) if member.email in shared else member for member in people]

    def _start(self, row: StaffMember) -> Group:
        group: Group = []
        self.groups.append(group)
        self._join(group, row)
        return group

    def _join(self, group: Group, row: StaffMember) -> None:
        twin = self._rows.setdefault(row, row)
        if twin is not row:
            self._note(row, Column.TITLE, "staff-file.row-twice", twin, "warning")
            return
        group.append(row)
        self._by_name_and_day.setdefault(_name_and_day(row), {})[group[0].rows[0]] = group

    def _name_column(self) -> Column:
        return Column.FAMILY_NAME if Column.FAMILY_NAME in self._header.places else Column.FULL_NAME

    def _note(
        self, row: StaffMember, column: Column, slug: str, other: StaffMember, severity: Severity = "error"
    ) -> None:
        title = self._header.titles.get(column, TITLES[column][0])
        self.problems.append(Problem(row.rows[0], title, slug, severity, {"other_row": other.rows[0]}))


def _one_person(group: Group) -> StaffMember:
    """Facts of a person stand in any of the rows: the highest category, the latest СЗД."""
    years = [row.teaching_years for row in group if row.teaching_years is not None]
    away = next((row for row in group if row.leave_from), group[0])
    return replace(
        group[0],
        staff_number=_first(row.staff_number for row in group),
        patronymic=_first(row.patronymic for row in group),
        positions=tuple(dict.fromkeys(position for row in group for position in row.positions)),
        hired_on=min((row.hired_on for row in group if row.hired_on), default=None),
        teaching_years=max(years, default=None),
        category=max((row.category for row in group if row.category), key=_rank, default=None),
        szd_on=max((row.szd_on for row in group if row.szd_on), default=None),
        is_class_teacher=any(row.is_class_teacher for row in group),
        email=_first(row.email for row in group),
        leave_from=away.leave_from,
        leave_to=away.leave_to,
        rows=tuple(sorted(number for row in group for number in row.rows)),
    )


def _rank(category: Category) -> tuple[bool, date]:
    return category.level == "CATH", category.decided_on or date.min


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)


def _name_and_day(row: StaffMember) -> Hashable:
    return _name(row), row.hired_on


def _name(row: StaffMember) -> tuple[str, ...]:
    return name_key(row.family_name, row.given_name, row.patronymic)
