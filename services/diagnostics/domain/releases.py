"""What others may know of a profile, one competency at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chassis.refusals import Conflict
from services.diagnostics.domain.campaign import check_release
from services.diagnostics.scoring import Assessment, CompetencyClass


@dataclass(frozen=True, slots=True)
class Shown:
    """What a release tells: the class, and for matching ten times the level and its standard error."""

    competency_class: CompetencyClass
    level10: int
    error10: int

    @property
    def is_strength(self) -> bool:
        """Is it a strength by evidence?"""
        return self.competency_class is CompetencyClass.STRENGTH_CONFIRMED


def shown_of(assessment: Assessment, *, is_under_appeal: bool = False) -> Shown | None:
    """What a released competency tells others now; nothing while the evidence or the owner's appeal leaves it open."""
    if is_under_appeal or assessment.competency_class is CompetencyClass.UNCERTAIN:
        return None
    return Shown(assessment.competency_class, assessment.level10, assessment.error10)


def check_releases(found: Mapping[str, Assessment | None], *, disputed: Collection[str] = ()) -> None:
    """All of the named competencies may be released, or none is; the refusal of `check_release` names the codes."""
    refused: dict[str, list[str]] = {}
    for code, assessment in found.items():
        try:
            check_release(assessment, is_under_appeal=code in disputed)
        except Conflict as refusal:
            refused.setdefault(refusal.slug, []).append(code)
    for slug, codes in refused.items():
        raise Conflict(slug, field="competencies", codes=sorted(codes))
