"""Nothing lost, nothing doubled: the short proof, in every run of the tests."""

import pytest

from tests.faults.compare import dead_letters
from tests.faults.rehearsal import rehearsal
from tests.faults.storms import Storm

SCHOOLS, PEOPLE, SEED = 1, 10, 2026


async def everything_breaks_once(storm: Storm) -> None:
    await storm.rage(6)
    await storm.nats_killed()
    await storm.rage(3)


async def the_database_crashes(storm: Storm) -> None:
    await storm.rage(3)
    await storm.postgres_killed()


async def the_bus_misbehaves(storm: Storm) -> None:
    await storm.rage(3)
    await storm.consumer_deleted()
    await storm.delivered_again()
    await storm.poisoned()


@pytest.mark.slow
async def test_a_stormy_year_ends_like_a_calm_one() -> None:
    async with rehearsal(schools=SCHOOLS, people=PEOPLE, seed=SEED) as calm:
        expected = await calm.play()
        assert await dead_letters(calm.fleet.infrastructure) == 0

    weather = {"diagnose": everything_breaks_once, "release": the_database_crashes, "meet": the_bus_misbehaves}
    async with rehearsal(schools=SCHOOLS, people=PEOPLE, seed=SEED) as stormy:
        found = await stormy.play(weather)
        letters = await dead_letters(stormy.fleet.infrastructure)

    assert expected.differences(found) == []
    # The poison is heard by everybody who hears that a pair was formed.
    assert letters == 3
    print(f"\nsurvived: {dict(stormy.storm.made)}; {expected.events} facts equal in both years")  # noqa: T201
