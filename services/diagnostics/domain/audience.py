"""Who is asked in a campaign, about what, and by whom each person is seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import Catalogue, target_for
from services.diagnostics.domain.forms import form_for
from services.diagnostics.domain.instruments import Instrument
from services.diagnostics.domain.raters import Colleague, assign_observers, assign_raters
from services.diagnostics.domain.scope import Scope, with_competencies

Targets = Mapping[str, int]
# Fewer ratings than this are never shown, so that asking fewer colleagues would ask in vain.
FEWEST_RATERS = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A teacher of the school with role profiles and subjects, the main subject first."""

    person_id: UUID
    role_profiles: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person's part in a campaign: the targets of the form, who is asked about the person."""

    person_id: UUID
    targets: Targets
    raters: tuple[UUID, ...]
    observer: UUID | None
    is_self_asked: bool = True


@dataclass(frozen=True, slots=True)
class Staff:
    """What is known of a school when a campaign opens; `earlier` are the forms of the cycle's first wave."""

    teachers: Sequence[Member]
    observers: frozenset[UUID]
    earlier: Mapping[UUID, Targets]


EVERYBODY = Scope()


def invite(catalogue: Catalogue, staff: Staff, *, seed: int, scope: Scope = EVERYBODY) -> tuple[Invitation, ...]:
    """The invitations of a campaign, by person; the seed alone decides who rates whom.

    Whoever has no role profile of the catalogue cannot be asked and stays out. A person of the first wave is
    asked the same against the same targets again: only then can the two measurements be compared. Refused as
    `campaign.unknown-people` for listed people who do not teach here, or as `with_competencies` refuses.
    """
    _must_teach_here(scope, staff)
    mine = with_competencies(catalogue, scope.competencies)
    covered = [each for each in staff.teachers if scope.covers(each.person_id, each.role_profiles)]
    forms = {each.person_id: staff.earlier.get(each.person_id) or _targets(mine, each) for each in covered}
    asked = [_colleague(mine, each) for each in covered if forms[each.person_id]]
    others = [_colleague(mine, each) for each in staff.teachers if each not in covered]
    raters = _raters(asked, others, seed=seed) if Instrument.COLLEAGUES in scope.instruments else {}
    is_seen = not scope.instruments.isdisjoint({Instrument.OBSERVATION, Instrument.ARTEFACT})
    observers = assign_observers(asked, staff.observers, seed) if staff.observers and is_seen else {}
    is_self_asked = Instrument.SELF in scope.instruments
    return tuple(
        Invitation(each, forms[each], raters.get(each, ()), observers.get(each), is_self_asked)
        for each in sorted(person.person_id for person in asked)
    )


def _must_teach_here(scope: Scope, staff: Staff) -> None:
    strangers = scope.people - {each.person_id for each in staff.teachers}
    if strangers:
        raise Invalid("campaign.unknown-people", field="audience.people", people=sorted(map(str, strangers)))


def _colleague(catalogue: Catalogue, member: Member) -> Colleague:
    return Colleague(member.person_id, _known(member.subjects, catalogue.subjects))


def _raters(asked: Sequence[Colleague], others: Sequence[Colleague], *, seed: int) -> dict[UUID, tuple[UUID, ...]]:
    """Raters among the people asked; where these are too few, everybody who teaches here may be asked to rate."""
    raters = assign_raters(asked, seed)
    if not others or all(len(found) >= FEWEST_RATERS for found in raters.values()):
        return raters
    together = assign_raters([*asked, *others], seed)
    return {person_id: together[person_id] for person_id in raters}


def _targets(catalogue: Catalogue, member: Member) -> dict[str, int]:
    profiles = _known(member.role_profiles, catalogue.profiles)
    if all(catalogue.profiles[code].is_overlay for code in profiles):
        return {}
    codes = form_for(catalogue, profiles, subjects=_known(member.subjects, catalogue.subjects))
    targets = ((code, target_for(catalogue, code, profiles=profiles)) for code in codes)
    return {code: target for code, target in targets if target is not None}


def _known(codes: Iterable[str], known: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(code for code in codes if code in known)
