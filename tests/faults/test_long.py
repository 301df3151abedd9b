"""Nothing lost, nothing doubled: the long proof (`./neo test -m faults`), and the proof that it can fail."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.faults import clocks, farewell, messages, mutations, outages
from tests.faults.conftest import Tell
from tests.faults.fleet import Mutation
from tests.faults.ground import Ground
from tests.faults.rehearsal import Plan, Year, rehearsal, seed_of_this_run
from tests.faults.storms import Storm, Weather

SEED = seed_of_this_run(693)
CITY = Plan(schools=2, people=18, seed=SEED)
HAMLET = Plan(schools=1, people=6, seed=SEED, scale=0.005)
EVENTS, KILLS = 2000, 200
DECIDED_WITHIN = 150
pytestmark = pytest.mark.faults


async def servers_die(storm: Storm) -> None:
    storm.scenario.pause = 1.0
    await outages.nats_killed(storm)
    await outages.postgres_killed(storm)
    await outages.both_killed(storm)
    await asyncio.gather(storm.kills(60), clocks.business_clock_wanders(storm, moves=30))


async def servers_stay_away(storm: Storm) -> None:
    storm.scenario.pause = 1.1
    await asyncio.gather(storm.kills(60, pause=(0.2, 1.4)), _one_after_the_other(storm))


async def _one_after_the_other(storm: Storm) -> None:
    await outages.nats_paused(storm, 20)
    await outages.nats_away(storm)
    await outages.postgres_away(storm)


async def tracking_is_replaced(storm: Storm) -> None:
    await farewell.ended_in_mid_work(storm)
    await storm.kills(10)


async def matching_loses_a_right(storm: Storm) -> None:
    await asyncio.gather(storm.kills(20, pause=(0.2, 1.0)), messages.right_lost(storm))


async def the_bus_misbehaves(storm: Storm) -> None:
    storm.scenario.pause = 0.5
    async with clocks.wrong_system_clock(storm, "tracking", 1):
        await outages.store_full(storm, 2)
        await messages.poisoned(storm)
        await farewell.services_replaced(storm)
        await messages.delivered_again(storm)
        await messages.consumer_deleted(storm)
        await storm.kills(30)


async def the_stream_is_lost(storm: Storm) -> None:
    storm.scenario.pause = 0.5
    async with clocks.wrong_system_clock(storm, "diagnostics", -1):
        await storm.kills(15)
        await outages.stream_destroyed(storm)
        await storm.kills(15)


STORMS: dict[str, Weather] = {
    "open": lambda storm: storm.kills(5),
    "diagnose": servers_die,
    "release": servers_stay_away,
    "pair": tracking_is_replaced,
    "papers": matching_loses_a_right,
    "meet": the_bus_misbehaves,
    "close": clocks.business_clock_leaps,
    "again": the_stream_is_lost,
}


async def test_two_hundred_kills_and_every_outage_change_nothing(ground: Ground, tell: Tell) -> None:
    async with rehearsal(ground, CITY) as calm:
        expected = await calm.play()

    async with rehearsal(ground, CITY) as stormy:
        found = await stormy.weather(STORMS, expected)

    tally = stormy.storm.tally
    tell([f"seed {SEED} (another one: NEO_FAULT_SEED)", *tally.lines(), *found.lines()])
    assert tally.survived == tally.made
    assert found.events >= EVENTS
    assert tally.made["service killed (kill -9)"] >= KILLS


@pytest_asyncio.fixture(scope="module")
async def hamlet(ground: Ground) -> Year:
    """A small calm year, against which the mistaken ones are held."""
    async with rehearsal(ground, HAMLET) as quiet:
        return await quiet.play(("open", "diagnose", "release", "pair", "papers", "meet"))


async def small_storm(storm: Storm) -> None:
    """Kills of those who hear and of those who tell, and repeats."""
    storm.scenario.pause = 0.5
    await storm.kills_at_work(4)
    await messages.delivered_again(storm)
    await storm.kills(4, pause=(0.4, 0.9), among=("diagnostics", "tracking"))


async def lost_stream(storm: Storm) -> None:
    """The owners say everything again."""
    storm.scenario.pause = 0.3
    await storm.kills(4)
    await outages.stream_destroyed(storm)


# Enough for each planted mistake.
SMALL_STORMS = {"diagnose": small_storm, "release": small_storm, "papers": lost_stream, "meet": small_storm}


@pytest.mark.parametrize(
    "mutation", [mutations.ack_before_commit, mutations.inbox_skipped, mutations.relay_deletes_before_ack]
)
async def test_planted_mistake_turns_the_proof_red(
    ground: Ground, hamlet: Year, tell: Tell, mutation: Callable[[], None]
) -> None:
    red = await why_red(ground, hamlet, mutation)

    tell([f"planted: {mutation.__name__}", f"red: {red}"])
    assert red is not None


async def test_replay_with_new_ids_turns_the_proof_red(ground: Ground, hamlet: Year, tell: Tell) -> None:
    with mutations.replay_with_new_ids():
        red = await why_red(ground, hamlet, None)

    tell(["planted: replay_with_new_ids", f"red: {red}"])
    assert red is not None


async def test_the_same_storms_without_a_mistake_stay_green(ground: Ground, hamlet: Year) -> None:
    assert await why_red(ground, hamlet, None) is None


async def why_red(ground: Ground, expected: Year, mutation: Mutation | None) -> str | None:
    """How small storms over services end otherwise than a calm year, as soon as they do; None when they do not."""
    async with rehearsal(ground, replace(HAMLET, mutation=mutation)) as mistaken:
        try:
            async with asyncio.timeout(DECIDED_WITHIN):
                await mistaken.weather(SMALL_STORMS, expected)
        except (AssertionError, ExceptionGroup) as failure:
            return "; ".join(_said(failure))
    return None


def _said(failure: BaseException) -> list[str]:
    """What was found wrong; anything but a broken expectation is a mistake of the test itself."""
    if isinstance(failure, ExceptionGroup):
        return [said for one in failure.exceptions for said in _said(one)]
    if not isinstance(failure, AssertionError):
        raise failure
    return [str(failure)]
