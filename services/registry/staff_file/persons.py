"""Rows become people: several rows of one person are one person with several posts."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from services.registry.staff_file.columns import TITLES, Column, Header
from services.registry.staff_file.people import Category, Problem, Severity, StaffMember
from services.registry.staff_file.problems import Problems
from services.registry.staff_file.wording import name_key, number_key

Value = TypeVar("Value")
Group = list[StaffMember]
Name = tuple[str, ...]


def people_of(rows: Iterable[StaffMember], header: Header, problems: Problems) -> list[StaffMember]:
    """One entry per person in the order of the file; what only the whole file can show to be wrong is noted."""
    gathering = _Gathering(header, problems)
    unnumbered = []
    for row in rows:
        if row.staff_number:
            gathering.add_numbered(row)
        else:
            unnumbered.append(row)
    for row in unnumbered:
        gathering.add_unnumbered(row)
    return gathering.people()


class _Gathering:
    """The groups of rows found so far, one group per person."""

    def __init__(self, header: Header, problems: Problems) -> None:
        self._groups: list[Group] = []
        self._by_number: dict[str, Group] = {}
        self._by_name_and_day: dict[Hashable, Group] = {}
        self._of_several: set[Hashable] = set()
        self._rows: dict[StaffMember, StaffMember] = {}
        self._names: dict[tuple[str, str, str | None], Name] = {}
        self._header = header
        self._problems = problems

    def add_numbered(self, row: StaffMember) -> None:
        """The same staff number is the same person; the same number under another name is an error."""
        number = number_key(row.staff_number or "")
        group = self._by_number.get(number)
        if group is None:
            self._by_number[number] = self._start(row)
        elif self._name(group[0]) != self._name(row):
            self._note(row, Column.STAFF_NUMBER, "staff-file.number-shared", group[0])
        else:
            self._join(group, row)

    def add_unnumbered(self, row: StaffMember) -> None:
        """Without a number the name and the day of hiring tell who it is."""
        who = self._name_and_day(row)
        group = self._by_name_and_day.get(who)
        if group is None:
            self._start(row)
        elif who in self._of_several:
            self._note(row, Column.STAFF_NUMBER, "staff-file.number-needed", group[0])
        else:
            self._join(group, row)

    def people(self) -> list[StaffMember]:
        """One entry per group; namesakes and shared addresses are noted."""
        self._by_number.clear()
        self._by_name_and_day.clear()
        self._groups.sort(key=lambda group: group[0].rows)
        self._note_namesakes()
        people = [_one_person(group) for group in self._groups]
        return self._without_shared_emails(people)

    def _note_namesakes(self) -> None:
        """Two people of one name stay two; a person looks at them."""
        seen: dict[Name, StaffMember] = {}
        column = Column.FAMILY_NAME if Column.FAMILY_NAME in self._header.places else Column.FULL_NAME
        for first, *_ in self._groups:
            other = seen.setdefault(self._name(first), first)
            if other is not first:
                self._note(first, column, "staff-file.namesakes", other, "warning")

    def _without_shared_emails(self, people: list[StaffMember]) -> list[StaffMember]:
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
        self._groups.append(group)
        self._join(group, row)
        return group

    def _join(self, group: Group, row: StaffMember) -> None:
        if len(group) == 1:
            self._rows[group[0]] = group[0]
        if group and self._rows.setdefault(row, row) is not row:
            self._note(row, Column.TITLE, "staff-file.row-twice", self._rows[row], "warning")
            return
        group.append(row)
        who = self._name_and_day(row)
        if self._by_name_and_day.setdefault(who, group) is not group:
            self._of_several.add(who)

    def _name_and_day(self, row: StaffMember) -> Hashable:
        return self._name(row), row.hired_on

    def _name(self, row: StaffMember) -> Name:
        parts = row.family_name, row.given_name, row.patronymic
        found = self._names.get(parts)
        if found is None:
            found = self._names[parts] = name_key(*parts)
        return found

    def _note(
        self, row: StaffMember, column: Column, slug: str, other: StaffMember, severity: Severity = "error"
    ) -> None:
        title = self._header.titles.get(column, TITLES[column][0])
        self._problems.add([Problem(row.rows[0], title, slug, severity, {"other_row": other.rows[0]})])


def _one_person(group: Group) -> StaffMember:
    """Facts of a person stand in any of the rows: the highest category, the latest СЗД."""
    if len(group) == 1:
        return group[0]
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
