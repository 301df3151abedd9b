"""Nothing lost, nothing doubled: the long proof (`./neo test -m faults`), and the proof that it can fail."""

import asyncio
from collections.abc import Callable

import pytest
import pytest_asyncio

from tests.faults import mutations
from tests.faults.compare import Picture, dead_letters
from tests.faults.fleet import Mutation
from tests.faults.rehearsal import rehearsal
from tests.faults.storms import Storm

SCHOOLS, PEOPLE, SEED = 2, 18, 693
KILLS = 200
pytestmark = pytest.mark.faults


@pytest_asyncio.fixture(scope="module")
async def calm() -> Picture:
    """The reference: the same year in which nothing breaks."""
    async with rehearsal(schools=SCHOOLS, people=PEOPLE, seed=SEED) as quiet:
        return await quiet.play()


async def autumn(storm: Storm) -> None:
    """Kills, a dead bus, a dead database, both."""
    await storm.rage(60)
    await storm.nats_killed()
    await storm.rage(20)
    await storm.postgres_killed()
    await storm.both_killed()


async def winter(storm: Storm) -> None:
    """Long outages."""
    await storm.rage(40)
    await storm.nats_paused(20)
    await storm.nats_away(14)
    await storm.postgres_away(15)


async def spring(storm: Storm) -> None:
    """The bus misbehaves."""
    await storm.rage(50)
    await storm.consumer_deleted()
    await storm.delivered_again()
    await storm.poisoned()


async def summer(storm: Storm) -> None:
    """The stream is lost."""
    await storm.rage(30)
    await storm.stream_destroyed()


async def test_two_hundred_kills_and_every_outage_change_nothing(calm: Picture) -> None:
    weather = {"diagnose": autumn, "release": winter, "meet": spring, "again": summer}
    async with rehearsal(schools=SCHOOLS, people=PEOPLE, seed=SEED) as stormy:
        found = await stormy.play(weather)
        letters = await dead_letters(stormy.fleet.infrastructure)
        made = stormy.storm.made

    print(f"\nsurvived: {dict(made)}; {calm.events} facts equal in both years")  # noqa: T201
    assert calm.events >= 2000
    assert made["service killed"] >= KILLS
    assert calm.differences(found) == []
    # The stream was destroyed after the poison: its dead letters went with it.
    assert letters in (0, 3)


async def small_storm(storm: Storm) -> None:
    """Kills and repeats: enough for each planted mistake."""
    await storm.rage(12)
    await storm.delivered_again()
    await storm.rage(6)


@pytest.mark.parametrize(
    "mutation",
    [
        mutations.ack_before_commit,
        mutations.inbox_skipped,
        mutations.relay_deletes_before_ack,
        mutations.new_event_ids,
    ],
)
async def test_planted_mistake_turns_the_proof_red(mutation: Callable[[], None]) -> None:
    async with rehearsal(schools=1, people=8, seed=SEED) as quiet:
        expected = await quiet.play()

    assert await is_red(expected, mutation)


async def test_the_same_storm_without_a_mistake_stays_green() -> None:
    async with rehearsal(schools=1, people=8, seed=SEED) as quiet:
        expected = await quiet.play()

    assert not await is_red(expected, None)


async def is_red(expected: Picture, mutation: Mutation | None) -> bool:
    """Does a small storm over mistaken services end otherwise, or not at all?"""
    weather = dict.fromkeys(("diagnose", "release", "papers", "meet"), small_storm)
    async with rehearsal(schools=1, people=8, seed=SEED, mutation=mutation) as mistaken:
        try:
            async with asyncio.timeout(90):
                found = await mistaken.play(weather)
        except (AssertionError, TimeoutError, StopIteration, RuntimeError):
            return True
        return expected.differences(found) != [] or await dead_letters(mistaken.fleet.infrastructure) > 0
