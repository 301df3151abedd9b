"""A group measured twice: mean difference, effect size, response shift."""

from dataclasses import replace
from math import pi, sqrt
from statistics import correlation, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.diagnostics.scoring import Movement, Parameters, group_change, hedges_g, response_shift
from services.diagnostics.scoring.estimates import Estimate, mean_estimate
from tests.diagnostics.measures import numbers, references

levels = st.integers(min_value=4, max_value=20).map(lambda four_times: four_times / 4)
pairs = st.lists(st.tuples(st.none() | levels, st.none() | levels), max_size=30)


def as_tuple(estimate: Estimate | None) -> tuple[float, float, float]:
    assert estimate is not None
    return (estimate.value, estimate.low, estimate.high)


def of_levels(values: list[float]) -> list[float]:
    """Hours of sleep laid onto the scale of levels, where nothing is 0 or below."""
    return [(value + 10) / 4 for value in values]


def test_the_mean_difference_has_the_interval_of_students_own_data() -> None:
    sleep = references()["sleep"]
    gained = [after - before for before, after in zip(sleep["before"], sleep["after"], strict=True)]

    found = mean_estimate(gained, numbers())

    assert as_tuple(found) == pytest.approx(sleep["paired"]["difference"])


def test_a_group_is_compared_pair_by_pair() -> None:
    sleep = references()["sleep"]
    before, after = of_levels(sleep["before"]), of_levels(sleep["after"])

    found = group_change(list(zip(before, after, strict=True)), numbers())

    assert (found.n, found.missing) == (10, 0)
    assert found.before == pytest.approx(2.6875)
    assert found.after == pytest.approx(3.0825)
    assert as_tuple(found.difference) == pytest.approx([value / 4 for value in sleep["paired"]["difference"]])
    expected = hedges_g(Movement(10, 0.395, stdev(before), correlation(before, after)), numbers())
    assert as_tuple(found.effect) == pytest.approx(as_tuple(expected))


@pytest.mark.parametrize("study", range(5))
def test_hedges_g_is_that_of_the_published_studies(study: int) -> None:
    n, before, after, deviation, correlated = references()["morris"]["studies"][study]

    found = hedges_g(Movement(n, after - before, deviation, correlated), numbers())

    assert as_tuple(found) == pytest.approx(references()["morris"]["metafor"]["effects"][study])


def test_the_correction_makes_a_small_group_look_less_changed() -> None:
    # Hedges, 1981: J(4) = sqrt(2/π) = 0.797885 for five pairs; by the usual approximation 1 − 3/(4·4 − 1) = 0.8.
    small, large = hedges_g(Movement(5, 1, 1, 0.5), numbers()), hedges_g(Movement(5000, 1, 1, 0.5), numbers())

    assert small.value == pytest.approx(sqrt(2 / pi))
    assert large.value == pytest.approx(1, abs=0.001)


def test_a_missing_measurement_takes_the_pair_out_and_is_counted() -> None:
    whole = [(2.0, 3.0), (3.0, 3.5), (2.5, 2.5), (3.5, 4.5)]

    found = group_change([*whole, (None, 5.0), (1.0, None), (0, 5.0), (None, None)], numbers())

    assert (found.n, found.missing) == (4, 4)
    assert (found.before, found.after) == (2.75, 3.375)
    assert (found.difference, found.effect) == (
        group_change(whole, numbers()).difference,
        group_change(whole, numbers()).effect,
    )


def test_too_few_pairs_have_no_interval() -> None:
    nobody, one, two = (group_change([(2.0, 3.0), (3.0, 3.5)][:n], numbers()) for n in range(3))

    assert (nobody.before, nobody.after, nobody.difference, nobody.effect) == (None, None, None, None)
    assert (one.before, one.after, one.difference, one.effect) == (2, 3, None, None)
    assert two.difference is not None
    assert two.effect is None
    with pytest.raises(ValueError, match="three pairs"):
        hedges_g(Movement(2, 1, 1, 0.5), numbers())


def test_a_group_that_stood_at_one_level_has_no_effect_size() -> None:
    before_alike = group_change([(3.0, 3.5), (3.0, 4.0), (3.0, 4.5)], numbers())
    after_alike = group_change([(2.0, 4.0), (2.5, 4.0), (3.0, 4.0)], numbers())

    assert before_alike.effect is None
    assert after_alike.effect is not None
    assert after_alike.effect == hedges_g(Movement(3, 1.5, 0.5, 0), numbers())


def test_a_change_is_told_only_of_five_people() -> None:
    five = [(2.0, 3.0), (3.0, 3.5), (2.5, 2.5), (3.5, 4.5), (2.0, 2.5)]

    assert group_change(five, numbers()).may_leave(numbers())
    assert not group_change([*five[:4], (None, 4.0)], numbers()).may_leave(numbers())


@settings(deadline=None)
@given(pairs)
def test_who_is_counted_and_who_is_missing_are_all(group: list[tuple[float | None, float | None]]) -> None:
    found = group_change(group, numbers())
    turned = group_change([(after, before) for before, after in group], numbers())

    assert found.n + found.missing == len(group)
    if found.difference is not None and turned.difference is not None:
        assert found.difference.low <= found.difference.value <= found.difference.high
        assert turned.difference.value == pytest.approx(-found.difference.value)


def test_people_who_learned_judge_their_former_self_more_strictly() -> None:
    # Everyone calls the own level 3 before and after; looking back, they call it 2 then.
    answers = [(3, 2, 3), (4, 2, 4), (2, 2, 3), (3, 1, 3)]

    found = response_shift(answers, numbers())

    assert (found.n, found.missing) == (4, 0)
    assert as_tuple(found.apparent)[0] == pytest.approx(0.25)
    assert as_tuple(found.shift)[0] == pytest.approx(-1.25)
    assert as_tuple(found.adjusted)[0] == pytest.approx(1.5)


def test_apparent_change_is_the_shift_of_the_yardstick_and_the_adjusted_change() -> None:
    answers = [(3, 2, 4), (4, 4, 4), (2, 3, 3), (None, 2, 3), (3, None, 3), (3, 2, 0)]

    found = response_shift(answers, numbers())

    assert (found.n, found.missing) == (3, 3)
    assert as_tuple(found.apparent)[0] == pytest.approx(as_tuple(found.shift)[0] + as_tuple(found.adjusted)[0])
    assert response_shift(answers[3:], numbers()).shift is None


def test_the_share_that_an_interval_covers_is_data() -> None:
    values = [1.0, 2.0, 3.0, 4.0]

    narrow = mean_estimate(values, _covering(0.5))
    wide = mean_estimate(values, _covering(0.99))

    assert as_tuple(narrow)[2] < as_tuple(mean_estimate(values, numbers()))[2] < as_tuple(wide)[2]


def _covering(share: float) -> Parameters:
    return replace(numbers(), interval_share=share)
