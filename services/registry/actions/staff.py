"""Between the staff file and the registry: what a file tells of a person becomes a membership, and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.actions.members import Change
from services.registry.domain.people import Membership, Names, roles_by_profile
from services.registry.domain.places import Place
from services.registry.staff_file import (
    Category,
    Column,
    Employment,
    KnownPerson,
    MatchedBy,
    Position,
    StaffChanges,
    StaffFile,
    StaffMember,
    compare,
)

CLASS_TEACHER = "CLASS_TEACHER"
# Аттестация на соответствие занимаемой должности: once in five years (приказ Минпросвещения от 24.03.2023 № 196).
SZD_YEARS = 5
_NOT_FACTS = ("family_name", "given_name", "patronymic", "rows")

Known = tuple[Names, Membership]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of an attestation commission."""

    kind: str
    decided_on: date
    valid_until: date | None


def compare_staff(members: Sequence[Known], file: StaffFile) -> StaffChanges:
    """What the file would change; one who left and comes back keeps the id when number, or name and day, tell so."""
    here = [known_person(names, one) for names, one in members if one.left_on is None]
    gone = [known_person(names, one) for names, one in members if one.left_on is not None]
    changes = compare(here, file)
    back = compare(gone, replace(file, people=changes.new))
    returned = [one for one in (*back.changed, *back.unchanged) if one.matched_by is not MatchedBy.NAME]
    rows = {one.member.rows for one in returned}
    return replace(
        changes,
        new=tuple(member for member in changes.new if member.rows not in rows),
        changed=(*changes.changed, *returned),
    )


def known_person(names: Names, membership: Membership) -> KnownPerson:
    """A person of the school in the words of a staff file."""
    return KnownPerson(membership.person_id, member_of({**asdict(names), **membership.staff}))


def told(member: StaffMember) -> dict[str, Any]:
    """A person of a file as JSON, with the names."""
    found: dict[str, Any] = json.loads(json.dumps(asdict(member), default=date.isoformat))
    return found


def member_of(facts: Mapping[str, Any]) -> StaffMember:
    """The person of a file that `told` wrote down."""
    return StaffMember(
        staff_number=facts.get("staff_number"),
        family_name=facts["family_name"],
        given_name=facts["given_name"],
        patronymic=facts["patronymic"],
        positions=tuple(_position(one) for one in facts.get("positions", ())),
        hired_on=_day(facts.get("hired_on")),
        teaching_years=facts.get("teaching_years"),
        category=_category(facts.get("category")),
        szd_on=_day(facts.get("szd_on")),
        is_class_teacher=facts.get("is_class_teacher", False),
        email=facts.get("email"),
        leave_from=_day(facts.get("leave_from")),
        leave_to=_day(facts.get("leave_to")),
        rows=tuple(facts.get("rows", ())),
    )


def rows_of(file: StaffFile) -> dict[str, Any]:
    """What of a checked file is kept until it is applied."""
    return {"columns": sorted(file.columns), "people": [told(member) for member in file.people]}


def file_of(rows: Mapping[str, Any]) -> StaffFile:
    """The checked file again, as far as a comparison needs it."""
    return StaffFile(
        people=tuple(member_of(one) for one in rows["people"]),
        problems=(),
        rows_read=0,
        columns=frozenset(Column(one) for one in rows["columns"]),
        kind="csv",
        encoding=None,
        sha256="",
    )


def joined(place: Place, person_id: UUID, member: StaffMember, *, today: date) -> Change:
    """A person whom the school did not know."""
    return Change(None, _by_file(Membership(place.place_id, person_id, (), joined_on=today), member, had_profile=False))


def changed(before: Membership, member: StaffMember, *, today: date) -> Change:
    """A person whom the file tells otherwise, or who comes back."""
    is_back = before.left_on is not None
    start = replace(before, roles=(), joined_on=today, left_on=None) if is_back else before
    after = _by_file(start, member, had_profile=bool(before.role_profiles) and not is_back)
    return Change(before, replace(after, revision=before.revision + 1))


def left(before: Membership, *, today: date) -> Change:
    """A person whom the file does not name any more; what was recorded stays."""
    return Change(before, replace(before, left_on=today, revision=before.revision + 1))


def names_of(member: StaffMember) -> Names:
    """How the file calls a person."""
    return Names(member.family_name, member.given_name, member.patronymic)


def decisions(before: Membership | None, after: Membership) -> list[Decision]:
    """The decisions that the file brought and that were not known: a category with its day, a fitness for the post."""
    known = before.staff if before else {}
    found = []
    category = _category(after.staff.get("category"))
    if category and category.decided_on and known.get("category") != after.staff.get("category"):
        found.append(Decision(category.level, category.decided_on, category.valid_until))
    szd_on = _day(after.staff.get("szd_on"))
    if szd_on and known.get("szd_on") != after.staff.get("szd_on"):
        found.append(Decision("SZD", szd_on, _years_later(szd_on, SZD_YEARS)))
    return found


def _by_file(start: Membership, member: StaffMember, *, had_profile: bool) -> Membership:
    profile = member.role_profile
    overlay = (CLASS_TEACHER,) if profile and member.is_class_teacher else ()
    subjects = dict.fromkeys(subject for position in member.positions for subject in position.subjects)
    facts = {name: value for name, value in told(member).items() if name not in _NOT_FACTS}
    return replace(
        start,
        roles=roles_by_profile(start.roles, had_profile=had_profile, has_profile=profile is not None),
        role_profiles=(str(profile), *overlay) if profile else (),
        subjects=tuple(subjects),
        counts_in_staff=member.counts_in_staff,
        joined_on=member.hired_on or start.joined_on,
        absent_from=member.leave_from,
        absent_to=member.leave_to,
        staff=facts,
    )


def _position(told_of: Mapping[str, Any]) -> Position:
    return Position(
        title=told_of["title"],
        subjects=tuple(told_of["subjects"]),
        rate=told_of["rate"],
        employment=Employment(told_of["employment"]),
    )


def _category(told_of: Any) -> Category | None:
    if not told_of:
        return None
    return Category(
        level=told_of["level"],
        decided_on=_day(told_of["decided_on"]),
        valid_until=_day(told_of["valid_until"]),
        order_no=told_of["order_no"],
    )


def _day(told_of: Any) -> date | None:
    return date.fromisoformat(told_of) if told_of else None


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
