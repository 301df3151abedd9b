"""Scoring: fusion by precision, classes in their order, change, tallies."""

from functools import cache
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services import diagnostics
from services.diagnostics.domain import load_catalogue
from services.diagnostics.scoring import (
    Assessment,
    CompetencyClass,
    Confidence,
    GainTally,
    Parameters,
    Reading,
    SourceKind,
    Tally,
    Wish,
    assess,
    fuse,
    is_gap_closed,
    need_priority,
    pool,
    reading_of_colleagues,
    reading_of_lessons,
    reading_of_test,
    reliable_change,
    scale_change,
    standard_error,
    weigh,
)

SA, P360, OBS, TST, ART = SourceKind


@cache
def numbers() -> Parameters:
    return load_catalogue(Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1").parameters


def scored(*readings: Reading, target: float = 4, wish: Wish | None = None) -> Assessment:
    found = assess(readings, target=target, parameters=numbers(), wish=wish)
    assert found is not None
    return found


def two_sources(level: float, *, target: float = 4) -> Assessment:
    return scored(Reading(OBS, level, 2), Reading(ART, level), target=target)


levels = st.floats(min_value=1, max_value=5)
readings = st.builds(Reading, st.sampled_from(SourceKind), levels, st.integers(min_value=1, max_value=30))
mixes = st.lists(readings, min_size=1, max_size=8)


def test_the_worked_example_comes_out_as_published() -> None:
    colleagues = reading_of_colleagues([3, 3, 2])
    assert colleagues is not None

    found = scored(Reading(SA, 3.0), colleagues, Reading(OBS, 2.5, 2))

    assert found.level == pytest.approx(2.63, abs=0.005)
    assert found.error == pytest.approx(0.28, abs=0.005)
    assert found.gap == pytest.approx(1.37, abs=0.005)
    assert found.gap - numbers().certainty * found.error == pytest.approx(1.01, abs=0.005)
    assert found.competency_class is CompetencyClass.DEFICIT_CONFIRMED
    assert found.confidence is Confidence.HIGH
    assert (found.level10, found.error10) == (26, 3)


@pytest.mark.parametrize(
    ("reading", "error"),
    [
        (Reading(SA, 3), 0.80),
        (Reading(P360, 3, 1), 0.62),
        (Reading(P360, 3, 3), 0.46),
        (Reading(OBS, 3, 2), 0.40),
        (Reading(OBS, 3, 1), 0.40 * sqrt(2)),
        (Reading(TST, 3, 25), 0.39),
        (Reading(TST, 3, 10), 0.62),
        (Reading(ART, 3), 0.50),
    ],
)
def test_each_source_errs_as_stated(reading: Reading, error: float) -> None:
    assert standard_error(reading, numbers()) == pytest.approx(error, abs=0.005)


@given(mixes, st.sampled_from([level / 4 for level in range(4, 21)]))
def test_level_lies_between_the_lowest_and_the_highest_source(mix: list[Reading], target: float) -> None:
    found = scored(*mix, target=target)

    assert min(reading.level or 0 for reading in mix) - 1e-9 <= found.level
    assert found.level <= max(reading.level or 0 for reading in mix) + 1e-9


@given(mixes)
def test_self_rating_never_carries_more_than_a_quarter(mix: list[Reading]) -> None:
    weights = weigh(pool(mix), numbers())
    assume(len(weights) > 1)

    assert weights.get(SA, 0.0) <= 0.25 * sum(weights.values()) + 1e-9


@given(mixes, levels, levels)
def test_another_target_changes_neither_level_nor_error(mix: list[Reading], one: float, other: float) -> None:
    first, second = scored(*mix, target=one), scored(*mix, target=other)

    assert (first.level, first.error) == (second.level, second.error)


@given(mixes, st.sampled_from([P360, OBS, TST, ART]), st.integers(min_value=1, max_value=30))
def test_an_agreeing_source_never_widens_the_error(mix: list[Reading], kind: SourceKind, count: int) -> None:
    before = fuse(mix, numbers())
    assert before is not None
    assume(kind not in before.sources)
    assume(kind is not TST or count >= 5)

    after = fuse([*mix, Reading(kind, before.level, count)], numbers())

    assert after is not None
    assert after.error <= before.error + 1e-9


@given(mixes)
def test_the_order_of_the_sources_does_not_matter(mix: list[Reading]) -> None:
    forward, backward = scored(*mix), scored(*reversed(mix))

    assert forward.level == pytest.approx(backward.level)
    assert forward.error == pytest.approx(backward.error)


def test_a_very_short_test_beside_self_rating_takes_its_say_and_widens_the_error() -> None:
    alone = scored(Reading(SA, 3))

    together = scored(Reading(SA, 3), Reading(TST, 3, 4))

    assert together.error > alone.error


def test_disagreeing_sources_widen_the_error() -> None:
    agreeing = scored(Reading(OBS, 3, 2), Reading(ART, 3))

    disagreeing = scored(Reading(OBS, 2, 2), Reading(ART, 4))

    assert disagreeing.error > 2 * agreeing.error


def test_missing_readings_are_left_out_and_never_count_as_zero() -> None:
    present = scored(Reading(OBS, 3, 2))

    assert scored(Reading(OBS, 3, 2), Reading(SA, 0), Reading(P360, None, 4)) == present
    assert assess([Reading(SA, None), Reading(ART, 0)], target=3, parameters=numbers()) is None
    assert reading_of_colleagues([None, 0]) is None
    assert reading_of_lessons([]) is None
    assert reading_of_test(0, 0) is None
    assert reading_of_colleagues([4, None, 0, 3]) == Reading(P360, 3.5, 2)
    assert reading_of_lessons([2, 3, 0]) == Reading(OBS, 2.5, 2)


def test_two_readings_of_one_kind_are_one_source() -> None:
    assert pool([Reading(OBS, 2, 1), Reading(OBS, 3.5, 2)]) == (Reading(OBS, 3.0, 3),)
    assert scored(Reading(OBS, 2, 1), Reading(OBS, 2, 1)).competency_class is CompetencyClass.UNCERTAIN


def test_right_answers_are_laid_over_the_levels() -> None:
    assert reading_of_test(0, 8) == Reading(TST, 1.0, 8)
    assert reading_of_test(4, 8) == Reading(TST, 3.0, 8)
    assert reading_of_test(8, 8) == Reading(TST, 5.0, 8)


def test_what_cannot_be_a_reading_is_not_one() -> None:
    for level in (0.5, 5.5, float("nan"), float("inf"), -1):
        with pytest.raises(ValueError, match="level"):
            Reading(SA, level)
    with pytest.raises(ValueError, match="count"):
        Reading(OBS, 3, 0)
    with pytest.raises(ValueError, match="right answers"):
        reading_of_test(9, 8)


def test_self_rating_alone_confirms_nothing() -> None:
    assert scored(Reading(SA, 2)).competency_class is CompetencyClass.DEFICIT_SELF_DECLARED
    assert scored(Reading(SA, 5), target=5).competency_class is CompetencyClass.STRENGTH_OFFERED
    assert scored(Reading(SA, 3), target=3).competency_class is CompetencyClass.UNCERTAIN
    assert scored(Reading(SA, 5)).is_self_rated_only


def test_a_gap_comes_before_an_offer_when_the_target_is_five() -> None:
    assert scored(Reading(SA, 4), target=5).competency_class is CompetencyClass.DEFICIT_SELF_DECLARED


def test_one_source_of_evidence_asks_for_another() -> None:
    assert scored(Reading(OBS, 2, 4)).competency_class is CompetencyClass.UNCERTAIN
    assert scored(Reading(OBS, 5, 4)).competency_class is CompetencyClass.UNCERTAIN
    assert scored(Reading(OBS, 4, 4)).competency_class is CompetencyClass.ON_TARGET


def test_two_sources_confirm_a_strength_only_at_four_and_at_the_target() -> None:
    assert two_sources(4.2, target=3).competency_class is CompetencyClass.STRENGTH_CONFIRMED
    assert two_sources(4.2, target=4).competency_class is CompetencyClass.STRENGTH_CONFIRMED
    assert two_sources(4.2, target=4.5).competency_class is CompetencyClass.ON_TARGET
    assert two_sources(3.9, target=3.5).competency_class is CompetencyClass.ON_TARGET


def test_a_wide_error_is_uncertain_however_large_the_gap() -> None:
    found = scored(Reading(OBS, 1, 2), Reading(ART, 3.5), target=5)

    assert found.error > 0.6
    assert found.competency_class is CompetencyClass.UNCERTAIN
    assert found.confidence is Confidence.LOW


def test_a_wish_speaks_only_where_the_evidence_is_silent() -> None:
    learn, teach = Wish.LEARN, Wish.TEACH
    on_target, strong = (Reading(OBS, 3, 2), Reading(ART, 3)), (Reading(OBS, 4.5, 2), Reading(ART, 4.5))

    assert scored(*on_target, target=3, wish=learn).competency_class is CompetencyClass.DEFICIT_SELF_DECLARED
    assert scored(*on_target, target=3, wish=teach).competency_class is CompetencyClass.ON_TARGET
    assert scored(*strong, wish=learn).competency_class is CompetencyClass.STRENGTH_CONFIRMED
    assert scored(Reading(SA, 5), wish=learn).competency_class is CompetencyClass.DEFICIT_SELF_DECLARED
    assert scored(Reading(SA, 3), target=3, wish=teach).competency_class is CompetencyClass.STRENGTH_OFFERED


def test_confidence_needs_both_precision_and_kinds_of_sources() -> None:
    assert scored(Reading(OBS, 3, 20)).confidence is Confidence.LOW
    assert two_sources(3).confidence is Confidence.MEDIUM
    assert scored(Reading(OBS, 3, 2), Reading(ART, 3), Reading(SA, 3)).confidence is Confidence.HIGH


def test_priority_grows_with_gap_wish_weight_and_confidence() -> None:
    need = two_sources(2.5)

    assert need_priority(need, weight=1.25, wish=1.5, parameters=numbers()) == pytest.approx(1.5 * 1.25 * 1.5 * 0.8)
    assert need_priority(two_sources(4.5), weight=1, wish=1, parameters=numbers()) == 0
    with pytest.raises(ValueError, match="wish"):
        need_priority(need, weight=1, wish=2, parameters=numbers())


def test_a_change_is_reliable_only_beyond_both_errors() -> None:
    small = reliable_change(two_sources(2.5), two_sources(3), numbers())
    large = reliable_change(two_sources(2.5), two_sources(3.9), numbers())
    fall = reliable_change(two_sources(3.9), two_sources(2.5), numbers())

    assert not small.is_reliable
    assert large.is_rise
    assert fall.is_reliable
    assert not fall.is_rise
    assert large.z == pytest.approx(1.4 / (two_sources(3).error * sqrt(2)))


@pytest.mark.parametrize(("reliability", "needed"), [(0.7, 1.21), (0.8, 0.99), (0.9, 0.70)])
def test_one_scale_must_move_by_the_published_amount(reliability: float, needed: float) -> None:
    under = scale_change(2, 2 + needed - 0.01, reliability=reliability, parameters=numbers())
    over = scale_change(2, 2 + needed + 0.01, reliability=reliability, parameters=numbers())

    assert not under.is_reliable
    assert over.is_reliable


def test_a_gap_is_closed_by_a_reliable_rise_or_an_accepted_artefact() -> None:
    before = two_sources(2.5)

    assert is_gap_closed(before, two_sources(3.9), parameters=numbers())
    assert not is_gap_closed(before, two_sources(3.1), parameters=numbers())
    assert not is_gap_closed(two_sources(3.2), two_sources(3.4), parameters=numbers())
    assert is_gap_closed(two_sources(3.2), two_sources(3.4), parameters=numbers(), has_accepted_artefact=True)


def test_a_lowered_target_closes_no_gap() -> None:
    after = two_sources(2.6, target=3)

    assert not is_gap_closed(two_sources(2.5), after, parameters=numbers(), has_accepted_artefact=True)


def test_nothing_closes_where_there_was_no_gap() -> None:
    assert not is_gap_closed(two_sources(3.5), two_sources(5), parameters=numbers())


def test_a_tally_counts_people_assessments_classes_and_gaps_in_the_data() -> None:
    tally = Tally().with_person([two_sources(2.5), two_sources(4.5), None]).with_person([None])

    assert (tally.people, tally.n, tally.missing) == (1, 2, 2)
    assert tally.total == pytest.approx(7.0)
    assert tally.total_squares == pytest.approx(2.5**2 + 4.5**2)
    assert tally.counts == {CompetencyClass.DEFICIT_CONFIRMED: 1, CompetencyClass.STRENGTH_CONFIRMED: 1}


def test_a_tally_leaves_only_with_five_people_behind_it() -> None:
    four = Tally()
    for _ in range(4):
        four = four.with_person([two_sources(3), two_sources(4)])

    assert not four.may_leave(numbers())
    assert four.with_person([two_sources(3)]).may_leave(numbers())


def test_gains_are_summed_and_only_reliable_rises_counted() -> None:
    rise = reliable_change(two_sources(2), two_sources(4), numbers())
    fall = reliable_change(two_sources(4), two_sources(2), numbers())
    still = reliable_change(two_sources(3), two_sources(3.5), numbers())

    tally = GainTally().with_person([rise, None]).with_person([fall, still])

    assert (tally.people, tally.n, tally.reliable, tally.missing) == (2, 3, 1, 1)
    assert tally.total == pytest.approx(0.5)
    assert tally.total_squares == pytest.approx(8.25)
    assert not tally.may_leave(numbers())
