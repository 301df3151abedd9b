"""Quantiles of the distributions behind the intervals, against a statistics library's figures."""

from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.diagnostics.scoring.quantiles import beta_share, fisher_quantile, normal_quantile, student_quantile
from tests.diagnostics.measures import references

probabilities = st.floats(min_value=0.001, max_value=0.999)
freedoms = st.floats(min_value=1, max_value=5000)
# A busy machine is no failure.
calm = settings(deadline=None)


@pytest.mark.parametrize(("probability", "freedom", "value"), references()["quantiles"]["student"])
def test_student_agrees_with_the_library(probability: float, freedom: float, value: float) -> None:
    assert student_quantile(probability, freedom) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("probability", "upper", "lower", "value"), references()["quantiles"]["fisher"])
def test_fisher_agrees_with_the_library(probability: float, upper: float, lower: float, value: float) -> None:
    assert fisher_quantile(probability, upper=upper, lower=lower) == pytest.approx(value, rel=1e-9)


@calm
@given(probabilities, freedoms, freedoms)
def test_a_quantile_has_its_probability_below_it(probability: float, upper: float, lower: float) -> None:
    found = fisher_quantile(probability, upper=upper, lower=lower)

    assert beta_share(upper * found / (upper * found + lower), upper / 2, lower / 2) == pytest.approx(probability)


@calm
@given(probabilities, freedoms)
def test_student_is_symmetric_and_wider_than_normal(probability: float, freedom: float) -> None:
    found = student_quantile(probability, freedom)

    assert found == pytest.approx(-student_quantile(1 - probability, freedom), abs=1e-6)
    assert abs(found) >= abs(normal_quantile(probability)) - 1e-6


def test_the_middle_of_student_is_nought_and_normal_is_the_standard_librarys() -> None:
    assert student_quantile(0.5, 7) == 0
    assert normal_quantile(0.975) == NormalDist().inv_cdf(0.975)


def test_what_is_no_probability_or_freedom_is_refused() -> None:
    for probability in (0.0, 1.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match="probability"):
            fisher_quantile(probability, upper=2, lower=2)
    with pytest.raises(ValueError, match="freedom"):
        fisher_quantile(0.5, upper=0, lower=2)
