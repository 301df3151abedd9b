"""What applying a staff file would change, said before anything is changed."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from services.registry.staff_file.columns import Column
from services.registry.staff_file.people import StaffFile, StaffMember
from services.registry.staff_file.posts import Position
from services.registry.staff_file.wording import name_key, number_key

Person = TypeVar("Person")


class MatchedBy(StrEnum):
    """By what a person of the file was found among the people of the school."""

    DECISION = "DECISION"
    STAFF_NUMBER = "STAFF_NUMBER"
    NAME_AND_HIRED_ON = "NAME_AND_HIRED_ON"
    NAME = "NAME"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person of the school today, told in the words of a staff file."""

    person_id: UUID
    member: StaffMember


@dataclass(frozen=True, slots=True)
class StaffChange:
    """A known person as the file would leave them: `member` keeps what the file is silent about."""

    person_id: UUID
    member: StaffMember
    fields: tuple[str, ...]
    matched_by: MatchedBy


@dataclass(frozen=True, slots=True)
class StaffConflict:
    """A person of the file whom only a human can tell from `person_ids`, of whom the first are named."""

    slug: str
    member: StaffMember
    person_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class StaffChanges:
    """The difference between a file and the people of a school; the order is that of the file."""

    new: tuple[StaffMember, ...]
    changed: tuple[StaffChange, ...]
    unchanged: tuple[StaffChange, ...]
    left: tuple[KnownPerson, ...]
    conflicts: tuple[StaffConflict, ...]


# A field is compared only when the file has one of its columns.
_FIELDS: Final[Mapping[str, frozenset[Column]]] = MappingProxyType(
    {
        "staff_number": frozenset({Column.STAFF_NUMBER}),
        "family_name": frozenset({Column.FAMILY_NAME, Column.FULL_NAME}),
        "given_name": frozenset({Column.GIVEN_NAME, Column.FULL_NAME}),
        "patronymic": frozenset({Column.PATRONYMIC, Column.FULL_NAME}),
        "positions": frozenset({Column.TITLE}),
        "hired_on": frozenset({Column.HIRED_ON}),
        "teaching_years": frozenset({Column.TEACHING_YEARS}),
        "category": frozenset({Column.CATEGORY}),
        "szd_on": frozenset({Column.SZD_ON}),
        "is_class_teacher": frozenset({Column.CLASS_TEACHER}),
        "email": frozenset({Column.EMAIL}),
        "leave_from": frozenset({Column.LEAVE, Column.LEAVE_FROM}),
        "leave_to": frozenset({Column.LEAVE, Column.LEAVE_TO}),
    }
)
# An empty cell takes nothing away here: schools leave these out far more often than people lose them.
_KEPT_WHEN_EMPTY: Final = frozenset({"staff_number", "patronymic", "hired_on", "teaching_years", "szd_on", "email"})
_NAMES: Final = frozenset({"family_name", "given_name", "patronymic"})
# Who the person of a row is, by the word of a curator; none of the known is meant by None.
Decided = Mapping[int, UUID | None]
_NOBODY: Final = UUID(int=0)
_MOST_CANDIDATES: Final = 50
_NOTHING_DECIDED: Final[Decided] = MappingProxyType({})


def compare(current: Iterable[KnownPerson], file: StaffFile, decided: Decided = _NOTHING_DECIDED) -> StaffChanges:
    """Who is new, changed, the same, gone, or not to be told apart; applies nothing.

    A person is whom the curator has `decided` it to be, else is matched by staff number, else by name and day of
    hiring, else by name alone when exactly one known person bears it and has no staff number yet. Gone are only
    counted people with a staff number: one who was entered by hand is not in the school's export and never leaves
    by it. With errors in the file the rows that could not be read look like people who left, so a file with errors
    must not be applied.
    """
    matching = _Matching(sorted(current, key=lambda known: known.person_id), file.people)
    matching.by_decision(decided)
    matching.by_number()
    matching.by_name_and_hired_on()
    matching.by_name()
    changes = [_change(known, member, matched_by, file.columns) for member, known, matched_by in matching.matches()]
    return StaffChanges(
        new=tuple(sorted((*matching.unmatched, *matching.new), key=lambda member: member.rows)),
        changed=tuple(change for change in changes if change.fields),
        unchanged=tuple(change for change in changes if not change.fields),
        left=tuple(known for known in matching.remaining if _would_leave(known)),
        conflicts=tuple(sorted(matching.conflicts, key=lambda conflict: conflict.member.rows)),
    )


