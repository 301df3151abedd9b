"""One rehearsal: a cleared ground, a fleet of processes, the year, and whatever breaks during it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from chassis.clock import SharedClock
from chassis.testing import TokenFactory
from contracts.topology import SERVICES
from tests.faults import year
from tests.faults.caller import Caller, serve_keys
from tests.faults.compare import Picture, becomes_equal, take_picture
from tests.faults.fleet import Fleet, Mutation, preload
from tests.faults.ground import Ground
from tests.faults.rest import rest
from tests.faults.scenario import Scenario
from tests.faults.storms import Storm, Weather

Phase = Callable[[Scenario], Coroutine[Any, Any, None]]
PHASES: dict[str, Phase] = {
    "open": year.open_year,
    "diagnose": lambda scenario: year.diagnose(scenario, 1),
    "release": year.release,
    "pair": year.pair_up,
    "papers": year.sign_papers,
    "meet": year.meet,
    "close": year.close_year,
    "again": lambda scenario: year.diagnose(scenario, 2),
}
# What sweeps bring about comes after the facts have arrived.
SWEPT_WITHIN = 5.0
Year = Mapping[str, Picture]


def seed_of_this_run(usual: int) -> int:
    """The seed that decides every fault: NEO_FAULT_SEED, or the usual one."""
    return int(os.environ.get("NEO_FAULT_SEED", usual))


@contextmanager
def naming(seed: int) -> Iterator[None]:
    """A failure says with which seed the same faults come again."""
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"the faults of this run were decided by NEO_FAULT_SEED={seed}")
        raise


@dataclass(slots=True)
class Rehearsal:
    """Everything that one run consists of."""

    scenario: Scenario
    storm: Storm

    async def play(self, phases: Sequence[str] = tuple(PHASES)) -> dict[str, Picture]:
        """The year in which nothing breaks: a picture of the city at rest after each phase."""
        pictures = {}
        for phase in phases:
            await PHASES[phase](self.scenario)
            await rest(self.scenario.fleet.infrastructure)
            pictures[phase] = await self.look()
        await self.storm.check_letters()
        return pictures

    async def weather(self, storms: Mapping[str, Weather], expected: Year) -> Picture:
        """The phases of a calm year with storms beside them; after each the city must rest and equal the calm one."""
        seen = None
        for phase, picture in expected.items():
            with _named(phase):
                await self._beside(PHASES[phase], storms.get(phase))
                seen = await self._survives(picture)
        assert seen is not None, "a year has phases"
        return seen

    async def look(self) -> Picture:
        """The city as it stands."""
        return await take_picture(self.scenario.fleet.infrastructure)

    async def _beside(self, phase: Phase, weather: Weather | None) -> None:
        # The first of both that fails ends the other.
        async with asyncio.TaskGroup() as both:
            if weather is not None:
                both.create_task(self._storm(weather))
            both.create_task(phase(self.scenario))

    async def _storm(self, weather: Weather) -> None:
        await weather(self.storm)
        self.scenario.pause = 0.0

    async def _survives(self, expected: Picture) -> Picture:
        fleet = self.scenario.fleet
        fleet.restart_dead()
        await rest(fleet.infrastructure)
        seen = await becomes_equal(fleet.infrastructure, expected, within=SWEPT_WITHIN)
        await self.storm.check_letters()
        self.storm.tally.survive()
        return seen


@contextmanager
def _named(phase: str) -> Iterator[None]:
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"in the phase `{phase}`")
        raise


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a year is, how fast the bus runs (1 is production), and who makes which mistake."""

    schools: int
    people: int
    seed: int
    scale: float = 0.02
    mutation: Mutation | None = None


@asynccontextmanager
async def rehearsal(ground: Ground, plan: Plan) -> AsyncIterator[Rehearsal]:
    """A fleet on a cleared ground."""
    preload()
    infrastructure = await ground.clear(plan.scale)
    tokens = TokenFactory()
    runner, tokens.issuer = await serve_keys(tokens.public_keys)
    clock_file = infrastructure.folder / "clock"
    clock_file.unlink(missing_ok=True)
    fleet = Fleet(infrastructure, tokens, tokens.issuer, plan.scale, clock_file, plan.mutation)
    try:
        for service in SERVICES:
            fleet.start(service)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:

            async def calm_down() -> None:
                await rest(fleet.infrastructure)

            caller, clock = Caller(fleet, session), SharedClock(clock_file)
            scenario = Scenario(fleet, caller, clock, plan.schools, plan.people, calm_down)
            with naming(plan.seed):
                yield Rehearsal(scenario, Storm(scenario, plan.seed))
    finally:
        await asyncio.to_thread(fleet.stop)
        await runner.cleanup()
        ground.infrastructure = fleet.infrastructure
