"""One rehearsal: fresh servers, a fleet of processes, the year, and whatever breaks during it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from chassis.clock import SharedClock
from chassis.settings import scaled
from chassis.testing import TokenFactory
from deploy.local.infrastructure import start_infrastructure
from tests.faults import year
from tests.faults.compare import Picture, rest, take_picture
from tests.faults.fleet import Caller, Fleet, Mutation, preload, serve_keys
from tests.faults.scenario import Scenario
from tests.faults.storms import Storm

SCALE = 0.02
PHASES = ("open", "diagnose", "release", "pair", "papers", "meet", "close", "again")


@dataclass(slots=True)
class Rehearsal:
    """Everything that one run consists of."""

    scenario: Scenario
    fleet: Fleet
    storm: Storm

    async def play(self, weather: Mapping[str, Callable[[Storm], Coroutine[Any, Any, None]]] | None = None) -> Picture:
        """The whole year; in a phase with weather the storm rages beside it. Returns the city at rest."""
        for phase in PHASES:
            storm = (weather or {}).get(phase)
            raging = asyncio.create_task(storm(self.storm)) if storm else None
            await self._phase(phase)
            if raging is not None:
                await raging
            self.fleet.restart_dead()
            await rest(self.fleet.infrastructure)
        return await take_picture(self.fleet.infrastructure, self.scenario.school_ids)

    async def _phase(self, phase: str) -> None:
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "open": lambda: year.open_year(self.scenario),
            "diagnose": lambda: year.diagnose(self.scenario, 1),
            "release": lambda: year.release(self.scenario),
            "pair": lambda: year.pair_up(self.scenario),
            "papers": lambda: year.sign_papers(self.scenario),
            "meet": lambda: year.meet(self.scenario),
            "close": lambda: year.close_year(self.scenario),
            "again": lambda: year.diagnose(self.scenario, 2),
        }
        await steps[phase]()


@asynccontextmanager
async def rehearsal(
    *, schools: int, people: int, seed: int, mutation: Mutation | None = None, without: Sequence[str] = ()
) -> AsyncIterator[Rehearsal]:
    """Fresh servers and a fleet on them."""
    preload()
    with tempfile.TemporaryDirectory(prefix="neo-faults-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        infrastructure = await start_infrastructure(path, timing=scaled(SCALE), is_durable=False)
        tokens = TokenFactory()
        runner, issuer = await serve_keys(tokens)
        tokens.issuer = issuer
        fleet = Fleet(infrastructure, tokens, issuer, SCALE, path / "clock", mutation)
        try:
            for service in ("diagnostics", "matching", "tracking", "documents", "reporting", "registry"):
                if service not in without:
                    fleet.start(service)
            timeout = aiohttp.ClientTimeout(total=10)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                clock = SharedClock(path / "clock")
                scenario = Scenario(fleet, Caller(fleet, session), clock, schools, people)
                yield Rehearsal(scenario, fleet, Storm(fleet, seed))
        finally:
            fleet.stop()
            await runner.cleanup()
            fleet.infrastructure.stop()
