"""The fused level against its target: the gap, the class, the confidence, the priority of a need.

The class is the first that fits, in this order:

1. Self-rating alone: DEFICIT_SELF_DECLARED at a gap of 0.75 or a wish to learn, then STRENGTH_OFFERED at level 4
   or an offer to teach, else UNCERTAIN: self-rating alone confirms nothing, not even the target.
2. UNCERTAIN at an error above 0.6.
3. DEFICIT_CONFIRMED: gap ≥ 0.75, gap − 1.28·SE > 0, two kinds of sources.
4. STRENGTH_CONFIRMED: level ≥ max(4, target), level − 1.28·SE ≥ 3.5, two kinds of sources.
5. ON_TARGET: the gap is smaller than 0.75 either way.
6. UNCERTAIN: everything else.

In place of 2, 5 and 6 a wish to learn makes DEFICIT_SELF_DECLARED: then only the person says so. An offer to
teach changes nothing once others have spoken.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor

from services.diagnostics.scoring.fusion import Fusion, fuse
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import Reading, SourceKind


class CompetencyClass(StrEnum):
    """What the evidence says of a person and a competency."""

    DEFICIT_CONFIRMED = "DEFICIT_CONFIRMED"
    DEFICIT_SELF_DECLARED = "DEFICIT_SELF_DECLARED"
    STRENGTH_CONFIRMED = "STRENGTH_CONFIRMED"
    STRENGTH_OFFERED = "STRENGTH_OFFERED"
    ON_TARGET = "ON_TARGET"
    UNCERTAIN = "UNCERTAIN"


class Confidence(StrEnum):
    """How far an assessment may be relied on."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class Wish(StrEnum):
    """What the person asked for: to learn, or to teach (a claim to level 4 or more)."""

    LEARN = "LEARN"
    TEACH = "TEACH"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Where a person stands in one competency; `gap` is target minus level, all in levels."""

    level: float
    error: float
    target: float
    gap: float
    sources: tuple[SourceKind, ...]
    confidence: Confidence
    competency_class: CompetencyClass

    @property
    def level10(self) -> int:
        """Ten times the level, rounded half up."""
        return floor(self.level * 10 + 0.5)

    @property
    def error10(self) -> int:
        """Ten times the standard error, rounded half up."""
        return floor(self.error * 10 + 0.5)

    @property
    def is_self_rated_only(self) -> bool:
        """Does nobody but the person vouch for the level?"""
        return self.sources == (SourceKind.SA,)


def assess(
    readings: Iterable[Reading], *, target: float, parameters: Parameters, wish: Wish | None = None
) -> Assessment | None:
    """Score one competency of one person; `None` when nothing was measured."""
    fusion = fuse(readings, parameters)
    if fusion is None:
        return None
    gap = target - fusion.level
    return Assessment(
        level=fusion.level,
        error=fusion.error,
        target=target,
        gap=gap,
        sources=fusion.sources,
        confidence=confidence_of(fusion, parameters),
        competency_class=_class_of(fusion, target, parameters=parameters, wish=wish),
    )


def with_wish(assessment: Assessment, wish: Wish | None, parameters: Parameters) -> Assessment:
    """The same evidence under another wish: the class may change, level, error and confidence never do."""
    fusion = Fusion(assessment.level, assessment.error, assessment.sources)
    competency_class = _class_of(fusion, assessment.target, parameters=parameters, wish=wish)
    return replace(assessment, competency_class=competency_class)


def confidence_of(fusion: Fusion, parameters: Parameters) -> Confidence:
    """HIGH at an error of 0.35 with three kinds of sources, MEDIUM at 0.6 with two, else LOW."""
    kinds = len(fusion.sources)
    if fusion.error <= parameters.high_error and kinds >= parameters.high_sources:
        return Confidence.HIGH
    if fusion.error <= parameters.medium_error and kinds >= parameters.medium_sources:
        return Confidence.MEDIUM
    return Confidence.LOW


def need_priority(assessment: Assessment, *, weight: float, wish: float, parameters: Parameters) -> float:
    """The priority of a need: gap · weight of the domain · wish (1 to 1.5) · factor of the confidence.

    Someone at or above the target has priority 0: the wish is heard, after everyone with a gap.
    """
    if not 1 <= wish <= parameters.wish_limit:
        raise ValueError(f"a wish weighs from 1 to {parameters.wish_limit}, not {wish}")
    factors = {
        Confidence.HIGH: parameters.high_factor,
        Confidence.MEDIUM: parameters.medium_factor,
        Confidence.LOW: parameters.low_factor,
    }
    return max(assessment.gap, 0.0) * weight * wish * factors[assessment.confidence]


def _class_of(fusion: Fusion, target: float, *, parameters: Parameters, wish: Wish | None) -> CompetencyClass:
    gap = target - fusion.level
    if fusion.sources == (SourceKind.SA,):
        return _class_of_self_rating(fusion.level, gap, parameters=parameters, wish=wish)
    unproven = CompetencyClass.DEFICIT_SELF_DECLARED if wish is Wish.LEARN else CompetencyClass.UNCERTAIN
    if fusion.error > parameters.medium_error:
        return unproven
    if _is_deficit(fusion, gap, parameters):
        return CompetencyClass.DEFICIT_CONFIRMED
    if _is_strength(fusion, target, parameters):
        return CompetencyClass.STRENGTH_CONFIRMED
    if abs(gap) < parameters.deficit_gap and wish is not Wish.LEARN:
        return CompetencyClass.ON_TARGET
    return unproven


def _class_of_self_rating(level: float, gap: float, *, parameters: Parameters, wish: Wish | None) -> CompetencyClass:
    if gap >= parameters.deficit_gap or wish is Wish.LEARN:
        return CompetencyClass.DEFICIT_SELF_DECLARED
    if level >= parameters.strength_level or wish is Wish.TEACH:
        return CompetencyClass.STRENGTH_OFFERED
    return CompetencyClass.UNCERTAIN


def _is_deficit(fusion: Fusion, gap: float, parameters: Parameters) -> bool:
    is_certain = gap - parameters.certainty * fusion.error > 0
    return gap >= parameters.deficit_gap and is_certain and len(fusion.sources) >= parameters.medium_sources


def _is_strength(fusion: Fusion, target: float, parameters: Parameters) -> bool:
    # Two kinds of sources: at most one of them is self-rating, so another one stands behind the strength.
    is_high = fusion.level >= max(parameters.strength_level, target)
    is_certain = fusion.level - parameters.certainty * fusion.error >= parameters.strength_bound
    return is_high and is_certain and len(fusion.sources) >= parameters.medium_sources
