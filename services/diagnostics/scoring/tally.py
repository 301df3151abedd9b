"""Sums over a school's people in one domain: all that leaves the service without a release."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.diagnostics.scoring.assessment import Assessment, CompetencyClass
from services.diagnostics.scoring.change import Change
from services.diagnostics.scoring.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Tally:
    """Levels of one domain summed: `people` with data, `n` assessments, `missing` ones, counts per class."""

    people: int = 0
    n: int = 0
    total: float = 0.0
    total_squares: float = 0.0
    missing: int = 0
    counts: Mapping[CompetencyClass, int] = field(default_factory=dict)

    def with_person(self, assessments: Iterable[Assessment | None]) -> "Tally":
        """Add one person's assessments in the domain; `None` is a competency without data."""
        asked = list(assessments)
        scored = [assessment for assessment in asked if assessment is not None]
        seen = Counter(self.counts) + Counter(assessment.competency_class for assessment in scored)
        return Tally(
            people=self.people + bool(scored),
            n=self.n + len(scored),
            total=self.total + sum(assessment.level for assessment in scored),
            total_squares=self.total_squares + sum(assessment.level**2 for assessment in scored),
            missing=self.missing + len(asked) - len(scored),
            counts=dict(seen),
        )

    def may_leave(self, parameters: Parameters) -> bool:
        """Do enough people stand behind it to be announced?"""
        return self.people >= parameters.tally_people


@dataclass(frozen=True, slots=True)
class GainTally:
    """Differences of two waves of one domain summed, in levels; `reliable` counts the reliable rises."""

    people: int = 0
    n: int = 0
    total: float = 0.0
    total_squares: float = 0.0
    reliable: int = 0
    missing: int = 0

    def with_person(self, changes: Iterable[Change | None]) -> "GainTally":
        """Add one person's changes in the domain; `None` is a competency without two measurements."""
        asked = list(changes)
        compared = [change for change in asked if change is not None]
        return replace(
            self,
            people=self.people + bool(compared),
            n=self.n + len(compared),
            total=self.total + sum(change.difference for change in compared),
            total_squares=self.total_squares + sum(change.difference**2 for change in compared),
            reliable=self.reliable + sum(change.is_rise for change in compared),
            missing=self.missing + len(asked) - len(compared),
        )

    def may_leave(self, parameters: Parameters) -> bool:
        """Do enough people stand behind it to be announced?"""
        return self.people >= parameters.tally_people
