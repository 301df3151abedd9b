"""Between the staff file and the registry: what a file tells of a person becomes a membership, and back."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.actions.members import Change
from services.registry.actions.staff_facts import category_of, day_of, facts_of, member_called
from services.registry.domain.attestation import Decision, Kind, Term, term_of
from services.registry.domain.people import Membership, Names, roles_by_profile
from services.registry.domain.places import Place
from services.registry.domain.role_profiles import CLASS_TEACHER
from services.registry.staff_file import (
    Decided,
    KnownPerson,
    MatchedBy,
    StaffChanges,
    StaffFile,
    StaffMember,
    compare,
)

Known = tuple[Names, Membership]


@dataclass(frozen=True, slots=True)
class KnownStaff:
    """The people whom a school has and had, in the words of a staff file."""

    here: Sequence[KnownPerson]
    gone: Sequence[KnownPerson]

    @property
    def ids(self) -> frozenset[UUID]:
        """All of them."""
        return frozenset(known.person_id for known in (*self.here, *self.gone))


async def known_staff(members: AsyncIterator[Known]) -> KnownStaff:
    """The people of a school, taken one by one: of everybody only what a file tells is held in memory."""
    here: list[KnownPerson] = []
    gone: list[KnownPerson] = []
    async for names, one in members:
        known = KnownPerson(one.person_id, member_called(names, one.staff))
        (here if one.left_on is None else gone).append(known)
    return KnownStaff(here, gone)


def compare_staff(known: KnownStaff, file: StaffFile, decided: Decided) -> StaffChanges:
    """What the file would change; one who left and comes back keeps the id when number, or name and day, tell so.

    Whom the curator has decided upon is found also among those who left, and is new by nobody else's word.
    """
    gone = {one.person_id for one in known.gone}
    back_rows = {row for row, person_id in decided.items() if person_id in gone}
    here_rows = decided.keys() - back_rows
    coming = tuple(member for member in file.people if not back_rows.isdisjoint(member.rows))
    others = tuple(member for member in file.people if back_rows.isdisjoint(member.rows))
    changes = compare(known.here, replace(file, people=others), decided)
    unsure = (member for member in changes.new if here_rows.isdisjoint(member.rows))
    back = compare(known.gone, replace(file, people=(*coming, *unsure)), decided)
    returned = [one for one in (*back.changed, *back.unchanged) if one.matched_by is not MatchedBy.NAME]
    rows = {one.member.rows for one in returned}
    return replace(
        changes,
        new=tuple(member for member in changes.new if member.rows not in rows),
        changed=(*changes.changed, *returned),
    )


def joined(place: Place, person_id: UUID, member: StaffMember, *, today: date) -> Change:
    """A person whom the school did not know."""
    return Change(None, _by_file(Membership(place.place_id, person_id, (), joined_on=today), member, had_profile=False))


def changed(before: Membership, member: StaffMember, *, today: date, is_held: bool = False) -> Change:
    """A person whom the file tells otherwise, or who comes back; with `is_held` the role profiles are the curator's."""
    is_back = before.left_on is not None
    start = replace(before, roles=(), joined_on=today, left_on=None, staff={}) if is_back else before
    after = _by_file(start, member, had_profile=bool(before.role_profiles) and not is_back)
    if is_held and not is_back:
        after = replace(after, role_profiles=before.role_profiles, roles=before.roles)
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
    post = _first_post(after.staff)
    found = []
    category = category_of(after.staff.get("category"))
    if category and category.decided_on and known.get("category") != after.staff.get("category"):
        term = Term(category.valid_until, is_guessed=category.is_term_guessed)
        found.append(Decision(Kind(category.level), category.decided_on, term, post, category.order_no))
    szd_on = day_of(after.staff.get("szd_on"))
    if szd_on and known.get("szd_on") != after.staff.get("szd_on"):
        found.append(Decision(Kind.SZD, szd_on, term_of(Kind.SZD, szd_on, None), post))
    return found


def _first_post(told_of: Mapping[str, Any]) -> str | None:
    return next((str(position["title"]) for position in told_of.get("positions", ())), None)


def profiles_by_file(known: Membership) -> tuple[str, ...]:
    """The role profiles that the last staff file would give the person; none for somebody whom no file names."""
    if not known.staff:
        return ()
    return _profiles(member_called(Names("", "", None), known.staff))


def _profiles(member: StaffMember) -> tuple[str, ...]:
    profile = member.role_profile
    overlay = (CLASS_TEACHER,) if profile and member.is_class_teacher else ()
    return (str(profile), *overlay) if profile else ()


def _by_file(start: Membership, member: StaffMember, *, had_profile: bool) -> Membership:
    profiles = _profiles(member)
    # A day of hiring that the file has told before moves nobody's first day: after a merge it lies at another school.
    is_hired_anew = member.hired_on is not None and member.hired_on != day_of(start.staff.get("hired_on"))
    subjects = dict.fromkeys(subject for position in member.positions for subject in position.subjects)
    return replace(
        start,
        roles=roles_by_profile(start.roles, had_profile=had_profile, has_profile=bool(profiles)),
        role_profiles=profiles,
        subjects=tuple(subjects),
        counts_in_staff=member.counts_in_staff,
        joined_on=member.hired_on if member.hired_on and is_hired_anew else start.joined_on,
        absent_from=member.leave_from,
        absent_to=member.leave_to,
        staff=facts_of(member),
    )