class _Matching:
    """People of the file and of the school who have not found each other yet, and those who have."""

    def __init__(self, current: Sequence[KnownPerson], people: Sequence[StaffMember]) -> None:
        self._remaining = {known.person_id: known for known in current}
        self._unmatched = {member.rows: member for member in people}
        self.conflicts: list[StaffConflict] = []
        self.new: list[StaffMember] = []
        self._all = tuple(current)
        self._names: dict[tuple[str, str, str | None], tuple[str, ...]] = {}
        self._found: list[tuple[StaffMember, KnownPerson, MatchedBy]] = []

    @property
    def remaining(self) -> list[KnownPerson]:
        """People of the school whom nobody in the file has matched."""
        return list(self._remaining.values())

    @property
    def unmatched(self) -> list[StaffMember]:
        """People of the file who have matched nobody."""
        return list(self._unmatched.values())

    def matches(self) -> list[tuple[StaffMember, KnownPerson, MatchedBy]]:
        """The pairs found, in the order of the file."""
        return sorted(self._found, key=lambda match: match[0].rows)

    def by_decision(self, decided: Decided) -> None:
        """Whom a curator has said that a row is; a row or a person that is not there decides nothing."""
        for member in self.unmatched if decided else ():
            row = next((row for row in member.rows if row in decided), None)
            known = None if row is None else self._remaining.get(decided[row] or _NOBODY)
            if known:
                self._match(member, known, MatchedBy.DECISION)
            elif row is not None and decided[row] is None:
                self.new.append(member)
                self._set_aside(member, [])

    def by_number(self) -> None:
        """The same number; a number that went to somebody of quite another name is a conflict."""
        known = _grouped(self.remaining, lambda person: _number(person.member))
        for member in [member for member in self.unmatched if _number(member)]:
            same = known.get(_number(member), [])
            if len(same) == 1 and _is_renamed_at_most(same[0].member, member):
                self._match(member, same[0], MatchedBy.STAFF_NUMBER)
            elif same:
                self._conflict("staff-file.number-reused", member, same)

    def by_name_and_hired_on(self) -> None:
        """The same name and the same day; two of a kind on either side are a conflict."""
        known = _grouped(self.remaining, lambda person: self._name_and_day(person.member))
        wanted = _grouped(self.unmatched, self._name_and_day)
        for member in self.unmatched:
            same = known.get(self._name_and_day(member), [])
            if len(same) == 1 and len(wanted[self._name_and_day(member)]) == 1:
                self._match(member, same[0], MatchedBy.NAME_AND_HIRED_ON)
            elif same:
                self._conflict("staff-file.match-unclear", member, same)

    def by_name(self) -> None:
        """The name alone, when only one bears it and has no number; several such are a conflict."""
        bearers = _grouped(self._all, lambda person: self._name(person.member))
        free = _grouped(
            (known for known in self.remaining if not known.member.staff_number),
            lambda person: self._name(person.member),
        )
        wanted = _grouped(self.unmatched, self._name)
        for member in self.unmatched:
            same = free.get(self._name(member), [])
            if not same:
                continue
            if len(bearers[self._name(member)]) == 1 and len(wanted[self._name(member)]) == 1:
                self._match(member, same[0], MatchedBy.NAME)
            else:
                self._conflict("staff-file.match-unclear", member, same)

    def _match(self, member: StaffMember, known: KnownPerson, matched_by: MatchedBy) -> None:
        self._found.append((member, known, matched_by))
        self._set_aside(member, [known])

    def _conflict(self, slug: str, member: StaffMember, known: Sequence[KnownPerson]) -> None:
        shown = tuple(person.person_id for person in known[:_MOST_CANDIDATES])
        self.conflicts.append(StaffConflict(slug, member, shown))
        self._set_aside(member, known)

    def _set_aside(self, member: StaffMember, known: Sequence[KnownPerson]) -> None:
        del self._unmatched[member.rows]
        # Those who are set aside together are so but once, however many rows they fit.
        if known and known[0].person_id in self._remaining:
            for person in known:
                self._remaining.pop(person.person_id, None)

    def _name(self, member: StaffMember) -> tuple[str, ...]:
        parts = member.family_name, member.given_name, member.patronymic
        found = self._names.get(parts)
        if found is None:
            found = self._names[parts] = name_key(*parts)
        return found

    def _name_and_day(self, member: StaffMember) -> Hashable:
        return self._name(member), member.hired_on


def _change(known: KnownPerson, member: StaffMember, matched_by: MatchedBy, columns: frozenset[Column]) -> StaffChange:
    fields = tuple(
        field
        for field, told_by in _FIELDS.items()
        if told_by & columns and _differs(field, known.member, member, columns)
    )
    merged = replace(known.member, rows=member.rows, **{field: getattr(member, field) for field in fields})
    return StaffChange(known.person_id, merged, fields, matched_by)


def _differs(field: str, known: StaffMember, member: StaffMember, columns: frozenset[Column]) -> bool:
    before, after = getattr(known, field), getattr(member, field)
    if before == after:
        return False
    if field == "positions":
        return _posts(known, columns) != _posts(member, columns)
    if after is None and field in _KEPT_WHEN_EMPTY:
        return False
    if field in _NAMES:
        return name_key(before) != name_key(after)
    return field != "staff_number" or _number(known) != _number(member)


def _posts(member: StaffMember, columns: frozenset[Column]) -> list[str]:
    return sorted(repr(_post(position, columns)) for position in member.positions)


def _post(position: Position, columns: frozenset[Column]) -> tuple[object, ...]:
    told = (
        (Column.SUBJECTS, sorted(position.subjects)),
        (Column.RATE, position.rate),
        (Column.EMPLOYMENT, position.employment),
    )
    return name_key(position.title), *(value for column, value in told if column in columns)


def _would_leave(known: KnownPerson) -> bool:
    return known.member.counts_in_staff and known.member.staff_number is not None


def _is_renamed_at_most(known: StaffMember, member: StaffMember) -> bool:
    """A new family name comes with marriage; a new family name and a new given name are another person."""
    return any(
        name_key(before) == name_key(after)
        for before, after in ((known.given_name, member.given_name), (known.family_name, member.family_name))
    )


def _grouped(people: Iterable[Person], key_of: Callable[[Person], Hashable]) -> dict[Hashable, list[Person]]:
    groups: dict[Hashable, list[Person]] = defaultdict(list)
    for person in people:
        groups[key_of(person)].append(person)
    return groups


def _number(member: StaffMember) -> str:
    return number_key(member.staff_number or "")
