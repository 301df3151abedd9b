"""Who is asked in a campaign, about what, and by whom each person is seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.diagnostics.domain.catalogue import Catalogue, target_for
from services.diagnostics.domain.forms import form_for
from services.diagnostics.domain.raters import Colleague, assign_observers, assign_raters

Targets = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Member:
    """A teacher of the school with role profiles and subjects, the main subject first."""

    person_id: UUID
    role_profiles: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person's part in a campaign: the targets of the form, the rating colleagues, the observer."""

    person_id: UUID
    targets: Targets
    raters: tuple[UUID, ...]
    observer: UUID | None


@dataclass(frozen=True, slots=True)
class Staff:
    """What is known of a school when a campaign opens; `earlier` are the forms of the cycle's first wave."""

    teachers: Sequence[Member]
    observers: frozenset[UUID]
    earlier: Mapping[UUID, Targets]


def invite(catalogue: Catalogue, staff: Staff, *, seed: int) -> tuple[Invitation, ...]:
    """The invitations of a campaign, by person; the seed alone decides who rates whom.

    Whoever has no role profile of the catalogue cannot be asked and stays out. A person of the first wave is
    asked the same against the same targets again: only then can the two measurements be compared.
    """
    forms = {each.person_id: staff.earlier.get(each.person_id) or _targets(catalogue, each) for each in staff.teachers}
    asked = [each for each in staff.teachers if forms[each.person_id]]
    colleagues = [Colleague(each.person_id, _known(each.subjects, catalogue.subjects)) for each in asked]
    raters = assign_raters(colleagues, seed)
    observers = assign_observers(colleagues, staff.observers, seed) if staff.observers else {}
    return tuple(
        Invitation(each, forms[each], raters[each], observers.get(each))
        for each in sorted(person.person_id for person in asked)
    )


def _targets(catalogue: Catalogue, member: Member) -> dict[str, int]:
    profiles = _known(member.role_profiles, catalogue.profiles)
    if all(catalogue.profiles[code].is_overlay for code in profiles):
        return {}
    codes = form_for(catalogue, profiles, subjects=_known(member.subjects, catalogue.subjects))
    targets = ((code, target_for(catalogue, code, profiles=profiles)) for code in codes)
    return {code: target for code, target in targets if target is not None}


def _known(codes: Iterable[str], known: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(code for code in codes if code in known)
