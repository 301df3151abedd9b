"""One row of the table becomes one person with one post, and a list of what is wrong in the row."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from chassis.refusals import Fact
from services.registry.staff_file import cells
from services.registry.staff_file.cells import UnclearCell
from services.registry.staff_file.columns import TITLES, Column, Header, column_called
from services.registry.staff_file.people import Category, Problem, Severity, StaffMember
from services.registry.staff_file.posts import Employment, Position
from services.registry.staff_file.subjects import subject_codes, subjects_in_title
from services.registry.staff_file.tables import Line
from services.registry.staff_file.wording import clean, key

Value = TypeVar("Value")

# Порядок аттестации (приказ Минпросвещения от 24.03.2023 № 196): categories decided since then have no term.
_WITHOUT_TERM_SINCE: Final = date(2023, 9, 1)
_OLD_TERM_YEARS: Final = 5
_TOTALS: Final = (["итого"], ["всего"])
_MOST_KEPT: Final = 50_000
_SELDOM_SAID_TWICE: Final = (cells.plain, cells.email_of, cells.full_name)


class Sayings:
    """What the cells of one file say: most say what another has said, and the same words are read only once."""

    def __init__(self) -> None:
        self._said: dict[tuple[object, str], tuple[Any, UnclearCell | None]] = {}
        self._values: dict[Any, Any] = {}

    def read(self, parse: Callable[[str], Value], text: str) -> tuple[Value | None, UnclearCell | None]:
        """What the words say, None when they say nothing; or why they cannot be read."""
        if parse in _SELDOM_SAID_TWICE:
            return _read(parse, text)
        told = (parse, text)
        found = self._said.get(told)
        if found is None:
            found = _read(parse, text)
            if len(self._said) < _MOST_KEPT:
                self._said[told] = found
        return found

    def one(self, value: Value) -> Value:
        """The value that was first met as this one, so that equal ones are kept once."""
        known: Value = self._values.get(value, value)
        if known is value and len(self._values) < _MOST_KEPT:
            self._values[value] = value
        return known


def _read(parse: Callable[[str], Value], text: str) -> tuple[Value | None, UnclearCell | None]:
    try:
        if cells.says_nothing(text):
            return None, None
        if text.startswith("="):
            return None, UnclearCell("staff-file.formula")
        return parse(text), None
    except UnclearCell as unclear:
        return None, UnclearCell(unclear.slug, unclear.severity)


_IDENTITY: Final = (Column.STAFF_NUMBER, Column.HIRED_ON)


class Row:
    """A row under its header; reading a cell that cannot be read leaves a problem and gives None."""

    def __init__(self, line: Line, header: Header, sayings: Sayings) -> None:
        self.number = line.number
        self.problems: list[Problem] = []
        self.sayings = sayings
        self._cells = [clean(cell) if cell else "" for cell in line.cells]
        self._formulas = line.formulas
        self._header = header

    def has(self, column: Column) -> bool:
        """Whether the file has the column at all."""
        return column in self._header.places

    def text(self, column: Column) -> str:
        """The cleaned text of a cell, empty where the file has no such column or the row is short."""
        place = self._header.places.get(column, len(self._cells))
        return self._cells[place] if place < len(self._cells) else ""

    def is_formula(self, column: Column) -> bool:
        """Whether a cell of a workbook is counted by a formula."""
        return bool(self._formulas) and self._formulas >> self._header.places.get(column, 300) & 1 == 1

    def says_nothing(self, column: Column) -> bool:
        """Whether a cell is empty, or says in a word that it is."""
        return cells.says_nothing(self.text(column)) and not self.is_formula(column)

    def parsed(self, column: Column, parse: Callable[[str], Value]) -> Value | None:
        """What the cell says, None for an empty or an unreadable one."""
        if self.is_formula(column):
            self.note(column, "staff-file.formula-cell")
            return None
        text = self.text(column)
        if not text:
            return None
        if len(text) > cells.TEXT_LIMIT:
            self.note(column, "staff-file.text-too-long", limit=cells.TEXT_LIMIT)
            return None
        value, unclear = self.sayings.read(parse, text)
        if unclear:
            self.note(column, unclear.slug, unclear.severity)
        return value

    def note(self, column: Column, slug: str, severity: Severity = "error", **facts: Fact) -> None:
        """Remember a problem of a cell."""
        title = self._header.titles.get(column, TITLES[column][0])
        self.problems.append(Problem(self.number, title, slug, severity, facts))

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in the row."""
        return not any(self._cells)

    @property
    def is_numbering(self) -> bool:
        """Whether the row only counts the columns (1, 2, 3 …), as printed forms do under the header."""
        words = [cell for cell in self._cells if cell]
        return words[:1] == ["1"] and len(words) > 2 and words == [str(place) for place in range(1, len(words) + 1)]

    @property
    def is_header_again(self) -> bool:
        """Whether the row repeats the header, as each page of a printed form does."""
        name = Column.FAMILY_NAME if self.has(Column.FAMILY_NAME) else Column.FULL_NAME
        return column_called(self.text(name)) is name

    @property
    def is_heading(self) -> bool:
        """Whether the row is a total or a subtitle and tells of no person."""
        words = [cell for cell in self._cells if cell]
        is_total = words[0][:5].casefold() in ("итого", "всего") and key(words[0]).split()[:1] in _TOTALS
        return len(words) == 1 or is_total


