"""What a campaign covers: whom it asks, from which day on, about what, and by which instruments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import Catalogue, Form
from services.diagnostics.domain.instruments import Instrument

ALL_INSTRUMENTS = frozenset(Instrument)


class AudienceKind(StrEnum):
    """Whom a campaign asks: all teachers, those of some role profiles, or listed people."""

    ALL = "ALL"
    PROFILES = "PROFILES"
    LISTED = "LISTED"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a curator may choose of a campaign; left alone it asks all teachers everything, from now on.

    `competencies` are the sets of role profiles that differ from the catalogue's, the most important first.
    """

    opens_on: date | None = None
    role_profiles: frozenset[str] = frozenset()
    people: frozenset[UUID] = frozenset()
    instruments: frozenset[Instrument] = ALL_INSTRUMENTS
    competencies: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def audience(self) -> AudienceKind:
        """Whom the campaign asks."""
        if self.people:
            return AudienceKind.LISTED
        return AudienceKind.PROFILES if self.role_profiles else AudienceKind.ALL

    def covers(self, person_id: UUID, role_profiles: Sequence[str]) -> bool:
        """Is this teacher asked?"""
        if self.people:
            return person_id in self.people
        return not self.role_profiles or not self.role_profiles.isdisjoint(role_profiles)


def check_scope(catalogue: Catalogue, scope: Scope, *, closes_on: date) -> None:
    """A campaign asks somebody something on some day.

    Refused as `campaign.audience-twice`, `campaign.no-instrument`, `campaign.window-empty` or
    `catalogue.unknown-profile`.
    """
    if scope.people and scope.role_profiles:
        raise Invalid("campaign.audience-twice", field="audience")
    if not scope.instruments:
        raise Invalid("campaign.no-instrument", field="instruments")
    if scope.opens_on is not None and closes_on < scope.opens_on:
        raise Invalid("campaign.window-empty", field="opens_on")
    catalogue.profiles_of([*scope.role_profiles, *scope.competencies])


def with_competencies(catalogue: Catalogue, competencies: Mapping[str, Sequence[str]]) -> Catalogue:
    """The catalogue as a campaign uses it: some role profiles are assessed on other sets.

    A set keeps the limits of a form, so that it stays within 25 minutes, and every code has a target. Refused as
    `campaign.form-size`, `campaign.form-without-target` or `catalogue.unknown-code`.
    """
    forms = catalogue.forms
    changed = {profile: _form(catalogue, profile, codes) for profile, codes in competencies.items()}
    return replace(catalogue, forms=replace(forms, by_profile={**forms.by_profile, **changed}))


def _form(catalogue: Catalogue, profile: str, codes: Sequence[str]) -> Form:
    place, chosen = f"competencies.{profile}", tuple(dict.fromkeys(codes))
    forms, known = catalogue.forms, catalogue.profiles[profile]
    fewest = 1 if known.is_overlay else forms.fewest
    if not fewest <= len(chosen) <= forms.most:
        raise Invalid("campaign.form-size", field=place, profile=profile, fewest=fewest, most=forms.most)
    for code in chosen:
        if code not in catalogue.competencies:
            raise Invalid("catalogue.unknown-code", field=place, code=code)
        if known.target(catalogue.competencies[code]) is None:
            raise Invalid("campaign.form-without-target", field=place, profile=profile, code=code)
    return Form(profile, len(chosen), chosen, forms.by_profile[profile].default_subject)
