"""The numbers that the scoring needs; their values and sources stand in the catalogue, not here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """Standard errors, thresholds and factors of one catalogue version; errors and gaps are in levels."""

    self_error: float
    self_share: float
    rater_deviation: float
    rater_reliability: float
    lessons_error: float
    stated_lessons: int
    test_share: float
    artefact_error: float
    deficit_gap: float
    certainty: float
    strength_level: float
    strength_bound: float
    high_error: float
    high_sources: int
    medium_error: float
    medium_sources: int
    high_factor: float
    medium_factor: float
    low_factor: float
    wish_limit: float
    strongest_wish: int
    unscored_priority: float
    scored_sources: int
    reliable_z: float
    months_between: int
    interval_share: float
    omega_resamples: int
    item_people: int
    visible_raters: int
    tally_people: int
