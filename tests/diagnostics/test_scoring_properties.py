"""What holds of the fusion for any mix of sources."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.diagnostics.scoring import (
    Assessment,
    Reading,
    SourceKind,
    is_gap_closed,
    pool,
    standard_error,
    weigh,
)
from tests.diagnostics.measures import SA, numbers, scored

quarters = st.integers(min_value=4, max_value=20).map(lambda four_times: four_times / 4)
levels = quarters | st.floats(min_value=1, max_value=5)
readings = st.builds(Reading, st.sampled_from(SourceKind), levels, st.integers(min_value=1, max_value=30))
missing = st.builds(Reading, st.sampled_from(SourceKind), st.sampled_from([None, 0]), st.integers(1, 30))
mixes = st.lists(readings, min_size=1, max_size=8)


# A busy machine is no failure.
calm = settings(deadline=None)


def weights_of(mix: list[Reading]) -> dict[SourceKind, float]:
    return dict(zip(SourceKind, weigh(pool([mix]), numbers())[:, 0].tolist(), strict=True))


@calm
@given(mixes)
def test_self_rating_never_carries_more_than_a_quarter(mix: list[Reading]) -> None:
    weights = weights_of(mix)

    if {reading.kind for reading in mix} == {SA}:
        assert weights[SA] == pytest.approx(numbers().self_error ** -2)
    else:
        assert weights[SA] <= numbers().self_share * sum(weights.values()) + 1e-9


@settings(calm, max_examples=300)
@given(mixes, st.data())
def test_an_agreeing_source_never_widens_the_error(mix: list[Reading], data: st.DataObject) -> None:
    before = scored(*mix)
    silent = [kind for kind in SourceKind if kind not in before.sources]
    assume(silent)
    kind, count = data.draw(st.sampled_from(silent)), data.draw(st.integers(min_value=1, max_value=30))

    after = scored(*mix, Reading(kind, before.level, count))

    assert after.error <= before.error + 1e-9


@calm
@given(mixes)
def test_the_error_is_never_below_that_of_sources_that_agree(mix: list[Reading]) -> None:
    found = scored(*mix)

    least = min(sum(weights_of(mix).values()) ** -0.5, numbers().self_error if SA in found.sources else 9)
    assert found.error >= least - 1e-9


@calm
@given(mixes)
def test_level_lies_between_the_lowest_and_the_highest_source(mix: list[Reading]) -> None:
    found = scored(*mix)

    assert min(reading.level or 0 for reading in mix) - 1e-9 <= found.level
    assert found.level <= max(reading.level or 0 for reading in mix) + 1e-9


@calm
@given(mixes, st.lists(missing, max_size=4))
def test_missing_readings_change_nothing(mix: list[Reading], silence: list[Reading]) -> None:
    assert scored(*silence, *mix) == scored(*mix, *silence) == scored(*mix)


@calm
@given(st.lists(readings, min_size=1, max_size=4), quarters)
def test_the_order_of_the_sources_changes_nothing(mix: list[Reading], target: float) -> None:
    first, *others = [scored(*order, target=target) for order in permutations(mix)]

    for other in others:
        assert other.level == pytest.approx(first.level, abs=1e-11)
        assert other.error == pytest.approx(first.error, abs=1e-11)
        assert replace(other, level=first.level, error=first.error, gap=first.gap) == first


@calm
@given(mixes, quarters, quarters)
def test_another_target_changes_neither_level_nor_error(mix: list[Reading], one: float, other: float) -> None:
    first, second = scored(*mix, target=one), scored(*mix, target=other)

    assert (first.level, first.error, first.sources) == (second.level, second.error, second.sources)
    assert (first.gap, second.gap) == (one - first.level, other - second.level)


@calm
@given(mixes, mixes, quarters, st.lists(quarters, min_size=2, max_size=2))
def test_a_change_of_target_rewrites_no_gap_that_was(
    before: list[Reading], after: list[Reading], target: float, new_targets: list[float]
) -> None:
    then = scored(*before, target=target)
    kept = replace(then)

    verdicts = {
        is_gap_closed(then, scored(*after, target=new), parameters=numbers(), has_accepted_artefact=True)
        for new in new_targets
    }

    assert then == kept
    assert len(verdicts) == 1


@calm
@given(st.sampled_from(SourceKind), st.integers(min_value=1, max_value=200))
def test_more_behind_a_source_never_makes_it_err_more(kind: SourceKind, count: int) -> None:
    less, more = (standard_error(Reading(kind, 3, each), numbers()) for each in (count, count + 1))

    assert 0 < more <= less


@calm
@given(mixes)
def test_disagreement_only_ever_widens(mix: list[Reading]) -> None:
    found = scored(*mix)

    agreeing: Assessment = scored(*(Reading(reading.kind, 3, reading.count) for reading in mix))

    assert found.error >= agreeing.error - 1e-9
