"""People: their names, what they are at a place, and who may make them what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.refusals import Forbidden, Invalid
from services.registry.domain.places import CITY, DISTRICT, SCHOOL

TEACHER, OBSERVER, CURATOR, HEAD = "teacher", "observer", "curator", "head"
SCHOOL_ROLES = (TEACHER, OBSERVER, CURATOR, HEAD)
OFFICES = {SCHOOL: (HEAD,), DISTRICT: ("coordinator",), CITY: ("analyst", "operator", "auditor")}
# Whose account is named by the office rather than by a number.
NAMED_BY_OFFICE = (HEAD, CURATOR, "coordinator", "analyst", "operator", "auditor")


@dataclass(frozen=True, slots=True)
class Names:
    """How a person is called."""

    family_name: str
    given_name: str
    patronymic: str | None

    @property
    def full(self) -> str:
        """«Иванова Мария Петровна»."""
        return " ".join(filter(None, (self.family_name, self.given_name, self.patronymic)))

    @property
    def short(self) -> str:
        """«Иванова М. П.»."""
        initials = [f"{name[0]}." for name in (self.given_name, self.patronymic) if name]
        return " ".join((self.family_name, *initials))


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is at a place; `staff` keeps what the last staff file told, without names.

    `counted_to` is the last day on which the person counted here who counts at a successor of the school now; with
    `for_cycle_only` the membership ends with the cycle that runs here.
    """

    place_id: str
    person_id: UUID
    roles: tuple[str, ...]
    joined_on: date
    left_on: date | None = None
    role_profiles: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    counts_in_staff: bool = False
    counted_to: date | None = None
    for_cycle_only: bool = False
    manager_id: UUID | None = None
    absent_from: date | None = None
    absent_to: date | None = None
    staff: Mapping[str, object] = field(default_factory=dict)
    revision: int = 1

    @property
    def roles_in_force(self) -> tuple[str, ...]:
        """The roles that still give rights: none after leaving."""
        return self.roles if self.left_on is None else ()


def in_order(roles: Collection[str]) -> tuple[str, ...]:
    """Each role once, in the order in which they stand in the catalogue of roles."""
    order = (*SCHOOL_ROLES, *OFFICES[DISTRICT], *OFFICES[CITY])
    return tuple(role for role in order if role in roles)


def giveable_by(roles: Collection[str]) -> frozenset[str]:
    """The roles that a holder of `roles` may give and take; only a head appoints curators, no one there a head."""
    curators = {TEACHER, OBSERVER} if CURATOR in roles or HEAD in roles else set()
    return frozenset(curators | ({CURATOR} if HEAD in roles else set()))


def check_giving(before: Collection[str], after: Collection[str], *, giveable: frozenset[str]) -> None:
    """Refuse a change of roles that is not the giver's to make, taking a role away included."""
    if set(before) ^ set(after) <= giveable:
        return
    raise Forbidden("roles.not-yours-to-give", field="roles", legal=sorted(giveable))


def check_office(role: str, *, kind: str) -> None:
    """Refuse an office that a place of this kind does not have."""
    if role not in OFFICES[kind]:
        raise Invalid("officer.role-not-here", field="role", kind=kind, legal=list(OFFICES[kind]))


def roles_by_profile(roles: Sequence[str], *, had_profile: bool, has_profile: bool) -> tuple[str, ...]:
    """The role of a teacher comes and goes with the role profile; the other roles are given by hand and stay."""
    if has_profile and not had_profile:
        return in_order({*roles, TEACHER})
    if had_profile and not has_profile:
        return in_order(set(roles) - {TEACHER})
    return in_order(roles)
