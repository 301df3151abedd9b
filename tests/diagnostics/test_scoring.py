"""Scoring: each source's error, classes in their order, confidence, priority, tallies."""

from math import sqrt

import pytest

from services.diagnostics.scoring import (
    Case,
    CompetencyClass,
    Confidence,
    GainTally,
    Reading,
    Tally,
    Wish,
    assess,
    assess_all,
    need_priority,
    reading_of_colleagues,
    reading_of_lessons,
    reading_of_test,
    reliable_change,
    standard_error,
    with_wish,
)
from tests.diagnostics.measures import ART, OBS, P360, SA, TST, numbers, scored, two_sources


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


def test_a_very_short_test_takes_the_say_but_not_the_knowledge_of_self_rating() -> None:
    agreeing = scored(Reading(SA, 3), Reading(TST, 3, 1))
    contradicting = scored(Reading(SA, 3), Reading(TST, 5, 1))

    assert agreeing.error == pytest.approx(numbers().self_error)
    assert contradicting.level == pytest.approx(4.5)
    assert contradicting.error == pytest.approx(1 / sqrt(4 / 3 / standard_error(Reading(TST, 5, 1), numbers()) ** 2))
    assert agreeing.competency_class is contradicting.competency_class is CompetencyClass.UNCERTAIN


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
    assert scored(Reading(OBS, 2, 1), Reading(OBS, 3.5, 2)) == scored(Reading(OBS, 3.0, 3))
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


def test_another_wish_changes_the_class_alone() -> None:
    evidence = (Reading(OBS, 3, 2), Reading(ART, 3))
    silent = scored(*evidence, target=3)

    assert with_wish(silent, Wish.LEARN, numbers()) == scored(*evidence, target=3, wish=Wish.LEARN)
    assert with_wish(with_wish(silent, Wish.LEARN, numbers()), None, numbers()) == silent


def test_a_city_is_scored_as_each_of_its_people() -> None:
    cases = [
        Case((Reading(SA, 2), Reading(P360, 3.5, 4)), 4, Wish.LEARN),
        Case((), 4),
        Case((Reading(TST, 4.5, 12), Reading(OBS, 4, 1), Reading(OBS, 5, 2)), 3),
        Case((Reading(ART, 0), Reading(SA, None)), 3),
        Case((Reading(SA, 5),), 4, Wish.TEACH),
    ]

    found = assess_all(cases, numbers())

    assert found == [assess_all([case], numbers())[0] for case in cases]
    assert [each is None for each in found] == [False, True, False, True, False]
    assert assess_all([], numbers()) == []


@pytest.mark.parametrize("own", [2.5, 2.75, 3.0, 3.25])
def test_an_error_at_the_very_threshold_is_not_above_it(own: float) -> None:
    # Self-rating and an observation that are 1.5 levels apart err by 0.6 exactly; binary fractions may say a bit more.
    found = scored(Reading(SA, own), Reading(OBS, own - 1.5, 2), target=5)

    assert found.error == 0.6
    assert found.confidence is Confidence.MEDIUM
    assert found.competency_class is CompetencyClass.DEFICIT_CONFIRMED


@pytest.mark.parametrize(
    ("readings", "target"),
    [
        ((Reading(P360, 3.25, 3), Reading(OBS, 3.25, 1)), 4),
        ((Reading(OBS, 3.25, 2), Reading(ART, 3.25), Reading(TST, 3.25, 7)), 4),
        ((Reading(P360, 4.25, 4), Reading(OBS, 4.25, 2)), 5),
    ],
)
def test_a_gap_at_the_very_threshold_counts(readings: tuple[Reading, ...], target: float) -> None:
    found = scored(*readings, target=target)

    assert found.gap == 0.75
    assert found.competency_class is CompetencyClass.DEFICIT_CONFIRMED


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
