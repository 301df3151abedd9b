"""The fused level against its target: the gap, the class, the confidence, the priority of a need.

The class is the first that fits, in this order (D2.7):

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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor

import numpy as np
import numpy.typing as npt

from services.diagnostics.scoring.fusion import KINDS, Fusion, fuse, pool
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import Floats, Reading, SourceKind

Labels = npt.NDArray[np.object_]
Rule = tuple[npt.NDArray[np.bool_], StrEnum]


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
class Case:
    """One person and one competency: what the sources say, the level to reach, and what the person asked for."""

    readings: Sequence[Reading]
    target: float
    wish: Wish | None = None


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


@dataclass(frozen=True, slots=True)
class _Aims:
    """What the cases are held against, by case."""

    targets: Floats
    wishes: Labels


def assess(
    readings: Iterable[Reading], *, target: float, parameters: Parameters, wish: Wish | None = None
) -> Assessment | None:
    """Score one competency of one person; `None` when nothing was measured. Many at once: `assess_all`."""
    return assess_all([Case(tuple(readings), target, wish)], parameters)[0]


def assess_all(cases: Sequence[Case], parameters: Parameters) -> list[Assessment | None]:
    """Score many cases, each by itself; `None` where nothing was measured."""
    fusion = fuse(pool([case.readings for case in cases]), parameters)
    aims = _Aims(
        np.array([case.target for case in cases], dtype=np.float64),
        np.array([case.wish for case in cases], dtype=object),
    )
    return _assessments(fusion, aims, parameters)


def with_wish(assessment: Assessment, wish: Wish | None, parameters: Parameters) -> Assessment:
    """The same evidence under another wish: the class may change, level, error and confidence never do."""
    fusion = Fusion(
        np.array([assessment.level]),
        np.array([assessment.error]),
        np.array([[kind in assessment.sources] for kind in KINDS]),
    )
    aims = _Aims(np.array([assessment.target], dtype=np.float64), np.array([wish], dtype=object))
    return replace(assessment, competency_class=_classes(fusion, aims, parameters)[0])


def need_priority(assessment: Assessment, *, weight: float, wish: float, parameters: Parameters) -> float:
    """The priority of a need: gap · weight of the domain · wish (1 to 1.5) · factor of the confidence (D2.7).

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


def _assessments(fusion: Fusion, aims: _Aims, parameters: Parameters) -> list[Assessment | None]:
    marks = np.left_shift(1, np.arange(len(KINDS))) @ fusion.spoken
    return [
        Assessment(level, error, target, gap, _SOURCES[mark], confidence, competency_class) if mark else None
        for level, error, target, gap, mark, confidence, competency_class in zip(
            fusion.levels.tolist(),
            fusion.errors.tolist(),
            aims.targets.tolist(),
            (aims.targets - fusion.levels).tolist(),
            marks.tolist(),
            _confidences(fusion, parameters).tolist(),
            _classes(fusion, aims, parameters).tolist(),
            strict=True,
        )
    ]


# The kinds of sources by their binary marks, made once for the millions of cases that need one of the 32.
_SOURCES = tuple(tuple(kind for row, kind in enumerate(KINDS) if mark >> row & 1) for mark in range(1 << len(KINDS)))


def _confidences(fusion: Fusion, parameters: Parameters) -> Labels:
    """HIGH at an error of 0.35 with three kinds of sources, MEDIUM at 0.6 with two, else LOW."""
    is_high = (fusion.errors <= parameters.high_error) & (fusion.kinds >= parameters.high_sources)
    is_medium = (fusion.errors <= parameters.medium_error) & (fusion.kinds >= parameters.medium_sources)
    return _first_that_fits([(is_high, Confidence.HIGH), (is_medium, Confidence.MEDIUM)], Confidence.LOW)


def _classes(fusion: Fusion, aims: _Aims, parameters: Parameters) -> Labels:
    """The table at the head of this file, row by row."""
    gaps = aims.targets - fusion.levels
    wants, is_wide = aims.wishes == Wish.LEARN, fusion.errors > parameters.medium_error
    return _first_that_fits(
        [
            *_rules_of_self_rating(fusion, aims, parameters),
            (is_wide & wants, CompetencyClass.DEFICIT_SELF_DECLARED),
            (is_wide, CompetencyClass.UNCERTAIN),
            *_rules_of_proof(fusion, aims, parameters),
            (wants, CompetencyClass.DEFICIT_SELF_DECLARED),
            (np.abs(gaps) < parameters.deficit_gap, CompetencyClass.ON_TARGET),
        ],
        CompetencyClass.UNCERTAIN,
    )


def _rules_of_self_rating(fusion: Fusion, aims: _Aims, parameters: Parameters) -> list[Rule]:
    is_alone = fusion.is_self_rated_only
    is_low = (aims.targets - fusion.levels >= parameters.deficit_gap) | (aims.wishes == Wish.LEARN)
    is_high = (fusion.levels >= parameters.strength_level) | (aims.wishes == Wish.TEACH)
    return [
        (is_alone & is_low, CompetencyClass.DEFICIT_SELF_DECLARED),
        (is_alone & is_high, CompetencyClass.STRENGTH_OFFERED),
        (is_alone, CompetencyClass.UNCERTAIN),
    ]


def _rules_of_proof(fusion: Fusion, aims: _Aims, parameters: Parameters) -> list[Rule]:
    # Two kinds of sources: at most one of them is self-rating, so another one stands behind it.
    is_backed = fusion.kinds >= parameters.medium_sources
    gaps, margins = aims.targets - fusion.levels, parameters.certainty * fusion.errors
    is_deficit = (gaps >= parameters.deficit_gap) & (gaps - margins > 0)
    is_high = fusion.levels >= np.maximum(parameters.strength_level, aims.targets)
    is_strength = is_high & (fusion.levels - margins >= parameters.strength_bound)
    return [
        (is_backed & is_deficit, CompetencyClass.DEFICIT_CONFIRMED),
        (is_backed & is_strength, CompetencyClass.STRENGTH_CONFIRMED),
    ]


def _first_that_fits(rules: Sequence[Rule], otherwise: StrEnum) -> Labels:
    labels = np.empty(rules[0][0].shape, dtype=object)
    labels[:] = otherwise
    for fits, label in reversed(rules):
        labels[fits] = label
    return labels
