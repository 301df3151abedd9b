"""Intervals and tests of difference against published tables and the school's own numbers."""

import pytest

from services.reporting.domain import mean_interval, proportions_z, t_quantile, wilson

# Fisher R. A., Yates F. (1963), Statistical Tables, table III: two-sided 5 % and 1 %.
PRINTED = {
    0.975: {
        1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
        15: 2.131, 20: 2.086, 25: 2.060, 30: 2.042, 40: 2.021, 60: 2.000, 120: 1.980,
    },
    0.995: {
        1: 63.657, 2: 9.925, 3: 5.841, 4: 4.604, 5: 4.032, 6: 3.707, 7: 3.499, 8: 3.355, 9: 3.250, 10: 3.169,
        15: 2.947, 20: 2.845, 25: 2.787, 30: 2.750, 40: 2.704, 60: 2.660, 120: 2.617,
    },
}  # fmt: skip


@pytest.mark.parametrize("probability", PRINTED)
def test_t_quantiles_agree_with_the_printed_table_to_three_decimals(probability: float) -> None:
    for degrees, printed in PRINTED[probability].items():
        assert t_quantile(probability, degrees) == pytest.approx(printed, abs=0.00051), degrees


def test_t_quantile_approaches_the_normal_one() -> None:
    assert t_quantile(0.975, 1_000_000) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(("probability", "degrees"), [(0.5, 3), (1.0, 3), (0.975, 0)])
def test_t_quantile_refuses_what_it_cannot_answer(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="quantile"):
        t_quantile(probability, degrees)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [(43, 77, 0.447, 0.664), (48, 80, 0.490, 0.700), (0, 10, 0.0, 0.278)]
)
def test_wilson_interval_of_a_share(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson(successes, trials)

    assert interval is not None
    assert interval.low == pytest.approx(low, abs=5e-4)
    assert interval.high == pytest.approx(high, abs=5e-4)


def test_nobody_counted_gives_no_interval() -> None:
    assert wilson(0, 0) is None
    assert mean_interval(1, 0.4, 0.16) is None


def test_mean_interval_of_ten_observations() -> None:
    gains = [0.1, 0.5, -0.2, 0.8, 0.3, 0.4, 0.0, 0.6, 0.2, 0.3]

    interval = mean_interval(len(gains), sum(gains), sum(gain**2 for gain in gains))

    # mean 0.3, s = 0.2944, t(9) = 2.262
    assert interval is not None
    assert interval.low == pytest.approx(0.3 - 2.2622 * 0.29439 / 10**0.5, abs=1e-4)
    assert interval.high == pytest.approx(0.3 + 2.2622 * 0.29439 / 10**0.5, abs=1e-4)


def test_attested_share_of_the_seed_moved_within_chance() -> None:
    assert proportions_z((43, 77), (48, 80)) == pytest.approx(0.53, abs=0.005)


def test_engagement_of_the_seed_moved_beyond_chance() -> None:
    assert proportions_z((8, 77), (58, 77)) == pytest.approx(8.14, abs=0.005)


@pytest.mark.parametrize(("before", "after"), [((0, 0), (3, 4)), ((5, 5), (7, 7)), ((0, 5), (0, 7))])
def test_no_difference_can_be_seen_where_nothing_varies(before: tuple[int, int], after: tuple[int, int]) -> None:
    assert proportions_z(before, after) == 0.0
