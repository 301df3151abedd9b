"""A version of the catalogue: competencies, levels, targets, forms, and the numbers of the scoring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chassis.refusals import Invalid
from services.diagnostics.scoring import Parameters

LEVELS = (1, 2, 3, 4, 5)
# A cell is one level of one competency; an indicator is a phrase that a teacher reads in one glance.
MOST_INDICATORS = 2
FEWEST_WORDS, MOST_WORDS = 5, 16


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same words in Russian and English."""

    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A family of competencies, known by its letter."""

    letter: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class Subject:
    """A school subject, the parameter of S-competencies."""

    code: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class Level:
    """One of the five behavioural levels with its anchor and its nearest DigCompEdu levels."""

    number: int
    name: Bilingual
    anchor: Bilingual
    digcompedu: str


@dataclass(frozen=True, slots=True)
class Framework:
    """An outer frame that competencies are mapped to."""

    code: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Competency:
    """A competency; one that `has_subject` is named together with a subject, as in S03.CHE."""

    code: str
    domain: str
    has_subject: bool
    name: Bilingual
    frameworks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """What can be seen of a person at one level of one competency."""

    competency: str
    level: int
    words: Bilingual


@dataclass(frozen=True, slots=True)
class Profile:
    """A role profile with its target levels; an overlay only adds to a person's own profile."""

    code: str
    name: Bilingual
    is_overlay: bool
    by_domain: Mapping[str, int]
    by_code: Mapping[str, int]
    note: str | None

    def target(self, competency: Competency) -> int | None:
        """The target of a competency; `None` where the profile asks nothing."""
        return self.by_code.get(competency.code, self.by_domain.get(competency.domain))


@dataclass(frozen=True, slots=True)
class Form:
    """What a profile is assessed on, the most important first; `size` codes of the list are taken."""

    profile: str
    size: int
    codes: tuple[str, ...]
    default_subject: str | None


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of all profiles, the limits of a form, and codes that do not suit a subject."""

    by_profile: Mapping[str, Form]
    fewest: int
    most: int
    unsuited: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each domain in the priority of a need; a goal of the school multiplies its domain."""

    by_domain: Mapping[str, float]
    goal: float

    def of(self, domain: str, goals: frozenset[str]) -> float:
        """The weight of a domain under the school's goals, given as letters of domains."""
        return self.by_domain[domain] * (self.goal if domain in goals else 1.0)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of the catalogue; never rewritten, a change is a new version."""

    version: str
    domains: Mapping[str, Domain]
    subjects: Mapping[str, Subject]
    levels: tuple[Level, ...]
    frameworks: Mapping[str, Framework]
    competencies: Mapping[str, Competency]
    indicators: Mapping[tuple[str, int], tuple[Indicator, ...]]
    profiles: Mapping[str, Profile]
    weights: Weights
    forms: Forms
    parameters: Parameters
    parameter_sources: Mapping[str, str]

    def competency(self, code: str) -> Competency:
        """The competency behind a code such as D08 or S03.CHE.

        Refused as `catalogue.unknown-code`, `catalogue.subject-needed`, `catalogue.subject-not-allowed` or
        `catalogue.unknown-subject`.
        """
        bare, dot, subject = code.partition(".")
        competency = self.competencies.get(bare)
        if competency is None:
            raise Invalid("catalogue.unknown-code", field="competency", code=code)
        if competency.has_subject and not dot:
            raise Invalid("catalogue.subject-needed", field="competency", code=code)
        if dot and not competency.has_subject:
            raise Invalid("catalogue.subject-not-allowed", field="competency", code=code)
        if dot and subject not in self.subjects:
            raise Invalid("catalogue.unknown-subject", field="subject", subject=subject)
        return competency

    def profiles_of(self, codes: Iterable[str]) -> tuple[Profile, ...]:
        """The named profiles in the order of the catalogue; refused as `catalogue.unknown-profile`."""
        wanted = set(codes)
        unknown = sorted(wanted - self.profiles.keys())
        if unknown:
            raise Invalid("catalogue.unknown-profile", field="profiles", profiles=", ".join(unknown))
        return tuple(profile for code, profile in self.profiles.items() if code in wanted)

    def targets(self, competency: Competency) -> dict[str, int]:
        """The targets of a competency by role profile; the profiles that ask for it, and no others."""
        found = {code: profile.target(competency) for code, profile in self.profiles.items()}
        return {code: target for code, target in found.items() if target is not None}

    def cells_without_indicators(self) -> tuple[tuple[str, int], ...]:
        """Competency and level pairs that nobody has described yet."""
        cells = ((code, level) for code in self.competencies for level in LEVELS)
        return tuple(cell for cell in cells if cell not in self.indicators)


def target_for(catalogue: Catalogue, code: str, *, profiles: Iterable[str]) -> int | None:
    """The highest target of a person's profiles, overlays included; `None` where none of them asks for it."""
    competency = catalogue.competency(code)
    targets = (profile.target(competency) for profile in catalogue.profiles_of(profiles))
    return max((target for target in targets if target is not None), default=None)
