"""Facts of diagnostics: campaigns, scored profiles, releases, needs and offers, tallies.

Levels travel in `ProfileReleased` only, and only matching may read it (the broker's permissions see to it).
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.event import PersonEvent, SchoolEvent


class CompetencyClass(StrEnum):
    """What the evidence says of a person and a competency."""

    DEFICIT_CONFIRMED = "DEFICIT_CONFIRMED"
    DEFICIT_SELF_DECLARED = "DEFICIT_SELF_DECLARED"
    STRENGTH_CONFIRMED = "STRENGTH_CONFIRMED"
    STRENGTH_OFFERED = "STRENGTH_OFFERED"
    ON_TARGET = "ON_TARGET"
    UNCERTAIN = "UNCERTAIN"


class CampaignOpened(SchoolEvent):
    """A diagnostic campaign began: wave 1 before the work of the pairs, wave 2 after it.

    `closes_on` is the last day for answers; facts from before it was announced do not say it.
    """

    subject: ClassVar[str] = "neo.diagnostics.campaign.opened.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("campaign_id",)

    campaign_id: UUID
    cycle_id: UUID
    wave: int = Field(ge=1, le=2)
    invited: int = Field(ge=0)
    closes_on: date | None = None


class CampaignClosed(SchoolEvent):
    """A diagnostic campaign ended; no more answers are taken."""

    subject: ClassVar[str] = "neo.diagnostics.campaign.closed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("campaign_id",)

    campaign_id: UUID
    cycle_id: UUID
    wave: int = Field(ge=1, le=2)
    invited: int = Field(ge=0)
    scored: int = Field(ge=0)


class DiagnosticCompleted(SchoolEvent):
    """A person's profile was scored from at least two kinds of sources; later sources raise the revision.

    It carries no codes and no classes: those are the person's own.
    """

    subject: ClassVar[str] = "neo.diagnostics.diagnostic.completed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("campaign_id", "person_id")

    campaign_id: UUID
    person_id: UUID
    cycle_id: UUID
    wave: int = Field(ge=1, le=2)
    competencies: int = Field(ge=1)


class ProfileReleased(SchoolEvent):
    """A person released one competency of the own profile to matching and, as a class, to the curator."""

    subject: ClassVar[str] = "neo.diagnostics.profile.released.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str
    competency_class: CompetencyClass
    level10: int = Field(ge=10, le=50)
    se10: int = Field(ge=0, le=50)


class ProfileReleaseWithdrawn(SchoolEvent):
    """A person took the release of one competency back."""

    subject: ClassVar[str] = "neo.diagnostics.profile.release_withdrawn.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str


class StrengthConfirmed(SchoolEvent):
    """A released competency is a strength by evidence: its owner may be a mentor for it."""

    subject: ClassVar[str] = "neo.diagnostics.strength.confirmed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str


class NeedDeclared(SchoolEvent):
    """A person said what the person wants to strengthen."""

    subject: ClassVar[str] = "neo.diagnostics.need.declared.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str
    priority1000: int = Field(ge=1, le=10_000)


class NeedWithdrawn(SchoolEvent):
    """A person took a declared need back."""

    subject: ClassVar[str] = "neo.diagnostics.need.withdrawn.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str


class OfferDeclared(SchoolEvent):
    """A person said what the person can share, how, and whether outside the school too."""

    subject: ClassVar[str] = "neo.diagnostics.offer.declared.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str
    formats: tuple[str, ...]
    minutes: int = Field(ge=0)
    outside_school: bool


class OfferWithdrawn(SchoolEvent):
    """A person took an offer back."""

    subject: ClassVar[str] = "neo.diagnostics.offer.withdrawn.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str


class GapClosed(SchoolEvent):
    """A released deficit is closed by the second measurement: gap below 0.75 and a reliable change."""

    subject: ClassVar[str] = "neo.diagnostics.gap.closed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id", "person_id", "competency")

    person_id: UUID
    cycle_id: UUID
    competency: str


class ProfileTallied(SchoolEvent):
    """The sums of a school's scored profiles in one domain, at the close of a campaign, for at least five people.

    `n` counts assessments (person × competency), `people` the persons behind them, `missing` assessments without data.
    """

    subject: ClassVar[str] = "neo.diagnostics.profile.tallied.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("campaign_id", "domain")

    campaign_id: UUID
    cycle_id: UUID
    wave: int = Field(ge=1, le=2)
    domain: str
    people: int = Field(ge=5)
    n: int = Field(ge=5)
    total: float
    total_squares: float
    missing: int = Field(ge=0)
    counts: dict[CompetencyClass, int]


class GainTallied(SchoolEvent):
    """The sums of the changes between the two waves in one domain, for at least five people."""

    subject: ClassVar[str] = "neo.diagnostics.gain.tallied.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("campaign_id", "domain")

    campaign_id: UUID
    cycle_id: UUID
    domain: str
    people: int = Field(ge=5)
    n: int = Field(ge=5)
    total: float
    total_squares: float
    reliable: int = Field(ge=0)
    missing: int = Field(ge=0)


class AnswersErased(PersonEvent):
    """Answers, ratings, profiles, needs and offers of an erased person were deleted; closed tallies stay."""

    subject: ClassVar[str] = "neo.diagnostics.answers.erased.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("person_id",)
