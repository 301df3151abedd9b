"""One person measured twice: what is a change, and when a gap is closed."""

from datetime import date
from math import sqrt

import pytest

from services.diagnostics.scoring import (
    Reading,
    Scale,
    Wave,
    is_gap_closed,
    may_compare,
    reliable_change,
    scale_change,
)
from tests.diagnostics.measures import SA, numbers, scored, two_sources

BEFORE = Wave("2026.1", date(2026, 9, 14))


def test_a_change_is_reliable_only_beyond_both_errors() -> None:
    small = reliable_change(two_sources(2.5), two_sources(3), numbers())
    large = reliable_change(two_sources(2.5), two_sources(3.9), numbers())
    fall = reliable_change(two_sources(3.9), two_sources(2.5), numbers())

    assert not small.is_reliable
    assert large.is_rise
    assert fall.is_reliable
    assert not fall.is_rise
    assert large.z == pytest.approx(1.4 / (two_sources(3).error * sqrt(2)))


def test_the_reliable_change_index_is_that_of_its_authors() -> None:
    # Jacobson and Truax, 1991, p. 14: 32.5 before, 47.5 after, s1 = 7.5, reliability 0.80: S_diff = 4.74, RC = 3.16.
    found = scale_change(32.5, 47.5, scale=Scale(deviation=7.5, reliability=0.8), parameters=numbers())

    assert 15 / found.z == pytest.approx(4.74, abs=0.005)
    assert found.z == pytest.approx(3.16, abs=0.005)
    assert found.is_rise


@pytest.mark.parametrize(("reliability", "needed"), [(0.7, 1.21), (0.8, 0.99), (0.9, 0.70)])
def test_one_scale_of_levels_must_move_by_the_stated_amount(reliability: float, needed: float) -> None:
    scale = Scale(deviation=0.8, reliability=reliability)

    under = scale_change(2, 2 + needed - 0.01, scale=scale, parameters=numbers())
    over = scale_change(2, 2 + needed + 0.01, scale=scale, parameters=numbers())

    assert not under.is_reliable
    assert over.is_reliable


def test_a_scale_without_spread_or_with_perfect_reliability_is_none() -> None:
    with pytest.raises(ValueError, match="deviation"):
        Scale(deviation=0, reliability=0.8)
    for reliability in (1.0, -0.1):
        with pytest.raises(ValueError, match="reliability"):
            Scale(deviation=0.8, reliability=reliability)


def test_a_gap_is_closed_by_a_reliable_rise_or_an_accepted_artefact() -> None:
    before = two_sources(2.5)

    assert is_gap_closed(before, two_sources(3.9), parameters=numbers())
    assert not is_gap_closed(before, two_sources(3.1), parameters=numbers())
    assert not is_gap_closed(two_sources(3.2), two_sources(3.4), parameters=numbers())
    assert is_gap_closed(two_sources(3.2), two_sources(3.4), parameters=numbers(), has_accepted_artefact=True)


def test_an_accepted_artefact_closes_no_gap_that_is_still_there() -> None:
    assert not is_gap_closed(two_sources(2.5), two_sources(3.25), parameters=numbers(), has_accepted_artefact=True)


def test_self_rating_alone_hardly_ever_closes_a_gap() -> None:
    before = scored(Reading(SA, 2))

    assert not is_gap_closed(before, scored(Reading(SA, 4)), parameters=numbers())


def test_a_lowered_target_closes_no_gap() -> None:
    after = two_sources(2.6, target=3)

    assert not is_gap_closed(two_sources(2.5), after, parameters=numbers(), has_accepted_artefact=True)


def test_nothing_closes_where_there_was_no_gap() -> None:
    assert not is_gap_closed(two_sources(3.5), two_sources(5), parameters=numbers())


@pytest.mark.parametrize(
    ("second", "may"),
    [
        (Wave("2026.1", date(2026, 12, 14)), True),
        (Wave("2026.1", date(2026, 12, 13)), False),
        (Wave("2026.1", date(2027, 5, 20)), True),
        (Wave("2026.2", date(2027, 5, 20)), False),
        (Wave("2026.1", date(2026, 6, 1)), False),
    ],
)
def test_waves_compare_by_one_catalogue_and_three_months_apart(second: Wave, may: bool) -> None:
    assert may_compare(BEFORE, second, numbers()) is may


def test_three_months_after_the_end_of_november_is_the_end_of_february() -> None:
    first = Wave("2026.1", date(2026, 11, 30))

    assert may_compare(first, Wave("2026.1", date(2027, 2, 28)), numbers())
    assert not may_compare(first, Wave("2026.1", date(2027, 2, 27)), numbers())
