"""Clocks that are wrong: business time that wanders and leaps, and a machine whose system clock is off by hours."""

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp

from deploy.local.servers import stop_nats
from tests.faults.outages import restart_nats
from tests.faults.processes import clock_library
from tests.faults.rest import outboxes, until
from tests.faults.storms import Storm

HOUR = 3600.0
# Within these days nothing falls due that a sweep would bring about.
BACK, FORTH = 8, 18


async def business_clock_wanders(storm: Storm, moves: int = 6) -> None:
    """Business time jumps to and fro by days while facts are made: what is newer is said by revisions, not by time."""
    clock, dice = storm.scenario.clock, storm.dice("business clock")
    right = clock.offset
    try:
        for _ in range(moves):
            await asyncio.sleep(dice.uniform(0.1, 0.4))
            days = dice.randint(-BACK, FORTH)
            clock.move_to(clock.now() - clock.offset + right + timedelta(days=days))
            storm.tally.make("business clock moved to and fro", sign=f"last by {days:+d} days, under way")
    finally:
        clock.move_to(clock.now() - clock.offset + right)


async def business_clock_leaps(storm: Storm) -> None:
    """Business time leaps by months while the facts of the last phase are still waiting to be sent."""
    leaped = asyncio.Event()

    async def with_facts_on_their_way() -> None:
        waiting = sum(one.rows for one in await outboxes(storm.infrastructure))
        assert waiting > 0, "all facts had arrived before the leap"
        storm.tally.make("business clock leaps by months", sign=f"{waiting} facts unsent at that moment")
        leaped.set()

    stop_nats(storm.infrastructure.nats)
    storm.scenario.before_leap = with_facts_on_their_way
    async with asyncio.timeout(60):
        await leaped.wait()
    await restart_nats(storm)


@asynccontextmanager
async def wrong_system_clock(storm: Storm, service: str, hours: int) -> AsyncIterator[None]:
    """The machine of one service is off by hours; killed meanwhile, it comes back as wrong as before."""
    if clock_library() is None:
        storm.tally.skip("system clock of a service wrong", why="no libfaketime on this machine")
        yield
        return
    storm.fleet.clocks[service] = hours
    storm.fleet.kill_and_start(service)
    await until(lambda: _is_off_by(storm, service, hours))
    refused = await _fresh_token(storm, service)
    assert refused == 401, f"{service} took a token whose five minutes are not now: {refused}"
    storm.tally.make("system clock of a service wrong", sign=f"{service} {hours:+d} h: fresh tokens get 401 there")
    try:
        yield
    finally:
        del storm.fleet.clocks[service]
        storm.fleet.kill_and_start(service)


async def _is_off_by(storm: Storm, service: str, hours: int) -> bool:
    """Does the `Date` of a service's answer differ by so many hours from the time of this machine?"""
    try:
        async with storm.scenario.caller.session.get(f"{storm.fleet.url(service)}/livez") as answer:
            said = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (aiohttp.ClientError, TimeoutError):
        return False
    return round((said - time.time()) / HOUR) == hours


async def _fresh_token(storm: Storm, service: str) -> int:
    """How a service answers to a token as the realm gives it out: five minutes from now."""
    school = storm.scenario.school_ids[0]
    headers = storm.fleet.tokens.headers(storm.scenario.curator_of(school), f"/schools/{school}/curator")
    path = {"tracking": "assignments", "diagnostics": "my/forms", "reporting": "reports"}[service]
    url = f"{storm.fleet.url(service)}/v1/schools/{school}/{path}"
    async with storm.scenario.caller.session.get(url, headers=headers) as answer:
        return answer.status
