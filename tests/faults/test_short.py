"""Nothing lost, nothing doubled: the short proof, in every run of the tests."""

import asyncio

import pytest

from tests.faults import clocks, farewell, messages, outages
from tests.faults.conftest import Tell
from tests.faults.ground import Ground
from tests.faults.rehearsal import Plan, rehearsal, seed_of_this_run
from tests.faults.storms import Storm, Weather

# Faster than the long proof: the whole retry schedule takes three seconds.
SCALE = 0.005


async def servers_die(storm: Storm) -> None:
    storm.scenario.pause = 0.5
    await asyncio.gather(storm.kills(3), clocks.business_clock_wanders(storm, moves=3))
    await outages.nats_killed(storm)
    await outages.postgres_killed(storm)
    await outages.both_killed(storm)


async def servers_stay_away(storm: Storm) -> None:
    storm.scenario.pause = 0.8
    await outages.nats_paused(storm, 1)
    await outages.nats_away(storm)
    await outages.postgres_away(storm)


async def tracking_ends_and_the_stream_is_lost(storm: Storm) -> None:
    await farewell.ended_in_mid_work(storm)
    await outages.stream_destroyed(storm)
    await storm.kills(3)


async def the_bus_misbehaves(storm: Storm) -> None:
    storm.scenario.pause = 0.4
    await asyncio.gather(_the_store_is_full(storm), _a_clock_is_wrong(storm))


async def _the_store_is_full(storm: Storm) -> None:
    await outages.store_full(storm, 1)
    await messages.consumer_deleted(storm)
    await messages.poisoned(storm)


async def _a_clock_is_wrong(storm: Storm) -> None:
    async with clocks.wrong_system_clock(storm, "reporting", 1):
        await messages.delivered_again(storm)
        await storm.kills(3)


# The end of the year, with the leap of business time, is left to the long proof.
STORMS: dict[str, Weather] = {
    "open": lambda storm: storm.kills(2),
    "diagnose": servers_die,
    "release": servers_stay_away,
    "pair": tracking_ends_and_the_stream_is_lost,
    "papers": messages.right_lost,
    "meet": the_bus_misbehaves,
}


@pytest.mark.slow
async def test_a_stormy_year_ends_like_a_calm_one(ground: Ground, tell: Tell) -> None:
    plan = Plan(schools=1, people=6, seed=seed_of_this_run(2026), scale=SCALE)
    async with rehearsal(ground, plan) as calm:
        expected = await calm.play(tuple(STORMS))

    async with rehearsal(ground, plan) as stormy:
        found = await stormy.weather(STORMS, expected)

    tally = stormy.storm.tally
    tell([f"seed {plan.seed}", *tally.lines(), *found.lines()])
    assert tally.survived == tally.made