def member_of(row: Row) -> StaffMember | None:
    """The person of a row; None when the row does not say who it is."""
    name = _name(row) or ("", "", None)
    number = row.parsed(Column.STAFF_NUMBER, cells.plain)
    hired_on = row.parsed(Column.HIRED_ON, cells.date_of)
    positions = _positions(row)
    category, szd_on = _attestation(row)
    leave_from, leave_to = _leave(row)
    member = StaffMember(
        staff_number=number,
        family_name=name[0],
        given_name=name[1],
        patronymic=name[2],
        positions=positions,
        hired_on=hired_on,
        teaching_years=row.parsed(Column.TEACHING_YEARS, cells.teaching_years_of),
        category=category,
        szd_on=szd_on,
        is_class_teacher=row.parsed(Column.CLASS_TEACHER, cells.flag_of) or False,
        email=row.parsed(Column.EMAIL, cells.email_of),
        leave_from=leave_from,
        leave_to=leave_to,
        rows=(row.number,),
    )
    return member if _is_told(row, member) else None


def _is_told(row: Row, member: StaffMember) -> bool:
    """Whether the row says who it is; what kept it from that is among its problems."""
    if not (member.staff_number or member.hired_on) and all(map(row.says_nothing, _IDENTITY)):
        row.note(Column.STAFF_NUMBER, "staff-file.identity-missing")
    return bool(member.family_name and member.positions and (member.staff_number or member.hired_on))


def _name(row: Row) -> tuple[str, str, str | None] | None:
    if not (row.has(Column.FAMILY_NAME) and row.has(Column.GIVEN_NAME)):
        return _required(row, Column.FULL_NAME, cells.full_name)
    family = _required(row, Column.FAMILY_NAME, cells.name_part)
    given = _required(row, Column.GIVEN_NAME, cells.name_part)
    patronymic = row.parsed(Column.PATRONYMIC, cells.name_part)
    return (family, given, patronymic) if family and given else None


def _required(row: Row, column: Column, parse: Callable[[str], Value]) -> Value | None:
    found = row.parsed(column, parse)
    if found is None and row.says_nothing(column):
        row.note(column, "staff-file.cell-empty")
    return found


def _positions(row: Row) -> tuple[Position, ...]:
    title = _required(row, Column.TITLE, cells.plain)
    if not title:
        return ()
    subjects, is_clear = row.parsed(Column.SUBJECTS, subject_codes) or ((), True)
    if not is_clear:
        row.note(Column.SUBJECTS, "staff-file.subject-unknown", "warning")
    rate = row.parsed(Column.RATE, cells.rate_of)
    kind = row.parsed(Column.EMPLOYMENT, cells.employment_from)
    if kind is None and row.has(Column.EMPLOYMENT) and row.says_nothing(Column.EMPLOYMENT):
        row.note(Column.EMPLOYMENT, "staff-file.employment-empty", "warning")
    subjects = subjects or row.sayings.read(subjects_in_title, title)[0] or ()
    return row.sayings.one((Position(title, subjects, rate, kind or Employment.MAIN),))


def _attestation(row: Row) -> tuple[Category | None, date | None]:
    szd_on = row.parsed(Column.SZD_ON, cells.date_of)
    level = row.parsed(Column.CATEGORY, cells.category_level)
    decided_on = row.parsed(Column.DECIDED_ON, cells.date_of)
    if level is None and cells.is_szd(row.text(Column.CATEGORY)):
        return None, szd_on or decided_on
    if level is None:
        return None, szd_on
    written = row.parsed(Column.VALID_UNTIL, cells.term_of)
    valid_until = _term(row, decided_on, written)
    is_guessed = valid_until is not None and written is None
    return Category(level, decided_on, valid_until, row.parsed(Column.ORDER_NO, cells.plain), is_guessed), szd_on


def _term(row: Row, decided_on: date | None, written: date | None) -> date | None:
    if decided_on is None:
        row.note(Column.DECIDED_ON, "staff-file.category-undated", "warning")
        return written
    if written and written < decided_on:
        row.note(Column.VALID_UNTIL, "staff-file.dates-reversed")
        return None
    if decided_on >= _WITHOUT_TERM_SINCE:
        if written:
            row.note(Column.VALID_UNTIL, "staff-file.category-without-term", "warning")
        return None
    if written is None:
        row.note(Column.VALID_UNTIL, "staff-file.category-term-guessed", "warning", years=_OLD_TERM_YEARS)
    return written or _years_later(decided_on, _OLD_TERM_YEARS)


def _leave(row: Row) -> tuple[date | None, date | None]:
    first, last = row.parsed(Column.LEAVE, cells.period_of) or (None, None)
    first = first or row.parsed(Column.LEAVE_FROM, cells.date_of)
    last = last or row.parsed(Column.LEAVE_TO, cells.date_of)
    if first and last and last < first:
        row.note(Column.LEAVE if row.has(Column.LEAVE) else Column.LEAVE_TO, "staff-file.dates-reversed")
        return None, None
    return first, last


def _years_later(day: date, years: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)
