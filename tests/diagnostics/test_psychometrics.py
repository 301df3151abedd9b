"""Properties of scales, raters and items, against independent packages on public data."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.diagnostics.scoring import Parameters
from services.diagnostics.scoring.psychometrics import (
    Answers,
    Model,
    Reliability,
    agreement,
    complete,
    cronbach_alpha,
    item_properties,
    mcdonald_omega,
    one_factor,
)
from tests.diagnostics.measures import numbers, references


def shown() -> Parameters:
    """The shipped numbers, but that published examples of six people are shown."""
    return replace(numbers(), item_people=2)


def attitude() -> Answers:
    return complete(references()["attitude"]["rows"])


def law_school() -> Answers:
    patterns: dict[str, int] = references()["law-school"]["patterns"]
    return complete([[int(mark) for mark in pattern] for pattern, times in patterns.items() for _ in range(times)])


def bounds(found: Reliability | None) -> tuple[float, float, float]:
    assert found is not None
    return (found.estimate.value, found.estimate.low, found.estimate.high)


def test_alpha_and_its_bounds_are_those_of_pingouin() -> None:
    known = references()["attitude"]["alpha"]

    value, low, high = bounds(cronbach_alpha(attitude(), numbers()))

    assert value == pytest.approx(known["value"])
    assert (low, high) == pytest.approx((known["low"], known["high"]), abs=0.0005)


def test_alpha_of_right_and_wrong_answers_is_that_of_psych() -> None:
    value, low, high = references()["law-school"]["psych"]["alpha"]

    found = cronbach_alpha(law_school(), numbers())

    assert bounds(found)[0] == pytest.approx(value)
    assert bounds(found)[1:] == pytest.approx((low, high), abs=0.005)
    assert found is not None
    assert (found.n, found.missing, found.parts) == (1000, 0, 5)


def test_loadings_and_omega_are_those_of_psych() -> None:
    known = references()["attitude"]["omega"]
    correlations = np.asarray(np.corrcoef(attitude().scores, rowvar=False))

    found = mcdonald_omega(attitude(), numbers(), seed=20260901)

    # psych's own search stops some millionths away from the least residuals.
    assert one_factor(correlations).tolist() == pytest.approx(known["loadings"], abs=1e-5)
    assert bounds(found)[0] == pytest.approx(known["value"], abs=1e-6)


def test_the_bounds_of_omega_are_those_of_another_bootstrap() -> None:
    known = references()["attitude"]["omega-bounds"]

    _, low, high = bounds(mcdonald_omega(attitude(), numbers(), seed=20260901))

    assert (low, high) == pytest.approx((known["low"], known["high"]), abs=0.02)


def test_omega_of_right_and_wrong_answers_is_that_of_psych() -> None:
    found = mcdonald_omega(law_school(), replace(numbers(), omega_resamples=20), seed=1)

    assert bounds(found)[0] == pytest.approx(references()["law-school"]["psych"]["omega"], abs=1e-6)


def test_omega_has_the_same_bounds_for_the_same_seed_only() -> None:
    few = replace(numbers(), omega_resamples=50)

    assert mcdonald_omega(attitude(), few, seed=7) == mcdonald_omega(attitude(), few, seed=7)
    assert bounds(mcdonald_omega(attitude(), few, seed=7)) != bounds(mcdonald_omega(attitude(), few, seed=8))


def test_equal_loadings_make_omega_alpha() -> None:
    # Of parallel items with correlation r both are Spearman–Brown: k·r / (1 + (k − 1)·r), here 0.8 for 6 × 0.4.
    correlations = np.full((6, 6), 0.4) + 0.6 * np.eye(6)

    loadings = one_factor(correlations)

    assert loadings.tolist() == pytest.approx([0.4**0.5] * 6)
    assert loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum()) == pytest.approx(0.8)


def test_an_item_that_says_it_the_other_way_round_loads_negatively() -> None:
    correlations = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    turned = np.diag([1, 1, 1, -1]) @ correlations @ np.diag([1, 1, 1, -1])

    assert one_factor(turned).tolist() == pytest.approx([0.5**0.5] * 3 + [-(0.5**0.5)])


def test_a_correlation_too_strong_for_one_factor_leaves_an_item_some_variance_of_its_own() -> None:
    heywood = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, 0.5], [0.9, 0.5, 1.0]])

    assert np.abs(one_factor(heywood)).max() == pytest.approx(0.995**0.5)


@pytest.mark.parametrize("model", Model)
def test_agreement_is_that_of_its_authors_table(model: Model) -> None:
    known = references()["shrout-fleiss"]

    found = agreement(known["rows"], model, shown())

    assert bounds(found)[0] == pytest.approx(known["published"][model.value], abs=0.005)
    assert bounds(found) == pytest.approx(known["psych"][model.value], abs=1e-8)
    assert found is not None
    assert (found.model, found.n, found.parts) == (model.value, 6, 4)


@pytest.mark.parametrize("model", Model)
def test_agreement_of_thirty_is_that_of_psych(model: Model) -> None:
    known = references()["attitude"]
    ratings = [[row[column] for column in known["agreement"]["columns"]] for row in known["rows"]]

    assert bounds(agreement(ratings, model, numbers())) == pytest.approx(known["agreement"][model.value], abs=1e-8)


def test_people_with_different_numbers_of_raters_agree_as_in_the_analysis_of_variance() -> None:
    known = references()["chickens"]
    widest = max(len(row) for row in known["rows"])
    ragged: list[list[float | None]] = [[*row, *[None] * (widest - len(row))] for row in known["rows"]]

    found = agreement(ragged, Model.ONE_WAY, shown())

    assert bounds(found) == pytest.approx(known["anova"]["ICC(1)"], abs=1e-8)
    assert found is not None
    assert found.parts == pytest.approx(known["anova"]["raters"])


def test_a_strict_rater_lowers_absolute_agreement_but_not_the_order() -> None:
    alike = [[float(level), level + 0.1 * (level % 2)] for level in (1, 2, 3, 4, 2, 3)]
    strict = [[first, second - 0.9] for first, second in alike]

    fixed = [bounds(agreement(each, Model.FIXED, shown()))[0] for each in (alike, strict)]
    absolute = [bounds(agreement(each, Model.TWO_WAY, shown()))[0] for each in (alike, strict)]

    assert fixed[1] == pytest.approx(fixed[0])
    assert absolute[1] < absolute[0] - 0.2


def test_perfect_agreement_is_one_and_people_who_do_not_differ_have_none() -> None:
    perfect: list[list[float | None]] = [[level, level] for level in (1, 2, 3, 4)]

    for model in Model:
        assert bounds(agreement(perfect, model, shown())) == (1, 1, 1)
        assert agreement([[3, 3], [3, 3], [3, 3]], model, shown()) is None
        assert agreement([[2, 4], [4, 2], [3, 3]], model, shown()) is None
        assert agreement([[2], [4], [3]], model, shown()) is None


def test_a_missing_rating_costs_the_person_only_where_all_raters_must_be_the_same() -> None:
    ratings: list[list[float | None]] = [[4, 5, 4], [2, None, 3], [3, 3, 2], [None, None, None], [5, 4, 5]]

    one_way, two_way = (agreement(ratings, model, shown()) for model in (Model.ONE_WAY, Model.TWO_WAY))

    assert one_way is not None
    assert two_way is not None
    assert (one_way.n, one_way.missing) == (4, 1)
    assert (two_way.n, two_way.missing) == (3, 2)


def test_difficulty_and_corrected_discrimination_are_those_of_psych() -> None:
    known = references()["law-school"]["psych"]

    items = item_properties(law_school(), numbers())

    assert items is not None
    assert [item.difficulty for item in items] == pytest.approx(known["difficulty"])
    assert [item.discrimination for item in items] == pytest.approx(known["discrimination"])
    assert {item.n for item in items} == {1000}


def test_discrimination_of_marks_is_that_of_psych() -> None:
    items = item_properties(attitude(), numbers(), span=(0, 100))

    assert items is not None
    assert [item.discrimination for item in items] == pytest.approx(
        references()["attitude"]["discrimination"]["values"]
    )
    assert items[0].difficulty == pytest.approx(0.6463333333)


def test_a_task_that_all_solve_tells_nobody_apart() -> None:
    answers = complete([[1, number % 2, number % 3 > 0] for number in range(30)])

    items = item_properties(answers, numbers())

    assert items is not None
    assert (items[0].difficulty, items[0].discrimination) == (1, None)
    assert items[1].discrimination is not None


def test_everything_is_hidden_below_thirty_people() -> None:
    rows: list[list[Any]] = references()["attitude"]["rows"]
    few = complete([*rows[:29], [None, *rows[29][1:]]])

    assert (few.people, few.missing) == (29, 1)
    assert cronbach_alpha(few, numbers()) is None
    assert mcdonald_omega(few, numbers(), seed=1) is None
    assert item_properties(few, numbers(), span=(0, 100)) is None
    assert all(agreement(rows[:29], model, numbers()) is None for model in Model)


def test_people_who_left_something_out_are_counted_and_never_taken_for_nought() -> None:
    rows: list[list[Any]] = references()["attitude"]["rows"]

    found = cronbach_alpha(complete([*rows, [None, 1, 1, 1, 1, 1, 1], [None] * 7]), numbers())

    assert found is not None
    assert (found.n, found.missing) == (30, 2)
    assert bounds(found) == bounds(cronbach_alpha(attitude(), numbers()))


def test_scales_without_any_difference_have_no_coefficient() -> None:
    alike = complete([[3, 4, 2]] * 30)

    assert cronbach_alpha(alike, numbers()) is None
    assert mcdonald_omega(alike, numbers(), seed=1) is None


def test_what_cannot_be_a_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="same items"):
        complete([[1, 2], [1, 2, 3]])
    with pytest.raises(ValueError, match="single item"):
        cronbach_alpha(complete([[1]] * 30), numbers())
    with pytest.raises(ValueError, match="three items"):
        mcdonald_omega(complete([[1, 2]] * 30), numbers(), seed=1)
    with pytest.raises(ValueError, match="score"):
        item_properties(complete([[1, 2]] * 30), numbers())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(1, 5), min_size=4, max_size=4), min_size=3, max_size=12))
def test_a_value_lies_within_its_bounds(rows: list[list[float | None]]) -> None:
    found = [cronbach_alpha(complete(rows), shown()), *(agreement(rows, model, shown()) for model in Model)]

    for each in found:
        if each is not None:
            assert each.estimate.low <= each.estimate.value + 1e-9
            assert each.estimate.value <= each.estimate.high + 1e-9
            assert each.estimate.high <= 1 + 1e-9
